//! Secrets of Secrets Manager. Their values are written and never read: pipectl knows where one comes from, and whether
//! there is one.

mod calls;
#[cfg(test)]
mod tests;

use std::time::Duration;

use aws_sdk_secretsmanager::Client;
use schemars::JsonSchema;
use secrecy::ExposeSecret as _;
use serde::{Deserialize, Serialize};

use self::calls::{delete, describe, put, restore, set_tags, tag, value};
use crate::aws::error::failed;
use crate::aws::tags::{self, Tags};
use crate::aws::{Aws, Resource, Result, kms, wait};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::trail::{Update, Writes};

/// A secret of Secrets Manager.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–512 of `[A-Za-z0-9/_+=.@-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Description; at most 2,048 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// KMS key that encrypts it; absent: `alias/aws/secretsmanager`.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Whether it has a value. Which one is nobody's business: a value that somebody else puts is no change.
    #[serde(default = "yes")]
    pub(crate) has_value: bool,
    /// Where the value comes from when there is none yet.
    #[serde(default)]
    #[schemars(extend("x-unread" = true))]
    pub(crate) value_from: Option<Origin>,
    /// How many days it can be restored after its deletion; 7–30, or 0: not at all. A tag keeps it, for AWS asks for it
    /// only when the secret is deleted.
    #[serde(default = "longest")]
    pub(crate) recovery_days: u32,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Origin {
    /// From the environment variable of this name.
    Variable(String),
    /// Secrets Manager makes one up.
    Generated(Generated),
}

/// What a value is like that Secrets Manager makes up: letters and digits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Generated {
    /// How many characters it has; 4–4,096.
    pub(crate) length: u32,
    /// Whether other characters are among them.
    #[serde(default)]
    pub(crate) punctuation: bool,
}

fn yes() -> bool {
    true
}

/// What AWS takes where nobody says.
fn longest() -> u32 {
    30
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the secret, with the six characters that AWS adds to its name.
    pub(crate) arn: String,
}

/// Secrets of Secrets Manager.
pub(crate) struct Secret;

const CREATE: &str = "secretsmanager CreateSecret";
/// As long as there is none, by its name; then with a hyphen and six characters behind that, which AWS makes up.
const SECRET: On = On::Arns(&[
    "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}",
    "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-??????",
]);
/// How long a secret that cannot be restored may take to be gone.
const LIMIT: Duration = Duration::from_mins(2);
const TAGGED: &[&str] = &["secretsmanager:TagResource", "secretsmanager:UntagResource"];

