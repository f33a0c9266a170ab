//! What the kinds around API Gateway share: an API by its name, for AWS makes up its id.

use std::collections::BTreeMap;

use aws_sdk_apigateway::Client;
use aws_sdk_apigateway::types::RestApi;

use crate::aws::error::failed;
use crate::aws::{Aws, Result};
use crate::engine::error::{CallError, Class};

const LIST: &str = "apigateway GetRestApis";
/// The most that one page holds.
const PAGE: i32 = 500;
/// A tag that every API of pipectl's bears.
const MARK: &str = "pipectl:project";

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
