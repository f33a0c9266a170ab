//! `[function.<name>]`: a Lambda function, what it reads, and what it may use.

mod asynchronous;
mod code;
mod dependencies;
mod environment;
mod image;
mod layers;
mod logging;
mod reads;
mod runtime;
mod source;
mod vpc;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::files::entry::{self, Fault};
use crate::files::project::{Links, NoPath, Project};
use crate::spec::check::{Block, Checks};
use crate::spec::expect::Calls;
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::{self, Expression, Metrics, Of, Usual, sources};
use crate::spec::names::{self, Name};
use crate::spec::statement::{self, Statement};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::{Access, Use, Uses};
use crate::spec::{Spec, kms, logs, managed, variable};
pub use asynchronous::{Asynchronous, Bus, Destination, Receiver};
pub use code::{Code, CodeObject};
pub use image::ImageConfig;
pub use logging::{LogFormat, LogLevel, SystemLogLevel};
pub use source::{FilterOn, Readable, Source, StartingPosition, Told};
pub use vpc::Vpc;

/// A Lambda function: code that runs on events. With it come a role that may do what `source` and `uses` say and write its
/// log, and nothing else, and a log group.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Function {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 1–64 letters, digits, `_` and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 256))]
    pub description: String,
    /// The folder with its code, seen from the project's own; all of it is zipped, but for `__pycache__` and what begins
    /// with a dot. It is uploaded when, and only when, a file in it has changed. Or one file of the project: a `.zip` as it is, any
    /// other by itself. Or a zip file in S3: `{ bucket = "bucket.code", key = "…", sha256 = "…" }`. Absent: it is an `image`.
    #[serde(default)]
    pub code: Option<Code>,
    /// In place of `code`, a container image in ECR, by its digest: `"….dkr.ecr.….amazonaws.com/clean@sha256:…"`. It says itself what
    /// is run: there is no `runtime`, no `handler` and no layer.
    #[serde(default)]
    #[schemars(
        length(max = 1024),
        regex(
            pattern = "^[0-9]{12}[.]dkr[.]ecr[.][a-z0-9-]+[.]amazonaws[.]com([.]cn)?/[a-z0-9][a-z0-9._/-]*@sha256:[0-9a-f]{64}$"
        )
    )]
    pub image: Option<String>,
    /// What overrides the settings of the `image`.
    #[serde(default)]
    pub image_config: Option<ImageConfig>,
    /// A command that makes the code from the folder, as the program and its arguments: `["pip", "install", "-q", "-r",
    /// "requirements.txt", "-t", "."]`. It runs in a copy of the folder, what is in the copy then is the code, and it runs
    /// again only when a file or the command has changed. Absent: the folder is the code.
    #[serde(default)]
    pub build: Vec<String>,
    /// The names of environment variables that `build` gets, besides `PATH` and those of the language: `["HOME"]`,
    /// `["HTTPS_PROXY", "PIP_INDEX_URL"]`. Without `HOME` its home is an empty folder. No credentials of AWS, tokens of CI or
    /// values of secrets. Another value of a variable is no reason to run it again.
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true))]
    pub build_env: Vec<String>,
    /// What runs it: `python3.13`, `nodejs22.x`, `provided.al2023` … One that AWS has retired is warned of, one that it makes no
    /// functions with any more refused.
    #[serde(default)]
    #[schemars(regex(pattern = "^[a-z]+[a-z0-9.-]*$"))]
    pub runtime: Option<String>,
    /// What is called in it: `app.handler` is `handler` in `app.py`. The file has to be there.
    #[serde(default)]
    #[schemars(length(min = 1, max = 128), regex(pattern = r"^\S+$"))]
    pub handler: Option<String>,
    /// ARNs of versions of layers, of the function's region; of files with one name that of the last counts.
    #[serde(default)]
    #[schemars(
        length(max = 5),
        inner(regex(pattern = "^arn:[a-z-]+:lambda:[a-z0-9-]+:[0-9]{12}:layer:[A-Za-z0-9_-]+:[0-9]+$")),
        extend("uniqueItems" = true)
    )]
    pub layers: Vec<String>,
    /// Memory in MB; processor time comes in proportion. More than 10,240 MB is warned of.
    #[serde(default = "memory")]
    #[schemars(range(min = 128, max = 32_768))]
    pub memory_mb: u32,
    /// MB that it has in `/tmp`; more than 512 cost.
    #[serde(default = "usual_storage")]
    #[schemars(range(min = 512, max = 10_240))]
    pub ephemeral_storage_mb: u32,
    /// The longest that one call may take, in seconds. More than 900 s is warned of.
    #[serde(default = "a_minute")]
    #[schemars(range(min = 1, max = 5400))]
    pub timeout_seconds: u32,
    /// Environment variables; together at most 4 KB. `${table.sessions.name}` is the name of a block in AWS.
    #[serde(default)]
    pub environment: BTreeMap<String, String>,
    /// Customer's KMS key (id or ARN) that encrypts the environment variables; absent: AWS's own.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// What it reads or is told of, and how.
    #[serde(default)]
    pub source: Option<Source>,
    /// What becomes of events that reach it asynchronously, as those of topics, buckets and schedules do; absent: a failed one is
    /// tried twice more within six hours, and lost then.
    #[serde(default)]
    pub asynchronous: Option<Asynchronous>,
    /// More of them, where it has several: `[[function.NAME.sources]]`. No two are the same block.
    #[serde(default)]
    pub sources: Vec<Source>,
    /// What it may use besides, each as `"kind.name:access"`: `"table.sessions:write"`, `"table.sessions:read"`,
    /// `"stream.clicks:read"`, `"stream.clicks:write"`, `"firehose.clicks:put"`, `"queue.orders:send"`, `"queue.orders:receive"`,
    /// `"topic.alerts:publish"`, `"secret.weather:read"`, `"dataset.clicks:read"`, `"athena.lake:query"`, `"bucket.raw:read"`,
    /// `"bucket.raw:write"`; of a bucket also what lies below a prefix alone: `"bucket.raw/clicks/:read"`. Also
    /// `"table.sessions:query"`, `"dataset.clicks:write"`, `"function.clean:invoke"`, `"job.nightly:start"`,
    /// `"workflow.lake:start"`, `"crawler.raw:start"`, `"key.data:encrypt"`, `"key.data:decrypt"`, `"key.data:use"` for both,
    /// and `"role.partner:assume"`.
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true))]
    pub uses: Vec<Use>,
    /// What its role may do besides, which no `uses` says: `[[function.NAME.allow]]`, each with `actions` and `resources`.
    #[serde(default)]
    pub allow: Vec<Statement>,
    /// ARNs of managed policies that its role has besides: `"arn:${partition}:iam::aws:policy/AWSXRayDaemonWriteAccess"`. What they
    /// allow is their owner's to say, and may become more: `uses` and `allow` say what is needed.
    #[serde(default)]
    #[schemars(length(max = 20), extend("uniqueItems" = true))]
    pub policies: Vec<String>,
    /// The processors that it runs on.
    #[serde(default)]
    pub architecture: Architecture,
    /// Whether X-Ray follows its calls.
    #[serde(default = "yes")]
    pub tracing: bool,
    /// Calls at a time that are kept for it, and the most that it gets; 0 stops it. Absent: whatever the account has left.
    #[serde(default)]
    #[schemars(range(min = 0, max = 100_000))]
    pub reserved_concurrency: Option<u32>,
    /// The VPC that it reaches; absent: the internet alone. What it calls has to be reachable from the subnets, AWS's services
    /// too: by a NAT gateway, or by endpoints.
    #[serde(default)]
    pub vpc: Option<Vpc>,
    /// Name of its role; absent: that of the function with `-function`. 1–64 letters, digits and `_+=,.@-`.
    #[serde(default)]
    pub role_name: Option<String>,
    /// Days that its log is kept: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
    /// 2922, 3288 or 3653.
    #[serde(default = "thirty")]
    pub log_retention_days: u32,
    /// The calls that are expected, on average: what `pipectl cost` and the plan reckon with.
    #[serde(default)]
    pub expect: Option<Calls>,
    /// Whether it logs text or JSON.
    #[serde(default)]
    pub log_format: LogFormat,
    /// From what level on its log in JSON has what the code logs; absent: `"info"`.
    #[serde(default)]
    pub log_level: Option<LogLevel>,
    /// From what level on its log in JSON has what Lambda logs; absent: `"info"`.
    #[serde(default)]
    pub system_log_level: Option<SystemLogLevel>,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

