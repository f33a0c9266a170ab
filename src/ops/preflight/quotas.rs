//! What a plan adds to what an account may hold. Only the quotas are asked for that it adds to.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Check;
use crate::catalog::Resource;
use crate::catalog::facets::Takes;
use crate::engine::plan::{Action, Change};
use crate::engine::planfile::Plan;
use crate::model::account::{Account, Quota, Usage};

/// AWS's default of a quota, where the service does not tell the account's own.
fn default_of(quota: Quota) -> Option<u64> {
    match quota {
        Quota::DeliveryStreams => Some(5000),
        Quota::Buckets => Some(10_000),
        Quota::Shards | Quota::OnDemandStreams | Quota::Roles | Quota::Users => None,
    }
}

/// The quotas that the plan adds to, as they are now.
pub(super) async fn check(account: &dyn Account, plan: &Plan) -> Vec<Check> {
    let added = added(&plan.changes.0).into_iter();
    let checks = added.map(|(quota, adds)| async move {
        let check = |used, limit: Option<u64>, unknown| Check {
            quota,
            used,
            adds,
            limit: limit.or(default_of(quota)),
            default: limit.is_none(),
            unknown,
        };
        match account.usage(quota).await {
            Ok(Usage { used, limit }) => check(Some(used), limit, None),
            Err(error) => check(None, None, Some(error.to_string())),
        }
    });
    futures_util::future::join_all(checks).await
}

/// How much more there is of what a quota counts. What is replaced under another name exists twice for a while; what is
/// deleted is not set off, for it may go later than what comes.
fn added(changes: &[Change]) -> BTreeMap<Quota, u64> {
    let mut added = BTreeMap::new();
    for change in changes {
        let Some((quota, more)) = more(change) else { continue };
        if more > 0 {
            *added.entry(quota).or_default() += more;
        }
    }
    added
}

/// Which quota a change adds to, and how much.
fn more(change: &Change) -> Option<(Quota, u64)> {
    let after = change.after.as_ref()?;
    let renamed = change.action == Action::Replace && change.previous_key.is_some();
    let new = change.action == Action::Create || renamed;
    let changed = matches!(change.action, Action::Update | Action::Rename | Action::Adopt | Action::Replace);
    // What is new, or changed from something else, has nothing before that counts.
    let before = change.before.as_deref().filter(|_| changed && !renamed);
    if !new && !changed {
        return None;
    }
    let takes = |attributes: &Value| match Resource::of(&change.kind, attributes)?.takes() {
        Takes::Of(quota, amount) => Some((quota, amount)),
        Takes::None(_) => None,
    };
    let (quota, amount) = takes(after)?;
    let held = before.and_then(takes).filter(|(held, _)| *held == quota).map_or(0, |(_, held)| held);
    Some((quota, amount.saturating_sub(held)))
}
