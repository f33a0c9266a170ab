//! Calls of services of which pipectl takes no crate of the SDK: a crate is minutes of building for a few operations.
//!
//! The SDK's own orchestrator makes them, with the operation as data. What a client of the SDK does besides (credentials,
//! signature, retries, time-outs, endpoint, user agent) is taken from the same [`SdkConfig`], through the same public parts
//! that generated clients are made of. Lost against a crate are the compiler's word that names on the wire are right, and FIPS
//! and dual-stack endpoints: tests against AWS's own models stand for the first, and the second are refused.

mod ec2_query;
mod endpoint;
mod json;
mod parts;
mod query;
mod secret;
mod tag;
#[cfg(test)]
pub(super) mod tests;

use std::any::Any;
use std::fmt;
use std::marker::PhantomData;

use aws_config::SdkConfig;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::runtime_plugin::{SharedRuntimePlugin, StaticRuntimePlugin};
use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::{Builder, ProvideErrorMetadata};
use aws_types::request_id::apply_request_id;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub(crate) use ec2_query::{Ec2Query, Items};
pub(crate) use json::Json;
pub(crate) use query::{Members, Query};
use secret::Unprinted;
pub(crate) use secret::{Sealed, secret};
pub(crate) use tag::{Tag, pairs, to_tags};

/// What is wrong with a body.
type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// How requests and replies are written. By type, and not by value: a type of a call is compiled for its own protocol alone.
pub(crate) trait Protocol: Send + Sync + 'static {
    /// The type of a request's body.
    const CONTENT_TYPE: &'static str;

    /// The header that says what is asked for, where it is not the body.
    fn target(of: &str, operation: &str) -> Option<String>;

    /// The body of a request.
    fn body<C: Call>(call: &C) -> Result<String, BoxError>;

    /// The reply.
    fn reply<C: Call>(body: &[u8]) -> Result<C::Reply, BoxError>;

    /// Code, message and request id of a reply that refuses, as far as it says them.
    fn refusal(headers: &Headers, body: &[u8]) -> Builder;
}

/// A service.
pub(crate) trait Service: Send + Sync + 'static {
    /// What it speaks.
    type Speaks: Protocol;
    /// As in `AWS_ENDPOINT_URL_<ID>` and in profiles: `KMS`.
    const ID: &'static str;
    /// What requests are signed for, the first label of its endpoints, and what the user agent says: `kms`.
    const NAME: &'static str;
    /// In JSON what stands before the operation in `X-Amz-Target`: `TrentService`; in the query protocol the version of the API.
    const OF: &'static str;
}

/// An operation: its input is itself, written with AWS's names.
pub(crate) trait Call: Serialize {
    /// The service.
    type Of: Service;
    /// `DescribeKey`.
    const NAME: &'static str;
    /// Whether its request holds a secret, which nothing prints then.
    const SECRET: bool = false;
    /// What is used of the reply.
    type Reply: DeserializeOwned + Send + Sync + 'static;
}

/// A reply of which nothing is used.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Nothing {}

/// What is to be known of a service, whichever it is.
#[derive(Clone, Copy, Debug)]
struct Wire {
    id: &'static str,
    name: &'static str,
    of: &'static str,
    content_type: &'static str,
    target: fn(&str, &str) -> Option<String>,
    refusal: fn(&Headers, &[u8]) -> Builder,
}

/// A reply of any type. The SDK's trace shows no more of it than this: it may hold a secret.
struct Erased(Box<dyn Any + Send + Sync>);

impl fmt::Debug for Erased {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a reply")
    }
}

type Parse = fn(&[u8]) -> Result<Erased, BoxError>;

/// What the service said when it refused, or what of its reply cannot be read.
#[derive(Debug)]
pub(crate) struct Refusal {
    said: ErrorMetadata,
    unread: Option<BoxError>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.said.fmt(out)
    }
}

