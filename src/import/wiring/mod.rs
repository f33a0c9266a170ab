//! The wiring of a live pipeline: what belongs to it, what watches it, who reads it.

#[cfg(test)]
mod function_tests;
mod functions;
mod path;
mod readers;
#[cfg(test)]
pub(super) mod tests;
pub mod walk;
mod watch;

use std::collections::BTreeSet;

use super::{Found, LeftOut};
use crate::model::discovery::Result;
use crate::model::error::Class;

/// What is found of a pipeline, in the order in which the wiring leads to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wiring {
    /// What a spec can hold; each resource once.
    pub found: Vec<Found>,
    /// What it cannot.
    pub left_out: Vec<LeftOut>,
    known: BTreeSet<(String, String)>,
}

impl Wiring {
    /// Takes a resource, unless it is taken already.
    pub(in crate::import) fn take(&mut self, kind: &str, key: &str, source: impl Into<String>) {
        if self.known.insert((kind.to_owned(), key.to_owned())) {
            self.found.push(Found { source: source.into(), kind: kind.to_owned(), key: key.to_owned() });
        }
    }

    /// Takes a resource, or what is a part of it, under whichever name; it may be taken under others already.
    pub(in crate::import) fn take_part(&mut self, kind: &str, key: &str, source: String) {
        self.known.insert((kind.to_owned(), key.to_owned()));
        self.found.push(Found { source, kind: kind.to_owned(), key: key.to_owned() });
    }

    /// The keys of the resources of a kind that are taken, in order.
    pub(in crate::import) fn keys(&self, kind: &str) -> Vec<String> {
        self.known.iter().filter(|(of, _)| of == kind).map(|(_, key)| key.clone()).collect()
    }

    /// Whether a resource is taken.
    pub(in crate::import) fn has(&self, kind: &str, key: &str) -> bool {
        self.known.contains(&(kind.to_owned(), key.to_owned()))
    }

    /// Leaves something where it is.
    pub(in crate::import) fn leave(&mut self, source: impl Into<String>, reason: impl Into<String>) {
        let left = LeftOut { source: source.into(), reason: reason.into(), is_own: false };
        if !self.left_out.contains(&left) {
            self.left_out.push(left);
        }
    }

    /// The result of a call, or nothing where the caller may not make it: then `what` it would have told of stays unknown.
    ///
    /// # Errors
    /// Every failure but a denial.
    pub(in crate::import) fn allowed<T: Default>(&mut self, what: &str, result: Result<T>) -> Result<T> {
        match result {
            Err(error) if error.class == Class::Denied => {
                self.leave(what, format!("not known, for the call is denied: {error}"));
                Ok(T::default())
            }
            result => result,
        }
    }
}
