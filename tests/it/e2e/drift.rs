//! What somebody changes or deletes behind pipectl's back is seen as exactly that, and repaired by the next apply.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use pipectl::blueprint;
use pipectl::model::address::Address;
use pipectl::model::kind::StepContext;
use pipectl::model::scope::Scope;
use pipectl::spec::{Options, Source, load};

use super::inventory::inventory;
use super::out_of_band::{OutsideEditor, ROUNDS};
use crate::support::deployment::{Deployment, REGION};
use crate::support::emulator::{self, Emulator};
use crate::support::planned::registry;
use crate::{orders, prices};

/// What no test changes: their kinds' examples have one value only, as not both emulators know another, or as nothing sets
/// it.
const HAVE_ONE: [&str; 5] = [
    "firehose_delivery_stream buffer_key",
    "firehose_delivery_stream encrypted",
    "kinesis_stream max_record_kib",
    "kinesis_stream mode",
    "logs_group kms_key",
];
/// The same of functions: what belongs to images, or names what no emulator has.
const FUNCTION_HAS_ONE: [&str; 3] =
    ["lambda_function image_config", "lambda_function kms_key", "lambda_function layers"];
/// What no block says of a mail.
const NOT_OF_MAILS: [&str; 4] = [
    "sns_subscription dead_letter_arn",
    "sns_subscription filter",
    "sns_subscription filter_scope",
    "sns_subscription raw",
];
/// The same of Snowpipe's user and of its entry.
const USER_HAS_ONE: [&str; 3] = ["iam_user path", "iam_user permissions_boundary", "s3_notification function_arn"];
/// What AWS never takes away again, so that it is repaired by a replacement, which `protect` forbids (MiniStack loses it); and what moto
/// refuses.
const NOT_ON_MOTO: [&str; 2] = ["firehose_delivery_stream backup", "s3_bucket access_log"];
/// What MiniStack keeps once it has come, what belongs to other triggers, entries and permissions, and what has one value only.
const NOT_OF_PRICES: [&str; 14] = [
    "athena_workgroup encryption",
    "athena_workgroup kms_key",
    "glue_database location",
    "glue_job connections",
    "glue_job max_capacity",
    "glue_job security_configuration",
    "glue_table indexes",
    "glue_table table_type",
    "glue_trigger predicate",
    "glue_trigger schedule",
    "lambda_permission api",
    "s3_notification queue_arn",
    "s3_object sha256",
    "secretsmanager_secret has_value",
];
/// What no mapping of a queue has, and what belongs to APIs, or to queues with an order.
const NOT_OF_ORDERS: [&str; 10] = [
    "lambda_event_source_mapping bisect_on_error",
    "lambda_event_source_mapping failure_arn",
    "lambda_event_source_mapping max_age_seconds",
    "lambda_event_source_mapping parallelization",
    "lambda_event_source_mapping retries",
    "lambda_permission api",
    "logs_group kms_key",
    "sqs_queue fifo",
    "ssm_parameter stage",
    "ssm_parameter value_type",
];

#[tokio::test]
async fn every_change_of_prod_is_seen_and_repaired_on_ministack() {
    every_change_is_seen_and_repaired(
        Deployment::applied(emulator::ministack(), "prod").await,
        &[&USER_HAS_ONE[..], &HAVE_ONE, &NOT_OF_MAILS].concat(),
    )
    .await;
}

#[tokio::test]
async fn every_change_of_prod_is_seen_and_repaired_on_moto() {
    every_change_is_seen_and_repaired(
        Deployment::applied(emulator::moto(), "prod").await,
        &[&USER_HAS_ONE[..], &HAVE_ONE, &NOT_OF_MAILS, &NOT_ON_MOTO].concat(),
    )
    .await;
}

/// Another way of access, and a stream whose shards AWS decides on.
#[tokio::test]
async fn every_change_of_staging_is_seen_and_repaired_on_ministack() {
    let but = [&["kinesis_stream shards"], &HAVE_ONE[..], &NOT_OF_MAILS].concat();
    every_change_is_seen_and_repaired(Deployment::applied(emulator::ministack(), "staging").await, &but).await;
}

#[tokio::test]
async fn every_change_of_analytics_is_seen_and_repaired_on_ministack() {
    let analytics = Deployment::of("examples/analytics", emulator::ministack().account()).apply();
    every_change_is_seen_and_repaired(
        analytics,
        &[&HAVE_ONE[..], &FUNCTION_HAS_ONE, &["lambda_event_source_mapping max_concurrency"]].concat(),
    )
    .await;
}

#[tokio::test]
async fn every_change_of_analytics_is_seen_and_repaired_on_moto() {
    let analytics = Deployment::of("examples/analytics", emulator::moto().account()).apply();
    every_change_is_seen_and_repaired(
        analytics,
        &[&HAVE_ONE[..], &FUNCTION_HAS_ONE, &["lambda_event_source_mapping max_concurrency"], &NOT_ON_MOTO].concat(),
    )
    .await;
}

