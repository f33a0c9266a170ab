//! Limits of AWS that only show once everything is put together.

use std::collections::BTreeMap;

use crate::catalog;
use crate::model::address::Address;
use crate::model::graph::{Graph, Resource};
use crate::model::policy::Policy;

/// What in the graph is larger than AWS allows: the address of each such resource, and what is wrong with it.
///
/// IAM counts the characters of all inline policies of a user (2,048) or a role (10,240), white space apart.
pub fn over_limits(graph: &Graph) -> Vec<(Address, String)> {
    graph.resources.values().filter_map(|resource| Some((resource.address.clone(), fault(resource)?))).collect()
}

fn fault(resource: &Resource) -> Option<String> {
    // A graph is made of attributes that fit their types.
    let made = catalog::Resource::of(&resource.kind, &resource.attributes)?;
    let (what, most, policies) = inline_policies(&made)?;
    let size: usize = policies.values().map(size).sum();
    (size > most).then(|| {
        format!("the inline policies of this {what} have {size} characters; IAM allows {most}: say less in `allow`, or shorten its prefix")
    })
}

/// What people call a resource with inline policies, how many characters these may have, and the policies.
fn inline_policies(made: &catalog::Resource) -> Option<(&'static str, usize, &BTreeMap<String, Policy>)> {
    use catalog::Resource as Made;
    match made {
        Made::User(user) => Some(("user", 2_048, &user.policies)),
        Made::Role(role) => Some(("role", 10_240, &role.policies)),
        // IAM counts no characters of theirs; what other services allow is more than a blueprint writes.
        Made::ApiKey(_)
        | Made::RestApi(_)
        | Made::Stage(_)
        | Made::UsagePlan(_)
        | Made::Alarm(_)
        | Made::Dashboard(_)
        | Made::Table(_)
        | Made::Rule(_)
        | Made::DeliveryStream(_)
        | Made::AccessKey(_)
        | Made::Stream(_)
        | Made::Mapping(_)
        | Made::InvokeConfig(_)
        | Made::Function(_)
        | Made::Permission(_)
        | Made::LogGroup(_)
        | Made::GlueCrawler(_)
        | Made::GlueJob(_)
        | Made::Trigger(_)
        | Made::SchemaRegistry(_)
        | Made::RegistrySchema(_)
        | Made::Workflow(_)
        | Made::LogStream(_)
        | Made::Database(_)
        | Made::CatalogTable(_)
        | Made::Object(_)
        | Made::Bucket(_)
        | Made::Notification(_)
        | Made::Secret(_)
        | Made::Subscription(_)
        | Made::NamedQuery(_)
        | Made::PreparedStatement(_)
        | Made::Workgroup(_)
        | Made::Parameter(_)
        | Made::Topic(_)
        | Made::Queue(_) => None,
    }
}

/// The characters of a policy, white space apart.
fn size(policy: &Policy) -> usize {
    policy.text().chars().filter(|c| !c.is_whitespace()).count()
}
