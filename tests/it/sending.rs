//! Calls that no emulator answers: AWS's replies are made up here, and the requests shown to the witness all the same.
//!
//! What the examples of a resource type leave out for an emulator's sake is sent here.

use std::collections::BTreeMap;
use std::sync::Arc;

use pipectl::aws::account::AwsAccount;
use pipectl::aws::data::AwsData;
use pipectl::aws::kinds;
use pipectl::aws::queries::AwsQueries;
use pipectl::aws::runs::AwsRuns;
use pipectl::aws::runs::crawls::AwsCrawls;
use pipectl::aws::runs::workflows::AwsWorkflowRuns;
use pipectl::model::account::{Account as _, Quota};
use pipectl::model::address::Address;
use pipectl::model::data::DataPlane as _;
use pipectl::model::kind::{Owner, StepContext};
use pipectl::model::queries::Queries as _;
use pipectl::model::runs::{History as _, Runs as _, Stage};
use serde_json::{Value, json};

use crate::conformance::examples;
use crate::conformance::needs::Need;
use crate::support::emulator::{self, Account};
use crate::support::proxy::Proxy;
use crate::support::witness::Recording;

/// Makes the first example of a resource type, and changes the member of it that is given there and back.
async fn changes(account: &Account, kind: &str, member: &str, values: [Value; 2]) {
    let registry = kinds::registry(&account.aws());
    let kind = registry.get(kind).unwrap();
    let owner = Owner { project: "acme".into(), env: "test".into(), address: Address::block("kind", "example") };
    let step = StepContext { owner: &owner, since: None, empty: true, seen: None, note: &|_| {} };
    let first = kind.canonical(&examples(kind, account)["first"]).unwrap();
    kind.create(&first, &step).await.unwrap();
    let key = kind.key(&first).unwrap();
    let live = kind.read(&key, Some(&first)).await.unwrap().expect("it was made");
    let live = Arc::unwrap_or_clone(live.attributes);
    let [one, other] = values.map(|value| {
        let mut spec = live.clone();
        spec[member] = value;
        kind.canonical(&spec).unwrap()
    });
    kind.update(&one, &other, &step).await.unwrap();
    kind.update(&other, &one, &step).await.unwrap();
    kind.delete(&key, &step).await.unwrap();
}

fn answering(account: &Account, calls: &[&str]) -> (Account, Proxy) {
    let (account, proxy) = account.behind_proxy();
    for call in calls {
        proxy.on(call).answer(&json!({}));
    }
    (account, proxy)
}

#[tokio::test]
async fn what_emulators_do_not_answer_is_sent_as_aws_wants_it() {
    let _sends = Recording::of("sending::what_emulators_do_not_answer_is_sent_as_aws_wants_it");
    let account = emulator::ministack().account();
    let key = format!("arn:aws:kms:us-east-1:{}:key/0f2c4d8e-7a1b-4c3d-9e5f-6a7b8c9d0e1f", account.id);
    let calls =
        ["kinesis:UpdateStreamMode", "kinesis:UpdateMaxRecordSize", "logs:AssociateKmsKey", "logs:DisassociateKmsKey"];
    let (account, _proxy) = answering(&account, &calls);
    changes(&account, "kinesis_stream", "max_record_kib", [json!(1024), json!(2048)]).await;
    changes(&account, "logs_group", "kms_key", [json!(null), json!(key)]).await;
    changes(&account, "secretsmanager_secret", "has_value", [json!(false), json!(true)]).await;
    changes(&account, "s3_bucket", "tags", [json!({}), json!({ "team": "growth" })]).await;
    // MiniStack alone does not know this one.
    changes(&emulator::moto().account(), "iam_user", "path", [json!("/"), json!("/pipelines/")]).await;
}

/// As `verify` does where functions keep events in a table; what is no table has no items.
#[tokio::test]
async fn the_items_of_a_table_are_asked_for_as_dynamodb_wants_it() {
    let _sends = Recording::of("sending::the_items_of_a_table_are_asked_for_as_dynamodb_wants_it");
    let account = emulator::ministack().account();
    let data = AwsData::new(&account.aws());
    let key = [("id".to_owned(), "one".to_owned())].into();
    data.items("sessions", &[key]).await.unwrap_err();
}

/// As `query` does at a signal: what MiniStack runs has ended by then.
#[tokio::test]
async fn a_query_is_stopped_as_athena_wants_it() {
    let _sends = Recording::of("sending::a_query_is_stopped_as_athena_wants_it");
    let account = emulator::ministack().account();
    let (account, _proxy) = answering(&account, &["athena:StopQueryExecution"]);
    let queries = AwsQueries::new(&account.aws());
    queries.stop("11111111-0000-4000-8000-000000000000").await.unwrap();
}

