//! Blocks of other environments of pipectl's, as their states name them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use crate::blueprint::own_type;
use crate::model::address::Address;
use crate::spec::Spec;
use crate::spec::blocks::Kind;
use crate::spec::external::{Externals, Found, Output, Producer};
use crate::state::store::{StateError, StateStore};
use crate::state::{IntentAction, State};

/// The state of another environment.
#[derive(Debug)]
pub enum ProducerState {
    /// Nothing says where it is.
    Unplaced,
    /// It could not be read.
    Unreadable(StateError),
    /// There is none here.
    None(String),
    /// What it is, and where.
    There(String, Box<State>),
}

/// The states of the environments that a spec refers to.
pub type Producers = BTreeMap<Producer, ProducerState>;

/// Reads the states of the environments that a spec refers to: one round trip. `store` says where each is.
pub(crate) async fn read(spec: &Spec, store: impl Fn(&Producer) -> Option<StateStore>) -> Producers {
    let all = spec.blocks.externals().filter_map(|(_, _, external)| Some(external.external.output()?.producer));
    let all: BTreeSet<Producer> = all.collect();
    let states = join_all(all.iter().map(async |producer| {
        let Some(store) = store(producer) else { return ProducerState::Unplaced };
        match store.load().await {
            Ok(Some(loaded)) => ProducerState::There(store.location(), Box::new(loaded.state)),
            Ok(None) => ProducerState::None(store.location()),
            Err(error) => ProducerState::Unreadable(error),
        }
    }));
    let states = states.await;
    all.into_iter().zip(states).collect()
}

/// What a block of another environment is in AWS; message and help where that cannot be said.
pub(super) fn named(
    kind: Kind,
    output: &Output,
    producers: &Producers,
) -> std::result::Result<Found, (String, String)> {
    let Output { producer, block } = output;
    let (location, state) = match producers.get(producer) {
        Some(ProducerState::There(location, state)) => (location, state),
        Some(ProducerState::None(location)) => {
            let help = format!("apply {producer} first; `state = \"s3://bucket/folder\"` says where its states are");
            return Err((format!("{producer} has no state: there is no `{location}`"), help));
        }
        Some(ProducerState::Unreadable(error)) => {
            let why = std::error::Error::source(error).map(|why| format!(": {why}")).unwrap_or_default();
            let help = "`pipectl deploy-policy` prints what it takes to read it, once its place is known".to_owned();
            return Err((format!("{error}{why}"), help));
        }
        Some(ProducerState::Unplaced) | None => {
            let help = "write `state = \"s3://bucket/folder\"` beside `output`".to_owned();
            return Err((format!("nothing says where the states of {} are", producer.project), help));
        }
    };
    let address: Option<Address> = block.parse().ok();
    let Some((address, record)) = address.and_then(|address| Some((address.clone(), state.resources.get(&address)?)))
    else {
        return Err((format!("{producer} has no `{block}`"), other(kind, state)));
    };
    let doomed = state.intents.get(&address).is_some_and(|intent| match intent.action {
        IntentAction::Delete | IntentAction::Replace => true,
        IntentAction::Create | IntentAction::Update | IntentAction::Rebind => false,
    });
    if doomed {
        let help = format!("wait for the apply of {producer} to end, or ask its owner");
        return Err((format!("`{block}` of {producer} is being deleted"), help));
    }
    let of = own_type(kind).filter(|of| of.name() == record.kind);
    let (Some(_), key) = (of, &record.key) else {
        return Err((format!("`{block}` of {producer} is a {}, no {}", record.kind, kind.name()), other(kind, state)));
    };
    let arn = match kind.externals() {
        Externals::ByArn(form) => form.arn(key, &state.scope),
        Externals::ByName(_) | Externals::Never(_) => key.clone(),
    };
    Ok(Found { arn, kms_key: None, state: Some(location.clone()) })
}

/// What of a kind another environment has instead.
fn other(kind: Kind, state: &State) -> String {
    let prefix = format!("{}.", kind.name());
    let own = state.resources.keys().filter(|address| address.part_name().is_none());
    let has: Vec<String> = own.map(ToString::to_string).filter(|address| address.starts_with(&prefix)).collect();
    if has.is_empty() { format!("it has no {} at all", kind.name()) } else { format!("it has {}", has.join(", ")) }
}

/// Whether the other environment is registered as a user of this one, `own`, in turn.
pub(super) fn is_mutual(own: &str, output: &Output, producers: &Producers) -> bool {
    match producers.get(&output.producer) {
        Some(ProducerState::There(_, state)) => state.registered.contains_key(own),
        Some(ProducerState::Unplaced | ProducerState::Unreadable(_) | ProducerState::None(_)) | None => false,
    }
}

/// Where the state is that names a block.
pub(super) fn location(output: &Output, producers: &Producers) -> Option<String> {
    match producers.get(&output.producer) {
        Some(ProducerState::There(location, _)) => Some(location.clone()),
        Some(ProducerState::Unplaced | ProducerState::Unreadable(_) | ProducerState::None(_)) | None => None,
    }
}
