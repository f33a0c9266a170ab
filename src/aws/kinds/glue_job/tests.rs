//! What no emulator shows: an update that tells all, and runs that are under way when their job goes.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::calls::{CreateJob, DeleteJob, UpdateJob};
use super::*;
use crate::aws::Observed as _;
use crate::aws::glue::jobs::GetJob;
use crate::aws::scripted::{Reply, Scripted, done, identity, ok, refused, step};
use crate::aws::slim::tests::is_as_modelled;
use crate::catalog::ResourceType as _;
use crate::model::error::Class;
use crate::model::unmodelled::Owned;

fn full() -> Spec {
    toml::from_str(
        r#"
            name = "clean"
            description = "Cleans clicks"
            role_arn = "arn:aws:iam::123456789012:role/clean"
            command = "glueetl"
            script = "s3://acme-scripts/clean.py"
            glue_version = "5.0"
            worker_type = "G.1X"
            workers = 4
            max_capacity = 0.0625
            arguments = { "--conf" = "a=b --conf c=d" }
            max_retries = 2
            timeout_minutes = 60
            max_concurrent_runs = 3
            execution_class = "FLEX"
            security_configuration = "sealed"
            connections = ["lake", "spare"]
            notify_delay_minutes = 10
            maintenance_window = "Sun:3"
            queuing = true
            tags = { team = "growth" }
        "#,
    )
    .unwrap()
}

#[tokio::test]
async fn calls_about_jobs_are_those_of_awss_model() {
    let want = full();
    is_as_modelled(&CreateJob { name: "clean", tags: &want.tags, job: job(&want) }).await;
    is_as_modelled(&UpdateJob { job_name: "clean", job_update: job(&want) }).await;
    is_as_modelled(&DeleteJob { job_name: "clean" }).await;
    let live = is_as_modelled(&GetJob { job_name: "clean" }).await.job.unwrap();
    let shown = shown_of_job(&live);
    let named: Vec<&str> = shown.iter().map(|one| one.what.as_str()).collect();
    let all =
        ["arguments that no run can change", "nodes of a visual job", "place of its logs", "repository of its script"];
    assert!(all.iter().all(|one| named.contains(one)), "{named:?}");
    assert_eq!(live.execution_property.as_ref().unwrap().max_concurrent_runs, Some(7));
    let spec = spec(live).unwrap();
    assert_eq!(spec.arguments["k"], "x&<é");
    assert_eq!((spec.connections, spec.notify_delay_minutes), (vec!["x&<é".to_owned()], Some(7)));
    assert_eq!((spec.workers, spec.max_capacity, spec.queuing), (Some(7), None, true), "it is by workers");
}

/// A job as AWS tells of it.
fn live() -> Value {
    json!({ "Job": {
        "Name": "clean",
        "Description": "",
        "Role": "arn:aws:iam::123456789012:role/clean",
        "ExecutionProperty": { "MaxConcurrentRuns": 1 },
        "Command": { "Name": "glueetl", "ScriptLocation": "s3://acme-scripts/clean.py", "PythonVersion": "3" },
        "DefaultArguments": {},
        "MaxRetries": 0,
        "AllocatedCapacity": 2,
        "Timeout": 480,
        "MaxCapacity": 2.0,
        "WorkerType": "G.1X",
        "NumberOfWorkers": 2,
        "GlueVersion": "5.0",
        "ExecutionClass": "STANDARD",
        "JobMode": "SCRIPT",
    } })
}

#[tokio::test]
async fn what_aws_reckons_of_workers_and_what_it_takes_by_itself_is_no_difference() {
    let service = Scripted::new([identity(), ok("GetJob", live()), ok("GetTags", json!({ "Tags": {} }))]);
    let (found, outputs, unmodelled) = GlueJob::read(&service.aws().await, "clean", None).await.unwrap().unwrap();
    let want: Spec = toml::from_str(
        r#"
            name = "clean"
            role_arn = "arn:aws:iam::123456789012:role/clean"
            command = "glueetl"
            script = "s3://acme-scripts/clean.py"
            glue_version = "5.0"
            worker_type = "G.1X"
            workers = 2
        "#,
    )
    .unwrap();
    assert_eq!(outputs.arn, "arn:aws:glue:eu-west-1:123456789012:job/clean");
    assert!(unmodelled.is_empty(), "{unmodelled:?}");
    assert!(found.settings(&want) == want.settings(&want));
    // Tags alone: what was left to AWS is not written anew.
    let service = Scripted::new([identity(), done("TagResource")]);
    let tagged = Spec { tags: full().tags, ..want };
    GlueJob::update(&service.aws().await, &found, &tagged, &step()).await.unwrap();
    assert!(!service.operations().contains(&"UpdateJob".to_owned()), "{:?}", service.operations());
}

