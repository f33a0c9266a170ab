//! Firehose delivery streams to S3, from a Kinesis stream or from producers.

pub(crate) mod backup;
pub(crate) mod conversion;
mod loss;

use crate::catalog::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Bound, Names, Nothing};
use crate::model::access::Rules;
use crate::model::account::Quota;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeMap;

use self::backup::Backup;
use self::conversion::Conversion;

/// A Firehose delivery stream that reads a Kinesis stream, or that producers put into, and writes to S3.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–64 of `[a-zA-Z0-9_.-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// The stream that it reads, and the role it reads with; absent: producers put into it.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) source: Option<Source>,
    /// Whether what producers have put is encrypted until it is delivered. One that reads a stream has nothing of its own to
    /// encrypt.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) encrypted: bool,
    /// ARN of the KMS key for that; absent: a key of Firehose's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) buffer_key: Option<String>,
    /// ARN of the role that it writes with.
    pub(crate) role_arn: String,
    /// ARN of the bucket that it writes to.
    pub(crate) bucket_arn: String,
    /// Key prefix, expressions (`!{timestamp:…}`) unresolved; empty: AWS's own date prefix.
    #[serde(default)]
    pub(crate) prefix: String,
    /// Key prefix of what could not be delivered.
    #[serde(default)]
    pub(crate) error_prefix: String,
    /// Buffer size in MiB; 1–128.
    pub(crate) buffer_mib: u32,
    /// Buffer time in seconds; 0–900.
    pub(crate) buffer_seconds: u32,
    /// `UNCOMPRESSED`, `GZIP`, `ZIP`, `Snappy` or `HADOOP_SNAPPY`.
    pub(crate) compression: String,
    /// Extension of the keys, with its dot; empty: Firehose's own.
    #[serde(default)]
    pub(crate) file_extension: String,
    /// Time zone of the timestamps in keys.
    #[serde(default = "utc")]
    pub(crate) time_zone: String,
    /// ARN of the KMS key that objects are encrypted with; absent: the bucket's default.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Where delivery errors are logged; absent: nowhere.
    #[serde(default)]
    pub(crate) logging: Option<Logging>,
    /// What happens to records on the way, in this order.
    #[serde(default, deserialize_with = "processors")]
    pub(crate) processors: Vec<Processor>,
    /// Partitioning by content; can be neither switched on nor off later.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default)]
    pub(crate) dynamic_partitioning: Option<DynamicPartitioning>,
    /// What records are converted to, and by which table of Glue's; absent: they are written as they come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) conversion: Option<Conversion>,
    /// Where every record goes besides, as it came. AWS never switches it off: to take it away replaces the delivery stream.
    #[schemars(extend("x-one-way" = true))]
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "backup::either")]
    pub(crate) backup: Option<Backup>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// The stream that it reads, and the role it reads with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    /// ARN of the Kinesis stream.
    pub(crate) stream_arn: String,
    /// ARN of the role.
    pub(crate) role_arn: String,
}

/// Where delivery errors are logged; both must exist.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Logging {
    /// Name of the log group.
    pub(crate) group: String,
    /// Name of the log stream.
    pub(crate) stream: String,
}

/// A step of processing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Processor {
    /// `AppendDelimiterToRecord`, `MetadataExtraction`, `RecordDeAggregation`, `Lambda` …
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// Its parameters that differ from AWS's defaults, by name.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, String>,
}

/// Partitioning by content.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DynamicPartitioning {
    /// How long delivery is tried again, in seconds; 0–7200.
    pub(crate) retry_seconds: u32,
}

pub(crate) fn utc() -> String {
    "UTC".to_owned()
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the delivery stream.
    pub(crate) arn: String,
    /// `ACTIVE`, `CREATING` …
    pub(crate) status: String,
}

/// Firehose delivery streams to S3.
pub(crate) struct DeliveryStream;

/// What the conformance tests drive, with a role, a bucket, a stream and a log stream for it to stand on.
pub(crate) const EXAMPLES: &str = include_str!("examples.toml");

pub(crate) const DELIVERY_STREAM: On = On::Arns(&["arn:{partition}:firehose:{region}:{account}:deliverystream/{name}"]);

/// What changes where and how it delivers.
const DESTINATION: &[&str] = &["firehose:UpdateDestination"];
/// What changes how its buffer is encrypted.
const ENCRYPTION: &[&str] = &["firehose:StartDeliveryStreamEncryption", "firehose:StopDeliveryStreamEncryption"];

