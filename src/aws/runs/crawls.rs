//! Runs of crawlers, by Glue.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Once;
use crate::aws::error::{failed, present};
use crate::aws::glue::Glue;
use crate::aws::glue::crawlers::{self, LiveCrawler, StartCrawler};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Result};
use crate::model::error::{CallError, Class};
use crate::model::kind::BoxFuture;
use crate::model::runs::{Run, Runs, Stage};

const CRAWL: &str = "glue StartCrawler";

/// Runs of crawlers in the caller's account: one at a time, without ids and arguments of their own.
pub struct AwsCrawls(Arc<Aws>);

impl AwsCrawls {
    /// The runs of that account and region.
    pub fn new(aws: &Arc<Aws>) -> Self {
        Self(Arc::clone(aws))
    }
}

impl Runs for AwsCrawls {
    /// Starts a run. What is returned tells it from the one before, by which AWS knows a crawler's last run until this one ends.
    fn start<'a>(&'a self, crawler: &'a str, _: &'a BTreeMap<String, String>) -> BoxFuture<'a, Result<String>> {
        Box::pin(async move {
            let client = self.0.client(Caller::<Glue>::new).await;
            let before = crawlers::existing(&client, crawler).await?;
            let call = StartCrawler { name: crawler };
            let reply = Once::of(&self.0).await.call(&call).await.map_err(failed(CRAWL));
            reply.map_err(|error| begun_already(error, crawler))?;
            Ok(began(&before))
        })
    }

    fn look<'a>(&'a self, crawler: &'a str, run: &'a str) -> BoxFuture<'a, Result<Run>> {
        Box::pin(async move {
            let client = self.0.client(Caller::<Glue>::new).await;
            let live = crawlers::existing(&client, crawler).await?;
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::scripted::{Scripted, ok, refused};
    use crate::aws::slim::tests::is_as_modelled;

    #[tokio::test]
    async fn the_call_is_that_of_awss_model() {
        is_as_modelled(&StartCrawler { name: "raw" }).await;
    }

    async fn crawls(service: &Scripted) -> AwsCrawls {
        let aws = service.aws().await;
        let once = |_: &aws_config::SdkConfig| Once(service.once());
        aws.client(once).await;
        AwsCrawls::new(&Arc::new(aws))
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
        let crawls = crawls(&service).await;
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
        let crawls = crawls(&service).await;
        let error = crawls.start("raw", &BTreeMap::new()).await.unwrap_err();
        assert!(error.message.contains("one run at a time"), "{error}");
        crawls.stop("raw", "").await.unwrap();
    }
}
