use time::macros::datetime;
use tokio::time::Instant;

use super::*;
use crate::model::queries::Stage;
use crate::ops::events::Events;
use crate::ops::fake::{After, Fate, Lake, Pipeline};
use crate::ops::send::{Load, To};
use crate::ops::stop::Never;
use crate::ops::verify::{Check, End, Verified, Wait, verify};

const DELIVERY: Bucket<'_> = Bucket {
    name: "lake",
    prefix: "events/!{timestamp:yyyy/MM/dd/HH}/",
    error_prefix: "errors/!{firehose:error-output-type}/",
    utc: true,
    buffer: Duration::from_mins(1),
    json_lines: false,
};

fn dataset<'a>(lake: &'a Lake<'_>) -> Dataset<'a> {
    Dataset {
        block: "dataset.clicks",
        database: "lake",
        table: "clicks",
        column: "event_id",
        dates: &[],
        delivery: DELIVERY,
        jobs: &[],
        patience: DELIVERY.patience(),
        workgroup: "lake",
        queries: lake,
    }
}

async fn through(pipeline: &Pipeline, dataset: Dataset<'_>, stop: &dyn Stop) -> Result<Verified> {
    let load = Load { to: To::Stream("clicks"), count: 60, rate: None };
    let check = Check { load, end: End::Dataset(dataset) };
    verify(pipeline, &mut Events::new(1, "run"), check, &|_| {}, stop).await
}

#[tokio::test(start_paused = true)]
async fn what_arrives_late_passes_and_is_asked_for_seldom() {
    let pipeline = Pipeline { late: Duration::from_secs(100), ..Pipeline::default() };
    let (lake, begun) = (Lake::new(&pipeline), Instant::now());
    let verified = through(&pipeline, dataset(&lake), &Never).await.unwrap();
    assert!(verified.passed(), "{verified:?}");
    assert_eq!((verified.arrivals.arrived, verified.arrivals.doubled, pipeline.gets()), (60, 0, 0));
    // After the buffer, and then at growing pauses.
    assert_eq!(lake.times(begun), [70, 90, 120]);
    assert_eq!(verified.asked.unwrap().scanned, [2_000_000; 3]);
}

#[tokio::test(start_paused = true)]
async fn what_is_lost_is_named_when_patience_ends_with_what_to_do() {
    let fate = |number| if number % 50 == 7 { Fate::Lost } else { Fate::Delivered };
    let pipeline = Pipeline { fate, ..Pipeline::default() };
    let lake = Lake::new(&pipeline);
    let verified = through(&pipeline, dataset(&lake), &Never).await.unwrap();
    assert_eq!((verified.wait, verified.arrivals.arrived), (Wait::TimedOut, 58));
    assert_eq!(verified.arrivals.lost.examples, ["run-7", "run-57"]);
    let fault = verified.fault().unwrap();
    assert_eq!(fault.to_string(), "58 of 60 events were in dataset.clicks after 4 min");
    assert!(fault.help().unwrap().starts_with("`pipectl status`"), "{:?}", fault.help());
    let jobs = ["job.land".to_owned(), "job.clean".to_owned()];
    let pipeline = Pipeline { fate, ..Pipeline::default() };
    let lake = Lake::new(&pipeline);
    let help = through(&pipeline, Dataset { jobs: &jobs, ..dataset(&lake) }, &Never).await.unwrap();
    let help = help.fault().unwrap().help().unwrap();
    assert!(help.contains("`pipectl run job.land --wait`, then `pipectl run job.clean --wait`"), "{help}");
}

#[tokio::test(start_paused = true)]
async fn doubled_events_are_counted_and_no_failure() {
    let fate = |number| if number < 10 || number == 30 { Fate::Doubled } else { Fate::Delivered };
    let pipeline = Pipeline { fate, ..Pipeline::default() };
    let verified = through(&pipeline, dataset(&Lake::new(&pipeline)), &Never).await.unwrap();
    assert!(verified.passed());
    assert_eq!(verified.arrivals.doubled, 11);
}

