//! Access keys of IAM users, whose secret goes straight into an SSM SecureString.
//!
//! A key counts as made only when its parameter names it: one whose secret nobody has is of no use.

use aws_sdk_iam::types::StatusType;
use aws_smithy_types::date_time::Format;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::iam_kept_key::{DEFAULT_KMS_KEY, KeptKey, Parameter};
use crate::aws::tags::{self, Tags};
use crate::aws::{Aws, Resource, Result, kms};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::trail::{Update, Writes};

/// An access key of an IAM user, and the SSM parameter that keeps its secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the user.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) user: String,
    /// Name of the SSM parameter (SecureString) that gets the key: JSON with `access_key_id` and `secret_access_key`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) parameter: String,
    /// KMS key of the parameter; absent: `alias/aws/ssm`.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Whether AWS accepts it.
    #[serde(default = "yes")]
    pub(crate) active: bool,
    /// Tags of the parameter; keys have none.
    #[serde(default)]
    pub(crate) tags: Tags,
}

fn yes() -> bool {
    true
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// Id of the key (`AKIA…`); no secret.
    pub(crate) access_key_id: String,
    /// ARN of the parameter.
    pub(crate) parameter_arn: String,
    /// `Active` or `Inactive`.
    pub(crate) status: String,
    /// When it was made, in RFC 3339.
    pub(crate) created: Option<String>,
}

/// Access keys of IAM users, whose secret goes straight into an SSM SecureString.
pub(crate) struct AccessKey;

const USER: On = On::Arns(&["arn:{partition}:iam::{account}:user/{user}"]);
const PARAMETER: On = On::Arns(&["arn:{partition}:ssm:{region}:{account}:parameter/{parameter}"]);

impl Resource for AccessKey {
    const KIND: &'static str = "iam_access_key";
    const AWS_TYPE: &'static str = "AWS::IAM::AccessKey";
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["iam:ListAccessKeys"], USER),
        Grant::plan(&["ssm:DescribeParameters"], On::All),
        Grant::plan(&["ssm:ListTagsForResource"], PARAMETER),
        Grant::apply(&["iam:CreateAccessKey", "iam:UpdateAccessKey", "iam:DeleteAccessKey"], USER),
        Grant::apply(
            &["ssm:PutParameter", "ssm:AddTagsToResource", "ssm:RemoveTagsFromResource", "ssm:DeleteParameter"],
            PARAMETER,
        ),
        Grant::apply(&["kms:Encrypt"], On::Key("kms_key")).only_if("kms:ViaService", "ssm.{region}.{domain}"),
    ];
    const WRITES: &'static Writes = &Writes {
        // IAM's by the user, SSM's by the parameter.
        named_by: &[0, 1],
        create: &["iam:CreateAccessKey"],
        delete: &["iam:DeleteAccessKey", "ssm:DeleteParameter", "ssm:DeleteParameters"],
        update: &[
            Update::new("active", &["iam:UpdateAccessKey"]),
            Update::new("tags", &["ssm:AddTagsToResource", "ssm:RemoveTagsFromResource"]),
        ],
    };
    const EXAMPLES: &'static str = r#"
[[needs]]
kind = "iam_user"
name = "pipectl-example-key-user"

[first]
user = "pipectl-example-key-user"
parameter = "/pipectl/example/access-key"
tags = { "pipectl:project" = "acme", "pipectl:env" = "test", team = "growth" }

