//! What IAM roles and users have in common: inline and attached policies.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::filled;
use crate::catalog::Type;
use crate::export::parts::terraform::{Fields, Part, Term, fields};
use crate::model::policy::Policy;

/// Terraform's names for the policies of a role, or of a user.
pub(super) struct Words {
    /// The type that the policies belong to.
    pub(super) one: Type,
    /// What the argument is called that says whose a policy is.
    pub(super) owner: &'static str,
    /// The type of an inline policy.
    pub(super) inline: &'static str,
    /// The type of an attachment.
    pub(super) attachment: &'static str,
}

/// A part for each inline policy of the role or user of a name, and for each managed policy that is attached to it.
pub(super) fn policy_parts(
    name: &str,
    policies: &BTreeMap<String, Policy>,
    managed: &BTreeSet<String>,
    words: &Words,
) -> Vec<Part> {
    let owner = || (words.owner, Term::named(words.one, name));
    let inline = policies.iter().map(|(policy, document)| {
        let fields: Fields = fields([("name", policy.into()), owner(), ("policy", Term::encoded(document))]);
        Part::new(words.inline, &format!("{name}:{policy}"), fields).under(policy)
    });
    let attached = managed.iter().map(|arn| {
        let attachment = fields([owner(), ("policy_arn", arn.into())]);
        let policy = arn.rsplit('/').next().unwrap_or_default();
        Part::new(words.attachment, &format!("{name}/{arn}"), attachment).under(policy)
    });
    inline.chain(attached).collect()
}

/// The inline policies as CloudFormation has them.
pub(super) fn policy_list(policies: &BTreeMap<String, Policy>) -> Value {
    let list = policies.iter().map(|(name, document)| json!({ "PolicyName": name, "PolicyDocument": document }));
    filled(list.collect::<Vec<_>>())
}
