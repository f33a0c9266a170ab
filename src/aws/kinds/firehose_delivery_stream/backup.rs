//! The copy of every record as it came, in Firehose's types, and back.

use aws_sdk_firehose::error::BuildError;
use aws_sdk_firehose::types::{
    BufferingHints, EncryptionConfiguration, ExtendedS3DestinationDescription, S3BackupMode,
    S3DestinationConfiguration, S3DestinationUpdate,
};

use super::s3::{encryption, live_logging, logging};
use crate::catalog::firehose_delivery_stream::DEFAULT_BUFFER;
use crate::catalog::firehose_delivery_stream::backup::Backup;

/// The backup that is switched on; of one that AWS does not describe nothing is known but that it is.
pub(super) fn live(s3: &ExtendedS3DestinationDescription) -> Option<Backup> {
    if s3.s3_backup_mode() != Some(&S3BackupMode::Enabled) {
        return None;
    }
    let Some(to) = s3.s3_backup_description() else { return Some(Backup::default()) };
    let (mib, seconds) = DEFAULT_BUFFER;
    let buffer = to.buffering_hints();
    let buffer_mib = buffer.and_then(BufferingHints::size_in_mbs).unwrap_or(mib);
    let buffer_seconds = buffer.and_then(BufferingHints::interval_in_seconds).unwrap_or(seconds);
    let kms = to.encryption_configuration().and_then(EncryptionConfiguration::kms_encryption_config);
    Some(Backup {
        role_arn: to.role_arn.clone(),
        bucket_arn: to.bucket_arn.clone(),
        prefix: to.prefix.clone().unwrap_or_default(),
        error_prefix: to.error_output_prefix.clone().unwrap_or_default(),
        buffer_mib: buffer_mib.cast_unsigned(),
        buffer_seconds: buffer_seconds.cast_unsigned(),
        compression: to.compression_format.to_string(),
        kms_key: kms.map(|kms| kms.awskms_key_arn.clone()),
        logging: to.cloud_watch_logging_options().and_then(live_logging),
    })
}

/// As a change of it says everything, with its off value where it is off.
pub(super) fn update(backup: &Backup) -> Result<S3DestinationUpdate, BuildError> {
    let (mib, seconds) = (backup.buffer_mib.cast_signed(), backup.buffer_seconds.cast_signed());
    Ok(S3DestinationUpdate::builder()
        .role_arn(&backup.role_arn)
        .bucket_arn(&backup.bucket_arn)
        .prefix(&backup.prefix)
        .error_output_prefix(&backup.error_prefix)
        .buffering_hints(BufferingHints::builder().size_in_mbs(mib).interval_in_seconds(seconds).build())
        .compression_format(backup.compression.as_str().into())
        .encryption_configuration(encryption(backup.kms_key.as_deref())?)
        .cloud_watch_logging_options(logging(backup.logging.as_ref()))
        .build())
}

/// As a delivery stream is born with it.
pub(super) fn configuration(update: S3DestinationUpdate) -> Result<S3DestinationConfiguration, BuildError> {
    S3DestinationConfiguration::builder()
        .set_role_arn(update.role_arn)
        .set_bucket_arn(update.bucket_arn)
        .set_prefix(update.prefix)
        .set_error_output_prefix(update.error_output_prefix)
        .set_buffering_hints(update.buffering_hints)
        .set_compression_format(update.compression_format)
        .set_encryption_configuration(update.encryption_configuration)
        .set_cloud_watch_logging_options(update.cloud_watch_logging_options)
        .build()
}
