//! Which stream, which API, which bucket: what the data commands need to know of a spec's resources.

mod dataset;

use std::time::Duration;

use serde_json::Value;
use uuid::Uuid;

use super::failure::Failure;
use crate::model::address::Address;
use crate::model::graph::{End, External, Flow, Graph, Resource, What};
use crate::ops::Fault;
use crate::ops::events::{Events, TEXTS};
use crate::ops::run::Job;
use crate::ops::send::To;

pub(super) use dataset::{Rows, Ways, bucket, rows};

/// A delivery stream's way to its bucket, from its stream or from itself.
pub(super) struct Delivery {
    pub(super) from: From,
    pub(super) bucket: String,
    pub(super) prefix: String,
    pub(super) error_prefix: String,
    pub(super) utc: bool,
    pub(super) buffer: Duration,
    pub(super) json_lines: bool,
}

/// Where a delivery stream takes records from.
pub(super) enum From {
    /// From the stream of that name.
    Stream(String),
    /// From producers, which put them into the delivery stream of that name itself.
    Itself(String),
}

impl From {
    /// Where events are sent so that it delivers them.
    pub(super) fn to(&self) -> To<'_> {
        match self {
            Self::Stream(name) => To::Stream(name),
            Self::Itself(name) => To::Firehose(name),
        }
    }
}

/// The way from a stream by a function to the items of a table.
pub(super) struct Writing {
    pub(super) stream: String,
    pub(super) table: String,
    pub(super) key: Vec<String>,
    pub(super) by: String,
    pub(super) window: Duration,
}

/// The name of the stream of a block, or of the only one.
pub(super) fn stream(graph: &Graph, block: Option<&str>) -> Result<String, Failure> {
    Ok(text(&only(graph, "stream", "kinesis_stream", block)?.attributes["name"]))
}

/// The name of the delivery stream of a block, or of the only one, that events can be put into.
pub(super) fn direct(graph: &Graph, block: Option<&str>) -> Result<String, Failure> {
    let delivery = only(graph, "firehose", "firehose_delivery_stream", block)?;
    if delivery.attributes["source"].is_null() {
        return Ok(text(&delivery.attributes["name"]));
    }
    let block = delivery.address.block_name();
    let error = anyhow::anyhow!("`{block}` reads a stream, and takes no records besides");
    Err(Fault::helped(error, "send to its stream: without `--via`").into())
}

/// A route of an API that takes events.
pub(super) struct Route {
    /// The stage that serves it.
    pub(super) stage: Address,
    /// Its path below the stage's URL.
    pub(super) path: String,
    /// The API key that it asks for.
    pub(super) key: Option<Address>,
}

/// The first POST route of an API block, or of the only one.
pub(super) fn route(graph: &Graph, block: Option<&str>) -> Result<Route, Failure> {
    let api = only(graph, "api", "apigateway_rest_api", block)?;
    let routes = api.attributes["methods"].as_object().into_iter().flat_map(|methods| methods.keys());
    // A path with a variable would have to be filled in, and a request with one event is none with many.
    let fits = |path: &&str| !path.contains('{') && !takes_many(&api.attributes["methods"][&format!("POST {path}")]);
    let path = routes.filter_map(|route| route.strip_prefix("POST ")).find(fits);
    let none = || Failure::new(format!("{} has no POST route for one event, without `{{…}}`", api.address));
    let path = path.ok_or_else(none)?;
    let guarded = api.attributes["methods"][&format!("POST {path}")]["api_key"] == true;
    Ok(Route {
        stage: api.address.part("stage"),
        path: path.trim_end_matches('/').to_owned(),
        key: guarded.then(|| api.address.part("key")),
    })
}

/// Whether a method of an API takes an array of events.
fn takes_many(method: &Value) -> bool {
    let uri = method["service"]["uri"].as_str().unwrap_or_default();
    uri.ends_with("PutRecords") || uri.ends_with("PutRecordBatch")
}

