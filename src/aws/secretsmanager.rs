//! What goes over the wire of secrets of Secrets Manager: their values are sent, and never asked for.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::slim::{Call, Json, Nothing, Sealed, Service, Tag, secret};

/// Secrets Manager.
pub(crate) enum SecretsManager {}

impl Service for SecretsManager {
    type Speaks = Json;
    const ID: &'static str = "Secrets Manager";
    const NAME: &'static str = "secretsmanager";
    const OF: &'static str = "secretsmanager";
}

/// What tells a call from every other, so that AWS carries it out once, however often it is sent: it becomes the id of the
/// version that the call makes. By chance and not of the content, which is a secret.
pub(crate) fn token() -> String {
    Uuid::new_v4().to_string()
}

/// Asks for a secret without its value:
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DescribeSecret<'a> {
    /// Its name or its ARN.
    pub(crate) secret_id: &'a str,
}

impl Call for DescribeSecret<'_> {
    type Of = SecretsManager;
    const NAME: &'static str = "DescribeSecret";
    type Reply = Described;
}

/// A secret without its value.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Described {
    #[serde(rename = "ARN")]
    pub(crate) arn: Option<String>,
    pub(crate) description: Option<String>,
    /// None for the key that AWS keeps.
    pub(crate) kms_key_id: Option<String>,
    /// Of one that waits for its end.
    pub(crate) deleted_date: Option<f64>,
    pub(crate) tags: Option<Vec<Tag>>,
    /// The labels of each version.
    pub(crate) version_ids_to_stages: Option<BTreeMap<String, Vec<String>>>,
    // What no attribute models.
    pub(crate) rotation_enabled: Option<bool>,
    #[serde(rename = "RotationLambdaARN")]
    pub(crate) rotation_lambda_arn: Option<String>,
    pub(crate) replication_status: Option<Vec<Replica>>,
    pub(crate) owning_service: Option<String>,
}

impl Described {
    /// The regions that have replicas of it.
    pub(crate) fn replicas(&self) -> impl Iterator<Item = &str> {
        self.replication_status.iter().flatten().filter_map(|replica| replica.region.as_deref())
    }
}

/// A secret in another region.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Replica {
    region: Option<String>,
}

/// Asks for a value that AWS makes up and keeps nowhere:
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetRandomPassword {
    pub(crate) password_length: u32,
    pub(crate) exclude_punctuation: bool,
}

impl Call for GetRandomPassword {
    type Of = SecretsManager;
    const NAME: &'static str = "GetRandomPassword";
    type Reply = Random;
}

/// What GetRandomPassword says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Random {
    #[serde(deserialize_with = "secret")]
    pub(crate) random_password: Option<SecretString>,
}

/// Makes a secret; refused where there is one of the name:
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct CreateSecret<'a> {
    pub(crate) name: &'a str,
    pub(crate) client_request_token: String,
    pub(crate) description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kms_key_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) secret_string: Option<Sealed<'a>>,
    pub(crate) tags: Vec<Tag>,
}

impl Call for CreateSecret<'_> {
    type Of = SecretsManager;
    const NAME: &'static str = "CreateSecret";
    const SECRET: bool = true;
    type Reply = Nothing;
}

/// Changes what is said of a secret: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecret.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UpdateSecret<'a> {
    pub(crate) secret_id: &'a str,
    pub(crate) client_request_token: String,
    pub(crate) description: &'a str,
    /// An empty text is the key that AWS keeps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kms_key_id: Option<&'a str>,
}

impl Call for UpdateSecret<'_> {
    type Of = SecretsManager;
    const NAME: &'static str = "UpdateSecret";
    const SECRET: bool = true;
    type Reply = Nothing;
}

/// Gives a secret another value: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct PutSecretValue<'a> {
    pub(crate) secret_id: &'a str,
    pub(crate) client_request_token: String,
    pub(crate) secret_string: Sealed<'a>,
}

impl Call for PutSecretValue<'_> {
    type Of = SecretsManager;
    const NAME: &'static str = "PutSecretValue";
    const SECRET: bool = true;
    type Reply = Nothing;
}

/// Brings a deleted secret back: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RestoreSecret.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RestoreSecret<'a> {
    pub(crate) secret_id: &'a str,
}

impl Call for RestoreSecret<'_> {
    type Of = SecretsManager;
    const NAME: &'static str = "RestoreSecret";
    type Reply = Nothing;
}