#[tokio::test]
async fn every_change_of_ecommerce_is_seen_and_repaired_on_ministack() {
    let ecommerce = Deployment::of("examples/ecommerce", emulator::ministack().account()).apply();
    let but = [&["apigateway_rest_api authorizers"], &HAVE_ONE[..], &FUNCTION_HAS_ONE].concat();
    every_change_is_seen_and_repaired(ecommerce, &but).await;
}

#[tokio::test]
async fn every_change_of_ecommerce_is_seen_and_repaired_on_moto() {
    let ecommerce = Deployment::of("examples/ecommerce", emulator::moto().account()).apply();
    every_change_is_seen_and_repaired(
        ecommerce,
        &[
            &["apigateway_rest_api authorizers", "apigateway_rest_api tags"],
            &HAVE_ONE[..],
            &FUNCTION_HAS_ONE,
            &NOT_ON_MOTO,
        ]
        .concat(),
    )
    .await;
}

#[tokio::test]
async fn every_change_of_orders_is_seen_and_repaired_on_ministack() {
    let (orders, _tls) = orders::deployment(emulator::ministack());
    every_change_is_seen_and_repaired(orders.apply(), &[&NOT_OF_ORDERS[..], &FUNCTION_HAS_ONE].concat()).await;
}

#[tokio::test]
async fn every_change_of_orders_is_seen_and_repaired_on_moto() {
    let (orders, _tls) = orders::deployment(emulator::moto());
    let but = [
        &["cloudwatch_alarm queries", "lambda_event_source_mapping tumbling_window_seconds"],
        &NOT_OF_ORDERS[..],
        &FUNCTION_HAS_ONE,
    ]
    .concat();
    every_change_is_seen_and_repaired(orders.apply(), &but).await;
}

#[tokio::test]
async fn every_change_of_prices_is_seen_and_repaired_on_ministack() {
    every_change_is_seen_and_repaired(
        prices::without_api().apply(),
        &[&HAVE_ONE[..], &FUNCTION_HAS_ONE, &NOT_OF_PRICES].concat(),
    )
    .await;
}

/// Changes some attributes of every resource, repairs all, and goes on with the next attributes of each.
async fn every_change_is_seen_and_repaired(deployment: Deployment, but: &[&str]) {
    assert_eq!(deployment.drift_beyond_gaps(), BTreeSet::new());
    let editor = OutsideEditor::in_the_account_of(&deployment).await;
    let mut all = BTreeSet::new();
    for round in 0..ROUNDS {
        let changed = editor.change(round).await;
        let seen: BTreeSet<String> = deployment.drift_beyond_gaps().iter().map(|line| attribute_of(line)).collect();
        assert_eq!(seen, changed, "round {round}");
        deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
        assert_eq!(deployment.drift_beyond_gaps(), BTreeSet::new(), "after the repair of {changed:?}");
        all.extend(changed);
    }
    assert_eq!(editor.unchanged(&all), but.iter().map(ToString::to_string).collect());
}

/// `bucket.events policy.Statement` → `bucket.events policy`.
fn attribute_of(line: &str) -> String {
    let (address, path) = line.split_once(' ').unwrap();
    format!("{address} {}", path.split('.').next().unwrap())
}

#[tokio::test]
async fn every_deletion_of_prod_is_seen_and_repaired_on_ministack() {
    every_deletion_is_seen_and_repaired(Deployment::applied(emulator::ministack(), "prod").await).await;
}

#[tokio::test]
async fn every_deletion_of_prod_is_seen_and_repaired_on_moto() {
    every_deletion_is_seen_and_repaired(Deployment::applied(emulator::moto(), "prod").await).await;
}

#[tokio::test]
async fn every_deletion_of_analytics_is_seen_and_repaired_on_ministack() {
    let analytics = Deployment::of("examples/analytics", emulator::ministack().account()).apply();
    every_deletion_is_seen_and_repaired(analytics).await;
}

#[tokio::test]
async fn every_deletion_of_analytics_is_seen_and_repaired_on_moto() {
    every_deletion_is_seen_and_repaired(Deployment::of("examples/analytics", emulator::moto().account()).apply()).await;
}

#[tokio::test]
async fn every_deletion_of_ecommerce_is_seen_and_repaired_on_ministack() {
    let ecommerce = Deployment::of("examples/ecommerce", emulator::ministack().account()).apply();
    every_deletion_is_seen_and_repaired(ecommerce).await;
}

#[tokio::test]
async fn every_deletion_of_ecommerce_is_seen_and_repaired_on_moto() {
    every_deletion_is_seen_and_repaired(Deployment::of("examples/ecommerce", emulator::moto().account()).apply()).await;
}

#[tokio::test]
async fn every_deletion_of_orders_is_seen_and_repaired_on_ministack() {
    let (orders, _tls) = orders::deployment(emulator::ministack());
    every_deletion_is_seen_and_repaired(orders.apply()).await;
}

#[tokio::test]
async fn every_deletion_of_orders_is_seen_and_repaired_on_moto() {
    let (orders, _tls) = orders::deployment(emulator::moto());
    every_deletion_is_seen_and_repaired(orders.apply()).await;
}

