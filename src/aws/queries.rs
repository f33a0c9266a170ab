//! Queries, by Athena.

use std::sync::Arc;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::athena::{Athena, failed};
use super::error::present;
use super::slim::{Call, Caller, Nothing};
use super::{Aws, Result};
use crate::model::kind::BoxFuture;
use crate::model::queries::{Column, Queries, Query, Rows, Run, Stage};

const START: &str = "athena StartQueryExecution";
const LOOK: &str = "athena GetQueryExecution";

/// Rows that GetQueryResults gives at most.
const PER_CALL: usize = 1000;

/// Queries in the caller's account.
pub struct AwsQueries(Arc<Aws>);

impl AwsQueries {
    /// The queries of that account and region.
    pub fn new(aws: &Arc<Aws>) -> Self {
        Self(Arc::clone(aws))
    }

    async fn client(&self) -> Caller<Athena> {
        self.0.client(Caller::<Athena>::new).await
    }

    async fn first_rows(&self, id: &str, most: usize) -> Result<Rows> {
        let client = self.client().await;
        let (mut found, mut next_token) = (Rows::default(), None);
        let mut first = true;
        loop {
            // One more, to know whether there is one; and that of the headings.
            let wanted = most.saturating_sub(found.rows.len()).saturating_add(2).min(PER_CALL);
            let call =
                GetQueryResults { query_execution_id: id, max_results: wanted, next_token: next_token.as_deref() };
            let page = client.call(&call).await.map_err(failed("athena GetQueryResults"))?;
            let set = page.result_set.unwrap_or_default();
            let mut rows: Vec<Vec<Option<String>>> = set.rows.into_iter().map(Row::values).collect();
            if first {
                found.columns = set.result_set_metadata.into_columns();
                // Of a SELECT the first row has the names of the columns; of SHOW and DESCRIBE it does not.
                let is_heading = |row: &Vec<Option<String>>| {
                    let names = found.columns.iter().map(|column| Some(column.name.as_str()));
                    row.len() == found.columns.len() && row.iter().map(Option::as_deref).eq(names)
                };
                if rows.first().is_some_and(is_heading) {
                    rows.remove(0);
                }
                first = false;
            }
            found.rows.append(&mut rows);
            next_token = page.next_token.filter(|token| !token.is_empty());
            if next_token.is_none() || found.rows.len() > most {
                break;
            }
        }
        found.more = found.rows.len() > most || next_token.is_some();
        found.rows.truncate(most);
        Ok(found)
    }
}

impl Queries for AwsQueries {
    fn start<'a>(&'a self, query: Query<'a>) -> BoxFuture<'a, Result<String>> {
        Box::pin(async move {
            let token = token(query);
            let call = StartQueryExecution::of(query, &token);
            let reply = self.client().await.call(&call).await.map_err(failed(START))?;
            present(START, "id", reply.query_execution_id)
        })
    }

    fn look<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Run>> {
        Box::pin(async move {
            let call = GetQueryExecution { query_execution_id: id };
            let reply = self.client().await.call(&call).await.map_err(failed(LOOK))?;
            present(LOOK, "query", reply.query_execution)?.into_run()
        })
    }

    fn rows<'a>(&'a self, id: &'a str, most: usize) -> BoxFuture<'a, Result<Rows>> {
        Box::pin(self.first_rows(id, most))
    }

    fn stop<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let call = StopQueryExecution { query_execution_id: id };
            self.client().await.call(&call).await.map_err(failed("athena StopQueryExecution")).map(drop)
        })
    }
}

/// What tells this start of a query from every other: a call that is made again because its reply was lost starts no
/// second one.
fn token(query: Query<'_>) -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
    hex::encode(Sha256::digest(format!("{} {now} {}", std::process::id(), query.sql)))
}

/// Starts a query: <https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StartQueryExecution<'a> {
    query_string: &'a str,
    work_group: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    query_execution_context: Option<Context<'a>>,
    client_request_token: &'a str,
}

impl Call for StartQueryExecution<'_> {
    type Of = Athena;
    const NAME: &'static str = "StartQueryExecution";
    type Reply = Started;
}

