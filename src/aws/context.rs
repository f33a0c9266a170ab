//! One configuration, one HTTP client, one SDK client per service, and who we are.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{AppName, BehaviorVersion, Region, SdkConfig};
use aws_sdk_sts::config::Credentials;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::sync::OnceCell;

use super::Result;
use super::acting;
use super::batch::Batch;
use super::endpoint;
use super::error::{failed, present};
use super::http::Client;
use super::pacing::Paced;
use super::profile;
use super::rates::{SHARE_VARIABLE, Seldom, Turns};
use super::trust::Trust;
use crate::model::acting::Acting;
use crate::model::audit::APP;
use crate::model::error::{CallError, Class};
use crate::model::scope::Scope;
use crate::model::secrets::Secrets;

/// Who the credentials belong to.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Partition, account and region.
    pub scope: Scope,
    /// ARN of the user or role session.
    pub caller: String,
}

/// Where an emulator is, and as whom it is asked.
struct Emulator {
    endpoint: String,
    access_key: String,
    secret_key: String,
}

/// Everything that a kind needs to call AWS. Lazy: nothing is loaded or asked before the first call, so that the
/// same registry serves `validate` and `schema` without credentials.
pub struct Aws {
    region: Option<String>,
    acting: Acting,
    emulator: Option<Emulator>,
    http: OnceCell<Client>,
    config: OnceCell<SdkConfig>,
    /// Set once the environment was found in order.
    configured: OnceCell<()>,
    identity: OnceCell<Identity>,
    /// One of each type: clients and batches.
    kept: Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>,
}

impl Aws {
    /// AWS as the environment (`AWS_PROFILE`, `AWS_ENDPOINT_URL`, web identity …) describes it, in `region`;
    /// without one, in the region that the environment names.
    pub fn new(region: Option<String>) -> Self {
        Self::build(region, None)
    }

    /// The same with the credentials that a spec says.
    pub fn acting(region: &str, acting: Acting) -> Self {
        Self { acting: acting::here(acting), ..Self::build(Some(region.to_owned()), None) }
    }

    /// Whose credentials are used.
    pub fn acts_as(&self) -> &Acting {
        &self.acting
    }

    /// An emulator at `endpoint`, whatever the environment says; a 12-digit `access_key` is the account in it.
    pub fn emulated(endpoint: &str, access_key: &str, region: &str) -> Self {
        Self::emulated_as((access_key, "emulator"), endpoint, region)
    }

    /// The same as somebody in it: with an access key that its IAM has given out, and the secret of that key.
    pub fn emulated_as((access_key, secret_key): (&str, &str), endpoint: &str, region: &str) -> Self {
        let [endpoint, access_key, secret_key] = [endpoint, access_key, secret_key].map(str::to_owned);
        Self::build(Some(region.to_owned()), Some(Emulator { endpoint, access_key, secret_key }))
    }

    fn build(region: Option<String>, emulator: Option<Emulator>) -> Self {
        let (http, config, configured, identity) = (OnceCell::new(), OnceCell::new(), OnceCell::new(), OnceCell::new());
        let acting = Acting::default();
        Self { region, acting, emulator, http, config, configured, identity, kept: Mutex::default() }
    }

