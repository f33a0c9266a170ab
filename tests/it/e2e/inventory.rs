//! What an account holds, by the emulator's own listings: none of it goes through the kinds.

use aws_sdk_iam::types::AccessKeyMetadata;
use pipectl::aws::Aws;
use serde_json::{Value, json};

use crate::support::deployment::Deployment;
use crate::support::emulator::Account;
use crate::support::json;
use crate::support::query::query;

/// Everything in the account but what `bootstrap` has made, of whichever project: `stream acme-clickstream-dev-clicks`.
pub(crate) async fn inventory(deployment: &Deployment) -> Vec<String> {
    let aws = deployment.aws();
    let mut all = Vec::new();
    let mut add = |what: &str, names: Vec<String>| all.extend(names.into_iter().map(|name| format!("{what} {name}")));

    let s3 = aws.client(aws_sdk_s3::Client::new).await.list_buckets().send().await.unwrap();
    add(
        "bucket",
        s3.buckets
            .into_iter()
            .flatten()
            .filter_map(|bucket| bucket.name)
            .filter(|name| !name.contains("-pipectl-state-"))
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
    let mut parameters = parameters(&deployment.account).await;
    parameters.retain(|name| !name.contains("/pipectl/state-"));
    add("parameter", parameters);
    all.extend(serverless(&aws, &deployment.account).await);
    all.extend(lake(&deployment.account).await);
    all
}

/// The names of the parameters of SSM.
async fn parameters(account: &Account) -> Vec<String> {
    let reply = json::ssm(account, "DescribeParameters", json!({})).await;
    let all = reply["Parameters"].as_array().into_iter().flatten().filter_map(|one| one["Name"].as_str());
    all.map(str::to_owned).collect()
}

/// What is in the Data Catalog, Glue's jobs and what starts them, Athena's workgroups and what is saved in them.
async fn lake(account: &Account) -> Vec<String> {
    let glue = async |operation, body| json::call(account, "glue", ("1.1", "AWSGlue"), operation, &body).await;
    let athena = async |operation, body| json::call(account, "athena", ("1.1", "AmazonAthena"), operation, &body).await;
    let names = |what: &str, list: &Value| {
        let all = list.as_array().into_iter().flatten().filter_map(|one| one["Name"].as_str());
        all.map(|name| format!("{what} {name}")).collect::<Vec<_>>()
    };
    let mut all = Vec::new();
    let databases = glue("GetDatabases", json!({})).await["DatabaseList"].take();
    for database in databases.as_array().into_iter().flatten() {
        let tables = glue("GetTables", json!({ "DatabaseName": database["Name"] })).await;
        all.extend(names("table of the catalog", &tables["TableList"]));
    }
    all.extend(names("database", &databases));
    all.extend(names("job", &glue("GetJobs", json!({})).await["Jobs"]));
    all.extend(names("trigger", &glue("GetTriggers", json!({})).await["Triggers"]));
    let mut groups = athena("ListWorkGroups", json!({})).await["WorkGroups"].take();
    // Every account has that.
    groups.as_array_mut().into_iter().for_each(|groups| groups.retain(|group| group["Name"] != "primary"));
    for group in groups.as_array().into_iter().flatten() {
        let ids = athena("ListNamedQueries", json!({ "WorkGroup": group["Name"] })).await["NamedQueryIds"].take();
        for id in ids.as_array().into_iter().flatten() {
            let saved = athena("GetNamedQuery", json!({ "NamedQueryId": id })).await;
            all.extend(names("saved query", &json!([saved["NamedQuery"]])));
        }
    }
    all.extend(names("workgroup", &groups));
    all
}

/// Functions, and what calls them or is written by them.
async fn serverless(aws: &Aws, account: &Account) -> Vec<String> {
    let mut all = Vec::new();
    let mut add = |what: &str, names: Vec<String>| all.extend(names.into_iter().map(|name| format!("{what} {name}")));
    let lambda = aws.client(aws_sdk_lambda::Client::new).await;
    let functions = lambda.list_functions().send().await.unwrap().functions;
    add("function", functions.into_iter().flatten().filter_map(|function| function.function_name).collect());
    let mappings = lambda.list_event_source_mappings().send().await.unwrap().event_source_mappings;
    add("mapping", mappings.into_iter().flatten().filter_map(|mapping| mapping.function_arn).collect());
    let tables = aws.client(aws_sdk_dynamodb::Client::new).await.list_tables().send().await.unwrap();
    add("table", tables.table_names.unwrap_or_default());
    let apis = aws.client(aws_sdk_apigateway::Client::new).await.get_rest_apis().send().await.unwrap();
    add("API", apis.items.into_iter().flatten().filter_map(|api| api.name).collect());
    let queues = aws.client(aws_sdk_sqs::Client::new).await.list_queues().send().await.unwrap();
    let name = |url: String| url.rsplit('/').next().unwrap_or_default().to_owned();
    add("queue", queues.queue_urls.into_iter().flatten().map(name).collect());
    let rules = json::call(account, "events", ("1.1", "AWSEvents"), "ListRules", &json!({})).await;
    let named = |rule: &Value| rule["Name"].as_str().map(str::to_owned);
    add("rule", rules["Rules"].as_array().into_iter().flatten().filter_map(named).collect());
    all
}

/// The access keys whose secret is not where it should be: each user's one key and the parameter that names it agree.
pub(crate) async fn misplaced_keys(deployment: &Deployment) -> Vec<String> {
    let aws = deployment.aws();
    let iam = aws.client(aws_sdk_iam::Client::new).await;
    let mut kept = Vec::new();
    for name in parameters(&deployment.account).await {
        let parameter = json::parameter(&deployment.account, &name).await;
        let document: Value = serde_json::from_str(parameter["Value"].as_str().unwrap()).unwrap_or_default();
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
