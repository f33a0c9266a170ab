//! What IAM roles and users have in common: inline and attached policies, a permissions boundary, tags.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::time::Duration;

use aws_sdk_iam::types::{AttachedPermissionsBoundary, AttachedPolicy, Tag};
use futures_util::future::try_join_all;
use percent_encoding::percent_decode_str;

use crate::aws::error::{absent_is_done, absent_is_none, garbled};
use crate::aws::{Result, answers, wait};
use crate::catalog::iam::Shared;
use crate::model::error::CallError;
use crate::model::policy::Policy;
use crate::model::tags::{self, Tags};

/// How long IAM may take to forget what was just taken off an entity, before it lets the entity go.
const RELEASED: Duration = Duration::from_secs(20);

/// An entity, in IAM's sense: a role or a user. IAM has the same calls for both, under two names each.
pub(super) trait Entity: Sync {
    /// Names of the inline policies.
    fn inline(&self) -> impl Future<Output = Result<Vec<String>>> + Send;
    /// An inline policy, as IAM returns it.
    fn get_inline(&self, name: &str) -> impl Future<Output = Result<String>> + Send;
    /// Writes an inline policy.
    fn put_inline(&self, name: &str, policy: &Policy) -> impl Future<Output = Result<()>> + Send;
    /// Deletes an inline policy.
    fn delete_inline(&self, name: &str) -> impl Future<Output = Result<()>> + Send;
    /// The managed policies attached.
    fn attached(&self) -> impl Future<Output = Result<Vec<AttachedPolicy>>> + Send;
    /// Attaches a managed policy.
    fn attach(&self, arn: &str) -> impl Future<Output = Result<()>> + Send;
    /// Detaches a managed policy.
    fn detach(&self, arn: &str) -> impl Future<Output = Result<()>> + Send;
    /// Sets the permissions boundary.
    fn put_boundary(&self, arn: &str) -> impl Future<Output = Result<()>> + Send;
    /// Takes the permissions boundary away.
    fn delete_boundary(&self) -> impl Future<Output = Result<()>> + Send;
    /// Adds tags, or changes their values.
    fn tag(&self, tags: Vec<Tag>) -> impl Future<Output = Result<()>> + Send;
    /// Takes tags away.
    fn untag(&self, keys: Vec<String>) -> impl Future<Output = Result<()>> + Send;
}

/// Inline policies by name, and the ARNs of the managed ones: all that the hint names at once, then what it did not
/// know. Absent if the entity is.
pub(super) async fn policies(
    entity: &impl Entity,
    hint: Option<&BTreeMap<String, Policy>>,
) -> Result<(BTreeMap<String, Policy>, BTreeSet<String>)> {
    let hinted: Vec<&str> = hint.into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    let (names, mut inline, attached) =
        tokio::try_join!(entity.inline(), documents(entity, &hinted), entity.attached())?;
    let unknown: Vec<&str> = names.iter().map(String::as_str).filter(|name| !hinted.contains(name)).collect();
    inline.extend(documents(entity, &unknown).await?);
    let attached = attached.into_iter().filter_map(|policy| policy.policy_arn).collect();
    Ok((inline, attached))
}

/// The inline policies of these names, as far as they exist.
async fn documents(entity: &impl Entity, names: &[&str]) -> Result<BTreeMap<String, Policy>> {
    let document = async |name: &str| match absent_is_none(entity.get_inline(name).await)? {
        Some(text) => Ok(Some((name.to_owned(), decode("iam inline policy", &text)?))),
        None => Ok(None),
    };
    Ok(try_join_all(names.iter().map(|name| document(name))).await?.into_iter().flatten().collect())
}

/// A policy document as IAM returns it: URL-encoded by RFC 3986.
pub(in crate::aws) fn decode(call: &str, text: &str) -> Result<Policy> {
    let decoded = percent_decode_str(text).decode_utf8().map_err(|error| garbled(call, "policy", text, &error))?;
    Policy::parse(&decoded).map_err(|error| garbled(call, "policy", &decoded, &error))
}

/// Gives an entity the boundary that it is to have: before anything else, so that nobody is let in and no policy counts
/// without it; and so that who may write policies only under that boundary may write the ones that follow.
pub(super) async fn bound(entity: &impl Entity, now: &Shared<'_>, want: &Shared<'_>) -> Result<()> {
    match want.permissions_boundary {
        Some(arn) if now.permissions_boundary != Some(arn) => entity.put_boundary(arn).await,
        Some(_) | None => Ok(()),
    }
}

