//! What is carried out, as it stands once nobody else can change the state: a plan's file is what was reviewed, and never
//! what is trusted.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::json;

use super::Order;
use crate::engine::access::broadenings;
use crate::engine::fresh::{seen_key, stale};
use crate::engine::plan::claim::{Claim, claim};
use crate::engine::plan::{Action, Change, Changes, key_of};
use crate::engine::planfile::Plan;
use crate::engine::refresh::LiveResources;
use crate::engine::review::{Disagreement, Review, review};
use crate::model::address::Address;
use crate::ops::fault::{Staleness, state_fault};
use crate::ops::plan::remembered;
use crate::ops::preconditions::{check_preconditions, same_state};
use crate::ops::request::Request;
use crate::ops::{Fault, Result, Site};
use crate::state::State;
use crate::state::blobs::ETag;

/// Where a plan comes from, and with that, what has to be made sure of before it is carried out.
#[derive(Clone, Copy)]
pub enum Origin<'a> {
    /// This process has worked it out: AWS and the state must still be as it saw them.
    Here,
    /// A file, into which anybody may have written: the same is worked out again, and that is carried out if the file says
    /// just that.
    File {
        /// What the plan was asked for, as the command line says it.
        request: &'a Request<'a>,
        /// The command line, to which a missing option is added.
        command: &'a str,
    },
    /// A file without its spec: what guards is worked out from its changes, AWS and the state.
    FileAlone,
}

/// A plan that can be carried out, and the state that it is carried out on.
pub(super) struct Ready<'a> {
    pub(super) plan: Cow<'a, Plan>,
    pub(super) state: State,
    pub(super) etag: Option<ETag>,
}

/// Makes sure of a plan, under the lock.
///
/// `early` is the state as it was when the lock was asked for.
pub(super) async fn ready<'a>(site: &Site, order: &Order<'a>, early: Option<&State>) -> Result<Ready<'a>> {
    let Ready { plan, state, etag } = match order.origin {
        Origin::Here => as_seen(site, order).await?,
        Origin::File { request, command } => worked_out(site, order, (request, command), early).await?,
        Origin::FileAlone => judged(site, order).await?,
    };
    Ready::new(site, order, plan, (state, etag))
}

impl<'a> Ready<'a> {
    /// A plan and the state that it was worked out on, both read under the lock.
    ///
    /// # Errors
    /// When something speaks against the plan.
    pub(super) fn new(
        site: &Site,
        order: &Order<'_>,
        plan: Cow<'a, Plan>,
        (state, etag): (State, Option<ETag>),
    ) -> Result<Self> {
        check_preconditions(site, &plan)?;
        if !order.broadening && !plan.broadens.is_empty() {
            return Err(Fault::Broadens(plan.broadens.clone()));
        }
        Ok(Self { plan, state, etag })
    }
}

/// The plan as it is, where AWS and the state are as it saw them.
async fn as_seen<'a>(site: &Site, order: &Order<'a>) -> Result<Ready<'a>> {
    let plan = order.plan;
    let (ready, _) = unchanged(site, order, plan).await?;
    Ok(ready)
}

/// The plan, the state, and what was read of AWS, where nothing has changed since the plan was made.
async fn unchanged<'a>(site: &Site, order: &Order<'a>, plan: &'a Plan) -> Result<(Ready<'a>, LiveResources)> {
    let (loaded, seen) = tokio::join!(site.store.load(), stale(&site.registry, &plan.changes));
    let loaded = loaded.map_err(state_fault)?;
    same_state(site, plan, order.digest, loaded.as_ref().map(|one| (&one.state, one.etag.as_ref())))?;
    let (changed, world) = seen.map_err(Fault::Unreadable)?;
    if !changed.is_empty() {
        return Err(Fault::Stale(Staleness::LiveResources(changed)));
    }
    let etag = loaded.as_ref().and_then(|loaded| loaded.etag.clone());
    let mut state = remembered(site, loaded)?;
    let live: BTreeMap<_, _> = plan.changes.0.iter().map(|change| (&change.address, &change.before)).collect();
    state.share(|address, _| live.get(address)?.as_ref());
    Ok((Ready { plan: Cow::Borrowed(plan), state, etag }, world))
}

