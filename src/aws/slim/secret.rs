//! Secrets that are sent, and those that AWS tells: nothing prints them.

use std::fmt;

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use bytes::Bytes;
use http_body_util::Full;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A member of a request that holds a secret.
#[derive(Clone, Copy)]
pub(crate) struct Sealed<'a>(pub(crate) &'a SecretString);

impl Serialize for Sealed<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.0.expose_secret())
    }
}

impl fmt::Debug for Sealed<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a secret")
    }
}

/// For `deserialize_with`: a member of a reply that holds a secret.
pub(crate) fn secret<'de, D: Deserializer<'de>>(from: D) -> Result<Option<SecretString>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.map(SecretString::from))
}

/// Keeps the body of a request out of the SDK's trace, which prints what is about to be sent: a body that is still to be read
/// shows nothing of itself. The request is signed by then, and another attempt begins with the body as it was.
#[derive(Debug)]
pub(super) struct Unprinted;

impl Intercept for Unprinted {
    fn name(&self) -> &'static str {
        "a secret is not printed"
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _parts: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let body = context.request_mut().body_mut();
        if let Some(bytes) = body.bytes().map(Bytes::copy_from_slice) {
            *body = SdkBody::from_body_1_x(Full::new(bytes));
        }
        Ok(())
    }
}
