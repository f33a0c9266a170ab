//! What answers show beyond attributes, as AWS's documents have them: for what emulators lose.

use std::collections::HashMap;

use aws_sdk_cloudwatch::types::{MetricAlarm, StandardUnit};
use aws_sdk_cloudwatchlogs::types::{DataProtectionStatus, LogGroup, LogGroupClass};
use aws_sdk_dynamodb::types::{ReplicaDescription, TableDescription};
use aws_sdk_lambda::types as lambda;
use serde_json::json;

use super::*;
use crate::aws::Observed as _;
use crate::aws::scripted::{Scripted, ok, refused, xml};
use crate::catalog::iam_user::{self, User};
use crate::catalog::secretsmanager_secret::{self as secret, Secret};
use crate::model::unmodelled::Owned;

/// `layers = arn:l` of each.
fn said(found: &[Unmodelled]) -> Vec<String> {
    found.iter().map(|one| format!("{} = {}", one.what, one.value)).collect()
}

#[test]
fn a_function_s_ipv6_and_dead_letters_show_and_the_usual_does_not() {
    let usual = lambda::FunctionConfiguration::builder()
        .ephemeral_storage(lambda::EphemeralStorage::builder().size(512).build().unwrap())
        .package_type(lambda::PackageType::Zip)
        .snap_start(lambda::SnapStartResponse::builder().apply_on(lambda::SnapStartApplyOn::None).build())
        .vpc_config(lambda::VpcConfigResponse::builder().vpc_id("").ipv6_allowed_for_dual_stack(false).build())
        .build();
    assert_eq!(said(&super::lambda::shown_of_function(&usual)), [""; 0]);
    let live = lambda::FunctionConfiguration::builder()
        .vpc_config(lambda::VpcConfigResponse::builder().vpc_id("vpc-1").ipv6_allowed_for_dual_stack(true).build())
        .dead_letter_config(lambda::DeadLetterConfig::builder().target_arn("arn:q").build())
        .build();
    let expected = ["IPv6 in its VPC = allowed", "dead-letter target = arn:q"];
    assert_eq!(said(&super::lambda::shown_of_function(&live)), expected);
}

#[test]
fn the_key_of_a_filter_shows_and_that_it_hides_the_filter() {
    let live = lambda::EventSourceMappingConfiguration::builder()
        .kms_key_arn("arn:k")
        .filter_criteria_error(lambda::FilterCriteriaError::builder().build())
        .build();
    assert_eq!(said(&super::lambda::shown_of_mapping(&live)), ["KMS key of the filter = arn:k, which hides it"]);
}

#[test]
fn a_statement_that_allows_more_than_its_own_shows() {
    let own = json!({
        "Principal": { "Service": "events.amazonaws.com" }, "Action": "lambda:InvokeFunction",
        "Condition": { "ArnLike": { "AWS:SourceArn": "arn:r" } },
    });
    assert_eq!(said(&super::lambda::shown_of_permission(&own)), [""; 0]);
    let mut wide = own.clone();
    wide["Action"] = json!("lambda:*");
    assert_eq!(said(&super::lambda::shown_of_permission(&wide)), ["actions beyond lambda:InvokeFunction = lambda:*"]);
}

#[test]
fn what_a_whole_write_takes_away_is_marked_as_that() {
    let alarm = MetricAlarm::builder().unit(StandardUnit::Seconds).build();
    let target = json!({
        "Id": "a", "Arn": "arn:f",
        "InputTransformer": { "InputTemplate": "<a>" }, "DeadLetterConfig": { "Arn": "arn:q" },
    });
    let target = serde_json::from_value(target).unwrap();
    let found = [cloudwatch::shown_of_alarm(&alarm), events::shown_of_target(&target)].concat();
    let expected =
        ["unit = Seconds", "settings of a target = a: input transformer", "dead-letter queue of a target = a: arn:q"];
    assert_eq!(said(&found), expected);
    assert!(found.iter().all(|one| one.overwritten));
}

#[test]
fn a_group_s_class_and_protection_show() {
    let live = LogGroup::builder()
        .log_group_class(LogGroupClass::InfrequentAccess)
        .data_protection_status(DataProtectionStatus::Activated)
        .deletion_protection_enabled(true)
        .metric_filter_count(2)
        .build();
    let expected = [
        "log class = INFREQUENT_ACCESS",
        "data protection policy = ACTIVATED",
        "deletion protection = on",
        "metric filters = 2",
    ];
    assert_eq!(said(&logs::shown_of_group(&live)), expected);
    assert_eq!(said(&logs::shown_of_group(&LogGroup::builder().metric_filter_count(0).build())), [""; 0]);
}

