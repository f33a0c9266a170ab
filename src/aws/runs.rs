//! Runs of jobs, by Glue.

pub mod crawls;
pub mod workflows;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_config::retry::RetryConfig;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;

use super::error::{absent_is_none, failed, present};
use super::glue::Glue;
use super::kinds::glue_runs::{GetJobRun, GetJobRuns, Run as Live, stop_batch};
use super::slim::{Call, Caller};
use super::{Aws, Result};
use crate::model::error::{CallError, Class};
use crate::model::kind::BoxFuture;
use crate::model::runs::{Bookmark, History, Past, Run, Runs, Stage};

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

    async fn of(aws: &Aws) -> Caller<Glue> {
        aws.client(Self::new).await.0
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
            let reply =
                Once::of(&self.0).await.call(&StartJobRun { job_name: job, arguments }).await.map_err(failed(START));
            present(
                START,
                "id",
                reply.map_err(|error| explained(error, job, "get-job-runs --job-name", "job"))?.job_run_id,
            )
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

/// Asks for the bookmark of a job: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetJobBookmark.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetJobBookmark<'a> {
    job_name: &'a str,
}

impl Call for GetJobBookmark<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetJobBookmark";
    type Reply = Marked;
}

/// What GetJobBookmark says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Marked {
    job_bookmark_entry: Option<Mark>,
}

/// A bookmark; where it lies in the data is for Glue alone to read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Mark {
    run_id: Option<String>,
}

impl History for AwsRuns {
    fn newest<'a>(&'a self, job: &'a str, most: u32) -> BoxFuture<'a, Result<Vec<Past>>> {
        Box::pin(async move {
            let client = self.0.client(Caller::<Glue>::new).await;
            let call = GetJobRuns { job_name: job, max_results: most, next_token: None };
            let page = client.call(&call).await.map_err(failed("glue GetJobRuns"))?;
            let past = |live: Live| {
                let [started, ended] = [&live.started_on, &live.completed_on].map(|at| time_of(at.as_ref()));
                Ok(Past { started, ended, run: seen(live)? })
            };
            let mut runs = page.job_runs.into_iter().map(past).collect::<Result<Vec<_>>>()?;
            // AWS says nothing of their order.
            runs.sort_by_key(|past| std::cmp::Reverse(past.started));
            Ok(runs)
        })
    }

    fn bookmark<'a>(&'a self, job: &'a str) -> BoxFuture<'a, Result<Option<Bookmark>>> {
        Box::pin(async move {
            let client = self.0.client(Caller::<Glue>::new).await;
            let reply = client.call(&GetJobBookmark { job_name: job }).await.map_err(failed("glue GetJobBookmark"));
            let mark = absent_is_none(reply)?.and_then(|reply| reply.job_bookmark_entry);
            Ok(mark.map(|mark| Bookmark { run: mark.run_id.filter(|run| !run.is_empty()) }))
        })
    }
}

/// A time in JSON: seconds since 1970.
#[expect(clippy::cast_possible_truncation, reason = "seconds of any date fit")]
fn time_of(at: Option<&Value>) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(at?.as_f64()? as i64).ok()
}

/// Says what AWS's word for too many runs means, and how those are found that may have begun: by `list`, of the `kind`.
fn explained(error: CallError, name: &str, list: &str, kind: &str) -> CallError {
    if error.code.as_deref() == Some("ConcurrentRunsExceededException") {
        let message =
            format!("as many runs of `{name}` are under way as `max_concurrent_runs` allows: wait for one to end");
        return CallError { message, ..error };
    }
    if error.class == Class::Unreachable {
        let message =
            format!("{}; the run may have begun: `aws glue {list} {name}` shows those of the {kind}", error.message);
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

    #[tokio::test]
    async fn the_call_for_a_bookmark_is_that_of_awss_model() {
        let marked = is_as_modelled(&GetJobBookmark { job_name: "clean" }).await;
        assert!(marked.job_bookmark_entry.unwrap().run_id.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn the_newest_run_comes_first_and_a_job_without_bookmark_has_none() {
        let run = |id: &str, at: f64| json!({ "Id": id, "JobRunState": "SUCCEEDED", "StartedOn": at });
        let page = json!({ "JobRuns": [run("jr_1", 1_700_000_000.5), run("jr_2", 1_800_000_000.0)] });
        let service = Scripted::new([ok("GetJobRuns", page)]);
        let past = runs(&service).await.newest("clean", 5).await.unwrap();
        assert_eq!(past.iter().map(|past| past.run.id.as_str()).collect::<Vec<_>>(), ["jr_2", "jr_1"]);
        assert_eq!(past[1].started.unwrap().unix_timestamp(), 1_700_000_000);
        let service = Scripted::new([refused("GetJobBookmark", "EntityNotFoundException", "none")]);
        assert_eq!(runs(&service).await.bookmark("clean").await.unwrap(), None);
        let service = Scripted::new([refused("GetJobBookmark", "InvalidAction", "unknown")]);
        assert!(runs(&service).await.bookmark("clean").await.is_err());
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
