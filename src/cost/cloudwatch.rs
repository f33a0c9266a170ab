//! What CloudWatch asks for alarms and dashboards.

use super::inventory::{Alarm, metrics};
use super::sheet::Sheet;
use crate::model::price::Item;

/// Writes down an alarm: CloudWatch bills each metric that it looks at.
pub(super) fn alarm(alarm: &Alarm, sheet: &mut Sheet<'_>) {
    sheet.line("metrics of the alarm", metrics(alarm).into(), Item::CloudWatchAlarmMetric);
}

/// Writes down a dashboard.
pub(super) fn dashboard(sheet: &mut Sheet<'_>) {
    sheet.line("dashboard", 1.0, Item::CloudWatchDashboard);
}
