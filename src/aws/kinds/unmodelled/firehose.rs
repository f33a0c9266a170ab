//! Beyond the attributes of Firehose delivery streams: format conversion and backup are attributes, which no spec
//! sets.

use crate::aws::{Aws, Observed};
use crate::catalog::firehose_delivery_stream::{self as delivery, DeliveryStream};
use crate::model::unmodelled::{Coverage, Look, Owned};

impl Observed for DeliveryStream {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[],
        not_looked_at: &[("encryption of its buffer", "one that reads a Kinesis stream has none of its own")],
    };

    async fn look_closer(_aws: &Aws, _now: &delivery::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &delivery::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
