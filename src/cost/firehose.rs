//! What a Firehose delivery stream costs, and how many objects it writes.

use super::flow::{Flow, SECONDS};
use super::inventory::DeliveryStream;
use super::sheet::Sheet;
use crate::model::price::Item;

/// Writes down a delivery stream that reads that flow.
pub(super) fn delivery_stream(stream: &DeliveryStream, flow: Flow, sheet: &mut Sheet<'_>) {
    sheet.line(
        if stream.source.is_some() { "read, 5 KB steps" } else { "put into it, 5 KB steps" },
        flow.firehose_gb(),
        Item::FirehoseIn,
    );
    if stream.dynamic_partitioning.is_some() {
        sheet.line("dynamic partitioning", flow.gb(), Item::FirehosePartitioned);
        sheet.line("objects of partitions", objects(stream, flow), Item::FirehoseObjects);
        sheet.assume(
            "Dynamic partitioning has one partition at a time: with more, its objects and PUTs are as many times more. \
             The hours in which jq runs are not counted.",
        );
    }
    sheet.assume("Firehose logs no errors, which CloudWatch Logs would bill by the GB.");
}

/// The objects of a month: one for each interval, or as many as the size asks for; never more than there are records.
pub(super) fn objects(stream: &DeliveryStream, flow: Flow) -> f64 {
    let by_time = SECONDS / f64::from(stream.buffer_seconds.max(1));
    let by_size = flow.gb() * 1024.0 / f64::from(stream.buffer_mib);
    by_time.max(by_size).min(flow.records)
}

/// How much of what flows in an object holds.
pub(super) fn stored(stream: &DeliveryStream) -> f64 {
    match stream.compression.as_str() {
        "UNCOMPRESSED" => 1.0,
        "GZIP" | "ZIP" => 0.2,
        _ => 0.4,
    }
}
