//! Rows come page by page and without their headings; a query says where it stands and what it has read.

use serde_json::{Value, json};

use super::*;
use crate::aws::scripted::{Scripted, broken, ok};
use crate::aws::slim::tests::is_as_modelled;

const RESULTS: &str = "GetQueryResults";
const QUERY: Query<'static> = Query { sql: "SELECT 1", workgroup: "lake", database: Some("lake") };

/// A page of a result of two columns.
fn page(rows: &[[Option<&str>; 2]], next: Option<&str>) -> Value {
    let row = |row: &[Option<&str>; 2]| {
        let data: Vec<Value> =
            row.iter().map(|value| value.map_or(json!({}), |it| json!({ "VarCharValue": it }))).collect();
        json!({ "Data": data })
    };
    let rows: Vec<Value> = rows.iter().map(row).collect();
    let columns = json!([{ "Name": "page", "Type": "varchar" }, { "Name": "clicks", "Type": "bigint" }]);
    json!({ "ResultSet": { "Rows": rows, "ResultSetMetadata": { "ColumnInfo": columns } }, "NextToken": next })
}

async fn rows(service: &Scripted, most: usize) -> Rows {
    AwsQueries::new(&Arc::new(service.aws().await)).rows("q-1", most).await.unwrap()
}

const HEADING: [Option<&str>; 2] = [Some("page"), Some("clicks")];

#[tokio::test]
async fn rows_are_read_page_by_page_without_the_headings() {
    let first = page(&[HEADING, [Some("/a"), Some("2")]], Some("more"));
    let last = page(&[[Some("/b"), None]], None);
    let service = Scripted::new([ok(RESULTS, first), ok(RESULTS, last)]);
    let found = rows(&service, 100).await;
    assert_eq!(found.columns[1], Column { name: "clicks".into(), kind: "bigint".into() });
    assert_eq!(found.rows, [[Some("/a".to_owned()), Some("2".to_owned())], [Some("/b".to_owned()), None]]);
    assert!(!found.more);
    assert_eq!(service.all(RESULTS, "NextToken"), ["", "more"]);
}

#[tokio::test]
async fn no_more_rows_are_read_than_are_wanted_and_it_is_said_that_there_are_others() {
    let service = Scripted::new([ok(RESULTS, page(&[HEADING, [None, None], [None, None]], Some("more")))]);
    let found = rows(&service, 1).await;
    assert_eq!((found.rows.len(), found.more), (1, true));
    assert_eq!(service.last(RESULTS)["MaxResults"], 3);
    // SHOW TABLES has no headings.
    let service = Scripted::new([ok(RESULTS, page(&[[Some("/a"), Some("2")]], None))]);
    assert_eq!(rows(&service, 5).await.rows.len(), 1);
}

async fn look(status: Value, statistics: Value, statement: &str) -> Run {
    let execution = json!({ "Status": status, "Statistics": statistics, "StatementType": statement });
    let service = Scripted::new([ok("GetQueryExecution", json!({ "QueryExecution": execution }))]);
    AwsQueries::new(&Arc::new(service.aws().await)).look("q-1").await.unwrap()
}

#[tokio::test]
async fn a_query_says_where_it_stands_why_it_failed_and_what_it_has_read() {
    let statistics = json!({ "DataScannedInBytes": 12_000_000, "TotalExecutionTimeInMillis": 1200 });
    let run = look(json!({ "State": "SUCCEEDED" }), statistics.clone(), "DML").await;
    assert_eq!(run, Run { stage: Stage::Done, scanned: 12_000_000, milliseconds: 1200, billed: true });
    assert!(!look(json!({ "State": "SUCCEEDED" }), statistics.clone(), "DDL").await.billed);
    assert!(!look(json!({ "State": "SUCCEEDED" }), statistics, "UTILITY").await.billed);
    let reused = json!({ "ResultReuseInformation": { "ReusedPreviousResult": true } });
    assert!(!look(json!({ "State": "SUCCEEDED" }), reused, "DML").await.billed);
    let why = json!({ "State": "FAILED", "StateChangeReason": "line 1:15: Table 'nowhere' does not exist" });
    let run = look(why, json!({}), "DML").await;
    assert_eq!(run.stage, Stage::Failed("line 1:15: Table 'nowhere' does not exist".into()));
    let stopped = look(json!({ "State": "CANCELLED" }), json!({}), "DML").await.stage;
    assert_eq!(stopped, Stage::Stopped("AWS does not say why".into()));
    assert_eq!(look(json!({ "State": "QUEUED" }), json!({}), "DML").await.stage, Stage::Queued);
}

#[tokio::test(start_paused = true)]
async fn a_query_whose_start_was_not_answered_is_started_once() {
    let service =
        Scripted::new([broken("StartQueryExecution"), ok("StartQueryExecution", json!({ "QueryExecutionId": "q-1" }))]);
    let queries = AwsQueries::new(&Arc::new(service.aws().await));
    assert_eq!(queries.start(QUERY).await.unwrap(), "q-1");
    let tokens = service.all("StartQueryExecution", "ClientRequestToken");
    assert_eq!((tokens.len(), &tokens[0], tokens[0].len()), (2, &tokens[1], 64));
    assert_ne!(token(QUERY), tokens[0]);
}

#[tokio::test]
async fn calls_are_those_of_awss_model() {
    const ID: &str = "11111111-0000-4000-8000-000000000000";
    let token = "e".repeat(64);
    assert_eq!(is_as_modelled(&StartQueryExecution::of(QUERY, &token)).await.query_execution_id.unwrap(), "x&<é");
    let execution = is_as_modelled(&GetQueryExecution { query_execution_id: ID }).await.query_execution.unwrap();
    let reused = execution.statistics.as_ref().unwrap().result_reuse_information.as_ref().unwrap();
    assert!(reused.reused_previous_result && execution.statement_type.as_deref() == Some("DDL"));
    assert!(execution.status.as_ref().unwrap().athena_error.as_ref().unwrap().error_message.is_some());
    let run = execution.into_run().unwrap();
    assert_eq!(run, Run { stage: Stage::Queued, scanned: 7, milliseconds: 7, billed: false });
    let call = GetQueryResults { query_execution_id: ID, max_results: 102, next_token: Some("a+/=") };
    let page = is_as_modelled(&call).await;
    let set = page.result_set.unwrap();
    assert_eq!(set.rows[0].data[0].value.as_deref(), Some("x&<é"));
    let columns = set.result_set_metadata.into_columns();
    assert_eq!((columns[0].name.as_str(), columns[0].kind.as_str()), ("x&<é", "x&<é"));
    is_as_modelled(&StopQueryExecution { query_execution_id: ID }).await;
}