    /// A service's client, made once: `aws.client(aws_sdk_sns::Client::new).await`.
    pub async fn client<C: Clone + Send + Sync + 'static>(&self, new: impl FnOnce(&SdkConfig) -> C) -> C {
        let config = self.config().await;
        self.kept(|| new(config))
    }

    /// Where the questions whose answer is a `V` are gathered into calls that ask for many.
    pub(crate) fn batch<V: Clone + Default + Send + 'static>(&self) -> Arc<Batch<V>> {
        self.kept(Arc::default)
    }

    /// The secrets that the apply was given.
    pub(crate) fn secrets(&self) -> Arc<Secrets> {
        self.kept(Arc::default)
    }

    /// Waits for the turn of a call (`apigateway DeleteRestApi`) of which AWS takes one in many seconds. No emulator does so.
    pub(crate) async fn seldom(&self, call: &str) {
        if self.emulator.is_none() {
            let turns: Arc<Seldom> = self.kept(Arc::default);
            turns.turn(call, share().unwrap_or(1.0)).await;
        }
    }

    fn kept<T: Clone + Send + Sync + 'static>(&self, new: impl FnOnce() -> T) -> T {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let made = kept.get(&TypeId::of::<T>()).and_then(|one| one.downcast_ref::<T>()).cloned();
        made.unwrap_or_else(|| {
            let one = new();
            kept.insert(TypeId::of::<T>(), Box::new(one.clone()));
            one
        })
    }

    /// Partition, account and region; asks STS once.
    ///
    /// # Errors
    /// When STS does not answer, or not to these credentials.
    pub async fn scope(&self) -> Result<&Scope> {
        Ok(&self.identity().await?.scope)
    }

    /// Who the caller is; asks STS once (`sts:GetCallerIdentity`, which needs no permission).
    ///
    /// # Errors
    /// When STS does not answer, or not to these credentials.
    pub async fn identity(&self) -> Result<&Identity> {
        self.identity.get_or_try_init(|| Box::pin(self.ask_identity())).await
    }

    /// Refuses endpoints and profiles of the environment that the SDK would pass over, or panic on: to be asked before the
    /// first call, unless that is [`identity`](Self::identity), which asks it itself.
    ///
    /// # Errors
    /// When an endpoint is no URL, or there is no such profile.
    pub async fn configured(&self) -> Result<()> {
        if self.emulator.is_some() {
            return Ok(());
        }
        let check = async {
            let invalid = |message| CallError::own(Class::Invalid, "configuration", message);
            endpoint::check(self.acting.profile.as_deref()).await.map_err(invalid)?;
            let lacking = |missing| Err(CallError::own(Class::Credentials, "configuration", missing));
            profile::missing(self.acting.profile.as_deref()).await.map_or(Ok(()), lacking)
        };
        self.configured.get_or_try_init(|| Box::pin(check)).await.copied()
    }

    async fn ask_identity(&self) -> Result<Identity> {
        let call = "sts GetCallerIdentity";
        share().map_err(|message| CallError::own(Class::Invalid, call, message))?;
        self.configured().await?;
        let region = self.config().await.region().map(ToString::to_string).ok_or_else(|| {
            CallError::own(Class::Invalid, call, "no region: set `[env] region` in the spec, or AWS_REGION")
        })?;
        let client = self.client(aws_sdk_sts::Client::new).await;
        let reply = client.get_caller_identity().send().await.map_err(failed(call))?;
        let (account, caller) = (present(call, "account", reply.account())?, present(call, "ARN", reply.arn())?);
        let mut scope = Scope::new(account, region);
        if let Some(partition) = caller.split(':').nth(1) {
            partition.clone_into(&mut scope.partition);
        }
        Ok(Identity { scope, caller: caller.to_owned() })
    }

    /// Whether `AWS_ENDPOINT_URL` names an endpoint without TLS: only an emulator's is. What is allowed to TLS alone
    /// could not be reached there.
    pub async fn is_plain_http(&self) -> bool {
        self.config().await.endpoint_url().is_some_and(|url| url.starts_with("http://"))
    }

    async fn config(&self) -> &SdkConfig {
        let load = async || {
            let http = self.http().await.clone();
            load(http, self.region.clone(), &self.acting, self.emulator.as_ref()).await
        };
        self.config.get_or_init(|| Box::pin(load())).await
    }

    /// What sends requests, below the SDK and for what is no call to AWS. An emulator is on this machine.
    pub(super) async fn http(&self) -> &Client {
        let trust = async || {
            if self.emulator.is_some() {
                Trust::Machine
            } else {
                Trust::of_environment(self.acting.profile.as_deref()).await
            }
        };
        self.http.get_or_init(|| Box::pin(async { Client::new(trust().await) })).await
    }
}

/// Reads environment and profile.
async fn load(http: Client, region: Option<String>, acting: &Acting, emulator: Option<&Emulator>) -> SdkConfig {
    // No emulator has AWS's rates. What is wrong with the share is said when it is asked who we are.
    let share = emulator.is_none().then(|| share().unwrap_or(1.0));
    let http = SharedHttpClient::new(Paced { inner: SharedHttpClient::new(http), turns: Arc::new(Turns::new(share)) });
    // Not of the whole attempt: a call may have to wait for its turn.
    let timeouts =
        TimeoutConfig::builder().connect_timeout(Duration::from_secs(5)).read_timeout(Duration::from_secs(30)).build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http.clone())
        .retry_config(RetryConfig::standard().with_max_attempts(5))
        .timeout_config(timeouts)
        // As above; and the documents that pipectl sends are small.
        .stalled_stream_protection(StalledStreamProtectionConfig::enabled().upload_enabled(false).build());
    // So that CloudTrail's events tell what pipectl did from what others did.
    if let Ok(name) = AppName::new(APP) {
        loader = loader.app_name(name);
    }
    let region = region.map(Region::new);
    if let Some(region) = region.clone() {
        loader = loader.region(region);
    }
    if let Some(profile) = &acting.profile {
        loader = acting::of_profile(loader, profile, http, region);
    }
    if let Some(Emulator { endpoint, access_key, secret_key }) = emulator {
        let keys = Credentials::new(access_key, secret_key, None, None, "emulator");
        loader = loader.endpoint_url(endpoint).credentials_provider(keys);
    }
    acting::with_role(&loader.load().await, acting)
}

/// What part of AWS's published rates may be used: all, unless the environment says otherwise.
fn share() -> std::result::Result<f64, String> {
    let Some(text) = std::env::var(SHARE_VARIABLE).ok().filter(|text| !text.is_empty()) else { return Ok(1.0) };
    let number = text.parse().ok().filter(|share: &f64| share.is_finite() && *share > 0.0);
    number.ok_or_else(|| {
        format!(
            "{SHARE_VARIABLE} is `{}`, and must be a number above 0: 1 for AWS's published rates",
            text.escape_debug()
        )
    })
}
