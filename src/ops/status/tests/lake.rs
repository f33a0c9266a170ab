use super::*;
use crate::model::runs::{Bookmark, Past, Run, Stage};
use crate::ops::status::lake::{Failures, Newest};

fn past(id: &str, stage: Stage, minutes: i64, took: u64) -> Past {
    let started = NOW - time::Duration::minutes(minutes);
    let ended = (!matches!(stage, Stage::Active(_))).then(|| started + Duration::from_secs(took));
    let run = Run { id: id.into(), stage, seconds: took, dpus: None };
    Past { run, started: Some(started), ended }
}

fn failed() -> Stage {
    Stage::Failed("FAILED".into(), "NameError: name 'x' is not defined".into())
}

fn job(runs: Vec<Past>, bookmark: Option<Result<Option<Bookmark>, CallError>>) -> String {
    let attributes = json!({ "name": "clean" });
    let things = [("job.clean", "glue_job", "clean", attributes, Some(json!({ "arn": "arn" })))];
    let mut lake = Lake { runs: BTreeMap::from([("clean".to_owned(), runs)]), ..Lake::default() };
    lake.bookmarks.extend(bookmark.map(|bookmark| ("clean".to_owned(), bookmark)));
    said_of(&things, &[], &[], lake)
}

#[test]
fn a_job_tells_of_its_last_run_and_of_one_that_is_under_way() {
    let running = || past("jr_3", Stage::Active("RUNNING".into()), 2, 0);
    assert_eq!(job(Vec::new(), None), "Good\nnever ran");
    let well = past("jr_2", Stage::Succeeded, 15, 180);
    assert_eq!(job(vec![well.clone()], None), "Good\nlast run SUCCEEDED 12 min ago, took 3 min");
    assert_eq!(
        job(vec![running(), well], None),
        "Good\nRUNNING now, for 2 min, last run SUCCEEDED 12 min ago, took 3 min"
    );
    assert_eq!(job(vec![past("jr_2", Stage::Stopped, 4, 60)], None), "Good\nlast run STOPPED 3 min ago");
    insta::assert_snapshot!(job(vec![past("jr_2", failed(), 10, 60), past("jr_1", failed(), 20, 60)], None), @r"
    Bad
    last run FAILED 9 min ago, one of 2 in a row: NameError: name 'x' is not defined
    -> `pipectl logs job.clean --minutes 15` shows what it has logged
    ");
    assert!(job(vec![running(), past("jr_2", failed(), 10, 60)], None).starts_with("Attention\nRUNNING now"));
}

#[test]
fn a_bookmark_is_told_and_one_that_is_not_known_hides_nothing() {
    let told = |bookmark| job(vec![past("jr_2", Stage::Succeeded, 15, 180)], Some(bookmark));
    let last = "Good\nlast run SUCCEEDED 12 min ago, took 3 min";
    assert_eq!(told(Ok(Some(Bookmark { run: Some("jr_2".into()) }))), format!("{last}, bookmark of jr_2"));
    assert_eq!(told(Ok(None)), format!("{last}, no bookmark yet"));
    let unknown = CallError::own(Class::Other, "glue GetJobBookmark", "InvalidAction");
    assert_eq!(told(Err(unknown)), format!("{last}, its bookmark is not known: glue GetJobBookmark: InvalidAction"));
}

#[test]
fn records_that_could_not_be_converted_want_attention_and_are_told_where_they_lie() {
    let metrics: [(&str, &[(i64, f64)]); 2] =
        [("DeliveryToS3.Records", &[(2, 500.0)]), ("FailedConversion.Records", &[(9, 4.0), (2, 3.0)])];
    let place = "s3://lake/errors/format-conversion-failed/".to_owned();
    let found = Failures { objects: 2, more: false, places: vec![place] };
    let lake = Lake { failures: BTreeMap::from([("clicks".to_owned(), found)]), ..Lake::default() };
    insta::assert_snapshot!(said_of(&firehose(), &metrics, &[], lake), @r"
    Attention
    ACTIVE, last delivery 2 min ago, 500 records in the last hour, 7 records not converted in the last hour, 2 objects of failed records in the last hour, under s3://lake/errors/format-conversion-failed/
    -> each line of what lies under its `error_prefix` is a record (`rawData`, in base64) and why it failed: mend what sends it, or the columns that it has to fit; nothing delivers it again
    ");
}

#[test]
fn a_dataset_tells_how_old_its_newest_object_is_where_that_is_known() {
    let things = [("dataset.clicks", "glue_table", "lake|clicks", json!({ "name": "clicks" }), Some(json!({})))];
    let told = |newest: Option<Newest>| {
        let newest = newest.map(|newest| ("lake|clicks".to_owned(), newest)).into_iter().collect();
        said_of(&things, &[], &[], Lake { newest, ..Lake::default() })
    };
    let at = NOW - Duration::from_mins(12);
    assert_eq!(told(Some(Newest::At(at))), "Good\nnewest object 12 min ago");
    assert_eq!(told(Some(Newest::Since(at))), "Good\nnewest object 12 min ago or later");
    assert_eq!(told(Some(Newest::Nothing(Duration::from_hours(2)))), "Good\nnothing in the last 2 h");
    assert_eq!(told(None), "Good\nexists");
}

/// What is asked of a bucket and of Glue for these.
async fn asked(things: &[Thing], pipeline: &Pipeline, jobs: &Jobs) -> (Lake, Vec<String>) {
    Lake::ask(pipeline, jobs, &state(things), OffsetDateTime::now_utc()).await
}

fn converting(prefix: &str) -> Thing {
    let attributes = json!({
        "name": "clicks", "bucket_arn": "arn:aws:s3:::lake", "error_prefix": prefix, "buffer_seconds": 60,
        "time_zone": "UTC", "processors": [],
        "conversion": { "database": "lake", "table": "clicks", "region": "eu-west-1", "role_arn": "arn" },
    });
    ("firehose.clicks", "firehose_delivery_stream", "clicks", attributes, Some(json!({})))
}

#[tokio::test(start_paused = true)]
async fn the_errors_of_the_last_hour_are_counted_by_one_page_of_the_folder_of_their_kind() {
    let pipeline = Pipeline { page: 2, ..Pipeline::default() };
    let today = layout_of("errors/format-conversion-failed/", Duration::ZERO);
    for (key, age) in [("old", 90), ("x1", 30), ("x2", 10)] {
        pipeline.add(&format!("{today}{key}"), "{}", Duration::from_mins(age));
    }
    pipeline.add("errors/format-conversion-failed/2019/01/01/x", "{}", Duration::from_hours(24));
    pipeline.add("errors/processing-failed/2019/01/01/x", "{}", Duration::ZERO);
    let dated = "errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/";
    let (lake, unasked) = asked(&[converting(dated)], &pipeline, &Jobs::default()).await;
    let places = vec!["s3://lake/errors/format-conversion-failed/".to_owned()];
    assert_eq!(lake.failures["clicks"], Failures { objects: 1, more: true, places });
    assert!(unasked.is_empty());
    // A prefix that says nothing would be the whole bucket.
    let (lake, _) = asked(&[converting("")], &pipeline, &Jobs::default()).await;
    assert_eq!(lake.failures["clicks"], Failures::default());
}

/// The folder of today below a prefix, or of so long ago.
fn layout_of(prefix: &str, ago: Duration) -> String {
    let (date, _) = crate::ops::layout::dated("yyyy/MM/dd", OffsetDateTime::now_utc() - ago).unwrap();
    format!("{prefix}{date}/")
}

fn dataset(parameters: &Value) -> Thing {
    let keys = json!([{ "name": "day", "type": "string" }, { "name": "kind", "type": "string" }]);
    let attributes = json!({
        "name": "clicks", "location": "s3://lake/clicks/", "partition_keys": keys, "parameters": parameters,
    });
    ("dataset.clicks", "glue_table", "lake|clicks", attributes, Some(json!({})))
}

#[tokio::test(start_paused = true)]
async fn the_newest_object_is_looked_for_in_the_folders_of_now_and_no_further_than_three() {
    let projected = json!({
        "projection.enabled": "true", "projection.day.type": "date", "projection.day.format": "yyyy/MM/dd",
        "storage.location.template": "s3://lake/clicks/${day}/${kind}/",
    });
    let newest = async |age: u64, parameters: &Value| {
        let pipeline = Pipeline::default();
        let age = Duration::from_hours(age);
        pipeline.add(&format!("{}a/x", layout_of("clicks/", age)), "{}", age);
        asked(&[dataset(parameters)], &pipeline, &Jobs::default()).await.0.newest.get("lake|clicks").copied()
    };
    assert!(matches!(newest(30, &projected).await, Some(Newest::At(_))));
    assert_eq!(newest(24 * 5, &projected).await, Some(Newest::Nothing(Duration::from_hours(48))));
    // Nobody knows where to look: all would have to be listed.
    assert_eq!(newest(0, &json!({})).await, None);
    let mut others_first = projected.clone();
    others_first["storage.location.template"] = json!("s3://lake/clicks/${kind}/${day}/");
    assert_eq!(newest(0, &others_first).await, None);
}

#[tokio::test(start_paused = true)]
async fn what_may_not_be_asked_is_said_and_hides_nothing_else() {
    let attributes = json!({ "arguments": { "--job-bookmark-option": "job-bookmark-enable" } });
    let thing = ("job.clean", "glue_job", "clean", attributes, Some(json!({})));
    let (lake, unasked) =
        asked(std::slice::from_ref(&thing), &Pipeline::default(), &Jobs { runs: None, ..Jobs::default() }).await;
    assert_eq!(unasked, ["the runs of the job clean: glue GetJobRuns: not allowed"]);
    assert!(lake.runs.is_empty());
    let (lake, unasked) = asked(&[thing], &Pipeline::default(), &Jobs::default()).await;
    assert_eq!((lake.bookmarks.len(), unasked.len()), (1, 0));
}
