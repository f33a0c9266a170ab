//! An access key in IAM, and the SSM parameter that keeps its secret.
//!
//! IAM says the secret once, in the reply to CreateAccessKey, and makes another key at every call. So the parameter
//! names its key in a tag; a key of a crashed attempt, which no parameter names, is deleted before one is made anew.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_iam::types::{AccessKey, AccessKeyMetadata, StatusType};
use aws_smithy_types::DateTime;
use secrecy::SecretString;
use serde_json::json;
use tokio::sync::Mutex;

use super::ssm;
use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::slim::{Caller, Sealed, Tag};
use crate::aws::ssm::{Metadata, PutParameter, SECURE_STRING, Ssm};
use crate::aws::{Aws, Result, wait};
use crate::catalog::iam_access_key::DEFAULT_KMS_KEY;
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags::{self, Tags};

/// The tag of the parameter that names the key whose secret it keeps.
const KEY_ID_TAG: &str = "pipectl:access-key-id";
/// The tag of the parameter that names the user of that key: a parameter may pass from one user to another.
const USER_TAG: &str = "pipectl:access-key-user";
/// How long a deleted parameter's name may stay taken: "wait for at least 30 seconds", says DeleteParameter.
const NAME_FREE: Duration = Duration::from_secs(45);
/// How long IAM may go on throttling CreateAccessKey.
const CALMED: Duration = Duration::from_secs(30);
/// How far our clock may be from IAM's.
const SKEW: Duration = Duration::from_secs(30);

/// Ids of the keys that this process has made for a user: no orphans, even while no parameter names them.
type Made = Arc<Mutex<BTreeSet<String>>>;

/// By user. Each is locked while a key is made or deleted, so that two of one user do not take each other for an orphan.
static MADE: LazyLock<Mutex<BTreeMap<String, Made>>> = LazyLock::new(Mutex::default);

/// The parameter as far as it can be seen without decrypting it.
pub(super) struct Parameter {
    /// Its KMS key; none for the default one.
    pub(super) kms_key: Option<String>,
    /// What its tags say.
    pub(super) marks: Marks,
}

/// What the tags of a parameter say.
pub(super) struct Marks {
    /// The id of the key whose secret it keeps.
    pub(super) key_id: Option<String>,
    /// Whose key that is.
    user: Option<String>,
    /// Its other tags.
    pub(super) tags: Tags,
}

/// A key that IAM has just made.
struct NewKey {
    id: String,
    created: Option<DateTime>,
    /// What the parameter gets: JSON with the id and the secret.
    document: SecretString,
}

impl From<AccessKey> for NewKey {
    fn from(key: AccessKey) -> Self {
        let document = json!({"access_key_id": key.access_key_id, "secret_access_key": key.secret_access_key});
        Self { document: document.to_string().into(), id: key.access_key_id, created: key.create_date }
    }
}

/// The calls for one access key and its parameter.
pub(super) struct KeptKey {
    iam: aws_sdk_iam::Client,
    ssm: Caller<Ssm>,
    described: Arc<ssm::Described>,
    /// Name of the user.
    pub(super) user: String,
    /// Name of the parameter.
    pub(super) parameter: String,
}

impl KeptKey {
    /// Calls nothing yet.
    pub(super) async fn new(aws: &Aws, user: &str, parameter: &str) -> Self {
        Self {
            iam: aws.client(aws_sdk_iam::Client::new).await,
            ssm: aws.client(Caller::<Ssm>::new).await,
            described: aws.batch(),
            user: user.to_owned(),
            parameter: parameter.to_owned(),
        }
    }

    async fn made(&self) -> Made {
        Arc::clone(MADE.lock().await.entry(self.user.clone()).or_default())
    }

    /// The user's keys, whoever made them; none where there is no user.
    pub(super) async fn keys(&self) -> Result<Vec<AccessKeyMetadata>> {
        let pages = self.iam.list_access_keys().user_name(&self.user).into_paginator().items().send();
        let keys = pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(failed("iam ListAccessKeys"));
        Ok(absent_is_none(keys)?.unwrap_or_default())
    }

    /// The parameter, whoever made it.
    pub(super) async fn parameter(&self) -> Result<Option<Parameter>> {
        let (described, marks) =
            tokio::try_join!(ssm::described(&self.ssm, &self.described, &self.parameter), self.marks())?;
        let (Some(described), Some(marks)) = (described, marks) else { return Ok(None) };
        Ok(Some(Parameter { kms_key: described.key_id.filter(|key| key != DEFAULT_KMS_KEY), marks }))
    }