/// Deletes a secret, at once or in some days; one of the two is said:
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct DeleteSecret<'a> {
    pub(crate) secret_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) recovery_window_in_days: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) force_delete_without_recovery: Option<bool>,
}

impl Call for DeleteSecret<'_> {
    type Of = SecretsManager;
    const NAME: &'static str = "DeleteSecret";
    type Reply = Nothing;
}

/// Adds tags, or gives them other values:
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct TagResource<'a> {
    pub(crate) secret_id: &'a str,
    pub(crate) tags: Vec<Tag>,
}

impl Call for TagResource<'_> {
    type Of = SecretsManager;
    const NAME: &'static str = "TagResource";
    type Reply = Nothing;
}

/// Takes tags away: <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_UntagResource.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct UntagResource<'a> {
    pub(crate) secret_id: &'a str,
    pub(crate) tag_keys: &'a [String],
}

impl Call for UntagResource<'_> {
    type Of = SecretsManager;
    const NAME: &'static str = "UntagResource";
    type Reply = Nothing;
}

/// Asks for the policy of a secret:
/// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetResourcePolicy.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct GetResourcePolicy<'a> {
    pub(crate) secret_id: &'a str,
}

impl Call for GetResourcePolicy<'_> {
    type Of = SecretsManager;
    const NAME: &'static str = "GetResourcePolicy";
    type Reply = Policy;
}

/// What GetResourcePolicy says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct Policy {
    pub(crate) resource_policy: Option<String>,
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;
    use crate::aws::slim::tests::is_as_modelled;

    const NAME: &str = "acme/weather";

    #[tokio::test]
    async fn what_is_read_of_secrets_is_as_in_awss_model() {
        let live = is_as_modelled(&DescribeSecret { secret_id: NAME }).await;
        let read = [&live.arn, &live.description, &live.kms_key_id, &live.rotation_lambda_arn, &live.owning_service];
        assert!(read.iter().all(|member| member.is_some()), "a member has another name in AWS: {live:?}");
        assert_eq!((live.deleted_date.is_some(), live.rotation_enabled), (true, Some(true)));
        assert_eq!(live.replicas().collect::<Vec<_>>(), ["x&<é"]);
        let [Tag { key, value }] = live.tags.unwrap().try_into().unwrap();
        assert_eq!([key, value], ["x&<é", "x&<é"]);
        assert_eq!(live.version_ids_to_stages.unwrap()["k"], ["x&<é"]);
        let policy = is_as_modelled(&GetResourcePolicy { secret_id: NAME }).await;
        assert_eq!(policy.resource_policy.unwrap(), "x&<é");
        let random = is_as_modelled(&GetRandomPassword { password_length: 24, exclude_punctuation: true }).await;
        assert!(!format!("{random:?}").contains("x&<é"), "it is printed");
        assert_eq!(random.random_password.unwrap().expose_secret(), "x&<é");
    }

    #[tokio::test]
    async fn what_is_written_of_secrets_is_as_in_awss_model_and_no_value_is_printed() {
        let value = SecretString::from("s3cret");
        let token = || "e".repeat(36);
        let create = CreateSecret {
            name: NAME,
            client_request_token: token(),
            description: "Of the weather",
            kms_key_id: Some("alias/weather"),
            secret_string: Some(Sealed(&value)),
            tags: vec![Tag::new("team", "growth")],
        };
        let put = PutSecretValue { secret_id: NAME, client_request_token: token(), secret_string: Sealed(&value) };
        assert!(!format!("{create:?} {put:?}").contains("s3cret"), "it is printed");
        is_as_modelled(&create).await;
        is_as_modelled(&put).await;
        let update = UpdateSecret {
            secret_id: NAME,
            client_request_token: token(),
            description: "Of the weather",
            kms_key_id: Some("alias/weather"),
        };
        is_as_modelled(&update).await;
        let tags = vec![Tag::new("team", "growth")];
        is_as_modelled(&TagResource { secret_id: NAME, tags }).await;
        is_as_modelled(&UntagResource { secret_id: NAME, tag_keys: &["team".to_owned()] }).await;
    }

    /// AWS takes one of the two days of a deletion; the model has both.
    #[tokio::test]
    async fn a_deletion_and_its_contrary_are_as_in_awss_model() {
        let forced = Some(true);
        let delete =
            DeleteSecret { secret_id: NAME, recovery_window_in_days: Some(30), force_delete_without_recovery: forced };
        is_as_modelled(&delete).await;
        is_as_modelled(&RestoreSecret { secret_id: NAME }).await;
    }
}
