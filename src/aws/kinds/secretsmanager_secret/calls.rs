//! The calls for one secret, and what they say of it.

use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::types::Tag;
use secrecy::{ExposeSecret as _, SecretString};

use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::kinds::unmodelled::secretsmanager::shown_of_secret;
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

impl From<DescribeSecretOutput> for Live {
    fn from(live: DescribeSecretOutput) -> Self {
        let unmodelled = shown_of_secret(&live);
        let versions = live.version_ids_to_stages.unwrap_or_default();
        let pairs = live.tags.into_iter().flatten().filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default())));
        let mut tags = tags::own(pairs);
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
pub(super) async fn describe(client: &Client, name: &str) -> Result<Option<Live>> {
    const CALL: &str = "secretsmanager DescribeSecret";
    let call = client.describe_secret().secret_id(name).send();
    let Some(reply) = absent_is_none(call.await.map_err(failed(CALL)))? else { return Ok(None) };
    present(CALL, "ARN", reply.arn())?;
    Ok(Some(Live::from(reply)))
}

/// The value that a secret is to have: the one that the apply was given, or one that Secrets Manager makes up. To be handed
/// to the SDK, whose types do not print it.
pub(super) async fn value(aws: &Aws, client: &Client, want: &Spec) -> Result<SecretString> {
    const CALL: &str = "secretsmanager GetRandomPassword";
    match &want.value_from {
        Some(Origin::Generated(Generated { length, punctuation })) => {
            let call = client.get_random_password().password_length((*length).into());
            let reply = call.exclude_punctuation(!punctuation).send().await.map_err(failed(CALL))?;
            present(CALL, "password", reply.random_password.map(SecretString::from))
        }
        Some(Origin::Variable(variable)) => aws.secrets().get(variable).ok_or_else(|| {
            let message = format!("its value was not given: set the environment variable {variable} and apply again");
            CallError::own(Class::Invalid, super::CREATE, message)
        }),
        None => Err(CallError::own(Class::Invalid, super::CREATE, "nothing says where its value comes from")),
    }
}

/// Puts a value, which readers get from then on.
pub(super) async fn put(client: &Client, name: &str, value: &SecretString) -> Result<()> {
    let call = client.put_secret_value().secret_id(name).secret_string(value.expose_secret()).send();
    call.await.map(drop).map_err(failed("secretsmanager PutSecretValue"))
}

/// Brings a deleted secret back.
pub(super) async fn restore(client: &Client, name: &str) -> Result<()> {
    let call = client.restore_secret().secret_id(name).send();
    match call.await.map(drop).map_err(failed("secretsmanager RestoreSecret")) {
        // The SDK asks twice where the first reply was lost.
        Err(error) if is_misplaced(&error) && describe(client, name).await?.is_some_and(|live| !live.deleted) => Ok(()),
        result => result,
    }
}

/// Deletes a secret: with 0 days at once, else so that it can be restored for so long.
pub(super) async fn delete(client: &Client, name: &str, recovery_days: u32) -> Result<()> {
    let call = client.delete_secret().secret_id(name);
    let call = match recovery_days {
        0 => call.force_delete_without_recovery(true),
        days => call.recovery_window_in_days(days.into()),
    };
    match call.send().await.map(drop).map_err(failed("secretsmanager DeleteSecret")) {
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

pub(super) fn tag((key, value): (&String, &String)) -> Tag {
    Tag::builder().key(key).value(value).build()
}

/// Takes away before it adds, so that the number never passes AWS's 50.
pub(super) async fn set_tags(client: &Client, now: &Spec, want: &Spec) -> Result<()> {
    let (write, remove) = tags::changes(&all_tags(now), &all_tags(want));
    if !remove.is_empty() {
        let call = client.untag_resource().secret_id(&want.name).set_tag_keys(Some(remove)).send();
        call.await.map_err(failed("secretsmanager UntagResource"))?;
    }
    if !write.is_empty() {
        let call = client.tag_resource().secret_id(&want.name).set_tags(Some(write.iter().map(tag).collect())).send();
        call.await.map_err(failed("secretsmanager TagResource"))?;
    }
    Ok(())
}

fn is_misplaced(error: &CallError) -> bool {
    error.code.as_deref() == Some(MISPLACED)
}