impl<'a> StartQueryExecution<'a> {
    fn of(query: Query<'a>, token: &'a str) -> Self {
        Self {
            query_string: query.sql,
            work_group: query.workgroup,
            query_execution_context: query.database.map(|database| Context { database }),
            client_request_token: token,
        }
    }
}

/// Where tables are looked for.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Context<'a> {
    database: &'a str,
}

/// What StartQueryExecution says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Started {
    query_execution_id: Option<String>,
}

/// Asks where a query stands: <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryExecution.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetQueryExecution<'a> {
    query_execution_id: &'a str,
}

impl Call for GetQueryExecution<'_> {
    type Of = Athena;
    const NAME: &'static str = "GetQueryExecution";
    type Reply = Got;
}

/// What GetQueryExecution says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Got {
    query_execution: Option<Execution>,
}

/// A query on its way.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Execution {
    status: Option<Status>,
    statistics: Option<Statistics>,
    statement_type: Option<String>,
}

/// Where it stands.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Status {
    state: Option<String>,
    state_change_reason: Option<String>,
    athena_error: Option<AthenaError>,
}

/// What went wrong.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct AthenaError {
    error_message: Option<String>,
}

/// What it has taken.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Statistics {
    data_scanned_in_bytes: Option<u64>,
    total_execution_time_in_millis: Option<u64>,
    result_reuse_information: Option<Reuse>,
}

/// Whether its result was there already.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Reuse {
    reused_previous_result: bool,
}

impl Execution {
    fn into_run(self) -> Result<Run> {
        let status = self.status.unwrap_or_default();
        let statistics = self.statistics.unwrap_or_default();
        let error = status.athena_error.and_then(|error| error.error_message);
        let said = || status.state_change_reason.or(error).unwrap_or_else(|| "AWS does not say why".to_owned());
        let stage = match present(LOOK, "state", status.state)?.as_str() {
            "QUEUED" => Stage::Queued,
            "SUCCEEDED" => Stage::Done,
            "FAILED" => Stage::Failed(said()),
            "CANCELLED" => Stage::Stopped(said()),
            _ => Stage::Running,
        };
        let reused = statistics.result_reuse_information.is_some_and(|reuse| reuse.reused_previous_result);
        Ok(Run {
            stage,
            scanned: statistics.data_scanned_in_bytes.unwrap_or_default(),
            milliseconds: statistics.total_execution_time_in_millis.unwrap_or_default(),
            billed: !matches!(self.statement_type.as_deref(), Some("DDL" | "UTILITY")) && !reused,
        })
    }
}

/// Asks for rows of a result: <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetQueryResults.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetQueryResults<'a> {
    query_execution_id: &'a str,
    max_results: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<&'a str>,
}

impl Call for GetQueryResults<'_> {
    type Of = Athena;
    const NAME: &'static str = "GetQueryResults";
    type Reply = Page;
}

/// What GetQueryResults says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Page {
    result_set: Option<ResultSet>,
    next_token: Option<String>,
}

/// Rows, and what their columns are.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct ResultSet {
    rows: Vec<Row>,
    result_set_metadata: Metadata,
}

/// A row.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Row {
    data: Vec<Datum>,
}

impl Row {
    fn values(self) -> Vec<Option<String>> {
        self.data.into_iter().map(|datum| datum.value).collect()
    }
}

/// A value; absent for NULL.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Datum {
    #[serde(rename = "VarCharValue")]
    value: Option<String>,
}

/// What the columns are.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Metadata {
    column_info: Vec<Info>,
}

/// What a column is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Info {
    #[serde(rename = "Name")]
    name: String,
    #[serde(rename = "Type")]
    kind: String,
}

impl Metadata {
    fn into_columns(self) -> Vec<Column> {
        self.column_info.into_iter().map(|Info { name, kind }| Column { name, kind }).collect()
    }
}

/// Stops a query: <https://docs.aws.amazon.com/athena/latest/APIReference/API_StopQueryExecution.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct StopQueryExecution<'a> {
    query_execution_id: &'a str,
}

impl Call for StopQueryExecution<'_> {
    type Of = Athena;
    const NAME: &'static str = "StopQueryExecution";
    type Reply = Nothing;
}

#[cfg(test)]
mod tests;