/// As a plan of a deletion does, and a preflight.
#[tokio::test]
async fn what_is_asked_before_the_first_call_is_asked_as_aws_wants_it() {
    let _sends = Recording::of("sending::what_is_asked_before_the_first_call_is_asked_as_aws_wants_it");
    let account = emulator::moto().account();
    let (account, proxy) = account.behind_proxy();
    let registry = kinds::registry(&account.aws());
    let owner = Owner { project: "acme".into(), env: "test".into(), address: Address::block("kind", "example") };
    let step = StepContext { owner: &owner, since: None, empty: true, seen: None, note: &|_| {} };
    for kind in ["iam_user", "apigateway_rest_api"] {
        let kind = registry.get(kind).unwrap();
        let first = kind.canonical(&examples(kind, &account)["first"]).unwrap();
        kind.create(&first, &step).await.unwrap();
        let live = kind.read(&kind.key(&first).unwrap(), Some(&first)).await.unwrap().expect("it was made");
        if kind.name() == "apigateway_rest_api" {
            proxy.on("apigateway:GET domainnames").answer(&json!({"item": [{"domainName": "api.example.com"}]}));
            let mapping = json!({"item": [{"basePath": "(none)", "restApiId": live.outputs["id"]}]});
            proxy.on("apigateway:GET domainnames/basepathmappings").answer(&mapping);
        }
        let obstacles = kind.obstacles(&first, true).await;
        let named = obstacles.iter().any(|obstacle| obstacle.contains("api.example.com"));
        assert_eq!(named, kind.name() == "apigateway_rest_api", "{obstacles:?}");
        kind.delete(&kind.key(&first).unwrap(), &step).await.unwrap();
    }
    let roles = AwsAccount::new(&account.aws()).usage(Quota::Roles).await.unwrap();
    assert!(roles.limit.is_some());
}

/// As the deletion of a job does while it runs.
#[tokio::test]
async fn the_runs_of_a_job_that_is_deleted_are_stopped_as_glue_wants_it() {
    let _sends = Recording::of("sending::the_runs_of_a_job_that_is_deleted_are_stopped_as_glue_wants_it");
    let (account, proxy) = emulator::ministack().account().behind_proxy();
    let run = |state: &str| json!({ "Id": "jr_1", "JobName": "conformance-Clean", "JobRunState": state });
    proxy.on("glue:GetJobRuns").first(1).answer(&json!({ "JobRuns": [run("RUNNING")] }));
    proxy.on("glue:BatchStopJobRun").answer(&json!({ "SuccessfulSubmissions": [] }));
    proxy.on("glue:GetJobRun").answer(&json!({ "JobRun": run("STOPPED") }));
    changes(&account, "glue_job", "description", [json!(""), json!("Cleans clicks")]).await;
    assert_eq!(proxy.calls().by_operation()["glue:BatchStopJobRun"], 1);
}

/// As the deletion of a crawler does while it runs.
#[tokio::test]
async fn the_run_of_a_crawler_that_is_deleted_is_stopped_as_glue_wants_it() {
    let _sends = Recording::of("sending::the_run_of_a_crawler_that_is_deleted_is_stopped_as_glue_wants_it");
    let (account, proxy) = emulator::ministack().account().behind_proxy();
    let registry = kinds::registry(&account.aws());
    let kind = registry.get("glue_crawler").unwrap();
    let owner = Owner { project: "acme".into(), env: "test".into(), address: Address::block("kind", "example") };
    let step = StepContext { owner: &owner, since: None, empty: true, seen: None, note: &|_| {} };
    let examples = examples(kind, &account);
    let needs = Need::all(&registry, &examples, &account);
    for need in &needs {
        need.make(&step).await;
    }
    let first = kind.canonical(&examples["first"]).unwrap();
    kind.create(&first, &step).await.unwrap();
    let key = kind.key(&first).unwrap();
    AwsCrawls::new(&account.aws()).start(&key, &BTreeMap::new()).await.unwrap();
    kind.delete(&key, &step).await.unwrap();
    assert_eq!(proxy.calls().by_operation()["glue:StopCrawler"], 1);
}

