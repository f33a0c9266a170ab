//! What somebody hangs on live resources that no attribute models: named by `drift`, by an adoption, by an import.

use std::collections::BTreeSet;

use aws_sdk_apigateway::types as apigateway;
use aws_sdk_firehose::types as firehose;
use aws_sdk_s3::types as s3;
use serde_json::{Value, json};

use crate::support::deployment::Deployment;
use crate::support::emulator;
use crate::support::proxy::Proxy;

/// The project, applied on MiniStack, which calls a queue's policy by TLS alone.
fn shop() -> (Deployment, Proxy) {
    let (account, by_tls) = emulator::ministack().account().behind_proxy();
    (Deployment::of("tests/files/shop", account).apply(), by_tls)
}

/// What `drift` names that no attribute models: `function.take: layers`, each with what it comes to.
fn named(deployment: &Deployment) -> BTreeSet<String> {
    let output = deployment.run(&["drift", "--json"]);
    let report = output.json();
    let drifted = report["drifted"].as_array().unwrap_or_else(|| panic!("{output}"));
    assert_eq!(output.code, if drifted.is_empty() { 0 } else { 5 }, "{output}");
    let named = drifted.iter().flat_map(|one| {
        let found = one["unmodelled"].as_array().unwrap().iter();
        found.map(move |found| {
            let word = |value: &Value| value.as_str().unwrap().to_owned();
            format!("{}: {} ({})", word(&one["address"]), word(&found["what"]), word(&found["weight"]))
        })
    });
    named.collect()
}

