//! Secrets of Secrets Manager. Their values are written and never read: pipectl knows where one comes from, and whether
//! there is one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Bound, Nothing};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::kms;
use crate::model::tags::Tags;

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
pub(crate) fn longest() -> u32 {
    30
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the secret, with the six characters that AWS adds to its name.
    pub(crate) arn: String,
}

/// Secrets of Secrets Manager.
pub(crate) struct Secret;

/// As long as there is none, by its name; then with a hyphen and six characters behind that, which AWS makes up.
pub(crate) const SECRET: On = On::Arns(&[
    "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}",
    "arn:{partition}:secretsmanager:{region}:{account}:secret:{name}-??????",
]);

const TAGGED: &[&str] = &["secretsmanager:TagResource", "secretsmanager:UntagResource"];

impl ResourceType for Secret {
    const KIND: &'static str = "secretsmanager_secret";
    const AWS_TYPE: &'static str = "AWS::SecretsManager::Secret";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"], SECRET),
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
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
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
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[
            (Bound("key"), &["kms_key"]),
            (Nothing, &["name", "description", "has_value", "value_from", "recovery_days", "tags"]),
        ],
    };
    const PRICE: Price = Price::Reckoned;
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Exists("AWS has no state of it");
    const METRICS: Metrics = Metrics::None("Secrets Manager counts all of an account together");
    const EXAMPLES: &'static str = include_str!("secretsmanager_secret.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        // Always, if only with `aws/secretsmanager`.
        AtRest::ByKms
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn align(now: &mut Spec, want: &Spec) {
        kms::align(&mut now.kms_key, want.kms_key.as_ref());
        if now.kms_key.is_none() && want.kms_key.as_deref() == Some(AWS_MANAGED) {
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
        let key = now.zip(want).filter(|(now, want)| same && now.kms_key != want.kms_key);
        let key = key.and_then(|(_, want)| want.kms_key.as_ref());
        let key = key.map(|key| format!("Who reads it needs the key {key} from then on."));
        let shorter = now.zip(want).filter(|(now, want)| same && want.recovery_days < now.recovery_days);
        let shorter =
            shorter.map(|(_, want)| format!("Once deleted it can be restored for {} days only.", want.recovery_days));
        goes.into_iter().chain(comes).chain(key).chain(shorter).collect()
    }
}

/// The key of a secret without one of its own.
const AWS_MANAGED: &str = "alias/aws/secretsmanager";