[second]
user = "pipectl-example-key-user"
parameter = "/pipectl/example/access-key"
active = false
tags = { "pipectl:project" = "acme", "pipectl:env" = "test", owner = "data + platform" }
"#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.user, spec.parameter)
    }

    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let kept = kept(aws, key).await?;
        let (keys, parameter) = tokio::try_join!(kept.keys(), kept.parameter())?;
        let Some(Parameter { kms_key, key_id: Some(id), tags, .. }) = parameter else { return Ok(None) };
        let Some(key) = keys.into_iter().find(|key| key.access_key_id() == Some(&id)) else { return Ok(None) };
        let status = key.status.unwrap_or(StatusType::Inactive);
        let name = kept.parameter.trim_start_matches('/');
        let outputs = Outputs {
            access_key_id: id,
            parameter_arn: aws.scope().await?.arn("ssm", &format!("parameter/{name}")),
            status: status.as_str().to_owned(),
            created: key.create_date.and_then(|created| created.fmt(Format::DateTime).ok()),
        };
        let active = status == StatusType::Active;
        Ok(Some((Spec { user: kept.user, parameter: kept.parameter, kms_key, active, tags }, outputs)))
    }

    async fn create(aws: &Aws, want: &Spec, step: &Step<'_>) -> Result<()> {
        let kept = kept(aws, &Self::key(want)).await?;
        let id = kept.create(want.kms_key.as_deref(), &want.tags, step).await?;
        if !want.active {
            kept.activate(&id, false).await?;
        }
        Ok(())
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let kept = kept(aws, &Self::key(want)).await?;
        if now.active != want.active
            && let Some(Parameter { key_id: Some(id), .. }) = kept.parameter().await?
        {
            kept.activate(&id, want.active).await?;
        }
        let (write, remove) = tags::changes(&now.tags, &want.tags);
        kept.retag(&write, remove).await
    }

    async fn delete(aws: &Aws, key: &str, step: &Step<'_>) -> Result<()> {
        kept(aws, key).await?.delete(step).await
    }

    fn align(now: &mut Spec, want: &Spec) {
        if now.kms_key.is_none() && want.kms_key.as_deref() == Some(DEFAULT_KMS_KEY) {
            now.kms_key.clone_from(&want.kms_key);
        }
        kms::align(&mut now.kms_key, want.kms_key.as_ref());
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let same = |now: &Spec, want: &Spec| Self::key(now) == Self::key(want) && now.kms_key == want.kms_key;
        match (now, want) {
            (Some(now), None) => vec![format!("whoever uses the access key of {} loses access at once", now.user)],
            (Some(now), Some(want)) if !same(now, want) => vec![format!(
                "whoever uses the access key of {} loses access at once, until given the new one in {}",
                now.user, want.parameter
            )],
            (Some(now), Some(want)) if now.active && !want.active => {
                vec![format!("whoever uses the access key of {} loses access until it is active again", now.user)]
            }
            _ => Vec::new(),
        }
    }
}

async fn kept(aws: &Aws, key: &str) -> Result<KeptKey> {
    let Some((user, parameter)) = key.split_once('|') else {
        return Err(CallError::own(Class::Invalid, AccessKey::KIND, format!("`{key}` is not user|parameter")));
    };
    Ok(KeptKey::new(aws, user, parameter).await)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(parameter: &str, active: bool) -> Spec {
        Spec { user: "reader".into(), parameter: parameter.into(), kms_key: None, active, tags: Tags::new() }
    }

    #[test]
    fn the_default_kms_key_is_none() {
        let mut now = spec("/a", true);
        let want = Spec { kms_key: Some(DEFAULT_KMS_KEY.into()), ..now.clone() };
        AccessKey::align(&mut now, &want);
        assert_eq!(now, want);
    }

    #[test]
    fn losing_access_is_warned_of() {
        let now = spec("/a", true);
        assert_eq!(AccessKey::warnings(None, Some(&now)).len(), 0);
        assert_eq!(AccessKey::warnings(Some(&now), Some(&now)).len(), 0);
        assert_eq!(AccessKey::warnings(Some(&now), None).len(), 1);
        assert_eq!(AccessKey::warnings(Some(&now), Some(&spec("/b", true))).len(), 1);
        assert_eq!(AccessKey::warnings(Some(&now), Some(&spec("/a", false))).len(), 1);
    }
}
