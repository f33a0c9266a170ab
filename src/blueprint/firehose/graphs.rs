//! What a dashboard draws of a firehose.

use serde_json::json;

use super::super::page::{COLUMNS, Page};
use crate::spec::blocks::firehose::{Firehose, Logging};

pub(super) fn draw(own: Option<&Firehose>, name: &str, page: &mut Page<'_>) {
    // Of one that is somebody else's nobody knows: most read a stream.
    let direct = own.is_some_and(|own| own.source.is_none());
    if direct {
        page.graph("Put and delivered", &["IncomingRecords", "DeliveryToS3.Records"].map(|metric| (metric, "Sum")));
    } else {
        let records = ["DataReadFromKinesisStream.Records", "DeliveryToS3.Records"];
        page.graph("Read and delivered", &records.map(|metric| (metric, "Sum")));
    }
    page.graph("Age of the oldest record not yet delivered (s)", &[("DeliveryToS3.DataFreshness", "Maximum")]);
    if let Some(interval) = own.map(|own| own.buffering.interval_seconds) {
        page.mark(&format!("Buffer: {interval} s"), f64::from(interval));
    }
    if direct {
        page.graph(
            "Put bytes, and what is taken a second",
            &[("IncomingBytes", "Sum"), ("BytesPerSecondLimit", "Maximum right")],
        );
    } else {
        page.graph("Behind the stream (ms)", &[("KinesisMillisBehindLatest", "Maximum")]);
    }
    page.graph("Deliveries that succeed (share)", &[("DeliveryToS3.Success", "Average")]);
    page.mark("All", 1.0);
    page.graph("Delivered bytes", &[("DeliveryToS3.Bytes", "Sum")]);
    if own.is_some_and(|own| own.transform.is_some()) {
        let calls = [("ExecuteProcessing.Success", "Average"), ("ExecuteProcessing.Duration", "Maximum right")];
        page.graph("Calls of its function: share that succeeds, and time (ms)", &calls);
        page.mark("All", 1.0);
    }
    if own.is_some_and(|own| own.backup.is_some()) {
        page.graph(
            "Copies of the records as they came",
            &[("BackupToS3.Records", "Sum"), ("BackupToS3.DataFreshness", "Maximum right")],
        );
    }
    if own.is_some_and(|own| own.convert.is_some()) {
        let converted = ["SucceedConversion.Records", "FailedConversion.Records"];
        page.graph("Converted, and not", &converted.map(|metric| (metric, "Sum")));
    }
    let throttled: &[&str] = if direct {
        &["ThrottledRecords"]
    } else {
        &["ThrottledGetRecords", "ThrottledGetShardIterator", "ThrottledDescribeStream"]
    };
    page.graph("Throttled", &throttled.iter().map(|metric| (*metric, "Sum")).collect::<Vec<_>>());
    let Some(own) = own.filter(|own| own.logging != Logging::Off) else { return };
    let group = own.log_group(name, page.spec);
    let query =
        format!("SOURCE '{group}' | fields @timestamp, errorCode, errorMessage | sort @timestamp desc | limit 50");
    page.set("log", (COLUMNS, 6), json!({ "title": "Errors of delivery", "query": query, "view": "table" }));
}