/// The processors that a function runs on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Architecture {
    /// Intel's and AMD's.
    #[default]
    #[serde(rename = "x86_64")]
    X86,
    /// AWS's own, which cost a fifth less.
    #[serde(rename = "arm64")]
    Arm,
}

fn memory() -> u32 {
    256
}

fn a_minute() -> u32 {
    60
}

fn usual_storage() -> u32 {
    512
}

fn yes() -> bool {
    true
}

fn thirty() -> u32 {
    30
}

/// The most memory of a function, in MB, and its longest call, in seconds, on what every account has.
const USUAL_MEMORY: u32 = 10_240;
const USUAL_TIMEOUT: u32 = 900;

impl Function {
    /// The name of its role.
    pub fn role_name(&self, block: &str, spec: &Spec) -> String {
        self.role_name.clone().unwrap_or_else(|| format!("{}-function", self.aws_name(block, spec)))
    }

    /// The name of its log group: the one that Lambda itself would make, and never give a retention.
    pub fn log_group(&self, block: &str, spec: &Spec) -> String {
        format!("/aws/lambda/{}", self.aws_name(block, spec))
    }

    /// The folder or file of the project that is its code.
    pub fn files(&self) -> Option<&str> {
        match &self.code {
            Some(Code::Files(path)) => Some(path),
            Some(Code::Object(_)) | None => None,
        }
    }

