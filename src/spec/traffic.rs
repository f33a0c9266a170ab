//! What a stream is expected to carry, and whether it can.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::Checks;

/// The traffic of a stream, on average.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// Records a second, on average.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub records_per_second: f64,
    /// Size of a record in bytes, on average.
    #[schemars(range(min = 1, max = 10_485_760))]
    pub bytes: u32,
}

const KIB: f64 = 1024.0;
const MIB: f64 = 1024.0 * KIB;
/// What one shard takes in a second: records, and bytes.
const SHARD_TAKES: (f64, f64) = (1_000.0, MIB);
/// What one shard gives all its readers together in a second, in bytes.
const SHARD_GIVES: f64 = 2.0 * MIB;
/// What an on-demand stream takes in a second when it is new: as many shards' worth.
const ON_DEMAND_SHARDS: f64 = 4.0;
/// The largest record that Firehose reads, in bytes.
const FIREHOSE_READS: f64 = 1_000.0 * KIB;

/// The stream that is to carry the traffic.
#[derive(Clone, Copy, Debug)]
pub(super) struct Carrier {
    /// Its shards; absent where AWS decides on them.
    pub(super) shards: Option<u32>,
    /// The largest record that it takes, in KiB.
    pub(super) max_record_kib: u32,
    /// How many delivery streams read it.
    pub(super) readers: u32,
}

/// Warns at `expect` where the stream cannot carry the traffic.
pub(super) fn check(traffic: Traffic, carrier: Carrier, checks: &mut Checks<'_>) {
    let needed = traffic.shards(carrier.readers);
    let bytes = f64::from(traffic.bytes);
    match carrier.shards.map(f64::from) {
        Some(shards) if needed > shards => {
            checks
                .warning("expect", format!("this traffic needs {needed} shards, and the stream has {shards}"))
                .help("a shard takes 1,000 records and 1 MiB a second, and gives its readers 2 MiB together");
        }
        None if needed > ON_DEMAND_SHARDS => {
            checks
                .warning("expect", "this traffic is more than a new on-demand stream takes")
                .help("it takes 4,000 records and 4 MiB a second at first, and grows to twice its highest load so far: raise the load step by step");
        }
        _ => {}
    }
    if bytes > f64::from(carrier.max_record_kib) * KIB {
        let most = carrier.max_record_kib;
        checks.warning("expect.bytes", format!("the stream takes no record of more than {most} KiB: `max_record_kib`"));
    } else if carrier.readers > 0 && bytes > FIREHOSE_READS {
        checks.warning("expect.bytes", "Firehose reads no record of more than 1,000 KiB");
    }
}

/// What a delivery stream takes from producers in a second unless AWS has raised its quotas: records, and bytes; in the three
/// large regions, and elsewhere (<https://docs.aws.amazon.com/firehose/latest/dev/limits.html>).
const DIRECT: [(f64, f64); 2] = [(500_000.0, 5.0 * MIB), (100_000.0, MIB)];

/// Warns at `expect` where a delivery stream cannot take from producers what is expected.
pub(super) fn check_direct(traffic: Traffic, large: bool, checks: &mut Checks<'_>) {
    let bytes = f64::from(traffic.bytes);
    let (records, rate) = DIRECT[usize::from(!large)];
    if traffic.records_per_second > records || traffic.records_per_second * bytes > rate {
        let most = rate / MIB;
        checks
            .warning("expect", "this traffic is more than a new delivery stream takes from producers in this region")
            .help(format!(
                "it takes {records} records and {most} MiB a second: ask AWS for more, or put a `stream` before it"
            ));
    }
    if bytes > FIREHOSE_READS {
        checks.warning("expect.bytes", "Firehose takes no record of more than 1,000 KiB");
    }
}

impl Traffic {
    /// The fewest shards that take it, and give it to that many readers.
    fn shards(self, readers: u32) -> f64 {
        let rate = self.records_per_second * f64::from(self.bytes);
        let wanted =
            [self.records_per_second / SHARD_TAKES.0, rate / SHARD_TAKES.1, f64::from(readers) * rate / SHARD_GIVES];
        wanted.into_iter().fold(1.0, f64::max).ceil()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shards(records_per_second: f64, bytes: u32, readers: u32) -> f64 {
        Traffic { records_per_second, bytes }.shards(readers)
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "whole numbers")]
    fn records_bytes_and_readers_each_ask_for_shards() {
        assert_eq!(shards(1_000.0, 1, 1), 1.0);
        assert_eq!(shards(1_001.0, 1, 1), 2.0);
        assert_eq!(shards(1.0, 1_048_576, 1), 1.0);
        assert_eq!(shards(3.5, 1_048_576, 1), 4.0);
        assert_eq!(shards(2.0, 1_048_576, 2), 2.0);
        assert_eq!(shards(2.0, 1_048_576, 3), 3.0);
        assert_eq!(shards(0.0, 1, 0), 1.0);
    }
}
