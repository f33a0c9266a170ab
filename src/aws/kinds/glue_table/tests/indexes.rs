//! What no emulator shows of partition indexes: states in between, one at a time, and those that fail.

use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use super::*;
use crate::aws::glue::indexes::{CreatePartitionIndex, DeletePartitionIndex, GetPartitionIndexes};
use crate::aws::scripted::{Reply, broken, identity, refused};
use crate::catalog::ResourceType as _;
use crate::model::error::Class;

const SHOW: &str = "GetPartitionIndexes";
const MAKE: &str = "CreatePartitionIndex";
const DROP: &str = "DeletePartitionIndex";

/// Indexes as Glue shows them: name, keys, state.
fn indexes(all: &[(&str, &[&str], &str)]) -> Reply {
    let one = |(name, keys, state): &(&str, &[&str], &str)| {
        let keys: Vec<Value> = keys.iter().map(|key| json!({ "Name": key, "Type": "string" })).collect();
        json!({ "IndexName": name, "Keys": keys, "IndexStatus": state })
    };
    ok(SHOW, json!({ "PartitionIndexDescriptorList": all.iter().map(one).collect::<Vec<_>>() }))
}

fn table(keys: &[&str]) -> Reply {
    let keys: Vec<Value> = keys.iter().map(|key| json!({ "Name": key, "Type": "string" })).collect();
    ok("GetTable", json!({ "Table": { "Name": "prices", "PartitionKeys": keys } }))
}

fn none_there(of: &'static str) -> Reply {
    refused(of, "EntityNotFoundException", "Table prices not found.")
}

/// The table of the tests with other indexes.
fn with(indexes: &[(&str, &[&str])]) -> Spec {
    let one = |(name, keys): &(&str, &[&str])| ((*name).to_owned(), keys.iter().map(ToString::to_string).collect());
    Spec { indexes: indexes.iter().map(one).collect(), ..prices() }
}

async fn updated(service: &Scripted, now: &Spec, want: &Spec) -> Result<Vec<String>> {
    let heard = Mutex::new(Vec::new());
    let note = |text| heard.lock().unwrap().push(text);
    CatalogTable::update(&service.aws().await, now, want, &StepContext { note: &note, ..step() }).await?;
    Ok(heard.into_inner().unwrap())
}

#[tokio::test]
async fn calls_about_indexes_are_those_of_awss_model() {
    let next_token = Some("a+/=".to_owned());
    let list = GetPartitionIndexes { database_name: "lake", table_name: "prices", next_token };
    let page = is_as_modelled(&list).await;
    assert!(page.next_token.is_some());
    let live = &page.partition_index_descriptor_list;
    assert_eq!((live[0].index_name.as_str(), live[0].keys[0].name.as_str()), ("x&<é", "x&<é"));
    assert_eq!(live[0].index_status, "CREATING", "the first of the states");
    let failed = [crate::aws::glue::indexes::LiveIndex { index_status: "FAILED".to_owned(), ..live[0].clone() }];
    let why: Vec<String> = failures(&failed).collect();
    assert_eq!(why, ["x&<é: ENCRYPTED_PARTITION_ERROR of x&<é"]);
    let keys = ["year".to_owned(), "month".to_owned()];
    let partition_index = PartitionIndex { index_name: "year-month", keys: &keys };
    is_as_modelled(&CreatePartitionIndex { database_name: "lake", table_name: "prices", partition_index }).await;
    let delete = DeletePartitionIndex { database_name: "lake", table_name: "prices", index_name: "year-month" };
    is_as_modelled(&delete).await;
}

