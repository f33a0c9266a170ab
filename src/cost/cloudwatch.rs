//! What CloudWatch asks for alarms and dashboards.

use super::inventory::{Alarm, metrics};
use super::prices::CloudWatch;
use super::sheet::{Per, Sheet};

/// Writes down an alarm: CloudWatch bills each metric that it looks at.
pub(super) fn alarm(alarm: &Alarm, prices: &CloudWatch, sheet: &mut Sheet<'_>) {
    sheet.line("metrics of the alarm", metrics(alarm).into(), prices.alarm_metric, Per(1, "metric"));
}

/// Writes down a dashboard.
pub(super) fn dashboard(prices: &CloudWatch, sheet: &mut Sheet<'_>) {
    sheet.line("dashboard", 1.0, prices.dashboard, Per(1, "dashboard"));
}
