//! `[job.<name>]`: a job of Glue.

mod check;

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use super::bucket::Bucket;
use super::schedule::expression;
use super::topic::Topic;
use super::workflow::Workflow;
use crate::spec::check::{Block, Checks};
use crate::spec::external::Externals;
use crate::spec::metrics::{Metrics, Source, Usual, sources};
use crate::spec::names::{self, Name};
use crate::spec::refs::Target;
use crate::spec::tags::Tags;
use crate::spec::uses::{Access, Uses};
use crate::spec::{Ref, Spec};

/// A job of Glue: a script that reads data and writes it anew, on machines that AWS keeps for as long as a run takes. With it
/// come a role that may do just that, a log group, and the script as an object of a bucket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_excessive_bools, reason = "settings of a spec")]
pub struct Job {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 1–255 letters, digits, `_`, `.` and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 2048))]
    pub description: String,
    /// What runs the script. Another is another job, without the bookmark.
    #[serde(default)]
    pub engine: Engine,
    /// The script, from the project's folder: `jobs/clean.py`.
    #[schemars(length(min = 1, max = 512))]
    pub script: String,
    /// More modules of Python, files or `.zip`s from the project's folder.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub python_files: Vec<String>,
    /// Other files that its script finds in the folder that it works in, from the project's folder.
    #[serde(default)]
    #[schemars(length(max = 50), extend("uniqueItems" = true))]
    pub files: Vec<String>,
    /// Of Spark, libraries of Java's, `.jar`s from the project's folder.
    #[serde(default)]
    #[schemars(length(max = 50), extend("uniqueItems" = true))]
    pub jars: Vec<String>,
    /// The bucket that script and modules are put into, under `jobs/<name>/`; of Spark also what a run keeps for the moment.
    pub code_bucket: Ref<Bucket>,
    /// Version of Glue, which decides on those of Spark and Python.
    #[serde(default = "newest")]
    #[schemars(regex(pattern = r"^[0-9]+\.[0-9]+$"))]
    pub glue_version: String,
    /// Of Spark, what a worker is: `G.1X` (4 vCPU, 16 GB), `G.2X`, `G.4X`, `G.8X`, `R.1X` … (twice the memory).
    #[serde(default)]
    pub worker: Option<Worker>,
    /// Of Spark, how many workers a run gets; absent: 2, the fewest.
    #[serde(default)]
    #[schemars(range(min = 2, max = 299))]
    pub workers: Option<u32>,
    /// Of a Python shell, whether it gets a whole DPU (16 GB) instead of a sixteenth (1 GB).
    #[serde(default)]
    pub whole_dpu: bool,
    /// Whether it goes on where its last run ended: Glue remembers which data it has had. The script has to ask for it, by
    /// `Job.init`, `Job.commit` and a `transformation_ctx`.
    #[serde(default)]
    pub bookmark: bool,
    /// When it runs, in UTC: `cron(15 * * * ? *)`. Absent, and without `after`: when somebody starts it (`pipectl run`).
    #[serde(default)]
    #[schemars(length(min = 1, max = 256))]
    pub schedule: Option<String>,
    /// The jobs of which all have to succeed; then it runs.
    #[serde(default)]
    #[schemars(length(max = 50), extend("uniqueItems" = true))]
    pub after: Vec<Ref<Job>>,
    /// The workflow that it is in. The one job of it that runs after none begins, by its schedule or when somebody starts the
    /// workflow; the others say what they run after.
    #[serde(default)]
    pub workflow: Option<Ref<Workflow>>,
    /// Whether schedule and `after` start it.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What the script is given, by name: `"--landing" = "s3://${bucket.landing.name}/clicks/"`.
    #[serde(default)]
    pub arguments: BTreeMap<String, String>,
    /// What it reads: buckets, datasets, and the schemas of registries.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub reads: Vec<Ref<Readable>>,
    /// What it writes: buckets, and datasets with their partitions in the catalog.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub writes: Vec<Ref<Data>>,
    /// The topics that are told when a run fails, or takes nine tenths of `timeout_minutes`; at most 5.
    #[serde(default)]
    #[schemars(length(max = 5), extend("uniqueItems" = true))]
    pub failures_to: Vec<Ref<Topic>>,
    /// The longest that a run may take, in minutes: then Glue stops it.
    #[serde(default = "an_hour")]
    #[schemars(range(min = 1, max = 10_080))]
    pub timeout_minutes: u32,
    /// How often a run that has failed is begun again.
    #[serde(default)]
    #[schemars(range(min = 0, max = 10))]
    pub retries: u32,
    /// The most runs at a time; one that is started besides fails. With a bookmark: 1.
    #[serde(default = "one")]
    #[schemars(range(min = 1, max = 1000))]
    pub max_concurrent_runs: u32,
    /// Of Spark, whether runs wait for what capacity is left, at two thirds of the price.
    #[serde(default)]
    pub flex: bool,
    /// Name of a security configuration of Glue's, which says how logs, bookmarks and data are encrypted.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub security_configuration: Option<String>,
    /// Name of its role; absent: that of the job with `-job`. 1–64 letters, digits and `_+=,.@-`.
    #[serde(default)]
    pub role_name: Option<String>,
    /// Days that its log is kept: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
    /// 2922, 3288 or 3653.
    #[serde(default = "thirty")]
    pub log_retention_days: u32,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