/// As an apply does: moto knows registries and schemas, but for two calls.
#[tokio::test]
async fn registries_and_schemas_are_made_changed_and_deleted_as_glue_wants_it() {
    let _sends = Recording::of("sending::registries_and_schemas_are_made_changed_and_deleted_as_glue_wants_it");
    let (account, proxy) = emulator::moto().account().behind_proxy();
    proxy.on("glue:ListSchemas").answer(&json!({ "Schemas": [] }));
    proxy.on("glue:UpdateRegistry").answer(&json!({}));
    changes(&account, "glue_registry", "description", [json!("Clicks"), json!("Clicks and more")]).await;
    let registry = kinds::registry(&account.aws());
    let kind = registry.get("glue_schema").unwrap();
    let examples = examples(kind, &account);
    let owner = Owner { project: "acme".into(), env: "test".into(), address: Address::block("kind", "example") };
    let step = StepContext { owner: &owner, since: None, empty: true, seen: None, note: &|_| {} };
    let needs = Need::all(&registry, &examples, &account);
    for need in &needs {
        need.make(&step).await;
    }
    changes(&account, "glue_schema", "compatibility", [json!("BACKWARD"), json!("FULL")]).await;
    let first = kind.canonical(&examples["first"]).unwrap();
    kind.create(&first, &step).await.unwrap();
    let mut second = first.clone();
    second["definition"] = json!(r#"{"type": "string"}"#);
    kind.update(&first, &second, &step).await.unwrap();
    let key = kind.key(&first).unwrap();
    let live = kind.read(&key, Some(&second)).await.unwrap().expect("it was made");
    assert_eq!((&live.attributes["definition"], &live.outputs["version"]), (&second["definition"], &json!(2)));
    let back = kind.update(&second, &first, &step).await.unwrap_err();
    assert!(back.message.contains("already, as version 1"), "{back}");
    kind.delete(&key, &step).await.unwrap();
    for need in needs.iter().rev() {
        need.remove(&step).await;
    }
}

/// As an apply does; no emulator knows the call.
#[tokio::test]
async fn a_prepared_statement_is_changed_as_athena_wants_it() {
    let _sends = Recording::of("sending::a_prepared_statement_is_changed_as_athena_wants_it");
    let account = emulator::ministack().account();
    let (account, proxy) = answering(&account, &["athena:UpdatePreparedStatement"]);
    changes(&account, "athena_prepared_statement", "query", [json!("SELECT 1"), json!("SELECT 2")]).await;
    assert_eq!(proxy.calls().by_operation()["athena:UpdatePreparedStatement"], 2);
}

/// As an apply does; no emulator deletes an index.
#[tokio::test]
async fn the_indexes_of_a_table_are_changed_as_glue_wants_it() {
    let _sends = Recording::of("sending::the_indexes_of_a_table_are_changed_as_glue_wants_it");
    let (account, proxy) = emulator::ministack().account().behind_proxy();
    let registry = kinds::registry(&account.aws());
    let owner = Owner { project: "acme".into(), env: "test".into(), address: Address::block("kind", "example") };
    let step = StepContext { owner: &owner, since: None, empty: true, seen: None, note: &|_| {} };
    let kind = registry.get("glue_table").unwrap();
    let without = kind.canonical(&examples(kind, &account)["first"]).unwrap();
    let mut with = without.clone();
    with["indexes"] = json!({ "day": ["day"] });
    let with = kind.canonical(&with).unwrap();
    let index = json!({ "IndexName": "day", "Keys": [{ "Name": "day", "Type": "string" }], "IndexStatus": "ACTIVE" });
    let live = |index: &[Value]| json!({ "PartitionIndexDescriptorList": index });
    for call in ["glue:CreatePartitionIndex", "glue:DeletePartitionIndex"] {
        proxy.on(call).answer(&json!({}));
    }
    proxy.on("glue:GetPartitionIndexes").first(1).answer(&live(&[]));
    // Once it is made, and before it is deleted.
    for look in [2, 3] {
        proxy.on("glue:GetPartitionIndexes").nth(look).answer(&live(std::slice::from_ref(&index)));
    }
    proxy.on("glue:GetPartitionIndexes").after_first(3).answer(&live(&[]));
    kind.update(&without, &with, &step).await.unwrap();
    kind.update(&with, &without, &step).await.unwrap();
    let calls = proxy.calls().by_operation();
    assert_eq!((calls["glue:CreatePartitionIndex"], calls["glue:DeletePartitionIndex"]), (1, 1));
}

/// As `run` does; what becomes of it no emulator shows.
#[tokio::test]
async fn a_workflow_is_started_looked_at_and_stopped_as_glue_wants_it() {
    let _sends = Recording::of("sending::a_workflow_is_started_looked_at_and_stopped_as_glue_wants_it");
    let (account, proxy) = emulator::ministack().account().behind_proxy();
    proxy.on("glue:StartWorkflowRun").answer(&json!({ "RunId": "wr_1" }));
    proxy.on("glue:GetWorkflowRun").answer(&json!({ "Run": { "WorkflowRunId": "wr_1", "Status": "RUNNING" } }));
    proxy.on("glue:StopWorkflowRun").answer(&json!({}));
    let runs = AwsWorkflowRuns::new(&account.aws());
    let id = runs.start("nightly", &[("day".to_owned(), "2026-11-30".to_owned())].into()).await.unwrap();
    assert_eq!(runs.look("nightly", &id).await.unwrap().stage, Stage::Active("RUNNING".to_owned()));
    runs.stop("nightly", &id).await.unwrap();
}

/// As `status` does; no emulator has bookmarks.
#[tokio::test]
async fn the_bookmark_of_a_job_is_asked_for_as_glue_wants_it() {
    let _sends = Recording::of("sending::the_bookmark_of_a_job_is_asked_for_as_glue_wants_it");
    let (account, proxy) = emulator::ministack().account().behind_proxy();
    let entry = json!({ "JobName": "clean", "RunId": "jr_1", "Version": 2, "Run": 3, "Attempt": 0 });
    proxy.on("glue:GetJobBookmark").answer(&json!({ "JobBookmarkEntry": entry }));
    let mark = AwsRuns::new(&account.aws()).bookmark("clean").await.unwrap().expect("there is one");
    assert_eq!(mark.run.as_deref(), Some("jr_1"));
}
