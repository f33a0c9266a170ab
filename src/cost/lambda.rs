//! What a Lambda function costs, with its log and its traces.

use super::flow::SECONDS;
use super::inventory::Function;
use super::sheet::Sheet;
use crate::catalog::lambda_function::USUAL_STORAGE;
use crate::model::price::Item;
use crate::spec::expect::Calls;

const GB: f64 = 1024.0 * 1024.0 * 1024.0;
/// X-Ray's usual rule: the first call of a second, and of the others one in twenty.
const SAMPLED: f64 = 0.05;

/// Writes down a function that is called so, whose log is kept for so many days.
pub(super) fn function(function: &Function, calls: Calls, log_days: Option<u32>, sheet: &mut Sheet<'_>) {
    let month = calls.calls_per_second * SECONDS;
    sheet.line("calls", month, Item::LambdaRequests);
    let memory = f64::from(function.memory_mb) / 1024.0;
    let time = if function.architecture == "arm64" { Item::LambdaArm } else { Item::LambdaX86 };
    sheet.line("memory while it runs", month * calls.duration_ms / 1000.0 * memory, time);
    if function.ephemeral_storage_mb > USUAL_STORAGE {
        sheet.assume("What `/tmp` has beyond 512 MB is not counted.");
    }
    let logged = month * f64::from(calls.log_bytes) / GB;
    sheet.line("logged", logged, Item::LogsIngested);
    let months = log_days.map_or(12.0, |days| f64::from(days) * 24.0 * 3600.0 / SECONDS);
    sheet.line("logs kept", logged * months, Item::LogsStored);
    if function.tracing {
        let first = month.min(SECONDS);
        sheet.line("traces", first + (month - first) * SAMPLED, Item::XRayTraces);
        sheet.assume("X-Ray records the first call of each second, and one in twenty of the others.");
    }
    if calls.log_bytes == 0 {
        sheet.assume("Functions that do not say `log_bytes` log nothing.");
    } else {
        sheet.assume("Logs are kept as large as they come, though CloudWatch bills them compressed.");
    }
}
