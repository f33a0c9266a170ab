//! How a run of a job or a workflow stands, and what it came to.

use std::time::Duration;

use serde_json::{Value, json};

use super::style::{Clean, DIM, paint};
use crate::model::runs::{Run, Stage};
use crate::ops::amount::duration;

/// AWS bills a minute at the least (<https://aws.amazon.com/glue/pricing/>).
const LEAST: u64 = 60;

/// One line while it is under way.
pub fn progress(run: &Run) -> String {
    let state = match &run.stage {
        Stage::Active(state) | Stage::Failed(state, _) => state.to_ascii_lowercase(),
        Stage::Succeeded => "succeeded".to_owned(),
        Stage::Stopped => "stopped".to_owned(),
    };
    format!("{} {}, {}", Clean(&run.id), Clean(&state), duration(Duration::from_secs(run.seconds)))
}

/// What it came to: `jr_… succeeded, 90 s` and the DPU-hours that are billed.
pub fn text(run: &Run) -> String {
    match hours(run) {
        Some(hours) => format!("{}{}\n", progress(run), paint(DIM, format!(" ({hours:.3} DPU-hours)"))),
        None => format!("{}\n", progress(run)),
    }
}

/// The same for programs; of the block of that address.
pub fn json(block: &str, name: &str, run: &Run) -> Value {
    let kind = block.split('.').next().unwrap_or_default();
    let (state, why) = match &run.stage {
        Stage::Active(state) => (state.as_str(), None),
        Stage::Failed(state, why) => (state.as_str(), Some(why)),
        Stage::Succeeded => ("SUCCEEDED", None),
        Stage::Stopped => ("STOPPED", None),
    };
    json!({ kind: name, "run": run.id, "state": state, "error": why, "seconds": run.seconds, "dpu_hours": hours(run) })
}

/// The DPU-hours that are billed; absent where AWS does not say how many DPUs it has.
#[expect(clippy::cast_precision_loss, reason = "no run lasts that long")]
fn hours(run: &Run) -> Option<f64> {
    let billed = if run.seconds == 0 { 0 } else { run.seconds.max(LEAST) };
    run.dpus.map(|dpus| dpus * billed as f64 / 3600.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(stage: Stage, seconds: u64) -> Run {
        Run { id: "jr_1".to_owned(), stage, seconds, dpus: Some(2.0) }
    }

    #[test]
    fn a_run_tells_how_it_stands_and_what_is_billed() {
        assert_eq!(progress(&run(Stage::Active("RUNNING".to_owned()), 90)), "jr_1 running, 90 s");
        assert!(text(&run(Stage::Succeeded, 3600)).contains("(2.000 DPU-hours)"));
        let failed = run(Stage::Failed("TIMEOUT".to_owned(), "too slow".to_owned()), 30);
        let said = json("job.clean", "clean", &failed);
        assert_eq!(said["job"], "clean");
        assert_eq!(json("workflow.nightly", "n", &failed)["workflow"], "n");
        assert_eq!((said["state"].as_str(), said["error"].as_str()), (Some("TIMEOUT"), Some("too slow")));
        assert_eq!(said["dpu_hours"], 2.0 * 60.0 / 3600.0);
    }
}