#[test]
fn a_table_s_replicas_and_a_topic_s_feedback_show() {
    let table = TableDescription::builder().replicas(ReplicaDescription::builder().region_name("us-east-1").build());
    assert_eq!(said(&dynamodb::shown_of_table(&table.build())), ["replicas = us-east-1"]);
    let attributes = HashMap::from([
        ("SQSFailureFeedbackRoleArn".to_owned(), "arn:r".to_owned()),
        ("DeliveryPolicy".to_owned(), "{}".to_owned()),
        ("TracingConfig".to_owned(), "PassThrough".to_owned()),
    ]);
    let expected = ["delivery policy = {}", "delivery status logging = SQSFailure"];
    assert_eq!(said(&sns::shown_of_topic(&attributes)), expected);
}

#[tokio::test(start_paused = true)]
async fn every_way_in_as_a_user_is_looked_at() {
    let key = "<member><AccessKeyId>AKIA1</AccessKeyId><Status>Active</Status></member>";
    let ssh = "<member><UserName>u</UserName><SSHPublicKeyId>APKA1</SSHPublicKeyId><Status>Active</Status>\
               <UploadDate>2026-01-01T00:00:00Z</UploadDate></member>";
    let service = Scripted::new([
        xml("ListAccessKeys", &format!("<AccessKeyMetadata>{key}</AccessKeyMetadata><IsTruncated>false</IsTruncated>")),
        xml("ListGroupsForUser", "<Groups></Groups><IsTruncated>false</IsTruncated>"),
        xml(
            "GetLoginProfile",
            "<LoginProfile><UserName>u</UserName><CreateDate>2026-01-01T00:00:00Z</CreateDate></LoginProfile>",
        ),
        xml("ListSSHPublicKeys", &format!("<SSHPublicKeys>{ssh}</SSHPublicKeys><IsTruncated>false</IsTruncated>")),
        xml("ListSigningCertificates", "<Certificates></Certificates><IsTruncated>false</IsTruncated>"),
        xml("ListServiceSpecificCredentials", "<ServiceSpecificCredentials></ServiceSpecificCredentials>"),
    ]);
    let user: iam_user::Spec = serde_json::from_value(json!({ "name": "u" })).unwrap();
    let (aws, owned) = (service.aws().await, Owned::default());
    let look = Box::pin(User::look_closer(&aws, &user, &owned)).await;
    let expected = ["other access keys = AKIA1 (Active)", "console password = there is one", "SSH public keys = APKA1"];
    assert_eq!(said(&look.found), expected);
    assert_eq!(look.blind, []);
}

#[tokio::test(start_paused = true)]
async fn a_secret_s_policy_is_told_statement_by_statement_and_a_denial_is_no_error() {
    let policy = r#"{"Statement":[{"Sid":"other","Effect":"Allow","Principal":{"AWS":"arn:aws:iam::9:root"},"Action":"secretsmanager:GetSecretValue"}]}"#;
    let service = Scripted::new([
        ok("GetResourcePolicy", json!({ "ResourcePolicy": policy })),
        refused("GetResourcePolicy", "AccessDeniedException", "no"),
    ]);
    let (aws, spec) = (service.aws().await, json!({ "name": "s" }));
    let spec: secret::Spec = serde_json::from_value(spec).unwrap();
    let look = Secret::look_closer(&aws, &spec, &Owned::default()).await;
    let expected = ["resource policy = other: arn:aws:iam::9:root may secretsmanager:GetSecretValue"];
    assert_eq!(said(&look.found), expected);
    let look = Secret::look_closer(&aws, &spec, &Owned::default()).await;
    assert_eq!((look.found.len(), look.blind[0].why.as_str()), (0, "needs secretsmanager:GetResourcePolicy"));
}

#[test]
fn a_statement_of_ours_is_none_of_others_and_a_public_one_says_so() {
    let policy = r#"{"Statement": [
        {"Sid": "schedule", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "lambda:InvokeFunction"},
        {"Sid": "public", "Effect": "Allow", "Principal": "*", "Action": ["lambda:InvokeFunction"]},
        {"Effect": "Allow", "Principal": {"AWS": ["arn:1", "arn:2"]}, "Action": "a:b", "Condition": {"Bool": {"x": "y"}}}
    ]}"#;
    let others = statements(policy, |sid| sid == "schedule");
    let unnamed = "a statement without a name: arn:1, arn:2 may a:b under a condition";
    assert_eq!(others, ["public: * may lambda:InvokeFunction", unnamed]);
}
