//! What the engine knows of a resource type: an object-safe trait that speaks JSON.

use std::collections::BTreeMap;

use serde_json::Value;
use time::OffsetDateTime;

use super::access::Rules;
use super::address::Address;
use super::attributes::Attributes;
use super::audit::AuditEvents;
use super::error::CallError;
pub use super::future::BoxFuture;
use super::grant::Grant;
use super::unmodelled::{Coverage, Look, Owned, Unmodelled};

/// How it is known whose a live resource is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ownership {
    /// By the tags `pipectl:project` and `pipectl:env` in its attribute `tags`.
    Tags,
    /// It has no tags of its own and belongs to whoever owns what it is part of (a log stream, a subscription).
    Parent,
    /// Its attribute `id` says so where it begins with `pipectl-` (an entry of a notification configuration); under any
    /// other only the state knows.
    Key,
    /// Nothing on it tells (a dashboard): only the state knows.
    Unmarked,
}

/// A resource as AWS shows it now.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    /// In the same shape as the desired attributes: equality of the two is the diff.
    pub attributes: Attributes,
    /// What AWS made up and a user may want to know (ARNs, ids, states); no secret.
    pub outputs: Value,
    /// What the answers show besides, and no attribute models.
    pub unmodelled: Vec<Unmodelled>,
}

/// Whose a resource is: written to its tags, and compared with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    /// `[project] name`.
    pub project: String,
    /// `[env] name`.
    pub env: String,
    /// The resource's address.
    pub address: Address,
}

/// What a step that changes AWS gets to know besides the attributes.
pub struct StepContext<'a> {
    /// Whose resource it is.
    pub owner: &'a Owner,
    /// When an earlier, unfinished attempt at the same step began; what has appeared since then is ours.
    pub since: Option<OffsetDateTime>,
    /// Whether a bucket that is to be deleted may be emptied first.
    pub empty: bool,
    /// The resource as it was when the apply began; absent where there was none. It spares a question, and proves nothing:
    /// others than pipectl may have changed it since.
    pub seen: Option<SeenAlready<'a>>,
    /// Tells the user how a long step is getting on: `emptied 3,000 of 12,000 objects`.
    pub note: &'a (dyn Fn(String) + Send + Sync),
}

/// A resource as an apply has seen it before its first call.
#[derive(Clone, Copy)]
pub struct SeenAlready<'a> {
    /// Its attributes.
    pub attributes: &'a Value,
    /// What AWS made up.
    pub outputs: &'a Value,
}

