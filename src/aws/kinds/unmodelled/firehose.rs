//! Beyond the attributes of Firehose delivery streams: a backup is an attribute, which no spec sets.

use crate::aws::kinds::firehose_delivery_stream::DETAILS;
use crate::aws::{Aws, Observed};
use crate::catalog::firehose_delivery_stream::{self as delivery, DeliveryStream};
use crate::model::unmodelled::{Coverage, Look, Owned};

impl Observed for DeliveryStream {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&DETAILS],
        not_looked_at: &[(
            "the throughput that producers of a direct PUT announce",
            "AWS's word: it is for information, and limits nothing",
        )],
    };

    async fn look_closer(_aws: &Aws, _now: &delivery::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &delivery::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