/// The plan as it is worked out now, where its file says the same.
async fn worked_out<'a>(
    site: &Site,
    order: &Order<'a>,
    (request, command): (&Request<'_>, &str),
    early: Option<&State>,
) -> Result<Ready<'a>> {
    let basis = request.basis(site, early).await?;
    same_state(site, order.plan, order.digest, basis.found())?;
    let plan = request.on(site, &basis).await?;
    let Review { stale, disagreements } = review(&site.registry, order.plan, &plan);
    if !stale.is_empty() {
        return Err(Fault::Stale(Staleness::LiveResources(stale)));
    }
    if let Some(fault) = unasked(&disagreements, command) {
        return Err(fault);
    }
    if !disagreements.is_empty() {
        return Err(Fault::Stale(Staleness::Otherwise(disagreements)));
    }
    let (state, etag) = basis.into_state();
    Ok(Ready { plan: Cow::Owned(plan), state, etag })
}

/// What the file takes over although the command line does not name it, if that is what it says otherwise.
fn unasked(disagreements: &[Disagreement], command: &str) -> Option<Fault> {
    let adopts = |one: &&Disagreement| {
        one.field == "action" && one.said == json!(Action::Adopt) && one.found == json!(Action::Conflict)
    };
    let these: Vec<String> =
        disagreements.iter().filter(adopts).filter_map(|one| Some(one.address.as_ref()?.to_string())).collect();
    let options: String = these.iter().flat_map(|address| [" --adopt ", address]).collect();
    (!these.is_empty()).then(|| Fault::Unasked {
        what: format!("it takes over what exists already: {}", these.join(", ")),
        command: format!("{command}{options}"),
    })
}

/// The plan with what guards worked out from its changes. Whatever it says of what it leaves alone is left out.
async fn judged<'a>(site: &Site, order: &Order<'a>) -> Result<Ready<'a>> {
    let (Ready { state, etag, .. }, world) = unchanged(site, order, order.plan).await?;
    let mut changes = Vec::new();
    for change in order.plan.changes.0.iter().filter(|change| change.acts()) {
        let key = seen_key(change);
        let live = world.get(&change.kind, key);
        changes.push(Change { before: live.map(|live| live.attributes.clone()), ..change.clone() });
    }
    let changes = Changes(changes);
    let odd: Vec<_> = changes.0.iter().filter_map(|change| presumes(site, &state, change)).collect();
    if !odd.is_empty() {
        return Err(Fault::Stale(Staleness::Otherwise(odd)));
    }
    let (refusals, broadens) = (changes.refusals(&state), broadenings(&changes, &state, &site.registry));
    let plan = Plan { changes, refusals, broadens, ..order.plan.clone() };
    Ok(Ready { plan: Cow::Owned(plan), state, etag })
}

/// What a change presumes of a resource and is not so: that it has this key, that it is ours.
fn presumes(site: &Site, state: &State, change: &Change) -> Option<Disagreement> {
    let odd = |field: &str, said: &str, found: Option<&str>| {
        let address: Option<Address> = Some(change.address.clone());
        Some(Disagreement { address, field: field.to_owned(), said: json!(said), found: json!(found) })
    };
    if let Some(after) = change.after.as_deref() {
        match key_of(&site.registry, &change.kind, after) {
            Ok(key) if key == change.key => {}
            Ok(key) => return odd("key", &change.key, Some(&key)),
            Err(error) => return odd("after", &error.to_string(), None),
        }
    }
    let address = change.previous_address.as_ref().unwrap_or(&change.address);
    let key = seen_key(change);
    let recorded = state.resources.get(address).is_some_and(|one| one.kind == change.kind && &one.key == key);
    let begun = state.intents.get(address).is_some_and(|one| one.kind == change.kind && &one.key == key);
    let kind = site.registry.get(&change.kind)?;
    let marked = |live: &_| claim(kind.ownership(), live, &state.project, &state.env) == Claim::Ours;
    let ours = recorded || begun || change.before.as_deref().is_some_and(marked);
    if ours || change.before.is_none() { None } else { odd("key", key, Some("somebody else's")) }
}
