//! Secrets of Secrets Manager. Their values are written and never read: pipectl knows where one comes from, and whether
//! there is one.

mod calls;
#[cfg(test)]
mod tests;

use std::time::Duration;

use self::calls::{delete, describe, put, restore, set_tags, value};
use crate::aws::error::failed;
use crate::aws::secretsmanager::{CreateSecret, SecretsManager, UpdateSecret, token};
use crate::aws::slim::{Caller, Sealed, to_tags};
use crate::aws::{Aws, Calls, Result, Seen, wait};
use crate::catalog::secretsmanager_secret::{Origin, Outputs, Secret, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags;

const CREATE: &str = "secretsmanager CreateSecret";

/// How long a secret that cannot be restored may take to be gone.
const LIMIT: Duration = Duration::from_mins(2);

impl Calls for Secret {
    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Caller::<SecretsManager>::new).await;
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
        Ok(Some((spec, Outputs { arn: live.arn }, live.unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Caller::<SecretsManager>::new).await;
        match describe(&client, &want.name).await? {
            None => {}
            Some(live) if !live.deleted => {
                return Err(CallError::own(Class::InUse, CREATE, format!("the secret {} exists", want.name)));
            }
            Some(live) if tags::name_owner(&live.tags, step.owner) => {
                return brought_back(aws, &client, want).await.map(|()| None);
            }
            Some(_) => return Err(CallError::own(Class::InUse, CREATE, held(&want.name))),
        }
        let value = if want.has_value { Some(value(aws, &client, want).await?) } else { None };
        let call = CreateSecret {
            name: &want.name,
            client_request_token: token(),
            description: &want.description,
            kms_key_id: want.kms_key.as_deref(),
            secret_string: value.as_ref().map(Sealed),
            tags: to_tags(&calls::all_tags(want)),
        };
        client.call(&call).await.map_err(failed(CREATE)).map(|_| None)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<SecretsManager>::new).await;
        if (&now.description, &now.kms_key) != (&want.description, &want.kms_key) {
            let call = UpdateSecret {
                secret_id: &want.name,
                client_request_token: token(),
                description: &want.description,
                kms_key_id: (now.kms_key != want.kms_key).then(|| want.kms_key.as_deref().unwrap_or_default()),
            };
            client.call(&call).await.map_err(failed("secretsmanager UpdateSecret"))?;
        }
        if want.has_value && !now.has_value {
            put(&client, &want.name, &value(aws, &client, want).await?).await?;
        }
        set_tags(&client, now, want).await
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<SecretsManager>::new).await;
        let Some(live) = describe(&client, key).await?.filter(|live| !live.deleted) else { return Ok(()) };
        delete(&client, key, live.recovery_days).await?;
        let forced = live.recovery_days == 0;
        let look = || async { Ok((!forced || describe(&client, key).await?.is_none()).then_some(())) };
        wait::until(&format!("secret {key} to be gone"), LIMIT, look).await
    }
}

/// Restores a secret of this environment's that was deleted. One that was made up keeps its value, for others may have it.
async fn brought_back(aws: &Aws, client: &Caller<SecretsManager>, want: &Spec) -> Result<()> {
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
