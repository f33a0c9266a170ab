//! `[stream.<name>]`: a Kinesis data stream.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::firehose::Firehose;
use crate::spec::check::{Block, Checks};
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::{Metrics, Source, Usual, sources};
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::traffic::{self, Carrier, Traffic};
use crate::spec::uses::{Access, Uses};
use crate::spec::{Spec, kms};

/// A Kinesis data stream: where producers put their events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stream {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 1–128 letters, digits, `_`, `.` and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// Who decides on the number of shards.
    #[serde(default)]
    pub mode: Mode,
    /// Open shards, each for 1 MiB or 1,000 records a second; only in provisioned mode, where it is required.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000))]
    pub shards: Option<u32>,
    /// How long a record stays readable, in hours.
    #[serde(default = "one_day")]
    #[schemars(range(min = 24, max = 8760))]
    pub retention_hours: u32,
    /// Whether records are encrypted at rest.
    #[serde(default = "yes")]
    pub encrypted: bool,
    /// KMS key (id, ARN or alias) that encrypts them; absent: AWS's own, `alias/aws/kinesis`.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// Metrics kept for every single shard; AWS charges for each.
    #[serde(default)]
    pub shard_metrics: BTreeSet<ShardMetric>,
    /// Largest record, in KiB. Firehose takes records of at most 1,000 KiB, whatever is set here.
    #[serde(default = "one_mib")]
    #[schemars(range(min = 1024, max = 10_240))]
    pub max_record_kib: u32,
    /// The traffic that is expected, on average: what `pipectl cost` and the plan reckon with. A warning says where it is
    /// more than the stream takes.
    #[serde(default)]
    pub expect: Option<Traffic>,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

/// Who decides on the number of shards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// The user, by `shards`.
    #[default]
    Provisioned,
    /// AWS, by the traffic; starts at 4 MB/s.
    OnDemand,
}

/// A metric kept for every single shard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[expect(missing_docs, reason = "Kinesis's names")]
pub enum ShardMetric {
    IncomingBytes,
    IncomingRecords,
    IteratorAgeMilliseconds,
    OutgoingBytes,
    OutgoingRecords,
    ReadProvisionedThroughputExceeded,
    WriteProvisionedThroughputExceeded,
}

fn one_day() -> u32 {
    24
}

fn one_mib() -> u32 {
    1024
}

fn yes() -> bool {
    true
}

impl Stream {
    /// The KMS key that encrypts its records, if they are encrypted.
    pub fn key(&self) -> Option<&str> {
        self.encrypted.then(|| self.kms_key.as_deref().unwrap_or("alias/aws/kinesis"))
    }
}

impl Block for Stream {
    const KIND: &'static str = "stream";
    const METRICS: Metrics = Metrics::Of(Source {
        metrics: sources::STREAM,
        usual: Usual::Metric(|_, _| "GetRecords.IteratorAgeMilliseconds"),
    });
    const USES: Uses = Uses::For(&[Access::Read, Access::Write]);
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "kinesis",
        prefix: "stream/",
        suffix: "",
        within: Within::Region,
        name: &names::STREAM,
        keyed: true,
    });

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        vec![Name::new(&names::STREAM, self.aws_name(block, spec), "name")]
    }

    fn check(&self, name: &str, spec: &Spec, checks: &mut Checks<'_>) {
        match (self.mode, self.shards) {
            (Mode::Provisioned, None) => {
                checks
                    .error("shards", "a provisioned stream needs `shards`")
                    .help("write `shards = 1`, or `mode = \"on-demand\"`");
            }
            (Mode::OnDemand, Some(_)) => {
                checks
                    .error("shards", "an on-demand stream takes no `shards`: AWS decides on them")
                    .help("take `shards` out, or write `mode = \"provisioned\"`");
            }
            _ => {}
        }
        if !self.encrypted && self.kms_key.is_some() {
            checks.error("kms_key", "the stream is not encrypted, so it takes no key").help("take `encrypted` out");
        }
        if let Some(traffic) = self.expect {
            let reads = |firehose: &Firehose| firehose.source.as_ref().is_some_and(|source| source.name() == name);
            let readers = spec.blocks.firehose.own().values().map(|firehose| u32::from(reads(firehose))).sum();
            let carrier = Carrier { shards: self.shards, max_record_kib: self.max_record_kib, readers };
            traffic::check(traffic, carrier, checks);
        }
        kms::check("kms_key", self.kms_key.as_ref(), spec, checks);
        tags::check(&self.tags, spec, checks);
    }
}
