//! Routes that answer without a function: API Gateway puts what comes on a stream, a delivery stream, a topic or a queue.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Api, Route};
use crate::spec::blocks::Kind;
use crate::spec::blocks::firehose::Firehose;
use crate::spec::blocks::function::Function;
use crate::spec::blocks::queue::Queue;
use crate::spec::blocks::stream::Stream;
use crate::spec::check::{Block as _, Checks};
use crate::spec::{Ref, Spec, Target};

/// What answers a route.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Answered {
    /// A function, which gets the whole request, or what an event is put on.
    By(Ref<Answers>),
    /// What events are put on, and how.
    With(Put),
}

/// How events are put on a block.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Put {
    /// The stream, firehose, topic or queue that gets them; or a function.
    pub to: Ref<Answers>,
    /// Of a stream or firehose: whether a request holds many events, as a JSON array of 1 to 500 documents. Where some of them
    /// are not taken, the answer has status 503 and says which.
    #[serde(default)]
    pub batch: bool,
    /// Of a stream: what of an event is its partition key, which decides on its shard: `header:X-User`, `path:user` (of `{user}` in
    /// the path), `field:user.id` of the JSON document, or `random`. An event that has no such thing gets a random one.
    #[serde(default)]
    #[schemars(length(max = 256), regex(pattern = PARTITION_KEY))]
    pub partition_key: Option<String>,
}

/// How a partition key is written.
const PARTITION_KEY: &str =
    r"^(random|header:[A-Za-z0-9-]+|path:[A-Za-z0-9_]+|field:[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z][A-Za-z0-9_-]*)*)$";

/// The kinds of block that can answer a route.
#[derive(Clone, Debug, PartialEq)]
pub enum Answers {}

impl Target for Answers {
    fn kinds() -> Vec<Kind> {
        vec![Kind::Function, Kind::Stream, Kind::Firehose, Kind::Topic, Kind::Queue]
    }
}

/// What decides on the shard of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartitionKey {
    /// Chance.
    Random,
    /// A header of the request.
    Header(String),
    /// A part of its path.
    Path(String),
    /// A field of the document, with dots.
    Field(String),
}

impl PartitionKey {
    /// As it is written; what has another form stands for chance, as the schema refuses it.
    pub(crate) fn of(text: &str) -> Self {
        match text.split_once(':') {
            Some(("header", name)) => Self::Header(name.to_owned()),
            Some(("path", name)) => Self::Path(name.to_owned()),
            Some(("field", path)) => Self::Field(path.to_owned()),
            _ => Self::Random,
        }
    }
}

impl Answered {
    /// The block that answers.
    pub fn to(&self) -> &Ref<Answers> {
        match self {
            Self::By(to) | Self::With(Put { to, .. }) => to,
        }
    }

    /// The function that answers, if one does.
    pub fn function(&self) -> Option<Ref<Function>> {
        let to = self.to();
        (to.kind() == Function::KIND).then(|| to.widen())
    }

    /// How events are put on what is no function.
    pub fn put(&self) -> Option<Put> {
        let put = match self {
            Self::By(to) => Put { to: to.clone(), batch: false, partition_key: None },
            Self::With(put) => put.clone(),
        };
        (put.to.kind() != Function::KIND).then_some(put)
    }
}

impl Put {
    /// What decides on the shard of an event.
    pub fn key(&self) -> PartitionKey {
        self.partition_key.as_deref().map_or(PartitionKey::Random, PartitionKey::of)
    }
}

impl Api {
    /// The routes that answer without a function.
    pub fn puts(&self) -> impl Iterator<Item = (&String, Put)> {
        self.routes.iter().filter_map(|(key, answered)| Some((key, answered.put()?)))
    }
}

/// Checks what the routes put, on what, and how.
pub(super) fn check(api: &Api, spec: &Spec, checks: &mut Checks<'_>) {
    for (key, answered) in &api.routes {
        if let Answered::With(put) = answered {
            check_options(put, Route::of(key), &format!("routes.{key}"), checks);
        }
    }
    for (key, put) in api.puts() {
        let at = format!("routes.{key}");
        check_method(key, &put, &at, checks);
        check_target(&put, spec, &at, checks);
    }
    if api.role_name.is_some() && api.puts().next().is_none() {
        checks
            .error("role_name", "this names the role as which API Gateway puts events, and no route of this API does")
            .help("take it out");
    }
}

/// Checks that what is asked for goes with the block that gets the events.
fn check_options(put: &Put, route: Option<Route<'_>>, at: &str, checks: &mut Checks<'_>) {
    let kind = put.to.kind();
    if put.batch && ![Stream::KIND, Firehose::KIND].contains(&kind) {
        checks
            .error(&format!("{at}.batch"), format!("a {kind} gets no batches from a route"))
            .help("take `batch` out; streams and firehoses get them");
    }
    if put.partition_key.is_some() && kind != Stream::KIND {
        checks
            .error(
                &format!("{at}.partition_key"),
                format!("a {kind} has no shards that a partition key could decide on"),
            )
            .help("take `partition_key` out");
    }
    match put.key() {
        PartitionKey::Path(name) if route.is_some_and(|route| !route.has(&name)) => {
            checks
                .error(&format!("{at}.partition_key"), format!("the path of this route has no `{{{name}}}`"))
                .help("write one of its parts, or another partition key");
        }
        // Asked for it, the template would get Java's class of the document.
        PartitionKey::Field(path) if path.split('.').any(|part| part == "class") => {
            checks
                .error(&format!("{at}.partition_key"), "API Gateway cannot get at a field that is called `class`")
                .help("write another one");
        }
        PartitionKey::Random | PartitionKey::Header(_) | PartitionKey::Path(_) | PartitionKey::Field(_) => {}
    }
}

/// An event is the body of a request.
fn check_method(key: &str, put: &Put, at: &str, checks: &mut Checks<'_>) {
    let bodiless = ["GET", "HEAD", "OPTIONS", "ANY"];
    let Some(route) = Route::of(key).filter(|route| bodiless.contains(&route.method)) else { return };
    let method = route.method;
    let why = if method == "ANY" { "takes requests without a body too" } else { "has no body" };
    checks
        .error(at, format!("`{method}` {why}, and its body is what is put on `{}`", put.to))
        .help(format!("write `POST {}`", route.path));
}

/// Checks that the block takes what a route puts on it.
fn check_target(put: &Put, spec: &Spec, at: &str, checks: &mut Checks<'_>) {
    let (kind, name) = put.to.parts();
    let at = format!("{at}.to");
    let firehose = spec.blocks.firehose.own().get(name).filter(|_| kind == Firehose::KIND);
    if firehose.is_some_and(|firehose| !firehose.takes_records()) {
        checks
            .error(&at, format!("`{}` reads a stream, and AWS lets nobody put records on such a firehose", put.to))
            .help("name the stream that it reads");
    }
    let queue = spec.blocks.queue.own().get(name).filter(|_| kind == Queue::KIND);
    if queue.is_some_and(|queue| queue.fifo) {
        checks
            .error(&at, format!("`{}` is a FIFO queue, whose messages have groups, and a route says none", put.to))
            .help("name a function that sends them, or a queue that is not FIFO");
    }
}
