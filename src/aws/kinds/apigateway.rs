//! What the kinds around API Gateway share: an API, a key, a usage plan by its name, for AWS makes up their ids.

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::config::Builder;
use aws_sdk_apigateway::types::{ApiKey, Integration, IntegrationType, Op, PatchOperation, RestApi, UsagePlan};

use crate::aws::error::failed;
use crate::aws::{Aws, Result, wait};
use crate::model::error::{CallError, Class};
use crate::model::scope::Scope;
use crate::model::tags::{self, Tags};

/// Where a stage of an API is called.
pub(super) fn url(scope: &Scope, api_id: &str, stage: &str) -> String {
    format!("https://{api_id}.{}/{stage}", scope.endpoint("execute-api"))
}

/// The most that one page holds.
pub(super) const PAGE: i32 = 500;
/// A tag that everything of pipectl's bears.
const MARK: &str = "pipectl:project";
/// AWS takes one UpdateUsagePlan in 20 seconds, one CreateDeployment in 5: so many pass while this goes by. DeleteRestApi,
/// of which it takes one in 30, waits for its turn (`Aws::seldom`).
const TURN: Duration = Duration::from_mins(3);

/// What AWS makes up the id of, and lets several have one name of.
pub(super) trait Named: Clone + Send + Sync + 'static {
    /// What they are called.
    const WHAT: &'static str;
    /// The call that lists them.
    const LIST: &'static str;

    /// All of them.
    fn list(client: &Client) -> impl Future<Output = Result<Vec<Self>>> + Send;
    /// The name that they share with others.
    fn name(&self) -> Option<&str>;
    /// Their tags.
    fn tags(&self) -> Option<&HashMap<String, String>>;
}

macro_rules! named {
    ($($live:ty, $what:literal, $list:literal, $call:ident;)*) => {
        $(impl Named for $live {
            const WHAT: &'static str = $what;
            const LIST: &'static str = $list;

            async fn list(client: &Client) -> Result<Vec<Self>> {
                let pages = client.$call().limit(PAGE).into_paginator().items().send();
                pages.collect::<std::result::Result<Vec<_>, _>>().await.map_err(failed($list))
            }

            fn name(&self) -> Option<&str> {
                self.name()
            }

            fn tags(&self) -> Option<&HashMap<String, String>> {
                self.tags()
            }
        })*
    };
}

named! {
    RestApi, "REST APIs", "apigateway GetRestApis", get_rest_apis;
    ApiKey, "API keys", "apigateway GetApiKeys", get_api_keys;
    UsagePlan, "usage plans", "apigateway GetUsagePlans", get_usage_plans;
}

/// The one of that name, if there is one.
///
/// AWS lets several have one name, and counts APIs of one as one in CloudWatch. Where it comes to that, the one with
/// pipectl's tags is meant.
///
/// # Errors
/// Where two of them bear those.
pub(super) async fn by_name<T: Named>(aws: &Aws, name: &str) -> Result<Option<T>> {
    let client = aws.client(Client::new).await;
    let list = async |_names: Vec<String>| {
        let mut named: BTreeMap<String, Vec<T>> = BTreeMap::new();
        for one in T::list(&client).await? {
            named.entry(one.name().unwrap_or_default().to_owned()).or_default().push(one);
        }
        Ok(named)
    };
    // One listing answers for all names that are asked for at the same time.
    let mut named = aws.batch().ask(name, usize::MAX, list).await?;
    if named.len() > 1 {
        named.retain(|one| one.tags().is_some_and(|tags| tags.contains_key(MARK)));
    }
    match named.len() {
        0 | 1 => Ok(named.pop()),
        count => {
            let message = format!(
                "{count} {} are called {name} and bear pipectl's tags: delete those that nothing uses",
                T::WHAT
            );
            Err(CallError::own(Class::Conflict, T::LIST, message))
        }
    }
}

/// The API of that name, if there is one; as [`by_name`].
pub(super) async fn find(aws: &Aws, name: &str) -> Result<Option<RestApi>> {
    by_name(aws, name).await
}

