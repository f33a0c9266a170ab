//! `drift --explain`: who changed what, as CloudTrail remembers it.

use std::collections::BTreeSet;

use aws_sdk_kinesis::config::AppName;
use insta::assert_snapshot;
use serde_json::{Value, json};

use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};
use crate::support::proxy::Failure;
use crate::support::witness::Recording;

/// Everything is allowed.
fn everything() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
}

/// MiniStack records the calls that it gets.
#[tokio::test]
async fn who_changed_a_value_is_told_and_pipectl_is_not_taken_for_somebody_else() {
    let _sends =
        Recording::of("e2e::explaining::who_changed_a_value_is_told_and_pipectl_is_not_taken_for_somebody_else");
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let (stream, group) = ("acme-clickstream-dev-clicks", "/aws/kinesisfirehose/acme-clickstream-dev-clicks");
    let ann = deployment.account.as_user("ann", &[everything()]).await.aws();
    let console = AppName::new("console").unwrap();
    let kinesis = ann.client(aws_sdk_kinesis::Client::new).await;
    let kinesis = aws_sdk_kinesis::Client::from_conf(kinesis.config().to_builder().app_name(console.clone()).build());
    let logs = ann.client(aws_sdk_cloudwatchlogs::Client::new).await;
    let logs = aws_sdk_cloudwatchlogs::Client::from_conf(logs.config().to_builder().app_name(console).build());

    let longer = async |hours| {
        let call = kinesis.increase_stream_retention_period().stream_name(stream).retention_period_hours(hours);
        call.send().await.unwrap();
    };
    longer(48).await;
    longer(72).await;
    logs.put_retention_policy().log_group_name(group).retention_in_days(3).send().await.unwrap();
    // Its own clients call themselves pipectl.
    deployment.change("topic.alerts", |live| live["display_name"] = json!("Theirs")).await;

    let json = deployment.run(&["drift", "--explain", "--json"]).fails(5).json();
    let told = |address: &str| {
        let drifted = json["drifted"].as_array().unwrap().iter().find(|one| one["address"] == address).unwrap();
        drifted["traces"][0].clone()
    };
    let [by_stream, by_group, by_us] =
        ["stream.clicks", "firehose.clicks/log-group", "topic.alerts"].map(|address| told(address)["events"].clone());
    // The last of the two calls, and the group by the name of the call, as it is no resource in the trail.
    for (events, name) in [(by_stream, "kinesis:IncreaseStreamRetentionPeriod"), (by_group, "logs:PutRetentionPolicy")]
    {
        assert_eq!(events.as_array().unwrap().len(), 1, "{events}");
        assert_eq!(events[0]["name"], name);
        assert!(events[0]["agent"].as_str().unwrap().contains("app/console"), "{events}");
        assert!(events[0]["by"].as_str().unwrap().starts_with("arn:aws:iam::"), "{events}");
    }
    assert_eq!(by_us, json!([]));

    // Once undone, it is nobody's any more, also where somebody goes on.
    deployment.run(&["drift", "--revert", "--auto-approve"]).success();
    longer(96).await;
    let again = deployment.run(&["drift", "--explain"]).fails(5);
    assert!(again.stdout.contains("retention_hours  24 → 96\n        by arn:aws:iam::"), "{again}");
}

#[tokio::test]
async fn what_cloudtrail_says_is_told_in_full_and_tamed_on_ministack() {
    what_cloudtrail_says_is_told_in_full_and_tamed(emulator::ministack()).await;
}

#[tokio::test]
async fn what_cloudtrail_says_is_told_in_full_and_tamed_on_moto() {
    what_cloudtrail_says_is_told_in_full_and_tamed(emulator::moto()).await;
}

