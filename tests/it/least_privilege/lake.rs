//! The policies that pipectl writes for a job and for a function that asks Athena allow what they are for, and none of its
//! neighbours: those of `examples/prices`, deployed.
//!
//! They are tried as users that have the same documents: the roles trust Glue and Lambda alone. Athena and Glue read data as
//! whoever asks them; MiniStack's do it as nobody, so that those calls of S3 and of the Data Catalog are made here.

use std::fmt::Debug;

use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use serde_json::{Value, json};

use super::document::on_everything;
use super::gaps::{self, Gap};
use super::roles::listed;
use crate::prices;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Account};
use crate::support::signed;

/// What MiniStack checks on nothing that it can name.
const ELSEWHERE: &[Gap] = &[
    ("athena:GetQueryExecution", QUERY),
    ("athena:GetQueryResults", QUERY),
    ("athena:StopQueryExecution", QUERY),
    ("glue:GetDatabase", "the database is not seen in Name"),
];
const QUERY: &str = "the workgroup of a query is not seen in its id";

const GLUE: (&str, &str) = ("glue", "AWSGlue");
const ATHENA: (&str, &str) = ("athena", "AmazonAthena");
const DATABASE: &str = "acme_prices_dev_lake";
const WORKGROUP: &str = "acme-prices-dev-lake";

/// The buckets of the example, each with objects, and its roles.
struct Lake {
    prices: Deployment,
    landing: String,
    staging: String,
    results: String,
    code: String,
}

impl Lake {
    async fn new() -> Self {
        let prices = prices::example(emulator::ministack().account()).apply();
        let bucket = |name: &str| prices.account.unique(&format!("acme-prices-dev-{name}"));
        let [landing, staging, results, code] = ["landing", "staging", "results", "code"].map(bucket);
        let s3 = prices.aws().client(aws_sdk_s3::Client::new).await;
        let objects = [
            (&landing, "ticks/1"),
            (&staging, "prices/1"),
            (&staging, "ticks/1"),
            (&results, "athena/lake/1.csv"),
            (&results, "athena/others/1.csv"),
            (&code, "jobs/other/clean.py"),
        ];
        for (bucket, key) in objects {
            s3.put_object().bucket(bucket).key(key).body(b"{}".to_vec().into()).send().await.unwrap();
        }
        Self { prices, landing, staging, results, code }
    }

    /// A user with the policy of the role at an address, and what of it MiniStack cannot see put on everything.
    async fn user(&self, address: &str, policy: &str, gaps: &[Gap]) -> Account {
        let role = &self.prices.records()[&address.parse().unwrap()];
        let document = role.attributes["policies"][policy].clone();
        assert_ne!(document, Value::Null);
        let documents = on_everything(&[listed(document)], &gaps::actions(gaps));
        self.prices.account.as_user(&format!("has-{policy}-{}", gaps.len()), &documents).await
    }
}

/// Asserts that a call is allowed.
fn may<T, E: Debug>(what: &str, result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{what}: {error:?}"))
}

/// Asserts that a call of S3 is denied.
fn may_not<T: Debug, E: ProvideErrorMetadata + Debug>(what: &str, result: Result<T, E>) {
    let error = result.expect_err(what);
    assert!(error.code().unwrap_or_default().starts_with("AccessDenied"), "{what}: {error:?}");
}

/// Asserts that each of these calls of Glue or Athena is denied.
async fn none_of(user: &Account, service: (&str, &str), calls: &[(&str, Value)]) {
    for (operation, body) in calls {
        let refusal = signed::call(user, service, operation, body).await.expect_err(operation);
        assert!(refusal.contains("AccessDenied"), "{operation} {body}: {refusal}");
    }
}

/// Asserts that each of these calls of Glue or Athena is allowed; the replies.
async fn all_of(user: &Account, service: (&str, &str), calls: &[(&str, Value)]) -> Vec<Value> {
    let mut replies = Vec::new();
    for (operation, body) in calls {
        replies.push(may(operation, signed::call(user, service, operation, body).await));
    }
    replies
}

fn table(name: &str) -> Value {
    json!({ "DatabaseName": DATABASE, "Name": name })
}