    /// What runs it; nothing of an image.
    pub fn runtime(&self) -> &str {
        self.runtime.as_deref().unwrap_or_default()
    }

    /// What is called in it; nothing of an image.
    pub fn handler(&self) -> &str {
        self.handler.as_deref().unwrap_or_default()
    }

    /// Lambda's API names keys by their ARNs: an alias that leads to another key later would be no change that anybody sees.
    fn check_key(&self, spec: &Spec, checks: &mut Checks<'_>) {
        kms::check("kms_key", self.kms_key.as_ref(), spec, checks);
        if self
            .kms_key
            .as_deref()
            .is_some_and(|key| matches!(kms::Key::of(key), kms::Key::Alias(_) | kms::Key::AwsManaged))
        {
            checks
                .error("kms_key", "Lambda names the key of an environment by its ARN, and not by an alias")
                .help("write `${key.NAME.arn}`, or the id of a customer's key; leave it out for AWS's own");
        }
    }

    /// All that it reads or is told of.
    pub fn reads(&self) -> impl Iterator<Item = &Source> {
        self.source.iter().chain(&self.sources)
    }

    fn check_expected(&self, checks: &mut Checks<'_>) {
        let longest = f64::from(self.timeout_seconds) * 1000.0;
        if self.expect.is_some_and(|calls| calls.duration_ms > longest) {
            let message = format!("a call ends after {} s: `timeout_seconds`", self.timeout_seconds);
            checks.warning("expect.duration_ms", message);
        }
    }

    /// AWS's API takes more than its guide and CloudFormation say: what is beyond them runs on managed instances only.
    fn check_size(&self, checks: &mut Checks<'_>) {
        let sizes = [
            ("memory_mb", self.memory_mb, USUAL_MEMORY, "MB of memory"),
            ("timeout_seconds", self.timeout_seconds, USUAL_TIMEOUT, "s"),
        ];
        for (field, value, usual, of) in sizes.into_iter().filter(|(_, value, usual, _)| value > usual) {
            checks
                .warning(field, format!("a function gets {value} {of} on Lambda's managed instances only"))
                .help(format!("AWS refuses it elsewhere: write {usual} or less"));
        }
    }