#[tokio::test]
async fn indexes_are_asked_for_where_there_are_partitions_alone() {
    let service = Scripted::new([table(&[]), identity()]);
    let read = CatalogTable::read(&service.aws().await, "lake|prices", None).await.unwrap().unwrap();
    assert!(read.0.indexes.is_empty() && !service.operations().contains(&SHOW.to_owned()));
    let two = [("a", &["day"][..], "ACTIVE"), ("b", &["day", "hour"][..], "CREATING")];
    let more = [("c", &["hour"][..], "DELETING"), ("d", &["hour"][..], "FAILED")];
    let service = Scripted::new([table(&["day", "hour"]), indexes(&[two, more].concat()), identity()]);
    let (read, _, unmodelled) = CatalogTable::read(&service.aws().await, "lake|prices", None).await.unwrap().unwrap();
    let (day, both) = (["day"].map(str::to_owned).to_vec(), ["day", "hour"].map(str::to_owned).to_vec());
    assert_eq!(read.indexes, Wanted::from([("a".to_owned(), day), ("b".to_owned(), both)]));
    let said: Vec<&str> = unmodelled.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(said, ["d: Glue says no reason"]);
    let (one, other) = (json!({ "IndexName": "a", "IndexStatus": "ACTIVE" }), json!({ "IndexName": "b" }));
    let page = ok(SHOW, json!({ "PartitionIndexDescriptorList": [one], "NextToken": "2" }));
    let last = ok(SHOW, json!({ "PartitionIndexDescriptorList": [other] }));
    let service = Scripted::new([table(&["day"]), page, last, identity()]);
    let read = CatalogTable::read(&service.aws().await, "lake|prices", Some(&prices())).await.unwrap().unwrap();
    assert_eq!(read.0.indexes.into_keys().collect::<Vec<_>>(), ["a", "b"]);
}

#[tokio::test]
async fn a_missing_table_is_absent_whichever_call_says_so() {
    let service = Scripted::new([none_there("GetTable"), none_there(SHOW)]);
    assert!(CatalogTable::read(&service.aws().await, "lake|prices", Some(&prices())).await.unwrap().is_none());
}

#[test]
fn attributes_without_indexes_are_those_of_older_plans() {
    let without = serde_json::to_value(with(&[])).unwrap();
    assert!(without.get("indexes").is_none(), "{without}");
    assert_eq!(serde_json::to_value(prices()).unwrap()["indexes"], json!({ "day": ["day"] }));
}

#[tokio::test]
async fn a_new_table_has_its_indexes_from_birth() {
    let service = Scripted::new([done("CreateTable"), done("CreateTable")]);
    CatalogTable::create(&service.aws().await, &prices(), &step()).await.unwrap();
    assert_eq!(service.last("CreateTable")["PartitionIndexes"], json!([{ "IndexName": "day", "Keys": ["day"] }]));
    CatalogTable::create(&service.aws().await, &with(&[]), &step()).await.unwrap();
    assert!(service.last("CreateTable").get("PartitionIndexes").is_none());
}

#[tokio::test(start_paused = true)]
async fn others_go_first_and_those_that_are_missing_come_one_after_the_other() {
    let now = with(&[("old", &["day"]), ("hour", &["day", "hour"])]);
    let want = with(&[("day", &["day"]), ("hour", &["hour"])]);
    let [old, hour, day] = [("old", &["day"][..]), ("hour", &["day", "hour"][..]), ("day", &["day"][..])];
    let (active, making, going) = ("ACTIVE", "CREATING", "DELETING");
    let new = ("hour", &["hour"][..]);
    let service = Scripted::new([
        indexes(&[(old.0, old.1, active), (hour.0, hour.1, making)]),
        indexes(&[(old.0, old.1, active), (hour.0, hour.1, active)]),
        done(DROP),
        indexes(&[(old.0, old.1, going), (hour.0, hour.1, active)]),
        indexes(&[(hour.0, hour.1, active)]),
        indexes(&[(hour.0, hour.1, active)]),
        done(DROP),
        indexes(&[]),
        indexes(&[]),
        done(MAKE),
        indexes(&[]),
        indexes(&[(day.0, day.1, making)]),
        indexes(&[(day.0, day.1, active)]),
        done(MAKE),
        indexes(&[(day.0, day.1, active), (new.0, new.1, active)]),
    ]);
    let heard = updated(&service, &now, &want).await.unwrap();
    assert_eq!(
        heard,
        ["waits for the index hour of `prices`: CREATING", "waits for the index day of `prices`: CREATING"]
    );
    assert_eq!(service.all(DROP, "IndexName"), ["old", "hour"]);
    assert_eq!(service.last(MAKE)["PartitionIndex"], json!({ "IndexName": "hour", "Keys": ["hour"] }));
    assert!(!service.operations().contains(&"UpdateTable".to_owned()), "nothing else of the table changes");
}

#[tokio::test(start_paused = true)]
async fn an_index_goes_before_its_partition_key_and_comes_after_it() {
    let want = with(&[("hour", &["hour"])]);
    let want =
        Spec { partition_keys: vec![Column { name: "hour".to_owned(), ..prices().partition_keys.remove(0) }], ..want };
    let day = ("day", &["day"][..], "ACTIVE");
    let hour = ("hour", &["hour"][..], "ACTIVE");
    let service = Scripted::new([
        indexes(&[day]),
        done(DROP),
        indexes(&[]),
        indexes(&[]),
        table(&["day"]),
        done("UpdateTable"),
        done(MAKE),
        indexes(&[hour]),
    ]);
    updated(&service, &prices(), &want).await.unwrap();
    assert_eq!(service.operations(), [SHOW, DROP, SHOW, SHOW, "GetTable", "UpdateTable", MAKE, SHOW]);
}