fn all(named: &[&str]) -> BTreeSet<String> {
    named.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn a_project_that_nobody_touched_has_nothing_unmodelled() {
    let (shop, _tls) = shop();
    assert_eq!(named(&shop), all(&[]));
    let report = shop.run(&["drift", "--json"]).success().json();
    println!("not looked at: {:#}", report["not_looked_at"]);
}

#[tokio::test]
async fn what_lets_somebody_sign_in_as_a_user_is_named() {
    let (shop, _tls) = shop();
    let (iam, user) = (shop.aws().client(aws_sdk_iam::Client::new).await, "acme-shop-dev-events");
    iam.create_access_key().user_name(user).send().await.unwrap();
    iam.create_group().group_name("adm").send().await.unwrap();
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    iam.attach_group_policy().group_name("adm").policy_arn(admin).send().await.unwrap();
    iam.add_user_to_group().group_name("adm").user_name(user).send().await.unwrap();
    iam.create_login_profile().user_name(user).password("Xx-123456-aA").send().await.unwrap();
    let user = "snowpipe.events/user";
    let expected = ["other access keys", "groups", "console password"].map(|what| format!("{user}: {what} (lets-in)"));
    assert_eq!(named(&shop), expected.into_iter().collect());
    // A plan neither sees it nor undoes it, and a person reads why.
    assert_eq!(shop.changes(), all(&[]));
    let text = shop.run(&["drift"]).fails(5).stdout;
    assert!(text.contains("! groups = adm") && text.contains("lets somebody in"), "{text}");
    assert!(text.contains("neither an apply nor `drift --revert` undoes it"), "{text}");
}

#[tokio::test]
async fn what_is_hung_on_a_function_is_named() {
    let (shop, _tls) = shop();
    let (lambda, name) = (shop.aws().client(aws_sdk_lambda::Client::new).await, "acme-shop-dev-take");
    let none = aws_sdk_lambda::types::FunctionUrlAuthType::None;
    lambda.create_function_url_config().function_name(name).auth_type(none).send().await.unwrap();
    let call = lambda.add_permission().function_name(name).statement_id("public").principal("*");
    call.action("lambda:InvokeFunction").send().await.unwrap();
    let kinesis = shop.aws().client(aws_sdk_kinesis::Client::new).await;
    kinesis.create_stream().stream_name("elsewhere").shard_count(1).send().await.unwrap();
    let arn = kinesis.describe_stream_summary().stream_name("elsewhere").send().await.unwrap();
    let arn = arn.stream_description_summary.unwrap().stream_arn;
    let latest = aws_sdk_lambda::types::EventSourcePosition::Latest;
    let call = lambda.create_event_source_mapping().function_name(name).event_source_arn(arn).starting_position(latest);
    call.send().await.unwrap();
    let expected = all(&[
        "function.take: function URL (lets-in)",
        "function.take: statements of its policy (lets-in)",
        "function.take: other event sources (changes-data)",
    ]);
    assert_eq!(named(&shop), expected);
    assert_eq!(shop.changes(), all(&[]));
}

#[tokio::test]
async fn who_else_reads_a_stream_a_log_or_a_topic_is_named() {
    let (shop, _tls) = shop();
    let aws = shop.aws();
    let kinesis = aws.client(aws_sdk_kinesis::Client::new).await;
    let stream = format!("arn:aws:kinesis:eu-west-1:{}:stream/acme-shop-dev-clicks", shop.account.id);
    kinesis.register_stream_consumer().stream_arn(&stream).consumer_name("other").send().await.unwrap();
    let logs = aws.client(aws_sdk_cloudwatchlogs::Client::new).await;
    let call = logs.put_subscription_filter().log_group_name("/aws/lambda/acme-shop-dev-take").filter_name("out");
    call.filter_pattern("").destination_arn(&stream).send().await.unwrap();
    let sns = aws.client(aws_sdk_sns::Client::new).await;
    let topic = format!("arn:aws:sns:eu-west-1:{}:acme-shop-dev-alerts", shop.account.id);
    let call = sns.subscribe().topic_arn(&topic).protocol("https").endpoint("https://elsewhere.example.com/");
    call.send().await.unwrap();
    let mail = sns.list_subscriptions_by_topic().topic_arn(&topic).send().await.unwrap().subscriptions.unwrap();
    let mail = mail.into_iter().find(|one| one.protocol() == Some("email")).unwrap().subscription_arn.unwrap();
    let call = sns.set_subscription_attributes().subscription_arn(mail).attribute_name("FilterPolicy");
    call.attribute_value(r#"{"a":["b"]}"#).send().await.unwrap();
    let expected = all(&[
        "stream.clicks: registered consumers (takes-out)",
        "function.take/log-group: subscription filters (takes-out)",
        "topic.alerts: other subscribers (takes-out)",
    ]);
    let named = named(&shop);
    let filtered = named.iter().find(|one| one.contains("filter policy")).cloned();
    assert!(
        filtered.is_some_and(|one| one.starts_with("topic.alerts/") && one.ends_with("(changes-data)")),
        "{named:?}"
    );
    assert_eq!(named.into_iter().filter(|one| !one.contains("filter policy")).collect::<BTreeSet<_>>(), expected);
}

#[tokio::test]
async fn where_a_bucket_sends_its_data_and_whom_it_is_open_to_is_named() {
    let (shop, _tls) = shop();
    let client = shop.aws().client(aws_sdk_s3::Client::new).await;
    let name = &format!("acme-shop-dev-raw-{}", shop.account.id);
    let name = shop.records().values().find(|it| it.kind == "s3_bucket").map_or(name.clone(), |it| it.key.clone());
    let versioning = s3::VersioningConfiguration::builder().status(s3::BucketVersioningStatus::Enabled).build();
    client.put_bucket_versioning().bucket(&name).versioning_configuration(versioning).send().await.unwrap();
    let to = s3::Destination::builder().bucket("arn:aws:s3:::elsewhere").account("999999999999").build().unwrap();
    let rule = s3::ReplicationRule::builder().id("out").priority(1).status(s3::ReplicationRuleStatus::Enabled);
    let rule = rule.filter(s3::ReplicationRuleFilter::builder().prefix("").build()).destination(to);
    let off = s3::DeleteMarkerReplication::builder().status(s3::DeleteMarkerReplicationStatus::Disabled).build();
    let rule = rule.delete_marker_replication(off).build().unwrap();
    let replication = s3::ReplicationConfiguration::builder().role("arn:aws:iam::123456789012:role/r").rules(rule);
    let call = client.put_bucket_replication().bucket(&name).replication_configuration(replication.build().unwrap());
    call.send().await.unwrap();
    let index = s3::IndexDocument::builder().suffix("index.html").build().unwrap();
    let site = s3::WebsiteConfiguration::builder().index_document(index).build();
    client.put_bucket_website().bucket(&name).website_configuration(site).send().await.unwrap();
    let rule = s3::CorsRule::builder().allowed_methods("GET").allowed_origins("*").build().unwrap();
    let cors = s3::CorsConfiguration::builder().cors_rules(rule).build().unwrap();
    client.put_bucket_cors().bucket(&name).cors_configuration(cors).send().await.unwrap();
    let log = s3::LoggingEnabled::builder().target_bucket(&name).target_prefix("log/").build().unwrap();
    let status = s3::BucketLoggingStatus::builder().logging_enabled(log).build();
    client.put_bucket_logging().bucket(&name).bucket_logging_status(status).send().await.unwrap();
    let named = named(&shop);
    for what in ["replication (takes-out)", "static website (lets-in)", "CORS rules (lets-in)"] {
        assert!(named.contains(&format!("bucket.raw: {what}")), "{what}: {named:?}");
    }
    let text = shop.run(&["drift", "bucket.raw"]).fails(5).stdout;
    assert!(text.contains("to arn:aws:s3:::elsewhere of account 999999999999"), "{text}");
    // That one is an attribute, and differs.
    assert!(text.contains("access_log"), "{text}");
}

#[tokio::test]
async fn a_delivery_stream_that_converts_or_backs_up_is_seen_by_drift_plan_and_import() {
    let (shop, _tls) = shop();
    let client = shop.aws().client(aws_sdk_firehose::Client::new).await;
    let name = "acme-shop-dev-clicks";
    let describe = client.describe_delivery_stream().delivery_stream_name(name).send().await.unwrap();
    let live = describe.delivery_stream_description.unwrap();
    let destination = &live.destinations[0];
    let role = destination.extended_s3_destination_description().unwrap().role_arn.clone();
    let parquet = firehose::Serializer::builder().parquet_ser_de(firehose::ParquetSerDe::builder().build()).build();
    let json =
        firehose::Deserializer::builder().open_x_json_ser_de(firehose::OpenXJsonSerDe::builder().build()).build();
    let table = firehose::SchemaConfiguration::builder().role_arn(&role).database_name("d").table_name("t");
    let conversion = firehose::DataFormatConversionConfiguration::builder()
        .enabled(true)
        .schema_configuration(table.region("eu-west-1").build())
        .input_format_configuration(firehose::InputFormatConfiguration::builder().deserializer(json).build())
        .output_format_configuration(firehose::OutputFormatConfiguration::builder().serializer(parquet).build());
    let backup = firehose::S3DestinationUpdate::builder().role_arn(&role).prefix("copy/");
    let update = firehose::ExtendedS3DestinationUpdate::builder()
        .data_format_conversion_configuration(conversion.build())
        .s3_backup_mode(firehose::S3BackupMode::Enabled)
        .s3_backup_update(backup.bucket_arn("arn:aws:s3:::somebody-elses-bucket").build());
    let call =
        client.update_destination().delivery_stream_name(name).current_delivery_stream_version_id(&live.version_id);
    let call = call.destination_id(&destination.destination_id).extended_s3_destination_update(update.build());
    Box::pin(call.send()).await.unwrap();
    let drift = shop.drift();
    assert_eq!(drift, all(&["firehose.clicks backup", "firehose.clicks conversion"]));
    let plan = shop.run(&["plan", "--json"]).success().json();
    let change = plan["changes"].as_array().unwrap().iter().find(|one| one["address"] == "firehose.clicks").unwrap();
    assert_eq!(change["action"], "replace");
    let said = change["warnings"].to_string();
    assert!(said.contains("parquet by the table t of d") && said.contains("The backup of all records"), "{said}");
    // To import it, nobody may own it.
    let marks = ["pipectl:project", "pipectl:env"];
    let untag = client.untag_delivery_stream().delivery_stream_name(name);
    untag.set_tag_keys(Some(marks.map(str::to_owned).into())).send().await.unwrap();
    let kinesis = shop.aws().client(aws_sdk_kinesis::Client::new).await;
    let untag = kinesis.remove_tags_from_stream().stream_name(name);
    untag.set_tag_keys(Some(marks.map(str::to_owned).into())).send().await.unwrap();
    let bucket = shop.records().into_values().find(|it| it.kind == "s3_bucket").unwrap().key;
    let s3 = shop.aws().client(aws_sdk_s3::Client::new).await;
    s3.delete_bucket_tagging().bucket(&bucket).send().await.unwrap();
    let arguments =
        ["import", "--firehose", name, "--env", "other", "--project", "acme-other", "--region", "eu-west-1"];
    let imported = shop.cli.run(&[&arguments[..], &["--json"]].concat()).json();
    let left = imported["left_out"].as_array().unwrap().iter();
    assert!(left.map(Value::to_string).any(|one| one.contains("copies all records")), "{imported:#}");
}

#[tokio::test]
async fn a_role_that_may_not_look_is_told_what_it_lacks_and_sees_all_else() {
    let (shop, _tls) = shop();
    let iam = shop.aws().client(aws_sdk_iam::Client::new).await;
    iam.create_login_profile().user_name("acme-shop-dev-events").password("Xx-123456-aA").send().await.unwrap();
    let older = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": ["iam:ListGroupsForUser", "iam:GetLoginProfile"], "Resource": "*" },
    ]});
    let shop = shop.acting_as("old", &[older]).await;
    let output = shop.run(&["drift", "snowpipe.events"]).success();
    assert!(output.stdout.contains("Everything that was looked at is as pipectl left it."), "{output}");
    for action in ["iam:ListGroupsForUser", "iam:GetLoginProfile"] {
        assert!(output.stdout.contains(&format!("needs {action}")), "{output}");
    }
}

