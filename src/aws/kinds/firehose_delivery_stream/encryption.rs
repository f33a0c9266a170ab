//! How what producers have put is encrypted until it is delivered.
//!
//! Switching it on and off takes its time at AWS, and together no more than 25 calls a day for each delivery stream.

use aws_sdk_firehose::Client;
use aws_sdk_firehose::types::{
    DeliveryStreamDescription, DeliveryStreamEncryptionConfiguration as Live,
    DeliveryStreamEncryptionConfigurationInput as Input, DeliveryStreamEncryptionStatus as Status, KeyType,
};

use super::calls::{LIMIT, active, reason};
use crate::aws::error::{failed, unbuildable};
use crate::aws::{Result, wait};
use crate::catalog::firehose_delivery_stream::Spec;
use crate::model::error::{CallError, Class};

const CALL: &str = "firehose StartDeliveryStreamEncryption";

/// Whether it is encrypted, and by which key of a customer's. What is being switched on counts as on; what could not be switched
/// on counts as off, so that the next apply tries again.
pub(super) fn live(stream: &DeliveryStreamDescription) -> (bool, Option<String>) {
    let Some(live) = stream.delivery_stream_encryption_configuration() else { return (false, None) };
    let on = matches!(live.status, Some(Status::Enabled | Status::Enabling | Status::DisablingFailed));
    let key = live.key_arn.clone().filter(|_| on && live.key_type == Some(KeyType::CustomerManagedCmk));
    (on, key)
}

/// What Firehose is asked for; nothing where nothing is to be encrypted.
pub(super) fn configuration(want: &Spec) -> Result<Option<Input>> {
    let input = match &want.buffer_key {
        _ if !want.encrypted => return Ok(None),
        Some(key) => Input::builder().key_type(KeyType::CustomerManagedCmk).key_arn(key),
        None => Input::builder().key_type(KeyType::AwsOwnedCmk),
    };
    input.build().map(Some).map_err(unbuildable(CALL))
}

/// Switches it on, off, or over to another key, and waits until it is so.
pub(super) async fn set(client: &Client, want: &Spec) -> Result<()> {
    // Firehose takes neither call before it is ACTIVE.
    active(client, &want.name).await?;
    if let Some(input) = configuration(want)? {
        let call = client.start_delivery_stream_encryption().delivery_stream_name(&want.name);
        let call = call.delivery_stream_encryption_configuration_input(input).send();
        call.await.map_err(failed(CALL))?;
    } else {
        let call = client.stop_delivery_stream_encryption().delivery_stream_name(&want.name).send();
        call.await.map_err(failed("firehose StopDeliveryStreamEncryption"))?;
    }
    done(client, want).await
}

async fn done(client: &Client, want: &Spec) -> Result<()> {
    let what = format!("the encryption of firehose delivery stream {} to change", want.name);
    let look = || async {
        let stream = active(client, &want.name).await?;
        let live = stream.delivery_stream_encryption_configuration();
        match live.and_then(Live::status) {
            Some(Status::Enabling | Status::Disabling) => Ok(None),
            Some(status @ (Status::EnablingFailed | Status::DisablingFailed)) => {
                let why = live.and_then(Live::failure_description).map(reason).unwrap_or_default();
                Err(CallError::own(Class::Stuck, &what, format!("it is {status}{why}")))
            }
            _ => Ok(Some(())),
        }
    };
    wait::until(&what, LIMIT, look).await
}