#[tokio::test(start_paused = true)]
async fn an_index_whose_reply_was_lost_is_taken_for_made_and_one_of_other_hands_is_an_error() {
    let taken = || refused(MAKE, "AlreadyExistsException", "Partition Index day already exists with the same name.");
    let day = ("day", &["day"][..], "ACTIVE");
    let service = Scripted::new([indexes(&[]), broken(MAKE), taken(), indexes(&[day]), indexes(&[day])]);
    updated(&service, &with(&[]), &prices()).await.unwrap();
    let theirs = ("theirs", &["day"][..], "ACTIVE");
    let service = Scripted::new([indexes(&[]), taken(), indexes(&[theirs])]);
    let error = updated(&service, &with(&[]), &prices()).await.unwrap_err();
    assert_eq!(error.class, Class::InUse);
}

#[tokio::test(start_paused = true)]
async fn an_index_that_glue_cannot_make_is_an_error_that_says_why_and_is_made_anew_the_next_time() {
    let why = json!([{ "Code": "INVALID_PARTITION_TYPE_DATA_ERROR", "Partitions": [{ "Values": ["2026", "13"] }] }]);
    let keys = json!([{ "Name": "day", "Type": "date" }]);
    let index = json!({ "IndexName": "day", "Keys": keys, "IndexStatus": "FAILED", "BackfillErrors": why });
    let failed = || ok(SHOW, json!({ "PartitionIndexDescriptorList": [index] }));
    let service = Scripted::new([indexes(&[]), done(MAKE), failed()]);
    let error = updated(&service, &with(&[]), &prices()).await.unwrap_err();
    assert!(error.message.contains("(INVALID_PARTITION_TYPE_DATA_ERROR of 2026/13): mend or drop these"), "{error}");
    let day = ("day", &["day"][..], "ACTIVE");
    let service = Scripted::new([failed(), done(DROP), indexes(&[]), indexes(&[]), done(MAKE), indexes(&[day])]);
    updated(&service, &with(&[]), &prices()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_takes_too_long_is_said_and_the_next_apply_goes_on_from_there() {
    let making = || indexes(&[("day", &["day"], "CREATING")]);
    let service =
        Scripted::new([indexes(&[]), done(MAKE)].into_iter().chain(std::iter::repeat_with(making).take(1000)));
    let begun = Instant::now();
    let error = updated(&service, &with(&[]), &prices()).await.unwrap_err();
    assert_eq!(error.class, Class::Stuck);
    assert!(begun.elapsed() <= Duration::from_mins(30) && error.message.contains("goes on from here"), "{error}");
    // The next apply finds it there, and waits for no more than it: an update of nothing asks nothing.
    updated(&Scripted::new([]), &prices(), &prices()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_table_is_deleted_once_its_index_is_made_and_a_refusal_for_another_reason_is_one() {
    let busy = || refused("DeleteTable", "InvalidInputException", "Index day is in CREATING state");
    let state = |state: &'static str| indexes(&[("day", &["day"], state)]);
    let service = Scripted::new([busy(), state("CREATING"), state("CREATING"), state("ACTIVE"), done("DeleteTable")]);
    CatalogTable::delete(&service.aws().await, "lake|prices", &step()).await.unwrap();
    let service = Scripted::new([busy(), indexes(&[])]);
    let error = CatalogTable::delete(&service.aws().await, "lake|prices", &step()).await.unwrap_err();
    assert!(error.message.contains("in CREATING state"), "{error}");
    let service = Scripted::new([none_there("DeleteTable")]);
    CatalogTable::delete(&service.aws().await, "lake|prices", &step()).await.unwrap();
    assert_eq!(service.operations(), ["DeleteTable"]);
}

#[test]
fn what_an_index_was_good_for_is_said_before_it_goes() {
    let said = |want: &Spec| CatalogTable::warnings(Some(&prices()), Some(want));
    assert_eq!(said(&with(&[])), ["Queries that pick partitions by day take longer where there are many."]);
    assert_eq!(said(&with(&[("other", &["day"])])), [""; 0]);
}