    /// Looks for what the handler says in the code, where that is not made by a command first.
    fn check_entry(&self, checks: &mut Checks<'_>) {
        let Some(files) = self.files() else { return };
        let inside = Project::at(checks.root()).map_err(NoPath::from);
        let Ok(folder) = inside.and_then(|project| project.inside(files, Links::Refused)) else { return };
        let folder = folder.as_path();
        if !self.build.is_empty() || !folder.is_dir() {
            return;
        }
        // What is certain is an error where the code is needed: no destroy asks for it.
        let doubt = entry::fault(folder, self.runtime(), self.handler()).filter(|fault| !fault.certain);
        if let Some(Fault { message, help, .. }) = doubt {
            checks.warning("handler", message).help(help);
        }
    }
}

/// Why a build does not get a variable.
fn withheld(name: &str, spec: &Spec) -> Option<String> {
    let secrets = spec.blocks.secret.own().iter();
    let secret = secrets.filter(|(block, secret)| secret.variable(block) == name).map(|(block, _)| block).next();
    match (variable::credential(name), secret) {
        (Some(whose), _) => Some(format!("`{name}` is not given to a build: it is a credential of {whose}")),
        (None, Some(block)) => {
            Some(format!("`{name}` is not given to a build: it holds the value of `secret.{block}`"))
        }
        (None, None) if !variable::is_name(name) => Some(format!("`{name}` is no name of an environment variable")),
        (None, None) => None,
    }
}

/// Both metrics are emitted for every call, the errors also as 0.
const FAILING: Expression = Expression {
    expression: "100 * errors / calls",
    metrics: [("calls", Of::Watched, "Invocations"), ("errors", Of::Watched, "Errors")],
    threshold: 5.0,
    periods: 3,
    datapoints: 3,
    period: |_, _| 300,
    meaning: "More than 5 % of the calls of {} fail",
};

impl Block for Function {
    const KIND: &'static str = "function";
    const METRICS: Metrics =
        Metrics::Of(metrics::Source { metrics: sources::FUNCTION, usual: Usual::Expression(&FAILING) });
    const USES: Uses = Uses::For(&[Access::Invoke]);
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "lambda",
        prefix: "function:",
        suffix: "",
        within: Within::Region,
        name: &names::FUNCTION,
        keyed: false,
    });

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        let role = if self.role_name.is_some() { "role_name" } else { "name" };
        vec![
            Name::new(&names::FUNCTION, self.aws_name(block, spec), "name"),
            Name::new(&names::ROLE, self.role_name(block, spec), role),
            Name::new(&names::LOG_GROUP, self.log_group(block, spec), "name"),
        ]
    }

    fn check(&self, name: &str, spec: &Spec, checks: &mut Checks<'_>) {
        environment::check(&self.environment, checks);
        code::check(self, name, &spec.env.region, checks);
        layers::check(&self.layers, &spec.env.region, checks);
        logging::check(self, checks);
        self.check_key(spec, checks);
        for (i, variable) in self.build_env.iter().enumerate() {
            if let Some(why) = withheld(variable, spec) {
                checks
                    .error(&format!("build_env.{i}"), why)
                    .help("the code of the project is built without credentials");
            }
        }
        if self.build.is_empty() && !self.build_env.is_empty() {
            checks.error("build_env", "there is no `build` that could get these");
        }
        self.check_entry(checks);
        if let Some(folder) = self.files() {
            dependencies::check(folder, self.runtime(), checks);
        }
        self.check_size(checks);
        if let Some(vpc) = &self.vpc {
            vpc.check(checks);
        }
        self.check_expected(checks);
        for (i, used) in self.uses.iter().enumerate() {
            used.check(&format!("uses.{i}"), checks);
            if (used.kind.as_str(), used.name.as_str()) == (Self::KIND, name) {
                checks
                    .warning(&format!("uses.{i}"), "it may call itself, and Lambda does not stop such a loop")
                    .help("see to it that it ends, or keep it small by `reserved_concurrency`");
            }
        }
        statement::check("allow", &self.allow, &spec.env.region, checks);
        managed::check("policies", &self.policies, spec, checks);
        if let Some(asynchronous) = &self.asynchronous {
            asynchronous.check(name, spec, checks);
        }
        self.check_sources(name, spec, checks);
        if let Some(name) = &self.runtime {
            runtime::check(name, OffsetDateTime::now_utc().date(), checks);
        }
        logs::check_retention(self.log_retention_days, checks);
        tags::check(&self.tags, spec, checks);
    }
}
