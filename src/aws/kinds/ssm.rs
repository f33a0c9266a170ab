//! What is asked of a parameter of SSM by whoever has one.

use std::collections::BTreeMap;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{ParameterMetadata, ParameterStringFilter, ResourceTypeForTagging, Tag};

use crate::aws::Result;
use crate::aws::batch::Batch;
use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::model::tags::{self, Tags};

/// Values of a filter of DescribeParameters. AWS publishes no rate for it, only that it is low.
const FILTER_VALUES: usize = 50;

/// Where questions for descriptions are gathered.
pub(super) type Described = Batch<Option<ParameterMetadata>>;

/// The description of the parameter of that name: everything of it but value and tags.
pub(super) async fn described(client: &Client, asked: &Described, name: &str) -> Result<Option<ParameterMetadata>> {
    let many = async |names: Vec<String>| {
        let found = describe(client, &[("Name", names)]).await?;
        let named = found.into_iter().map(|one| (one.name.clone().unwrap_or_default(), Some(one)));
        Ok(named.collect::<BTreeMap<_, _>>())
    };
    asked.ask(name, FILTER_VALUES, many).await
}

/// The parameters that pass these filters, each with the values that it lets pass.
pub(super) async fn describe(client: &Client, filters: &[(&str, Vec<String>)]) -> Result<Vec<ParameterMetadata>> {
    let filter = |(key, values): &(&str, Vec<String>)| {
        // A filter is built of its key, and that is set.
        ParameterStringFilter::builder().key(*key).set_values(Some(values.clone())).build().expect("key")
    };
    let describe = client.describe_parameters().set_parameter_filters(Some(filters.iter().map(filter).collect()));
    let pages = describe.max_results(50).into_paginator().send().try_collect().await;
    let pages = pages.map_err(failed("ssm DescribeParameters"))?;
    Ok(pages.into_iter().flat_map(|page| page.parameters.unwrap_or_default()).collect())
}

/// The tags of a parameter, where there is one.
pub(super) async fn read_tags(client: &Client, name: &str) -> Result<Option<Tags>> {
    let list = client.list_tags_for_resource().resource_type(ResourceTypeForTagging::Parameter);
    let reply = list.resource_id(name).send().await.map_err(failed("ssm ListTagsForResource"));
    let pairs = |tags: Option<Vec<Tag>>| tags.into_iter().flatten().map(|tag| (tag.key, tag.value));
    Ok(absent_is_none(reply)?.map(|reply| tags::own(pairs(reply.tag_list))))
}

/// Writes and removes tags of a parameter.
pub(super) async fn retag(client: &Client, name: &str, write: &Tags, remove: Vec<String>) -> Result<()> {
    let what = ResourceTypeForTagging::Parameter;
    if !write.is_empty() {
        let add = client.add_tags_to_resource().resource_type(what.clone()).resource_id(name);
        let add = add.set_tags(Some(write.iter().map(to_tag).collect()));
        add.send().await.map_err(failed("ssm AddTagsToResource"))?;
    }
    if !remove.is_empty() {
        let take = client.remove_tags_from_resource().resource_type(what).resource_id(name);
        take.set_tag_keys(Some(remove)).send().await.map_err(failed("ssm RemoveTagsFromResource"))?;
    }
    Ok(())
}

/// Deletes a parameter; a missing one counts as deleted.
pub(super) async fn delete(client: &Client, name: &str) -> Result<()> {
    absent_is_done(client.delete_parameter().name(name).send().await.map_err(failed("ssm DeleteParameter")))
}

/// A tag as SSM takes it.
pub(super) fn to_tag((key, value): (&String, &String)) -> Tag {
    // A tag is built of key and value, and both are set.
    Tag::builder().key(key).value(value).build().expect("key and value")
}
