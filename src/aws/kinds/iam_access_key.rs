//! Access keys of IAM users, whose secret goes straight into an SSM SecureString.
//!
//! A key counts as made only when its parameter names it: one whose secret nobody has is of no use.

use crate::catalog::ResourceType;
use aws_sdk_iam::types::StatusType;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::Deserialize as _;

use super::iam_kept_key::{KeptKey, Marks, Parameter};
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::iam_access_key::{AccessKey, Outputs, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags;

impl Calls for AccessKey {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let kept = kept(aws, key).await?;
        let (keys, parameter) = tokio::try_join!(kept.keys(), kept.parameter())?;
        let Some(Parameter { kms_key, marks: Marks { key_id: Some(id), tags, .. } }) = parameter else {
            return Ok(None);
        };
        let Some(key) = keys.into_iter().find(|key| key.access_key_id() == Some(&id)) else { return Ok(None) };
        let status = key.status.unwrap_or(StatusType::Inactive);
        let outputs = outputs(aws, &kept, id, &status, key.create_date).await?;
        let active = status == StatusType::Active;
        Ok(Some((Spec { user: kept.user, parameter: kept.parameter, kms_key, active, tags }, outputs, Vec::new())))
    }

    async fn create(aws: &Aws, want: &Spec, step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let kept = kept(aws, &Self::key(want)).await?;
        let (id, created) = kept.create(want.kms_key.as_deref(), &want.tags, step).await?;
        if !want.active {
            kept.activate(&id, false).await?;
        }
        let status = if want.active { StatusType::Active } else { StatusType::Inactive };
        let outputs = outputs(aws, &kept, id, &status, created).await?;
        Ok(Some((want.clone(), outputs, Vec::new())))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let kept = kept(aws, &Self::key(want)).await?;
        if now.active != want.active
            && let Some(Marks { key_id: Some(id), .. }) = kept.marks().await?
        {
            kept.activate(&id, want.active).await?;
        }
        let (write, remove) = tags::changes(&now.tags, &want.tags);
        kept.retag(&write, remove).await
    }

    async fn delete(aws: &Aws, key: &str, step: &StepContext<'_>) -> Result<()> {
        let kept = kept(aws, key).await?;
        let tags = step.seen.and_then(|seen| Some(Spec::deserialize(seen.attributes).ok()?.tags));
        let id = step.seen.and_then(|seen| seen.outputs["access_key_id"].as_str());
        match (id, tags, step.since) {
            // It was seen with its parameter, and no attempt that did not end has left another.
            (Some(id), Some(tags), None) if tags::name_owner(&tags, step.owner) => kept.delete_seen(id).await,
            _ => kept.delete(step).await,
        }
    }
}

async fn outputs(
    aws: &Aws,
    kept: &KeptKey,
    id: String,
    status: &StatusType,
    created: Option<DateTime>,
) -> Result<Outputs> {
    let name = kept.parameter.trim_start_matches('/');
    Ok(Outputs {
        access_key_id: id,
        parameter_arn: aws.scope().await?.arn("ssm", &format!("parameter/{name}")),
        status: status.as_str().to_owned(),
        created: created.and_then(|created| created.fmt(Format::DateTime).ok()),
    })
}

pub(super) async fn kept(aws: &Aws, key: &str) -> Result<KeptKey> {
    let Some((user, parameter)) = key.split_once('|') else {
        return Err(CallError::own(Class::Invalid, AccessKey::KIND, format!("`{key}` is not user|parameter")));
    };
    Ok(KeptKey::new(aws, user, parameter).await)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::iam_access_key::DEFAULT_KMS_KEY;
    use crate::model::tags::Tags;

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
