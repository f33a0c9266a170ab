//! What roles and users share.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::policy::Policy;
use crate::model::tags::Tags;

/// The condition key by which a policy asks for an entity's boundary: the one that it has, or is given by the call.
pub(crate) const BOUNDARY: &str = "iam:PermissionsBoundary";

/// The attributes that roles and users share.
pub(crate) struct Shared<'a> {
    /// Inline policies, by name.
    pub(crate) policies: &'a BTreeMap<String, Policy>,
    /// ARNs of the managed policies attached.
    pub(crate) managed_policies: &'a BTreeSet<String>,
    /// ARN of the permissions boundary.
    pub(crate) permissions_boundary: Option<&'a str>,
    /// Tags.
    pub(crate) tags: &'a Tags,
}