/// One AWS resource type. Everything that lists types loops over the [`Registry`].
pub trait Kind: Send + Sync {
    /// `kinesis_stream`; in state and plan files, so it never changes once released.
    fn name(&self) -> &'static str;
    /// CloudFormation's name for it: `AWS::Kinesis::Stream`.
    fn aws_type(&self) -> &'static str;
    /// How it is known whose a live one is.
    fn ownership(&self) -> Ownership;
    /// The IAM actions that its calls need, and those of the data path through it, each with what IAM checks it on.
    fn grants(&self) -> &'static [Grant];
    /// The calls that make, delete and change it, as a trail of calls names them.
    fn audit_events(&self) -> &'static AuditEvents;
    /// What its attributes have to do with access.
    fn access(&self) -> &'static Rules;
    /// What it looks at beyond its attributes, and what it does not.
    fn coverage(&self) -> &'static Coverage;
    /// JSON Schema (draft 7) of its attributes, with the extra keys `x-replaces` (a change forces a
    /// replacement), `x-one-way` (to take it away forces one), `x-computed` (compared only where it is declared), `x-files` (follows from files of this machine) and
    /// `x-unread` (never compared: AWS knows nothing of it, and `read` takes it from its hint).
    fn schema(&self) -> &Value;
    /// Two complete sets of attributes, `[first]` and `[second]`, and the `[[needs]]` that they stand on, as TOML:
    /// what the conformance tests drive.
    fn examples(&self) -> &'static str;
    /// The attributes in canonical form: defaults filled in, equivalent spellings made one. No file is looked at: what
    /// follows from files is as the attributes say, or unknown, and then it is not compared.
    ///
    /// # Errors
    /// When they do not fit the type.
    fn canonical(&self, attributes: &Value) -> Result<Value, serde_json::Error>;
    /// The same, and what follows from files on this machine (the digest of a function's code) as it is now.
    ///
    /// # Errors
    /// When they do not fit the type, or the files are not what they should be.
    fn with_files(&self, attributes: &Value) -> Result<Value, serde_json::Error>;
    /// What it is found by: a name, or several joined with `|`. A change of it is a replacement.
    ///
    /// # Errors
    /// When the attributes do not fit the type.
    fn key(&self, attributes: &Value) -> Result<String, serde_json::Error>;
    /// What a user should know before this change happens (data loss, mails to confirm); `now` is absent for
    /// a creation, `want` for a deletion.
    fn warnings(&self, now: Option<&Value>, want: Option<&Value>) -> Vec<String>;
    /// What IAM calls it where it is one that policies can name: `role`, `user`. AWS knows it by an id that no successor has.
    fn principal(&self) -> Option<&'static str> {
        None
    }
    /// The ARNs of the principals to whose ids AWS binds it: those that its policies name, and the role that it keeps a grant for.
    fn bound_to(&self, _want: &Value) -> Vec<String> {
        Vec::new()
    }
    /// Live attributes without what AWS has bound to an id, so that `update` writes it again.
    fn unbound(&self, live: &Value) -> Value {
        live.clone()
    }
    /// Reads the live resource; `hint` (desired or last applied attributes) lets it ask for named parts at once.
    /// Attributes are spelt as in `hint` where two spellings mean the same.
    fn read<'a>(&'a self, key: &'a str, hint: Option<&'a Value>) -> BoxFuture<'a, Result<Option<Live>, CallError>>;
    /// Asks for settings of the live resource that no attribute models and `read` does not see. What is `owned` by the same
    /// environment is none.
    fn look_closer<'a>(&'a self, now: &'a Value, owned: &'a Owned) -> BoxFuture<'a, Look>;
    /// What would make AWS refuse its deletion, each a sentence; `empty`: a bucket is emptied first. What cannot be looked
    /// at is none.
    fn obstacles<'a>(&'a self, now: &'a Value, empty: bool) -> BoxFuture<'a, Vec<String>>;
    /// Live attributes, spelt as the desired ones where the two mean the same: what `read` does with a hint.
    fn align(&self, live: &Value, want: &Value) -> Value;
    /// Makes it exist; what cannot be given at birth is left to `update`. Fails if something of that key exists. Returns
    /// what is there then, where AWS's answers have said that; `None` where it has to be read.
    fn create<'a>(
        &'a self,
        want: &'a Value,
        step: &'a StepContext<'a>,
    ) -> BoxFuture<'a, Result<Option<Live>, CallError>>;
    /// Waits until it can be used, where AWS is still making it: for what an interrupted apply has begun.
    fn ready<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), CallError>>;
    /// Makes it right: one call per aspect in which `now` and `want` differ, none where they are equal.
    fn update<'a>(
        &'a self,
        now: &'a Value,
        want: &'a Value,
        step: &'a StepContext<'a>,
    ) -> BoxFuture<'a, Result<(), CallError>>;
    /// Makes it gone, and returns once its name is free; succeeds if it does not exist.
    fn delete<'a>(&'a self, key: &'a str, step: &'a StepContext<'a>) -> BoxFuture<'a, Result<(), CallError>>;
}

/// All kinds, by name.
pub struct Registry(BTreeMap<&'static str, Box<dyn Kind>>);

impl Registry {
    /// A registry of these kinds.
    pub fn new(kinds: Vec<Box<dyn Kind>>) -> Self {
        Self(kinds.into_iter().map(|kind| (kind.name(), kind)).collect())
    }

    /// The kind of that name, if this pipectl knows it.
    pub fn get(&self, name: &str) -> Option<&dyn Kind> {
        self.0.get(name).map(Box::as_ref)
    }

    /// Every kind, in order of name.
    pub fn iter(&self) -> impl Iterator<Item = &dyn Kind> {
        self.0.values().map(Box::as_ref)
    }
}
