//! The calls for one secret, and what they say of it.

use secrecy::SecretString;

use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::kinds::unmodelled::secretsmanager::shown_of_secret;
use crate::aws::secretsmanager::{
    DeleteSecret, DescribeSecret, Described, GetRandomPassword, PutSecretValue, RestoreSecret, SecretsManager,
    TagResource, UntagResource, token,
};
use crate::aws::slim::{Caller, Sealed, pairs, to_tags};
use crate::aws::{Aws, Result};
use crate::catalog::secretsmanager_secret::{Generated, Origin, Spec, longest};
use crate::model::error::{CallError, Class};
use crate::model::tags;
use crate::model::tags::Tags;
use crate::model::unmodelled::Unmodelled;

/// AWS's code for what does not go with the state that a secret is in.
const MISPLACED: &str = "InvalidRequestException";

/// A secret as far as it can be seen without its value.
pub(super) struct Live {
    pub(super) arn: String,
    pub(super) description: String,
    /// None for the one that AWS keeps.
    pub(super) kms_key: Option<String>,
    pub(super) has_value: bool,
    pub(super) recovery_days: u32,
    /// But the one that pipectl keeps `recovery_days` in.
    pub(super) tags: Tags,
    /// What no attribute models.
    pub(super) unmodelled: Vec<Unmodelled>,
    /// Whether it only waits for its end.
    pub(super) deleted: bool,
}

/// The tag that says how many days a deleted secret can be restored.
const RECOVERY: &str = "pipectl:recovery-days";

/// The label of the version that readers get.
const CURRENT: &str = "AWSCURRENT";

impl From<Described> for Live {
    fn from(live: Described) -> Self {
        let unmodelled = shown_of_secret(&live);
        let versions = live.version_ids_to_stages.unwrap_or_default();
        let mut tags = tags::own(pairs(live.tags));
        let recovery_days = tags.remove(RECOVERY).and_then(|days| days.parse().ok()).unwrap_or_else(longest);
        Self {
            arn: live.arn.unwrap_or_default(),
            description: live.description.unwrap_or_default(),
            kms_key: live.kms_key_id.filter(|key| !key.is_empty()),
            has_value: versions.values().flatten().any(|label| label == CURRENT),
            recovery_days,
            tags,
            unmodelled,
            deleted: live.deleted_date.is_some(),
        }
    }
}

/// The secret, if there is one, or one that waits for its end.
pub(super) async fn describe(client: &Caller<SecretsManager>, name: &str) -> Result<Option<Live>> {
    const CALL: &str = "secretsmanager DescribeSecret";
    let call = client.call(&DescribeSecret { secret_id: name }).await;
    let Some(reply) = absent_is_none(call.map_err(failed(CALL)))? else { return Ok(None) };
    present(CALL, "ARN", reply.arn.as_ref())?;
    Ok(Some(Live::from(reply)))
}

/// The value that a secret is to have: the one that the apply was given, or one that Secrets Manager makes up.
pub(super) async fn value(aws: &Aws, client: &Caller<SecretsManager>, want: &Spec) -> Result<SecretString> {
    const CALL: &str = "secretsmanager GetRandomPassword";
    match &want.value_from {
        Some(Origin::Generated(Generated { length, punctuation })) => {
            let call = GetRandomPassword { password_length: *length, exclude_punctuation: !punctuation };
            present(CALL, "password", client.call(&call).await.map_err(failed(CALL))?.random_password)
        }
        Some(Origin::Variable(variable)) => aws.secrets().get(variable).ok_or_else(|| {
            let message = format!("its value was not given: set the environment variable {variable} and apply again");
            CallError::own(Class::Invalid, super::CREATE, message)
        }),
        None => Err(CallError::own(Class::Invalid, super::CREATE, "nothing says where its value comes from")),
    }
}

/// Puts a value, which readers get from then on.
pub(super) async fn put(client: &Caller<SecretsManager>, name: &str, value: &SecretString) -> Result<()> {
    let call = PutSecretValue { secret_id: name, client_request_token: token(), secret_string: Sealed(value) };
    client.call(&call).await.map(drop).map_err(failed("secretsmanager PutSecretValue"))
}

/// Brings a deleted secret back.
pub(super) async fn restore(client: &Caller<SecretsManager>, name: &str) -> Result<()> {
    let call = client.call(&RestoreSecret { secret_id: name }).await;
    match call.map(drop).map_err(failed("secretsmanager RestoreSecret")) {
        // The SDK asks twice where the first reply was lost.
        Err(error) if is_misplaced(&error) && describe(client, name).await?.is_some_and(|live| !live.deleted) => Ok(()),
        result => result,
    }
}

/// Deletes a secret: with 0 days at once, else so that it can be restored for so long.
pub(super) async fn delete(client: &Caller<SecretsManager>, name: &str, recovery_days: u32) -> Result<()> {
    let (recovery_window_in_days, force_delete_without_recovery) = match recovery_days {
        0 => (None, Some(true)),
        days => (Some(days), None),
    };
    let call = DeleteSecret { secret_id: name, recovery_window_in_days, force_delete_without_recovery };
    match client.call(&call).await.map(drop).map_err(failed("secretsmanager DeleteSecret")) {
        // As above.
        Err(error) if is_misplaced(&error) && describe(client, name).await?.is_none_or(|live| live.deleted) => Ok(()),
        result => absent_is_done(result),
    }
}

/// Its tags, with the one that keeps `recovery_days`.
pub(super) fn all_tags(spec: &Spec) -> Tags {
    let mut tags = spec.tags.clone();
    tags.insert(RECOVERY.to_owned(), spec.recovery_days.to_string());
    tags
}

/// Takes away before it adds, so that the number never passes AWS's 50.
pub(super) async fn set_tags(client: &Caller<SecretsManager>, now: &Spec, want: &Spec) -> Result<()> {
    let (write, remove) = tags::changes(&all_tags(now), &all_tags(want));
    if !remove.is_empty() {
        let call = UntagResource { secret_id: &want.name, tag_keys: &remove };
        client.call(&call).await.map_err(failed("secretsmanager UntagResource"))?;
    }
    if !write.is_empty() {
        let call = TagResource { secret_id: &want.name, tags: to_tags(&write) };
        client.call(&call).await.map_err(failed("secretsmanager TagResource"))?;
    }
    Ok(())
}

fn is_misplaced(error: &CallError) -> bool {
    error.code.as_deref() == Some(MISPLACED)
}
