//! Runs of workflows, by Glue.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::{Once, explained};
use crate::aws::error::{failed, present};
use crate::aws::glue::Glue;
use crate::aws::slim::{Call, Caller, Nothing};
use crate::aws::{Aws, Result};
use crate::model::kind::BoxFuture;
use crate::model::runs::{Run, Runs, Stage};

const START: &str = "glue StartWorkflowRun";
const LOOK: &str = "glue GetWorkflowRun";

/// Runs in the caller's account.
pub struct AwsWorkflowRuns(Arc<Aws>);

impl AwsWorkflowRuns {
    /// The runs of that account and region.
    pub fn new(aws: &Arc<Aws>) -> Self {
        Self(Arc::clone(aws))
    }
}

/// Starts a run: <https://docs.aws.amazon.com/glue/latest/webapi/API_StartWorkflowRun.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StartWorkflowRun<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    run_properties: &'a BTreeMap<String, String>,
}

impl Call for StartWorkflowRun<'_> {
    type Of = Glue;
    const NAME: &'static str = "StartWorkflowRun";
    type Reply = Started;
}

/// What StartWorkflowRun says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Started {
    run_id: Option<String>,
}

/// Asks how a run is: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetWorkflowRun.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetWorkflowRun<'a> {
    name: &'a str,
    run_id: &'a str,
}

impl Call for GetWorkflowRun<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetWorkflowRun";
    type Reply = Got;
}

/// What GetWorkflowRun says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Got {
    run: Option<Live>,
}

/// A run as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Live {
    workflow_run_id: Option<String>,
    status: Option<String>,
    error_message: Option<String>,
    /// In seconds since 1970.
    started_on: Option<f64>,
    completed_on: Option<f64>,
    statistics: Option<Statistics>,
}

/// What has become of the runs of its jobs.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[expect(clippy::struct_field_names, reason = "AWS's names")]
struct Statistics {
    total_actions: u32,
    timeout_actions: u32,
    failed_actions: u32,
    stopped_actions: u32,
    errored_actions: u32,
}

/// Stops a run: <https://docs.aws.amazon.com/glue/latest/webapi/API_StopWorkflowRun.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StopWorkflowRun<'a> {
    name: &'a str,
    run_id: &'a str,
}

impl Call for StopWorkflowRun<'_> {
    type Of = Glue;
    const NAME: &'static str = "StopWorkflowRun";
    type Reply = Nothing;
}

impl Runs for AwsWorkflowRuns {
    fn start<'a>(
        &'a self,
        workflow: &'a str,
        properties: &'a BTreeMap<String, String>,
    ) -> BoxFuture<'a, Result<String>> {
        Box::pin(async move {
            let client = Once::of(&self.0).await;
            let call = client.call(&StartWorkflowRun { name: workflow, run_properties: properties }).await;
            let reply = call
                .map_err(failed(START))
                .map_err(|error| explained(error, workflow, "get-workflow-runs --name", "workflow"))?;
            present(START, "id", reply.run_id)
        })
    }

    fn look<'a>(&'a self, workflow: &'a str, run: &'a str) -> BoxFuture<'a, Result<Run>> {
        Box::pin(async move {
            let client = self.0.client(Caller::<Glue>::new).await;
            let reply = client.call(&GetWorkflowRun { name: workflow, run_id: run }).await.map_err(failed(LOOK))?;
            seen(present(LOOK, "run", reply.run)?)
        })
    }

    fn stop<'a>(&'a self, workflow: &'a str, run: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let client = self.0.client(Caller::<Glue>::new).await;
            let call = client.call(&StopWorkflowRun { name: workflow, run_id: run }).await;
            match call.map_err(failed("glue StopWorkflowRun")) {
                // It has ended.
                Err(error) if error.code.as_deref() == Some("IllegalWorkflowStateException") => Ok(()),
                stopped => stopped.map(drop),
            }
        })
    }
}

