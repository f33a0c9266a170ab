//! What the schema cannot say of a job.

use std::collections::BTreeSet;

use super::{Data, Engine, Job};
use crate::spec::blocks::dataset::Dataset;
use crate::spec::blocks::schedule::expression;
use crate::spec::blocks::topic;
use crate::spec::check::Checks;
use crate::spec::uses::{Access, Use};
use crate::spec::{Ref, Spec, logs, prefix, tags};

/// What Glue, or pipectl by other settings, gives every run
/// (<https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-glue-arguments.html>).
const TAKEN: [(&str, &str); 13] = [
    ("--JOB_NAME", "Glue sets it"),
    ("--mode", "Glue sets it"),
    ("--debug", "Glue keeps it for itself"),
    ("--scriptLocation", "`script` says it"),
    ("--extra-py-files", "`python_files` says it"),
    ("--extra-files", "`files` says it"),
    ("--extra-jars", "`jars` says it"),
    ("--job-bookmark-option", "`bookmark` says it"),
    ("--continuous-log-logGroup", "the job has a log group of its own"),
    ("--enable-continuous-cloudwatch-log", "the job logs to a group of its own"),
    ("--datalake-formats", "the formats of the datasets that it reads and writes say it"),
    ("--TempDir", "`code_bucket` holds it"),
    ("--enable-metrics", "they are always on"),
];

/// Checks everything.
pub(super) fn all(job: &Job, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
    check_files(job, checks);
    check_engine(job, checks);
    check_arguments(job, checks);
    check_start(job, block, checks);
    check_workflow(job, block, spec, checks);
    check_data(job, block, spec, checks);
    topic::check_told("failures_to", &job.failures_to, "EventBridge", spec, checks);
    logs::check_retention(job.log_retention_days, checks);
    tags::check(&job.tags, spec, checks);
}

/// Objects of a job lie beside one another, under the names of their files.
fn check_files(job: &Job, checks: &mut Checks<'_>) {
    let mut seen = BTreeSet::from([Job::file_name(&job.script)]);
    let extra = job.extra_files();
    let extra = extra.iter().flat_map(|(field, _, _, files)| {
        files.iter().enumerate().map(move |(i, file)| (*field, format!("{field}.{i}"), file))
    });
    for (field, path, file) in extra {
        let name = Job::file_name(file);
        if !seen.insert(name) {
            checks.error(&path, format!("another file of this job is called `{name}`, too"));
        }
        if field == "python_files" && ![".py", ".zip", ".egg", ".whl"].iter().any(|ending| name.ends_with(ending)) {
            checks
                .error(&path, format!("`{file}` is no module of Python"))
                .help("modules are files `.py`, or archives `.zip`, `.egg` or `.whl`; others are `files`");
        }
        if field == "jars" && !ends_with(name, "jar") {
            checks.error(&path, format!("`{file}` is no `.jar`")).help("others are `files`");
        }
        checks.stays_inside(&path, file);
    }
    if !ends_with(&job.script, "py") {
        checks.error("script", "a script is a file `.py`");
    }
    checks.stays_inside("script", &job.script);
}

fn ends_with(file: &str, extension: &str) -> bool {
    std::path::Path::new(file).extension().is_some_and(|own| own == extension)
}

fn check_engine(job: &Job, checks: &mut Checks<'_>) {
    let version = job.glue_version.split_once('.').and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
    match job.engine {
        Engine::Spark => {
            if job.whole_dpu {
                checks.error("whole_dpu", "Spark has workers instead").help("write `worker` and `workers`");
            }
            let lacks = job.worker.filter(|worker| version.is_some_and(|version| version < worker.since()));
            if let Some(worker) = lacks {
                let (major, minor) = worker.since();
                checks
                    .error("worker", format!("Glue {} has no workers `{}`", job.glue_version, worker.word()))
                    .help(format!("write `glue_version = \"{major}.{minor}\"` or later, or `worker = \"G.1X\"`"));
            }
            if job.flex && version.is_some_and(|version| version < (3, 0)) {
                checks.error("flex", "flexible runs need Glue 3.0 or later");
            }
        }
        Engine::PythonShell => {
            let of_spark = [
                ("worker", job.worker.is_some()),
                ("workers", job.workers.is_some()),
                ("flex", job.flex),
                ("bookmark", job.bookmark),
                ("jars", !job.jars.is_empty()),
            ];
            for (field, _) in of_spark.into_iter().filter(|(_, said)| *said) {
                checks.error(field, format!("`{field}` is for Spark, and this is a Python shell"));
            }
        }
    }
    if job.bookmark && job.max_concurrent_runs > 1 {
        checks
            .error("max_concurrent_runs", "runs at the same time overwrite one another's bookmark")
            .help("write `max_concurrent_runs = 1`, or `bookmark = false`");
    }
}