impl std::error::Error for Refusal {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.unread.as_deref().map(|why| why as &(dyn std::error::Error + 'static))
    }
}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.said
    }
}

/// Why a call failed: code, message and request id are where those of the SDK's clients are.
pub(crate) type Failure = SdkError<Refusal, HttpResponse>;

/// A client of one service: `aws.client(Caller::<Kms>::new)`.
pub(crate) struct Caller<S> {
    plugin: Result<SharedRuntimePlugin, String>,
    of: PhantomData<fn() -> S>,
}

// Derived, it would ask the same of `S`.
impl<S> Clone for Caller<S> {
    fn clone(&self) -> Self {
        Self { plugin: self.plugin.clone(), of: PhantomData }
    }
}

impl<S: Service> Caller<S> {
    const WIRE: Wire = Wire {
        id: S::ID,
        name: S::NAME,
        of: S::OF,
        content_type: <S::Speaks as Protocol>::CONTENT_TYPE,
        target: <S::Speaks as Protocol>::target,
        refusal: <S::Speaks as Protocol>::refusal,
    };

    /// The client that `config` describes. Where that asks for an endpoint that is not known here (FIPS, dual stack, an isolated
    /// partition), every call says so and none is made.
    pub(crate) fn new(config: &SdkConfig) -> Self {
        let plugin = parts::of(&Self::WIRE, config).map(|(layer, parts)| {
            let plugin = StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(parts);
            SharedRuntimePlugin::new(plugin)
        });
        Self { plugin, of: PhantomData }
    }

    /// Makes a call.
    ///
    /// # Errors
    /// As a client's of the SDK.
    pub(crate) async fn call<C: Call<Of = S>>(&self, call: &C) -> Result<C::Reply, Failure> {
        let plugin = self.plugin.clone().map_err(SdkError::construction_failure)?;
        let body = <S::Speaks as Protocol>::body(call).map_err(SdkError::construction_failure)?;
        let parse: Parse = |body| Ok(Erased(Box::new(<S::Speaks as Protocol>::reply::<C>(body)?)));
        let Erased(reply) = invoke(plugin, Self::WIRE, (C::NAME, C::SECRET), body, parse).await?;
        // `parse` has made just this.
        Ok(*reply.downcast().expect("a reply of the call's own type"))
    }
}

/// The call itself: compiled once, whatever the operations are.
async fn invoke(
    plugin: SharedRuntimePlugin,
    wire: Wire,
    (name, secret): (&'static str, bool),
    body: String,
    parse: Parse,
) -> Result<Erased, Failure> {
    let operation = Operation::builder().service_name(wire.id).operation_name(name).runtime_plugin(plugin);
    let operation = if secret { operation.interceptor(Unprinted) } else { operation };
    let operation = operation
        .serializer(move |body: String| {
            let length = body.len().to_string();
            let mut request = HttpRequest::new(SdkBody::from(body));
            request.set_method("POST")?;
            request.set_uri("/")?;
            request.headers_mut().try_insert("content-type", wire.content_type)?;
            request.headers_mut().try_insert("content-length", length)?;
            if let Some(target) = (wire.target)(wire.of, name) {
                request.headers_mut().try_insert("x-amz-target", target)?;
            }
            Ok(request)
        })
        .deserializer(move |reply: &HttpResponse| {
            let body = reply.body().bytes().unwrap_or_default();
            let refusal = |said: Builder, unread| {
                // What the body says of it stays where no header does.
                let said = apply_request_id(said, reply.headers()).build();
                OrchestratorError::operation(Refusal { said, unread })
            };
            if reply.status().is_success() {
                // As in a client of the SDK: what cannot be read is not asked for again.
                return parse(body).map_err(|why| refusal(ErrorMetadata::builder(), Some(why)));
            }
            Err(refusal((wire.refusal)(reply.headers(), body), None))
        })
        .build();
    operation.invoke(body).await
}
