//! `require_encryption`: how what holds an environment's data is at least encrypted at rest.

use super::Violation;
use crate::catalog;
use crate::catalog::facets::AtRest;
use crate::model::graph::{Graph, Resource};
use crate::spec::policy::{Encryption, Policy};

/// The resources that are not encrypted as the rule asks, and those of which that cannot be told.
pub(super) fn violations(policy: &Policy, graph: &Graph) -> Vec<Violation> {
    let Some(required) = policy.require_encryption else { return Vec::new() };
    graph.resources.values().filter_map(|resource| violation(policy, required, resource)).collect()
}

fn violation(policy: &Policy, required: Encryption, resource: &Resource) -> Option<Violation> {
    let block = resource.address.block_name();
    let at = |field: &str, what: String| Some(Violation::new(format!("{block}.{field}"), what, asked(required)));
    let at_rest =
        catalog::Resource::of(&resource.kind, &resource.attributes).map_or(AtRest::Unknown, |one| one.at_rest());
    match at_rest {
        AtRest::Nothing(_) | AtRest::ByKms => None,
        AtRest::Plain { field } => at(field, format!("`{}` is not encrypted at rest", resource.address)),
        AtRest::OnItsWay { field } => match required {
            Encryption::Any => None,
            Encryption::Kms => at(field, format!("`{}` encrypts messages with no key in KMS", resource.address)),
        },
        AtRest::ByService { field } => match required {
            Encryption::Any => None,
            Encryption::Kms => at(
                field,
                format!("`{}` is encrypted with a key of the service's own, not with one in KMS", resource.address),
            ),
        },
        AtRest::Unknown => policy.unjudged(block, || {
            format!("nobody knows how `{}` ({}) is encrypted at rest", resource.address, resource.kind)
        }),
    }
}

fn asked(required: Encryption) -> &'static str {
    match required {
        Encryption::Any => "`[policy] require_encryption = \"any\"` asks for encryption",
        Encryption::Kms => "`[policy] require_encryption = \"kms\"` asks for a key in KMS",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::address::Address;
    use crate::spec::policy::Unknown;

    fn found(kind: &str, attributes: &Value, unknown: Unknown) -> Vec<String> {
        let mut graph = Graph::default();
        graph.add(Resource {
            address: Address::block("thing", "new"),
            kind: kind.into(),
            attributes: attributes.clone().into(),
            depends_on: std::collections::BTreeSet::new(),
            protect: false,
            adopt: false,
        });
        let policy = Policy { require_encryption: Some(Encryption::Any), unknown, ..Policy::default() };
        violations(&policy, &graph).into_iter().map(|violation| violation.message).collect()
    }

    #[test]
    fn a_type_that_nobody_has_decided_on_is_refused_by_name_unless_that_is_allowed() {
        let keyed = json!({ "kms_key": "alias/own" });
        let refused = found("new_type", &keyed, Unknown::Refuse);
        assert_eq!(refused, ["nobody knows how `thing.new` (new_type) is encrypted at rest"]);
        assert_eq!(found("new_type", &keyed, Unknown::Allow), [""; 0]);
        let bucket = json!({ "name": "b", "encryption": { "algorithm": "rot13" } });
        assert_eq!(found("s3_bucket", &bucket, Unknown::Refuse).len(), 1, "an algorithm that nobody knows");
        assert_eq!(found("s3_bucket", &keyed, Unknown::Refuse).len(), 1, "attributes of another pipectl");
        let mut queue = catalog::Type::Queue.example();
        queue["kms_key"] = "alias/own".into();
        assert_eq!(found("sqs_queue", &queue, Unknown::Refuse), [""; 0]);
    }
}