impl Resource for Secret {
    const KIND: &'static str = "secretsmanager_secret";
    const AWS_TYPE: &'static str = "AWS::SecretsManager::Secret";
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["secretsmanager:DescribeSecret"], SECRET),
        Grant::apply(
            &[
                "secretsmanager:CreateSecret",
                "secretsmanager:DeleteSecret",
                "secretsmanager:PutSecretValue",
                "secretsmanager:RestoreSecret",
                "secretsmanager:TagResource",
                "secretsmanager:UntagResource",
                "secretsmanager:UpdateSecret",
            ],
            SECRET,
        ),
        Grant::apply(&["secretsmanager:GetRandomPassword"], On::All).given("value_from.generated"),
        Grant::apply(&["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"], On::Key("kms_key"))
            .only_if("kms:ViaService", "secretsmanager.{region}.{domain}"),
    ];
    const WRITES: &'static Writes = &Writes {
        named_by: &[0],
        create: &["secretsmanager:CreateSecret", "secretsmanager:RestoreSecret"],
        delete: &["secretsmanager:DeleteSecret"],
        update: &[
            Update::new("description", &["secretsmanager:UpdateSecret"]).saying("description"),
            Update::new(
                "has_value",
                &[
                    "secretsmanager:PutSecretValue",
                    "secretsmanager:UpdateSecret",
                    "secretsmanager:UpdateSecretVersionStage",
                ],
            ),
            Update::new("kms_key", &["secretsmanager:UpdateSecret"]).saying("kmsKeyId"),
            Update::new("recovery_days", TAGGED),
            Update::new("tags", TAGGED),
        ],
    };
    const EXAMPLES: &'static str = include_str!("examples.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let client = aws.client(Client::new).await;
        // One that is to be deleted is only there to be restored.
        let Some(live) = describe(&client, key).await?.filter(|live| !live.deleted) else { return Ok(None) };
        let spec = Spec {
            name: key.to_owned(),
            description: live.description,
            kms_key: live.kms_key,
            has_value: live.has_value,
            value_from: hint.and_then(|hint| hint.value_from.clone()),
            recovery_days: live.recovery_days,
            tags: live.tags,
        };
        Ok(Some((spec, Outputs { arn: live.arn })))
    }

    async fn create(aws: &Aws, want: &Spec, step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        match describe(&client, &want.name).await? {
            None => {}
            Some(live) if !live.deleted => {
                return Err(CallError::own(Class::InUse, CREATE, format!("the secret {} exists", want.name)));
            }
            Some(live) if tags::name_owner(&live.tags, step.owner) => return brought_back(aws, &client, want).await,
            Some(_) => return Err(CallError::own(Class::InUse, CREATE, held(&want.name))),
        }
        let call = client
            .create_secret()
            .name(&want.name)
            .description(&want.description)
            .set_kms_key_id(want.kms_key.clone())
            .set_tags(Some(calls::all_tags(want).iter().map(tag).collect()));
        let value = if want.has_value { Some(value(aws, &client, want).await?) } else { None };
        let call = call.set_secret_string(value.map(|value| value.expose_secret().to_owned()));
        call.send().await.map(drop).map_err(failed(CREATE))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        if (&now.description, &now.kms_key) != (&want.description, &want.kms_key) {
            let call = client.update_secret().secret_id(&want.name).description(&want.description);
            // An empty text is the key that AWS keeps.
            let key = (now.kms_key != want.kms_key).then(|| want.kms_key.clone().unwrap_or_default());
            call.set_kms_key_id(key).send().await.map_err(failed("secretsmanager UpdateSecret"))?;
        }
        if want.has_value && !now.has_value {
            put(&client, &want.name, &value(aws, &client, want).await?).await?;
        }
        set_tags(&client, now, want).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let Some(live) = describe(&client, key).await?.filter(|live| !live.deleted) else { return Ok(()) };
        delete(&client, key, live.recovery_days).await?;
        let forced = live.recovery_days == 0;
        let look = || async { Ok((!forced || describe(&client, key).await?.is_none()).then_some(())) };
        wait::until(&format!("secret {key} to be gone"), LIMIT, look).await
    }

    fn align(now: &mut Spec, want: &Spec) {
        kms::align(&mut now.kms_key, want.kms_key.as_ref());
        if now.kms_key.is_none() && want.kms_key.as_deref() == Some(calls::AWS_MANAGED) {
            now.kms_key.clone_from(&want.kms_key);
        }
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let same = now.zip(want).is_some_and(|(now, want)| now.name == want.name);
        let goes = now.filter(|_| !same).map(|now| match now.recovery_days {
            0 => "Its value is lost for good.".to_owned(),
            days => {
                format!("Who reads it fails from then on; for {days} days it can be restored, and its name is taken.")
            }
        });
        let has_value = same && now.is_some_and(|now| now.has_value);
        let comes = match want.filter(|want| want.has_value && !has_value).and_then(|want| want.value_from.as_ref()) {
            Some(Origin::Variable(variable)) => {
                Some(format!("The apply takes its value from the environment variable {variable}, or asks for it."))
            }
            Some(Origin::Generated(_)) | None => None,
        };
        goes.into_iter().chain(comes).collect()
    }
}

/// Restores a secret of this environment's that was deleted. One that was made up keeps its value, for others may have it.
async fn brought_back(aws: &Aws, client: &Client, want: &Spec) -> Result<()> {
    restore(client, &want.name).await?;
    match &want.value_from {
        Some(Origin::Variable(_)) if want.has_value => put(client, &want.name, &value(aws, client, want).await?).await,
        _ => Ok(()),
    }
}

fn held(name: &str) -> String {
    format!(
        "a deleted secret of somebody else's holds the name {name}. Restore it (`aws secretsmanager restore-secret \
         --secret-id {name}`) and adopt it, wait until it is gone, or give this one another name"
    )
}