/// What runs a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Engine {
    /// Spark, on several workers.
    #[default]
    Spark,
    /// Python by itself, on one machine.
    PythonShell,
}

/// What a worker is (<https://docs.aws.amazon.com/glue/latest/dg/worker-types.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "AWS's words for them, which say what they are")]
pub enum Worker {
    #[serde(rename = "G.1X")]
    G1,
    #[serde(rename = "G.2X")]
    G2,
    #[serde(rename = "G.4X")]
    G4,
    #[serde(rename = "G.8X")]
    G8,
    #[serde(rename = "G.12X")]
    G12,
    #[serde(rename = "G.16X")]
    G16,
    #[serde(rename = "R.1X")]
    R1,
    #[serde(rename = "R.2X")]
    R2,
    #[serde(rename = "R.4X")]
    R4,
    #[serde(rename = "R.8X")]
    R8,
}

/// The kinds of block that a job can write.
#[derive(Clone, Debug, PartialEq)]
pub enum Data {}

/// The kinds of block that a job can read.
#[derive(Clone, Debug, PartialEq)]
pub enum Readable {}

impl Target for Data {
    fn kinds() -> Vec<Kind> {
        vec![Kind::Bucket, Kind::Dataset]
    }
}

impl Target for Readable {
    fn kinds() -> Vec<Kind> {
        vec![Kind::Bucket, Kind::Dataset, Kind::Registry]
    }
}

impl Worker {
    /// AWS's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::G1 => "G.1X",
            Self::G2 => "G.2X",
            Self::G4 => "G.4X",
            Self::G8 => "G.8X",
            Self::G12 => "G.12X",
            Self::G16 => "G.16X",
            Self::R1 => "R.1X",
            Self::R2 => "R.2X",
            Self::R4 => "R.4X",
            Self::R8 => "R.8X",
        }
    }

    /// The first version of Glue that has it.
    fn since(self) -> (u32, u32) {
        match self {
            Self::G1 | Self::G2 => (2, 0),
            Self::G4 | Self::G8 => (3, 0),
            Self::G12 | Self::G16 | Self::R1 | Self::R2 | Self::R4 | Self::R8 => (4, 0),
        }
    }
}

fn newest() -> String {
    "5.0".to_owned()
}

fn yes() -> bool {
    true
}

fn an_hour() -> u32 {
    60
}

fn one() -> u32 {
    1
}

fn thirty() -> u32 {
    30
}

impl Job {
    /// The name of its role.
    pub fn role_name(&self, block: &str, spec: &Spec) -> String {
        self.role_name.clone().unwrap_or_else(|| format!("{}-job", self.aws_name(block, spec)))
    }

    /// The name of its log group: of those that Glue itself makes none is a job's own.
    pub fn log_group(&self, block: &str, spec: &Spec) -> String {
        format!("/aws-glue/jobs/{}", self.aws_name(block, spec))
    }

    /// The name of the rule that tells of runs that fail.
    pub fn failure_rule(&self, block: &str, spec: &Spec) -> String {
        format!("{}-failures", self.aws_name(block, spec))
    }

    /// After how many minutes a run is told of as slow; none where nobody is told, or there is no time before its end.
    pub fn slow_after(&self) -> Option<u32> {
        let most = (self.timeout_minutes * 9).div_ceil(10);
        (!self.failures_to.is_empty() && most < self.timeout_minutes).then_some(most)
    }

    /// Whether it has a log group of its own: Python shells log to one that all jobs of the account share.
    pub fn has_log_group(&self) -> bool {
        self.engine == Engine::Spark
    }

    /// The longest time between two starts by its schedule; absent where none starts it every day.
    pub fn longest_pause(&self) -> Option<Duration> {
        let schedule = self.schedule.as_ref().filter(|_| self.enabled)?;
        Some(Duration::from_mins(expression::longest(schedule)?.into()))
    }

    /// Its files besides the script: the part of the block that the first of each kind is, Glue's argument for them, and they.
    pub fn extra_files(&self) -> [(&'static str, &'static str, &'static str, &Vec<String>); 3] {
        [
            ("python_files", "python-file", "--extra-py-files", &self.python_files),
            ("files", "file", "--extra-files", &self.files),
            ("jars", "jar", "--extra-jars", &self.jars),
        ]
    }

    /// The file of a path, without its folders.
    pub fn file_name(path: &str) -> &str {
        path.rsplit('/').next().unwrap_or(path)
    }
}

impl Block for Job {
    const KIND: &'static str = "job";
    const METRICS: Metrics = Metrics::Of(Source {
        metrics: sources::JOB,
        usual: Usual::None("a run that fails has no metric: let `failures_to` of the job tell of it"),
    });
    const USES: Uses = Uses::For(&[Access::Start]);
    const EXTERNAL: Externals = Externals::Never("what starts another team's job is theirs to say");

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        let role = if self.role_name.is_some() { "role_name" } else { "name" };
        let log = self.has_log_group().then(|| Name::new(&names::LOG_GROUP, self.log_group(block, spec), "name"));
        let own = [
            Name::new(&names::JOB, self.aws_name(block, spec), "name"),
            Name::new(&names::ROLE, self.role_name(block, spec), role),
        ];
        let told = || Name::new(&names::RULE, self.failure_rule(block, spec), "name");
        let told = (!self.failures_to.is_empty()).then(told);
        own.into_iter().chain(log).chain(told).collect()
    }

    fn check(&self, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        check::all(self, block, spec, checks);
    }
}