impl ResourceType for DeliveryStream {
    const KIND: &'static str = "firehose_delivery_stream";
    const AWS_TYPE: &'static str = "AWS::KinesisFirehose::DeliveryStream";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["firehose:DescribeDeliveryStream", "firehose:ListTagsForDeliveryStream"], DELIVERY_STREAM),
        Grant::apply(
            &[
                "firehose:CreateDeliveryStream",
                "firehose:DeleteDeliveryStream",
                "firehose:StartDeliveryStreamEncryption",
                "firehose:StopDeliveryStreamEncryption",
                "firehose:TagDeliveryStream",
                "firehose:UntagDeliveryStream",
                "firehose:UpdateDestination",
            ],
            DELIVERY_STREAM,
        ),
        // What Firehose does with the key, it does by a grant that the caller makes.
        Grant::apply(&["kms:CreateGrant", "kms:DescribeKey"], On::Key("buffer_key")),
        // `verify` puts events into one that reads no stream.
        Grant::operate(&["firehose:PutRecordBatch"], DELIVERY_STREAM),
        Grant::apply(
            &["iam:PassRole"],
            On::Arns(&["{role_arn}", "{source.role_arn}", "{conversion.role_arn}", "{backup.role_arn}"]),
        )
        .only_if("iam:PassedToService", "firehose.amazonaws.com"),
        Grant::operate(&["cloudwatch:GetMetricData"], On::All),
        Grant::operate(&["kms:Decrypt"], On::Key("kms_key")).only_if("kms:ViaService", "s3.{region}.{domain}"),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["firehose:CreateDeliveryStream"],
        delete: &["firehose:DeleteDeliveryStream"],
        update: &[
            Update::new("encrypted", ENCRYPTION),
            Update::new("buffer_key", ENCRYPTION),
            Update::new("role_arn", DESTINATION).saying("roleARN"),
            Update::new("bucket_arn", DESTINATION).saying("bucketARN"),
            Update::new("prefix", DESTINATION).saying("prefix"),
            Update::new("error_prefix", DESTINATION).saying("errorOutputPrefix"),
            Update::new("buffer_mib", DESTINATION).saying("sizeInMBs"),
            Update::new("buffer_seconds", DESTINATION).saying("intervalInSeconds"),
            Update::new("compression", DESTINATION).saying("compressionFormat"),
            Update::new("file_extension", DESTINATION).saying("fileExtension"),
            Update::new("time_zone", DESTINATION).saying("customTimeZone"),
            Update::new("kms_key", DESTINATION).saying("encryptionConfiguration"),
            Update::new("logging", DESTINATION).saying("cloudWatchLoggingOptions"),
            Update::new("processors", DESTINATION).saying("processingConfiguration"),
            Update::new("conversion", DESTINATION).saying("dataFormatConversionConfiguration"),
            Update::new("backup", DESTINATION).saying("s3BackupMode"),
            Update::new("tags", &["firehose:TagDeliveryStream", "firehose:UntagDeliveryStream"]),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[
            (Names, &["role_arn", "conversion.role_arn", "backup.role_arn"]),
            (Bound("key"), &["kms_key", "buffer_key", "backup.kms_key"]),
            (
                Nothing,
                &[
                    "name",
                    "source",
                    "encrypted",
                    "bucket_arn",
                    "prefix",
                    "error_prefix",
                    "buffer_mib",
                    "buffer_seconds",
                    "compression",
                    "file_extension",
                    "time_zone",
                    "logging",
                    "processors",
                    "dynamic_partitioning",
                    "conversion",
                    "backup",
                    "tags",
                ],
            ),
        ],
    };
    const PRICE: Price = Price::Reckoned;
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::In { namespace: "AWS/Firehose", dimension: "DeliveryStreamName" };
    const EXAMPLES: &'static str = EXAMPLES;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(spec: &Spec) -> AtRest {
        match (&spec.source, spec.encrypted, &spec.buffer_key) {
            (Some(_), ..) => AtRest::Nothing("its stream and its bucket keep the data"),
            (None, false, _) => AtRest::Plain { field: "encrypted" },
            (None, true, None) => AtRest::ByService { field: "buffer_key" },
            (None, true, Some(_)) => AtRest::ByKms,
        }
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::Of(Quota::DeliveryStreams, 1)
    }

    fn align(now: &mut Spec, want: &Spec) {
        for (live, spelt) in now.processors.iter_mut().zip(&want.processors) {
            // Reading drops a processor's role where it is the destination's, which is AWS's default.
            if spelt.parameters.get("RoleArn") == Some(&now.role_arn) {
                live.parameters.entry("RoleArn".to_owned()).or_insert_with(|| now.role_arn.clone());
            }
        }
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        loss::warnings(now, want)
    }
}

/// The default values of a Lambda processor's parameters (ProcessorParameter's documentation); AWS adds them to what
/// it returns, or leaves them out, so nobody compares them.
const LAMBDA_DEFAULTS: [(&str, &str); 3] =
    [("NumberOfRetries", "3"), ("BufferIntervalInSeconds", "60"), ("BufferSizeInMBs", "1")];

/// AWS's buffer, where nobody said otherwise: MiB and seconds.
pub(crate) const DEFAULT_BUFFER: (i32, i32) = (5, 300);

impl Processor {
    /// Without the parameters that are AWS's defaults.
    pub(crate) fn canonical(mut self) -> Self {
        if self.kind == "Lambda" {
            self.parameters.retain(|name, value| !LAMBDA_DEFAULTS.contains(&(name.as_str(), value.as_str())));
        }
        self
    }
}

/// For serde: processors in canonical form.
fn processors<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Processor>, D::Error> {
    Ok(Vec::<Processor>::deserialize(deserializer)?.into_iter().map(Processor::canonical).collect())
}