#[tokio::test]
async fn an_adoption_and_a_replacement_say_what_no_spec_can() {
    let (shop, _tls) = shop();
    let lambda = shop.aws().client(aws_sdk_lambda::Client::new).await;
    let none = aws_sdk_lambda::types::FunctionUrlAuthType::None;
    lambda.create_function_url_config().function_name("acme-shop-dev-take").auth_type(none).send().await.unwrap();
    // Another name is another function: the URL is gone with the old one.
    shop.edit("envs/dev.toml", "[function.take]\n", "[function.take]\nname = \"acme-shop-dev-took\"\n");
    let replaced = shop.run(&["plan"]).success().stdout;
    assert!(replaced.contains("function URL") && replaced.contains("lost with the old one"), "{replaced}");
    shop.edit("envs/dev.toml", "\nname = \"acme-shop-dev-took\"", "");
    // As after the loss of a state: the tags say whose it is.
    let state = shop.state_bucket();
    let s3 = shop.aws().client(aws_sdk_s3::Client::new).await;
    let objects = s3.list_objects_v2().bucket(&state).send().await.unwrap().contents.unwrap_or_default();
    for key in objects.into_iter().filter_map(|object| object.key).filter(|key| key.ends_with("state.json")) {
        s3.delete_object().bucket(&state).key(key).send().await.unwrap();
    }
    let adopted = shop.run(&["plan"]).success().stdout;
    assert!(adopted.contains("function URL") && adopted.contains("left as it is"), "{adopted}");
}

