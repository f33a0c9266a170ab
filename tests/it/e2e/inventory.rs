//! What an account holds, by the emulator's own listings: none of it goes through the kinds.

use super::deployment::{Deployment, PARAMETERS};

/// Everything in the account but what `bootstrap` has made: `stream acme-clickstream-dev-clicks`.
pub(super) async fn inventory(deployment: &Deployment) -> Vec<String> {
    let aws = deployment.aws();
    let state_bucket = deployment.account.unique("acme-clickstream-pipectl-state");
    let mut all = Vec::new();
    let mut add = |what: &str, names: Vec<String>| all.extend(names.into_iter().map(|name| format!("{what} {name}")));

    let s3 = aws.client(aws_sdk_s3::Client::new).await.list_buckets().send().await.unwrap();
    add(
        "bucket",
        s3.buckets
            .into_iter()
            .flatten()
            .filter_map(|bucket| bucket.name)
            .filter(|name| *name != state_bucket)
            .collect(),
    );
    let kinesis = aws.client(aws_sdk_kinesis::Client::new).await.list_streams().send().await.unwrap();
    add("stream", kinesis.stream_names);
    let firehose = aws.client(aws_sdk_firehose::Client::new).await.list_delivery_streams().send().await.unwrap();
    add("delivery stream", firehose.delivery_stream_names);
    let iam = aws.client(aws_sdk_iam::Client::new).await;
    let roles = iam.list_roles().send().await.unwrap().roles;
    add("role", roles.into_iter().map(|role| role.role_name).collect());
    let users = iam.list_users().send().await.unwrap().users;
    add("user", users.into_iter().map(|user| user.user_name).collect());
    let cloudwatch = aws.client(aws_sdk_cloudwatch::Client::new).await;
    let alarms = cloudwatch.describe_alarms().send().await.unwrap().metric_alarms;
    add("alarm", alarms.into_iter().flatten().filter_map(|alarm| alarm.alarm_name).collect());
    // Were there one on MiniStack, this would fail: it gives LastModified as a text, where CBOR has a tag for times.
    let dashboards = cloudwatch.list_dashboards().send().await.unwrap().dashboard_entries;
    add("dashboard", dashboards.into_iter().flatten().filter_map(|dashboard| dashboard.dashboard_name).collect());
    let sns = aws.client(aws_sdk_sns::Client::new).await;
    let topics = sns.list_topics().send().await.unwrap().topics;
    add("topic", topics.into_iter().flatten().filter_map(|topic| topic.topic_arn).collect());
    let subscriptions = sns.list_subscriptions().send().await.unwrap().subscriptions;
    add("subscription", subscriptions.into_iter().flatten().filter_map(|one| one.endpoint).collect());
    let logs = aws.client(aws_sdk_cloudwatchlogs::Client::new).await.describe_log_groups().send().await.unwrap();
    add("log group", logs.log_groups.into_iter().flatten().filter_map(|group| group.log_group_name).collect());
    let ssm = aws.client(aws_sdk_ssm::Client::new).await.describe_parameters().send().await.unwrap();
    let ours = |name: &String| PARAMETERS.iter().all(|(_, parameter)| name != parameter);
    add("parameter", ssm.parameters.into_iter().flatten().filter_map(|one| one.name).filter(ours).collect());
    all
}