/// Neither records as AWS does: the replies are AWS's, as its user guide shows them.
async fn what_cloudtrail_says_is_told_in_full_and_tamed(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "dev").await;
    deployment.change("stream.clicks", |live| live["retention_hours"] = json!(72)).await;
    deployment.change("stream.clicks", |live| live["tags"]["owner"] = json!("ann")).await;
    deployment.change("topic.alerts", |live| live["display_name"] = json!("Theirs")).await;
    let more = |live: &mut Value| live["policies"]["more"] = live["policies"]["delivery"].clone();
    deployment.change("firehose.clicks/role", more).await;
    deployment.delete("alarm.delivery").await;

    deployment.remembers_calls();
    deployment.proxy.take_calls();

    let these = ["stream.clicks", "topic.alerts", "alarm.delivery", "firehose.clicks/role"];
    let explained = deployment.run(&[&["drift", "--explain"], &these[..]].concat());
    insta::allow_duplicates! {
        assert_snapshot!(explained.fails(5), @r#"
        --- stdout
        dev ([ACCOUNT], eu-west-1): 4 resources changed outside pipectl.

          alarm.delivery  AWS::CloudWatch::Alarm  acme-clickstream-dev-delivery
              missing: the next apply makes it again
                by arn:aws:sts::123456789012:assumed-role/admin/eve on [TIME]: DeleteAlarms from 203.0.113.7 with aws-cli/2.31.0
          firehose.clicks/role  AWS::IAM::Role  acme-clickstream-dev-clicks-firehose
              policies.more  see IAM statements
                by arn:aws:sts::123456789012:assumed-role/admin/dee on [TIME]: PutRolePolicy from 203.0.113.7 with aws-cli/2.31.0
          stream.clicks  AWS::Kinesis::Stream  acme-clickstream-dev-clicks
              retention_hours  24 → 72
                by arn:aws:sts::123456789012:assumed-role/admin/ann\u{1b}[31m on [TIME]: IncreaseStreamRetentionPeriod from 203.0.113.7 with aws-cli/2.31.0
              tags.owner  (none) → "ann"
                by one of arn:aws:sts::123456789012:assumed-role/admin/bob on [TIME]: TagResource from 203.0.113.7 with aws-cli/2.31.0
                       or arn:aws:sts::123456789012:assumed-role/admin/cy on [TIME]: TagResource from 203.0.113.7 with aws-cli/2.31.0
          topic.alerts  AWS::SNS::Topic  acme-clickstream-dev-alerts
              display_name  "" → "Theirs"
                by nobody whom CloudTrail remembers

        `pipectl plan` shows what the next apply would change back. `drift --revert` undoes this alone, `drift --accept`
        writes it into the spec.
        What was deleted cannot be accepted: if it is to stay so, take what makes it out of the spec, and the next
        apply forgets it.
        --- stderr
        asking CloudTrail, which answers twice a second …
        --- exit code 5
        "#);
    }
    let calls = deployment.proxy.take_calls();
    let lookups = calls.0.iter().filter(|call| call.operation.name == "LookupEvents");
    let regions: BTreeSet<String> = lookups.filter_map(|call| call.region.clone()).collect();
    // IAM's calls are recorded in one region.
    assert_eq!(regions, ["eu-west-1", "us-east-1"].map(str::to_owned).into());
}

impl Deployment {
    /// Lets the trail tell of calls: some tied to their resource, and one that is found only by its name.
    fn remembers_calls(&self) {
        let (stream, role, alarm) =
            ["clicks", "clicks-firehose", "delivery"].map(|name| format!("acme-clickstream-dev-{name}")).into();
        let more = |by: &str, minute: u32, hours: u32| {
            let request = json!({"streamName": stream, "retentionPeriodHours": hours});
            record(minute, "kinesis", "IncreaseStreamRetentionPeriod", by, &request)
        };
        let (mut read, mut denied) = (more("reader", 59, 72), more("denied", 58, 72));
        read["readOnly"] = json!(true);
        denied["errorCode"] = json!("AccessDenied");
        let arn = json!({"resourceARN": format!("arn:aws:kinesis:eu-west-1:1:stream/{stream}")});
        let tag = |by: &str, minute: u32| record(minute, "kinesis", "TagResource", by, &arn);
        let (later, ann) = (more("later", 31, 48), more("ann\u{1b}[31m", 30, 72));
        self.remembers(&stream, &[read, denied, later, ann, tag("bob", 20), tag("cy", 10)]);
        let request = json!({"roleName": role, "policyName": "more"});
        self.remembers(&role, &[record(12, "iam", "PutRolePolicy", "dee", &request)]);
        let request = json!({"alarmNames": [alarm]});
        self.remembers("DeleteAlarms", &[record(7, "monitoring", "DeleteAlarms", "eve", &request)]);
        self.remembers("", &[]);
    }

    /// What the trail answers to look-ups of something.
    fn remembers(&self, what: &str, records: &[Value]) {
        let event = |record: &Value| json!({"EventName": record["eventName"], "CloudTrailEvent": record.to_string()});
        let reply = json!({"Events": records.iter().map(event).collect::<Vec<_>>()});
        let mention = if what.is_empty() { String::new() } else { format!("\"{what}\"") };
        self.proxy.on("cloudtrail:LookupEvents").mentioning(&mention).answer(&reply);
    }
}

/// A record as in CloudTrail's user guide.
fn record(minute: u32, service: &str, name: &str, by: &str, request: &Value) -> Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": {"type": "AssumedRole", "arn": format!("arn:aws:sts::123456789012:assumed-role/admin/{by}")},
        "eventTime": format!("2026-11-20T09:{minute:02}:44Z"),
        "eventSource": format!("{service}.amazonaws.com"),
        "eventName": name,
        "awsRegion": "eu-west-1",
        "sourceIPAddress": "203.0.113.7",
        "userAgent": "aws-cli/2.31.0 md/awscrt#0.27.6 ua/2.1 os/linux#6.1",
        "requestParameters": request,
        "readOnly": false,
    })
}

#[tokio::test]
async fn drift_is_shown_all_the_same_where_nobody_may_ask_who_it_was() {
    let deployment = Deployment::applied(emulator::ministack(), "dev").await;
    let none = deployment.run(&["drift", "--explain"]).success();
    assert_eq!(deployment.proxy.take_calls().of("cloudtrail:LookupEvents"), 0, "{none}");
    deployment.change("topic.alerts", |live| live["display_name"] = json!("Theirs")).await;
    deployment.proxy.on("cloudtrail:LookupEvents").fail(Failure::Denied);
    let shown = deployment.run(&["drift", "--explain"]).fails(5);
    assert!(shown.stdout.contains("display_name  \"\" → \"Theirs\""), "{shown}");
    let said = "warning: who changed it cannot be told: cloudtrail LookupEvents";
    assert!(shown.stderr.contains(said) && shown.stderr.contains("pipectl deploy-policy"), "{shown}");
    let json = deployment.run(&["drift", "--explain", "--json"]).fails(5).json();
    assert!(json["unexplained"].as_str().unwrap().contains("AccessDenied"), "{json}");
    assert_eq!(json["drifted"][0].get("traces"), None);
}
