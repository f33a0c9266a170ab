//! The calls that are no resource's: those of the state's store, and those of the data path.

use std::collections::BTreeSet;
use std::sync::Arc;

use pipectl::aws::Aws;
use pipectl::aws::cloudtrail::CloudTrailEvents;
use pipectl::aws::data::AwsData;
use pipectl::aws::kinds;
use pipectl::aws::location::{Location, LocationError, Parameters};
use pipectl::model::address::Address;
use pipectl::model::audit::{AuditLog as _, Lookup};
use pipectl::model::data::{DataPlane as _, ItemKey, Metric, Record};
use pipectl::model::error::CallError;
use pipectl::model::graph::{Graph, Resource};
use pipectl::model::scope::Scope;
use pipectl::ops::deploy_policy::{Policies, StatePlace, Subject, policies};
use pipectl::state::blobs::{Blobs as _, Condition, PutError};
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::document::{actions, on_everything, without};
use super::gaps::{self, ELSEWHERE_IN_STATE, Gap};
use super::trial::note;
use crate::support::emulator::{self, Account};
use crate::support::json::put_parameter;

/// The policies for resources and a state of an account.
pub(super) fn needed(account: &Account, resources: &[(&str, Value)], state: Option<&StatePlace>) -> Policies {
    let registry = kinds::registry(&account.aws());
    let mut graph = Graph::default();
    for (kind, attributes) in resources {
        graph.add(Resource {
            address: Address::block("kind", &kind.replace('_', "-")),
            kind: (*kind).to_owned(),
            attributes: registry.get(kind).unwrap().with_files(attributes).unwrap().into(),
            depends_on: BTreeSet::new(),
            protect: false,
            adopt: false,
        });
    }
    let scope = Scope::new(&account.id, account.region);
    let subject = Subject {
        registry: &registry,
        graph: &graph,
        scope: &scope,
        project: "acme",
        env: "dev",
        state,
        boundary: None,
        by_prefix: false,
    };
    policies(&subject).unwrap()
}

/// Makes calls with all of the documents, and then without each of their actions; asserts that exactly this action is
/// denied then. Returns the actions that nobody missed.
async fn least(
    account: &Account,
    documents: &[Value],
    elsewhere: &[Gap],
    calls: impl AsyncFn(&Arc<Aws>) -> BTreeSet<String>,
) -> BTreeSet<String> {
    let user = account.as_user("ci", documents).await;
    assert_eq!(calls(&user.aws()).await, gaps::actions(elsewhere), "checked on another resource, as the list says");
    let whole = on_everything(documents, &gaps::actions(elsewhere));
    account.give("ci", &whole).await;
    assert_eq!(calls(&user.aws()).await, BTreeSet::new(), "denied with all it asks for");
    let mut unmissed = BTreeSet::new();
    for action in actions(&whole) {
        account.give("ci", &without(&whole, &action)).await;
        let mut denied = calls(&user.aws()).await;
        if !denied.remove(&action) {
            unmissed.insert(action.clone());
        }
        assert_eq!(denied, BTreeSet::new(), "denied without {action}");
    }
    unmissed
}

#[tokio::test]
async fn the_state_and_the_trail_need_what_the_policy_allows_and_no_less() {
    let (account, _proxy) = emulator::ministack().account().behind_proxy();
    let aws = account.aws();
    let bucket = account.unique("state");
    let names = ["/acme/pipectl/state-bucket".to_owned(), "acme-state-folder".to_owned()];
    let s3 = aws.client(aws_sdk_s3::Client::new).await;
    s3.create_bucket().bucket(&bucket).send().await.unwrap();
    for (name, value) in names.iter().zip([bucket.as_str(), "team/pipectl"]) {
        put_parameter(&account, name, value).await;
    }
    let place = StatePlace { bucket, folder: "team/pipectl".into(), parameters: Some(names) };
    let documents = needed(&account, &[], Some(&place)).apply;
    let unmissed =
        least(&account, &documents, ELSEWHERE_IN_STATE, async |aws| calls_of_the_store(aws, &place, &account).await)
            .await;
    // MiniStack tells the absent from the forbidden without it.
    assert_eq!(unmissed.into_iter().collect::<Vec<_>>(), ["s3:ListBucket"]);
}