#[tokio::test(start_paused = true)]
async fn what_could_not_be_converted_is_told_by_firehoses_code_and_where_it_lies() {
    let fate = |number| if number == 3 { Fate::Lost } else { Fate::Delivered };
    let pipeline = Pipeline { fate, ..Pipeline::default() };
    let failure =
        r#"{"lastErrorCode":"DataFormatConversion.MalformedData","lastErrorMessage":"no double","rawData":"e30="}"#;
    pipeline.add("errors/format-conversion-failed/x", failure, Duration::ZERO);
    let verified = through(&pipeline, dataset(&Lake::new(&pipeline)), &Never).await.unwrap();
    let found = &verified.arrivals.failures["DataFormatConversion.MalformedData"];
    assert_eq!((found.count, found.examples.as_slice()), (1, &["no double".to_owned()][..]));
    let help = verified.fault().unwrap().help().unwrap();
    assert!(help.contains("under `s3://lake/errors/`"), "{help}");
}

#[tokio::test(start_paused = true)]
async fn a_query_that_fails_says_why_and_what_now() {
    for (ends, said, help) in [
        (Stage::Failed("TABLE_NOT_FOUND: no such table".into()), "no such table", "asks again: `pipectl query 'SELECT"),
        (Stage::Stopped("Bytes scanned limit was exceeded".into()), "limit was exceeded", "raise `scan_limit_mib`"),
        (Stage::Failed("Access Denied (S3)".into()), "Access Denied", "who verifies reads dataset.clicks as himself"),
    ] {
        let pipeline = Pipeline::default();
        let lake = Lake { ends, ..Lake::new(&pipeline) };
        let fault = through(&pipeline, dataset(&lake), &Never).await.unwrap_err();
        assert!(fault.to_string().contains(said), "{fault}");
        assert!(fault.help().unwrap().contains(help), "{:?}", fault.help());
    }
    let pipeline = Pipeline::default();
    let lake = Lake { refused: true, ..Lake::new(&pipeline) };
    let fault = through(&pipeline, dataset(&lake), &Never).await.unwrap_err();
    assert!(matches!(fault, Fault::Call(_)), "{fault}");
}

#[tokio::test(start_paused = true)]
async fn a_signal_stops_the_query_that_runs_and_what_is_known_is_told() {
    let pipeline = Pipeline::default();
    let lake = Lake { ends: Stage::Running, ..Lake::new(&pipeline) };
    let verified = through(&pipeline, dataset(&lake), &After::new(Duration::from_secs(80))).await.unwrap();
    assert_eq!(verified.wait, Wait::Stopped(2));
    assert_eq!((verified.fault().unwrap().exit_code(), verified.arrivals.lost.count), (130, 60));
    assert_eq!(*lake.stopped.lock().unwrap(), ["q-1"]);
}

#[tokio::test(start_paused = true)]
async fn a_signal_before_the_first_query_asks_for_none() {
    let pipeline = Pipeline::default();
    let lake = Lake::new(&pipeline);
    let verified = through(&pipeline, dataset(&lake), &After::new(Duration::from_secs(9))).await.unwrap();
    assert_eq!((verified.wait, verified.waited), (Wait::Stopped(2), Duration::from_secs(9)));
    assert!(lake.asked.lock().unwrap().is_empty());
}

#[test]
fn only_the_run_s_dates_are_read_and_nothing_breaks_out_of_the_sql() {
    const START: OffsetDateTime = datetime!(2026-11-21 02:00:30 UTC);
    let pipeline = Pipeline::default();
    let lake = Lake::new(&pipeline);
    let by = |name: &str, format: &str, is_date| Dated { name: name.into(), format: format.into(), is_date };
    let dates = [
        by("hour", "yyyy/MM/dd/HH", false),
        by("day", "yyyy-MM-dd", true),
        by("odd", "dd/MM/yyyy", false),
        by("o\"dd", "yyyy''MM", false),
    ];
    let sql = sql(&Dataset { dates: &dates, column: "id\"", ..dataset(&lake) }, "run", START);
    insta::assert_snapshot!(sql, @r#"SELECT min(number) AS first_number, max(number) AS last_number, times FROM (SELECT number, times, number - row_number() OVER (PARTITION BY times ORDER BY number) AS island FROM (SELECT try_cast(substr("id""", 5) AS bigint) AS number, count(*) AS times FROM "clicks" WHERE "id""" LIKE 'run-%' AND "hour" >= '2026/11/21/01' AND "day" >= DATE '2026-11-21' AND "o""dd" >= '2026' GROUP BY 1) AS found) AS numbered WHERE number IS NOT NULL GROUP BY times, island ORDER BY 1"#);
}