/// The way of the delivery stream of a block, or of the only one.
pub(super) fn delivery(graph: &Graph, block: Option<&str>) -> Result<Delivery, Failure> {
    let attributes = &only(graph, "firehose", "firehose_delivery_stream", block)?.attributes;
    not_theirs(graph, &attributes["source"]["stream_arn"])?;
    let last = |arn: &Value, separator| text(arn).rsplit(separator).next().unwrap_or_default().to_owned();
    let processors = attributes["processors"].as_array();
    let delimits = |processor: &Value| processor["type"] == "AppendDelimiterToRecord";
    Ok(Delivery {
        from: match attributes["source"] {
            Value::Null => From::Itself(text(&attributes["name"])),
            _ => From::Stream(last(&attributes["source"]["stream_arn"], '/')),
        },
        bucket: last(&attributes["bucket_arn"], ':'),
        prefix: text(&attributes["prefix"]),
        error_prefix: text(&attributes["error_prefix"]),
        utc: attributes["time_zone"] == "UTC",
        buffer: Duration::from_secs(attributes["buffer_seconds"].as_u64().unwrap_or_default()),
        json_lines: processors.is_some_and(|all| all.iter().any(delimits)),
    })
}

/// Refuses to put made-up events on a stream that is somebody else's: others read it as well.
fn not_theirs(graph: &Graph, stream_arn: &Value) -> Result<(), Failure> {
    let is_it = |(_, external): &(&Address, &External)| stream_arn.as_str() == Some(&external.arn);
    let Some((address, _)) = graph.externals.iter().find(is_it) else { return Ok(()) };
    let error = anyhow::anyhow!("`{address}` is external: marked events would reach everybody who reads it");
    let help = "let its owner send some, and look at `pipectl status`; or verify a pipeline with a stream of its own";
    Err(Fault::helped(error, help).into())
}

/// Whether the spec has a delivery stream.
pub(super) fn delivers(graph: &Graph) -> bool {
    graph.resources.values().any(|resource| resource.kind == "firehose_delivery_stream")
}

/// The way to the table of a block, or of the only one.
pub(super) fn writing(graph: &Graph, block: Option<&str>) -> Result<Writing, Failure> {
    let table = only(graph, "table", "dynamodb_table", block)?;
    let keys = [&table.attributes["partition_key"], &table.attributes["sort_key"]].map(|key| &key["name"]);
    let key: Vec<String> = keys.into_iter().filter_map(Value::as_str).map(str::to_owned).collect();
    if let Some(other) = key.iter().find(|name| !TEXTS.contains(&name.as_str())) {
        return Err(Failure::new(format!(
            "nobody knows where in {} an event is: `{other}` is part of its key, and an event has {}",
            table.address,
            TEXTS.join(", ")
        )));
    }
    let mut writers = upstream(graph, &table.address, "function");
    let read = |by| upstream(graph, by, "stream").next().map(|stream| (by, stream));
    let Some((by, stream)) = writers.find_map(read) else {
        let name = table.address.block_name();
        let missing =
            format!("no function that reads a stream writes {name}: it would say `uses = [\"{name}:write\"]`");
        return Err(Failure::new(missing));
    };
    let window =
        graph.resources.get(&by.part("source")).and_then(|mapping| mapping.attributes["window_seconds"].as_u64());
    Ok(Writing {
        stream: self::stream(graph, Some(stream.block_name()))?,
        table: text(&table.attributes["name"]),
        key,
        by: by.to_string(),
        window: Duration::from_secs(window.unwrap_or_default()),
    })
}

/// The blocks of a kind that data comes from to a block.
fn upstream<'a>(graph: &'a Graph, block: &'a Address, kind: &'a str) -> impl Iterator<Item = &'a Address> {
    let comes = move |flow: &&Flow| flow.what == What::Data && matches!(&flow.to, End::Block(to) if to == block);
    let of_kind = move |from: &&Address| from.block_name().split('.').next() == Some(kind);
    graph.flows.iter().filter(comes).map(|flow| &flow.from).filter(of_kind)
}

