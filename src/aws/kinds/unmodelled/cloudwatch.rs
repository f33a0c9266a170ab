//! Beyond the attributes of CloudWatch's alarms and dashboards.

use aws_sdk_cloudwatch::types::MetricAlarm;

use super::{set, text};
use crate::aws::{Aws, Observed};
use crate::catalog::cloudwatch_alarm::{self as alarm, Alarm};
use crate::catalog::cloudwatch_dashboard::{self as dashboard, Dashboard};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const UNIT: Setting =
    Setting::shown("unit", Weight::ChangesData).undone_by("aws cloudwatch put-metric-alarm").overwritten();
const LOW_SAMPLES: Setting = Setting::shown("percentiles with few samples", Weight::ChangesData)
    .undone_by("aws cloudwatch put-metric-alarm")
    .overwritten();
const BAND: Setting = Setting::shown("anomaly detection band", Weight::ChangesData)
    .undone_by("aws cloudwatch put-metric-alarm")
    .overwritten();

/// What DescribeAlarms shows of an alarm besides its attributes. PutMetricAlarm writes a whole alarm: what it is not given
/// is gone.
pub(in crate::aws::kinds) fn shown_of_alarm(live: &MetricAlarm) -> Vec<Unmodelled> {
    let low = text(live.evaluate_low_sample_count_percentile()).filter(|rule| *rule != "evaluate");
    [set(&UNIT, live.unit()), set(&LOW_SAMPLES, low), set(&BAND, text(live.threshold_metric_id()))]
        .into_iter()
        .flatten()
        .collect()
}

impl Observed for Alarm {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&UNIT, &LOW_SAMPLES, &BAND],
        not_looked_at: &[("composite alarms and mute rules that name it", "they belong to others")],
    };

    async fn look_closer(_aws: &Aws, _now: &alarm::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &alarm::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}

impl Observed for Dashboard {
    const COVERAGE: &'static Coverage =
        &Coverage { named: &[], not_looked_at: &[("sharing", "CloudWatch has no call that shows it")] };

    async fn look_closer(_aws: &Aws, _now: &dashboard::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &dashboard::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
