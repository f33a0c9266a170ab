//! A job becomes a job of Glue, its script and modules in a bucket, its role and log group, and the trigger that starts it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::bucket::{read_bucket, write_bucket};
use super::page::Page;
use super::policy::{self, allow};
use super::{Build, BuildContext, Resolved, failures, registry};
use crate::catalog::glue_trigger::{self, Action, Condition, Predicate};
use crate::catalog::{Type, glue_job, s3_object};
use crate::model::address::Address;
use crate::model::graph::What;
use crate::model::scope::Scope;
use crate::spec::blocks::dataset::{Dataset, Format};
use crate::spec::blocks::job::{Engine, Job, Worker};
use crate::spec::blocks::registry::Registry;
use crate::spec::uses::Use;
use crate::spec::{Block as _, Ref, Spec};

/// The log groups that all jobs of an account share: Glue writes there what a run prints before its own log begins, and
/// makes them where they are missing.
const SHARED_LOGS: [&str; 3] = ["/aws-glue/jobs/error", "/aws-glue/jobs/logs-v2", "/aws-glue/jobs/output"];
/// The same of Python shells, which have no other.
const SHELL_LOGS: [&str; 2] = ["/aws-glue/python-jobs/error", "/aws-glue/python-jobs/output"];

impl Build for Job {
    const TYPE: Option<Type> = Some(Type::GlueJob);

    fn build(&self, site: &mut BuildContext<'_>) {
        let (spec, scope) = (site.spec, site.scope);
        let name = self.aws_name(site.name, spec);
        let role_name = self.role_name(site.name, spec);
        let role_arn = scope.global_arn("iam", &format!("role/{role_name}"));
        let log_group = self.log_group(site.name, spec);
        let role = site.add_part("role", site.glue_role(&role_name, ("job", &self.policy(site)), &self.tags), []);
        let logs = self
            .has_log_group()
            .then(|| site.add_log_group("log-group", log_group.clone(), self.log_retention_days, &self.tags));
        let (script, mut needs) = self.add_files(site, &name);
        needs.extend([role].into_iter().chain(logs));
        needs.extend(self.reads.iter().map(Ref::address).chain(self.writes.iter().map(Ref::address)));
        let spark = self.engine == Engine::Spark;
        let job = glue_job::Spec {
            name: name.clone(),
            description: self.description.clone(),
            role_arn: role_arn.clone(),
            command: if spark { "glueetl" } else { "pythonshell" }.to_owned(),
            script,
            python_version: if spark { "3" } else { "3.9" }.to_owned(),
            glue_version: self.glue_version.clone(),
            worker_type: spark.then(|| self.worker.unwrap_or(Worker::G1).word().to_owned()),
            workers: spark.then(|| self.workers.unwrap_or(2)),
            max_capacity: (!spark).then_some(if self.whole_dpu { 1.0 } else { 0.0625 }),
            arguments: self.arguments(site, &name, &log_group),
            max_retries: self.retries,
            timeout_minutes: Some(self.timeout_minutes),
            max_concurrent_runs: self.max_concurrent_runs,
            execution_class: if self.flex { "FLEX" } else { "STANDARD" }.to_owned(),
            security_configuration: self.security_configuration.clone(),
            connections: Vec::new(),
            notify_delay_minutes: self.slow_after(),
            maintenance_window: None,
            queuing: false,
            tags: site.tags(&self.tags),
        };
        site.add(job, needs);
        self.add_trigger(site, &name);
        failures::add(site, self.failure_rule(site.name, spec), failed(&name), &self.failures_to, &self.tags);
        self.add_flows(site);
        site.output("arn", scope.arn("glue", &format!("job/{name}")));
        site.output("name", name);
        site.output("role_arn", role_arn);
        if self.has_log_group() {
            site.output("log_group", log_group);
        }
    }

    fn key(&self) -> Option<&str> {
        None
    }

    fn allow(_own: Option<&Self>, used: &Resolved, _asked: &Use, _spec: &Spec, scope: &Scope) -> Vec<Value> {
        let job = scope.arn("glue", &format!("job/{}", used.name));
        vec![allow(&["glue:GetJobRun", "glue:StartJobRun"], &job)]
    }

    fn draw(own: Option<&Self>, _name: &str, page: &mut Page<'_>) {
        if own.is_some_and(|own| own.engine == Engine::PythonShell) {
            return;
        }
        let of_driver = |metric: &str| format!("glue.driver.{metric}");
        let tasks = ["numCompletedTasks", "numFailedTasks"].map(|it| of_driver(&format!("aggregate.{it}")));
        page.graph("Tasks", &tasks.each_ref().map(|metric| (metric.as_str(), "Sum")));
        let memory = ["glue.driver.jvm.heap.usage", "glue.ALL.jvm.heap.usage"];
        page.graph("Memory in use, of the driver and of all (share)", &memory.map(|metric| (metric, "Average")));
        let [elapsed, read] = ["elapsedTime", "recordsRead"].map(|it| of_driver(&format!("aggregate.{it}")));
        page.graph("Work (ms), and records read", &[(&elapsed, "Sum"), (&read, "Sum right")]);
    }
}

