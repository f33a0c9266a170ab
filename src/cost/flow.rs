//! What flows through a pipeline in a month, as each service counts it.

use crate::spec::Traffic;

/// Hours of a month, as AWS reckons: a twelfth of a year.
pub(super) const HOURS: f64 = 730.0;
/// Seconds of that month.
pub(super) const SECONDS: f64 = HOURS * 3600.0;
const GB: f64 = 1024.0 * 1024.0 * 1024.0;
const KB: u32 = 1024;

/// The records of a month, and the size of one in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    /// How many.
    pub(super) records: f64,
    bytes: u32,
}

impl Flow {
    pub(super) fn of(traffic: Traffic) -> Self {
        Self { records: traffic.records_per_second * SECONDS, bytes: traffic.bytes }
    }

    /// PUT payload units of Kinesis: each begun 25 KB of a record is one.
    pub(super) fn put_units(self) -> f64 {
        self.records * f64::from(self.bytes.div_ceil(25 * KB))
    }

    /// GB as an on-demand stream counts what is written: each record rounded up to 1 KB.
    pub(super) fn on_demand_gb(self) -> f64 {
        self.rounded_gb(KB)
    }

    /// GB as Firehose counts what it reads: each record rounded up to 5 KB.
    pub(super) fn firehose_gb(self) -> f64 {
        self.rounded_gb(5 * KB)
    }

    /// GB as they are.
    pub(super) fn gb(self) -> f64 {
        self.rounded_gb(1)
    }

    fn rounded_gb(self, step: u32) -> f64 {
        self.records * f64::from(self.bytes.div_ceil(step)) * f64::from(step) / GB
    }

    /// GB that lie there at any time, if each lies there for so many hours.
    pub(super) fn resident_gb(self, hours: f64) -> f64 {
        self.gb() * hours / HOURS
    }
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "powers of two, and what they are divided by")]
mod tests {
    use super::*;

    /// One record in a whole month.
    fn one(bytes: u32) -> Flow {
        Flow { records: 1.0, bytes }
    }

    #[test]
    fn a_record_of_one_byte_is_five_kb_to_firehose_and_one_to_an_on_demand_stream() {
        assert_eq!(one(1).firehose_gb() * GB, 5120.0);
        assert_eq!(one(1).on_demand_gb() * GB, 1024.0);
        assert_eq!(one(1).gb() * GB, 1.0);
    }

    #[test]
    fn records_are_rounded_up_and_never_further_than_to_the_next_step() {
        for (bytes, firehose, on_demand) in
            [(1024, 5120.0, 1024.0), (1025, 5120.0, 2048.0), (5120, 5120.0, 5120.0), (5121, 10240.0, 6144.0)]
        {
            assert_eq!(one(bytes).firehose_gb() * GB, firehose, "{bytes}");
            assert_eq!(one(bytes).on_demand_gb() * GB, on_demand, "{bytes}");
        }
    }

    #[test]
    fn a_put_payload_unit_is_25_kb_of_one_record() {
        for (bytes, units) in [(1, 1.0), (25 * 1024, 1.0), (25 * 1024 + 1, 2.0), (1024 * 1024, 41.0)] {
            assert_eq!(one(bytes).put_units(), units, "{bytes}");
        }
    }

    #[test]
    fn a_month_has_730_hours() {
        let flow = Flow::of(Traffic { records_per_second: 2.0, bytes: 1 });
        assert_eq!(flow.records, 5_256_000.0);
        let flow = Flow { records: GB, bytes: 1 };
        assert_eq!(flow.resident_gb(73.0), 0.1);
    }
}
