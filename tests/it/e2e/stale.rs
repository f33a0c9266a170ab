//! A plan against a world that has changed since is refused, with what has changed, and nothing is touched.

use pipectl::engine::planfile::{self, PlanFile};
use pipectl::model::kind::StepContext;
use serde_json::{Value, json};
use time::{Duration, OffsetDateTime};

use crate::support::deployment::Deployment;
use crate::support::emulator;

/// An environment with a plan that gives its stream a shard more, and makes another stream.
async fn planned() -> Deployment {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    deployment.edit("envs/dev.toml", "shards = 1", "shards = 2");
    deployment.edit("envs/dev.toml", "[bucket.events]", "[stream.late]\nmode = \"on-demand\"\n\n[bucket.events]");
    deployment.run(&["plan"]).success();
    deployment
}

#[tokio::test]
async fn a_plan_is_refused_where_an_attribute_has_changed() {
    let deployment = planned().await;
    let address = "stream.clicks".parse().unwrap();
    let (record, owner) = (&deployment.records()[&address], deployment.owner(&address));
    let registry = deployment.registry();
    let mut want = Value::clone(&record.attributes);
    want["retention_hours"] = json!(48);
    let step = StepContext { owner: &owner, since: None, empty: false, seen: None, note: &|_| {} };
    registry.get(&record.kind).unwrap().update(&record.attributes, &want, &step).await.unwrap();
    deployment.refuses(3, &["the plan is stale", "stream.clicks: retention_hours  24 → 48"]);
}

#[tokio::test]
async fn a_plan_is_refused_where_what_it_makes_has_appeared() {
    let deployment = planned().await;
    let kinesis = deployment.aws().client(aws_sdk_kinesis::Client::new).await;
    kinesis.create_stream().stream_name("acme-clickstream-dev-late").shard_count(1).send().await.unwrap();
    deployment.refuses(3, &["stream.late: `acme-clickstream-dev-late` exists now"]);
}

#[tokio::test]
async fn a_plan_is_refused_where_what_it_changes_is_gone() {
    let deployment = planned().await;
    let kinesis = deployment.aws().client(aws_sdk_kinesis::Client::new).await;
    kinesis.delete_stream().stream_name("acme-clickstream-dev-clicks").send().await.unwrap();
    deployment.refuses(3, &["stream.clicks: `acme-clickstream-dev-clicks` is gone"]);
}

#[tokio::test]
async fn a_plan_is_refused_where_another_was_applied_since() {
    let deployment = planned().await;
    let planned = deployment.state().serial;
    deployment.run(&["apply", "--auto-approve", "--set", "alarm.delivery.notify_ok=true"]).success();
    let now = deployment.state().serial;
    deployment.refuses(3, &[&format!("the state has changed since: its serial was {planned}, and is now {now}")]);
}

#[tokio::test]
async fn a_plan_is_refused_where_the_spec_says_something_else() {
    let deployment = planned().await;
    deployment.edit("envs/base.toml", "retention_hours = 24", "retention_hours = 25");
    deployment.refuses(3, &["`envs/dev.toml` says something else now", "pipectl plan --env"]);
}

#[tokio::test]
async fn a_plan_is_applied_once() {
    let deployment = planned().await;
    deployment.cli.run(&["apply", "plan.json"]).success();
    deployment.refuses(3, &["this very plan was applied at 20"]);
}

#[tokio::test]
async fn a_plan_is_refused_once_it_has_expired() {
    let deployment = planned().await;
    let (mut plan, _) = planfile::read(deployment.cli.read("plan.json").as_bytes()).unwrap();
    plan.expires = OffsetDateTime::now_utc() - Duration::minutes(1);
    deployment.cli.write("plan.json", &PlanFile::new(&plan).unwrap().to_string());
    deployment.refuses(3, &["it expired at 20"]);
}

#[tokio::test]
async fn a_plan_is_refused_by_another_account() {
    let mut deployment = planned().await;
    let (own, other) = (deployment.account.id.clone(), emulator::ministack().account().id);
    deployment.cli = deployment.cli.env("AWS_ACCESS_KEY_ID", &other);
    deployment.proxy.take_calls();
    let refused = deployment.cli.run(&["apply", "plan.json"]).fails(3);
    let both = format!("for account {own} in eu-west-1, and these credentials are for account {other} in eu-west-1");
    assert!(refused.stderr.contains(&both), "{refused}");
    let calls = deployment.proxy.take_calls();
    let asked: Vec<_> = calls.by_operation().into_keys().collect();
    assert_eq!(asked, ["ssm:GetParameters", "sts:GetCallerIdentity"], "who asks, and where the state is, at once");
}

#[tokio::test]
async fn a_file_that_is_no_plan_any_more_is_refused() {
    const ANEW: &str = "make a new one: `pipectl plan --env";
    let deployment = planned().await;
    let whole = deployment.cli.read("plan.json");
    let mut newer: Value = serde_json::from_str(&whole).unwrap();
    newer["version"] = json!(3);
    newer["made_by"] = json!("pipectl 9.0.0");
    let cases = [
        (
            whole.replace("acme-clickstream-dev-late", "acme-clickstream-dev-mine"),
            "it was changed after it was made",
            ANEW,
        ),
        (whole[..whole.len() / 2].to_owned(), "it is not a complete plan file", ANEW),
        (r#"{"format_version": "1.2", "terraform_version": "1.9.0"}"#.to_owned(), "but not a plan of pipectl's", ANEW),
        (
            newer.to_string(),
            "its format 3 is newer than this pipectl knows (2); pipectl 9.0.0 wrote it",
            "upgrade pipectl",
        ),
    ];
    for (file, said, advice) in cases {
        deployment.cli.write("plan.json", &file);
        deployment.refuses(1, &["`plan.json`", said, advice]);
    }
}

impl Deployment {
    /// Applies the saved plan, which is refused with that exit code and these words; nothing is touched.
    #[track_caller]
    fn refuses(&self, code: i32, said: &[&str]) {
        let before = self.state();
        self.proxy.take_calls();
        let refused = self.cli.run(&["apply", "plan.json"]).fails(code);
        assert_eq!(self.proxy.take_calls().changes(), [""; 0]);
        assert_eq!(self.state(), before);
        for text in said {
            assert!(refused.stderr.contains(text), "`{text}` is not said:\n{refused}");
        }
    }
}
