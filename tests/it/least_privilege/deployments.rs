//! Each environment of this repository with nothing but the policies that `deploy-policy` prints for it: planned by who
//! may only look, applied, changed and destroyed by who may change it, its data moved by who may do that.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::on_everything;
use super::gaps::{self, ELSEWHERE, ELSEWHERE_IN_STATE};
use crate::support::deployment::Deployment;
use crate::support::emulator;

#[tokio::test]
async fn dev_lives_on_what_its_policies_allow() {
    lives("dev", &[]).await;
}

#[tokio::test]
async fn staging_lives_on_what_its_policies_allow() {
    lives("staging", &[]).await;
}

#[tokio::test]
async fn prod_lives_on_what_its_policies_allow_by_prefix() {
    lives("prod", &["--prefix"]).await;
}

/// The documents that are printed for a job, as MiniStack checks them.
pub(crate) fn documents(policies: &Value, job: &str) -> Vec<Value> {
    let elsewhere = [gaps::actions(ELSEWHERE), gaps::actions(ELSEWHERE_IN_STATE)].into_iter().flatten().collect();
    on_everything(policies[job].as_array().unwrap(), &elsewhere)
}

/// Without what MiniStack forgets of an alarm: its metric math.
fn beyond_gaps(changes: BTreeSet<String>) -> BTreeSet<String> {
    changes.into_iter().filter(|change| !change.ends_with("queries")).collect()
}

async fn lives(env: &'static str, options: &[&str]) {
    let root = Deployment::bootstrapped(emulator::ministack(), env).await;
    let policies = root.run(&[&["deploy-policy", "--json"], options].concat()).success().json();
    let [plan, apply, operate] = ["plan", "apply", "operate"].map(|job| documents(&policies, job));

    let plans = root.acting_as("plans", &plan).await;
    plans.run(&["plan"]).success();
    let applies = plans.acting_as("applies", &apply).await;
    applies.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    let records = applies.records();
    let plans = applies.acting_as("plans-a-second-time", &plan).await;
    assert_eq!(beyond_gaps(plans.changes()), BTreeSet::new(), "the second plan is empty");
    assert_eq!(beyond_gaps(plans.drift()), BTreeSet::new());
    let applies = plans.acting_as("applies-a-change", &apply).await;
    // Everything that can be changed in place, and a block taken out.
    change(&applies);
    let plans = applies.acting_as("plans-again", &plan).await;
    for command in [&["plan"][..], &["output"], &["state", "list"], &["state", "history"]] {
        plans.run(command).success();
    }
    let applies = plans.acting_as("applies-again", &apply).await;
    applies.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    assert_eq!(beyond_gaps(applies.changes()), BTreeSet::new());

    let operates = applies.acting_as("operates", &[plan.clone(), operate].concat()).await;
    operates.run(&["send", "--events", "5"]).success();
    operates.run(&["verify"]).success();
    operates.run(&["status"]).success();
    assert_eq!(operates.proxy.calls().0.iter().filter(|call| call.status == Some(403)).count(), 0);

    let destroys = operates.acting_as("destroys", &apply).await;
    if destroys.state().protect {
        destroys.run(&["apply", "--auto-approve", "--set", "env.protect=false"]).success();
    }
    destroys.run(&["destroy", "--auto-approve", "--empty-buckets"]).success();
    assert!(destroys.living(&records).await.is_empty());
}

/// Changes the spec in every block.
fn change(deployment: &Deployment) {
    deployment.edit("envs/base.toml", "team = \"growth\"", "squad = \"growth\"");
    deployment.edit("envs/base.toml", "[\"team\", \"cost-center\"]", "[\"squad\", \"cost-center\"]");
    deployment.edit("envs/base.toml", "noncurrent_days = 7", "noncurrent_days = 8");
    deployment.edit("envs/base.toml", "error_prefix = \"errors/", "error_prefix = \"failures/");
    deployment.edit("envs/base.toml", "log_retention_days = 30", "log_retention_days = 60");
    deployment.edit("envs/base.toml", "[topic.alerts]\n", "[topic.alerts]\ndisplay_name = \"Alerts\"\n");
}