#[tokio::test]
async fn a_destruction_that_aws_would_refuse_is_refused_before_the_first_call() {
    let (shop, _tls) = shop();
    let iam = shop.aws().client(aws_sdk_iam::Client::new).await;
    let role = shop.records()[&"function.take/role".parse().unwrap()].key.clone();
    iam.create_instance_profile().instance_profile_name("machines").send().await.unwrap();
    let add = iam.add_role_to_instance_profile().instance_profile_name("machines");
    add.role_name(&role).send().await.unwrap();
    let records = shop.records();
    let refused = shop.run(&["destroy", "--auto-approve", "--empty-buckets"]).fails(6);
    assert!(refused.stderr.contains("the instance profile machines"), "{refused}");
    assert_eq!(shop.living(&records).await.len(), records.len(), "nothing has gone");
    let leave = iam.remove_role_from_instance_profile().instance_profile_name("machines");
    leave.role_name(&role).send().await.unwrap();
    shop.run(&["destroy", "--auto-approve", "--empty-buckets"]).success();
}

#[tokio::test]
async fn what_an_api_and_its_stage_have_besides_is_named_and_no_variable_s_value_is() {
    let (shop, _tls) = shop();
    let client = shop.aws().client(aws_sdk_apigateway::Client::new).await;
    let apis = client.get_rest_apis().send().await.unwrap().items.unwrap();
    let api = apis.into_iter().find(|api| api.name() == Some("acme-shop-dev-orders")).unwrap().id.unwrap();
    let stages = client.get_stages().rest_api_id(&api).send().await.unwrap().item.unwrap();
    let stage = stages.into_iter().next().unwrap().stage_name.unwrap();
    let replaced = |path: &str, value: &str| {
        apigateway::PatchOperation::builder().op(apigateway::Op::Replace).path(path).value(value).build()
    };
    let call = client.update_stage().rest_api_id(&api).stage_name(&stage);
    call.patch_operations(replaced("/cacheClusterEnabled", "true"))
        .patch_operations(replaced("/cacheClusterSize", "0.5"))
        .patch_operations(replaced("/*/*/caching/enabled", "true"))
        .patch_operations(replaced("/*/*/logging/dataTrace", "true"))
        .patch_operations(replaced("/*/*/logging/loglevel", "INFO"))
        .patch_operations(replaced("/variables/backend", "a-secret-value"))
        .send()
        .await
        .unwrap();
    let kind = apigateway::GatewayResponseType::Default4Xx;
    let call = client.put_gateway_response().rest_api_id(&api).response_type(kind).status_code("200");
    call.send().await.unwrap();
    let call = client.create_authorizer().rest_api_id(&api).name("who").r#type(apigateway::AuthorizerType::Token);
    let uri = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:f/invocations";
    let call = call.authorizer_uri(uri).identity_source("method.request.header.Authorization");
    call.send().await.unwrap();
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Sid":"open","Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":"*"}]}"#;
    let call = client.update_rest_api().rest_api_id(&api).patch_operations(replaced("/policy", policy));
    call.send().await.unwrap();
    let named = named(&shop);
    for (address, what) in [
        ("api.orders/stage", "cache (changes-data)"),
        ("api.orders/stage", "logging of whole requests (takes-out)"),
        ("api.orders/stage", "execution logging (costs)"),
        ("api.orders/stage", "stage variables (changes-data)"),
        ("api.orders", "gateway responses (changes-data)"),
        ("api.orders", "authorizers (lets-in)"),
        ("api.orders", "resource policy (lets-in)"),
    ] {
        assert!(named.contains(&format!("{address}: {what}")), "{what}: {named:?}");
    }
    let output = shop.run(&["drift", "--json"]).fails(5).to_string();
    assert!(output.contains("backend") && !output.contains("a-secret-value"), "{output}");
}

