//! `[firehose.<name>]`: a Firehose delivery stream from a stream to a bucket.

mod convert;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bucket::Bucket;
use super::snowpipe::Snowpipe;
use super::stream::Stream;
use crate::spec::arn::Arn;
use crate::spec::check::{Block, Checks};
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::{Expression, Metrics, Of, Source, Usual, sources};
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::Uses;
use crate::spec::{Ref, Spec, jq, kms, logs, prefix};

pub use convert::{Columns, Convert, To};

/// A Firehose delivery stream: reads a stream and writes what it reads to a bucket, in batches. With it come a role
/// that may do just that, and a log group for its errors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Firehose {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 1–64 letters, digits, `_`, `.` and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// The stream that it reads.
    pub source: Ref<Stream>,
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
    /// Sorts records into prefixes by what stands in them. Switching it on or off replaces the delivery stream.
    #[serde(default)]
    pub dynamic_partitioning: Option<DynamicPartitioning>,
    /// Converts records, JSON documents, to a format of columns before they are written.
    #[serde(default)]
    pub convert: Option<Convert>,
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

/// Sorts records into prefixes by what stands in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DynamicPartitioning {
    /// The keys, each with the jq expression that takes it out of a record: `customer = ".customer_id"`. A prefix
    /// names them as `!{partitionKeyFromQuery:customer}`.
    #[schemars(extend("minProperties" = 1))]
    pub keys: BTreeMap<String, String>,
    /// How long delivery is tried again, in seconds.
    #[serde(default = "five_minutes")]
    #[schemars(range(min = 0, max = 7200))]
    pub retry_seconds: u32,
}

/// The name that AWS's own console gives the log stream, and looks for.
fn log_stream() -> String {
    "DestinationDelivery".to_owned()
}

/// The longest query that Firehose takes, in characters.
const QUERY: usize = 5120;

fn utc() -> String {
    "UTC".to_owned()
}

fn yes() -> bool {
    true
}

fn thirty() -> u32 {
    30
}

fn five_minutes() -> u32 {
    300
}

