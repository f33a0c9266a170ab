//! Changes that users make to running environments.

use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};
use crate::support::witness::Recording;

#[tokio::test]
async fn snowflake_moves_from_a_role_to_an_access_key_and_back_on_ministack() {
    snowflake_moves_from_a_role_to_an_access_key_and_back(emulator::ministack()).await;
}

#[tokio::test]
async fn snowflake_moves_from_a_role_to_an_access_key_and_back_on_moto() {
    snowflake_moves_from_a_role_to_an_access_key_and_back(emulator::moto()).await;
}

async fn snowflake_moves_from_a_role_to_an_access_key_and_back(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "staging").await;
    let by_role = deployment.cli.read("envs/staging.toml");
    let (before, rest) = by_role.split_once("[snowpipe.events]").unwrap();
    let (_, after) = rest.split_once("[alarm.lag]").unwrap();
    // base.toml says access = "user".
    let by_user = format!("{before}[alarm.lag]{after}");
    for (spec, parts) in [(&by_user, &["key", "user"][..]), (&by_role, &["role"])] {
        deployment.cli.write("envs/staging.toml", spec);
        deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
        deployment.run(&["plan", "--detailed-exitcode"]).success();
        let records = deployment.records().into_keys().map(|address| address.to_string());
        let snowpipe: Vec<_> =
            records.filter_map(|address| Some(address.strip_prefix("snowpipe.events/")?.to_owned())).collect();
        assert_eq!(snowpipe, parts);
    }
    let iam = deployment.aws().client(aws_sdk_iam::Client::new).await;
    assert_eq!(iam.list_users().send().await.unwrap().users, []);
}

/// On moto: MiniStack does not know UpdateStreamMode.
#[tokio::test]
async fn a_stream_changes_its_mode_in_place() {
    let _sends = Recording::of("e2e::changes::a_stream_changes_its_mode_in_place");
    let deployment = Deployment::applied(emulator::moto(), "dev").await;
    deployment.edit("envs/dev.toml", "mode = \"provisioned\"\nshards = 1", "mode = \"on-demand\"");
    deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    assert_eq!(deployment.proxy.take_calls().of("kinesis:UpdateStreamMode"), 1);
}

#[tokio::test]
async fn a_block_that_is_taken_out_is_deleted_and_nothing_else() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let before = deployment.records();
    let spec = deployment.cli.read("envs/base.toml");
    let (kept, rest) = spec.split_once("[alarm.freshness]").unwrap();
    let (_, last) = rest.split_once("[dashboard.clickstream]").unwrap();
    deployment.cli.write("envs/base.toml", &format!("{kept}[dashboard.clickstream]{last}"));
    // The dashboard shows every alarm.
    let changes: Vec<_> = deployment.changes().into_iter().collect();
    assert_eq!(changes, ["alarm.freshness delete", "dashboard.clickstream body.widgets"]);
    deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    assert_eq!(deployment.records().len(), before.len() - 1);
    let cloudwatch = deployment.aws().client(aws_sdk_cloudwatch::Client::new).await;
    let alarms = cloudwatch.describe_alarms().send().await.unwrap().metric_alarms.unwrap_or_default();
    let names: Vec<_> = alarms.iter().filter_map(|alarm| alarm.alarm_name()).collect();
    assert_eq!(names, ["acme-clickstream-dev-delivery"]);
}

#[tokio::test]
async fn environments_of_one_account_do_not_touch_each_other() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let staging = |arguments: &[&str]| deployment.cli.run(&[arguments, &["--env", "staging"]].concat());
    staging(&["apply", "--auto-approve", "--approve-broadening"]).success();
    deployment.run(&["plan", "--detailed-exitcode"]).success();
    deployment.run(&["destroy", "--auto-approve"]).success();
    staging(&["plan", "--detailed-exitcode"]).success();
    staging(&["drift"]).success();
}

#[tokio::test]
async fn a_bucket_with_objects_is_destroyed_only_when_that_is_asked_for() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let bucket = deployment.account.unique("acme-clickstream-events-dev");
    let s3 = deployment.aws().client(aws_sdk_s3::Client::new).await;
    s3.put_object().bucket(&bucket).key("events/1.json").body(b"{}".to_vec().into()).send().await.unwrap();
    let records = deployment.records();
    let refused = deployment.run(&["destroy", "--auto-approve"]).fails(6);
    assert!(refused.stderr.contains("bucket.events") && refused.stderr.contains("--empty-buckets"), "{refused}");
    s3.get_object().bucket(&bucket).key("events/1.json").send().await.unwrap();
    // It is refused before the first call: nothing else has gone either.
    assert_eq!(deployment.records(), records);
    assert_eq!(deployment.living(&records).await.len(), records.len());
    deployment.run(&["destroy", "--auto-approve", "--empty-buckets"]).success();
    assert!(s3.head_bucket().bucket(&bucket).send().await.is_err());
}
