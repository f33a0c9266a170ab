//! A dashboard becomes a CloudWatch dashboard, its widgets drawn from the blocks that it shows.

use serde_json::{Value, json};

use super::metric::Emitter;
use super::{Build, Site};
use crate::catalog::cloudwatch_dashboard;
use crate::model::graph::What;
use crate::model::scope::Scope;
use crate::spec::blocks::dashboard::Dashboard;
use crate::spec::blocks::firehose::{Firehose, Logging};
use crate::spec::blocks::function::Function;
use crate::spec::{self, Spec};

/// CloudWatch's grid has this many columns.
const COLUMNS: u32 = 24;
/// Size of a graph, in columns and rows: three stand side by side.
const GRAPH: (u32, u32) = (8, 6);

impl Build for Dashboard {
    fn build(&self, site: &mut Site<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let own = self.body.as_deref().and_then(spec::json::object);
        let body = own.unwrap_or_else(|| {
            let mut page = Page { spec: site.spec, scope: site.scope, widgets: Vec::new(), x: 0, y: 0, row: 0 };
            self.draw(&mut page);
            json!({ "widgets": page.widgets })
        });
        site.add(cloudwatch_dashboard::Spec { name: name.clone(), body }, []);
        // One that shows everything says nothing by pointing at everything.
        for shown in &self.shows {
            site.flow(site.address.clone(), What::Shows, shown.address());
        }
        let region = &site.scope.region;
        if let Some(console) = site.scope.console() {
            site.output(
                "url",
                format!("https://{console}/cloudwatch/home?region={region}#dashboards/dashboard/{name}"),
            );
        }
        site.output("name", name);
    }
}

impl Dashboard {
    fn draw(&self, page: &mut Page<'_>) {
        let blocks = &page.spec.blocks;
        let alarms = blocks.alarm.iter().filter(|(name, _)| self.shows("alarm", name));
        let arns: Vec<String> = alarms.map(|(name, alarm)| alarm.arn(name, page.spec, page.scope)).collect();
        page.alarms(&arns);
        for name in blocks.stream.keys().filter(|name| self.shows("stream", name)) {
            page.stream(name);
        }
        for (name, firehose) in blocks.firehose.iter().filter(|(name, _)| self.shows("firehose", name)) {
            page.firehose(name, firehose);
        }
        for (name, function) in blocks.function.iter().filter(|(name, _)| self.shows("function", name)) {
            page.function(name, function);
        }
        for name in blocks.table.keys().filter(|name| self.shows("table", name)) {
            page.table(name);
        }
        for name in blocks.api.keys().filter(|name| self.shows("api", name)) {
            page.api(name);
        }
        for name in blocks.queue.keys().filter(|name| self.shows("queue", name)) {
            page.queue(name);
        }
        for name in blocks.schedule.keys().filter(|name| self.shows("schedule", name)) {
            page.schedule(name);
        }
        for name in blocks.topic.keys().filter(|name| self.shows("topic", name)) {
            page.topic(name);
        }
    }
}

/// A page on which widgets are set from left to right, and row by row.
struct Page<'a> {
    spec: &'a Spec,
    scope: &'a Scope,
    widgets: Vec<Value>,
    x: u32,
    y: u32,
    /// Height of the row so far.
    row: u32,
}