/// The events that tell of a run that has failed, and of one that takes long
/// (<https://docs.aws.amazon.com/glue/latest/dg/automating-awsglue-with-cloudwatch-events.html>): Glue says the second of those that
/// start, run or stop, and the first of none of these.
fn failed(job: &str) -> Value {
    json!({
        "source": ["aws.glue"],
        "detail-type": ["Glue Job State Change", "Glue Job Run Status"],
        "detail": { "jobName": [job], "state": ["FAILED", "TIMEOUT", "STARTING", "RUNNING", "STOPPING"] },
    })
}

impl Job {
    /// Adds its script and its other files as objects; returns the URI of the script, and their addresses.
    fn add_files(&self, site: &mut BuildContext<'_>, name: &str) -> (String, Vec<Address>) {
        let bucket = site.resolve(&self.code_bucket).name;
        let mut addresses = Vec::new();
        let mut add = |part: String, file: &String| {
            let object = s3_object::Spec {
                bucket: bucket.clone(),
                key: key(name, file),
                file: file.clone(),
                sha256: None,
                content_type: if is_python(file) { "text/x-python".to_owned() } else { s3_object::bytes() },
                kms_key: None,
            };
            addresses.push(site.add_part(&part, object, [self.code_bucket.address()]));
        };
        add("script".to_owned(), &self.script);
        for (_, part, _, files) in self.extra_files() {
            for (i, file) in files.iter().enumerate() {
                add(format!("{part}-{}", i + 1), file);
            }
        }
        (format!("s3://{bucket}/{}", key(name, &self.script)), addresses)
    }

    /// What each run is given: its own, and what follows from other settings.
    fn arguments(&self, site: &BuildContext<'_>, name: &str, log_group: &str) -> BTreeMap<String, String> {
        let bucket = site.resolve(&self.code_bucket).name;
        let mut arguments = self.arguments.clone();
        let mut say = |name: &str, value: String| {
            arguments.entry(name.to_owned()).or_insert(value);
        };
        for (_, _, argument, files) in self.extra_files().into_iter().filter(|(_, _, _, files)| !files.is_empty()) {
            let uris = files.iter().map(|file| format!("s3://{bucket}/{}", key(name, file)));
            say(argument, uris.collect::<Vec<_>>().join(","));
        }
        if self.engine == Engine::PythonShell {
            return arguments;
        }
        let bookmark = if self.bookmark { "job-bookmark-enable" } else { "job-bookmark-disable" };
        say("--job-bookmark-option", bookmark.to_owned());
        say("--continuous-log-logGroup", log_group.to_owned());
        for switch in [
            "--enable-continuous-cloudwatch-log",
            "--enable-glue-datacatalog",
            "--enable-metrics",
            "--enable-observability-metrics",
        ] {
            say(switch, "true".to_owned());
        }
        say("--TempDir", format!("s3://{bucket}/{}", temporary(name)));
        let formats: BTreeSet<&str> = self.datasets(site).filter_map(|dataset| lake_format(dataset.format)).collect();
        if !formats.is_empty() {
            say("--datalake-formats", formats.iter().copied().collect::<Vec<_>>().join(","));
        }
        if formats.contains("delta") {
            // One key holds all: of two of the same name the last would win.
            say(
                "--conf",
                "spark.sql.extensions=io.delta.sql.DeltaSparkSessionExtension --conf \
                 spark.sql.catalog.spark_catalog=org.apache.spark.sql.delta.catalog.DeltaCatalog"
                    .to_owned(),
            );
        }
        arguments
    }

