//! What the kinds around API Gateway share: an API by its name, for AWS makes up its id.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::RestApi;

use crate::aws::error::failed;
use crate::aws::tags::{self, Tags};
use crate::aws::{Aws, Result, wait};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::On;

const LIST: &str = "apigateway GetRestApis";
/// The most that one page holds.
const PAGE: i32 = 500;
/// A tag that every API of pipectl's bears.
const MARK: &str = "pipectl:project";
/// AWS takes one DeleteRestApi in 30 seconds, one CreateDeployment in 5: so many pass while this goes by.
const TURN: Duration = Duration::from_mins(3);

/// What the calls about tags are checked on: the ARN of what they are of, with `/` spelt `%2F`.
pub(super) const TAGS: On = On::Arns(&["arn:{partition}:apigateway:{region}::/tags/*"]);

/// The API of that name, if there is one.
///
/// AWS lets several have one name, and counts them as one in CloudWatch. Where it comes to that, the one with pipectl's
/// tags is meant.
///
/// # Errors
/// Where two of them bear those.
pub(super) async fn find(aws: &Aws, name: &str) -> Result<Option<RestApi>> {
    let client = aws.client(Client::new).await;
    let list = async |_names: Vec<String>| {
        let mut named: BTreeMap<String, Vec<RestApi>> = BTreeMap::new();
        let mut pages = client.get_rest_apis().limit(PAGE).into_paginator().items().send();
        while let Some(api) = pages.next().await {
            let api = api.map_err(failed(LIST))?;
            named.entry(api.name.clone().unwrap_or_default()).or_default().push(api);
        }
        Ok(named)
    };
    // One listing answers for all names that are asked for at the same time.
    let mut named = aws.batch().ask(name, usize::MAX, list).await?;
    if named.len() > 1 {
        named.retain(|api| api.tags().is_some_and(|tags| tags.contains_key(MARK)));
    }
    match named.len() {
        0 | 1 => Ok(named.pop()),
        count => Err(CallError::own(
            Class::Conflict,
            LIST,
            format!("{count} REST APIs are called {name} and bear pipectl's tags: delete those that nothing uses"),
        )),
    }
}

/// The same; it must be there.
///
/// # Errors
/// Where there is none, besides those of [`find`].
pub(super) async fn found(aws: &Aws, name: &str) -> Result<RestApi> {
    let absent = || CallError::own(Class::Absent, LIST, format!("there is no REST API called {name}"));
    find(aws, name).await?.ok_or_else(absent)
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
