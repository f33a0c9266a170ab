//! What speaks against applying a plan, as far as plan, credentials and state tell.

use time::format_description::well_known::Rfc3339;

use super::fault::Staleness;
use super::{Fault, Result, Site};
use crate::engine::apply::now;
use crate::engine::plan::Action;
use crate::engine::planfile::Plan;
use crate::model::scope::Scope;
use crate::state::State;
use crate::state::blobs::ETag;

/// Refuses a plan against which something can be said without asking anybody.
///
/// # Errors
/// [`Fault::Stale`], [`Fault::Refused`] or [`Fault::Conflicts`].
pub fn check_preconditions(site: &Site, plan: &Plan) -> Result<()> {
    same_scope(&plan.scope, &site.scope)?;
    if plan.expires < now() {
        return Err(Fault::Stale(Staleness::Expired(plan.expires.format(&Rfc3339).unwrap_or_default())));
    }
    if !plan.refusals.is_empty() {
        return Err(Fault::Refused(plan.refusals.clone()));
    }
    conflicting(plan).map_or(Ok(()), Err)
}

/// Refuses a plan of another account or region than the credentials'.
///
/// # Errors
/// [`Fault::Stale`].
pub fn same_scope(planned: &Scope, actual: &Scope) -> Result<()> {
    if planned == actual {
        return Ok(());
    }
    let (planned, actual) = (format!("account {planned}"), format!("account {actual}"));
    Err(Fault::Stale(Staleness::Scope { planned, actual }))
}

/// What is in the way of a plan, if anything is.
pub fn conflicting(plan: &Plan) -> Option<Fault> {
    let conflicts = plan.changes.0.iter().filter(|change| change.action == Action::Conflict);
    let conflicts: Vec<_> =
        conflicts.map(|change| (change.address.clone(), change.reason.clone().unwrap_or_default())).collect();
    (!conflicts.is_empty()).then_some(Fault::Conflicts(conflicts))
}

/// Whether the state is still the one that the plan was made against.
pub(super) fn same_state(
    site: &Site,
    plan: &Plan,
    digest: &str,
    loaded: Option<(&State, Option<&ETag>)>,
) -> Result<()> {
    let refuse = |what: String| Err(Fault::Stale(Staleness::State(what)));
    let location = site.store.location();
    if plan.state.location != location {
        return refuse(format!("it was {}, and is now {location}", plan.state.location));
    }
    if let Some(applied) = loaded.and_then(|(state, _)| state.applied.iter().find(|one| one.plan == digest)) {
        let at = applied.at.format(&Rfc3339).unwrap_or_default();
        return Err(Fault::Stale(Staleness::Applied { at, by: applied.by.clone() }));
    }
    match (plan.state.lineage, loaded) {
        (None, None) => Ok(()),
        (None, Some(_)) => refuse("there was none".to_owned()),
        (Some(_), None) => refuse("it is gone".to_owned()),
        (Some(lineage), Some((state, etag))) => {
            let etag = etag.map(ToString::to_string);
            if lineage != state.lineage {
                refuse("it was begun anew".to_owned())
            } else if plan.state.serial != state.serial {
                refuse(format!("its serial was {}, and is now {}", plan.state.serial, state.serial))
            } else if plan.state.etag != etag {
                refuse("somebody wrote it without pipectl".to_owned())
            } else {
                Ok(())
            }
        }
    }
}
