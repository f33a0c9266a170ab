//! What is asked of a parameter of SSM by whoever has one.

use std::collections::BTreeMap;

use crate::aws::Result;
use crate::aws::batch::Batch;
use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::slim::{Caller, pairs, to_tags};
use crate::aws::ssm::{
    AddTagsToResource, DeleteParameter, DescribeParameters, Filter, ListTagsForResource, Metadata,
    RemoveTagsFromResource, Ssm, Tagging,
};
use crate::model::tags::{self, Tags};

/// Values of a filter of DescribeParameters. AWS publishes no rate for it, only that it is low.
const FILTER_VALUES: usize = 50;

/// Where questions for descriptions are gathered.
pub(super) type Described = Batch<Option<Metadata>>;

/// The description of the parameter of that name: everything of it but value and tags.
pub(super) async fn described(client: &Caller<Ssm>, asked: &Described, name: &str) -> Result<Option<Metadata>> {
    let many = async |names: Vec<String>| {
        let found = describe(client, &[("Name", names)]).await?;
        let named = found.into_iter().map(|one| (one.name.clone().unwrap_or_default(), Some(one)));
        Ok(named.collect::<BTreeMap<_, _>>())
    };
    asked.ask(name, FILTER_VALUES, many).await
}

/// The parameters that pass these filters, each with the values that it lets pass.
pub(super) async fn describe(client: &Caller<Ssm>, filters: &[(&str, Vec<String>)]) -> Result<Vec<Metadata>> {
    let filters: Vec<_> = filters.iter().map(|(key, values)| Filter { key, values }).collect();
    let (mut found, mut next_token) = (Vec::new(), None);
    loop {
        let call = DescribeParameters { parameter_filters: &filters, max_results: 50, next_token };
        let page = client.call(&call).await.map_err(failed("ssm DescribeParameters"))?;
        found.extend(page.parameters.into_iter().flatten());
        next_token = page.next_token.filter(|token| !token.is_empty());
        if next_token.is_none() {
            return Ok(found);
        }
    }
}

/// The tags of a parameter, where there is one.
pub(super) async fn read_tags(client: &Caller<Ssm>, name: &str) -> Result<Option<Tags>> {
    let reply = client.call(&ListTagsForResource(Tagging::of(name))).await;
    let reply = absent_is_none(reply.map_err(failed("ssm ListTagsForResource")))?;
    Ok(reply.map(|reply| tags::own(pairs(reply.tag_list))))
}

/// Writes and removes tags of a parameter.
pub(super) async fn retag(client: &Caller<Ssm>, name: &str, write: &Tags, remove: Vec<String>) -> Result<()> {
    if !write.is_empty() {
        let add = AddTagsToResource { to: Tagging::of(name), tags: to_tags(write) };
        client.call(&add).await.map_err(failed("ssm AddTagsToResource"))?;
    }
    if !remove.is_empty() {
        let take = RemoveTagsFromResource { from: Tagging::of(name), keys: &remove };
        client.call(&take).await.map_err(failed("ssm RemoveTagsFromResource"))?;
    }
    Ok(())
}

/// Deletes a parameter; a missing one counts as deleted.
pub(super) async fn delete(client: &Caller<Ssm>, name: &str) -> Result<()> {
    absent_is_done(client.call(&DeleteParameter { name }).await.map_err(failed("ssm DeleteParameter")))
}
