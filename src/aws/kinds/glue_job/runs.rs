//! The runs of a job: those that are under way, and their end.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::{Instant, sleep};

use crate::aws::Result;
use crate::aws::error::{absent_is_none, entry_failed, failed, present};
use crate::aws::glue::Glue;
use crate::aws::slim::{Call, Caller};
use crate::aws::wait::pauses;
use crate::model::error::{CallError, Class};

/// How long runs may take to stop: those on streams end their batch first.
const LIMIT: Duration = Duration::from_mins(15);
/// The most runs that AWS stops in a call.
const BATCH: usize = 25;
/// The states of a run that has ended.
const ENDED: [&str; 6] = ["STOPPED", "SUCCEEDED", "FAILED", "TIMEOUT", "ERROR", "EXPIRED"];

const LIST: &str = "glue GetJobRuns";
const GET: &str = "glue GetJobRun";
const STOP: &str = "glue BatchStopJobRun";

/// Lists the runs of a job: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetJobRuns.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct GetJobRuns<'a> {
    pub(in crate::aws) job_name: &'a str,
    pub(in crate::aws) max_results: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) next_token: Option<String>,
}

impl Call for GetJobRuns<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetJobRuns";
    type Reply = Runs;
}

/// A page of runs.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Runs {
    pub(in crate::aws) job_runs: Vec<Run>,
    next_token: Option<String>,
}

/// A run.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Run {
    pub(in crate::aws) id: Option<String>,
    pub(in crate::aws) job_run_state: Option<String>,
    pub(in crate::aws) error_message: Option<String>,
    /// Seconds since 1970.
    pub(in crate::aws) started_on: Option<Value>,
    pub(in crate::aws) completed_on: Option<Value>,
    /// For how long it has had machines, in seconds.
    pub(in crate::aws) execution_time: Option<u64>,
    /// DPUs that it has.
    pub(in crate::aws) max_capacity: Option<f64>,
}

impl Run {
    /// A state that is new to pipectl counts as under way: a job is not deleted below it.
    fn is_active(&self) -> bool {
        !self.job_run_state.as_deref().is_some_and(|state| ENDED.contains(&state))
    }

    fn is_stopping(&self) -> bool {
        self.job_run_state.as_deref() == Some("STOPPING")
    }
}

/// Asks how a run is: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetJobRun.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct GetJobRun<'a> {
    pub(in crate::aws) job_name: &'a str,
    pub(in crate::aws) run_id: &'a str,
}

impl Call for GetJobRun<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetJobRun";
    type Reply = Got;
}

/// What GetJobRun says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Got {
    pub(in crate::aws) job_run: Option<Run>,
}

/// Stops runs: <https://docs.aws.amazon.com/glue/latest/webapi/API_BatchStopJobRun.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct BatchStopJobRun<'a> {
    job_name: &'a str,
    job_run_ids: &'a [String],
}

impl Call for BatchStopJobRun<'_> {
    type Of = Glue;
    const NAME: &'static str = "BatchStopJobRun";
    type Reply = Stopped;
}

/// What came of it: AWS answers with success where it has stopped none.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Stopped {
    errors: Vec<NotStopped>,
}

/// A run that was not stopped.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct NotStopped {
    job_run_id: Option<String>,
    error_detail: Option<Detail>,
}

/// Why not.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Detail {
    error_code: Option<String>,
    error_message: Option<String>,
}

/// Stops every run of a job that is under way, and returns when none is; `note` hears for how many it waits.
///
/// # Errors
/// [`Class::Absent`] where there is no such job; [`Class::Stuck`] when runs have not stopped in time: to ask again goes on
/// from there.
pub(super) async fn stop(client: &Caller<Glue>, job: &str, note: &(dyn Fn(String) + Send + Sync)) -> Result<()> {
    let end = Instant::now() + LIMIT;
    loop {
        let active = active(client, job).await?;
        if active.is_empty() {
            return Ok(());
        }
        let mut said = active.len();
        note(waits(said, job));
        let to_stop: Vec<String> = active.iter().filter(|run| !run.is_stopping()).map(id).collect::<Result<_>>()?;
        for batch in to_stop.chunks(BATCH) {
            stop_batch(client, job, batch).await?;
        }
        let mut left: Vec<String> = active.iter().map(id).collect::<Result<_>>()?;
        for pause in pauses() {
            left = still_active(client, job, left).await?;
            if left.is_empty() {
                // Others may have begun meanwhile.
                break;
            }
            if Instant::now() + pause > end {
                return Err(stuck(job, &left));
            }
            if left.len() != said {
                said = left.len();
                note(waits(said, job));
            }
            sleep(pause).await;
        }
        if Instant::now() > end {
            return Err(stuck(job, &[]));
        }
    }
}