fn check_arguments(job: &Job, checks: &mut Checks<'_>) {
    for name in job.arguments.keys() {
        let path = format!("arguments.{name}");
        if !name.starts_with("--") || name.len() == 2 {
            checks
                .error(&path, format!("`{name}` does not begin with `--`: Glue hands it to no script"))
                .help(format!("write `\"--{}\"`", name.trim_start_matches('-')));
        }
        if let Some((_, why)) = TAKEN.iter().find(|(taken, _)| taken == name) {
            checks.error(&path, format!("`{name}` cannot be given: {why}")).help("take it away");
        }
    }
    let modules = job.arguments.get("--additional-python-modules");
    let floating = modules.is_some_and(|modules| modules.split(',').any(|module| !module.contains("==")));
    if floating {
        checks
            .warning("arguments.--additional-python-modules", "each run installs the newest version of a module")
            .help("write the version of each: `polars==1.9.0`");
    }
}

fn check_start(job: &Job, block: &str, checks: &mut Checks<'_>) {
    if job.after.iter().any(|before| before.name() == block) {
        checks.error("after", "a job cannot wait for itself");
    }
    let Some(schedule) = &job.schedule else { return };
    if !job.after.is_empty() {
        checks
            .error("schedule", "a job starts by a schedule or after others, not by both")
            .help("take one of `schedule` and `after` away");
    }
    if expression::check_cron(schedule, "triggers", checks)
        && let Some(minutes) = expression::shortest(schedule)
        && minutes < job.timeout_minutes
        && job.max_concurrent_runs == 1
    {
        let limit = job.timeout_minutes;
        checks
            .warning(
                "schedule",
                format!(
                    "it fires every {minutes} minutes, and a run may take {limit}: one that is started meanwhile fails"
                ),
            )
            .help("make `timeout_minutes` shorter, or the schedule slower");
    }
}

/// Runs of a workflow fire its own triggers alone, and these wait for no others
/// (<https://docs.aws.amazon.com/glue/latest/dg/blueprint_workflow_restrictions.html>).
fn check_workflow(job: &Job, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
    let others = job.after.iter().enumerate().filter(|(_, before)| before.name() != block);
    for (i, before) in others {
        let Some(declared) = spec.blocks.job.own().get(before.name()) else { continue };
        let (path, theirs) = (format!("after.{i}"), &declared.block.workflow);
        match (&job.workflow, theirs) {
            (Some(own), theirs) if theirs.as_ref() != Some(own) => {
                checks
                    .error(&path, format!("`{before}` is not in `{own}`, as this job is"))
                    .help(format!("write `workflow = \"{own}\"` into it, or take it out of `after`"));
            }
            (None, Some(theirs)) => {
                checks
                    .error(&path, format!("`{before}` is in `{theirs}`, and this job is not"))
                    .help(format!("write `workflow = \"{theirs}\"` here as well, or take it out of `after`"));
            }
            (Some(_) | None, _) => {}
        }
    }
}

fn check_data(job: &Job, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
    for (i, read) in job.reads.iter().enumerate() {
        if let Some(dataset) = Dataset::of(read, spec)
            && !is_filled(read.name(), dataset, block, spec)
        {
            checks.warning(&format!("reads.{i}"), format!("nothing in this spec writes `{read}`"));
        }
    }
}

/// Whether a firehose, a function or another job writes where a dataset reads. What writes to a bucket of another owner is not
/// known.
fn is_filled(name: &str, dataset: &Dataset, block: &str, spec: &Spec) -> bool {
    let meets = |prefix: &str| prefix.starts_with(&dataset.prefix) || dataset.prefix.starts_with(prefix);
    let by_firehose = spec.blocks.firehose.own().values().any(|firehose| {
        let copies = firehose.backup.as_ref().map(|backup| (&backup.bucket, &backup.prefix));
        let written = [(&firehose.destination, &firehose.prefix)].into_iter().chain(copies);
        written.into_iter().any(|(bucket, at)| *bucket == dataset.bucket && meets(prefix::literal(at)))
    });
    let put = |used: &Use| {
        (used.kind.as_str(), used.name.as_str()) == dataset.bucket.parts()
            && used.access == Access::Write
            && meets(&used.prefix)
    };
    let by_function = spec.blocks.function.own().values().flat_map(|function| &function.uses).any(put);
    let writes = |data: &Ref<Data>| data.parts() == ("dataset", name) || data.parts() == dataset.bucket.parts();
    let by_job = spec.blocks.job.own().iter().filter(|(other, _)| *other != block);
    let by_job = by_job.flat_map(|(_, job)| &job.writes).any(writes);
    by_firehose || by_function || by_job || spec.blocks.bucket.external().contains_key(dataset.bucket.name())
}