#[tokio::test]
async fn a_job_that_is_not_there_is_absent() {
    let none = |of| refused(of, "EntityNotFoundException", "Job clean is not found.");
    let service = Scripted::new([identity(), none("GetJob"), none("GetTags")]);
    assert!(GlueJob::read(&service.aws().await, "clean", None).await.unwrap().is_none());
}

#[tokio::test]
async fn an_update_tells_all_as_aws_sets_back_what_is_left_out() {
    let service = Scripted::new([done("UpdateJob")]);
    let (now, want) = (full(), Spec { max_retries: 0, ..full() });
    GlueJob::update(&service.aws().await, &now, &want, &step()).await.unwrap();
    let sent = service.last("UpdateJob");
    let told = sent["JobUpdate"].as_object().unwrap();
    let mut told: Vec<&str> = told.keys().map(String::as_str).collect();
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "Command",
            "Connections",
            "DefaultArguments",
            "Description",
            "ExecutionClass",
            "ExecutionProperty",
            "GlueVersion",
            "JobRunQueuingEnabled",
            "MaintenanceWindow",
            "MaxCapacity",
            "MaxRetries",
            "NotificationProperty",
            "NumberOfWorkers",
            "Role",
            "SecurityConfiguration",
            "Timeout",
            "WorkerType",
        ]
    );
    assert_eq!((&sent["JobName"], &sent["JobUpdate"]["MaxRetries"]), (&json!("clean"), &json!(0)));
}

#[test]
fn classes_of_execution_are_for_spark_alone() {
    let shell = Spec { command: "pythonshell".to_owned(), ..full() };
    let told = |spec: &Spec| serde_json::to_value(job(spec)).unwrap();
    assert_eq!(told(&full())["ExecutionClass"], "FLEX");
    assert!(told(&shell).get("ExecutionClass").is_none());
}

fn runs(runs: &[(&str, &str)]) -> Reply {
    let runs: Vec<Value> = runs.iter().map(|(id, state)| json!({ "Id": id, "JobRunState": state })).collect();
    ok("GetJobRuns", json!({ "JobRuns": runs }))
}

fn run(id: &str, state: &str) -> Reply {
    ok("GetJobRun", json!({ "JobRun": { "Id": id, "JobRunState": state } }))
}

async fn deleted(service: &Scripted) -> Result<()> {
    GlueJob::delete(&service.aws().await, "clean", &step()).await
}

#[tokio::test(start_paused = true)]
async fn runs_are_stopped_by_twenty_five_and_the_job_goes_after_the_last() {
    let ids: Vec<String> = (0..30).map(|number| format!("jr_{number}")).collect();
    let page = |ids: &[String], next: Option<&str>| {
        let runs: Vec<Value> = ids.iter().map(|id| json!({ "Id": id, "JobRunState": "RUNNING" })).collect();
        ok("GetJobRuns", json!({ "JobRuns": runs, "NextToken": next }))
    };
    let mut script = vec![page(&ids[..20], Some("2")), page(&ids[20..], None)];
    script.extend([done("BatchStopJobRun"), done("BatchStopJobRun")]);
    script.extend(ids.iter().map(|id| run(id, "STOPPING")));
    script.extend(ids.iter().map(|id| run(id, "STOPPED")));
    script.extend([runs(&[("jr_old", "SUCCEEDED")]), done("DeleteJob")]);
    let service = Scripted::new(script);
    let heard = Mutex::new(Vec::new());
    let note = |text| heard.lock().unwrap().push(text);
    GlueJob::delete(&service.aws().await, "clean", &StepContext { note: &note, ..step() }).await.unwrap();
    assert_eq!(heard.into_inner().unwrap(), ["waits for 30 runs of `clean` to stop"]);
    let operations = service.operations();
    assert_eq!(operations.iter().filter(|one| *one == "BatchStopJobRun").count(), 2);
    assert_eq!(service.last("BatchStopJobRun")["JobRunIds"].as_array().unwrap().len(), 5);
    assert_eq!(operations.last().unwrap(), "DeleteJob");
    assert_eq!(service.all("GetJobRuns", "NextToken"), ["", "2", ""]);
}

/// What AWS says of runs that it did not stop, in a reply of success.
fn not_stopped(errors: &[(&str, &str, &str)]) -> Reply {
    let error = |(id, code, message): &(&str, &str, &str)| json!({ "JobName": "clean", "JobRunId": id, "ErrorDetail": { "ErrorCode": code, "ErrorMessage": message } });
    let errors: Vec<Value> = errors.iter().map(error).collect();
    ok("BatchStopJobRun", json!({ "SuccessfulSubmissions": [], "Errors": errors }))
}

