//! What an alarm watches for by default where one metric does not tell it.

use crate::spec::Spec;

/// An expression that says whether a block of some kind does what it is for.
#[derive(Debug)]
pub struct Usual {
    /// The kind of the block.
    kind: &'static str,
    /// The expression.
    pub(super) expression: &'static str,
    /// The metrics that it names: id, whose they are, and name.
    pub(super) metrics: [(&'static str, Of, &'static str); 2],
    /// It fires above this,
    pub(super) threshold: f64,
    /// of so many periods
    pub(super) periods: u32,
    /// in so many.
    pub(super) datapoints: u32,
    /// What it means when it fires; `{}` is the block.
    meaning: &'static str,
}

/// Whose metric it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// That of the block that is watched.
    Watched,
    /// That of the stream that it reads.
    Source,
}

const ALL: [Usual; 4] = [
    Usual {
        kind: "firehose",
        // 1 in a period in which records arrived and none was delivered. `FILL`, because neither metric is emitted while
        // it would be 0.
        expression: "IF(FILL(arriving, 0) > 0 AND FILL(delivered, 0) == 0, 1, 0)",
        metrics: [("arriving", Of::Source, "IncomingRecords"), ("delivered", Of::Watched, "DeliveryToS3.Records")],
        threshold: 0.0,
        periods: 3,
        datapoints: 3,
        meaning: "Records arrive, and {} delivers none of them",
    },
    Usual {
        kind: "function",
        // Both are emitted for every call, the errors also as 0.
        expression: "100 * errors / calls",
        metrics: [("calls", Of::Watched, "Invocations"), ("errors", Of::Watched, "Errors")],
        threshold: 5.0,
        periods: 3,
        datapoints: 3,
        meaning: "More than 5 % of the calls of {} fail",
    },
    Usual {
        kind: "table",
        // Neither is emitted while it would be 0.
        expression: "FILL(reads, 0) + FILL(writes, 0)",
        metrics: [("reads", Of::Watched, "ReadThrottleEvents"), ("writes", Of::Watched, "WriteThrottleEvents")],
        threshold: 0.0,
        periods: 15,
        datapoints: 5,
        meaning: "{} refuses reads or writes that come too fast for it",
    },
    Usual {
        kind: "api",
        // Both are emitted for every request, the errors also as 0.
        expression: "100 * errors / requests",
        metrics: [("requests", Of::Watched, "Count"), ("errors", Of::Watched, "5XXError")],
        threshold: 1.0,
        periods: 3,
        datapoints: 3,
        meaning: "More than 1 % of the requests to {} fail by no fault of the caller",
    },
];

impl Usual {
    /// That of a kind, if one metric does not do.
    pub(super) fn of(kind: &str) -> Option<&'static Self> {
        ALL.iter().find(|usual| usual.kind == kind)
    }

    /// What it means when it fires.
    pub fn meaning(&self, watched: &str) -> String {
        self.meaning.replace("{}", watched)
    }

    /// Length of a period for the block of that name, in seconds. A firehose that works delivers at least once in its
    /// buffer's interval.
    pub(super) fn period(&self, name: &str, spec: &Spec) -> u32 {
        match self.kind {
            "firehose" => {
                let interval = spec.blocks.firehose.get(name).map_or(0, |firehose| firehose.buffering.interval_seconds);
                interval.div_ceil(60).max(5) * 60
            }
            "table" => 60,
            _ => 300,
        }
    }
}
