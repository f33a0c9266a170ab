//! The only part that knows AWS's SDK: clients, errors, waits, the state's store, and one file per resource type.

pub mod account;
mod batch;
pub mod bootstrap;
pub mod bucket;
pub mod context;
pub mod data;
pub mod discovery;
pub mod empty;
pub mod error;
mod items;
pub mod kinds;
pub mod kms;
pub mod location;
mod pacing;
pub mod policy;
mod post;
mod rates;
mod retry;
mod role;
#[cfg(test)]
mod scripted;
pub mod store;
pub mod tags;
pub mod trail;
pub mod wait;
mod window;

use std::future::Future;
use std::sync::Arc;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::de::DeserializeOwned;
use serde::{Deserialize as _, Serialize};
use serde_json::Value;

use crate::engine::error::{CallError, Class};
use crate::engine::grant::Grant;
use crate::engine::kind::{BoxFuture, Kind, Live, Ownership, Step};
use crate::engine::trail::Writes;

pub use context::Aws;

/// The result of a call, or of several.
pub type Result<T> = std::result::Result<T, CallError>;

/// One AWS resource type, as its file in `kinds/` describes it.
///
/// `Spec` is filled from the blueprint and from AWS: equality of the two is the diff. Defaults stand in the type,
/// sets are `BTreeSet`, tags are [`tags::Tags`], policies are [`policy::Policy`]: so nothing is compared by hand.
pub trait Resource: Send + Sync + 'static {
    /// `kinesis_stream`; never changes once released.
    const KIND: &'static str;
    /// CloudFormation's name: `AWS::Kinesis::Stream`.
    const AWS_TYPE: &'static str;
    /// How it is known whose a live one is.
    const OWNERSHIP: Ownership = Ownership::Tags;
    /// The IAM actions that the calls in the file need, and those of the data path, each with what IAM checks it on.
    const GRANTS: &'static [Grant];
    /// The events of the calls that make, delete and change it, whoever makes them.
    const WRITES: &'static Writes;
    /// `[first]` and `[second]`, two complete and different specs with the same key, in TOML; before them a list
    /// `[[needs]]` of what they stand on: another kind's attributes with its `kind`, or a `queue` by name.
    const EXAMPLES: &'static str;
    /// Its attributes.
    type Spec: Clone + PartialEq + Serialize + DeserializeOwned + JsonSchema + Send + Sync;
    /// What AWS makes up.
    type Outputs: Serialize + Send + Sync;

    /// Fills in what follows from files on this machine; an error says what is wrong with them.
    fn gather(_spec: &mut Self::Spec) -> std::result::Result<(), String> {
        Ok(())
    }
    /// What it is found by.
    fn key(spec: &Self::Spec) -> String;
    /// The live resource, or `None` where it does not exist; all sub-resources are asked for at once.
    fn read(
        aws: &Aws,
        key: &str,
        hint: Option<&Self::Spec>,
    ) -> impl Future<Output = Result<Option<(Self::Spec, Self::Outputs)>>> + Send;
    /// Makes it exist.
    fn create(aws: &Aws, want: &Self::Spec, step: &Step<'_>) -> impl Future<Output = Result<()>> + Send;
    /// Waits until it can be used, for types that AWS takes its time to make.
    fn ready(_aws: &Aws, _key: &str) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
    /// Makes it right: one block per aspect, a call only where `now` and `want` differ.
    fn update(
        aws: &Aws,
        now: &Self::Spec,
        want: &Self::Spec,
        step: &Step<'_>,
    ) -> impl Future<Output = Result<()>> + Send;
    /// Makes it gone; the absent is a success.
    fn delete(aws: &Aws, key: &str, step: &Step<'_>) -> impl Future<Output = Result<()>> + Send;
    /// Respells what AWS returned as the spec spells it, where the two mean the same.
    fn align(_now: &mut Self::Spec, _want: &Self::Spec) {}
    /// What a user should know before the change.
    fn warnings(_now: Option<&Self::Spec>, _want: Option<&Self::Spec>) -> Vec<String> {
        Vec::new()
    }
}

/// Makes a [`Kind`] of a [`Resource`]: JSON outside, types inside.
struct Typed<R> {
    aws: Arc<Aws>,
    schema: Value,
    resource: std::marker::PhantomData<fn() -> R>,
}

/// The registry's entry for a resource type.
pub(crate) fn typed<R: Resource>(aws: &Arc<Aws>) -> Box<dyn Kind> {
    Box::new(Typed::<R> { aws: Arc::clone(aws), schema: schema_of::<R::Spec>(), resource: std::marker::PhantomData })
}

/// JSON Schema in draft 7, which editors' TOML plug-ins read; without references, which they read badly.
fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

fn parse<R: Resource>(attributes: &Value) -> std::result::Result<R::Spec, serde_json::Error> {
    R::Spec::deserialize(attributes)
}

/// As [`parse`], for attributes that a plan or state file has brought: a misfit is an error of the call.
fn parse_for<R: Resource>(verb: &str, attributes: &Value) -> Result<R::Spec> {
    parse::<R>(attributes)
        .map_err(|error| CallError::own(Class::Invalid, format!("{} {verb}", R::KIND), error.to_string()))
}

impl<R: Resource> Kind for Typed<R> {
    fn name(&self) -> &'static str {
        R::KIND
    }

    fn aws_type(&self) -> &'static str {
        R::AWS_TYPE
    }

    fn ownership(&self) -> Ownership {
        R::OWNERSHIP
    }

    fn grants(&self) -> &'static [Grant] {
        R::GRANTS
    }

    fn writes(&self) -> &'static Writes {
        R::WRITES
    }

    fn schema(&self) -> &Value {
        &self.schema
    }

    fn examples(&self) -> &'static str {
        R::EXAMPLES
    }

    fn canonical(&self, attributes: &Value) -> std::result::Result<Value, serde_json::Error> {
        let mut spec = parse::<R>(attributes)?;
        R::gather(&mut spec).map_err(serde::de::Error::custom)?;
        serde_json::to_value(spec)
    }

    fn key(&self, attributes: &Value) -> std::result::Result<String, serde_json::Error> {
        Ok(R::key(&parse::<R>(attributes)?))
    }

    fn warnings(&self, now: Option<&Value>, want: Option<&Value>) -> Vec<String> {
        let parsed = |value: Option<&Value>| value.and_then(|value| parse::<R>(value).ok());
        R::warnings(parsed(now).as_ref(), parsed(want).as_ref())
    }

    fn read<'a>(&'a self, key: &'a str, hint: Option<&'a Value>) -> BoxFuture<'a, Result<Option<Live>>> {
        Box::pin(async move {
            // A hint written by another version may not fit any more; then it is no help, and no harm.
            let hint = hint.and_then(|hint| parse::<R>(hint).ok());
            let Some((mut spec, outputs)) = R::read(&self.aws, key, hint.as_ref()).await? else { return Ok(None) };
            if let Some(hint) = &hint {
                R::align(&mut spec, hint);
            }
            let json =
                |error: serde_json::Error| CallError::own(Class::Other, format!("{} read", R::KIND), error.to_string());
            Ok(Some(Live {
                attributes: serde_json::to_value(spec).map_err(json)?.into(),
                outputs: serde_json::to_value(outputs).map_err(json)?,
            }))
        })
    }

    fn align(&self, live: &Value, want: &Value) -> Value {
        let (Ok(mut now), Ok(want)) = (parse::<R>(live), parse::<R>(want)) else { return live.clone() };
        R::align(&mut now, &want);
        serde_json::to_value(now).unwrap_or_else(|_| live.clone())
    }

    fn create<'a>(&'a self, want: &'a Value, step: &'a Step<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { R::create(&self.aws, &parse_for::<R>("create", want)?, step).await })
    }

    fn ready<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(R::ready(&self.aws, key))
    }

    fn update<'a>(&'a self, now: &'a Value, want: &'a Value, step: &'a Step<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            R::update(&self.aws, &parse_for::<R>("update", now)?, &parse_for::<R>("update", want)?, step).await
        })
    }

    fn delete<'a>(&'a self, key: &'a str, step: &'a Step<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(R::delete(&self.aws, key, step))
    }
}