/// AWS takes a run for completed whatever became of its jobs: what has failed is counted.
fn seen(live: Live) -> Result<Run> {
    let said = present(LOOK, "state", live.status)?;
    let Statistics { total_actions, timeout_actions, failed_actions, stopped_actions, errored_actions } =
        live.statistics.unwrap_or_default();
    let lost = timeout_actions + failed_actions + stopped_actions + errored_actions;
    let stage = match said.as_str() {
        "COMPLETED" if lost == 0 => Stage::Succeeded,
        "COMPLETED" => {
            Stage::Failed(said.clone(), format!("{lost} of {total_actions} runs of its jobs have not succeeded"))
        }
        "STOPPED" => Stage::Stopped,
        "ERROR" => Stage::Failed(said.clone(), live.error_message.unwrap_or_default()),
        // A state that is new counts as one of a run that is under way.
        _ => Stage::Active(said.clone()),
    };
    let seconds = live.started_on.map_or(0, |began| lasted(began, live.completed_on));
    Ok(Run { id: present(LOOK, "id", live.workflow_run_id)?, stage, seconds, dpus: None })
}

/// The seconds from the one to the other, or to now.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds of a run")]
fn lasted(began: f64, ended: Option<f64>) -> u64 {
    #[expect(clippy::cast_precision_loss, reason = "seconds since 1970")]
    let now = || OffsetDateTime::now_utc().unix_timestamp() as f64;
    (ended.unwrap_or_else(now) - began).max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::scripted::{Scripted, broken, done, ok, refused};
    use crate::aws::slim::tests::is_as_modelled;
    use crate::model::error::Class;

    #[tokio::test]
    async fn calls_are_those_of_awss_model() {
        let properties = BTreeMap::from([("day".to_owned(), "2026-11-30".to_owned())]);
        let started = is_as_modelled(&StartWorkflowRun { name: "nightly", run_properties: &properties }).await;
        assert!(started.run_id.is_some());
        let got = is_as_modelled(&GetWorkflowRun { name: "nightly", run_id: "wr_1" }).await.run.unwrap();
        let counted = got.statistics.as_ref().unwrap();
        assert_eq!((counted.total_actions, counted.errored_actions), (7, 7));
        assert!(got.started_on.is_some() && got.completed_on.is_some() && got.error_message.is_some());
        is_as_modelled(&StopWorkflowRun { name: "nightly", run_id: "wr_1" }).await;
    }

    async fn runs(service: &Scripted) -> AwsWorkflowRuns {
        let aws = service.aws().await;
        let once = |_: &aws_config::SdkConfig| Once(service.once());
        aws.client(once).await;
        AwsWorkflowRuns(Arc::new(aws))
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_is_read_by_its_state_and_by_what_became_of_its_jobs() {
        let failed = |state: &str, why: &str| Stage::Failed(state.to_owned(), why.to_owned());
        for (state, lost, stage) in [
            ("RUNNING", 1, Stage::Active("RUNNING".to_owned())),
            ("DREAMING", 0, Stage::Active("DREAMING".to_owned())),
            ("COMPLETED", 0, Stage::Succeeded),
            ("COMPLETED", 1, failed("COMPLETED", "1 of 3 runs of its jobs have not succeeded")),
            ("STOPPED", 1, Stage::Stopped),
            ("ERROR", 0, failed("ERROR", "too many")),
        ] {
            let run = json!({
                "WorkflowRunId": "wr_1", "Status": state, "ErrorMessage": "too many", "StartedOn": 1_795_901_205.2,
                "CompletedOn": 1_795_901_295.9, "Statistics": { "TotalActions": 3, "TimeoutActions": lost },
            });
            let service = Scripted::new([ok("GetWorkflowRun", json!({ "Run": run }))]);
            let seen = runs(&service).await.look("nightly", "wr_1").await.unwrap();
            assert_eq!(seen, Run { id: "wr_1".to_owned(), stage, seconds: 90, dpus: None });
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_start_is_made_once_and_too_many_are_told_in_the_spec_s_words() {
        let service = Scripted::new([refused("StartWorkflowRun", "ConcurrentRunsExceededException", "exceeded")]);
        let error = runs(&service).await.start("nightly", &BTreeMap::new()).await.unwrap_err();
        assert!(error.message.contains("`max_concurrent_runs`"), "{error}");
        // The script has one reply: a second call would find none.
        let service = Scripted::new([broken("StartWorkflowRun")]);
        let error = runs(&service).await.start("nightly", &BTreeMap::new()).await.unwrap_err();
        assert_eq!((error.class, service.operations().len()), (Class::Other, 1));
    }

    #[tokio::test]
    async fn a_run_that_has_ended_counts_as_stopped() {
        let ended = refused("StopWorkflowRun", "IllegalWorkflowStateException", "not running");
        for reply in [done("StopWorkflowRun"), ended] {
            runs(&Scripted::new([reply])).await.stop("nightly", "wr_1").await.unwrap();
        }
    }
}
