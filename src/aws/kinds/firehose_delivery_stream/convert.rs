//! A delivery stream's attributes in Firehose's types, and back.

use std::collections::BTreeMap;

use aws_sdk_firehose::error::BuildError;
use aws_sdk_firehose::types::{
    BufferingHints, DeliveryStreamDescription, DeliveryStreamType, DynamicPartitioningConfiguration,
    EncryptionConfiguration, ExtendedS3DestinationConfiguration, ExtendedS3DestinationDescription,
    ExtendedS3DestinationUpdate, KinesisStreamSourceConfiguration, ProcessingConfiguration, Processor as LiveProcessor,
    ProcessorParameter, RetryOptions, S3BackupMode, Tag,
};

use super::s3::{encryption, live_logging, logging};
use super::{backup, conversion, encryption as buffer};
use crate::catalog::firehose_delivery_stream::{DEFAULT_BUFFER, DynamicPartitioning, Processor, Source, Spec, utc};
use crate::model::tags::Tags;
use crate::model::unmodelled::Unmodelled;

/// The spec that the live delivery stream is equal to. One that is no delivery to S3 has nothing to say
/// here beyond its name and tags: whose it is shows, and that it differs.
pub(super) fn spec(stream: &DeliveryStreamDescription, tags: Tags) -> Spec {
    let source = stream.source().and_then(|source| source.kinesis_stream_source_description());
    let (encrypted, buffer_key) = buffer::live(stream);
    let nothing = Spec {
        name: stream.delivery_stream_name.clone(),
        source: (stream.delivery_stream_type != DeliveryStreamType::DirectPut).then(|| Source {
            stream_arn: source.and_then(|source| source.kinesis_stream_arn.clone()).unwrap_or_default(),
            role_arn: source.and_then(|source| source.role_arn.clone()).unwrap_or_default(),
        }),
        encrypted,
        buffer_key,
        role_arn: String::new(),
        bucket_arn: String::new(),
        prefix: String::new(),
        error_prefix: String::new(),
        buffer_mib: 0,
        buffer_seconds: 0,
        compression: String::new(),
        file_extension: String::new(),
        time_zone: utc(),
        kms_key: None,
        logging: None,
        processors: Vec::new(),
        dynamic_partitioning: None,
        conversion: None,
        backup: None,
        tags,
    };
    // Firehose describes the destination a second time, in an older form.
    match stream.destinations().first().and_then(|destination| destination.extended_s3_destination_description()) {
        Some(s3) => with_destination(nothing, s3),
        None => nothing,
    }
}

/// What its description shows besides its attributes.
pub(super) fn unmodelled(stream: &DeliveryStreamDescription) -> Vec<Unmodelled> {
    let s3 = stream.destinations().first().and_then(|destination| destination.extended_s3_destination_description());
    let conversion = s3.and_then(|s3| s3.data_format_conversion_configuration());
    conversion.and_then(conversion::details).into_iter().collect()
}

fn with_destination(spec: Spec, s3: &ExtendedS3DestinationDescription) -> Spec {
    let (mib, seconds) = DEFAULT_BUFFER;
    let buffer = s3.buffering_hints();
    let buffer_mib = buffer.and_then(BufferingHints::size_in_mbs).unwrap_or(mib);
    let buffer_seconds = buffer.and_then(BufferingHints::interval_in_seconds).unwrap_or(seconds);
    let kms = s3.encryption_configuration().and_then(EncryptionConfiguration::kms_encryption_config);
    let processing = s3.processing_configuration().filter(|processing| processing.enabled == Some(true));
    let processors = processing.map(ProcessingConfiguration::processors).unwrap_or_default();
    Spec {
        role_arn: s3.role_arn.clone(),
        bucket_arn: s3.bucket_arn.clone(),
        prefix: s3.prefix.clone().unwrap_or_default(),
        error_prefix: s3.error_output_prefix.clone().unwrap_or_default(),
        buffer_mib: buffer_mib.cast_unsigned(),
        buffer_seconds: buffer_seconds.cast_unsigned(),
        compression: s3.compression_format.to_string(),
        file_extension: s3.file_extension.clone().unwrap_or_default(),
        time_zone: s3.custom_time_zone.clone().filter(|zone| !zone.is_empty()).unwrap_or_else(utc),
        kms_key: kms.map(|kms| kms.awskms_key_arn.clone()),
        logging: s3.cloud_watch_logging_options().and_then(live_logging),
        processors: processors.iter().map(|live| live_processor(live, &s3.role_arn)).collect(),
        dynamic_partitioning: s3.dynamic_partitioning_configuration().and_then(live_partitioning),
        conversion: s3.data_format_conversion_configuration().and_then(conversion::live),
        backup: backup::live(s3),
        ..spec
    }
}

