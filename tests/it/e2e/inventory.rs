//! What an account holds, by the emulator's own listings: none of it goes through the kinds.

use aws_sdk_iam::types::AccessKeyMetadata;
use serde_json::Value;

use super::deployment::{Deployment, PARAMETERS};
use crate::support::query::query;

/// Everything in the account but what `bootstrap` has made: `stream acme-clickstream-dev-clicks`.
pub(crate) async fn inventory(deployment: &Deployment) -> Vec<String> {
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
    for user in iam.list_users().send().await.unwrap().users.into_iter().map(|user| user.user_name) {
        let keys = iam.list_access_keys().user_name(&user).send().await.unwrap().access_key_metadata;
        add("access key of", vec![user.clone(); keys.len()]);
        add("user", vec![user]);
    }
    let cloudwatch = aws.client(aws_sdk_cloudwatch::Client::new).await;
    let alarms = cloudwatch.describe_alarms().send().await.unwrap().metric_alarms;
    add("alarm", alarms.into_iter().flatten().filter_map(|alarm| alarm.alarm_name).collect());
    // Not by the SDK: MiniStack gives LastModified as a text, where CBOR has a tag for times.
    let dashboards = query(&deployment.account, "monitoring", "Action=ListDashboards&Version=2010-08-01").await;
    let dashboards = dashboards.split("<DashboardName>").skip(1).filter_map(|rest| rest.split('<').next());
    add("dashboard", dashboards.map(str::to_owned).collect());
    let sns = aws.client(aws_sdk_sns::Client::new).await;
    let topics = sns.list_topics().send().await.unwrap().topics;
    add("topic", topics.into_iter().flatten().filter_map(|topic| topic.topic_arn).collect());
    let subscriptions = sns.list_subscriptions().send().await.unwrap().subscriptions;
    add("subscription", subscriptions.into_iter().flatten().filter_map(|one| one.endpoint).collect());
    let logs = aws.client(aws_sdk_cloudwatchlogs::Client::new).await;
    let groups = logs.describe_log_groups().send().await.unwrap().log_groups;
    for group in groups.into_iter().flatten().filter_map(|group| group.log_group_name) {
        let streams = logs.describe_log_streams().log_group_name(&group).send().await.unwrap().log_streams;
        let streams = streams.into_iter().flatten().filter_map(|stream| stream.log_stream_name);
        add("log stream", streams.map(|stream| format!("{group}:{stream}")).collect());
        add("log group", vec![group]);
    }
    let ssm = aws.client(aws_sdk_ssm::Client::new).await.describe_parameters().send().await.unwrap();
    let ours = |name: &String| PARAMETERS.iter().all(|(_, parameter)| name != parameter);
    add("parameter", ssm.parameters.into_iter().flatten().filter_map(|one| one.name).filter(ours).collect());
    all
}

/// The access keys whose secret is not where it should be: each user's one key and the parameter that names it agree.
pub(crate) async fn misplaced_keys(deployment: &Deployment) -> Vec<String> {
    let aws = deployment.aws();
    let (iam, ssm) = (aws.client(aws_sdk_iam::Client::new).await, aws.client(aws_sdk_ssm::Client::new).await);
    let parameters = ssm.describe_parameters().send().await.unwrap().parameters.unwrap_or_default();
    let mut kept = Vec::new();
    for name in parameters.into_iter().filter_map(|parameter| parameter.name) {
        let parameter = ssm.get_parameter().name(&name).with_decryption(true).send().await.unwrap().parameter.unwrap();
        let document: Value = serde_json::from_str(&parameter.value.unwrap()).unwrap_or_default();
        kept.extend(document["access_key_id"].as_str().map(|id| (id.to_owned(), name)));
    }
    let mut wrong = Vec::new();
    for user in iam.list_users().send().await.unwrap().users.into_iter().map(|user| user.user_name) {
        let keys = iam.list_access_keys().user_name(&user).send().await.unwrap().access_key_metadata;
        let ids: Vec<&str> = keys.iter().filter_map(AccessKeyMetadata::access_key_id).collect();
        let strays = ids.iter().filter(|id| !kept.iter().any(|(living, _)| living == *id));
        wrong.extend(strays.map(|id| format!("{id} of {user} is in no parameter")));
        kept.retain(|(id, _)| !ids.contains(&id.as_str()));
    }
    wrong.extend(kept.into_iter().map(|(id, name)| format!("{name} keeps the secret of {id}, which is gone")));
    wrong
}
