//! Reads live resources, all at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::{StreamExt, stream};

use crate::model::address::Address;
use crate::model::attributes::{Attributes, share};
use crate::model::error::{CallError, Class};
use crate::model::kind::{Live, Registry};

/// How many resources are read at the same time: as many as eighteen pipelines have. Calls wait for AWS's rates where they
/// are made; this only bounds the memory of those that wait.
const AT_ONCE: usize = 256;

/// What is to be read.
#[derive(Clone, Debug)]
pub struct Target<'a> {
    /// For whom; named in errors.
    pub address: &'a Address,
    /// The resource's kind.
    pub kind: &'a str,
    /// What it is found by.
    pub key: String,
    /// Desired or last applied attributes.
    pub hint: Option<&'a Attributes>,
}

/// Live resources by kind and key; `None` where AWS has none of that key.
#[derive(Clone, Debug, Default)]
pub struct LiveResources(BTreeMap<(String, String), Option<Live>>);

impl LiveResources {
    /// The live resource of that kind and key.
    pub fn get(&self, kind: &str, key: &str) -> Option<&Live> {
        self.0.get(&(kind.to_owned(), key.to_owned()))?.as_ref()
    }

    /// Whether it has been asked for.
    pub fn knows(&self, kind: &str, key: &str) -> bool {
        self.0.contains_key(&(kind.to_owned(), key.to_owned()))
    }

    /// Puts what was read.
    pub fn put(&mut self, kind: &str, key: &str, live: Option<Live>) {
        self.0.insert((kind.to_owned(), key.to_owned()), live);
    }

    /// Joins what two refreshes have read.
    pub fn extend(&mut self, other: LiveResources) {
        self.0.extend(other.0);
    }
}

/// A resource that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("cannot read {address}")]
pub struct Unreadable {
    /// Which.
    pub address: Address,
    /// Why.
    #[source]
    pub source: CallError,
}

/// Reads all targets at once, those of one block name next to one another: asked for all resources of one kind in a row,
/// their service would keep all others waiting.
///
/// # Errors
/// Every target that could not be read: a plan on half the truth would be no plan.
pub async fn refresh(registry: &Registry, mut targets: Vec<Target<'_>>) -> Result<LiveResources, Vec<Unreadable>> {
    targets.sort_by(|a, b| a.address.name().cmp(b.address.name()));
    let reads = targets.into_iter().map(|target| async move {
        let read = match registry.get(target.kind) {
            Some(kind) => kind.read(&target.key, target.hint.map(Arc::as_ref)).await,
            None => Err(unknown(target.kind)),
        };
        (target, read)
    });
    let mut reads = stream::iter(reads).buffer_unordered(AT_ONCE);
    let (mut world, mut failed) = (LiveResources::default(), Vec::new());
    while let Some((target, read)) = reads.next().await {
        match read {
            Ok(mut live) => {
                if let (Some(live), Some(hint)) = (&mut live, target.hint) {
                    share(&mut live.attributes, hint);
                }
                world.put(target.kind, &target.key, live);
            }
            Err(source) => failed.push(Unreadable { address: target.address.clone(), source }),
        }
    }
    failed.sort_by(|a, b| a.address.cmp(&b.address));
    if failed.is_empty() { Ok(world) } else { Err(failed) }
}

/// What to say of a kind that this pipectl does not have.
pub(super) fn unknown(kind: &str) -> CallError {
    let message = format!("this pipectl knows no resource type `{kind}`; a newer one wrote the state or the plan");
    CallError::own(Class::Invalid, "registry lookup", message)
}