impl Page<'_> {
    fn alarms(&mut self, arns: &[String]) {
        if !arns.is_empty() {
            // Four to a row, and a row for the title.
            let rows = u32::try_from(arns.len().div_ceil(4)).unwrap_or(u32::MAX).saturating_add(1).min(20);
            self.set("alarm", (COLUMNS, rows), json!({ "title": "Alarms", "alarms": arns }));
        }
    }

    fn stream(&mut self, name: &str) {
        self.title(&format!("stream.{name}"));
        self.graph("stream", name, "Arriving", &[("IncomingRecords", "Sum"), ("IncomingBytes", "Sum right")]);
        self.graph(
            "stream",
            name,
            "Age of the oldest record not yet read (ms)",
            &[("GetRecords.IteratorAgeMilliseconds", "Maximum")],
        );
        let throttled =
            ["WriteProvisionedThroughputExceeded", "ReadProvisionedThroughputExceeded", "PutRecords.ThrottledRecords"];
        self.graph("stream", name, "Throttled", &throttled.map(|metric| (metric, "Sum")));
    }

    fn firehose(&mut self, name: &str, firehose: &Firehose) {
        self.title(&format!("firehose.{name}"));
        let records = ["DataReadFromKinesisStream.Records", "DeliveryToS3.Records"];
        self.graph("firehose", name, "Read and delivered", &records.map(|metric| (metric, "Sum")));
        let interval = firehose.buffering.interval_seconds;
        self.graph(
            "firehose",
            name,
            "Age of the oldest record not yet delivered (s)",
            &[("DeliveryToS3.DataFreshness", "Maximum")],
        );
        self.mark(&format!("Buffer: {interval} s"), f64::from(interval));
        self.graph("firehose", name, "Behind the stream (ms)", &[("KinesisMillisBehindLatest", "Maximum")]);
        self.graph("firehose", name, "Deliveries that succeed (share)", &[("DeliveryToS3.Success", "Average")]);
        self.mark("All", 1.0);
        self.graph("firehose", name, "Delivered bytes", &[("DeliveryToS3.Bytes", "Sum")]);
        let throttled = ["ThrottledGetRecords", "ThrottledGetShardIterator", "ThrottledDescribeStream"];
        self.graph("firehose", name, "Throttled", &throttled.map(|metric| (metric, "Sum")));
        if firehose.logging == Logging::Off {
            return;
        }
        let group = firehose.log_group(name, self.spec);
        let query =
            format!("SOURCE '{group}' | fields @timestamp, errorCode, errorMessage | sort @timestamp desc | limit 50");
        self.set("log", (COLUMNS, 6), json!({ "title": "Errors of delivery", "query": query, "view": "table" }));
    }

    fn function(&mut self, name: &str, function: &Function) {
        self.title(&format!("function.{name}"));
        let calls = ["Invocations", "Errors", "Throttles"];
        self.graph("function", name, "Calls", &calls.map(|metric| (metric, "Sum")));
        self.graph("function", name, "Duration (ms)", &[("Duration", "Maximum"), ("Duration", "Average")]);
        let timeout = function.timeout_seconds;
        self.mark(&format!("Timeout: {timeout} s"), f64::from(timeout) * 1000.0);
        if function.source.as_ref().is_some_and(|source| !source.reads_queue()) {
            self.graph("function", name, "Age of the last record of a batch (ms)", &[("IteratorAge", "Maximum")]);
        }
    }

    fn table(&mut self, name: &str) {
        self.title(&format!("table.{name}"));
        let consumed = ["ConsumedReadCapacityUnits", "ConsumedWriteCapacityUnits"];
        self.graph("table", name, "Capacity units consumed", &consumed.map(|metric| (metric, "Sum")));
        let throttled = ["ReadThrottleEvents", "WriteThrottleEvents"];
        self.graph("table", name, "Throttled", &throttled.map(|metric| (metric, "Sum")));
        let expired = ["TimeToLiveDeletedItemCount", "ConditionalCheckFailedRequests"];
        self.graph("table", name, "Items expired, and conditions not met", &expired.map(|metric| (metric, "Sum")));
    }

    fn api(&mut self, name: &str) {
        self.title(&format!("api.{name}"));
        self.graph("api", name, "Requests", &[("Count", "Sum")]);
        self.graph("api", name, "Errors (share)", &[("5XXError", "Average"), ("4XXError", "Average")]);
        self.graph("api", name, "Latency (ms)", &[("Latency", "p99"), ("IntegrationLatency", "p99")]);
    }

    fn queue(&mut self, name: &str) {
        self.title(&format!("queue.{name}"));
        let messages = ["ApproximateNumberOfMessagesVisible", "ApproximateNumberOfMessagesNotVisible"];
        self.graph(
            "queue",
            name,
            "Messages that wait, and that are being dealt with",
            &messages.map(|it| (it, "Maximum")),
        );
        let age = [("ApproximateAgeOfOldestMessage", "Maximum")];
        self.graph("queue", name, "Age of the oldest message (s)", &age);
        let through = ["NumberOfMessagesSent", "NumberOfMessagesDeleted"];
        self.graph("queue", name, "Sent, and done with", &through.map(|metric| (metric, "Sum")));
    }

    fn schedule(&mut self, name: &str) {
        self.title(&format!("schedule.{name}"));
        let calls = ["TriggeredRules", "Invocations", "FailedInvocations"];
        self.graph("schedule", name, "Calls", &calls.map(|metric| (metric, "Sum")));
    }

    fn topic(&mut self, name: &str) {
        self.title(&format!("topic.{name}"));
        let metrics = ["NumberOfMessagesPublished", "NumberOfNotificationsDelivered", "NumberOfNotificationsFailed"];
        self.graph("topic", name, "Messages", &metrics.map(|metric| (metric, "Sum")));
    }

    /// A line of text over all columns, at the beginning of a row.
    fn title(&mut self, text: &str) {
        self.y += self.row;
        (self.x, self.row) = (0, 0);
        self.set("text", (COLUMNS, 1), json!({ "markdown": format!("## {text}") }));
    }

    /// A graph of metrics of one block, each with its statistic; ` right` behind it sets the metric on the right axis.
    fn graph(&mut self, kind: &str, name: &str, title: &str, metrics: &[(&str, &str)]) {
        let Some(emitter) = Emitter::of(kind, name, self.spec) else { return };
        let row = |(metric, statistic): &(&str, &str)| match statistic.split_once(' ') {
            Some((statistic, axis)) => emitter.widget_row(metric, &json!({ "stat": statistic, "yAxis": axis })),
            None => emitter.widget_row(metric, &json!({ "stat": statistic })),
        };
        let rows: Vec<Value> = metrics.iter().map(row).collect();
        let properties = json!({ "title": title, "metrics": rows, "view": "timeSeries", "period": 60, "yAxis": { "left": { "min": 0 } } });
        self.set("metric", GRAPH, properties);
    }

    /// Draws a line at a value of the graph that was set last.
    fn mark(&mut self, label: &str, value: f64) {
        if let Some(widget) = self.widgets.last_mut() {
            widget["properties"]["annotations"] = json!({ "horizontal": [{ "label": label, "value": value }] });
        }
    }

    fn set(&mut self, kind: &str, (width, height): (u32, u32), mut properties: Value) {
        if self.x + width > COLUMNS {
            self.y += self.row;
            (self.x, self.row) = (0, 0);
        }
        // Dashboards belong to no region, so each widget names its own.
        if kind == "metric" || kind == "log" {
            properties["region"] = self.scope.region.clone().into();
        }
        self.widgets.push(json!({
            "type": kind, "x": self.x, "y": self.y, "width": width, "height": height, "properties": properties,
        }));
        self.x += width;
        self.row = self.row.max(height);
    }
}
