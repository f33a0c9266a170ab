//! Runs of jobs, by Glue.

pub mod workflows;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_config::retry::RetryConfig;
use serde::{Deserialize, Serialize};

use super::error::{failed, present};
use super::glue::Glue;
use super::kinds::glue_runs::{GetJobRun, Run as Live, stop_batch};
use super::slim::{Call, Caller};
use super::{Aws, Result};
use crate::model::error::{CallError, Class};
use crate::model::kind::BoxFuture;
use crate::model::runs::{Run, Runs, Stage};

const START: &str = "glue StartJobRun";
const LOOK: &str = "glue GetJobRun";

/// Runs in the caller's account.
pub struct AwsRuns(Arc<Aws>);

/// A client that asks once: a start that is made again because its reply was lost would be a second run.
#[derive(Clone)]
struct Once(Caller<Glue>);

impl Once {
    fn new(config: &aws_config::SdkConfig) -> Self {
        Self(Caller::new(&config.to_builder().retry_config(RetryConfig::disabled()).build()))
    }
}

impl AwsRuns {
    /// The runs of that account and region.
    pub fn new(aws: &Arc<Aws>) -> Self {
        Self(Arc::clone(aws))
    }
}

/// Starts a run: <https://docs.aws.amazon.com/glue/latest/webapi/API_StartJobRun.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StartJobRun<'a> {
    job_name: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    arguments: &'a BTreeMap<String, String>,
}

impl Call for StartJobRun<'_> {
    type Of = Glue;
    const NAME: &'static str = "StartJobRun";
    type Reply = Started;
}

/// What StartJobRun says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Started {
    job_run_id: Option<String>,
}

impl Runs for AwsRuns {
    fn start<'a>(&'a self, job: &'a str, arguments: &'a BTreeMap<String, String>) -> BoxFuture<'a, Result<String>> {
        Box::pin(async move {
            let Once(client) = self.0.client(Once::new).await;
            let reply = client.call(&StartJobRun { job_name: job, arguments }).await.map_err(failed(START));
            present(START, "id", reply.map_err(|error| explained(error, job))?.job_run_id)
        })
    }

    fn look<'a>(&'a self, job: &'a str, run: &'a str) -> BoxFuture<'a, Result<Run>> {
        Box::pin(async move {
            let client = self.0.client(Caller::<Glue>::new).await;
            let reply = client.call(&GetJobRun { job_name: job, run_id: run }).await.map_err(failed(LOOK))?;
            seen(present(LOOK, "run", reply.job_run)?)
        })
    }

    fn stop<'a>(&'a self, job: &'a str, run: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let client = self.0.client(Caller::<Glue>::new).await;
            stop_batch(&client, job, &[run.to_owned()]).await
        })
    }
}

/// Says what AWS's word for too many runs means.
fn explained(error: CallError, job: &str) -> CallError {
    if error.code.as_deref() == Some("ConcurrentRunsExceededException") {
        let message =
            format!("as many runs of `{job}` are under way as `max_concurrent_runs` allows: wait for one to end");
        return CallError { message, ..error };
    }
    if error.class == Class::Unreachable {
        let message = format!(
            "{}; the run may have begun: `aws glue get-job-runs --job-name {job}` shows those of the job",
            error.message
        );
        return CallError { message, ..error };
    }
    error
}

fn seen(live: Live) -> Result<Run> {
    let said = present(LOOK, "state", live.job_run_state)?;
    let why = || live.error_message.clone().unwrap_or_default();
    let stage = match said.as_str() {
        "SUCCEEDED" => Stage::Succeeded,
        "STOPPED" => Stage::Stopped,
        "FAILED" | "TIMEOUT" | "ERROR" | "EXPIRED" => Stage::Failed(said.clone(), why()),
        // A state that is new counts as one of a run that is under way.
        _ => Stage::Active(said.clone()),
    };
    Ok(Run {
        id: present(LOOK, "id", live.id)?,
        stage,
        seconds: live.execution_time.unwrap_or_default(),
        dpus: live.max_capacity,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::scripted::{Scripted, broken, ok, refused};
    use crate::aws::slim::tests::is_as_modelled;

    #[tokio::test]
    async fn the_call_is_that_of_awss_model() {
        let arguments = BTreeMap::from([("--day".to_owned(), "2026-11-30".to_owned())]);
        let started = is_as_modelled(&StartJobRun { job_name: "clean", arguments: &arguments }).await;
        assert!(started.job_run_id.is_some());
    }

    async fn runs(service: &Scripted) -> AwsRuns {
        let aws = service.aws().await;
        let once = |_: &aws_config::SdkConfig| Once(service.once());
        aws.client(once).await;
        AwsRuns(Arc::new(aws))
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_is_read_by_its_state_and_an_unknown_state_is_under_way() {
        for (state, stage) in [
            ("RUNNING", Stage::Active("RUNNING".to_owned())),
            ("DREAMING", Stage::Active("DREAMING".to_owned())),
            ("SUCCEEDED", Stage::Succeeded),
            ("STOPPED", Stage::Stopped),
            ("TIMEOUT", Stage::Failed("TIMEOUT".to_owned(), "too slow".to_owned())),
        ] {
            let run = json!({ "Id": "jr_1", "JobRunState": state, "ErrorMessage": "too slow", "ExecutionTime": 90, "MaxCapacity": 2.0 });
            let service = Scripted::new([ok("GetJobRun", json!({ "JobRun": run }))]);
            let seen = runs(&service).await.look("clean", "jr_1").await.unwrap();
            assert_eq!(seen, Run { id: "jr_1".to_owned(), stage, seconds: 90, dpus: Some(2.0) });
        }
    }

    #[tokio::test(start_paused = true)]
    async fn too_many_runs_are_told_in_the_spec_s_words() {
        let service = Scripted::new([refused("StartJobRun", "ConcurrentRunsExceededException", "exceeded")]);
        let error = runs(&service).await.start("clean", &BTreeMap::new()).await.unwrap_err();
        assert!(error.message.contains("`max_concurrent_runs`"), "{error}");
        assert_eq!(error.class, Class::Conflict);
    }

    /// The script has one reply: a second call would find none.
    #[tokio::test(start_paused = true)]
    async fn a_start_that_fails_is_not_made_again() {
        let service = Scripted::new([broken("StartJobRun")]);
        let error = runs(&service).await.start("clean", &BTreeMap::new()).await.unwrap_err();
        assert_eq!((error.class, service.operations().len()), (Class::Other, 1));
    }
}
