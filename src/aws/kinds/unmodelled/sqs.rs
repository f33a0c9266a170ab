//! Beyond the attributes of SQS queues: all that SQS has of one is modelled.

use crate::aws::{Aws, Observed};
use crate::catalog::sqs_queue::{self as queue, Queue};
use crate::model::unmodelled::{Coverage, Look, Owned};

impl Observed for Queue {
    const COVERAGE: &'static Coverage =
        &Coverage { named: &[], not_looked_at: &[("who reads it", "a reader leaves no trace on the queue")] };

    async fn look_closer(_aws: &Aws, _now: &queue::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &queue::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
