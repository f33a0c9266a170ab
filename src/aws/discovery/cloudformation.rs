//! Stacks, and what they are made of.

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::types::{ResourceStatus, StackResourceSummary};

use crate::aws::error::failed;
use crate::aws::{Aws, Result};
use crate::model::discovery::StackResource;

/// The resources of a stack that are not deleted.
pub(super) async fn resources(aws: &Aws, stack: &str) -> Result<Vec<StackResource>> {
    let client = aws.client(Client::new).await;
    let pages = client.list_stack_resources().stack_name(stack).into_paginator().items().send();
    let all: Vec<StackResourceSummary> =
        pages.try_collect().await.map_err(failed("cloudformation ListStackResources"))?;
    let there = all.into_iter().filter(|one| one.resource_status != Some(ResourceStatus::DeleteComplete));
    Ok(there.map(resource).collect())
}

fn resource(summary: StackResourceSummary) -> StackResource {
    StackResource {
        logical_id: summary.logical_resource_id.unwrap_or_default(),
        aws_type: summary.resource_type.unwrap_or_default(),
        physical_id: summary.physical_resource_id.filter(|id| !id.is_empty()),
        status: summary.resource_status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
    }
}