/// A look-up in the trail, and every call of the state's store, as far as the one before succeeded; what is denied is done by root.
async fn calls_of_the_store(aws: &Arc<Aws>, place: &StatePlace, account: &Account) -> BTreeSet<String> {
    let mut denied = BTreeSet::new();
    let [bucket, folder] = place.parameters.clone().unwrap();
    match (Parameters { bucket, folder }).locate(aws).await {
        Err(LocationError::Failed(error)) => _ = note::<()>(&mut denied, Err(error)),
        location => assert_eq!(location.unwrap().folder, place.folder),
    }
    note(&mut denied, CloudTrailEvents::new(aws).lookup(Lookup::Event("s3:CreateBucket")).await);
    let location = Location::new(&place.bucket, &place.folder).unwrap();
    let (user, root) = (location.blobs(aws, "dev"), location.blobs(&account.aws(), "dev"));
    note(&mut denied, user.get("state.lock").await);
    if note(&mut denied, user.put("state.lock", b"one", Condition::Absent).await.map_err(failed)) {
        root.put("state.lock", b"one", Condition::Absent).await.unwrap();
    }
    note(&mut denied, user.get("state.lock").await);
    note(&mut denied, user.versions("state.lock").await);
    let version = root.versions("state.lock").await.unwrap().unwrap().remove(0).id;
    note(&mut denied, user.get_version("state.lock", &version).await);
    let etag = root.get("state.lock").await.unwrap().unwrap().etag;
    if note(&mut denied, user.delete("state.lock", &etag).await.map_err(failed)) {
        root.delete("state.lock", &etag).await.unwrap();
    }
    denied
}

fn failed(error: PutError) -> CallError {
    match error {
        PutError::Failed(error) => error,
        PutError::Conflict => panic!("nobody else writes here"),
    }
}

#[tokio::test]
async fn the_data_path_needs_what_the_policy_allows_and_no_less() {
    let (account, proxy) = emulator::ministack().account().behind_proxy();
    let aws = account.aws();
    let bucket = account.unique("events");
    aws.client(aws_sdk_s3::Client::new).await.create_bucket().bucket(&bucket).send().await.unwrap();
    let kinesis = aws.client(aws_sdk_kinesis::Client::new).await;
    kinesis.create_stream().stream_name("clicks").shard_count(1).send().await.unwrap();
    let logs = aws.client(aws_sdk_cloudwatchlogs::Client::new).await;
    logs.create_log_group().log_group_name("/aws/kinesisfirehose/clicks").send().await.unwrap();
    let put = aws.client(aws_sdk_s3::Client::new).await.put_object().bucket(&bucket).key("events/1");
    put.body(b"{}".to_vec().into()).send().await.unwrap();
    let resources = [
        ("kinesis_stream", json!({ "name": "clicks", "mode": "PROVISIONED", "shards": 1 })),
        ("s3_bucket", json!({ "name": bucket })),
        ("logs_group", json!({ "name": "/aws/kinesisfirehose/clicks" })),
        ("dynamodb_table", json!({ "name": "sessions", "partition_key": { "name": "session_id", "type": "S" } })),
    ];
    make_table(&aws, "sessions", "session_id").await;
    let documents = needed(&account, &resources, None).operate;
    let unmissed = least(&account, &documents, &[], async |aws| {
        let (mut denied, data, since) = (BTreeSet::new(), AwsData::new(aws), OffsetDateTime::UNIX_EPOCH);
        let record = [Record { key: "a".into(), data: b"{}".to_vec() }];
        let metric = [Metric {
            namespace: "AWS/Kinesis",
            name: "x",
            dimension: ("StreamName", "clicks".into()),
            statistic: "Sum",
            period: 60,
        }];
        note(&mut denied, data.put_records("clicks", &record).await);
        note(&mut denied, data.list(&bucket, "events/", None).await);
        note(&mut denied, data.get(&bucket, "events/1").await);
        note(&mut denied, data.metrics(&metric, since).await);
        let key = ItemKey::from([("session_id".to_owned(), "s-1".to_owned())]);
        note(&mut denied, data.items("sessions", &[key]).await);
        note(&mut denied, data.log_events("/aws/kinesisfirehose/clicks", None, since, 10).await);
        denied
    })
    .await;
    // As all of CloudWatch, it is only counted.
    assert_eq!(unmissed.into_iter().collect::<Vec<_>>(), ["cloudwatch:GetMetricData"]);
    assert!(proxy.calls().of("cloudwatch:GetMetricData") > 0);
}

/// Makes a table whose items are found by one text.
async fn make_table(aws: &Aws, name: &str, key: &str) {
    use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};

    let text = AttributeDefinition::builder().attribute_name(key).attribute_type(ScalarAttributeType::S).build();
    let hash = KeySchemaElement::builder().attribute_name(key).key_type(KeyType::Hash).build();
    let client = aws.client(aws_sdk_dynamodb::Client::new).await;
    let table = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    table.attribute_definitions(text.unwrap()).key_schema(hash.unwrap()).send().await.unwrap();
}
