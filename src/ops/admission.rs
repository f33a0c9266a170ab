//! What speaks against applying a plan, as far as plan, credentials and state tell.

use time::format_description::well_known::Rfc3339;

use super::fault::Staleness;
use super::{Fault, Result, Site};
use crate::engine::apply::now;
use crate::engine::plan::Action;
use crate::engine::planfile::Plan;
use crate::state::store::Versioned;

/// Refuses a plan against which something can be said without asking anybody.
///
/// # Errors
/// [`Fault::Stale`], [`Fault::Refused`] or [`Fault::Conflicts`].
pub fn admissible(site: &Site, plan: &Plan) -> Result<()> {
    if plan.scope != site.scope {
        let (planned, actual) = (format!("account {}", plan.scope), format!("account {}", site.scope));
        return Err(Fault::Stale(Staleness::Scope { planned, actual }));
    }
    if plan.expires < now() {
        return Err(Fault::Stale(Staleness::Expired(plan.expires.format(&Rfc3339).unwrap_or_default())));
    }
    if !plan.refusals.is_empty() {
        return Err(Fault::Refused(plan.refusals.clone()));
    }
    conflicting(plan).map_or(Ok(()), Err)
}

/// What is in the way of a plan, if anything is.
pub fn conflicting(plan: &Plan) -> Option<Fault> {
    let conflicts = plan.changes.0.iter().filter(|change| change.action == Action::Conflict);
    let conflicts: Vec<_> =
        conflicts.map(|change| (change.address.clone(), change.reason.clone().unwrap_or_default())).collect();
    (!conflicts.is_empty()).then_some(Fault::Conflicts(conflicts))
}

/// Whether the state is still the one that the plan was made against.
pub(super) fn same_state(site: &Site, plan: &Plan, digest: &str, loaded: Option<&Versioned>) -> Result<()> {
    let stale = |what: String| Err(Fault::Stale(Staleness::State(what)));
    let location = site.store.location();
    if plan.state.location != location {
        return stale(format!("it was {}, and is now {location}", plan.state.location));
    }
    if let Some(applied) = loaded.and_then(|loaded| loaded.state.applied.iter().find(|one| one.plan == digest)) {
        let at = applied.at.format(&Rfc3339).unwrap_or_default();
        return Err(Fault::Stale(Staleness::Applied { at, by: applied.by.clone() }));
    }
    match (plan.state.lineage, loaded) {
        (None, None) => Ok(()),
        (None, Some(_)) => stale("there was none".to_owned()),
        (Some(_), None) => stale("it is gone".to_owned()),
        (Some(lineage), Some(Versioned { state, etag })) => {
            let etag = etag.as_ref().map(ToString::to_string);
            if lineage != state.lineage {
                stale("it was begun anew".to_owned())
            } else if plan.state.serial != state.serial {
                stale(format!("its serial was {}, and is now {}", plan.state.serial, state.serial))
            } else if plan.state.etag != etag {
                stale("somebody wrote it without pipectl".to_owned())
            } else {
                Ok(())
            }
        }
    }
}
