//! What blocks have been used for, as CloudWatch has counted: what an estimate reckons with in place of what a spec expects.

use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use crate::catalog::facets::Metrics;
use crate::catalog::{
    Resource as Typed, apigateway_rest_api, dynamodb_table, firehose_delivery_stream, kinesis_stream, lambda_function,
    logs_group, sns_topic, sqs_queue,
};
use crate::cost::Expected;
use crate::model::data::{DataPlane, Datapoint, Metric};
use crate::model::error::CallError;
use crate::model::graph::Graph;
use crate::spec::Traffic;
use crate::spec::expect::{Calls, Items, Messages, Requests};

/// How far back is looked. CloudWatch keeps values of an hour for 15 months, and of a minute for 15 days.
const WINDOW: Duration = Duration::days(30);
/// An hour, in seconds.
const HOUR: u32 = 3600;

/// What a name in CloudWatch is of a resource: the metrics of a type that tell of its use.
const INCOMING: [&str; 2] = ["IncomingRecords", "IncomingBytes"];
const CALLED: [&str; 2] = ["Invocations", "Duration"];
const LOGGED: [&str; 1] = ["IncomingBytes"];
const CONSUMED: [&str; 2] = ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"];
const REQUESTED: [&str; 1] = ["Count"];
const SENT: [&str; 1] = ["NumberOfMessagesSent"];
const PUBLISHED: [&str; 1] = ["NumberOfMessagesPublished"];

/// Puts what CloudWatch has counted in the last 30 days in place of what is expected, and returns the blocks of which it has
/// counted anything. Of a block that is younger, it is the time since the first value.
///
/// # Errors
/// When CloudWatch cannot be asked.
pub async fn measured(
    data: &dyn DataPlane,
    graph: &Graph,
    expected: &mut Expected,
    now: OffsetDateTime,
) -> Result<Vec<String>, CallError> {
    let resources: Vec<(String, Typed)> = graph
        .resources
        .values()
        .filter_map(|one| Some((one.address.block_name().to_owned(), Typed::of(&one.kind, &one.attributes)?)))
        .collect();
    let metrics: Vec<Metric> = resources.iter().flat_map(|(_, resource)| wanted(resource)).collect();
    let series = data.metrics(&metrics, now - WINDOW).await?;
    let counted = Counted::new(&metrics, series, now);
    let mut measured = Vec::new();
    for (block, resource) in &resources {
        if put(block, resource, &counted, expected).is_some() {
            measured.push(block.clone());
        }
    }
    Ok(measured)
}

