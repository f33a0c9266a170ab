//! Runs of jobs, by Glue.

pub mod workflows;

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_config::retry::RetryConfig;
use serde::{Deserialize, Serialize};

use super::error::{failed, present};
use super::glue::Glue;
use super::glue::crawlers::{self, LiveCrawler, StartCrawler};
use super::kinds::glue_runs::{GetJobRun, Run as Live, stop_batch};
use super::slim::{Call, Caller};
use super::{Aws, Result};
use crate::model::error::{CallError, Class};
use crate::model::kind::BoxFuture;
use crate::model::runs::{Run, Runs, Stage};

const START: &str = "glue StartJobRun";
const LOOK: &str = "glue GetJobRun";
const CRAWL: &str = "glue StartCrawler";

/// Runs in the caller's account.
pub struct AwsRuns(Arc<Aws>);

/// Runs of crawlers in the caller's account: one at a time, without ids and arguments of their own.
pub struct AwsCrawls(Arc<Aws>);

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

impl AwsCrawls {
    /// The runs of that account and region.
    pub fn new(aws: &Arc<Aws>) -> Self {
        Self(Arc::clone(aws))
    }
}

impl Once {
    async fn of(aws: &Aws) -> Caller<Glue> {
        let once = |config: &aws_config::SdkConfig| {
            Self(Caller::new(&config.to_builder().retry_config(RetryConfig::disabled()).build()))
        };
        aws.client(once).await.0
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

impl Runs for AwsCrawls {
    /// Starts a run. What is returned tells it from the one before, by which AWS knows a crawler's last run until this one ends.
    fn start<'a>(&'a self, crawler: &'a str, _: &'a BTreeMap<String, String>) -> BoxFuture<'a, Result<String>> {
        Box::pin(async move {
            let client = self.0.client(Caller::<Glue>::new).await;
            let before = present(crawlers::GET, "crawler", crawlers::look(&client, crawler).await?)?;
            let call = StartCrawler { name: crawler };
            let reply = Once::of(&self.0).await.call(&call).await.map_err(failed(CRAWL));
            reply.map_err(|error| begun_already(error, crawler))?;
            Ok(began(&before))
        })
    }

    fn look<'a>(&'a self, crawler: &'a str, run: &'a str) -> BoxFuture<'a, Result<Run>> {
        Box::pin(async move {
            let client = self.0.client(Caller::<Glue>::new).await;
            let live = present(crawlers::GET, "crawler", crawlers::look(&client, crawler).await?)?;
            crawled(&live, crawler, run)
        })
    }

    fn stop<'a>(&'a self, crawler: &'a str, _: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move { crawlers::stop(&self.0.client(Caller::<Glue>::new).await, crawler).await })
    }
}

/// When the last run of a crawler that has ended began; empty where there is none.
fn began(live: &LiveCrawler) -> String {
    live.last_crawl.as_ref().and_then(|last| last.start_time).map(|at| format!("{at:.3}")).unwrap_or_default()
}

/// Says what to do where a run is under way.
fn begun_already(error: CallError, crawler: &str) -> CallError {
    let message = match error.code.as_deref() {
        Some("CrawlerRunningException") => {
            "it runs already, and a crawler has one run at a time: wait for its end, or `--stop` it".to_owned()
        }
        _ if error.class == Class::Unreachable => format!(
            "{}; the run may have begun: `aws glue get-crawler --name {crawler}` shows whether it runs",
            error.message
        ),
        _ => return error,
    };
    CallError { message, ..error }
}

/// How the run of a crawler stands that followed the one that began at `before`.
fn crawled(live: &LiveCrawler, crawler: &str, before: &str) -> Result<Run> {
    let said = present(crawlers::GET, "state", live.state.clone())?;
    let last = live.last_crawl.as_ref();
    let status = last.and_then(|last| last.status.clone()).unwrap_or_default();
    let why = last.and_then(|last| last.error_message.clone()).unwrap_or_default();
    let stage = match (said.as_str(), status.as_str()) {
        // A moment after it was started it is not seen to run everywhere.
        ("READY", _) if began(live) == before => Stage::Active("STARTING".to_owned()),
        ("READY", "SUCCEEDED") => Stage::Succeeded,
        ("READY", "CANCELLED") => Stage::Stopped,
        ("READY", _) => Stage::Failed(status, why),
        // A state that is new counts as one of a run that is under way.
        _ => Stage::Active(said),
    };
    let seconds = live.crawl_elapsed_time.unwrap_or_default() / 1000;
    Ok(Run { id: crawler.to_owned(), stage, seconds, dpus: None })
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
        is_as_modelled(&StartCrawler { name: "raw" }).await;
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
    /// A crawler whose last run that has ended began then.
    fn crawler(state: &str, last: Option<(f64, &str)>) -> serde_json::Value {
        let last = last.map(|(at, status)| json!({ "StartTime": at, "Status": status, "ErrorMessage": "no access" }));
        json!({ "Crawler": { "State": state, "CrawlElapsedTime": 90_000, "LastCrawl": last } })
    }

    #[tokio::test(start_paused = true)]
    async fn the_run_of_a_crawler_is_told_from_the_one_before() {
        let before = Some((1_795_901_205.247, "FAILED"));
        let shown = [
            crawler("READY", before),
            crawler("READY", before),
            crawler("RUNNING", before),
            crawler("STOPPING", before),
            crawler("READY", Some((1_795_901_300.5, "SUCCEEDED"))),
            crawler("READY", Some((1_795_901_300.5, "CANCELLED"))),
            crawler("READY", Some((1_795_901_300.5, "FAILED"))),
        ];
        let service =
            Scripted::new(shown.map(|one| ok("GetCrawler", one)).into_iter().chain([ok("StartCrawler", json!({}))]));
        let AwsRuns(aws) = runs(&service).await;
        let crawls = AwsCrawls(aws);
        let id = crawls.start("raw", &BTreeMap::new()).await.unwrap();
        for stage in [
            Stage::Active("STARTING".to_owned()),
            Stage::Active("RUNNING".to_owned()),
            Stage::Active("STOPPING".to_owned()),
            Stage::Succeeded,
            Stage::Stopped,
            Stage::Failed("FAILED".to_owned(), "no access".to_owned()),
        ] {
            let seen = crawls.look("raw", &id).await.unwrap();
            assert_eq!(seen, Run { id: "raw".to_owned(), stage, seconds: 90, dpus: None });
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_crawler_that_runs_already_is_not_started_and_one_that_has_ended_counts_as_stopped() {
        let running = refused("StartCrawler", "CrawlerRunningException", "is already running");
        let service = Scripted::new([
            ok("GetCrawler", crawler("RUNNING", None)),
            running,
            refused("StopCrawler", "CrawlerNotRunningException", "is not running"),
        ]);
        let AwsRuns(aws) = runs(&service).await;
        let crawls = AwsCrawls(aws);
        let error = crawls.start("raw", &BTreeMap::new()).await.unwrap_err();
        assert!(error.message.contains("one run at a time"), "{error}");
        crawls.stop("raw", "").await.unwrap();
    }
}