#[tokio::test]
async fn where_a_table_streams_to_is_named_and_a_revert_says_that_it_leaves_it() {
    let (shop, _tls) = shop();
    let dynamodb = shop.aws().client(aws_sdk_dynamodb::Client::new).await;
    let stream = format!("arn:aws:kinesis:eu-west-1:{}:stream/acme-shop-dev-clicks", shop.account.id);
    let call = dynamodb.enable_kinesis_streaming_destination().table_name("acme-shop-dev-carts").stream_arn(stream);
    call.send().await.unwrap();
    let insights = aws_sdk_dynamodb::types::ContributorInsightsAction::Enable;
    let call = dynamodb.update_contributor_insights().table_name("acme-shop-dev-carts");
    call.contributor_insights_action(insights).send().await.unwrap();
    let named = named(&shop);
    for what in ["Kinesis streaming (takes-out)", "contributor insights (costs)"] {
        assert!(named.contains(&format!("table.carts: {what}")), "{what}: {named:?}");
    }
    // A revert and an acceptance say that they do nothing about it, and what does.
    let reverted = shop.run(&["drift", "--revert", "--out", "revert.json", "table.carts"]);
    let kept = "aws dynamodb disable-kinesis-streaming-destination undoes it";
    assert!(reverted.stderr.contains(kept), "{reverted}");
    let accepted = shop.run(&["drift", "--accept", "--auto-approve", "table.carts"]).fails(5);
    assert!(accepted.stderr.contains(kept), "{accepted}");
}
