use super::*;
use crate::model::error::{CallError, Class};
use crate::ops::fake::{After, Fate, Pipeline};
use crate::ops::send::To;
use crate::ops::stop::Never;

const BUCKET: Bucket<'_> = Bucket {
    name: "events",
    prefix: "events/!{timestamp:yyyy/MM/dd/HH}/",
    error_prefix: "errors/!{firehose:error-output-type}/",
    utc: true,
    buffer: Duration::from_mins(1),
    json_lines: true,
};
const LOAD: Load<'_> = Load { to: To::Stream("clicks"), count: 1200, rate: None };
const CHECK: Check<'_> = Check { load: LOAD, end: End::Bucket(BUCKET) };

async fn through(pipeline: &Pipeline) -> Verified {
    verify(pipeline, &mut Events::new(1, "run"), CHECK, &|_| {}, &Never).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn what_arrives_late_and_over_many_pages_passes_and_is_read_once() {
    let pipeline = Pipeline { late: Duration::from_secs(70), page: 1, ..Pipeline::default() };
    pipeline.add("events/2019/01/01/00/old", "{\"event_id\":\"run-0\"}", Duration::from_hours(24));
    let verified = through(&pipeline).await;
    assert!(verified.passed(), "{verified:?}");
    let Arrivals { objects, arrived, doubled, foreign, latency, .. } = verified.arrivals;
    assert_eq!((objects, arrived, doubled, foreign, latency.is_some()), (3, 1200, 0, 0, true));
    assert_eq!(pipeline.gets(), 3);
    assert!(verified.waited >= Duration::from_secs(70) && verified.waited < Duration::from_secs(76));
}

#[tokio::test(start_paused = true)]
async fn what_is_lost_is_named_when_patience_ends() {
    let fate = |number| if number % 500 == 7 { Fate::Lost } else { Fate::Delivered };
    let verified = through(&Pipeline { fate, ..Pipeline::default() }).await;
    assert!(!verified.passed());
    assert_eq!((verified.wait, verified.waited), (Wait::TimedOut, BUCKET.patience()));
    assert_eq!(verified.arrivals.lost.examples, ["run-7", "run-507", "run-1007"]);
}

#[tokio::test(start_paused = true)]
async fn doubled_and_foreign_events_are_counted_and_no_failure() {
    let fate = |number| if number < 10 { Fate::Doubled } else { Fate::Delivered };
    let pipeline = Pipeline { fate, ..Pipeline::default() };
    pipeline.add("events/9999/12/31/23/theirs", "{\"event_id\":\"theirs-1\"}\n{\"a\":1}", Duration::ZERO);
    let verified = through(&pipeline).await;
    assert!(verified.passed());
    assert_eq!((verified.arrivals.doubled, verified.arrivals.foreign), (10, 2));
}

#[tokio::test(start_paused = true)]
async fn objects_without_newlines_fail_only_where_newlines_are_declared() {
    let pipeline = Pipeline { delimiter: "", ..Pipeline::default() };
    let mut verified = through(&pipeline).await;
    assert_eq!((verified.arrivals.arrived, verified.arrivals.joined.count), (1200, 3));
    assert!(!verified.passed());
    verified.json_lines = false;
    assert!(verified.passed());
}

#[tokio::test(start_paused = true)]
async fn failed_deliveries_are_told_by_firehoses_code() {
    let fate = |number| if number == 3 { Fate::Lost } else { Fate::Delivered };
    let pipeline = Pipeline { fate, ..Pipeline::default() };
    let failure = r#"{"errorCode":"Lambda.FunctionError","errorMessage":"boom","rawData":"e30="}"#;
    pipeline.add("errors/processing-failed/x", failure, Duration::ZERO);
    let verified = through(&pipeline).await;
    let expected = Findings { count: 1, examples: vec!["boom".into()] };
    assert_eq!(verified.arrivals.failures, BTreeMap::from([("Lambda.FunctionError".into(), expected)]));
    assert_eq!((verified.arrivals.lost.count, verified.passed()), (1, false));
}

#[tokio::test(start_paused = true)]
async fn broken_lines_fail_though_every_event_has_arrived() {
    let pipeline = Pipeline::default();
    pipeline.add("events/9999/12/31/23/broken", "{\"event_id\"", Duration::ZERO);
    let verified = through(&pipeline).await;
    assert_eq!((verified.arrivals.lost.count, verified.arrivals.broken.count, verified.passed()), (0, 1, false));
}

#[tokio::test(start_paused = true)]
async fn it_stops_when_told_to_and_does_not_wait_for_what_was_not_sent() {
    let pipeline = Pipeline { fate: |_| Fate::Lost, ..Pipeline::default() };
    let stop = After::new(Duration::from_secs(10));
    let verified = verify(&pipeline, &mut Events::new(1, "run"), CHECK, &|_| {}, &stop).await.unwrap();
    assert_eq!((verified.wait, verified.waited), (Wait::Stopped(2), Duration::from_secs(10)));
    let fault = Some(CallError::own(Class::Absent, "kinesis PutRecords", "no such stream"));
    let verified = through(&Pipeline { fault, ..Pipeline::default() }).await;
    assert!(matches!(verified.sent.end, send::End::Failed(_)) && !verified.passed());
    assert_eq!((verified.wait, verified.waited), (Wait::Unsent, Duration::ZERO));
}

async fn into_table(pipeline: &Pipeline, count: u64) -> Verified {
    let key = ["session_id".to_owned()];
    let table = Table { name: "sessions", key: &key, by: "function.process", window: Duration::from_secs(5) };
    let check = Check { load: Load { count, ..LOAD }, end: End::Table(table) };
    verify(pipeline, &mut Events::new(1, "run"), check, &|_| {}, &Never).await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn events_are_found_in_the_items_of_their_keys_and_only_missing_ones_are_asked_for() {
    let pipeline = Pipeline { late: Duration::from_secs(20), ..Pipeline::default() };
    let verified = into_table(&pipeline, 60).await;
    assert!(verified.passed(), "{verified:?}");
    let Arrivals { items, arrived, latency, objects, .. } = verified.arrivals;
    let asked = pipeline.asked.lock().unwrap().clone();
    assert_eq!((arrived, objects, latency.is_some()), (60, 0, true));
    assert!((2..60).contains(&items) && asked.iter().all(|keys| *keys as u64 == items), "{items} {asked:?}");
    assert!(verified.waited >= Duration::from_secs(20) && verified.waited < Duration::from_secs(26));
}

#[tokio::test(start_paused = true)]
async fn an_event_that_never_comes_to_the_table_is_named_with_what_to_do_now() {
    let fate = |number| if number == 7 { Fate::Lost } else { Fate::Delivered };
    let verified = into_table(&Pipeline { fate, ..Pipeline::default() }, 60).await;
    assert_eq!((verified.wait, verified.waited), (Wait::TimedOut, Duration::from_secs(130)));
    assert_eq!(verified.arrivals.lost.examples, ["run-7"]);
    let fault = verified.fault().unwrap();
    assert_eq!(fault.to_string(), "59 of 60 events were in the table after 2 min");
    let all_but_it = Pipeline { fate: |_| Fate::Lost, ..Pipeline::default() };
    let help = into_table(&all_but_it, 60).await.fault().unwrap().help().unwrap();
    assert!(help.starts_with("`pipectl logs function.process` shows"), "{help}");
}

#[tokio::test(start_paused = true)]
async fn items_that_name_no_event_prove_nothing_and_that_is_said() {
    let verified = into_table(&Pipeline { names_events: false, ..Pipeline::default() }, 60).await;
    assert_eq!((verified.passed(), verified.arrivals.unnamed.count, verified.arrivals.arrived), (false, 60, 0));
    let help = verified.fault().unwrap().help().unwrap();
    assert!(help.contains("have function.process write it"), "{help}");
}
