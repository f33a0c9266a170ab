//! Jobs of Glue: Spark, Spark on streams, and Python.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Dimensions, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Bound, Grants, Names, Nothing};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

/// A job of Glue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–255 characters.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Description; at most 2,048 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// ARN of the role that it works as.
    pub(crate) role_arn: String,
    /// What runs the script: `glueetl` (Spark), `gluestreaming` (Spark on streams) or `pythonshell`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) command: String,
    /// URI of the script in S3.
    pub(crate) script: String,
    /// Version of Python: `3`, or `3.9` of a Python shell.
    #[serde(default = "python")]
    pub(crate) python_version: String,
    /// Version of Glue: `5.0`. Never left to AWS, whose newest it would be.
    pub(crate) glue_version: String,
    /// What a worker is: `G.1X` …; absent where `max_capacity` says how much it gets.
    #[serde(default)]
    pub(crate) worker_type: Option<String>,
    /// How many workers it gets at the most.
    #[serde(default)]
    pub(crate) workers: Option<u32>,
    /// DPUs that it gets; of a Python shell 0.0625 or 1.
    #[serde(default)]
    pub(crate) max_capacity: Option<f64>,
    /// What each run is given, by name: `--datalake-formats`.
    #[serde(default)]
    pub(crate) arguments: BTreeMap<String, String>,
    /// How often a run that has failed is begun again; 0–10.
    #[serde(default)]
    pub(crate) max_retries: u32,
    /// The longest that a run takes, in minutes; 1–10,080. Absent: what AWS makes of it; a job on streams runs on.
    #[serde(default)]
    #[schemars(extend("x-computed" = true))]
    pub(crate) timeout_minutes: Option<u32>,
    /// The most runs at a time.
    #[serde(default = "one")]
    pub(crate) max_concurrent_runs: u32,
    /// `STANDARD`, or `FLEX`: cheaper, on what capacity is left.
    #[serde(default = "standard")]
    pub(crate) execution_class: String,
    /// Name of the security configuration that says how its logs, bookmarks and data are encrypted.
    #[serde(default)]
    pub(crate) security_configuration: Option<String>,
    /// Names of the connections that it reaches its data by, in the order in which they are tried.
    #[serde(default)]
    pub(crate) connections: Vec<String>,
    /// After how many minutes of a run EventBridge is told that it takes long.
    #[serde(default)]
    pub(crate) notify_delay_minutes: Option<u32>,
    /// When a job on streams may be started again: `Sun:3`.
    #[serde(default)]
    pub(crate) maintenance_window: Option<String>,
    /// Whether runs wait for capacity instead of failing.
    #[serde(default)]
    pub(crate) queuing: bool,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

fn python() -> String {
    "3".to_owned()
}

/// What AWS takes where nobody says.
pub(crate) fn one() -> u32 {
    1
}

/// What AWS takes where nobody says.
pub(crate) fn standard() -> String {
    "STANDARD".to_owned()
}

/// A job of Spark.
pub(crate) const SPARK: &str = "glueetl";
/// A job on streams.
const STREAMING: &str = "gluestreaming";

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the job.
    pub(crate) arn: String,
}

/// Jobs of Glue.
pub(crate) struct GlueJob;

pub(crate) const JOB: On = On::Arns(&["arn:{partition}:glue:{region}:{account}:job/{name}"]);

const UPDATED: &[&str] = &["glue:UpdateJob"];

/// Glue says of each metric whether it counts or measures
/// (<https://docs.aws.amazon.com/glue/latest/dg/monitoring-awsglue-with-cloudwatch-metrics.html>).
const OF_ALL_RUNS: &[(&str, Dimensions)] =
    &[(".aggregate.", &[("JobRunId", "ALL"), ("Type", "count")]), ("", &[("JobRunId", "ALL"), ("Type", "gauge")])];