/// The same; it must be there.
///
/// # Errors
/// Where there is none, besides those of [`by_name`].
pub(super) async fn found(aws: &Aws, name: &str) -> Result<RestApi> {
    let absent = || CallError::own(Class::Absent, RestApi::LIST, format!("there is no REST API called {name}"));
    find(aws, name).await?.ok_or_else(absent)
}

/// Makes a call that makes something, and again while AWS says that there were too many of its sort. It has to be made
/// [`once`], and may have been carried out although it failed: then what it made is found.
///
/// # Errors
/// The call's last error, where nothing of that name is there.
pub(super) async fn make<T: Named, F>(aws: &Aws, name: &str, call: impl FnMut() -> F + Send) -> Result<()>
where
    F: Future<Output = Result<()>> + Send,
{
    match patient(call).await {
        // Perhaps only the reply was lost.
        Err(error) if matches!(error.class, Class::Unreachable | Class::Unreadable | Class::Other) => {
            by_name::<T>(aws, name).await?.map(drop).ok_or(error)
        }
        result => result,
    }
}

/// How a call is made that the SDK may not make again: asked twice, AWS makes two.
pub(super) fn once() -> Builder {
    Builder::new().retry_config(RetryConfig::disabled())
}

/// A change of one value; without one, of what is taken away.
pub(super) fn patch(op: Op, path: &str, value: Option<&str>) -> PatchOperation {
    PatchOperation::builder().op(op).path(path).set_value(value.map(str::to_owned)).build()
}

/// The id that AWS has made up.
pub(super) fn id(api: &RestApi) -> &str {
    api.id().unwrap_or_default()
}

/// Makes a call, and again while AWS says that there were too many of its sort.
///
/// # Errors
/// The call's last error.
pub(super) async fn patient<T: Send, F>(call: impl FnMut() -> F + Send) -> Result<T>
where
    F: Future<Output = Result<T>> + Send,
{
    wait::retry(TURN, |error: &CallError| error.class == Class::Throttled, call).await
}

/// Gives what is at `path` (`/restapis/<id>`) the tags `want`. Takes away before it adds, so that the number never passes
/// AWS's 50.
pub(super) async fn set_tags(aws: &Aws, path: &str, now: &Tags, want: &Tags) -> Result<()> {
    let (write, remove) = tags::changes(now, want);
    if write.is_empty() && remove.is_empty() {
        return Ok(());
    }
    let (client, scope) = (aws.client(Client::new).await, aws.scope().await?);
    // Their ARNs name no account.
    let arn = format!("arn:{}:apigateway:{}::{path}", scope.partition, scope.region);
    if !remove.is_empty() {
        let call = client.untag_resource().resource_arn(&arn).set_tag_keys(Some(remove)).send();
        call.await.map_err(failed("apigateway UntagResource"))?;
    }
    if !write.is_empty() {
        let call = client.tag_resource().resource_arn(&arn).set_tags(Some(write.into_iter().collect())).send();
        call.await.map_err(failed("apigateway TagResource"))?;
    }
    Ok(())
}

/// A rate as the number that it is set by; below 0 there is none.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "not below 0, and `as` stops at the ends")]
pub(super) fn whole(rate: f64) -> Option<u32> {
    (rate >= 0.0).then_some(rate.round() as u32)
}

/// What stands before and after a function's ARN in the URI by which API Gateway calls it.
const FUNCTIONS: &str = ":lambda:path/2015-03-31/functions/";
/// The function that a URI of an integration calls, if it calls one.
pub(super) fn function_arn(uri: &str) -> Option<&str> {
    uri.split_once(FUNCTIONS)?.1.strip_suffix(INVOCATIONS)
}

const INVOCATIONS: &str = "/invocations";

/// What API Gateway calls a function by.
pub(super) fn uri(function_arn: &str, scope: &Scope) -> String {
    format!("arn:{}:apigateway:{}{FUNCTIONS}{function_arn}{INVOCATIONS}", scope.partition, scope.region)
}

/// Whether an integration calls another service than Lambda.
pub(super) fn asks_a_service(live: &Integration) -> bool {
    live.r#type() == Some(&IntegrationType::Aws) && live.uri().is_some_and(|uri| function_arn(uri).is_none())
}