    /// The datasets that it reads and writes.
    fn datasets<'a>(&'a self, site: &'a BuildContext<'_>) -> impl Iterator<Item = &'a Dataset> {
        let read = self.reads.iter().filter_map(|data| Dataset::of(data, site.spec));
        read.chain(self.writes.iter().filter_map(|data| Dataset::of(data, site.spec)))
    }

    /// Adds what starts it, where anything but a user does.
    fn add_trigger(&self, site: &mut BuildContext<'_>, name: &str) {
        let workflow = self.workflow.as_ref().map(|workflow| site.resolve(workflow).name);
        let kind = match (&self.schedule, self.after.is_empty(), &workflow) {
            (Some(_), ..) => "SCHEDULED",
            (None, false, _) => "CONDITIONAL",
            // So that somebody can start the workflow, which is all that its first trigger does.
            (None, true, Some(_)) => glue_trigger::ON_DEMAND,
            (None, true, None) => return,
        };
        let condition =
            |before: &Ref<Self>| Condition { job: site.resolve(before).name, state: "SUCCEEDED".to_owned() };
        let conditions: Vec<Condition> = self.after.iter().map(condition).collect();
        let predicate = (!conditions.is_empty()).then(|| Predicate { logical: glue_trigger::all(), conditions });
        let trigger = glue_trigger::Spec {
            name: name.to_owned(),
            kind: kind.to_owned(),
            description: format!("Starts {} of {}", site.address, site.spec.env.name),
            schedule: self.schedule.clone(),
            // One that fires when somebody asks cannot be switched off.
            enabled: self.enabled || kind == glue_trigger::ON_DEMAND,
            actions: vec![Action { job: name.to_owned(), arguments: BTreeMap::new(), timeout_minutes: None }],
            predicate,
            workflow,
            tags: site.part_tags("trigger", &self.tags),
        };
        let others = self.after.iter().map(Ref::address).chain(self.workflow.as_ref().map(Ref::address));
        let needs: Vec<Address> = std::iter::once(site.address.clone()).chain(others).collect();
        site.add_part("trigger", trigger, needs);
    }

    fn add_flows(&self, site: &mut BuildContext<'_>) {
        let own = site.address.clone();
        for read in &self.reads {
            site.flow(read.address(), What::Data, own.clone());
        }
        for written in &self.writes {
            // A dataset is drawn behind the bucket that its objects are in.
            let to =
                Dataset::of(written, site.spec).map_or_else(|| written.address(), |dataset| dataset.bucket.address());
            site.flow(own.clone(), What::Data, to);
        }
        for before in &self.after {
            site.flow(before.address(), What::Notifies, own.clone());
        }
        if let Some(workflow) = self.workflow.as_ref().filter(|_| self.after.is_empty()) {
            site.flow(workflow.address(), What::Notifies, own);
        }
    }

    /// Its script, its log, its metrics, and the data that it reads and writes; nothing else.
    fn policy(&self, site: &BuildContext<'_>) -> Value {
        let (spec, scope) = (site.spec, site.scope);
        let name = self.aws_name(site.name, spec);
        let code = site.resolve(&self.code_bucket);
        let log = |group: &str| scope.arn("logs", &format!("log-group:{group}:*"));
        let shared: &[&str] = if self.has_log_group() { &SHARED_LOGS } else { &SHELL_LOGS };
        let own = self.has_log_group().then(|| log(&self.log_group(site.name, spec)));
        let mut writes_log = allow(&["logs:CreateLogStream", "logs:PutLogEvents"], "");
        writes_log["Resource"] = own.into_iter().chain(shared.iter().map(|group| log(group))).collect();
        let mut shared_log = allow(&["logs:CreateLogGroup"], "");
        shared_log["Resource"] = shared.iter().map(|group| log(group)).collect();
        let mut statements = read_bucket(&code, &format!("{}/", folder(&name)), spec, scope);
        statements.extend([writes_log, shared_log]);
        if self.engine == Engine::Spark {
            statements.extend(write_bucket(&code, &temporary(&name), scope));
            // CloudWatch names no resource of what it is given; only Glue's namespace is allowed.
            let mut metrics = allow(&["cloudwatch:PutMetricData"], "*");
            metrics["Condition"] = json!({ "StringEquals": { "cloudwatch:namespace": "Glue" } });
            statements.push(metrics);
        }
        if let Some(workflow) = &self.workflow {
            // What a run of the workflow is given, which each of its jobs may change for the next.
            let run = ["glue:GetWorkflowRunProperties", "glue:PutWorkflowRunProperties"];
            let workflow = site.resolve(workflow).name;
            statements.push(allow(&run, &scope.arn("glue", &format!("workflow/{workflow}"))));
        }
        let writes = |read: &&Ref<_>| self.writes.iter().any(|written| written.parts() == read.parts());
        for read in self.reads.iter().filter(|read| !writes(read)) {
            let it = site.resolve(read);
            statements.extend(match Dataset::of(read, site.spec) {
                Some(dataset) => dataset.reading(&it.name, spec, scope),
                None if read.kind() == Registry::KIND => registry::reading(&it),
                None => read_bucket(&it, "", spec, scope),
            });
        }
        for written in &self.writes {
            if let Some(dataset) = Dataset::of(written, site.spec) {
                statements.extend(dataset.writing(&site.resolve(written).name, spec, scope));
            } else {
                let bucket = site.resolve(written);
                statements.extend([read_bucket(&bucket, "", spec, scope), write_bucket(&bucket, "", scope)].concat());
            }
        }
        policy::document(statements)
    }
}

fn is_python(file: &str) -> bool {
    std::path::Path::new(file).extension().is_some_and(|extension| extension == "py")
}

/// The key of a file of a job.
fn key(job: &str, file: &str) -> String {
    format!("{}/{}", folder(job), Job::file_name(file))
}

/// The folder of a job's files.
fn folder(job: &str) -> String {
    format!("jobs/{job}")
}

/// Where a run keeps what it needs for the moment.
fn temporary(job: &str) -> String {
    format!("jobs/{job}/temporary/")
}

/// Glue's word for a format whose classes it has to load.
fn lake_format(format: Format) -> Option<&'static str> {
    match format {
        Format::Delta => Some("delta"),
        Format::Iceberg => Some("iceberg"),
        Format::Json | Format::Parquet | Format::Orc | Format::Csv => None,
    }
}
