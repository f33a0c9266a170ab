//! Firehose delivery streams from a Kinesis stream to S3.

use serde_json::{Value, json};

use super::{Mapping, Stays, Subject, filled, items, named_by, pairs, tag_list};
use crate::export::Target;
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Fields, Term, block, blocks, fields};

const ONLY_READ: &str = "no spec sets it: what an apply leaves has none";

pub(super) const MAPPING: Mapping = Mapping {
    kind: "firehose_delivery_stream",
    arn: Some(arn),
    terraform_type: "aws_kinesis_firehose_delivery_stream",
    terraform_keys: &[("aws_kinesis_firehose_delivery_stream", |it| named_by(it, "name"))],
    terraform: |it| {
        let source = &it["source"];
        let delivery = fields([
            ("name", it["name"].clone().into()),
            ("destination", json!("extended_s3").into()),
            (
                "kinesis_source_configuration",
                block([
                    ("kinesis_stream_arn", source["stream_arn"].clone().into()),
                    ("role_arn", source["role_arn"].clone().into()),
                ]),
            ),
            ("extended_s3_configuration", Term::Blocks(vec![destination_fields(it)])),
            ("tags", it["tags"].clone().into()),
        ]);
        Ok(vec![terraform::Part::new("aws_kinesis_firehose_delivery_stream", &arn(it), delivery)])
    },
    get_att: Some("Arn"),
    cloudformation: |it| {
        let source = &it["source"];
        let delivery = properties([
            ("DeliveryStreamName", it["name"].clone()),
            ("DeliveryStreamType", json!("KinesisStreamAsSource")),
            (
                "KinesisStreamSourceConfiguration",
                json!({ "KinesisStreamARN": source["stream_arn"], "RoleARN": source["role_arn"] }),
            ),
            ("ExtendedS3DestinationConfiguration", destination_properties(it)),
            ("Tags", tag_list(&it["tags"])),
        ]);
        let identifier = [("DeliveryStreamName", it.name())];
        Ok(vec![cloudformation::Part::new("AWS::KinesisFirehose::DeliveryStream", identifier, delivery)])
    },
    stays: &[
        Stays { attribute: "conversion", target: Target::Terraform, reason: ONLY_READ },
        Stays { attribute: "conversion", target: Target::CloudFormation, reason: ONLY_READ },
        Stays { attribute: "backup", target: Target::Terraform, reason: ONLY_READ },
        Stays { attribute: "backup", target: Target::CloudFormation, reason: ONLY_READ },
    ],
};

fn arn(it: &Subject<'_>) -> String {
    it.estate.scope.arn("firehose", &format!("deliverystream/{}", it.name()))
}

/// The body of `extended_s3_configuration`.
fn destination_fields(it: &Subject<'_>) -> Fields {
    let logging = &it["logging"];
    let logging = logging.is_object().then(|| {
        fields([
            ("enabled", json!(true).into()),
            ("log_group_name", Term::named("logs_group", super::text(&logging["group"]))),
            ("log_stream_name", logging["stream"].clone().into()),
        ])
    });
    let partitioning = &it["dynamic_partitioning"];
    let partitioning = partitioning.is_object().then(|| {
        fields([("enabled", json!(true).into()), ("retry_duration", partitioning["retry_seconds"].clone().into())])
    });
    fields([
        ("bucket_arn", it["bucket_arn"].clone().into()),
        ("role_arn", it["role_arn"].clone().into()),
        ("prefix", filled(&it["prefix"]).into()),
        ("error_output_prefix", filled(&it["error_prefix"]).into()),
        ("buffering_size", it["buffer_mib"].clone().into()),
        ("buffering_interval", it["buffer_seconds"].clone().into()),
        ("compression_format", it["compression"].clone().into()),
        ("file_extension", filled(&it["file_extension"]).into()),
        ("custom_time_zone", it["time_zone"].clone().into()),
        ("kms_key_arn", it["kms_key"].clone().into()),
        ("cloudwatch_logging_options", Term::Blocks(logging.into_iter().collect())),
        ("processing_configuration", processing_block(&it["processors"])),
        ("dynamic_partitioning_configuration", Term::Blocks(partitioning.into_iter().collect())),
    ])
}

fn processing_block(processors: &Value) -> Term {
    if filled(processors).is_null() {
        return Term::none();
    }
    let processors = items(processors).map(|processor| {
        let parameters = super::entries(&processor["parameters"]).map(|(name, value)| {
            fields([("parameter_name", json!(name).into()), ("parameter_value", value.clone().into())])
        });
        fields([("type", processor["type"].clone().into()), ("parameters", blocks(parameters))])
    });
    block([("enabled", json!(true).into()), ("processors", blocks(processors))])
}

/// The `ExtendedS3DestinationConfiguration`.
fn destination_properties(it: &Subject<'_>) -> Value {
    let logging = &it["logging"];
    let logging = logging
        .is_object()
        .then(|| json!({ "Enabled": true, "LogGroupName": logging["group"], "LogStreamName": logging["stream"] }));
    let partitioning = &it["dynamic_partitioning"];
    let partitioning = partitioning
        .is_object()
        .then(|| json!({ "Enabled": true, "RetryOptions": { "DurationInSeconds": partitioning["retry_seconds"] } }));
    let key = it["kms_key"].as_str().map(|key| json!({ "KMSEncryptionConfig": { "AWSKMSKeyARN": key } }));
    properties([
        ("BucketARN", it["bucket_arn"].clone()),
        ("RoleARN", it["role_arn"].clone()),
        ("Prefix", filled(&it["prefix"])),
        ("ErrorOutputPrefix", filled(&it["error_prefix"])),
        ("BufferingHints", json!({ "SizeInMBs": it["buffer_mib"], "IntervalInSeconds": it["buffer_seconds"] })),
        ("CompressionFormat", it["compression"].clone()),
        ("FileExtension", filled(&it["file_extension"])),
        ("CustomTimeZone", it["time_zone"].clone()),
        ("EncryptionConfiguration", json!(key)),
        ("CloudWatchLoggingOptions", json!(logging)),
        ("ProcessingConfiguration", processing_properties(&it["processors"])),
        ("DynamicPartitioningConfiguration", json!(partitioning)),
    ])
}

fn processing_properties(processors: &Value) -> Value {
    if filled(processors).is_null() {
        return Value::Null;
    }
    let processors = items(processors).map(|processor| {
        let parameters = pairs(&processor["parameters"], "ParameterName", "ParameterValue");
        properties([("Type", processor["type"].clone()), ("Parameters", parameters)])
    });
    json!({ "Enabled": true, "Processors": processors.collect::<Vec<_>>() })
}
