//! A pipeline that pipectl has made, found again without its state: from the stream, the bucket, the delivery stream.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;

use super::{ids, left, start, walked};
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};

#[tokio::test]
async fn each_end_leads_to_the_whole_pipeline_and_to_nothing_of_another_on_ministack() {
    each_end_leads_to_the_whole_pipeline_and_to_nothing_of_another(emulator::ministack()).await;
}

#[tokio::test]
async fn each_end_leads_to_the_whole_pipeline_and_to_nothing_of_another_on_moto() {
    each_end_leads_to_the_whole_pipeline_and_to_nothing_of_another(emulator::moto()).await;
}

async fn each_end_leads_to_the_whole_pipeline_and_to_nothing_of_another(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "prod").await;
    deployment.cli.run(&["apply", "--auto-approve", "--env", "dev"]).success();
    let account = deployment.account.through(&deployment.proxy);
    let bucket = account.unique("acme-clickstream-events-prod");
    let name = "acme-clickstream-prod-clicks";
    let made = made(&deployment);
    // So that what is asked at once is seen to be.
    deployment.proxy.delay(Duration::from_millis(300));
    for start in [start(name, "", ""), start("", &bucket, ""), start("", "", name)] {
        deployment.proxy.take_calls();
        let wiring = walked(&account, &start).await.unwrap();
        let calls = deployment.proxy.take_calls();
        assert_eq!(whole(&deployment, ids(&wiring)), made, "from {start:?}");
        assert_eq!(left(&wiring), [""; 0]);
        assert_eq!(calls.by_operation(), expected(), "from {start:?}");
        // Who we are, the listings, each of what they list, each of what is found, the parameter of an access key.
        assert!(calls.depth() <= 5, "{} calls followed one another", calls.depth());
    }
}

/// The same, but for what MiniStack does not tell: it takes no notice of DescribeParameters' filter by tag, and names
/// whichever parameter.
fn whole(deployment: &Deployment, mut ids: BTreeSet<(String, String)>) -> BTreeSet<(String, String)> {
    if deployment.emulator == "MiniStack" {
        ids = ids
            .into_iter()
            .map(|(kind, key)| match kind.as_str() {
                "iam_access_key" => (kind, key.split('|').next().unwrap_or_default().to_owned()),
                _ => (kind, key),
            })
            .collect();
    }
    ids
}

/// Kind and key of everything that the state knows.
fn made(deployment: &Deployment) -> BTreeSet<(String, String)> {
    let records = deployment.records().into_values();
    // MiniStack loses the metrics of an alarm with metric math: nothing shows what it watches.
    let lost = |kind: &str, queries: bool| deployment.emulator == "MiniStack" && kind == "cloudwatch_alarm" && queries;
    let queries = |attributes: &Value| attributes["queries"].as_array().is_some_and(|all| !all.is_empty());
    let kept = records.filter(|record| !lost(&record.kind, queries(&record.attributes)));
    whole(deployment, kept.map(|record| (record.kind, record.key)).collect())
}

/// The calls of a walk in an account with two pipelines.
fn expected() -> BTreeMap<String, usize> {
    let calls = [
        ("cloudwatch:DescribeAlarms", 1),
        ("cloudwatch:GetDashboard", 2),
        ("cloudwatch:ListDashboards", 1),
        ("firehose:DescribeDeliveryStream", 2),
        ("firehose:ListDeliveryStreams", 1),
        ("iam:GetAccountAuthorizationDetails", 1),
        ("iam:ListAccessKeys", 1),
        ("kinesis:DescribeStreamSummary", 1),
        ("lambda:GET event-source-mappings", 1),
        ("lambda:GET functions", 1),
        ("s3:GetBucketNotificationConfiguration", 1),
        ("sns:ListSubscriptionsByTopic", 1),
        ("ssm:DescribeParameters", 1),
        ("sts:GetCallerIdentity", 1),
    ];
    calls.map(|(operation, count)| (operation.to_owned(), count)).into()
}
