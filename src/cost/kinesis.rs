//! What a Kinesis data stream costs.

use super::flow::{Flow, HOURS};
use super::inventory::Stream;
use super::sheet::Sheet;
use crate::model::price::Item;

/// Records are kept for so many hours at no further cost.
const FREE: u32 = 24;
/// Beyond so many hours they are kept at the price of the long term.
const LONG_TERM: u32 = 168;
/// The shards that a new on-demand stream has.
const ON_DEMAND_SHARDS: u32 = 4;
/// How often a month Kinesis asks KMS for each of those who use an encrypted stream: every five minutes.
const KEY_REQUESTS: f64 = HOURS * 12.0;

/// Writes down a stream that so many delivery streams read.
pub(super) fn stream(stream: &Stream, readers: u32, flow: Option<Flow>, sheet: &mut Sheet<'_>) {
    match stream.shards {
        Some(shards) => provisioned(stream, shards, flow, sheet),
        None => on_demand(stream, readers, flow, sheet),
    }
    if let Some(flow) = flow {
        let hours = stream.retention_hours.saturating_sub(LONG_TERM);
        let kept = flow.resident_gb(hours.into());
        sheet.line("kept longer than 7 days", kept, Item::KinesisLongTerm);
    }
    shard_metrics(stream, sheet);
    if stream.kms_key.is_some() {
        let users = f64::from(readers) + 1.0;
        sheet.line("KMS requests", users * KEY_REQUESTS, Item::KmsRequests);
        sheet.assume("An encrypted stream has one producer, which asks KMS every five minutes, as each reader does.");
    }
}

fn provisioned(stream: &Stream, shards: u32, flow: Option<Flow>, sheet: &mut Sheet<'_>) {
    let hours = f64::from(shards) * HOURS;
    sheet.line("shards", hours, Item::KinesisShardHour);
    if stream.retention_hours > FREE {
        sheet.line("extended retention", hours, Item::KinesisExtendedShardHour);
    }
    if let Some(flow) = flow {
        sheet.line("PUT payload units", flow.put_units(), Item::KinesisPutUnits);
    }
}

fn on_demand(stream: &Stream, readers: u32, flow: Option<Flow>, sheet: &mut Sheet<'_>) {
    sheet.line("on-demand stream", HOURS, Item::KinesisStreamHour);
    let Some(flow) = flow else { return };
    sheet.line("written, 1 KB steps", flow.on_demand_gb(), Item::KinesisIn);
    sheet.line("read", flow.gb() * f64::from(readers), Item::KinesisOut);
    let hours = stream.retention_hours.min(LONG_TERM).saturating_sub(FREE);
    sheet.line("extended retention", flow.resident_gb(hours.into()), Item::KinesisExtended);
}

fn shard_metrics(stream: &Stream, sheet: &mut Sheet<'_>) {
    let shards = stream.shards.unwrap_or(ON_DEMAND_SHARDS);
    let each: u32 = stream.shard_metrics.iter().map(|_| 1).sum();
    let metrics = f64::from(shards) * f64::from(each);
    sheet.line("shard metrics", metrics, Item::CloudWatchMetric);
    if metrics > 0.0 && stream.shards.is_none() {
        sheet.assume("An on-demand stream has the four shards that it begins with.");
    }
}
