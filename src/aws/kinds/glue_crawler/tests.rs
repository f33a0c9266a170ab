//! What no emulator shows: an update that tells all, and runs that are under way.

use std::sync::Mutex;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::calls::{Crawler, CreateCrawler, DeleteCrawler, UpdateCrawler};
use super::runs::LIMIT;
use super::*;
use crate::aws::glue::crawlers::{GetCrawler, StopCrawler};
use crate::aws::scripted::{Reply, Scripted, broken, done, identity, ok, refused, step};
use crate::aws::slim::tests::is_as_modelled;
use crate::catalog::ResourceType as _;
use crate::model::error::Class;

fn full() -> Spec {
    toml::from_str(
        r#"
            name = "raw"
            description = "Finds clicks"
            role_arn = "arn:aws:iam::123456789012:role/crawl"
            database = "lake"
            table_prefix = "raw_"
            s3_targets = [{ path = "s3://raw/clicks/", exclusions = ["**.tmp"], sample_size = 10 }]
            delta_targets = [{ tables = ["s3://raw/orders/"], write_manifest = true, create_native_table = true }]
            catalog_targets = [{ database = "lake", tables = ["visits"] }]
            schedule = "cron(15 * * * ? *)"
            recrawl = "CRAWL_NEW_FOLDERS_ONLY"
            update_behavior = "LOG"
            delete_behavior = "DELETE_FROM_DATABASE"
            configuration = { Version = 1.0 }
            security_configuration = "sealed"
            tags = { team = "growth" }
        "#,
    )
    .unwrap()
}

#[tokio::test]
async fn calls_about_crawlers_are_those_of_awss_model() {
    let want = full();
    is_as_modelled(&CreateCrawler { name: "raw", tags: &want.tags, crawler: Crawler::new(&want) }).await;
    let live = async || is_as_modelled(&GetCrawler { name: "raw" }).await.crawler.unwrap();
    is_as_modelled(&UpdateCrawler { name: "raw", crawler: Crawler::changed(&want, live().await) }).await;
    is_as_modelled(&StopCrawler { name: "raw" }).await;
    is_as_modelled(&DeleteCrawler { name: "raw" }).await;
    let shown = shown_of_crawler(&live().await);
    let named: Vec<&str> = shown.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(
        named,
        [
            "targets that are no folders of S3",
            "connections of its targets",
            "queues that tell it of new objects",
            "classifiers",
            "lineage",
            "credentials of Lake Formation",
        ]
    );
    assert_eq!(shown[0].value, "1 of JDBC, 1 of MongoDB, 1 of DynamoDB, 1 of Iceberg, 1 of Hudi");
    let last = live().await.last_crawl.unwrap();
    assert_eq!((last.status.as_deref(), last.error_message.as_deref()), (Some("SUCCEEDED"), Some("x&<é")));
    assert_eq!(at(last.start_time.unwrap()).unwrap(), "2026-11-28T21:26:45Z");
    let said = LiveCrawler { configuration: Some("{}".to_owned()), ..live().await };
    let spec = spec(said).unwrap();
    assert_eq!((spec.s3_targets[0].sample_size, spec.delta_targets[0].write_manifest), (Some(7), true));
    assert_eq!((spec.catalog_targets[0].database.as_str(), spec.recrawl.as_str()), ("x&<é", "CRAWL_EVERYTHING"));
    assert!(spec.schedule.is_some() && spec.security_configuration.is_some());
}

/// A crawler as AWS tells of it, in a state.
fn live(state: &str) -> Value {
    json!({ "Crawler": {
        "Name": "raw",
        "Role": "service-role/crawl",
        "Targets": {
            "S3Targets": [{ "Path": "s3://raw/clicks/", "Exclusions": [] }],
            "JdbcTargets": [{ "ConnectionName": "shop", "Path": "shop/%" }],
            "DeltaTargets": [],
            "CatalogTargets": [],
        },
        "DatabaseName": "lake",
        "Classifiers": ["lines"],
        "RecrawlPolicy": { "RecrawlBehavior": "CRAWL_EVERYTHING" },
        "SchemaChangePolicy": { "UpdateBehavior": "UPDATE_IN_DATABASE", "DeleteBehavior": "DEPRECATE_IN_DATABASE" },
        "LineageConfiguration": { "CrawlerLineageSettings": "DISABLE" },
        "State": state,
        "Schedule": { "ScheduleExpression": "cron(0 3 * * ? *)", "State": "NOT_SCHEDULED" },
        "Configuration": "{\"Version\":1,\"CrawlerOutput\":{}}",
        "CrawlerSecurityConfiguration": "sealed",
        "LastCrawl": { "Status": "FAILED", "ErrorMessage": "no access", "StartTime": 1_795_901_205.247 },
    } })
}

fn in_state(state: &str) -> Reply {
    ok("GetCrawler", live(state))
}

fn runs(of: &'static str) -> Reply {
    refused(of, "CrawlerRunningException", "Crawler with name raw is currently running")
}

fn absent(of: &'static str) -> Reply {
    refused(of, "EntityNotFoundException", "Crawler raw not found.")
}

