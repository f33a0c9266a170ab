//! What a CloudFormation stack has made, imported from the stack's name alone.

use pipectl::aws::discovery::AwsDiscovery;
use pipectl::aws::kinds;
use pipectl::import::cloudformation::stack;
use pipectl::model::kind::Kind;
use serde_json::{Value, json};

use super::left;
use crate::support::cli::Cli;
use crate::support::deployment::REGION;
use crate::support::emulator::{self, Account};
use crate::support::unsigned::post;
use crate::support::witness::Recording;

/// A pipeline as it is often written, with a function beside it.
fn template(account: &Account) -> Value {
    let bucket = account.unique("landing");
    let resource = |kind: &str, properties: Value| json!({"Type": kind, "Properties": properties});
    let trust = |service: &str| {
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": service}}]})
    };
    let statement =
        json!({"Effect": "Allow", "Action": ["s3:PutObject"], "Resource": format!("arn:aws:s3:::{bucket}/*")});
    let arn = |id: &str| json!({"Fn::GetAtt": [id, "Arn"]});
    json!({"Resources": {
        "Clicks": resource("AWS::Kinesis::Stream", json!({"Name": "clicks", "ShardCount": 1})),
        "Landing": resource("AWS::S3::Bucket", json!({"BucketName": bucket})),
        "Role": resource("AWS::IAM::Role", json!({"RoleName": "delivery",
            "AssumeRolePolicyDocument": trust("firehose.amazonaws.com")})),
        "RolePolicy": resource("AWS::IAM::Policy", json!({"PolicyName": "deliver", "Roles": [{"Ref": "Role"}],
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}})),
        "Group": resource("AWS::Logs::LogGroup", json!({"LogGroupName": "/clicks", "RetentionInDays": 7})),
        "Log": resource("AWS::Logs::LogStream", json!({"LogGroupName": {"Ref": "Group"}, "LogStreamName": "S3"})),
        "Delivery": resource("AWS::KinesisFirehose::DeliveryStream", json!({
            "DeliveryStreamName": "clicks", "DeliveryStreamType": "KinesisStreamAsSource",
            "KinesisStreamSourceConfiguration": {"KinesisStreamARN": arn("Clicks"), "RoleARN": arn("Role")},
            "ExtendedS3DestinationConfiguration": {"BucketARN": arn("Landing"), "RoleARN": arn("Role"),
                "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 60}, "CompressionFormat": "UNCOMPRESSED",
                "CloudWatchLoggingOptions": {"Enabled": true, "LogGroupName": "/clicks", "LogStreamName": "S3"}},
        })),
        "Alerts": resource("AWS::SNS::Topic", json!({"TopicName": "alerts"})),
        "Mail": resource("AWS::SNS::Subscription", json!({"TopicArn": {"Ref": "Alerts"}, "Protocol": "email",
            "Endpoint": "oncall@example.com"})),
        "Fails": resource("AWS::CloudWatch::Alarm", json!({"AlarmName": "fails", "Namespace": "AWS/Firehose",
            "MetricName": "DeliveryToS3.Success", "Dimensions": [{"Name": "DeliveryStreamName", "Value": "clicks"}],
            "Statistic": "Average", "Period": 300, "EvaluationPeriods": 3, "Threshold": 0.95,
            "ComparisonOperator": "LessThanThreshold", "AlarmActions": [{"Ref": "Alerts"}]})),
        "Buffer": resource("AWS::SQS::Queue", json!({"QueueName": "buffer"})),
    }})
}

async fn create(account: &Account, name: &str, template: &Value) {
    let body = form_urlencoded::Serializer::new(String::new())
        .append_pair("Action", "CreateStack")
        .append_pair("Version", "2010-05-15")
        .append_pair("StackName", name)
        .append_pair("TemplateBody", &template.to_string())
        .append_pair("Capabilities.member.1", "CAPABILITY_NAMED_IAM")
        .finish();
    let headers = "Content-Type: application/x-www-form-urlencoded\r\n";
    post(account, "cloudformation", headers, &body).await;
}

