//! What Glue tells of crawlers: the calls that read, start and stop them, which several ask.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Glue;
use crate::aws::Result;
use crate::aws::error::{absent_is_none, failed, present};
use crate::aws::slim::{Call, Caller, Nothing};
use crate::model::error::{CallError, Class};

/// What failed, where a crawler could not be read.
pub(in crate::aws) const GET: &str = "glue GetCrawler";

/// Asks what a crawler is: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetCrawler.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct GetCrawler<'a> {
    pub(in crate::aws) name: &'a str,
}

impl Call for GetCrawler<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetCrawler";
    type Reply = GotCrawler;
}

/// What GetCrawler says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct GotCrawler {
    pub(in crate::aws) crawler: Option<LiveCrawler>,
}

/// A crawler as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveCrawler {
    pub(in crate::aws) name: Option<String>,
    pub(in crate::aws) description: Option<String>,
    pub(in crate::aws) role: Option<String>,
    pub(in crate::aws) database_name: Option<String>,
    pub(in crate::aws) table_prefix: Option<String>,
    pub(in crate::aws) targets: Option<LiveTargets>,
    pub(in crate::aws) schedule: Option<LiveSchedule>,
    pub(in crate::aws) recrawl_policy: Option<LiveRecrawl>,
    pub(in crate::aws) schema_change_policy: Option<LiveChanges>,
    pub(in crate::aws) configuration: Option<String>,
    pub(in crate::aws) crawler_security_configuration: Option<String>,
    /// `READY`, `RUNNING`, `STOPPING`.
    pub(in crate::aws) state: Option<String>,
    /// For how long its run has been under way, in milliseconds.
    pub(in crate::aws) crawl_elapsed_time: Option<u64>,
    pub(in crate::aws) last_crawl: Option<LastCrawl>,
    #[serde(flatten)]
    pub(in crate::aws) kept: Kept,
}

/// Where it looks.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveTargets {
    pub(in crate::aws) s3_targets: Option<Vec<LiveFolder>>,
    pub(in crate::aws) delta_targets: Option<Vec<LiveDelta>>,
    pub(in crate::aws) catalog_targets: Option<Vec<LiveTables>>,
    #[serde(flatten)]
    pub(in crate::aws) kept: KeptTargets,
}

/// A folder of a bucket.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveFolder {
    pub(in crate::aws) path: Option<String>,
    pub(in crate::aws) exclusions: Option<Vec<String>>,
    pub(in crate::aws) sample_size: Option<u32>,
    #[serde(flatten)]
    pub(in crate::aws) reached: Reached,
}

/// Tables of Delta Lake.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveDelta {
    pub(in crate::aws) delta_tables: Option<Vec<String>>,
    pub(in crate::aws) write_manifest: Option<bool>,
    pub(in crate::aws) create_native_delta_table: Option<bool>,
    #[serde(flatten)]
    pub(in crate::aws) reached: Reached,
}

/// Tables that stand in the catalog already.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveTables {
    pub(in crate::aws) database_name: Option<String>,
    pub(in crate::aws) tables: Option<Vec<String>>,
    #[serde(flatten)]
    pub(in crate::aws) reached: Reached,
}

/// What no attribute says of a target, and a change of the targets takes away.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Reached {
    pub(in crate::aws) connection_name: Option<String>,
    pub(in crate::aws) event_queue_arn: Option<String>,
    pub(in crate::aws) dlq_event_queue_arn: Option<String>,
}

/// Targets that no attribute says: they are handed on as they were.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "AWS's names")]
pub(in crate::aws) struct KeptTargets {
    #[serde(rename = "JdbcTargets", skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) jdbc_targets: Option<Vec<Value>>,
    #[serde(rename = "MongoDBTargets", skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) mongo_db_targets: Option<Vec<Value>>,
    #[serde(rename = "DynamoDBTargets", skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) dynamo_db_targets: Option<Vec<Value>>,
    #[serde(rename = "IcebergTargets", skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) iceberg_targets: Option<Vec<Value>>,
    #[serde(rename = "HudiTargets", skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) hudi_targets: Option<Vec<Value>>,
}

/// What else no attribute says. AWS does not tell whether UpdateCrawler resets it: it is handed on as it was.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Kept {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) classifiers: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) lineage_configuration: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) lake_formation_configuration: Option<Value>,
}

/// When it runs.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveSchedule {
    pub(in crate::aws) schedule_expression: Option<String>,
    /// `SCHEDULED`, `NOT_SCHEDULED`, `TRANSITIONING`.
    pub(in crate::aws) state: Option<String>,
}

/// What of its targets it looks at again.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveRecrawl {
    pub(in crate::aws) recrawl_behavior: Option<String>,
}

/// What it does where data is no longer as its table says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveChanges {
    pub(in crate::aws) update_behavior: Option<String>,
    pub(in crate::aws) delete_behavior: Option<String>,
}

/// How its last run ended.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LastCrawl {
    /// `SUCCEEDED`, `CANCELLED`, `FAILED`.
    pub(in crate::aws) status: Option<String>,
    pub(in crate::aws) error_message: Option<String>,
    /// When it began, in seconds since 1970.
    pub(in crate::aws) start_time: Option<f64>,
}

/// Starts a run: <https://docs.aws.amazon.com/glue/latest/webapi/API_StartCrawler.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct StartCrawler<'a> {
    pub(in crate::aws) name: &'a str,
}

impl Call for StartCrawler<'_> {
    type Of = Glue;
    const NAME: &'static str = "StartCrawler";
    type Reply = Nothing;
}

/// Stops a run: <https://docs.aws.amazon.com/glue/latest/webapi/API_StopCrawler.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct StopCrawler<'a> {
    pub(in crate::aws) name: &'a str,
}

impl Call for StopCrawler<'_> {
    type Of = Glue;
    const NAME: &'static str = "StopCrawler";
    type Reply = Nothing;
}

/// The crawler as it is; `None` where there is none.
///
/// # Errors
/// When Glue does not say.
pub(in crate::aws) async fn look(client: &Caller<Glue>, name: &str) -> Result<Option<LiveCrawler>> {
    let reply = absent_is_none(client.call(&GetCrawler { name }).await.map_err(failed(GET)))?;
    reply.map(|reply| present(GET, "crawler", reply.crawler)).transpose()
}

/// A crawler that exists.
///
/// # Errors
/// [`Class::Absent`] where there is none; else when Glue does not say.
pub(in crate::aws) async fn existing(client: &Caller<Glue>, name: &str) -> Result<LiveCrawler> {
    let missing = || CallError::own(Class::Absent, GET, format!("there is no crawler {name}"));
    look(client, name).await?.ok_or_else(missing)
}

/// Asks a run to stop; one that has ended, or stops already, is no error.
///
/// # Errors
/// When Glue refuses; [`Class::Absent`] where there is no such crawler.
pub(in crate::aws) async fn stop(client: &Caller<Glue>, name: &str) -> Result<()> {
    const SETTLED: [&str; 2] = ["CrawlerNotRunningException", "CrawlerStoppingException"];
    match client.call(&StopCrawler { name }).await.map_err(failed("glue StopCrawler")) {
        Err(error) if error.code.as_deref().is_some_and(|code| SETTLED.contains(&code)) => Ok(()),
        result => result.map(drop),
    }
}
