//! Blocks of other environments of pipectl's, as their states name them.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;

use crate::blueprint::own_type;
use crate::model::address::Address;
use crate::spec::Spec;
use crate::spec::blocks::Kind;
use crate::spec::external::{Externals, Found, Output, Producer};
use crate::state::State;
use crate::state::consumers::{self, Consumer, Consumers};
use crate::state::file::FileError;
use crate::state::store::{STATE, StateError, StateStore};

/// The state of another environment.
#[derive(Debug)]
pub enum ProducerState {
    /// Nothing says where it is.
    Unplaced,
    /// It could not be read.
    Unreadable(StateError),
    /// There is none here.
    None(String),
    /// What it is.
    There(Box<There>),
}

/// A state of another environment, and who uses what of that.
#[derive(Debug)]
pub struct There {
    location: String,
    state: State,
    /// Absent where it cannot be read.
    consumers: Option<Consumers>,
}

/// The states of the environments that a spec refers to.
pub type Producers = BTreeMap<Producer, ProducerState>;

/// Reads the states of the environments that a spec refers to: one round trip. `store` says where each is.
pub(crate) async fn read(spec: &Spec, store: impl Fn(&Producer) -> Option<StateStore>) -> Producers {
    let all = spec.blocks.externals().filter_map(|(_, _, external)| Some(external.external.output()?.producer));
    let all: BTreeSet<Producer> = all.collect();
    let states = join_all(all.iter().map(async |producer| {
        let Some(store) = store(producer) else { return ProducerState::Unplaced };
        let (state, consumers) = tokio::join!(store.load(), consumers::load(&**store.blobs()));
        match state {
            Ok(Some(loaded)) => ProducerState::There(Box::new(There {
                location: store.location(),
                state: loaded.state,
                consumers: consumers.ok(),
            })),
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
    (producers, own): (&Producers, &str),
) -> std::result::Result<Found, (String, String)> {
    let Output { producer, block } = output;
    let There { location, state, consumers } = match producers.get(producer) {
        Some(ProducerState::There(there)) => &**there,
        Some(ProducerState::None(location)) => {
            let help = format!("apply {producer} first; `state = \"s3://bucket/folder\"` says where its states are");
            return Err((format!("{producer} has no state: there is no `{location}`"), help));
        }
        Some(ProducerState::Unreadable(error)) => {
            let why = std::error::Error::source(error).map(|why| format!(": {why}")).unwrap_or_default();
            let help = match error {
                StateError::File { source: FileError::Moved { to }, .. } => moved(producer, to),
                StateError::Read { .. }
                | StateError::File { .. }
                | StateError::Conflict { .. }
                | StateError::Write { .. }
                | StateError::Unsound { .. } => {
                    "`pipectl deploy-policy` prints what it takes to read it, once its place is known".to_owned()
                }
            };
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
        let help = renamed(block, producer, there_own(consumers.as_ref(), own), state);
        return Err((format!("{producer} has no `{block}`"), help.unwrap_or_else(|| other(kind, state))));
    };
    if state.is_leaving(&address) {
        let help = format!("wait for the apply of {producer} to end, or ask its owner");
        return Err((format!("`{block}` of {producer} is being deleted"), help));
    }
    let of = own_type(kind).filter(|of| of.name() == record.kind);
    let (Some(_), key) = (of, &record.key) else {
        return Err((format!("`{block}` of {producer} is a {}, no {}", record.kind, kind.name()), other(kind, state)));
    };
    let arn = match kind.externals() {
        // Of a secret AWS makes up the end.
        Externals::ByArn(form) => match record.outputs["arn"].as_str() {
            Some(arn) if !form.suffix.is_empty() => arn.to_owned(),
            _ => form.arn(key, &state.scope),
        },
        Externals::ByName(_) | Externals::Never(_) => key.clone(),
    };
    let uses = there_own(consumers.as_ref(), own).and_then(|consumer| consumer.uses.get(block));
    let registered = uses.is_some_and(|used| (&used.kind, &used.key) == (&record.kind, &record.key));
    Ok(Found { arn, kms_key: None, state: Some(location.clone()), registered })
}

/// What is registered of an environment, `project/env`.
fn there_own<'a>(consumers: Option<&'a Consumers>, own: &str) -> Option<&'a Consumer> {
    consumers.and_then(|all| all.get(own))
}

/// What to do about a block that has another name by now, as its resource tells.
fn renamed(block: &str, producer: &Producer, own: Option<&Consumer>, state: &State) -> Option<String> {
    let used = own?.uses.get(block)?;
    let now = state.resources.iter().find(|(_, record)| (&record.kind, &record.key) == (&used.kind, &used.key));
    now.map(|(address, _)| format!("it is called `{address}` there by now: write `{producer}:{address}`"))
}

/// What to do about a state that is at another place by now.
fn moved(producer: &Producer, to: &str) -> String {
    let end = format!("/{}/{STATE}", producer.env);
    match to.strip_suffix(&end).filter(|place| place.starts_with("s3://")) {
        Some(place) => format!("write `state = \"{place}\"` beside `output`"),
        None => format!("ask the owner of {producer} for a state in a bucket: nobody else can read a folder of theirs"),
    }
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
        Some(ProducerState::There(there)) => there.state.registered.contains_key(own),
        Some(ProducerState::Unplaced | ProducerState::Unreadable(_) | ProducerState::None(_)) | None => false,
    }
}