impl Firehose {
    /// Whether records can be put on it: AWS refuses that of one that reads a stream.
    pub fn takes_records(&self) -> bool {
        self.source.kind() != Stream::KIND
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

    fn check_prefixes(&self, checks: &mut Checks<'_>) {
        let expressions = prefix::check("prefix", &self.prefix, checks);
        if expressions.iter().any(prefix::Expression::is_error_type) {
            checks.error("prefix", "`!{firehose:error-output-type}` belongs in `error_prefix`");
        }
        if expressions.is_empty() && !self.prefix.is_empty() && !self.prefix.ends_with('/') {
            checks
                .warning("prefix", "Firehose appends the date right behind this prefix")
                .help(format!("write `{}/` for a folder", self.prefix));
        }
        let Some(error_prefix) = &self.error_prefix else {
            if !expressions.is_empty() {
                checks
                    .error("prefix", "a `prefix` with expressions needs an `error_prefix`")
                    .help("write `error_prefix = \"errors/!{firehose:error-output-type}/\"`");
            }
            return;
        };
        let of_errors = prefix::check("error_prefix", error_prefix, checks);
        if !of_errors.is_empty() && !of_errors.iter().any(prefix::Expression::is_error_type) {
            checks
                .error("error_prefix", "an `error_prefix` with expressions must hold `!{firehose:error-output-type}`");
        }
        if of_errors.iter().any(|expression| expression.namespace.starts_with("partitionKey")) {
            checks.error("error_prefix", "partition keys cannot be used in `error_prefix`");
        }
    }

    fn check_time_zone(&self, checks: &mut Checks<'_>) {
        if let Err(near) = prefix::zone::check(&self.time_zone) {
            let help = near.map_or_else(
                || "write its name in the IANA's database: `Europe/Berlin`".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            checks.error("time_zone", format!("there is no time zone `{}`", self.time_zone)).help(help);
        }
    }

    /// What Snowpipe cannot unpack, it does not load.
    fn check_readers(&self, spec: &Spec, checks: &mut Checks<'_>) {
        let (word, instead) = match self.compression {
            Compression::None | Compression::Gzip => return,
            Compression::Zip => ("zip", "gzip"),
            Compression::Snappy => ("snappy", "gzip"),
            Compression::HadoopSnappy => ("hadoop-snappy", "gzip"),
        };
        let written = prefix::literal(&self.prefix);
        let loads = |pipe: &Snowpipe| {
            pipe.bucket == self.destination && (written.starts_with(&pipe.prefix) || pipe.prefix.starts_with(written))
        };
        for (name, _) in spec.blocks.snowpipe.own().iter().filter(|(_, pipe)| loads(pipe)) {
            checks
                .error(
                    "compression",
                    format!("`snowpipe.{name}` loads these objects, and Snowflake reads no `{word}` of JSON"),
                )
                .help(format!("write `compression = \"{instead}\"`"));
        }
    }

    fn check_partitioning(&self, checks: &mut Checks<'_>) {
        let expressions = prefix::expressions(&self.prefix).unwrap_or_default();
        let used = |namespace| expressions.iter().filter(move |e| e.namespace == namespace).map(|e| e.value);
        if used("partitionKeyFromLambda").next().is_some() {
            checks.error("prefix", "there is no Lambda function that could give partition keys");
        }
        let Some(partitioning) = &self.dynamic_partitioning else {
            if used("partitionKeyFromQuery").next().is_some() {
                checks
                    .error("prefix", "partition keys can only be used with `dynamic_partitioning`")
                    .help("write `dynamic_partitioning = { keys = { customer = \".customer_id\" } }`");
            }
            return;
        };
        if self.buffering.size_mib < 64 {
            let size = self.buffering.size_mib;
            checks
                .error("buffering.size_mib", format!("a buffer of {size} MiB is too small for dynamic partitioning"))
                .help("AWS asks for 64 to 128 MiB");
        }
        let query = jq::object(&partitioning.keys).chars().count();
        if query > QUERY {
            checks.error(
                "dynamic_partitioning.keys",
                format!("together these make a query of {query} characters; Firehose takes {QUERY}"),
            );
        }
        for key in used("partitionKeyFromQuery").filter(|key| !partitioning.keys.contains_key(*key)) {
            checks.error("prefix", format!("there is no partition key `{key}` in `dynamic_partitioning.keys`"));
        }
        for (key, query) in &partitioning.keys {
            check_key(key, query, checks);
            if !used("partitionKeyFromQuery").any(|used| used == key) {
                checks
                    .error(
                        &format!("dynamic_partitioning.keys.{key}"),
                        format!("`prefix` does not use the key `{key}`"),
                    )
                    .help(format!("put `!{{partitionKeyFromQuery:{key}}}` into `prefix`, or take the key out"));
            }
        }
    }
}

/// Checks a partition key and the jq expression that takes it out of a record.
fn check_key(key: &str, query: &str, checks: &mut Checks<'_>) {
    let path = format!("dynamic_partitioning.keys.{key}");
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_';
    if !key.starts_with(starts) || !key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        checks.error(&path, "a partition key is a letter or `_`, followed by letters, digits and `_`");
    }
    if let Some(jq::Fault { reason, at }) = jq::fault(query) {
        checks
            .error(&path, format!("jq 1.6, which Firehose runs, does not compile this at its character {at}: {reason}"))
            .help("write a jq expression that takes a value out of a record: `.customer_id // \"none\"`");
    } else if jq::is_constant(query) {
        checks
            .warning(&path, format!("`{query}` is the same for every record"))
            .help("a field of the record begins with a dot: `.customer_id`");
    }
}

/// 1 in a period in which records arrived and none was delivered. `FILL`, because neither metric is emitted while it would
/// be 0.
const NOTHING_DELIVERED: Expression = Expression {
    expression: "IF(FILL(arriving, 0) > 0 AND FILL(delivered, 0) == 0, 1, 0)",
    metrics: [("arriving", Of::Source, "IncomingRecords"), ("delivered", Of::Watched, "DeliveryToS3.Records")],
    threshold: 0.0,
    periods: 3,
    datapoints: 3,
    // One that works delivers at least once in its buffer's interval.
    period: |name, spec| {
        let interval = spec.blocks.firehose.own().get(name).map_or(0, |firehose| firehose.buffering.interval_seconds);
        interval.div_ceil(60).max(5) * 60
    },
    meaning: "Records arrive, and {} delivers none of them",
};

impl Block for Firehose {
    const KIND: &'static str = "firehose";
    const METRICS: Metrics =
        Metrics::Of(Source { metrics: sources::FIREHOSE, usual: Usual::Expression(&NOTHING_DELIVERED) });
    const USES: Uses = Uses::None("it reads a stream: a function writes to that");
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
        self.check_prefixes(checks);
        self.check_time_zone(checks);
        self.check_readers(spec, checks);
        self.check_partitioning(checks);
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
