//! What generated clients make of a configuration: who asks, where to, how long and how often, as who.

use aws_config::SdkConfig;
use aws_runtime::auth::sigv4::{self, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::invocation_id::InvocationIdInterceptor;
use aws_runtime::recursion_detection::RecursionDetectionInterceptor;
use aws_runtime::request_info::RequestInfoInterceptor;
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_runtime::service_clock_skew::{
    DisableClockSkewCorrection, ServiceClockSkewClassifier, ServiceClockSkewInterceptor,
};
use aws_runtime::user_agent::{ApiMetadata, UserAgentInterceptor};
use aws_smithy_runtime::client::http::connection_poisoning::ConnectionPoisoningInterceptor;
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::endpoints::StaticUriEndpointResolver;
use aws_smithy_runtime::client::retries::RetryPartition;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime::client::stalled_stream_protection::StalledStreamProtectionInterceptor;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::endpoint::{EndpointResolverParams, SharedEndpointResolver};
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::orchestrator::SensitiveOutput;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SigningName;
use aws_types::region::SigningRegion;

use super::{Refusal, Wire, endpoint};

/// The parts of a client of that service.
///
/// # Errors
/// When its endpoint is not known here.
pub(super) fn of(service: &Wire, config: &SdkConfig) -> Result<(Layer, RuntimeComponentsBuilder), String> {
    let (mut layer, mut parts) = (Layer::new("slim"), RuntimeComponentsBuilder::new("slim"));
    sign(service, config, &mut layer, &mut parts);
    let endpoint = endpoint::of(service, config)?;
    parts.set_endpoint_resolver(Some(SharedEndpointResolver::new(StaticUriEndpointResolver::uri(endpoint))));
    layer.store_put(EndpointResolverParams::new(()));
    parts.set_http_client(config.http_client());
    try_again(service, config, &mut layer, &mut parts);
    // A reply may hold a secret: it is kept out of the SDK's trace.
    layer.store_put(SensitiveOutput);
    // Not its id, which may hold a space.
    layer.store_put(ApiMetadata::new(service.name, env!("CARGO_PKG_VERSION")));
    layer.store_or_unset(config.app_name().cloned());
    intercept(&mut parts);
    Ok((layer, parts))
}

/// Who asks, and the signature.
fn sign(service: &Wire, config: &SdkConfig, layer: &mut Layer, parts: &mut RuntimeComponentsBuilder) {
    parts.push_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()));
    let schemes = StaticAuthSchemeOptionResolver::new(vec![sigv4::SCHEME_ID]);
    parts.set_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(schemes)));
    layer.store_put(AuthSchemeOptionResolverParams::new(()));
    if let Some(credentials) = config.credentials_provider() {
        parts.set_identity_resolver(sigv4::SCHEME_ID, credentials);
    }
    // Without one, every call would ask for credentials anew.
    let cache = config.identity_cache().unwrap_or_else(|| IdentityCache::lazy().build());
    parts.set_identity_cache(Some(cache));
    let mut signing_options = SigningOptions::default();
    signing_options.double_uri_encode = true;
    signing_options.content_sha256_header = false;
    signing_options.normalize_uri_path = true;
    layer.store_put(SigV4OperationSigningConfig { signing_options, ..Default::default() });
    layer.store_put(SigningName::from_static(service.name));
    if let Some(region) = config.region() {
        layer.store_put(region.clone());
        layer.store_put(SigningRegion::from(region.clone()));
    }
}

/// How long, and how often.
fn try_again(service: &Wire, config: &SdkConfig, layer: &mut Layer, parts: &mut RuntimeComponentsBuilder) {
    layer.store_put(config.retry_config().cloned().unwrap_or_else(RetryConfig::standard));
    let region = config.region().map_or_else(String::new, ToString::to_string);
    layer.store_put(RetryPartition::new(format!("{}-{region}", service.name)));
    layer.store_put(config.timeout_config().cloned().unwrap_or_else(|| TimeoutConfig::builder().build()));
    if let Some(protection) = config.stalled_stream_protection() {
        layer.store_put(protection);
    }
    parts.set_sleep_impl(config.sleep_impl());
    parts.set_time_source(Some(config.time_source().unwrap_or_default()));
    parts.push_retry_classifier(HttpStatusCodeClassifier::default());
    parts.push_retry_classifier(TransientErrorClassifier::<Refusal>::new());
    parts.push_retry_classifier(AwsErrorCodeClassifier::<Refusal>::new());
    parts.push_retry_classifier(ServiceClockSkewClassifier::<Refusal>::new());
    if let Some(disabled) = config.disable_clock_skew_correction() {
        layer.store_put(DisableClockSkewCorrection::from(disabled));
    }
}

/// What looks at every request and reply.
fn intercept(parts: &mut RuntimeComponentsBuilder) {
    parts.push_interceptor(SharedInterceptor::permanent(ConnectionPoisoningInterceptor::new()));
    parts.push_interceptor(SharedInterceptor::permanent(StalledStreamProtectionInterceptor::default()));
    parts.push_interceptor(ServiceClockSkewInterceptor::new());
    parts.push_interceptor(RequestInfoInterceptor::new());
    parts.push_interceptor(UserAgentInterceptor::new());
    parts.push_interceptor(InvocationIdInterceptor::new());
    parts.push_interceptor(SharedInterceptor::permanent(RecursionDetectionInterceptor::new()));
}
