//! A query over what lies in a bucket: its rows, what it took, and why it failed.

use serde_json::json;

use super::{SMALL, project};
use crate::support::cli::{Cli, Output};
use crate::support::emulator;
use crate::support::witness::Recording;

/// An applied environment with two clicks in its lake, which MiniStack's Athena reads.
async fn lake() -> Cli {
    let account = emulator::ministack().account();
    let bucket = account.unique("lake");
    let spec = format!(
        r#"{SMALL}
[bucket.lake]
name = "{bucket}"
[catalog.lake]
[dataset.clicks]
catalog = "catalog.lake"
bucket = "bucket.lake"
prefix = "clicks/"
format = "json"
columns = [{{ name = "page", type = "string" }}, {{ name = "n", type = "int" }}]
[athena.lake]
results = "bucket.lake"
[athena.lake.queries.by-page]
catalog = "catalog.lake"
sql = "SELECT page, count(*) AS clicks FROM clicks GROUP BY page"
"#
    );
    let cli = project(&account, &spec);
    cli.run(&["apply", "--env", "dev", "--auto-approve"]).success();
    let s3 = account.aws().client(aws_sdk_s3::Client::new).await;
    let body = "{\"page\": \"/a\\u001b[31m\", \"n\": 1}\n{\"page\": \"/b\", \"n\": 2}\n";
    let put = s3.put_object().bucket(&bucket).key("clicks/1.json").body(body.as_bytes().to_vec().into());
    put.send().await.unwrap();
    cli
}

fn query(cli: &Cli, sql: &str, more: &[&str]) -> Output {
    cli.run(&[&["query", "--env", "dev", sql][..], more].concat())
}

#[tokio::test]
async fn a_query_shows_rows_what_it_took_and_why_it_failed() {
    let _sends = Recording::of("cli::query::a_query_shows_rows_what_it_took_and_why_it_failed");
    let cli = lake().await;
    let shown = query(&cli, "SELECT page, n FROM clicks ORDER BY n", &[]).success();
    assert!(shown.stdout.contains("page") && shown.stdout.contains("/b"), "{shown}");
    // What a value holds does not steer the terminal.
    assert!(shown.stdout.contains("/a\\u{1b}[31m"), "{shown}");
    assert!(shown.stdout.contains("2 rows\nscanned "), "{shown}");

    let json = query(&cli, "SELECT page, n FROM clicks ORDER BY n", &["--json", "--rows", "1"]).success().json();
    let names: Vec<&str> = json["columns"].as_array().unwrap().iter().filter_map(|it| it["name"].as_str()).collect();
    assert_eq!((names, &json["more"]), (vec!["page", "n"], &json!(true)));
    assert_eq!(json["rows"], json!([["/a\u{1b}[31m", "1"]]));
    assert!(json["cost_usd"].as_f64().is_some_and(|cost| cost > 0.0), "{json}");

    let failed = query(&cli, "SELECT nothing FROM nowhere", &[]).fails(1);
    assert!(failed.stderr.contains("error: the query failed: ") && failed.stderr.contains("nowhere"), "{failed}");
    let unknown = query(&cli, "SELECT 1", &["--athena", "other"]).fails(1);
    assert!(unknown.stderr.contains("this spec has no `athena.other`; it has: athena.lake"), "{unknown}");
    let unknown = query(&cli, "SELECT 1", &["--catalog", "other"]).fails(1);
    assert!(unknown.stderr.contains("this spec has no `catalog.other`"), "{unknown}");

    // Nothing is left to be done, and what the query has written does not keep the workgroup from being deleted.
    cli.run(&["plan", "--env", "dev", "--detailed-exitcode"]).success();
    cli.run(&["destroy", "--env", "dev", "--auto-approve", "--empty-buckets"]).success();
}

#[test]
fn without_a_workgroup_there_is_nowhere_to_query() {
    let cli = project(&emulator::ministack().account(), SMALL);
    let refused = query(&cli, "SELECT 1", &[]).fails(1);
    assert!(refused.stderr.contains("this spec has no `[athena.…]`"), "{refused}");
}
