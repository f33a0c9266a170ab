//! Firehose delivery streams to S3.

use serde_json::{Value, json};

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by, pairs, tag_list};
use crate::catalog::Type;
use crate::catalog::firehose_delivery_stream::backup::Backup;
use crate::catalog::firehose_delivery_stream::conversion::Conversion;
use crate::catalog::firehose_delivery_stream::{DeliveryStream, DynamicPartitioning, Logging, Processor, Source, Spec};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Fields, Term, block, blocks, fields};
use crate::model::scope::Scope;

impl Exported for DeliveryStream {
    const TERRAFORM_TYPE: &'static str = "aws_kinesis_firehose_delivery_stream";
    const TERRAFORM_KEYS: &'static [TerraformKeys] =
        &[("aws_kinesis_firehose_delivery_stream", |it| named_by(it, "name"))];
    const GET_ATT: Option<&'static str> = Some("Arn");
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(arn(scope, spec))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let delivery = delivery_fields(it.spec);
        let arn = arn(&it.estate.scope, it.spec);
        Ok(vec![terraform::Part::new("aws_kinesis_firehose_delivery_stream", &arn, delivery)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let identifier = [("DeliveryStreamName", it.spec.name.as_str())];
        let delivery = delivery_properties(it.spec);
        Ok(vec![cloudformation::Part::new("AWS::KinesisFirehose::DeliveryStream", identifier, delivery)])
    }
}

fn arn(scope: &Scope, spec: &Spec) -> String {
    scope.arn("firehose", &format!("deliverystream/{}", spec.name))
}

fn delivery_fields(spec: &Spec) -> Fields {
    let Spec {
        name,
        source,
        encrypted,
        buffer_key,
        role_arn,
        bucket_arn,
        prefix,
        error_prefix,
        buffer_mib,
        buffer_seconds,
        compression,
        file_extension,
        time_zone,
        kms_key,
        logging,
        processors,
        dynamic_partitioning,
        conversion,
        backup,
        tags,
    } = spec;
    let mut destination = fields([
        ("bucket_arn", bucket_arn.into()),
        ("role_arn", role_arn.into()),
        ("prefix", filled(prefix).into()),
        ("error_output_prefix", filled(error_prefix).into()),
        ("buffering_size", buffer_mib.into()),
        ("buffering_interval", buffer_seconds.into()),
        ("compression_format", compression.into()),
        ("file_extension", filled(file_extension).into()),
        ("custom_time_zone", time_zone.into()),
        ("kms_key_arn", kms_key.into()),
        ("cloudwatch_logging_options", Term::Blocks(logging.iter().map(logging_block).collect())),
        ("processing_configuration", processing_block(processors)),
        (
            "dynamic_partitioning_configuration",
            Term::Blocks(dynamic_partitioning.iter().map(partitioning_block).collect()),
        ),
    ]);
    // Not even as nothing where there is none: plans that were saved before there were conversions say nothing of them.
    let conversion = conversion.iter().map(|conversion| Term::Blocks(vec![conversion_block(conversion)]));
    destination.extend(conversion.map(|conversion| ("data_format_conversion_configuration", conversion)));
    if let Some(backup) = backup {
        destination.push(("s3_backup_mode", "Enabled".into()));
        destination.push(("s3_backup_configuration", Term::Blocks(vec![backup_block(backup)])));
    }
    let source = source.as_ref().map(|Source { stream_arn, role_arn }| {
        block([("kinesis_stream_arn", stream_arn.into()), ("role_arn", role_arn.into())])
    });
    let encryption = encrypted.then(|| {
        let key_type = if buffer_key.is_some() { "CUSTOMER_MANAGED_CMK" } else { "AWS_OWNED_CMK" };
        block([("enabled", true.into()), ("key_type", key_type.into()), ("key_arn", buffer_key.into())])
    });
    let mut delivery = fields([("name", name.into()), ("destination", "extended_s3".into())]);
    delivery.extend(source.map(|source| ("kinesis_source_configuration", source)));
    delivery.extend(encryption.map(|encryption| ("server_side_encryption", encryption)));
    delivery.extend(fields([("extended_s3_configuration", Term::Blocks(vec![destination])), ("tags", tags.into())]));
    delivery
}

fn backup_block(backup: &Backup) -> Fields {
    let Backup {
        role_arn,
        bucket_arn,
        prefix,
        error_prefix,
        buffer_mib,
        buffer_seconds,
        compression,
        kms_key,
        logging,
    } = backup;
    fields([
        ("bucket_arn", bucket_arn.into()),
        ("role_arn", role_arn.into()),
        ("prefix", filled(prefix).into()),
        ("error_output_prefix", filled(error_prefix).into()),
        ("buffering_size", buffer_mib.into()),
        ("buffering_interval", buffer_seconds.into()),
        ("compression_format", compression.into()),
        ("kms_key_arn", kms_key.into()),
        ("cloudwatch_logging_options", Term::Blocks(logging.iter().map(logging_block).collect())),
    ])
}

fn logging_block(Logging { group, stream }: &Logging) -> Fields {
    fields([
        ("enabled", true.into()),
        ("log_group_name", Term::named(Type::LogGroup, group)),
        ("log_stream_name", stream.into()),
    ])
}

fn partitioning_block(DynamicPartitioning { retry_seconds }: &DynamicPartitioning) -> Fields {
    fields([("enabled", true.into()), ("retry_duration", retry_seconds.into())])
}

fn conversion_block(conversion: &Conversion) -> Fields {
    let Conversion { orc, compression, hive, database, table, version, region, role_arn } = conversion;
    let serde = if *orc { "orc_ser_de" } else { "parquet_ser_de" };
    let reader = if *hive { "hive_json_ser_de" } else { "open_x_json_ser_de" };
    let output =
        block([("serializer", Term::Blocks(vec![vec![(serde, block([("compression", compression.into())]))]]))]);
    let input = block([("deserializer", Term::Blocks(vec![vec![(reader, Term::Blocks(vec![Vec::new()]))]]))]);
    let schema = block([
        ("database_name", Term::named(Type::Database, database)),
        ("table_name", table.into()),
        ("version_id", version.into()),
        ("region", region.into()),
        ("role_arn", role_arn.into()),
    ]);
    fields([
        ("enabled", true.into()),
        ("input_format_configuration", input),
        ("output_format_configuration", output),
        ("schema_configuration", schema),
    ])
}

fn conversion_properties(conversion: &Conversion) -> Value {
    let Conversion { orc, compression, hive, database, table, version, region, role_arn } = conversion;
    let serde = if *orc { "OrcSerDe" } else { "ParquetSerDe" };
    let reader = if *hive { "HiveJsonSerDe" } else { "OpenXJsonSerDe" };
    json!({
        "Enabled": true,
        "InputFormatConfiguration": { "Deserializer": { reader: {} } },
        "OutputFormatConfiguration": { "Serializer": { serde: { "Compression": compression } } },
        "SchemaConfiguration": {
            "DatabaseName": cloudformation::named(Type::Database, database),
            "TableName": table,
            "VersionId": version,
            "Region": region,
            "RoleARN": role_arn,
        },
    })
}

fn processing_block(processors: &[Processor]) -> Term {
    if processors.is_empty() {
        return Term::none();
    }
    let processors = processors.iter().map(|Processor { kind, parameters }| {
        let parameters = parameters
            .iter()
            .map(|(name, value)| fields([("parameter_name", name.into()), ("parameter_value", value.into())]));
        fields([("type", kind.into()), ("parameters", blocks(parameters))])
    });
    block([("enabled", true.into()), ("processors", blocks(processors))])
}

fn delivery_properties(spec: &Spec) -> Value {
    let Spec {
        name,
        source,
        encrypted,
        buffer_key,
        role_arn,
        bucket_arn,
        prefix,
        error_prefix,
        buffer_mib,
        buffer_seconds,
        compression,
        file_extension,
        time_zone,
        kms_key,
        logging,
        processors,
        dynamic_partitioning,
        conversion,
        backup,
        tags,
    } = spec;
    let partitioning = dynamic_partitioning.as_ref().map(|DynamicPartitioning { retry_seconds }| {
        json!({ "Enabled": true, "RetryOptions": { "DurationInSeconds": retry_seconds } })
    });
    let read = source
        .as_ref()
        .map(|Source { stream_arn, role_arn }| json!({ "KinesisStreamARN": stream_arn, "RoleARN": role_arn }));
    let encryption = encrypted.then(|| match buffer_key {
        Some(key) => json!({ "KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": key }),
        None => json!({ "KeyType": "AWS_OWNED_CMK" }),
    });
    let destination = properties([
        ("BucketARN", json!(bucket_arn)),
        ("RoleARN", json!(role_arn)),
        ("Prefix", filled(prefix)),
        ("ErrorOutputPrefix", filled(error_prefix)),
        ("BufferingHints", json!({ "SizeInMBs": buffer_mib, "IntervalInSeconds": buffer_seconds })),
        ("CompressionFormat", json!(compression)),
        ("FileExtension", filled(file_extension)),
        ("CustomTimeZone", json!(time_zone)),
        ("EncryptionConfiguration", key_property(kms_key.as_ref())),
        ("CloudWatchLoggingOptions", logging_property(logging.as_ref())),
        ("ProcessingConfiguration", processing_properties(processors)),
        ("DynamicPartitioningConfiguration", json!(partitioning)),
        ("DataFormatConversionConfiguration", json!(conversion.as_ref().map(conversion_properties))),
        ("S3BackupMode", json!(backup.as_ref().map(|_| "Enabled"))),
        ("S3BackupConfiguration", json!(backup.as_ref().map(backup_properties))),
    ]);
    properties([
        ("DeliveryStreamName", json!(name)),
        ("DeliveryStreamType", json!(if source.is_some() { "KinesisStreamAsSource" } else { "DirectPut" })),
        ("KinesisStreamSourceConfiguration", json!(read)),
        ("DeliveryStreamEncryptionConfigurationInput", json!(encryption)),
        ("ExtendedS3DestinationConfiguration", destination),
        ("Tags", tag_list(tags)),
    ])
}

fn processing_properties(processors: &[Processor]) -> Value {
    if processors.is_empty() {
        return Value::Null;
    }
    let processors = processors.iter().map(|Processor { kind, parameters }| {
        let parameters = pairs(parameters, "ParameterName", "ParameterValue");
        properties([("Type", json!(kind)), ("Parameters", parameters)])
    });
    json!({ "Enabled": true, "Processors": processors.collect::<Vec<_>>() })
}

fn backup_properties(backup: &Backup) -> Value {
    let Backup {
        role_arn,
        bucket_arn,
        prefix,
        error_prefix,
        buffer_mib,
        buffer_seconds,
        compression,
        kms_key,
        logging,
    } = backup;
    properties([
        ("BucketARN", json!(bucket_arn)),
        ("RoleARN", json!(role_arn)),
        ("Prefix", filled(prefix)),
        ("ErrorOutputPrefix", filled(error_prefix)),
        ("BufferingHints", json!({ "SizeInMBs": buffer_mib, "IntervalInSeconds": buffer_seconds })),
        ("CompressionFormat", json!(compression)),
        ("EncryptionConfiguration", key_property(kms_key.as_ref())),
        ("CloudWatchLoggingOptions", logging_property(logging.as_ref())),
    ])
}

fn key_property(key: Option<&String>) -> Value {
    json!(key.map(|key| json!({ "KMSEncryptionConfig": { "AWSKMSKeyARN": key } })))
}

fn logging_property(logging: Option<&Logging>) -> Value {
    let options = |Logging { group, stream }: &Logging| json!({ "Enabled": true, "LogGroupName": group, "LogStreamName": stream });
    json!(logging.map(options))
}
