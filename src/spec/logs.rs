//! How long logs are kept.

use super::check::Checks;

/// The retentions that CloudWatch Logs knows, in days.
const RETENTIONS: [u32; 22] =
    [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653];

/// Checks that `log_retention_days` is a retention that CloudWatch Logs knows.
pub(super) fn check_retention(days: u32, checks: &mut Checks<'_>) {
    if RETENTIONS.contains(&days) {
        return;
    }
    let nearest = RETENTIONS.into_iter().min_by_key(|known| known.abs_diff(days)).unwrap_or_default();
    let list = RETENTIONS.map(|known| known.to_string()).join(", ");
    checks
        .error(
            "log_retention_days",
            format!("CloudWatch Logs does not keep events for {days} days; {nearest} is nearest"),
        )
        .help(format!("it knows {list}"));
}
