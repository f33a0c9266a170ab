//! Where a service is: as a client of the SDK finds it, or nowhere.

use aws_config::SdkConfig;
use aws_types::service_config::ServiceConfigKey;

use super::Wire;
use crate::model::scope::Scope;

/// `AWS_ENDPOINT_URL_KMS`, the profile's `services`, `AWS_ENDPOINT_URL`, or AWS's own.
///
/// # Errors
/// When that is an endpoint that is not known here.
pub(super) fn of(service: &Wire, config: &SdkConfig) -> Result<String, String> {
    let general = config.endpoint_url().map(str::to_owned);
    let named = if config.get_origin("endpoint_url").is_client_config() {
        general
    } else {
        let key = ServiceConfigKey::builder()
            .service_id(service.id)
            .env("AWS_ENDPOINT_URL")
            .profile("endpoint_url")
            .build()
            .map_err(|error| error.to_string())?;
        config.service_config().and_then(|of| of.load_config(key)).or(general)
    };
    if let Some(url) = named {
        return Ok(url);
    }
    if config.use_fips() == Some(true) || config.use_dual_stack() == Some(true) {
        return Err(format!(
            "pipectl knows no FIPS or dual-stack endpoint of {}: AWS_ENDPOINT_URL_{} names one",
            service.id,
            service.id.to_uppercase().replace(' ', "_")
        ));
    }
    let region = config.region().ok_or("no region: set `[env] region` in the spec, or AWS_REGION")?.as_ref();
    Ok(format!("https://{}", Scope::new("", region).endpoint(service.name)))
}