/// A job, and the log groups that its runs write to.
pub(super) fn job(graph: &Graph, block: &Address) -> Result<Job, Failure> {
    let job = only(graph, "job", "glue_job", Some(block.block_name()))?;
    let own = job.attributes["arguments"]["--continuous-log-logGroup"].as_str().map(str::to_owned);
    let shared = if job.attributes["command"] == "pythonshell" { "python-jobs" } else { "jobs" };
    let shared = ["output", "error"].map(|what| format!("/aws-glue/{shared}/{what}"));
    let groups = own.into_iter().chain(shared).collect();
    Ok(Job { block: job.address.block_name().to_owned(), name: text(&job.attributes["name"]), groups, streams: None })
}

/// A crawler, and the log group that runs of all crawlers write to, each to a stream of its crawler's name.
pub(super) fn crawler(graph: &Graph, block: &Address) -> Result<Job, Failure> {
    let crawler = only(graph, "crawler", "glue_crawler", Some(block.block_name()))?;
    let name = text(&crawler.attributes["name"]);
    let groups = vec!["/aws-glue/crawlers".to_owned()];
    Ok(Job { block: crawler.address.block_name().to_owned(), streams: Some(name.clone()), name, groups })
}

/// A workflow, whose jobs log each by itself.
pub(super) fn workflow(graph: &Graph, block: &Address) -> Result<Job, Failure> {
    let workflow = only(graph, "workflow", "glue_workflow", Some(block.block_name()))?;
    let block = workflow.address.block_name().to_owned();
    Ok(Job { block, name: text(&workflow.attributes["name"]), groups: Vec::new(), streams: None })
}

/// The workgroup of an `athena` block, or of the only one.
pub(super) fn workgroup(graph: &Graph, block: Option<&str>) -> Result<String, Failure> {
    Ok(text(&only(graph, "athena", "athena_workgroup", block)?.attributes["name"]))
}

/// The database of a `catalog` block, whosever it is, or of the only one; none where there are several, or there is none.
pub(super) fn database(graph: &Graph, block: Option<&str>) -> Result<Option<String>, Failure> {
    const DATABASE: &str = "glue_database";
    let own = graph.resources.values().filter(|resource| resource.kind == DATABASE);
    let own = own.map(|resource| (&resource.address, text(&resource.attributes["name"])));
    let theirs = graph.externals.iter().filter(|(_, external)| external.kind == DATABASE);
    let mut all: Vec<(&Address, String)> =
        own.chain(theirs.map(|(address, external)| (address, external.name.clone()))).collect();
    let Some(block) = block else { return Ok(all.pop().filter(|_| all.is_empty()).map(|(_, name)| name)) };
    let block = format!("catalog.{}", block.strip_prefix("catalog.").unwrap_or(block));
    let found = all.iter().find(|(address, _)| address.block_name() == block);
    let missing = || Failure::new(format!("this spec has no `{block}`"));
    found.map(|(_, name)| Some(name.clone())).ok_or_else(missing)
}

/// Events that no other run has: different every time.
pub(super) fn events() -> Events {
    let run = Uuid::new_v4();
    let (seed, _) = run.as_u64_pair();
    Events::new(seed, run.simple().to_string())
}

/// The resource of that kind which stands for the named block, or for the only block of its kind.
fn only<'a>(graph: &'a Graph, word: &str, kind: &str, block: Option<&str>) -> Result<&'a Resource, Failure> {
    let block = block.map(|block| format!("{word}.{}", block.strip_prefix(&format!("{word}.")).unwrap_or(block)));
    let all: Vec<&Resource> = graph.resources.values().filter(|resource| resource.kind == kind).collect();
    let names = || all.iter().map(|resource| resource.address.to_string()).collect::<Vec<_>>().join(", ");
    match (&block, all.as_slice()) {
        (None, [one]) => Ok(one),
        (None, []) => Err(Failure::new(format!("this spec has no `[{word}.…]`"))),
        (None, _) => Err(Failure::new(format!("which one? Name it with `--{word}`: {}", names()))),
        (Some(block), _) => {
            let found = all.iter().find(|resource| resource.address.block_name() == block.as_str());
            found.copied().ok_or_else(|| Failure::new(format!("this spec has no `{block}`; it has: {}", names())))
        }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
