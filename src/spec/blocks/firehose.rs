//! `[firehose.<name>]`: a Firehose delivery stream to a bucket.

mod backup;
mod convert;
mod partitioning;
mod prefixes;
mod source;
mod transform;
mod watching;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bucket::Bucket;
use super::stream::Stream;
use crate::spec::arn::Arn;
use crate::spec::check::{Block, Checks};
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::{Metrics, Source, Usual, sources};
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::{Access, Uses};
use crate::spec::{Ref, Spec, Traffic, kms, logs};

pub use backup::Backup;
pub use convert::{Columns, Convert, To};
pub use partitioning::DynamicPartitioning;
pub use transform::{LogEvents, Split, Transform};

/// A Firehose delivery stream: reads a stream, or takes what producers put into it, and writes that to a bucket, in batches.
/// With it come a role that may do just that, and a log group for its errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Firehose {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 1–64 letters, digits, `_`, `.` and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// The stream that it reads; absent: producers put records straight into it (AWS's Direct PUT). Another one, or none,
    /// replaces the delivery stream.
    #[serde(default)]
    pub source: Option<Ref<Stream>>,
    /// Whether AWS encrypts what producers have put until it is delivered. Only without a `source`: with one, it is the
    /// stream that keeps and encrypts records. Objects are encrypted by their bucket, or with `kms_key`.
    #[serde(default = "yes")]
    pub encrypted: bool,
    /// KMS key (id or ARN, no alias) for that; absent: a key of Firehose's own. Whoever applies has to be allowed
    /// `kms:CreateGrant` with it; producers need no permission for it.
    #[serde(default)]
    pub buffer_key: Option<String>,
    /// What producers put, on average: what `pipectl cost` and the plan reckon with. Only without a `source`.
    #[serde(default)]
    pub expect: Option<Traffic>,
    /// The bucket that it writes to.
    pub destination: Ref<Bucket>,
    /// What the keys of objects begin with; may hold expressions such as `!{timestamp:yyyy/MM/dd/HH}`. Without any,
    /// Firehose appends the date and hour.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub prefix: String,
    /// What the keys of undeliverable records begin with; required where `prefix` holds expressions, and then
    /// holding `!{firehose:error-output-type}` if it holds any itself.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub error_prefix: Option<String>,
    /// When a batch is written: whichever comes first, size or time.
    #[serde(default)]
    pub buffering: Buffering,
    /// How objects are compressed.
    #[serde(default)]
    pub compression: Compression,
    /// Extension of the keys, with its dot; absent: Firehose's own (`.gz` …).
    #[serde(default)]
    #[schemars(length(max = 128), regex(pattern = r"^\.[0-9a-z!\-_.*'()]+$"))]
    pub file_extension: Option<String>,
    /// Time zone of the timestamps in keys: `Europe/Berlin`.
    #[serde(default = "utc")]
    #[schemars(length(max = 50), regex(pattern = "^[a-zA-Z/_]+$"))]
    pub time_zone: String,
    /// Whether every record ends with a line feed, so that objects hold one JSON document per line.
    #[serde(default = "yes")]
    pub newline: bool,
    /// Takes records apart that hold several, before anything else is done to them: `{}` into JSON documents,
    /// `{ delimiter = "####" }` at a text. At most 500 out of one. Only with `dynamic_partitioning`.
    #[serde(default)]
    pub split: Option<Split>,
    /// What is made of log events that CloudWatch Logs sends here. What cannot be unpacked goes to `error_prefix`.
    #[serde(default)]
    pub log_events: Option<LogEvents>,
    /// Gives records to a function before they are written, and writes what it gives back.
    #[serde(default)]
    pub transform: Option<Transform>,
    /// Sorts records into prefixes by what stands in them. Switching it on or off replaces the delivery stream.
    #[serde(default)]
    pub dynamic_partitioning: Option<DynamicPartitioning>,
    /// Converts records, JSON documents, to a format of columns before they are written.
    #[serde(default)]
    pub convert: Option<Convert>,
    /// Copies every record besides, as it came. AWS switches that on and changes it, and never switches it off: without it
    /// the delivery stream is replaced.
    #[serde(default)]
    pub backup: Option<Backup>,
    /// KMS key (id, ARN or alias) that encrypts objects; absent: the bucket's default.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// ARN of a role of one's own that it works as, and that pipectl leaves alone; absent: pipectl makes one that may do
    /// just what it takes.
    #[serde(default)]
    pub role: Option<String>,
    /// Name of its role; absent: that of the delivery stream with `-firehose`. 1–64 letters, digits and `_+=,.@-`.
    #[serde(default)]
    pub role_name: Option<String>,
    /// What becomes of the errors of delivery.
    #[serde(default)]
    pub logging: Logging,
    /// Name of its log group; absent: that of the delivery stream under `/aws/kinesisfirehose/`.
    #[serde(default)]
    pub log_group: Option<String>,
    /// Name of the log stream in it.
    #[serde(default = "log_stream")]
    #[schemars(length(min = 1, max = 512), regex(pattern = r"^[^:*?$]+$"))]
    pub log_stream: String,
    /// Days that logged errors are kept: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827,
    /// 2192, 2557, 2922, 3288 or 3653.
    #[serde(default = "thirty")]
    pub log_retention_days: u32,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

