//! What AWS has bound to the id of a role or user that is made again under its name.
//!
//! A policy names a principal by its ARN, and AWS keeps the id: once the principal is deleted, its successor of the same ARN is
//! somebody else, and the policy shows `AROA…` in place of the ARN
//! (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>). A function's environment is
//! encrypted for the id of its role (<https://repost.aws/knowledge-center/lambda-kmsaccessdeniedexception-errors>). Both have
//! to be written again, although they seem to be as they should be.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Action, Change, Input, REMADE};
use crate::model::address::Address;
use crate::model::policy::principals_in;
use crate::state::IntentAction;

/// Marks what has to be bound anew: after the roles and users that these changes make again, after those that somebody else
/// has made again, and where an earlier apply did not get so far.
pub(super) fn mark(input: &Input<'_>, changes: &mut [Change]) {
    let again: Vec<Remade> = changes.iter().filter_map(|change| remade(input, change)).collect();
    let needs: BTreeMap<Address, BTreeSet<Address>> =
        changes.iter().map(|change| (change.address.clone(), change.depends_on.clone())).collect();
    for change in changes {
        let kept = matches!(change.action, Action::None | Action::Update | Action::Rename | Action::Adopt);
        if !kept || change.before.is_none() {
            continue;
        }
        let Some(kind) = input.registry.get(&change.kind) else { continue };
        let bound = change.after.as_deref().map(|after| kind.bound_to(after)).unwrap_or_default();
        let cause = again.iter().find(|one| bound.iter().any(|arn| one.is(arn)));
        let pending = input.state.intents.get(&change.address);
        let pending = pending.is_some_and(|intent| intent.action == IntentAction::Rebind && intent.kind == change.kind);
        if let Some(cause) = cause {
            if !leads_to(&needs, &cause.address, &change.address) {
                change.depends_on.insert(cause.address.clone());
            }
            let again = if cause.by_others { REMADE } else { "is made again" };
            change.reason = Some(format!(
                "`{}` {again}, and AWS has bound this to the id of the one before: it is bound anew",
                cause.address
            ));
        } else if pending {
            change.reason = Some("an interrupted apply was about to bind it to a role that was made again".to_owned());
        }
        if cause.is_some() || pending {
            change.rebinds = true;
            if change.action == Action::None {
                change.action = Action::Update;
            }
        } else if let Some(id) = change.before.as_deref().and_then(deleted_principal)
            && change.action == Action::Update
            && change.reason.is_none()
        {
            change.reason =
                Some(format!("its policy names {id}, which is what AWS makes of a principal that was deleted"));
        }
    }
}

/// A role or user that is made again under its name.
struct Remade {
    address: Address,
    noun: &'static str,
    name: String,
    /// Whether somebody else has done that, and not these changes.
    by_others: bool,
}

impl Remade {
    /// Whether an ARN is its own: `arn:aws:iam::123456789012:role/path/name`.
    fn is(&self, arn: &str) -> bool {
        let mut parts = arn.splitn(6, ':').skip(2);
        let (service, resource) = (parts.next(), parts.nth(2).unwrap_or_default());
        let path = resource.strip_prefix(self.noun).and_then(|rest| rest.strip_prefix('/'));
        service == Some("iam") && path.and_then(|path| path.rsplit('/').next()) == Some(self.name.as_str())
    }
}

fn remade(input: &Input<'_>, change: &Change) -> Option<Remade> {
    let noun = input.registry.get(&change.kind)?.principal()?;
    let (again, by_others) = match change.action {
        Action::Create => (true, false),
        Action::Replace => (change.previous_key.is_none(), false),
        Action::Delete | Action::Forget | Action::Conflict => (false, false),
        Action::Adopt | Action::Update | Action::Rename | Action::None => {
            let record = input.state.resources.get(change.previous_address.as_ref().unwrap_or(&change.address));
            let (then, now) = (record.map_or(&Value::Null, |record| &record.outputs["id"]), &change.outputs["id"]);
            (then.is_string() && now.is_string() && then != now, true)
        }
    };
    again.then(|| Remade { address: change.address.clone(), noun, name: change.key.clone(), by_others })
}

/// Whether one resource needs another, directly or not.
fn leads_to(needs: &BTreeMap<Address, BTreeSet<Address>>, from: &Address, to: &Address) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(address) = next.pop() {
        if address == to {
            return true;
        }
        if seen.insert(address) {
            next.extend(needs.get(address).into_iter().flatten());
        }
    }
    false
}

/// The id that stands in a policy where a role or user was deleted.
fn deleted_principal(attributes: &Value) -> Option<String> {
    let is_id = |name: &String| {
        (name.starts_with("AROA") || name.starts_with("AIDA"))
            && name.len() >= 16
            && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    principals_in(attributes).into_iter().find(is_id)
}