/// As the live one is.
fn plain() -> Spec {
    toml::from_str(
        r#"
            name = "raw"
            role_arn = "arn:aws:iam::123456789012:role/service-role/crawl"
            database = "lake"
            s3_targets = [{ path = "s3://raw/clicks/" }]
            schedule = "cron(0 3 * * ? *)"
            configuration = { Version = 1.0, CrawlerOutput = {} }
            security_configuration = "sealed"
        "#,
    )
    .unwrap()
}

#[tokio::test]
async fn what_aws_spells_otherwise_is_no_difference_and_what_has_happened_is_none() {
    let service = Scripted::new([identity(), in_state("RUNNING"), ok("GetTags", json!({ "Tags": {} }))]);
    let (mut found, outputs, unmodelled) = GlueCrawler::read(&service.aws().await, "raw", None).await.unwrap().unwrap();
    GlueCrawler::align(&mut found, &plain());
    assert!(found == plain(), "{found:?}");
    assert_eq!(outputs.arn, "arn:aws:glue:eu-west-1:123456789012:crawler/raw");
    assert_eq!((outputs.state.as_str(), outputs.last_status.as_deref()), ("RUNNING", Some("FAILED")));
    assert_eq!(outputs.last_error.as_deref(), Some("no access"));
    assert_eq!(outputs.last_began.as_deref(), Some("2026-11-28T21:26:45Z"));
    let named: Vec<&str> = unmodelled.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(named, ["targets that are no folders of S3", "classifiers", "its schedule is switched off"]);
}

#[tokio::test]
async fn a_crawler_that_is_not_there_is_absent() {
    let service = Scripted::new([identity(), absent("GetCrawler"), absent("GetTags")]);
    assert!(GlueCrawler::read(&service.aws().await, "raw", None).await.unwrap().is_none());
}

#[tokio::test]
async fn a_configuration_that_is_no_json_is_said() {
    let mut broken = live("READY");
    broken["Crawler"]["Configuration"] = json!("{");
    let service = Scripted::new([identity(), ok("GetCrawler", broken), ok("GetTags", json!({}))]);
    let error = GlueCrawler::read(&service.aws().await, "raw", None).await.unwrap_err();
    assert_eq!(error.class, Class::Unreadable);
    assert!(error.message.contains("configuration of the crawler"), "{error}");
}

#[tokio::test]
async fn a_new_crawler_is_told_nothing_that_it_has_not() {
    let want = Spec { schedule: None, configuration: None, security_configuration: None, ..full() };
    let service = Scripted::new([done("CreateCrawler")]);
    GlueCrawler::create(&service.aws().await, &want, &step()).await.unwrap();
    let sent = service.last("CreateCrawler");
    let told = sent.as_object().unwrap();
    let none = ["Schedule", "Configuration", "CrawlerSecurityConfiguration", "Classifiers", "LineageConfiguration"];
    assert!(none.iter().all(|member| !told.contains_key(*member)), "{sent}");
}

/// AWS has no token for it: the second call finds what the first has made, and the tags tell the next apply whose that is.
#[tokio::test(start_paused = true)]
async fn a_creation_whose_reply_was_lost_makes_no_second_crawler() {
    let exists = refused("CreateCrawler", "AlreadyExistsException", "Crawler with name raw already exists");
    let service = Scripted::new([broken("CreateCrawler"), exists]);
    let error = GlueCrawler::create(&service.aws().await, &full(), &step()).await.unwrap_err();
    assert_eq!(error.class, Class::InUse);
    assert_eq!(service.operations(), ["CreateCrawler", "CreateCrawler"]);
}

#[tokio::test]
async fn an_update_tells_all_and_hands_on_what_no_attribute_says() {
    let service = Scripted::new([in_state("READY"), done("UpdateCrawler")]);
    let want = Spec { schedule: None, configuration: None, security_configuration: None, ..plain() };
    GlueCrawler::update(&service.aws().await, &plain(), &want, &step()).await.unwrap();
    let sent = service.last("UpdateCrawler");
    let mut told: Vec<&str> = sent.as_object().unwrap().keys().map(String::as_str).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "Classifiers",
            "Configuration",
            "CrawlerSecurityConfiguration",
            "DatabaseName",
            "Description",
            "LineageConfiguration",
            "Name",
            "RecrawlPolicy",
            "Role",
            "Schedule",
            "SchemaChangePolicy",
            "TablePrefix",
            "Targets",
        ]
    );
    // What it is to have no more is told as empty.
    let empty = ["Configuration", "CrawlerSecurityConfiguration", "Description", "Schedule", "TablePrefix"];
    assert!(empty.iter().all(|member| sent[*member] == ""), "{sent}");
    assert_eq!(sent["Targets"]["JdbcTargets"], live("READY")["Crawler"]["Targets"]["JdbcTargets"]);
}