/// Makes the shared attributes right. A boundary that is to go goes when its policies are as they are to be.
pub(super) async fn update(entity: &impl Entity, now: &Shared<'_>, want: &Shared<'_>) -> Result<()> {
    for (name, policy) in want.policies {
        if now.policies.get(name) != Some(policy) {
            entity.put_inline(name, policy).await?;
        }
    }
    for name in now.policies.keys().filter(|name| !want.policies.contains_key(*name)) {
        absent_is_done(entity.delete_inline(name).await)?;
    }
    for arn in want.managed_policies.difference(now.managed_policies) {
        entity.attach(arn).await?;
    }
    for arn in now.managed_policies.difference(want.managed_policies) {
        absent_is_done(entity.detach(arn).await)?;
    }
    if now.permissions_boundary.is_some() && want.permissions_boundary.is_none() {
        absent_is_done(entity.delete_boundary().await)?;
    }
    let (write, remove) = tags::changes(now.tags, want.tags);
    if !write.is_empty() {
        entity.tag(to_tags(&write)).await?;
    }
    if !remove.is_empty() {
        entity.untag(remove).await?;
    }
    Ok(())
}

/// What keeps IAM from deleting an entity: its inline policies, and the managed ones attached.
pub(super) type Policies = (Vec<String>, Vec<AttachedPolicy>);

/// The policies that an apply has seen on an entity.
pub(super) fn seen(shared: &Shared<'_>) -> Policies {
    let attached = |arn: &String| AttachedPolicy::builder().policy_arn(arn).build();
    (shared.policies.keys().cloned().collect(), shared.managed_policies.iter().map(attached).collect())
}

/// Whether IAM has refused a deletion because something is left on the entity.
pub(super) fn is_held(error: &CallError) -> bool {
    error.code.as_deref() == Some("DeleteConflict")
}

/// All policies of an entity.
pub(super) async fn listed(entity: &impl Entity) -> Result<Policies> {
    tokio::try_join!(entity.inline(), entity.attached())
}

/// Takes all policies off an entity that is to be deleted: IAM deletes none that still has some.
pub(super) async fn strip(entity: &impl Entity, (inline, attached): Policies) -> Result<()> {
    for name in inline {
        absent_is_done(entity.delete_inline(&name).await)?;
    }
    for arn in attached.into_iter().filter_map(|policy| policy.policy_arn) {
        absent_is_done(entity.detach(&arn).await)?;
    }
    Ok(())
}

/// Deletes, and tries again while IAM still sees what was just taken off (`DeleteConflict`) or is busy with the same
/// entity (`EntityTemporarilyUnmodifiable`, `ConcurrentModification`).
pub(super) async fn delete<T, F>(call: impl FnMut() -> F + Send) -> Result<()>
where
    F: Future<Output = Result<T>> + Send,
    T: Send,
{
    absent_is_done(wait::retry(RELEASED, answers::passes, call).await)
}

/// The ARN in a boundary as IAM returns it.
pub(super) fn boundary_arn(boundary: Option<AttachedPermissionsBoundary>) -> Option<String> {
    boundary.and_then(|boundary| boundary.permissions_boundary_arn)
}

/// Tags as IAM takes them.
pub(super) fn to_tags(tags: &Tags) -> Vec<Tag> {
    // A tag is built of key and value, and both are set.
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build().expect("key and value");
    tags.iter().map(tag).collect()
}

/// Tags as IAM returns them.
pub(super) fn from_tags(tags: Option<Vec<Tag>>) -> Tags {
    tags::own(tags.into_iter().flatten().map(|tag| (tag.key, tag.value)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_url_encoded_document_is_the_plain_one() {
        let plain = json!({"Version": "2012-10-17", "Statement": [{"Action": "s3:Get+*", "Resource": "a b"}]});
        let encoded = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%7B%22Action%22%3A%22s3%3AGet%2B%2A\
                       %22%2C%22Resource%22%3A%22a%20b%22%7D%5D%7D";
        assert_eq!(decode("iam GetRole", encoded).unwrap(), Policy::new(&plain));
        assert_eq!(decode("iam GetRole", &plain.to_string()).unwrap(), Policy::new(&plain));
    }

    #[test]
    fn what_is_no_document_is_an_error() {
        assert!(decode("iam GetRole", "%7B").is_err());
    }
}
