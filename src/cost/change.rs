//! What a plan changes in the cost of an environment.

use super::inventory::{Inventory, Resource};
use super::prices::Tariff;
use super::{Books, Expected};
use crate::engine::plan::{Action, Change, Changes};
use crate::engine::planfile::MonthlyCost;

/// What the environment costs as AWS has it now and as the changes make it, with the same traffic; absent where there
/// are no prices of the region.
pub fn change(changes: &Changes, expected: &Expected, region: &str) -> Option<MonthlyCost> {
    let tariff = Tariff::of(region, &expected.prices).ok()?;
    let estimate = |attributes: fn(&Change) -> Option<Resource<'_>>| {
        let inventory = Inventory::of(changes.0.iter().filter_map(attributes));
        Books { inventory, expected, tariff }.estimate(region)
    };
    let (now, then) = (estimate(before), estimate(after));
    let (before, after) = (now.total, then.total);
    let (unknown_traffic, uncounted) = (then.unknown_traffic, then.uncounted);
    Some(MonthlyCost { before, after, prices: then.prices, unknown_traffic, uncounted })
}

/// The resource as it is, if it is ours.
fn before(change: &Change) -> Option<Resource<'_>> {
    let ours = !matches!(change.action, Action::Conflict | Action::Forget);
    let attributes = change.before.as_ref().filter(|_| ours)?;
    Some(Resource { address: &change.address, kind: &change.kind, attributes })
}

/// The resource as it is to be.
fn after(change: &Change) -> Option<Resource<'_>> {
    let attributes = change.after.as_ref()?;
    Some(Resource { address: &change.address, kind: &change.kind, attributes })
}