impl ResourceType for GlueJob {
    const KIND: &'static str = "glue_job";
    const AWS_TYPE: &'static str = "AWS::Glue::Job";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["glue:GetJob", "glue:GetTags"], JOB),
        // What else starts it.
        Grant::plan(&["glue:GetTriggers"], On::All),
        Grant::apply(
            &[
                "glue:BatchStopJobRun",
                "glue:CreateJob",
                "glue:DeleteJob",
                "glue:GetJobRun",
                "glue:GetJobRuns",
                "glue:TagResource",
                "glue:UntagResource",
                "glue:UpdateJob",
            ],
            JOB,
        ),
        Grant::apply(&["iam:PassRole"], On::Arns(&["{role_arn}"])).only_if("iam:PassedToService", "glue.amazonaws.com"),
        Grant::operate(&["glue:BatchStopJobRun", "glue:GetJobRun", "glue:GetJobRuns", "glue:StartJobRun"], JOB),
        // IAM takes no job for it.
        Grant::operate(&["glue:GetJobBookmark"], On::All),
        // Where runs of all jobs of the account log what they print.
        Grant::operate(
            &["logs:FilterLogEvents"],
            On::Arns(&[
                "arn:{partition}:logs:{region}:{account}:log-group:/aws-glue/jobs/error:*",
                "arn:{partition}:logs:{region}:{account}:log-group:/aws-glue/jobs/output:*",
                "arn:{partition}:logs:{region}:{account}:log-group:/aws-glue/python-jobs/error:*",
                "arn:{partition}:logs:{region}:{account}:log-group:/aws-glue/python-jobs/output:*",
            ]),
        ),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["glue:CreateJob"],
        delete: &["glue:DeleteJob"],
        update: &[
            Update::new("arguments", UPDATED).saying("defaultArguments"),
            Update::new("connections", UPDATED).saying("connections"),
            Update::new("description", UPDATED).saying("description"),
            Update::new("execution_class", UPDATED).saying("executionClass"),
            Update::new("glue_version", UPDATED).saying("glueVersion"),
            Update::new("maintenance_window", UPDATED).saying("maintenanceWindow"),
            Update::new("max_capacity", UPDATED).saying("maxCapacity"),
            Update::new("max_concurrent_runs", UPDATED).saying("maxConcurrentRuns"),
            Update::new("max_retries", UPDATED).saying("maxRetries"),
            Update::new("notify_delay_minutes", UPDATED).saying("notifyDelayAfter"),
            Update::new("python_version", UPDATED).saying("pythonVersion"),
            Update::new("queuing", UPDATED).saying("jobRunQueuingEnabled"),
            Update::new("role_arn", UPDATED).saying("role"),
            Update::new("script", UPDATED).saying("scriptLocation"),
            Update::new("security_configuration", UPDATED).saying("securityConfiguration"),
            Update::new("tags", &["glue:TagResource", "glue:UntagResource"]),
            Update::new("timeout_minutes", UPDATED).saying("timeout"),
            Update::new("worker_type", UPDATED).saying("workerType"),
            Update::new("workers", UPDATED).saying("numberOfWorkers"),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[
            (Names, &["role_arn"]),
            // What it reaches, and who it is to the rules of others.
            (Grants, &["connections"]),
            (Bound("security configuration"), &["security_configuration"]),
            (
                Nothing,
                &[
                    "name",
                    "description",
                    "command",
                    "script",
                    "python_version",
                    "glue_version",
                    "worker_type",
                    "workers",
                    "max_capacity",
                    "arguments",
                    "max_retries",
                    "timeout_minutes",
                    "max_concurrent_runs",
                    "execution_class",
                    "notify_delay_minutes",
                    "maintenance_window",
                    "queuing",
                    "tags",
                ],
            ),
        ],
    };
    // By the DPU-hour, and how many hours a job runs nobody knows beforehand.
    const PRICE: Price = Price::Missing;
    const IMPORT: Import = Import::None("its script would have to become a file of the project");
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::InMore { namespace: "Glue", dimension: "JobName", others: OF_ALL_RUNS };
    const EXAMPLES: &'static str = include_str!("glue_job.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("what its runs write is kept where they write it")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn align(now: &mut Spec, want: &Spec) {
        // AWS takes and returns the name of a role as well.
        let named = want.role_arn.strip_suffix(&now.role_arn).is_some_and(|rest| rest.ends_with('/'));
        if named && !now.role_arn.is_empty() {
            now.role_arn.clone_from(&want.role_arn);
        }
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        let same = want.filter(|want| (&want.name, &want.command) == (&now.name, &now.command));
        if let Some(want) = same {
            return now.narrowed_by(want);
        }
        let runs = format!("Runs of `{}` are stopped.", now.name);
        let place = if now.command == STREAMING {
            "Where it has got to is in its checkpoints, which stay in S3."
        } else {
            "Its bookmark is deleted with it: a job in its place begins with all of its input."
        };
        let renamed = want.filter(|want| want.name != now.name);
        let renamed =
            renamed.map(|want| format!("Who starts `{}` by its name has to start `{}`.", now.name, want.name));
        [runs, place.to_owned()].into_iter().chain(renamed).collect()
    }
}

impl Spec {
    /// What UpdateJob sets, where `want` is wanted: what that leaves to AWS is no difference.
    pub(crate) fn settings(&self, want: &Self) -> Self {
        let timeout_minutes = self.timeout_minutes.filter(|_| want.timeout_minutes.is_some());
        Self { timeout_minutes, tags: Tags::new(), ..self.clone() }
    }

    /// What is said of the same job that can do less than before, or does something else.
    fn narrowed_by(&self, want: &Self) -> Vec<String> {
        let limit = want.timeout_minutes.filter(|want| self.timeout_minutes.is_none_or(|now| *want < now));
        let limit = limit.map(|minutes| format!("A run that takes longer than {minutes} min is cut off from then on."));
        let runs = (want.max_concurrent_runs < self.max_concurrent_runs).then(|| match want.max_concurrent_runs {
            1 => "A second run at a time is refused from then on.".to_owned(),
            runs => format!("More than {runs} runs at a time are refused from then on."),
        });
        let workers = want.workers.filter(|want| self.workers.is_some_and(|now| *want < now));
        let workers = workers.map(|workers| format!("Its runs have {workers} workers at the most from then on."));
        let gone: Vec<&str> =
            self.arguments.keys().filter(|name| !want.arguments.contains_key(*name)).map(String::as_str).collect();
        let gone = (!gone.is_empty()).then(|| format!("Its runs are given {} no more.", gone.join(", ")));
        let moved = self.connections != want.connections;
        let moved = moved.then(|| "Its runs reach what these connections let them reach, and nothing else.".to_owned());
        let streams = self.command == STREAMING && self.runs_as() != want.runs_as();
        let streams = streams.then(|| {
            "A run that is under way goes on as it began: it has to be stopped and started again for this.".to_owned()
        });
        [limit, runs, workers, gone, moved, streams].into_iter().flatten().collect()
    }

    /// What of a job a run takes when it begins.
    fn runs_as(&self) -> Self {
        Self { description: String::new(), max_concurrent_runs: 1, tags: Tags::new(), ..self.clone() }
    }
}