/// When a batch is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Buffering {
    /// As soon as this much has come together, in MiB; at least 64 with dynamic partitioning.
    #[schemars(range(min = 1, max = 128))]
    pub size_mib: u32,
    /// After this many seconds at the latest.
    #[schemars(range(min = 0, max = 900))]
    pub interval_seconds: u32,
}

impl Default for Buffering {
    fn default() -> Self {
        Self { size_mib: 5, interval_seconds: 300 }
    }
}

/// What becomes of the errors of delivery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Logging {
    /// They go to a log group and a log stream that pipectl makes.
    #[default]
    Managed,
    /// They go to a log group and a log stream of one's own, which pipectl leaves alone.
    External,
    /// Nothing.
    Off,
}

/// How objects are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// GZIP.
    Gzip,
    /// ZIP.
    Zip,
    /// Snappy.
    Snappy,
    /// Snappy as Hadoop frames it.
    HadoopSnappy,
}

/// The name that AWS's own console gives the log stream, and looks for.
fn log_stream() -> String {
    "DestinationDelivery".to_owned()
}

fn utc() -> String {
    "UTC".to_owned()
}

fn yes() -> bool {
    true
}

fn thirty() -> u32 {
    30
}

impl Firehose {
    /// Whether records can be put on it: AWS refuses that of one that reads a stream.
    pub fn takes_records(&self) -> bool {
        self.source.is_none()
    }

    /// The name of its role.
    pub fn role_name(&self, block: &str, spec: &Spec) -> String {
        self.role_name.clone().unwrap_or_else(|| format!("{}-firehose", self.aws_name(block, spec)))
    }

    /// The name of its log group; by default where AWS's own console looks for it.
    pub fn log_group(&self, block: &str, spec: &Spec) -> String {
        self.log_group.clone().unwrap_or_else(|| format!("/aws/kinesisfirehose/{}", self.aws_name(block, spec)))
    }

    fn check_role(&self, spec: &Spec, checks: &mut Checks<'_>) {
        let Some(text) = &self.role else { return };
        let is_role =
            |arn: &Arn<'_>| arn.service == "iam" && !arn.account.is_empty() && arn.resource.starts_with("role/");
        if !Arn::parse(text).as_ref().is_some_and(is_role) {
            checks
                .error("role", format!("`{text}` is not the ARN of a role"))
                .help("write `arn:aws:iam::<account>:role/<name>`; `role_name` names the role that pipectl makes");
        } else if let Some(elsewhere) = Arn::parse(text).and_then(|arn| arn.elsewhere(&spec.env.region)) {
            checks.error("role", format!("the role {elsewhere}"));
        } else if self.role_name.is_some() {
            checks.error("role_name", "this names the role that pipectl makes, and with `role` it makes none");
        }
    }
}

impl Block for Firehose {
    const KIND: &'static str = "firehose";
    const METRICS: Metrics =
        Metrics::Of(Source { metrics: sources::FIREHOSE, usual: Usual::Expression(&watching::NOTHING_DELIVERED) });
    const USES: Uses = Uses::For(&[Access::Put]);
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "firehose",
        prefix: "deliverystream/",
        suffix: "",
        within: Within::Region,
        name: &names::DELIVERY_STREAM,
        keyed: false,
    });

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        let field = |given: &Option<String>, own| if given.is_some() { own } else { "name" };
        let mut names = vec![Name::new(&names::DELIVERY_STREAM, self.aws_name(block, spec), "name")];
        if self.role.is_none() {
            names.push(Name::new(&names::ROLE, self.role_name(block, spec), field(&self.role_name, "role_name")));
        }
        if self.logging == Logging::Managed {
            names.push(Name::new(&names::LOG_GROUP, self.log_group(block, spec), field(&self.log_group, "log_group")));
        }
        names
    }

    fn check(&self, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        self.check_source(spec, checks);
        self.check_prefixes(checks);
        self.check_time_zone(checks);
        self.check_readers(spec, checks);
        self.check_processing(block, spec, checks);
        self.check_partitioning(checks);
        self.check_backup(spec, checks);
        convert::check(self, spec, checks);
        self.check_role(spec, checks);
        if self.log_group(block, spec).starts_with("aws/") {
            checks.error("log_group", "names of log groups that begin with `aws/` are AWS's own");
        }
        logs::check_retention(self.log_retention_days, checks);
        kms::check("kms_key", self.kms_key.as_ref(), spec, checks);
        tags::check(&self.tags, spec, checks);
    }
}
