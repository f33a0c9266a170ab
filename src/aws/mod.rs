//! The only part that knows AWS's SDK: clients, errors, waits, the state's store, and one file per resource type.

pub mod account;
mod acting;
mod answers;
mod athena;
mod batch;
pub mod bootstrap;
pub mod bucket;
pub mod cloudtrail;
pub mod context;
pub mod data;
pub mod discovery;
mod ec2;
pub mod empty;
mod endpoint;
pub mod error;
mod events;
pub(crate) mod externals;
mod glue;
mod http;
mod items;
pub mod kinds;
mod kms;
pub mod location;
mod pacing;
mod post;
mod profile;
mod progress;
pub mod queries;
mod rates;
mod request;
mod retry;
mod role;
pub mod runs;
#[cfg(test)]
mod scripted;
mod secretsmanager;
mod slim;
mod ssm;
pub mod store;
mod trust;
pub mod wait;
mod window;

use std::future::Future;
use std::sync::Arc;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::Deserialize as _;
use serde_json::Value;

use crate::catalog::ResourceType;
use crate::model::access::Rules;
use crate::model::audit::AuditEvents;
use crate::model::error::{CallError, Class};
use crate::model::grant::Grant;
use crate::model::kind::{BoxFuture, Kind, Live, Ownership, StepContext};
use crate::model::policy::{Policy, principals_in};
use crate::model::unmodelled::{Coverage, Look, Owned, Unmodelled};

pub use context::Aws;

/// Where the SDK traces requests and replies as a whole.
pub const TRACES_WHOLE: &str = "aws_smithy_runtime::client::orchestrator";

/// The result of a call, or of several.
pub type Result<T> = std::result::Result<T, CallError>;

/// What `read` finds: the attributes, what AWS makes up, and what the answers show besides.
pub type Seen<S, O> = Option<(S, O, Vec<Unmodelled>)>;

/// The calls for a resource type.
pub(crate) trait Calls: ResourceType {
    /// The live resource, or `None` where it does not exist; all sub-resources are asked for at once.
    fn read(
        aws: &Aws,
        key: &str,
        hint: Option<&Self::Spec>,
    ) -> impl Future<Output = Result<Seen<Self::Spec, Self::Outputs>>> + Send;
    /// Makes it exist. Where the answers to that say all there is to say, that is what `read` would find, and it is not read;
    /// `None` where they do not.
    fn create(
        aws: &Aws,
        want: &Self::Spec,
        step: &StepContext<'_>,
    ) -> impl Future<Output = Result<Seen<Self::Spec, Self::Outputs>>> + Send;
    /// Waits until it can be used, for types that AWS takes its time to make.
    fn ready(_aws: &Aws, _key: &str) -> impl Future<Output = Result<()>> + Send {
        async { Ok(()) }
    }
    /// Makes it right: one block per aspect, a call only where `now` and `want` differ.
    fn update(
        aws: &Aws,
        now: &Self::Spec,
        want: &Self::Spec,
        step: &StepContext<'_>,
    ) -> impl Future<Output = Result<()>> + Send;
    /// Makes it gone; a missing resource counts as deleted.
    fn delete(aws: &Aws, key: &str, step: &StepContext<'_>) -> impl Future<Output = Result<()>> + Send;
}

/// What a resource type sees in AWS beyond its attributes; in a file of its service in `kinds/unmodelled/`. Nothing has a
/// default: a type without an answer does not compile.
pub(crate) trait Observed: Calls {
    /// What it looks at, and what it does not.
    const COVERAGE: &'static Coverage;

    /// Asks for what `read` does not see; `owned` says what of that is the environment's own.
    fn look_closer(aws: &Aws, now: &Self::Spec, owned: &Owned) -> impl Future<Output = Look> + Send;
    /// What would make AWS refuse its deletion, each a sentence.
    fn obstacles(aws: &Aws, now: &Self::Spec, empty: bool) -> impl Future<Output = Vec<String>> + Send;
}

/// What a policy brings that denies everybody one of these.
const SHUT_OUT: &str = "Its policy denies everybody what it is managed by: afterwards pipectl cannot read or change it, and of the \
                        account only the root user can take the policy away.";

/// Makes a [`Kind`] of a [`ResourceType`] and its [`Calls`]: JSON outside, types inside.
struct Typed<R> {
    aws: Arc<Aws>,
    schema: Value,
    resource: std::marker::PhantomData<fn() -> R>,
}

/// The registry's entry for a resource type.
pub(crate) fn typed<R: Observed>(aws: &Arc<Aws>) -> Box<dyn Kind> {
    Box::new(Typed::<R> { aws: Arc::clone(aws), schema: schema_of::<R::Spec>(), resource: std::marker::PhantomData })
}

/// JSON Schema in draft 7, which editors' TOML plug-ins read; without references, which they read badly.
fn schema_of<T: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

fn parse<R: ResourceType>(attributes: &Value) -> std::result::Result<R::Spec, serde_json::Error> {
    R::Spec::deserialize(attributes)
}

/// As [`parse`], for attributes that a plan or state file has brought: a misfit is an error of the call.
fn parse_for<R: ResourceType>(verb: &str, attributes: &Value) -> Result<R::Spec> {
    parse::<R>(attributes)
        .map_err(|error| CallError::own(Class::Invalid, format!("{} {verb}", R::KIND), error.to_string()))
}

/// Refuses a reply that is of another resource than the one asked for: the SDK fills what a reply lacks with empty values,
/// and `{}` would be a resource without a name.
fn answers_for<R: ResourceType>(key: &str, spec: &R::Spec) -> Result<()> {
    let found = R::key(spec);
    if found == key {
        return Ok(());
    }
    let message = format!("asked for `{key}`, and the reply is of `{found}`");
    Err(CallError::own(Class::Unreadable, format!("{} read", R::KIND), message))
}

/// What was seen, as JSON.
fn live<R: ResourceType>((spec, outputs, unmodelled): (R::Spec, R::Outputs, Vec<Unmodelled>)) -> Result<Live> {
    let json = |error: serde_json::Error| CallError::own(Class::Other, format!("{} read", R::KIND), error.to_string());
    Ok(Live {
        attributes: serde_json::to_value(spec).map_err(json)?.into(),
        outputs: serde_json::to_value(outputs).map_err(json)?,
        unmodelled,
    })
}

impl<R: Observed> Kind for Typed<R> {
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

