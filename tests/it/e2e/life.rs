//! The life of each environment of this repository: bootstrapped, planned, applied, planned again, destroyed.

use std::collections::BTreeSet;

use super::inventory::inventory;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};

#[tokio::test]
async fn dev_lives_on_ministack() {
    lives(emulator::ministack(), "dev", &[]).await;
}

#[tokio::test]
async fn dev_lives_on_moto() {
    lives(emulator::moto(), "dev", &[]).await;
}

#[tokio::test]
async fn staging_lives_on_ministack() {
    lives(emulator::ministack(), "staging", &[]).await;
}

#[tokio::test]
async fn staging_lives_on_moto() {
    lives(emulator::moto(), "staging", &[]).await;
}

#[tokio::test]
async fn prod_lives_on_ministack_but_for_its_metric_math() {
    lives(emulator::ministack(), "prod", &["alarm.producers queries", "alarm.stalled queries"]).await;
}

#[tokio::test]
async fn prod_lives_on_moto() {
    lives(emulator::moto(), "prod", &[]).await;
}

/// From `bootstrap` to `destroy`; `lost` is what the emulator forgets.
async fn lives(emulator: &'static Emulator, env: &'static str, lost: &[&str]) {
    let deployment = Deployment::bootstrapped(emulator, env).await;
    assert_eq!(inventory(&deployment).await, [""; 0], "before anything was made");

    let planned = deployment.run(&["plan", "--detailed-exitcode"]).fails(2);
    deployment.cli.run(&["apply", "plan.json", "--approve-broadening"]).success();
    let records = deployment.records();
    assert!(planned.stdout.contains(&format!("{} to create", records.len())), "{planned}");

    let unchanged = if lost.is_empty() { 0 } else { 2 };
    deployment.run(&["plan", "--detailed-exitcode"]).fails(unchanged);
    let lost: BTreeSet<String> = lost.iter().map(ToString::to_string).collect();
    assert_eq!((deployment.lost(), deployment.changes()), (lost.clone(), lost));

    if deployment.state().protect {
        deployment.run(&["destroy", "--auto-approve", "--empty-buckets"]).fails(6);
        assert_eq!(deployment.living(&records).await.len(), records.len(), "nothing was destroyed");
        deployment.run(&["apply", "--auto-approve", "--set", "env.protect=false"]).success();
    }
    is_destroyed(&deployment).await;
}

/// Everything of the state lives, until it is destroyed: then nothing does, not even what AWS has made up ids for.
pub(crate) async fn is_destroyed(deployment: &Deployment) {
    let records = deployment.records();
    assert_eq!(deployment.living(&records).await.len(), records.len(), "before it is destroyed");
    deployment.run(&["destroy", "--auto-approve", "--empty-buckets"]).success();
    assert!(deployment.living(&records).await.is_empty(), "by their keys");
    assert_eq!(inventory(deployment).await, [""; 0], "after everything was destroyed");
    assert!(deployment.records().is_empty());
}