    /// What the parameter's tags say, if there is one.
    pub(super) async fn marks(&self) -> Result<Option<Marks>> {
        let marks = |mut tags: Tags| {
            let (key_id, user) = (tags.remove(KEY_ID_TAG), tags.remove(USER_TAG));
            Marks { key_id, user, tags }
        };
        Ok(self.tags().await?.map(marks))
    }

    /// Makes the key and puts it into the parameter; returns its id, and since when it is there. Both exist afterwards, or
    /// neither.
    pub(super) async fn create(
        &self,
        kms_key: Option<&str>,
        tags: &Tags,
        step: &StepContext<'_>,
    ) -> Result<(String, Option<DateTime>)> {
        let made = self.made().await;
        let mut made = made.lock().await;
        let (keys, parameter) = tokio::try_join!(self.keys(), self.parameter())?;
        if let Some(Parameter { marks, .. }) = parameter {
            self.make_room(&marks, &keys, step).await?;
        }
        self.delete_orphans(&keys, &made, step).await?;
        let key = self.make(&keys).await?;
        made.insert(key.id.clone());
        let Err(error) = self.keep(&key, kms_key, tags).await else { return Ok((key.id, key.created)) };
        Err(match self.delete_key(&key.id).await {
            Ok(()) => error,
            Err(left) => {
                let message =
                    format!("{}; and the access key {}, of no use now, is left: {left}", error.message, key.id);
                CallError { message, ..error }
            }
        })
    }

    /// Deletes the key, then the parameter if it is ours: only such a parameter tells which key is meant. One that keeps
    /// another user's key by now is left to that.
    pub(super) async fn delete(&self, step: &StepContext<'_>) -> Result<()> {
        let made = self.made().await;
        let made = made.lock().await;
        // Only an attempt that did not end has left keys that no parameter names.
        let listed = async { if step.since.is_some() { self.keys().await } else { Ok(Vec::new()) } };
        // What is ours has tags that say so: whether there is one without any does not matter.
        let (mut keys, parameter) = tokio::try_join!(listed, self.marks())?;
        let ours = |parameter: &Marks| tags::name_owner(&parameter.tags, step.owner) && !self.is_anothers(parameter);
        if let Some(parameter) = parameter.filter(ours) {
            if let Some(id) = &parameter.key_id {
                self.delete_key(id).await?;
                keys.retain(|key| key.access_key_id() != Some(id));
            }
            self.delete_parameter().await?;
        }
        self.delete_orphans(&keys, &made, step).await
    }

    /// Deletes a key that is known to be ours, and the parameter that names it.
    pub(super) async fn delete_seen(&self, id: &str) -> Result<()> {
        let made = self.made().await;
        let _alone = made.lock().await;
        self.delete_key(id).await?;
        self.delete_parameter().await
    }

    /// Makes AWS accept the key, or refuse it.
    pub(super) async fn activate(&self, id: &str, active: bool) -> Result<()> {
        let status = if active { StatusType::Active } else { StatusType::Inactive };
        let update = self.iam.update_access_key().user_name(&self.user).access_key_id(id).status(status);
        update.send().await.map_err(failed("iam UpdateAccessKey")).map(drop)
    }

    /// Writes and removes tags of the parameter.
    pub(super) async fn retag(&self, write: &Tags, remove: Vec<String>) -> Result<()> {
        ssm::retag(&self.ssm, &self.parameter, write, remove).await
    }

    /// Deletes a parameter of ours whose key is gone or another user's, which this one replaces; refuses one that is in
    /// use, or somebody else's.
    async fn make_room(&self, parameter: &Marks, keys: &[AccessKeyMetadata], step: &StepContext<'_>) -> Result<()> {
        let in_use = |message: String| Err(CallError::own(Class::InUse, "iam CreateAccessKey", message));
        if !tags::name_owner(&parameter.tags, step.owner) {
            return in_use(format!(
                "the parameter {} exists and is not of this project and environment",
                self.parameter
            ));
        }
        if keys.iter().any(|key| key.access_key_id.is_some() && key.access_key_id == parameter.key_id) {
            return in_use(format!("the parameter {} keeps a key of {} already", self.parameter, self.user));
        }
        if let (Some(user), Some(id)) = (&parameter.user, &parameter.key_id) {
            self.delete_key_of(user, id).await?;
        }
        self.delete_parameter().await
    }

    /// Whether it keeps the key of another user.
    fn is_anothers(&self, parameter: &Marks) -> bool {
        parameter.user.as_ref().is_some_and(|user| *user != self.user)
    }