#[tokio::test]
async fn every_deletion_of_prices_is_seen_and_repaired_on_ministack() {
    every_deletion_is_seen_and_repaired(prices::without_api().apply()).await;
}

/// With what no example has.
#[tokio::test]
async fn every_deletion_of_nightly_is_seen_and_repaired_on_ministack() {
    let nightly = Deployment::of("tests/files/nightly", emulator::ministack().account()).apply();
    every_deletion_is_seen_and_repaired(nightly).await;
}

/// Deletes one resource of each of some types, repairs all, and goes on with the next types.
async fn every_deletion_is_seen_and_repaired(deployment: Deployment) {
    assert_eq!(deployment.drift_beyond_gaps(), BTreeSet::new());
    let (records, registry) = (deployment.records(), deployment.registry());
    // One that has tables is not deleted, so that none of another owner goes with it.
    let deletable = records.iter().filter(|(_, record)| record.kind != "glue_database");
    let one_of_each: BTreeMap<_, _> = deletable.map(|(address, record)| (&record.kind, address)).collect();
    for round in 0..ROUNDS {
        let deleted: BTreeSet<&Address> = one_of_each.values().copied().skip(round).step_by(ROUNDS).collect();
        for address in &deleted {
            let owner = deployment.owner(address);
            let step = StepContext { owner: &owner, since: None, empty: true, seen: None, note: &|_| {} };
            let record = &records[*address];
            registry.get(&record.kind).unwrap().delete(&record.key, &step).await.unwrap();
        }
        let living = deployment.living(&records).await;
        assert!(living.is_disjoint(&deleted), "{deleted:?} are not gone");
        let missing = records.keys().filter(|address| !living.contains(address));
        let missing: BTreeSet<String> = missing.map(|address| format!("{address} missing")).collect();
        let seen: BTreeSet<String> = deployment.drift_beyond_gaps();
        assert!(missing.is_subset(&seen), "{missing:?} {seen:?}");
        let besides = seen.difference(&missing).filter(|line| !names_an_api(line));
        assert_eq!(besides.collect::<Vec<_>>(), [""; 0]);
        deployment.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
        assert_eq!(deployment.drift_beyond_gaps(), BTreeSet::new(), "after the repair of {deleted:?}");
    }
}

/// Whether something names an API by its id, which is gone with the API: `api.events/permission-ingest source_arn`.
fn names_an_api(line: &str) -> bool {
    line.starts_with("api.") && [" api", " source_arn", " stages"].iter().any(|named| line.ends_with(named))
}

#[test]
fn every_type_is_in_one_of_these() {
    // Of those of `tests/files` `partners` is changed in `api_keys.rs`, `weather` in `secrets.rs`, and `schemas` nowhere: no emulator has a
    // registry that can be deleted again.
    let others = [
        "examples/analytics",
        "examples/ecommerce",
        "examples/fanout",
        "examples/prices",
        "tests/files/nightly",
        "tests/files/orders",
        "tests/files/partners",
        "tests/files/schemas",
        "tests/files/weather",
    ];
    let others = others.into_iter().flat_map(|folder| types(folder, "dev"));
    let deployed: BTreeSet<String> = types("", "prod").chain(others).collect();
    assert_eq!(deployed, registry().iter().map(|kind| kind.name().to_owned()).collect());
}

/// The types of the resources that the project in a folder of this repository wants.
fn types(folder: &str, env: &str) -> impl Iterator<Item = String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let loaded = load(&Source::Env(env.to_owned()), &Options { root, ..Options::default() });
    let loaded = loaded.unwrap_or_else(|report| panic!("{}", report.render(false, 120)));
    let graph = blueprint::build(&loaded.spec, &Scope::new("123456789012", REGION));
    graph.resources.into_values().map(|resource| resource.kind)
}

#[tokio::test]
async fn what_is_gone_already_is_forgotten_with_all_that_it_left_behind() {
    for emulator in [emulator::ministack(), emulator::moto()] {
        is_forgotten_with_all_that_it_left_behind(emulator).await;
    }
}

async fn is_forgotten_with_all_that_it_left_behind(emulator: &'static Emulator) {
    let deployment = Deployment::applied(emulator, "prod").await;
    deployment.run(&["apply", "--auto-approve", "--set", "env.protect=false"]).success();
    let (registry, records) = (deployment.registry(), deployment.records());
    // All at once, parents before their parts too. Of the access key, its secret's parameter stays.
    for (address, record) in records.iter().filter(|(_, record)| record.kind != "iam_access_key") {
        let owner = deployment.owner(address);
        let step = StepContext { owner: &owner, since: None, empty: true, seen: None, note: &|_| {} };
        registry.get(&record.kind).unwrap().delete(&record.key, &step).await.unwrap();
    }
    let left = ["parameter /acme-clickstream/prod/events/access-key"];
    assert_eq!(inventory(&deployment).await, left);
    deployment.run(&["destroy", "--auto-approve"]).success();
    assert_eq!(inventory(&deployment).await, [""; 0]);
    assert!(deployment.records().is_empty());
}