#[tokio::test]
async fn a_stack_leads_to_all_that_it_made() {
    let account = emulator::ministack().account().in_region(REGION);
    create(&account, "acme", &template(&account)).await;
    let aws = account.aws();
    let scope = aws.scope().await.unwrap().clone();
    let registry = kinds::registry(&aws);
    let kinds = |aws_type: &str| registry.iter().find(|kind| kind.aws_type() == aws_type).map(Kind::name);
    let wiring = stack(&AwsDiscovery::new(&aws), &scope, &kinds, "acme", &|_| {}).await.unwrap();
    let found: Vec<String> = wiring.found.iter().map(|it| format!("{} = {} {}", it.source, it.kind, it.key)).collect();
    insta::assert_snapshot!(found.join("\n").replace(&account.id, "[ACCOUNT]"), @r"
    Alerts of stack acme = sns_topic alerts
    Buffer of stack acme = sqs_queue buffer
    Clicks of stack acme = kinesis_stream clicks
    Fails of stack acme = cloudwatch_alarm fails
    Group of stack acme = logs_group /clicks
    Landing of stack acme = s3_bucket landing-[ACCOUNT]
    Role of stack acme = iam_role delivery
    Delivery of stack acme = firehose_delivery_stream clicks
    Log of stack acme = logs_stream /clicks|S3
    Mail of stack acme = sns_subscription arn:aws:sns:eu-west-1:[ACCOUNT]:alerts|email|oncall@example.com
    ");
    insta::assert_snapshot!(left(&wiring).join("\n"), @r"
    RolePolicy of stack acme: it is a part of the roles and users that have it, and is read with them
    ");
}

#[tokio::test]
async fn an_imported_stack_is_adopted_and_it_is_said_how_cloudformation_lets_go() {
    let _sends =
        Recording::of("wiring::stacks::an_imported_stack_is_adopted_and_it_is_said_how_cloudformation_lets_go");
    let account = emulator::ministack().account().in_region(REGION);
    create(&account, "acme", &template(&account)).await;
    let cli = Cli::new().against(&account);
    let import = ["import", "--env", "dev", "--project", "acme", "--region", REGION, "--from-cloudformation"];
    let unknown = cli.run(&[&import[..], &["nothing"]].concat()).fails(1);
    assert!(unknown.stderr.contains("Stack [nothing] does not exist"), "{unknown}");
    let imported = cli.run(&[&import[..], &["acme"]].concat()).success();
    // MiniStack answers some closer looks with a listing of the bucket.
    insta::with_settings!({ filters => vec![(r"not looked at:\n(?:  .*\n)+\n", "")] }, {
        insta::assert_snapshot!(imported.stdout.replace(&account.id, "[ACCOUNT]"), @r#"
      found                    becomes
    ──────────────────────────────────────────────────────────────────
      Alerts of stack acme     topic.alerts
      Buffer of stack acme     queue.buffer
      Clicks of stack acme     stream.clicks
      Delivery of stack acme   firehose.clicks
      Fails of stack acme      alarm.fails
      Group of stack acme      firehose.clicks/log-group
      Landing of stack acme    bucket.landing-[ACCOUNT]
      Log of stack acme        firehose.clicks/log-stream
      Mail of stack acme       topic.alerts/email:oncall@example.com

    left out, and goes on existing as it is:
      Role of stack acme: pipectl would change `description` from "" to "Lets Firehose deliver firehose.clicks of dev", `policies.deliver`, `policies.delivery`, `trust.Statement` of its role; `firehose.clicks` works as it (`role`), and leaves it as it is
      RolePolicy of stack acme: it is a part of the roles and users that have it, and is read with them

    wrote envs/dev.toml: 6 blocks

    to take it over:
      pipectl plan --env dev --adopt all

    before the stack is deleted or changed:
      give every resource of the template `DeletionPolicy: Retain` and update the stack acme with that: then
      deleting the stack leaves them all; docs/moving.md has it step by step
        "#);
    });
    let set = ["--set", "state.local=state"];
    let plan = cli.run(&[&["plan", "--env", "dev", "--adopt", "all", "--json"], &set[..]].concat()).success().json();
    let changes = plan["changes"].as_array().unwrap();
    assert!(changes.iter().all(|change| change["action"] == "adopt"), "{plan}");
}

/// Adds a second delivery stream that works as the role of the first and logs where that logs, and a function that reads
/// the stream.
fn crowded(template: &mut Value) {
    let resources = &mut template["Resources"];
    let mut second = resources["Delivery"].clone();
    second["Properties"]["DeliveryStreamName"] = "plain".into();
    resources["Second"] = second;
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": {"Service": "lambda.amazonaws.com"}}]});
    let role = json!({"RoleName": "reader", "AssumeRolePolicyDocument": trust});
    resources["ReaderRole"] = json!({"Type": "AWS::IAM::Role", "Properties": role});
    resources["Reader"] = json!({"Type": "AWS::Lambda::Function", "Properties": {"FunctionName": "reader",
        "Runtime": "python3.13", "Handler": "index.handler", "Role": {"Fn::GetAtt": ["ReaderRole", "Arn"]},
        "Code": {"ZipFile": "def handler(event, context): pass"}}});
    resources["Reads"] = json!({"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"FunctionName": "reader",
        "EventSourceArn": {"Fn::GetAtt": ["Clicks", "Arn"]}, "StartingPosition": "LATEST"}, "DependsOn": ["Reader"]});
}

#[tokio::test]
async fn delivery_streams_that_share_a_role_are_taken_together_and_what_exists_is_not_said_to_be_gone() {
    let account = emulator::ministack().account().in_region(REGION);
    let mut template = template(&account);
    crowded(&mut template);
    create(&account, "crowd", &template).await;
    let cli = Cli::new().against(&account);
    let import = ["import", "--env", "dev", "--project", "acme", "--region", REGION, "--from-cloudformation", "crowd"];
    let imported = cli.run(&import).success();
    let members: Vec<&str> = imported.stdout.lines().filter(|line| line.contains(" of stack crowd")).collect();
    // The emulator's zip file holds the time.
    insta::with_settings!({ filters => vec![(r"\([A-Za-z0-9+/]{43}=\)", "([SHA-256])")] }, {
        insta::assert_snapshot!(members.join("\n").replace(&account.id, "[ACCOUNT]"));
    });
    let spec = cli.read("envs/dev.toml");
    let role = format!("role = \"arn:aws:iam::{}:role/delivery\"", account.id);
    assert_eq!(spec.matches(&role).count(), 2, "{spec}");
    let set = ["--set", "state.local=state"];
    let plan = cli.run(&[&["plan", "--env", "dev", "--adopt", "all", "--json"], &set[..]].concat()).success().json();
    let changes = plan["changes"].as_array().unwrap();
    assert!(changes.iter().all(|change| change["action"] == "adopt"), "{plan}");
}