/// A resource of whose use CloudWatch tells.
enum Used<'a> {
    Stream(&'a kinesis_stream::Spec),
    /// One that producers put into: what another carries follows from its stream.
    Firehose(&'a firehose_delivery_stream::Spec),
    Function(&'a lambda_function::Spec),
    /// Of a function: how much it logs.
    Log(&'a logs_group::Spec),
    Table(&'a dynamodb_table::Spec),
    Api(&'a apigateway_rest_api::Spec),
    Queue(&'a sqs_queue::Spec),
    Topic(&'a sns_topic::Spec),
}

impl<'a> Used<'a> {
    /// None of a type that costs the same however it is used, or whose use follows from others'.
    fn of(resource: &'a Typed) -> Option<Self> {
        Some(match resource {
            Typed::Stream(it) => Self::Stream(it),
            Typed::Function(it) => Self::Function(it),
            Typed::LogGroup(it) => Self::Log(it),
            Typed::Table(it) => Self::Table(it),
            Typed::RestApi(it) => Self::Api(it),
            Typed::Queue(it) => Self::Queue(it),
            Typed::Topic(it) => Self::Topic(it),
            Typed::DeliveryStream(it) if it.source.is_none() => Self::Firehose(it),
            Typed::DeliveryStream(_)
            | Typed::Bucket(_)
            | Typed::Alarm(_)
            | Typed::Dashboard(_)
            | Typed::Secret(_)
            | Typed::ApiKey(_)
            | Typed::Stage(_)
            | Typed::UsagePlan(_)
            | Typed::Rule(_)
            | Typed::AccessKey(_)
            | Typed::Role(_)
            | Typed::User(_)
            | Typed::Mapping(_)
            | Typed::InvokeConfig(_)
            | Typed::Permission(_)
            | Typed::GlueCrawler(_)
            | Typed::GlueJob(_)
            | Typed::Trigger(_)
            | Typed::SchemaRegistry(_)
            | Typed::RegistrySchema(_)
            | Typed::Workflow(_)
            | Typed::LogStream(_)
            | Typed::Database(_)
            | Typed::CatalogTable(_)
            | Typed::Object(_)
            | Typed::Notification(_)
            | Typed::Subscription(_)
            | Typed::NamedQuery(_)
            | Typed::PreparedStatement(_)
            | Typed::Workgroup(_)
            | Typed::Parameter(_) => return None,
        })
    }

    /// The metrics that tell it, and what their dimension says.
    fn metrics(&self) -> (&'static [&'static str], &'a String) {
        match self {
            Self::Stream(it) => (&INCOMING, &it.name),
            Self::Firehose(it) => (&INCOMING, &it.name),
            Self::Function(it) => (&CALLED, &it.name),
            Self::Log(it) => (&LOGGED, &it.name),
            Self::Table(it) => (&CONSUMED, &it.name),
            Self::Api(it) => (&REQUESTED, &it.name),
            Self::Queue(it) => (&SENT, &it.name),
            Self::Topic(it) => (&PUBLISHED, &it.name),
        }
    }
}

/// What is asked of a resource.
fn wanted(resource: &Typed) -> Vec<Metric> {
    let Some((names, key)) = Used::of(resource).map(|used| used.metrics()) else { return Vec::new() };
    let Metrics::In { namespace, dimension } = resource.of_type().metrics() else { return Vec::new() };
    let metric = |&name: &&'static str| Metric {
        namespace,
        name,
        dimension: (dimension, key.clone()),
        statistic: "Sum",
        period: HOUR,
    };
    names.iter().map(metric).collect()
}

/// Puts what was counted of a resource; `None` where nothing was, or it is not the one that its block's use is told by.
fn put(block: &str, resource: &Typed, all: &Counted, expected: &mut Expected) -> Option<()> {
    let used = Used::of(resource)?;
    let Metrics::In { namespace, .. } = resource.of_type().metrics() else { return None };
    let counted = all.within(namespace);
    let block = block.to_owned();
    match used {
        Used::Stream(kinesis_stream::Spec { name, .. })
        | Used::Firehose(firehose_delivery_stream::Spec { name, .. }) => {
            let records_per_second = counted.a_second(INCOMING[0], name)?;
            let bytes = whole(counted.sum(INCOMING[1], name)? / counted.sum(INCOMING[0], name)?);
            expected.streams.insert(block, Traffic { records_per_second, bytes });
        }
        Used::Function(it) => {
            let calls = counted.sum(CALLED[0], &it.name)?;
            let duration_ms = counted.sum(CALLED[1], &it.name)? / calls;
            let logs = all.within("AWS/Logs");
            let log_bytes = logs.sum(LOGGED[0], &it.log_group).map_or(0, |bytes| whole(bytes / calls));
            let calls_per_second = counted.a_second(CALLED[0], &it.name)?;
            expected.functions.insert(block, Calls { calls_per_second, duration_ms, log_bytes });
        }
        Used::Log(_) => return None,
        Used::Table(it) => {
            let items = items(&block, it, counted, expected)?;
            expected.tables.insert(block, items);
        }
        Used::Api(it) => {
            let requests_per_second = counted.a_second(REQUESTED[0], &it.name)?;
            expected.apis.insert(block, Requests { requests_per_second });
        }
        Used::Queue(it) => {
            let messages_per_second = counted.a_second(SENT[0], &it.name)?;
            expected.queues.insert(block, Messages { messages_per_second });
        }
        Used::Topic(it) => {
            let messages_per_second = counted.a_second(PUBLISHED[0], &it.name)?;
            expected.topics.insert(block, Messages { messages_per_second });
        }
    }
    Some(())
}

/// Units of a table count its local indexes; items of 1 KB take one unit to be written, and half of one to be read.
fn items(block: &str, table: &dynamodb_table::Spec, counted: Within<'_>, expected: &Expected) -> Option<Items> {
    let (read, written) = (counted.a_second(CONSUMED[0], &table.name), counted.a_second(CONSUMED[1], &table.name));
    if read.is_none() && written.is_none() {
        return None;
    }
    let copies: f64 = 1.0 + table.local_indexes.keys().map(|_| 1.0).sum::<f64>();
    Some(Items {
        reads_per_second: read.unwrap_or_default() * 2.0,
        writes_per_second: written.unwrap_or_default() / copies,
        bytes: 1024,
        stored_gb: expected.tables.get(block).map_or(0.0, |it| it.stored_gb),
    })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "an average of sizes is neither large nor negative"
)]
fn whole(number: f64) -> u32 {
    number.round().max(1.0) as u32
}

/// Sums, and since when, by namespace, metric and resource: a stream and a delivery stream may well have one name.
struct Counted(BTreeMap<(&'static str, &'static str, String), (f64, f64)>);

/// The same of one namespace.
#[derive(Clone, Copy)]
struct Within<'a>(&'a Counted, &'static str);

impl Counted {
    fn new(metrics: &[Metric], series: Vec<Vec<Datapoint>>, now: OffsetDateTime) -> Self {
        let all = metrics.iter().zip(series).filter_map(|(metric, series)| {
            let since = series.iter().map(|point| point.at).min()?;
            let sum = series.iter().map(|point| point.value).sum();
            // What began within the hour is not taken for less than that.
            let seconds = (now - since).as_seconds_f64().max(f64::from(HOUR));
            Some(((metric.namespace, metric.name, metric.dimension.1.clone()), (sum, seconds)))
        });
        Self(all.collect())
    }

    /// What was counted in a namespace.
    fn within(&self, namespace: &'static str) -> Within<'_> {
        Within(self, namespace)
    }
}

impl<'a> Within<'a> {
    fn of(self, name: &'static str, key: &str) -> Option<&'a (f64, f64)> {
        self.0.0.get(&(self.1, name, key.to_owned()))
    }

    /// All of it; `None` where there is none.
    fn sum(self, name: &'static str, key: &str) -> Option<f64> {
        self.of(name, key).map(|(sum, _)| *sum).filter(|sum| *sum > 0.0)
    }

    /// How much a second.
    fn a_second(self, name: &'static str, key: &str) -> Option<f64> {
        self.of(name, key).map(|(sum, seconds)| sum / seconds).filter(|rate| *rate > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::ops::fake::Pipeline;

    /// The graph of the example, and what its spec expects.
    fn analytics() -> (Graph, Expected) {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/analytics");
        let options = crate::spec::Options { root, ..Default::default() };
        let loaded = crate::spec::load(&crate::spec::Source::Env("prod".to_owned()), &options);
        let spec = loaded.unwrap_or_else(|report| panic!("{}", report.render(false, 120))).spec;
        let scope = crate::model::scope::Scope::new("123456789012", "eu-west-1");
        (crate::blueprint::build(&spec, &scope), crate::cost::expected(&spec))
    }

    #[tokio::test]
    async fn what_cloudwatch_has_counted_stands_in_place_of_what_is_expected() {
        let (graph, mut expected) = analytics();
        let now = datetime!(2026-11-29 12:00 UTC);
        let hours = |value| vec![Datapoint { at: datetime!(2026-11-29 02:00 UTC), value }];
        let name = |address: &str| {
            let name = graph.resources[&address.parse().unwrap()].attributes["name"].as_str().unwrap();
            &*Box::leak(name.to_owned().into_boxed_str())
        };
        let (stream, function, table) = (name("stream.clicks"), name("function.process"), name("table.sessions"));
        let log: &'static str = name("function.process/log-group");
        let data = Pipeline {
            figures: [
                (("IncomingRecords", stream), hours(72_000.0)),
                (("IncomingBytes", stream), hours(36_000_000.0)),
                (("Invocations", function), hours(36_000.0)),
                (("Duration", function), hours(900_000.0)),
                (("IncomingBytes", log), hours(7_200_000.0)),
                (("ConsumedWriteCapacityUnits", table), hours(36_000.0)),
            ]
            .into(),
            ..Pipeline::default()
        };
        let measured = measured(&data, &graph, &mut expected, now).await.unwrap();
        assert_eq!(measured, ["function.process", "stream.clicks", "table.sessions"]);
        assert_eq!(expected.streams["stream.clicks"], Traffic { records_per_second: 2.0, bytes: 500 });
        let calls = Calls { calls_per_second: 1.0, duration_ms: 25.0, log_bytes: 200 };
        assert_eq!(expected.functions["function.process"], calls);
        let items = &expected.tables["table.sessions"];
        assert_eq!((items.writes_per_second, items.reads_per_second, items.bytes), (1.0, 0.0, 1024));
        let estimate = crate::cost::estimate(&graph, &expected, "eu-west-1").unwrap().as_counted(&measured);
        assert!(estimate.assumptions[1].starts_with("As CloudWatch has counted"), "{:?}", estimate.assumptions);
    }

    #[test]
    fn what_is_younger_than_the_window_is_reckoned_from_its_first_value_on() {
        let metric = Metric {
            namespace: "AWS/Kinesis",
            name: INCOMING[0],
            dimension: ("StreamName", "clicks".to_owned()),
            statistic: "Sum",
            period: HOUR,
        };
        let now = datetime!(2026-11-29 12:00 UTC);
        let point = |at, value| Datapoint { at, value };
        let series =
            vec![point(datetime!(2026-11-29 10:00 UTC), 3600.0), point(datetime!(2026-11-29 11:00 UTC), 10_800.0)];
        let counted = Counted::new(std::slice::from_ref(&metric), vec![series], now);
        assert_eq!(counted.within("AWS/Kinesis").sum(INCOMING[0], "clicks"), Some(14_400.0));
        assert_eq!(counted.within("AWS/Kinesis").a_second(INCOMING[0], "clicks"), Some(2.0));
        assert_eq!(counted.within("AWS/Kinesis").a_second(INCOMING[0], "other"), None);
        let silent = Counted::new(&[metric], vec![Vec::new()], now);
        assert_eq!(silent.within("AWS/Kinesis").sum(INCOMING[0], "clicks"), None);
    }
}