#[tokio::test]
async fn tags_alone_are_changed_while_it_runs() {
    let service = Scripted::new([identity(), done("TagResource")]);
    let tagged = Spec { tags: full().tags, ..plain() };
    GlueCrawler::update(&service.aws().await, &plain(), &tagged, &step()).await.unwrap();
    assert!(!service.operations().contains(&"GetCrawler".to_owned()), "{:?}", service.operations());
}

#[tokio::test(start_paused = true)]
async fn an_update_waits_for_the_end_of_a_run_and_of_one_that_begins_meanwhile() {
    let service = Scripted::new([
        in_state("RUNNING"),
        in_state("READY"),
        runs("UpdateCrawler"),
        in_state("RUNNING"),
        in_state("STOPPING"),
        in_state("READY"),
        done("UpdateCrawler"),
    ]);
    let want = Spec { description: "Other".to_owned(), ..plain() };
    let heard = Mutex::new(Vec::new());
    let note = |text| heard.lock().unwrap().push(text);
    let step = StepContext { note: &note, ..step() };
    GlueCrawler::update(&service.aws().await, &plain(), &want, &step).await.unwrap();
    assert_eq!(heard.into_inner().unwrap(), ["waits for the run of `raw` to end, as AWS changes no crawler that runs"]);
    assert!(!service.operations().contains(&"StopCrawler".to_owned()), "somebody waits for its tables");
}

#[tokio::test(start_paused = true)]
async fn an_update_that_has_waited_in_vain_says_what_now() {
    let service = Scripted::new(std::iter::repeat_n(in_state("RUNNING"), 1000));
    let want = Spec { description: "Other".to_owned(), ..plain() };
    let begun = Instant::now();
    let error = GlueCrawler::update(&service.aws().await, &plain(), &want, &step()).await.unwrap_err();
    assert_eq!(error.class, Class::Stuck);
    assert!(error.message.contains("`aws glue stop-crawler --name raw`"), "{error}");
    assert!(begun.elapsed() <= LIMIT, "{:?}", begun.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_run_is_stopped_once_before_its_crawler_is_deleted() {
    let service = Scripted::new([
        in_state("RUNNING"),
        done("StopCrawler"),
        in_state("RUNNING"),
        in_state("STOPPING"),
        in_state("READY"),
        runs("DeleteCrawler"),
        in_state("RUNNING"),
        refused("StopCrawler", "CrawlerNotRunningException", "Crawler with name raw isn't running"),
        in_state("READY"),
        done("DeleteCrawler"),
    ]);
    GlueCrawler::delete(&service.aws().await, "raw", &step()).await.unwrap();
    let operations = service.operations();
    assert_eq!(operations.iter().filter(|one| *one == "StopCrawler").count(), 2, "a second run had begun");
    assert_eq!(operations.last().unwrap(), "DeleteCrawler");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_does_not_stop_keeps_its_crawler_and_the_next_time_goes_on() {
    let still = std::iter::repeat_n(in_state("STOPPING"), 1000);
    let service = Scripted::new(still);
    let error = GlueCrawler::delete(&service.aws().await, "raw", &step()).await.unwrap_err();
    assert_eq!(error.class, Class::Stuck);
    assert!(error.message.contains("goes on from here"), "{error}");
    assert!(!service.operations().contains(&"DeleteCrawler".to_owned()));
    let service = Scripted::new([in_state("STOPPING"), in_state("READY"), done("DeleteCrawler")]);
    GlueCrawler::delete(&service.aws().await, "raw", &step()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_crawler_that_is_gone_counts_as_deleted() {
    GlueCrawler::delete(&Scripted::new([absent("GetCrawler")]).aws().await, "raw", &step()).await.unwrap();
    let service = Scripted::new([in_state("READY"), absent("DeleteCrawler")]);
    GlueCrawler::delete(&service.aws().await, "raw", &step()).await.unwrap();
}

#[test]
fn what_is_not_kept_up_any_more_is_said_beforehand() {
    let said = |want: Option<&Spec>| GlueCrawler::warnings(Some(&plain()), want);
    let gone = said(None);
    assert!(gone[0].contains("is stopped") && gone[1].contains("stay, and get no new partitions"), "{gone:?}");
    let other = Spec { name: "other".to_owned(), ..plain() };
    assert!(said(Some(&other))[1].contains("has to start `other`"));
    let elsewhere = Spec { s3_targets: full().s3_targets, ..plain() };
    assert_eq!(said(Some(&elsewhere)), [""; 0], "it is the same folder");
    let nowhere = Spec { s3_targets: Vec::new(), catalog_targets: full().catalog_targets, ..plain() };
    assert_eq!(said(Some(&nowhere)), ["What is new in s3://raw/clicks/ is entered no more."]);
    let prefixed = Spec { table_prefix: "raw_".to_owned(), ..plain() };
    assert!(said(Some(&prefixed))[0].contains("new tables (`lake.raw_…`)"));
    assert_eq!(said(Some(&Spec { schedule: None, ..plain() })), ["It runs only when somebody starts it."]);
    let deletes = Spec { delete_behavior: "DELETE_FROM_DATABASE".to_owned(), ..plain() };
    assert!(said(Some(&deletes))[0].contains("are deleted from then on"));
}