#[tokio::test(start_paused = true)]
async fn a_run_that_has_ended_meanwhile_is_no_failure() {
    let service = Scripted::new([
        runs(&[("jr_1", "RUNNING"), ("jr_2", "STARTING"), ("jr_3", "STOPPING")]),
        not_stopped(&[
            ("jr_1", "InvalidInputException", "Job run is not in a state to be stopped"),
            ("jr_2", "EntityNotFoundException", "Job run not found"),
        ]),
        run("jr_1", "SUCCEEDED"),
        refused("GetJobRun", "EntityNotFoundException", "Job run not found"),
        run("jr_1", "SUCCEEDED"),
        refused("GetJobRun", "EntityNotFoundException", "Job run not found"),
        run("jr_3", "STOPPED"),
        runs(&[]),
        done("DeleteJob"),
    ]);
    deleted(&service).await.unwrap();
    assert_eq!(service.last("BatchStopJobRun")["JobRunIds"], json!(["jr_1", "jr_2"]), "one stops already");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_aws_does_not_stop_keeps_its_job() {
    let service = Scripted::new([
        runs(&[("jr_1", "RUNNING")]),
        not_stopped(&[("jr_1", "AccessDeniedException", "not for you")]),
        run("jr_1", "RUNNING"),
    ]);
    let error = deleted(&service).await.unwrap_err();
    assert_eq!(error.class, Class::Denied);
    assert_eq!(error.message, "the run jr_1 could not be stopped: not for you");
}

#[tokio::test(start_paused = true)]
async fn runs_that_do_not_end_are_left_as_they_are_and_the_next_time_goes_on() {
    let still = std::iter::repeat_n(run("jr_1", "STOPPING"), 1000);
    let script = [runs(&[("jr_1", "RUNNING")]), done("BatchStopJobRun")].into_iter().chain(still);
    let service = Scripted::new(script);
    let begun = Instant::now();
    let error = deleted(&service).await.unwrap_err();
    assert_eq!(error.class, Class::Stuck);
    assert!(error.message.contains("15 min (jr_1)") && error.message.contains("goes on from here"), "{error}");
    assert!(begun.elapsed() <= Duration::from_mins(15), "{:?}", begun.elapsed());
    assert!(!service.operations().contains(&"DeleteJob".to_owned()));
    let service = Scripted::new([
        runs(&[("jr_1", "STOPPING")]),
        run("jr_1", "STOPPED"),
        runs(&[("jr_1", "STOPPED")]),
        done("DeleteJob"),
    ]);
    deleted(&service).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_run_in_a_state_that_nobody_knows_is_under_way_and_one_that_begins_meanwhile_is_stopped_too() {
    let service = Scripted::new([
        runs(&[("jr_1", "PONDERING")]),
        done("BatchStopJobRun"),
        run("jr_1", "STOPPED"),
        runs(&[("jr_1", "STOPPED"), ("jr_2", "WAITING")]),
        done("BatchStopJobRun"),
        run("jr_2", "STOPPED"),
        runs(&[]),
        done("DeleteJob"),
    ]);
    deleted(&service).await.unwrap();
    assert_eq!(service.last("BatchStopJobRun")["JobRunIds"], json!(["jr_2"]));
}

#[tokio::test]
async fn a_job_that_is_gone_counts_as_deleted() {
    let gone = refused("GetJobRuns", "EntityNotFoundException", "Job clean is not found.");
    deleted(&Scripted::new([gone, done("DeleteJob")])).await.unwrap();
}

#[test]
fn what_is_lost_and_what_a_run_under_way_does_not_see_is_said_beforehand() {
    let said = |now: &Spec, want: Option<&Spec>| GlueJob::warnings(Some(now), want);
    let gone = said(&full(), None);
    assert!(gone[0].contains("are stopped") && gone[1].contains("Its bookmark is deleted"), "{gone:?}");
    let streaming = Spec { command: "gluestreaming".to_owned(), ..full() };
    assert!(said(&streaming, None)[1].contains("in its checkpoints"));
    let other = Spec { script: "s3://acme-scripts/other.py".to_owned(), ..streaming.clone() };
    assert!(said(&streaming, Some(&other))[0].contains("stopped and started again"));
    assert_eq!(said(&full(), Some(&Spec { script: other.script, ..full() })), [""; 0], "the next run has it");
}

#[tokio::test]
async fn where_no_trigger_starts_a_job_aws_returns_all_and_none_is_its_own() {
    let of = |name: &str, job: &str| json!({ "Name": name, "Actions": [{ "JobName": job }] });
    let page =
        ok("GetTriggers", json!({ "Triggers": [of("theirs", "clean"), of("ours", "clean"), of("no", "other")] }));
    let service = Scripted::new([page]);
    let owned = Owned::new([("glue_trigger".to_owned(), "ours".to_owned())]);
    let look = GlueJob::look_closer(&service.aws().await, &full(), &owned).await;
    let values: Vec<&str> = look.found.iter().map(|one| one.value.as_str()).collect();
    assert_eq!((values, look.blind.len()), (vec!["theirs"], 0));
}
