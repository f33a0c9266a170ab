//! What a bucket that is delivered to and one of copies have in common, in Firehose's types, and back.

use aws_sdk_firehose::error::BuildError;
use aws_sdk_firehose::types::{
    CloudWatchLoggingOptions, EncryptionConfiguration, KmsEncryptionConfig, NoEncryptionConfig,
};

use crate::catalog::firehose_delivery_stream::Logging;

pub(super) fn live_logging(logging: &CloudWatchLoggingOptions) -> Option<Logging> {
    (logging.enabled == Some(true)).then(|| Logging {
        group: logging.log_group_name.clone().unwrap_or_default(),
        stream: logging.log_stream_name.clone().unwrap_or_default(),
    })
}

pub(super) fn encryption(key: Option<&str>) -> Result<EncryptionConfiguration, BuildError> {
    let encryption = EncryptionConfiguration::builder();
    Ok(match key {
        Some(key) => encryption.kms_encryption_config(KmsEncryptionConfig::builder().awskms_key_arn(key).build()?),
        None => encryption.no_encryption_config(NoEncryptionConfig::NoEncryption),
    }
    .build())
}

pub(super) fn logging(logging: Option<&Logging>) -> CloudWatchLoggingOptions {
    let options = CloudWatchLoggingOptions::builder().enabled(logging.is_some());
    match logging {
        Some(logging) => options.log_group_name(&logging.group).log_stream_name(&logging.stream).build(),
        None => options.build(),
    }
}
