//! What IAM roles and users have in common: inline and attached policies.

use serde_json::{Value, json};

use super::{Subject, entries, filled, items, text};
use crate::export::parts::terraform::{Fields, Part, Term, fields};

/// Terraform's names for the policies of a role, or of a user.
pub(super) struct Words {
    /// The kind that the policies belong to.
    pub(super) kind: &'static str,
    /// What the argument is called that says whose a policy is.
    pub(super) owner: &'static str,
    /// The type of an inline policy.
    pub(super) inline: &'static str,
    /// The type of an attachment.
    pub(super) attachment: &'static str,
}

/// A part for each inline policy, and for each managed policy that is attached.
pub(super) fn policy_parts(it: &Subject<'_>, words: &Words) -> Vec<Part> {
    let owner = || (words.owner, Term::named(words.kind, it.name()));
    let inline = entries(&it["policies"]).map(|(name, document)| {
        let policy: Fields = fields([("name", json!(name).into()), owner(), ("policy", Term::encoded(document))]);
        Part::new(words.inline, &format!("{}:{name}", it.name()), policy).under(name)
    });
    let attached = items(&it["managed_policies"]).map(text).map(|arn| {
        let attachment = fields([owner(), ("policy_arn", json!(arn).into())]);
        let name = arn.rsplit('/').next().unwrap_or_default();
        Part::new(words.attachment, &format!("{}/{arn}", it.name()), attachment).under(name)
    });
    inline.chain(attached).collect()
}

/// The inline policies as CloudFormation has them.
pub(super) fn policy_list(policies: &Value) -> Value {
    let list = entries(policies).map(|(name, document)| json!({ "PolicyName": name, "PolicyDocument": document }));
    filled(&list.collect())
}