    fn audit_events(&self) -> &'static AuditEvents {
        R::AUDIT_EVENTS
    }

    fn access(&self) -> &'static Rules {
        R::ACCESS
    }

    fn coverage(&self) -> &'static Coverage {
        R::COVERAGE
    }

    fn schema(&self) -> &Value {
        &self.schema
    }

    fn examples(&self) -> &'static str {
        R::EXAMPLES
    }

    fn canonical(&self, attributes: &Value) -> std::result::Result<Value, serde_json::Error> {
        serde_json::to_value(parse::<R>(attributes)?)
    }

    fn with_files(&self, attributes: &Value) -> std::result::Result<Value, serde_json::Error> {
        let mut spec = parse::<R>(attributes)?;
        R::resolve_local_files(&mut spec).map_err(serde::de::Error::custom)?;
        serde_json::to_value(spec)
    }

    fn key(&self, attributes: &Value) -> std::result::Result<String, serde_json::Error> {
        Ok(R::key(&parse::<R>(attributes)?))
    }

    fn warnings(&self, now: Option<&Value>, want: Option<&Value>) -> Vec<String> {
        let parsed = |value: Option<&Value>| value.and_then(|value| parse::<R>(value).ok());
        let shuts = |value: Option<&Value>| {
            let (policy, name) = (value.map(|value| &value["policy"]), value.and_then(|value| value["name"].as_str()));
            policy.is_some_and(|policy| Policy::new(policy).shuts_out(R::MANAGED_BY, name.unwrap_or_default()))
        };
        let shut_out = (shuts(want) && !shuts(now)).then(|| SHUT_OUT.to_owned());
        R::warnings(parsed(now).as_ref(), parsed(want).as_ref()).into_iter().chain(shut_out).collect()
    }

    fn principal(&self) -> Option<&'static str> {
        R::PRINCIPAL
    }

    fn bound_to(&self, want: &Value) -> Vec<String> {
        let own = parse::<R>(want).ok().and_then(|want| R::bound_to(&want));
        principals_in(want).into_iter().chain(own).collect()
    }

    fn unbound(&self, live: &Value) -> Value {
        let Ok(mut spec) = parse::<R>(live) else { return live.clone() };
        R::unbind(&mut spec);
        serde_json::to_value(spec).unwrap_or_else(|_| live.clone())
    }

    fn read<'a>(&'a self, key: &'a str, hint: Option<&'a Value>) -> BoxFuture<'a, Result<Option<Live>>> {
        Box::pin(async move {
            // A hint written by another version may not fit any more; then it is no help, and no harm.
            let hint = hint.and_then(|hint| parse::<R>(hint).ok());
            let Some((mut spec, outputs, unmodelled)) = R::read(&self.aws, key, hint.as_ref()).await? else {
                return Ok(None);
            };
            answers_for::<R>(key, &spec)?;
            if let Some(hint) = &hint {
                R::align(&mut spec, hint);
            }
            live::<R>((spec, outputs, unmodelled)).map(Some)
        })
    }

    fn look_closer<'a>(&'a self, now: &'a Value, owned: &'a Owned) -> BoxFuture<'a, Look> {
        Box::pin(async move {
            match parse::<R>(now) {
                Ok(now) => R::look_closer(&self.aws, &now, owned).await,
                // Attributes that were just read fit their type.
                Err(_) => Look::default(),
            }
        })
    }

    fn obstacles<'a>(&'a self, now: &'a Value, empty: bool) -> BoxFuture<'a, Vec<String>> {
        Box::pin(async move {
            match parse::<R>(now) {
                Ok(now) => R::obstacles(&self.aws, &now, empty).await,
                Err(_) => Vec::new(),
            }
        })
    }

    fn align(&self, live: &Value, want: &Value) -> Value {
        let (Ok(mut now), Ok(want)) = (parse::<R>(live), parse::<R>(want)) else { return live.clone() };
        R::align(&mut now, &want);
        serde_json::to_value(now).unwrap_or_else(|_| live.clone())
    }

    fn create<'a>(&'a self, want: &'a Value, step: &'a StepContext<'a>) -> BoxFuture<'a, Result<Option<Live>>> {
        Box::pin(progress::telling(step.note, async move {
            let want = parse_for::<R>("create", want)?;
            let Some((mut spec, outputs, unmodelled)) = R::create(&self.aws, &want, step).await? else {
                return Ok(None);
            };
            R::align(&mut spec, &want);
            live::<R>((spec, outputs, unmodelled)).map(Some)
        }))
    }

    fn ready<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(R::ready(&self.aws, key))
    }

    fn update<'a>(&'a self, now: &'a Value, want: &'a Value, step: &'a StepContext<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(progress::telling(step.note, async move {
            R::update(&self.aws, &parse_for::<R>("update", now)?, &parse_for::<R>("update", want)?, step).await
        }))
    }

    fn delete<'a>(&'a self, key: &'a str, step: &'a StepContext<'a>) -> BoxFuture<'a, Result<()>> {
        Box::pin(progress::telling(step.note, R::delete(&self.aws, key, step)))
    }
}
