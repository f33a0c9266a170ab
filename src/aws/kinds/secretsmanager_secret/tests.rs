//! A secret is made with its value or not at all; a deleted one of ours is brought back, and nobody else's.

use crate::catalog::ResourceType as _;
use crate::catalog::secretsmanager_secret::Generated;
use crate::model::tags::Tags;
use serde_json::{Value, json};

use super::*;
use crate::aws::scripted::{Reply, Scripted, broken, done, ok, refused, step};

const DESCRIBE: &str = "DescribeSecret";
const MAKE: &str = "CreateSecret";
const RANDOM: &str = "GetRandomPassword";
const PUT: &str = "PutSecretValue";
const RESTORE: &str = "RestoreSecret";
const DELETE: &str = "DeleteSecret";

fn secret(from: Origin) -> Spec {
    Spec {
        name: "weather".into(),
        description: String::new(),
        kms_key: None,
        has_value: true,
        value_from: Some(from),
        recovery_days: 30,
        tags: Tags::new(),
    }
}

fn from_variable() -> Spec {
    secret(Origin::Variable("WEATHER_KEY".into()))
}

fn generated() -> Spec {
    secret(Origin::Generated(Generated { length: 20, punctuation: false }))
}

fn absent() -> Reply {
    refused(DESCRIBE, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
}

/// What is told of a deleted secret that belongs to an environment.
fn deleted(env: &str) -> Value {
    let tags = [("pipectl:project", "acme"), ("pipectl:env", env), ("pipectl:recovery-days", "7")];
    let tags = tags.map(|(key, value)| json!({ "Key": key, "Value": value }));
    json!({ "ARN": "arn", "Name": "weather", "DeletedDate": 1_790_000_000, "Tags": tags })
}

/// An AWS that answers so, in whose hands the variable's value is.
async fn given(service: &Scripted) -> Aws {
    let aws = service.aws().await;
    aws.secrets().give("WEATHER_KEY", "s3cret".to_owned().into());
    aws
}

#[tokio::test]
async fn it_is_made_with_its_value() {
    let service = Scripted::new([absent(), done(MAKE)]);
    Secret::create(&given(&service).await, &from_variable(), &step()).await.unwrap();
    assert_eq!(service.last(MAKE)["SecretString"], "s3cret");
    let service = Scripted::new([absent(), ok(RANDOM, json!({ "RandomPassword": "xyz" })), done(MAKE)]);
    Secret::create(&service.aws().await, &generated(), &step()).await.unwrap();
    assert_eq!(service.last(RANDOM), json!({ "PasswordLength": 20, "ExcludePunctuation": true }));
    assert_eq!(service.last(MAKE)["SecretString"], "xyz");
}

#[tokio::test(start_paused = true)]
async fn a_call_whose_reply_was_lost_is_made_again_with_the_same_token() {
    let service = Scripted::new([absent(), broken(MAKE), done(MAKE), broken(PUT), done(PUT)]);
    let aws = given(&service).await;
    Secret::create(&aws, &from_variable(), &step()).await.unwrap();
    let without = Spec { has_value: false, ..from_variable() };
    Secret::update(&aws, &without, &from_variable(), &step()).await.unwrap();
    let (made, put) = (service.all(MAKE, "ClientRequestToken"), service.all(PUT, "ClientRequestToken"));
    assert_eq!((made.len(), made[0].len(), &made[0]), (2, 36, &made[1]));
    assert_eq!((put.len(), &put[0]), (2, &put[1]));
    assert_ne!(made[0], put[0], "another call has another token");
}

#[tokio::test]
async fn it_is_not_made_without() {
    let service = Scripted::new([absent()]);
    let error = Secret::create(&service.aws().await, &from_variable(), &step()).await.unwrap_err();
    assert!(error.message.contains("WEATHER_KEY"), "{error}");
    assert_eq!(service.operations(), [DESCRIBE]);
}

#[tokio::test]
async fn one_of_ours_that_was_deleted_is_brought_back_with_the_new_value() {
    let service = Scripted::new([ok(DESCRIBE, deleted("test")), done(RESTORE), done(PUT)]);
    Secret::create(&given(&service).await, &from_variable(), &step()).await.unwrap();
    assert_eq!(service.operations(), [DESCRIBE, RESTORE, PUT]);
    assert_eq!(service.last(PUT)["SecretString"], "s3cret");
}

#[tokio::test]
async fn one_that_was_made_up_keeps_its_value() {
    let service = Scripted::new([ok(DESCRIBE, deleted("test")), done(RESTORE)]);
    Secret::create(&service.aws().await, &generated(), &step()).await.unwrap();
    assert_eq!(service.operations(), [DESCRIBE, RESTORE]);
}

#[tokio::test]
async fn somebody_elses_that_was_deleted_stays() {
    let service = Scripted::new([ok(DESCRIBE, deleted("prod"))]);
    let error = Secret::create(&given(&service).await, &from_variable(), &step()).await.unwrap_err();
    assert_eq!((error.class, service.operations()), (Class::InUse, vec![DESCRIBE.to_owned()]));
    assert!(error.message.contains("restore-secret"), "{error}");
}

#[tokio::test]
async fn one_without_a_value_gets_one_and_another_value_is_left_alone() {
    let now = |has_value| Spec { has_value, ..from_variable() };
    let service = Scripted::new([done(PUT)]);
    Secret::update(&given(&service).await, &now(false), &now(true), &step()).await.unwrap();
    assert_eq!(service.last(PUT)["SecretString"], "s3cret");
    let service = Scripted::new([]);
    Secret::update(&given(&service).await, &now(true), &now(true), &step()).await.unwrap();
}

#[tokio::test]
async fn a_deletion_whose_reply_was_lost_has_happened() {
    let alive = ok(DESCRIBE, json!({ "ARN": "arn", "Name": "weather" }));
    let twice = refused(DELETE, "InvalidRequestException", "already scheduled for deletion");
    let service = Scripted::new([alive.clone(), twice.clone(), ok(DESCRIBE, deleted("test"))]);
    Secret::delete(&service.aws().await, "weather", &step()).await.unwrap();
    assert_eq!(service.last(DELETE)["RecoveryWindowInDays"], 30);
    // Refused for another reason, it is an error.
    let service = Scripted::new([alive.clone(), twice, alive]);
    Secret::delete(&service.aws().await, "weather", &step()).await.unwrap_err();
}

#[test]
fn what_a_deletion_and_a_creation_mean_is_said() {
    let said = |now: Option<&Spec>, want: Option<&Spec>| Secret::warnings(now, want).join(" ");
    let (kept, lost) = (from_variable(), Spec { recovery_days: 0, ..generated() });
    assert!(said(Some(&kept), None).contains("30 days") && said(Some(&lost), None).contains("lost for good"));
    assert!(said(None, Some(&kept)).contains("WEATHER_KEY"));
    assert_eq!(said(None, Some(&lost)), "");
    assert_eq!(said(Some(&kept), Some(&kept)), "");
    assert!(said(Some(&Spec { has_value: false, ..kept.clone() }), Some(&kept)).contains("WEATHER_KEY"));
}
