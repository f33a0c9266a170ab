//! Whose credentials sign the calls, where a spec says it: those of a profile, of a role, or of a role that a profile assumes.

use std::time::SystemTime;

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{ConfigLoader, Region, SdkConfig};
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_sts::config::{Credentials, IdentityCache};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::Result;
use super::error::{failed, present};
use super::http::{host, is_this_machine};
use crate::model::acting::Acting;
use crate::model::error::{ASSUME_ROLE, CallError, Class};

/// As in every tool of AWS's; with a service's name behind it, that service's alone.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";

/// Characters of a session's name.
const SESSION_NAME: usize = 64;

/// As whom calls are made: what a spec says. A stand-in on this machine has no use for a profile, whose keys are for AWS.
pub(super) fn here(acting: Acting) -> Acting {
    if is_stand_in() { Acting { profile: None, ..acting } } else { acting }
}

/// Whether all calls go to a stand-in for AWS on this machine: no call of AWS's goes out without TLS.
fn is_stand_in() -> bool {
    let set = |name: &str| std::env::var(name).ok();
    let of_a_service = |name: std::ffi::OsString| name.to_string_lossy().starts_with(&format!("{ENDPOINT}_"));
    set(ENDPOINT).is_some_and(|url| url.starts_with("http://") && is_this_machine(&host(&url)))
        && !std::env::vars_os().any(|(name, _)| of_a_service(name))
}

/// Lets a profile's own settings and credentials be used, and no keys of the environment's before them.
pub(super) fn of_profile(
    loader: ConfigLoader,
    name: &str,
    http: SharedHttpClient,
    region: Option<Region>,
) -> ConfigLoader {
    let config = ProviderConfig::default().with_http_client(http).with_region(region);
    let credentials = ProfileFileCredentialsProvider::builder().configure(&config).profile_name(name).build();
    loader.profile_name(name).credentials_provider(credentials)
}

/// The same configuration with the role's credentials in the place of those that assume it.
pub(super) fn with_role(config: &SdkConfig, acting: &Acting) -> SdkConfig {
    let Some(arn) = acting.role_arn.clone() else { return config.clone() };
    let session = acting.session_name.clone().unwrap_or_else(session_name);
    let sts = aws_sdk_sts::Client::new(config);
    let role = Role { arn, external_id: acting.external_id.clone(), session, sts };
    let builder = config.to_builder().credentials_provider(SharedCredentialsProvider::new(role));
    // The one that is there may hold the credentials that assume the role.
    builder.identity_cache(IdentityCache::lazy().build()).build()
}

/// `pipectl-` and whoever starts it, as far as STS takes it: CloudTrail then tells one person's sessions from another's.
fn session_name() -> String {
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let user = ["GITLAB_USER_LOGIN", "GITHUB_ACTOR", "USER", "LOGNAME"].iter().find_map(set).unwrap_or_default();
    let taken = |c: char| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' };
    let name = format!("pipectl-{}", user.chars().map(taken).collect::<String>());
    name.trim_end_matches('-').chars().take(SESSION_NAME).collect()
}

/// A role's credentials, asked for anew when they expire.
#[derive(Debug)]
struct Role {
    arn: String,
    external_id: Option<String>,
    session: String,
    sts: aws_sdk_sts::Client,
}

impl ProvideCredentials for Role {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        // The whole error goes along: what a call says that could not be made for it is this.
        future::ProvideCredentials::new(async { self.assume().await.map_err(CredentialsError::provider_error) })
    }
}

impl Role {
    async fn assume(&self) -> Result<Credentials> {
        let ask = self.sts.assume_role().role_arn(&self.arn).role_session_name(&self.session);
        let reply = ask.set_external_id(self.external_id.clone()).send().await;
        let reply = reply.map_err(failed(ASSUME_ROLE)).map_err(|error| self.named(error))?;
        let given = present(ASSUME_ROLE, "credentials", reply.credentials)?;
        let until = SystemTime::try_from(given.expiration).map_err(|error| {
            CallError::own(
                Class::Unreadable,
                ASSUME_ROLE,
                format!("when the credentials expire cannot be read: {error}"),
            )
        })?;
        let token = Some(given.session_token);
        Ok(Credentials::new(given.access_key_id, given.secret_access_key, token, Some(until), "role of `[env]`"))
    }

    /// Says which role it is about: not every answer does.
    fn named(&self, error: CallError) -> CallError {
        if error.message.contains(&self.arn) {
            return error;
        }
        CallError { message: format!("{} (the role is {})", error.message, self.arn), ..error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_named_in_what_sts_takes() {
        let name = session_name();
        assert!(name.starts_with("pipectl") && name.len() <= SESSION_NAME);
        assert!(name.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)), "{name}");
    }
}