#[tokio::test]
async fn a_function_may_ask_its_workgroup_for_its_table_and_nothing_else() {
    let lake = Lake::new().await;
    let exact = lake.user("function.api/role", "function", &[]).await;
    let user = lake.user("function.api/role", "function", ELSEWHERE).await;

    // What the function does.
    let ask = |workgroup: &str| {
        json!({
            "QueryString": "SELECT 1", "WorkGroup": workgroup, "QueryExecutionContext": { "Database": DATABASE },
            "ResultConfiguration": { "OutputLocation": format!("s3://{}/athena/others/", lake.results) },
        })
    };
    let [started] =
        <[Value; 1]>::try_from(all_of(&exact, ATHENA, &[("StartQueryExecution", ask(WORKGROUP))]).await).unwrap();
    let query = json!({ "QueryExecutionId": started["QueryExecutionId"] });
    let looks =
        ["GetQueryExecution", "GetQueryResults", "StopQueryExecution"].map(|operation| (operation, query.clone()));
    none_of(&exact, ATHENA, &looks).await;
    while all_of(&user, ATHENA, &looks[..1]).await[0]["QueryExecution"]["Status"]["State"] != "SUCCEEDED" {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    all_of(&user, ATHENA, &looks[1..]).await;
    // Neither another workgroup, nor what belongs to its own.
    none_of(
        &user,
        ATHENA,
        &[
            ("StartQueryExecution", ask("primary")),
            ("GetWorkGroup", json!({ "WorkGroup": WORKGROUP })),
            ("UpdateWorkGroup", json!({ "WorkGroup": WORKGROUP, "Description": "Theirs" })),
            ("DeleteWorkGroup", json!({ "WorkGroup": WORKGROUP, "RecursiveDeleteOption": true })),
            (
                "CreateNamedQuery",
                json!({
                    "Name": "theirs", "Database": DATABASE, "QueryString": "SELECT 1", "WorkGroup": WORKGROUP,
                }),
            ),
            ("ListQueryExecutions", json!({ "WorkGroup": WORKGROUP })),
        ],
    )
    .await;

    // What Athena does for it in the Data Catalog.
    let database = ("GetDatabase", json!({ "Name": DATABASE }));
    none_of(&exact, GLUE, std::slice::from_ref(&database)).await;
    all_of(
        &user,
        GLUE,
        &[
            database,
            ("GetTable", table("prices")),
            ("GetPartitions", json!({ "DatabaseName": DATABASE, "TableName": "prices" })),
        ],
    )
    .await;
    none_of(
        &user,
        GLUE,
        &[
            ("GetTable", json!({ "DatabaseName": "other", "Name": "prices" })),
            ("DeleteTable", table("prices")),
            ("UpdateTable", json!({ "DatabaseName": DATABASE, "TableInput": { "Name": "prices" } })),
            (
                "BatchCreatePartition",
                json!({
                    "DatabaseName": DATABASE, "TableName": "prices", "PartitionInputList": [],
                }),
            ),
            ("StartJobRun", json!({ "JobName": "acme-prices-dev-clean" })),
        ],
    )
    .await;
    // A table is checked as its database: on AWS this is another table, and denied.
    all_of(&user, GLUE, &[("GetTable", table("ticks"))]).await;

    // And in S3.
    let s3 = user.aws().client(aws_sdk_s3::Client::new).await;
    let Lake { prices: _, landing, staging, results, code } = &lake;
    for (bucket, key) in [(staging, "prices/1"), (results, "athena/lake/1.csv")] {
        may(key, s3.get_object().bucket(bucket).key(key).send().await);
    }
    may("its own", s3.list_objects_v2().bucket(staging).prefix("prices/").send().await);
    let body = || b"a".to_vec().into();
    may("a result", s3.put_object().bucket(results).key("athena/lake/2.csv").body(body()).send().await);
    let others =
        [(staging, "ticks/1"), (landing, "ticks/1"), (results, "athena/others/1.csv"), (code, "jobs/other/clean.py")];
    for (bucket, key) in others {
        may_not(key, s3.get_object().bucket(bucket).key(key).send().await);
        may_not(key, s3.put_object().bucket(bucket).key(key).body(body()).send().await);
    }
    may_not("prices written", s3.put_object().bucket(staging).key("prices/2").body(body()).send().await);
    may_not("all of it", s3.list_objects_v2().bucket(staging).send().await);
    may_not("the other table", s3.list_objects_v2().bucket(staging).prefix("ticks/").send().await);
    may_not("landing", s3.list_objects_v2().bucket(landing).prefix("ticks/").send().await);
    for (bucket, key) in [(landing, "ticks/1"), (staging, "prices/1"), (results, "athena/lake/1.csv")] {
        may_not(key, s3.delete_object().bucket(bucket).key(key).send().await);
    }
}

#[tokio::test]
async fn a_job_may_read_what_lands_and_write_its_table_and_nothing_else() {
    let lake = Lake::new().await;
    let user = lake.user("job.clean/role", "job", ELSEWHERE).await;
    let s3 = user.aws().client(aws_sdk_s3::Client::new).await;
    let Lake { prices: _, landing, staging, results, code } = &lake;
    let body = || b"a".to_vec().into();
    let (script, moment) = ("jobs/acme-prices-dev-clean/clean.py", "jobs/acme-prices-dev-clean/temporary/1");
    for (bucket, key) in [(landing, "ticks/1"), (staging, "prices/1"), (code, script)] {
        may(key, s3.get_object().bucket(bucket).key(key).send().await);
    }
    may("what has landed", s3.list_objects_v2().bucket(landing).prefix("ticks/").send().await);
    may("its table", s3.list_objects_v2().bucket(staging).prefix("prices/").send().await);
    for (bucket, key) in [(staging, "prices/2"), (code, moment)] {
        may(key, s3.put_object().bucket(bucket).key(key).body(body()).send().await);
        may(key, s3.delete_object().bucket(bucket).key(key).send().await);
    }
    // What has landed stays as it came, and no run writes what the next one executes.
    for (bucket, key) in [(landing, "ticks/1"), (staging, "ticks/1"), (code, script), (code, "jobs/other/clean.py")] {
        may_not(key, s3.put_object().bucket(bucket).key(key).body(body()).send().await);
        may_not(key, s3.delete_object().bucket(bucket).key(key).send().await);
    }
    for (bucket, key) in [(staging, "ticks/1"), (results, "athena/lake/1.csv"), (code, "jobs/other/clean.py")] {
        may_not(key, s3.get_object().bucket(bucket).key(key).send().await);
    }
    may_not("the other table", s3.list_objects_v2().bucket(staging).prefix("ticks/").send().await);
    may_not("results", s3.list_objects_v2().bucket(results).prefix("athena/lake/").send().await);

    let hour =
        json!({ "Values": ["crypto", "2026", "11", "30", "21"], "StorageDescriptor": { "Location": "s3://a/" } });
    let entered = json!({ "DatabaseName": DATABASE, "TableName": "prices", "PartitionInputList": [hour] });
    all_of(
        &user,
        GLUE,
        &[
            ("GetDatabase", json!({ "Name": DATABASE })),
            ("GetTable", table("prices")),
            ("BatchCreatePartition", entered),
            ("GetPartitions", json!({ "DatabaseName": DATABASE, "TableName": "prices" })),
        ],
    )
    .await;
    none_of(
        &user,
        GLUE,
        &[
            ("GetTable", json!({ "DatabaseName": "other", "Name": "prices" })),
            ("DeleteTable", table("prices")),
            ("DeletePartition", json!({ "DatabaseName": DATABASE, "TableName": "prices", "PartitionValues": [] })),
            ("UpdateDatabase", json!({ "Name": DATABASE, "DatabaseInput": { "Name": DATABASE } })),
            ("UpdateJob", json!({ "JobName": "acme-prices-dev-clean", "JobUpdate": {} })),
            ("StartJobRun", json!({ "JobName": "acme-prices-dev-clean" })),
        ],
    )
    .await;
    none_of(&user, ATHENA, &[("StartQueryExecution", json!({ "QueryString": "SELECT 1", "WorkGroup": WORKGROUP }))])
        .await;
}
