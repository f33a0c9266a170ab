//! What an alarm on a firehose watches for unless it says otherwise.

use crate::spec::metrics::{Expression, Of};

/// 1 in a period in which records arrived, at its stream or at itself, and none was delivered. `FILL`, because neither metric is emitted while it would
/// be 0.
pub(super) const NOTHING_DELIVERED: Expression = Expression {
    expression: "IF(FILL(arriving, 0) > 0 AND FILL(delivered, 0) == 0, 1, 0)",
    metrics: [("arriving", Of::Source, "IncomingRecords"), ("delivered", Of::Watched, "DeliveryToS3.Records")],
    threshold: 0.0,
    periods: 3,
    datapoints: 3,
    // One that works delivers at least once in its buffer's interval.
    period: |name, spec| {
        let interval = spec.blocks.firehose.own().get(name).map_or(0, |firehose| firehose.buffering.interval_seconds);
        interval.div_ceil(60).max(5) * 60
    },
    meaning: "Records arrive, and {} delivers none of them",
};