    /// Deletes what an earlier attempt at this step has left: keys as young as it that no parameter names.
    async fn delete_orphans(
        &self,
        keys: &[AccessKeyMetadata],
        made: &BTreeSet<String>,
        step: &StepContext<'_>,
    ) -> Result<()> {
        let Some(since) = step.since else { return Ok(()) };
        let since = (since - SKEW).unix_timestamp();
        let young = keys.iter().filter(|key| key.create_date.is_some_and(|made| made.secs() >= since));
        for id in young.filter_map(AccessKeyMetadata::access_key_id).filter(|id| !made.contains(*id)) {
            if keeping(&self.ssm, id).await?.is_empty() {
                self.delete_key(id).await?;
                (step.note)(format!("deleted {id}, the access key of an attempt that did not end"));
            }
        }
        Ok(())
    }

    /// Makes a key. `before`: the keys that the user has already.
    async fn make(&self, before: &[AccessKeyMetadata]) -> Result<NewKey> {
        let call = "iam CreateAccessKey";
        let attempt = || async {
            // Without the SDK's retries: one after a lost reply would make a second key.
            let once = aws_sdk_iam::config::Builder::new().retry_config(RetryConfig::disabled());
            let create = self.iam.create_access_key().user_name(&self.user).customize().config_override(once);
            let reply = create.send().await.map_err(failed(call));
            if reply.as_ref().is_err_and(may_have_happened) {
                // If this fails too, or IAM does not list the key yet, the next attempt finds it as an orphan.
                let _ = self.delete_since(before).await;
            }
            present(call, "key", reply?.access_key.map(NewKey::from))
        };
        // IAM does not carry out what it throttles.
        wait::retry(CALMED, |error| error.code.as_deref() == Some("Throttling"), attempt).await
    }

    /// Deletes the keys that have appeared since the user had these.
    async fn delete_since(&self, before: &[AccessKeyMetadata]) -> Result<()> {
        let known = |key: &AccessKeyMetadata| before.iter().any(|other| other.access_key_id == key.access_key_id);
        for id in self.keys().await?.iter().filter(|key| !known(key)).filter_map(AccessKeyMetadata::access_key_id) {
            self.delete_key(id).await?;
        }
        Ok(())
    }

    /// Puts the key into the parameter.
    async fn keep(&self, key: &NewKey, kms_key: Option<&str>, tags: &Tags) -> Result<()> {
        let marks = [(KEY_ID_TAG.to_owned(), key.id.clone()), (USER_TAG.to_owned(), self.user.clone())];
        let tags = tags.iter().chain(marks.iter().map(|(name, value)| (name, value)));
        let put = PutParameter {
            name: &self.parameter,
            description: &format!("Access key of the IAM user {}", self.user),
            kind: SECURE_STRING,
            value: Sealed(&key.document),
            key_id: kms_key,
            overwrite: Some(false),
            tags: Some(tags.map(|(key, value)| Tag::new(key, value)).collect()),
        };
        // The name was free, or just deleted, when we looked.
        let passing = |error: &CallError| matches!(error.class, Class::InUse | Class::Conflict);
        wait::retry(NAME_FREE, passing, || async {
            match self.ssm.call(&put).await.map_err(failed("ssm PutParameter")) {
                // It is there because the SDK tried twice, and the first reply was lost.
                Err(error) if error.class == Class::InUse && self.names(&key.id).await? => Ok(()),
                reply => reply.map(drop),
            }
        })
        .await
    }

    async fn names(&self, id: &str) -> Result<bool> {
        Ok(self.tags().await?.is_some_and(|tags| tags.get(KEY_ID_TAG).is_some_and(|named| named == id)))
    }

    async fn tags(&self) -> Result<Option<Tags>> {
        ssm::read_tags(&self.ssm, &self.parameter).await
    }

    async fn delete_key(&self, id: &str) -> Result<()> {
        self.delete_key_of(&self.user, id).await
    }

    async fn delete_key_of(&self, user: &str, id: &str) -> Result<()> {
        let delete = self.iam.delete_access_key().user_name(user).access_key_id(id).send().await;
        absent_is_done(delete.map_err(failed("iam DeleteAccessKey")))
    }

    async fn delete_parameter(&self) -> Result<()> {
        ssm::delete(&self.ssm, &self.parameter).await
    }
}

/// The parameters that say of themselves that they keep the secret of this key; at most one of them tells the truth.
pub(in crate::aws) async fn keeping(ssm: &Caller<Ssm>, key_id: &str) -> Result<Vec<Metadata>> {
    let tag = format!("tag:{KEY_ID_TAG}");
    ssm::describe(ssm, &[(&*tag, vec![key_id.to_owned()]), ("Type", vec![SECURE_STRING.to_owned()])]).await
}

/// A call without a clear answer: IAM may have carried it out.
fn may_have_happened(error: &CallError) -> bool {
    matches!(error.class, Class::Unreachable | Class::Unreadable | Class::Throttled | Class::Other)
}