fn waits(runs: usize, job: &str) -> String {
    format!("waits for {runs} {} of `{job}` to stop", if runs == 1 { "run" } else { "runs" })
}

fn stuck(job: &str, left: &[String]) -> CallError {
    let which = left.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", ");
    let which = if which.is_empty() { "new ones begin again and again".to_owned() } else { which };
    let more = if left.len() > 3 { format!(" and {} more", left.len() - 3) } else { String::new() };
    let message = format!(
        "runs are still under way after {} min ({which}{more}). The job is as it was; running the same command again goes \
         on from here",
        LIMIT.as_secs() / 60
    );
    CallError::own(Class::Stuck, format!("runs of the glue job {job} to stop"), message)
}

fn id(run: &Run) -> Result<String> {
    present(LIST, "id of a run", run.id.clone())
}

/// The runs that have not ended; AWS keeps those of years, page by page.
async fn active(client: &Caller<Glue>, job: &str) -> Result<Vec<Run>> {
    let (mut found, mut next_token) = (Vec::new(), None);
    loop {
        let page = client.call(&GetJobRuns { job_name: job, max_results: 200, next_token }).await;
        let page = page.map_err(failed(LIST))?;
        found.extend(page.job_runs.into_iter().filter(Run::is_active));
        next_token = page.next_token.filter(|token| !token.is_empty());
        if next_token.is_none() {
            return Ok(found);
        }
    }
}

/// Those of these runs that have not ended.
async fn still_active(client: &Caller<Glue>, job: &str, runs: Vec<String>) -> Result<Vec<String>> {
    let mut left = Vec::new();
    for run in runs {
        if look(client, job, &run).await?.is_some_and(|run| run.is_active()) {
            left.push(run);
        }
    }
    Ok(left)
}

async fn look(client: &Caller<Glue>, job: &str, run: &str) -> Result<Option<Run>> {
    let reply = client.call(&GetJobRun { job_name: job, run_id: run }).await.map_err(failed(GET));
    absent_is_none(reply)?.map(|reply| present(GET, "run", reply.job_run)).transpose()
}

/// A run that has ended meanwhile, or stops already, is reported among the errors and is none.
pub(in crate::aws) async fn stop_batch(client: &Caller<Glue>, job: &str, batch: &[String]) -> Result<()> {
    let reply = client.call(&BatchStopJobRun { job_name: job, job_run_ids: batch }).await.map_err(failed(STOP))?;
    for NotStopped { job_run_id, error_detail } in reply.errors {
        let run = present(STOP, "id of a run", job_run_id)?;
        if look(client, job, &run).await?.is_some_and(|run| run.is_active() && !run.is_stopping()) {
            let Detail { error_code, error_message } = error_detail.unwrap_or_default();
            let message = format!("the run {run} could not be stopped: {}", error_message.unwrap_or_default());
            return Err(entry_failed(STOP, &error_code.unwrap_or_default(), message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::slim::tests::is_as_modelled;

    #[tokio::test]
    async fn calls_about_runs_are_those_of_awss_model() {
        let next_token = Some("a+/=".to_owned());
        let page = is_as_modelled(&GetJobRuns { job_name: "clean", max_results: 200, next_token }).await;
        assert!(page.job_runs[0].id.is_some() && page.job_runs[0].job_run_state.is_some() && page.next_token.is_some());
        let got = is_as_modelled(&GetJobRun { job_name: "clean", run_id: "jr_1" }).await.job_run.unwrap();
        assert!(got.id.is_some() && got.job_run_state.as_deref() == Some("STARTING"));
        assert!(got.error_message.is_some() && got.execution_time.is_some() && got.max_capacity.is_some());
        let ids = ["jr_1".to_owned()];
        let stopped = is_as_modelled(&BatchStopJobRun { job_name: "clean", job_run_ids: &ids }).await;
        let [error] = stopped.errors.try_into().unwrap();
        let detail = error.error_detail.unwrap();
        assert!(error.job_run_id.is_some() && detail.error_code.is_some() && detail.error_message.is_some());
    }
}