fn live_partitioning(partitioning: &DynamicPartitioningConfiguration) -> Option<DynamicPartitioning> {
    // RetryOptions' documentation: 300 seconds unless given.
    let retry = partitioning.retry_options().and_then(RetryOptions::duration_in_seconds).unwrap_or(300);
    (partitioning.enabled == Some(true)).then(|| DynamicPartitioning { retry_seconds: retry.cast_unsigned() })
}

/// A processor's role is the destination's unless given.
fn live_processor(live: &LiveProcessor, role: &str) -> Processor {
    let parameters = live.parameters().iter().map(|parameter| {
        let ProcessorParameter { parameter_name, parameter_value, .. } = parameter;
        (parameter_name.to_string(), parameter_value.clone())
    });
    let is_default = |(name, value): &(String, String)| name == "RoleArn" && value == role;
    let parameters: BTreeMap<_, _> = parameters.filter(|parameter| !is_default(parameter)).collect();
    Processor { kind: live.r#type.to_string(), parameters }.canonical()
}

/// The change from one to another. A conversion is switched off in the same call: beside one AWS takes no buffer below
/// 64 MiB.
pub(super) fn destination(now: &Spec, want: &Spec) -> Result<ExtendedS3DestinationUpdate, BuildError> {
    let mut update = ExtendedS3DestinationUpdate::try_from(want)?;
    if now.conversion.is_some() && want.conversion.is_none() {
        update.data_format_conversion_configuration = Some(conversion::off());
    }
    Ok(update)
}

/// UpdateDestination keeps what it is not given, so everything is given, with its off value where it is off.
/// But a backup: AWS switches none off, so that one that is not wanted makes for a replacement.
impl TryFrom<&Spec> for ExtendedS3DestinationUpdate {
    type Error = BuildError;

    fn try_from(spec: &Spec) -> Result<Self, BuildError> {
        let (mib, seconds) = (spec.buffer_mib.cast_signed(), spec.buffer_seconds.cast_signed());
        Ok(Self::builder()
            .role_arn(&spec.role_arn)
            .bucket_arn(&spec.bucket_arn)
            .prefix(&spec.prefix)
            .error_output_prefix(&spec.error_prefix)
            .buffering_hints(BufferingHints::builder().size_in_mbs(mib).interval_in_seconds(seconds).build())
            .compression_format(spec.compression.as_str().into())
            .file_extension(&spec.file_extension)
            .custom_time_zone(&spec.time_zone)
            .encryption_configuration(encryption(spec.kms_key.as_deref())?)
            .cloud_watch_logging_options(logging(spec.logging.as_ref()))
            .processing_configuration(processing(&spec.processors)?)
            .set_data_format_conversion_configuration(spec.conversion.as_ref().map(conversion::configuration))
            .set_s3_backup_mode(spec.backup.as_ref().map(|_| S3BackupMode::Enabled))
            .set_s3_backup_update(spec.backup.as_ref().map(backup::update).transpose()?)
            .build())
    }
}

/// What a delivery stream is born with: what it can be updated to, and what cannot be updated.
impl TryFrom<&Spec> for ExtendedS3DestinationConfiguration {
    type Error = BuildError;

    fn try_from(spec: &Spec) -> Result<Self, BuildError> {
        let update = ExtendedS3DestinationUpdate::try_from(spec)?;
        Self::builder()
            .set_role_arn(update.role_arn)
            .set_bucket_arn(update.bucket_arn)
            .set_prefix(update.prefix)
            .set_error_output_prefix(update.error_output_prefix)
            .set_buffering_hints(update.buffering_hints)
            .set_compression_format(update.compression_format)
            .set_file_extension(update.file_extension)
            .set_custom_time_zone(update.custom_time_zone)
            .set_encryption_configuration(update.encryption_configuration)
            .set_cloud_watch_logging_options(update.cloud_watch_logging_options)
            .set_processing_configuration(update.processing_configuration)
            .set_data_format_conversion_configuration(update.data_format_conversion_configuration)
            .set_s3_backup_mode(update.s3_backup_mode)
            .set_s3_backup_configuration(update.s3_backup_update.map(backup::configuration).transpose()?)
            .set_dynamic_partitioning_configuration(spec.dynamic_partitioning.as_ref().map(Into::into))
            .build()
    }
}

impl From<&DynamicPartitioning> for DynamicPartitioningConfiguration {
    fn from(partitioning: &DynamicPartitioning) -> Self {
        let retry = RetryOptions::builder().duration_in_seconds(partitioning.retry_seconds.cast_signed()).build();
        Self::builder().enabled(true).retry_options(retry).build()
    }
}

impl TryFrom<&Source> for KinesisStreamSourceConfiguration {
    type Error = BuildError;

    fn try_from(source: &Source) -> Result<Self, BuildError> {
        Self::builder().kinesis_stream_arn(&source.stream_arn).role_arn(&source.role_arn).build()
    }
}

impl TryFrom<&Processor> for LiveProcessor {
    type Error = BuildError;

    fn try_from(processor: &Processor) -> Result<Self, BuildError> {
        let parameter = |(name, value): (&String, &String)| {
            ProcessorParameter::builder().parameter_name(name.as_str().into()).parameter_value(value).build()
        };
        let parameters = processor.parameters.iter().map(parameter).collect::<Result<_, _>>()?;
        Self::builder().r#type(processor.kind.as_str().into()).set_parameters(Some(parameters)).build()
    }
}

fn processing(processors: &[Processor]) -> Result<ProcessingConfiguration, BuildError> {
    let list = processors.iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
    Ok(ProcessingConfiguration::builder().enabled(!processors.is_empty()).set_processors(Some(list)).build())
}

/// Tags as Firehose takes them; at least one.
pub(super) fn to_tags(tags: &Tags) -> Result<Option<Vec<Tag>>, BuildError> {
    let tag = |(key, value): (&String, &String)| Tag::builder().key(key).value(value).build();
    let tags: Vec<Tag> = tags.iter().map(tag).collect::<Result<_, _>>()?;
    Ok((!tags.is_empty()).then_some(tags))
}

#[cfg(test)]
mod tests {
    use aws_sdk_firehose::types::{
        CompressionFormat, DestinationDescription, NoEncryptionConfig, S3DestinationDescription, S3DestinationUpdate,
    };

    use super::*;

    const ROLE: &str = "arn:aws:iam::123456789012:role/delivery";

    fn plain(more: &str) -> Spec {
        let text = format!(
            r#"name = "clicks"
            source = {{ stream_arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/clicks", role_arn = "{ROLE}" }}
            role_arn = "{ROLE}"
            bucket_arn = "arn:aws:s3:::events"
            buffer_mib = 5
            buffer_seconds = 60
            compression = "UNCOMPRESSED"
            {more}"#
        );
        toml::from_str(&text).unwrap()
    }

    /// What AWS would show of `update`, as far as the destination goes.
    fn shown(update: ExtendedS3DestinationUpdate) -> ExtendedS3DestinationDescription {
        ExtendedS3DestinationDescription::builder()
            .set_role_arn(update.role_arn)
            .set_bucket_arn(update.bucket_arn)
            .set_prefix(update.prefix)
            .set_error_output_prefix(update.error_output_prefix)
            .set_buffering_hints(update.buffering_hints)
            .set_compression_format(update.compression_format)
            .set_file_extension(update.file_extension)
            .set_custom_time_zone(update.custom_time_zone)
            .set_encryption_configuration(update.encryption_configuration)
            .set_cloud_watch_logging_options(update.cloud_watch_logging_options)
            .set_processing_configuration(update.processing_configuration)
            .set_data_format_conversion_configuration(update.data_format_conversion_configuration)
            .set_s3_backup_mode(update.s3_backup_mode)
            .set_s3_backup_description(update.s3_backup_update.map(copies))
            .build()
            .unwrap()
    }

    fn copies(update: S3DestinationUpdate) -> S3DestinationDescription {
        S3DestinationDescription::builder()
            .set_role_arn(update.role_arn)
            .set_bucket_arn(update.bucket_arn)
            .set_prefix(update.prefix)
            .set_error_output_prefix(update.error_output_prefix)
            .set_buffering_hints(update.buffering_hints)
            .set_compression_format(update.compression_format)
            .set_encryption_configuration(update.encryption_configuration)
            .set_cloud_watch_logging_options(update.cloud_watch_logging_options)
            .build()
            .unwrap()
    }

    #[test]
    fn what_is_written_reads_back_equal() {
        let full = plain(
            r#"prefix = "events/"
            error_prefix = "errors/"
            file_extension = ".json"
            time_zone = "Europe/Berlin"
            kms_key = "arn:aws:kms:eu-west-1:123456789012:key/1234"
            logging = { group = "/firehose", stream = "S3" }
            processors = [{ type = "AppendDelimiterToRecord", parameters = { Delimiter = "\\n" } }]
            [backup]
            role_arn = "arn:aws:iam::123456789012:role/copies"
            bucket_arn = "arn:aws:s3:::copies"
            prefix = "raw/"
            error_prefix = "bad/"
            buffer_mib = 7
            buffer_seconds = 120
            compression = "GZIP"
            kms_key = "arn:aws:kms:eu-west-1:123456789012:key/5678"
            logging = { group = "/firehose", stream = "S3" }
            [conversion]
            orc = true
            compression = "ZLIB"
            hive = true
            database = "lake"
            table = "clicks"
            version = "7"
            region = "eu-west-1"
            role_arn = "arn:aws:iam::123456789012:role/reads""#,
        );
        for spec in [plain(""), full] {
            let s3 = shown((&spec).try_into().unwrap());
            let blank = Spec { prefix: String::new(), logging: None, processors: Vec::new(), ..spec.clone() };
            assert_eq!(with_destination(blank, &s3), spec);
        }
    }

    #[test]
    fn an_update_switches_off_what_the_spec_does_not_have() {
        let update = ExtendedS3DestinationUpdate::try_from(&plain("")).unwrap();
        let none = EncryptionConfiguration::builder().no_encryption_config(NoEncryptionConfig::NoEncryption).build();
        assert_eq!(update.encryption_configuration, Some(none));
        assert_eq!(update.cloud_watch_logging_options.unwrap().enabled, Some(false));
        assert_eq!(update.processing_configuration.unwrap().enabled, Some(false));
        assert_eq!((update.prefix.as_deref(), update.file_extension.as_deref()), (Some(""), Some("")));
    }

    #[test]
    fn a_lambda_s_defaults_are_no_difference() {
        let lambda = |parameters: &str| {
            let mut spec = plain(&format!("processors = [{{ type = \"Lambda\", parameters = {{ {parameters} }} }}]"));
            spec.processors.remove(0)
        };
        let short = lambda(r#"LambdaArn = "arn:f", NumberOfRetries = "5""#);
        let long =
            r#"LambdaArn = "arn:f", NumberOfRetries = "5", BufferSizeInMBs = "1", BufferIntervalInSeconds = "60""#;
        assert_eq!(lambda(long), short);
        let mut echoed = short.clone();
        echoed.parameters.insert("BufferSizeInMBs".into(), "1".into());
        echoed.parameters.insert("RoleArn".into(), ROLE.into());
        assert_eq!(live_processor(&(&echoed).try_into().unwrap(), ROLE), short);
    }

    #[test]
    fn another_destination_is_described_and_differs() {
        let other = DestinationDescription::builder().destination_id("destinationId-000000000001").build().unwrap();
        let stream = DeliveryStreamDescription::builder()
            .delivery_stream_name("clicks")
            .delivery_stream_arn("arn:aws:firehose:eu-west-1:123456789012:deliverystream/clicks")
            .delivery_stream_status("ACTIVE".into())
            .delivery_stream_type("DirectPut".into())
            .version_id("1")
            .destinations(other)
            .has_more_destinations(false)
            .build()
            .unwrap();
        let tags = Tags::from([("team".to_owned(), "growth".to_owned())]);
        let spec = spec(&stream, tags.clone());
        assert_eq!((spec.name.as_str(), spec.bucket_arn.as_str(), spec.tags), ("clicks", "", tags));
        assert_ne!(spec.compression, CompressionFormat::Uncompressed.as_str());
    }
}
