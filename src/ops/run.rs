//! Runs a job, a crawler or a workflow: starts it, and follows it to its end.

use std::time::Duration;

use time::OffsetDateTime;
use tokio::time::Instant;

use super::fault::{Fault, Result};
use super::logs::{Group, Line, Logs};
use super::stop::{Stop, pause};
use crate::model::data::DataPlane;
use crate::model::runs::{Run, Runs, Stage};

/// The time between two looks at a run.
const BETWEEN: Duration = Duration::from_secs(3);
/// How long events may take to appear after a run has ended.
const LATE: Duration = Duration::from_secs(6);

/// A job or a crawler, and where its runs log; or a workflow, whose own runs log nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its block: `job.clean`, `workflow.nightly`.
    pub block: String,
    /// Its name in AWS.
    pub name: String,
    /// The log groups that its runs write to.
    pub groups: Vec<String>,
    /// What the streams begin with that its runs write to; absent: each writes to those that begin with its id.
    pub streams: Option<String>,
}

/// Hears how a run goes on.
pub trait Heard: Send + Sync {
    /// How it stands.
    fn stands(&self, run: &Run);
    /// The new lines of its log, oldest first.
    fn logged(&self, lines: &[Line]);
}

/// Follows a run to its end. A signal leaves the run as it is.
///
/// # Errors
/// When a call fails, when the run does, with AWS's reason, when it was stopped, and when a signal ends the wait.
pub async fn follow(
    (runs, data): (&dyn Runs, &dyn DataPlane),
    job: &Job,
    id: &str,
    heard: &dyn Heard,
    stop: &dyn Stop,
) -> Result<Run> {
    let streams = job.streams.clone().unwrap_or_else(|| id.to_owned());
    let group = |name: &String| Group { block: job.block.clone(), name: name.clone(), streams: Some(streams.clone()) };
    let groups: Vec<Group> = job.groups.iter().map(group).collect();
    let mut log = Logs::new(&groups, OffsetDateTime::now_utc() - time::Duration::minutes(1));
    let run = loop {
        let run = runs.look(&job.name, id).await?;
        heard.stands(&run);
        heard.logged(&log.look(data).await?.lines);
        let Stage::Active(_) = run.stage else { break run };
        pause(Instant::now() + BETWEEN, stop).await;
        if let Some(signal) = stop.asked() {
            return Err(Fault::Interrupted { signal, partial: None });
        }
    };
    // The last lines appear after the run has ended.
    pause(Instant::now() + LATE, stop).await;
    heard.logged(&log.look(data).await?.lines);
    match &run.stage {
        Stage::Failed(state, why) => {
            let why = if why.is_empty() { "Glue does not say why".to_owned() } else { why.clone() };
            let help = if job.groups.is_empty() {
                "`pipectl logs` and a job of it shows what that logged".to_owned()
            } else {
                format!("`pipectl logs {}` shows what it logged", job.block)
            };
            Err(Fault::helped(anyhow::anyhow!("the run {} ended as {state}: {why}", run.id), help))
        }
        Stage::Stopped => Err(anyhow::anyhow!("the run {} was stopped", run.id).into()),
        Stage::Succeeded | Stage::Active(_) => Ok(run),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use super::*;
    use crate::model::future::BoxFuture;
    use crate::model::runs::Result as Called;
    use crate::ops::fake::{After, Pipeline};
    use crate::ops::stop::Never;

    /// A run that goes through stages.
    struct Fake(Mutex<Vec<Stage>>);

    impl Fake {
        fn new(stages: &[Stage]) -> Self {
            Self(Mutex::new(stages.iter().rev().cloned().collect()))
        }
    }

    impl Runs for Fake {
        fn start<'a>(
            &'a self,
            _job: &'a str,
            _arguments: &'a BTreeMap<String, String>,
        ) -> BoxFuture<'a, Called<String>> {
            Box::pin(async { Ok("jr_1".to_owned()) })
        }

        fn look<'a>(&'a self, _job: &'a str, run: &'a str) -> BoxFuture<'a, Called<Run>> {
            // The last stage is for ever.
            let mut stages = self.0.lock().unwrap();
            let stage = if stages.len() > 1 { stages.pop() } else { stages.last().cloned() };
            let run = Run { id: run.to_owned(), stage: stage.unwrap(), seconds: 5, dpus: None };
            Box::pin(async { Ok(run) })
        }

        fn stop<'a>(&'a self, _job: &'a str, _run: &'a str) -> BoxFuture<'a, Called<()>> {
            Box::pin(async { Ok(()) })
        }
    }

    #[derive(Default)]
    struct Ear(Mutex<Vec<String>>);

    impl Heard for Ear {
        fn stands(&self, run: &Run) {
            self.0.lock().unwrap().push(format!("{:?}", run.stage));
        }

        fn logged(&self, lines: &[Line]) {
            self.0.lock().unwrap().extend(lines.iter().map(|line| line.entry.message.clone()));
        }
    }

    fn job() -> Job {
        let groups = vec!["output".to_owned()];
        Job { block: "job.clean".to_owned(), name: "clean".to_owned(), groups, streams: None }
    }

    fn running() -> Stage {
        Stage::Active("RUNNING".to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_is_followed_to_its_end_and_each_of_its_lines_is_shown_once() {
        let (pipeline, ear) = (Pipeline::default(), Ear::default());
        pipeline.log_to("output", "jr_1-driver", OffsetDateTime::now_utc(), "hello");
        pipeline.log_to("output", "jr_2", OffsetDateTime::now_utc(), "of another run");
        let fake = Fake::new(&[running(), Stage::Succeeded]);
        let run = follow((&fake, &pipeline), &job(), "jr_1", &ear, &Never).await.unwrap();
        assert_eq!(run.stage, Stage::Succeeded);
        assert_eq!(*ear.0.lock().unwrap(), ["Active(\"RUNNING\")", "hello", "Succeeded"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_that_fails_says_why_and_a_signal_leaves_it_as_it_is() {
        let follow = async |stage: Stage, stop: &dyn Stop| {
            let (fake, pipeline) = (Fake::new(&[running(), stage]), Pipeline::default());
            follow((&fake, &pipeline), &job(), "jr_1", &Ear::default(), stop).await.unwrap_err()
        };
        let failed = follow(Stage::Failed("TIMEOUT".to_owned(), "too slow".to_owned()), &Never).await;
        assert!(failed.to_string().contains("the run jr_1 ended as TIMEOUT: too slow"), "{failed}");
        assert_eq!(failed.exit_code(), 1);
        let interrupted = follow(running(), &After::new(Duration::from_secs(9))).await;
        assert_eq!(interrupted.exit_code(), 130);
    }
}
