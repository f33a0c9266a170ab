//! What a Kinesis data stream costs.

use super::flow::{Flow, HOURS};
use super::inventory::Stream;
use super::prices::{Kinesis, Region};
use super::sheet::{Per, Sheet};

/// Records are kept for so many hours at no further cost.
const FREE: u32 = 24;
/// Beyond so many hours they are kept at the price of the long term.
const LONG_TERM: u32 = 168;
/// The shards that a new on-demand stream has.
const ON_DEMAND_SHARDS: u32 = 4;
/// How often a month Kinesis asks KMS for each of those who use an encrypted stream: every five minutes.
const KEY_REQUESTS: f64 = HOURS * 12.0;

/// Writes down a stream that so many delivery streams read.
pub(super) fn stream(stream: &Stream, readers: u32, flow: Option<Flow>, prices: &Region, sheet: &mut Sheet<'_>) {
    match stream.shards {
        Some(shards) => provisioned(stream, shards, flow, &prices.kinesis, sheet),
        None => on_demand(stream, readers, flow, &prices.kinesis, sheet),
    }
    if let Some(flow) = flow {
        let hours = stream.retention_hours.saturating_sub(LONG_TERM);
        let kept = flow.resident_gb(hours.into());
        sheet.line("kept longer than 7 days", kept, prices.kinesis.long_term_gb_month, Per(1, "GB-month"));
    }
    shard_metrics(stream, prices, sheet);
    if stream.kms_key.is_some() {
        let users = f64::from(readers) + 1.0;
        sheet.line("KMS requests", users * KEY_REQUESTS, prices.kms.requests_ten_thousand, Per(10_000, "request"));
        sheet.assume("An encrypted stream has one producer, which asks KMS every five minutes, as each reader does.");
    }
}

fn provisioned(stream: &Stream, shards: u32, flow: Option<Flow>, prices: &Kinesis, sheet: &mut Sheet<'_>) {
    let hours = f64::from(shards) * HOURS;
    sheet.line("shards", hours, prices.shard_hour, Per(1, "shard-hour"));
    if stream.retention_hours > FREE {
        sheet.line("extended retention", hours, prices.extended_shard_hour, Per(1, "shard-hour"));
    }
    if let Some(flow) = flow {
        sheet.line("PUT payload units", flow.put_units(), prices.put_units_million, Per(1_000_000, "unit"));
    }
}

fn on_demand(stream: &Stream, readers: u32, flow: Option<Flow>, prices: &Kinesis, sheet: &mut Sheet<'_>) {
    sheet.line("on-demand stream", HOURS, prices.stream_hour, Per(1, "hour"));
    let Some(flow) = flow else { return };
    sheet.line("written, 1 KB steps", flow.on_demand_gb(), prices.in_gb, Per(1, "GB"));
    sheet.line("read", flow.gb() * f64::from(readers), prices.out_gb, Per(1, "GB"));
    let hours = stream.retention_hours.min(LONG_TERM).saturating_sub(FREE);
    sheet.line("extended retention", flow.resident_gb(hours.into()), prices.extended_gb_month, Per(1, "GB-month"));
}

fn shard_metrics(stream: &Stream, prices: &Region, sheet: &mut Sheet<'_>) {
    let shards = stream.shards.unwrap_or(ON_DEMAND_SHARDS);
    let each: u32 = stream.shard_metrics.iter().map(|_| 1).sum();
    let metrics = f64::from(shards) * f64::from(each);
    sheet.line("shard metrics", metrics, prices.cloudwatch.metric, Per(1, "metric"));
    if metrics > 0.0 && stream.shards.is_none() {
        sheet.assume("An on-demand stream has the four shards that it begins with.");
    }
}
