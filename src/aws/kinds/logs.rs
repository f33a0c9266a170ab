//! What log groups and what is looked at of them have in common.

use std::collections::BTreeMap;

use aws_sdk_cloudwatchlogs::types::LogGroup as Live;

use crate::aws::error::failed;
use crate::aws::{Aws, Result, retry};

/// Names that DescribeLogGroups takes in one call.
const IDENTIFIERS: usize = 50;

/// At 5 calls a second, a thousand groups take 20 calls instead of 200 seconds.
pub(super) async fn describe(aws: &Aws, name: &str) -> Result<Option<Live>> {
    let client = aws.client(retry::logs).await;
    let describe = async |names: Vec<String>| {
        let describe = client.describe_log_groups();
        let describe = match names.as_slice() {
            [name] => describe.log_group_name_prefix(name),
            _ => describe.set_log_group_identifiers(Some(names.clone())),
        };
        let mut found = BTreeMap::new();
        let mut pages = describe.into_paginator().send();
        while let Some(page) = pages.next().await {
            let groups = page.map_err(failed("logs DescribeLogGroups"))?.log_groups.unwrap_or_default().into_iter();
            found.extend(groups.map(|group| (group.log_group_name.clone().unwrap_or_default(), Some(group))));
            // Found by prefix they are sorted by name, so the group itself comes first.
            if names.iter().all(|name| found.contains_key(name)) {
                break;
            }
        }
        Ok(found)
    };
    aws.batch().ask(name, IDENTIFIERS, describe).await
}
