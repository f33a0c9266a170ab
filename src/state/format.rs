//! What the versions of the state file have in common.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Record, State};
use crate::model::address::Address;

/// What stands in `format`.
pub(super) const FORMAT: &str = "pipectl/state";

/// Why bytes are not a state that can be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It ends in the middle.
    #[error("the file is cut off after {0} bytes")]
    CutOff(usize),
    /// It is no state file at all, or no longer.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// Its format is another tool's.
    #[error("the file is not a pipectl state")]
    Foreign,
    /// A newer pipectl wrote it.
    #[error("the file was written by {written_by}; this is {ours}", ours = this_pipectl())]
    Newer {
        /// What wrote it: `pipectl 0.9.0`.
        written_by: String,
    },
    /// It belongs to another environment.
    #[error("the file is the state of `{project}` `{env}`")]
    Other {
        /// The project that it belongs to.
        project: String,
        /// The environment that it belongs to.
        env: String,
    },
    /// The state was moved.
    #[error("the state was moved to {to}")]
    Moved {
        /// Where it is.
        to: String,
    },
    /// A state is being moved here, and is not there yet.
    #[error("a state is arriving here from {from}, and the move was not finished")]
    Arriving {
        /// Where it comes from.
        from: String,
    },
    /// What it says cannot all be true.
    #[error("the file contradicts itself: {0}")]
    Unsound(String),
}

impl FileError {
    /// What to do about it: one sentence.
    pub fn help(&self) -> String {
        match self {
            Self::Newer { written_by } => format!("install {written_by} or later"),
            Self::Other { .. } => {
                "give each project and environment a folder of its own in `[state]`, or in the parameter that \
                 S3_FOLDER_SSM names"
                    .to_owned()
            }
            Self::Moved { .. } => {
                "write that place into `[state]`, or its bucket and folder into the SSM parameters that name them"
                    .to_owned()
            }
            Self::Arriving { .. } => {
                "run the same `pipectl state move` again, with `[state]` as it was before: it goes on where it stopped"
                    .to_owned()
            }
            Self::CutOff(_) | Self::Damaged(_) | Self::Foreign | Self::Unsound(_) => {
                "`pipectl state history` lists the earlier versions that a versioned bucket keeps; where there is no \
                 good one, `pipectl state rebuild` makes the state anew from names and ownership tags"
                    .to_owned()
            }
        }
    }
}

/// A state as it was stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The state.
    pub state: State,
    /// The write that put it there; no two writes share it, so that no two are the same bytes.
    pub write: Uuid,
}

impl Stored {
    /// What is to be written after a state was: its next serial, under a fresh write id.
    pub(super) fn after(state: &State) -> Self {
        Self { state: State { serial: state.serial + 1, ..state.clone() }, write: Uuid::new_v4() }
    }
}

/// Addresses, dependencies first, otherwise in their own order; what stands on a circle, or needs it, is left out.
pub(super) fn in_order(resources: &BTreeMap<Address, Record>) -> impl Iterator<Item = &Address> {
    let mut waiting: BTreeMap<&Address, BTreeSet<&Address>> = BTreeMap::new();
    let mut needed_by: BTreeMap<&Address, Vec<&Address>> = BTreeMap::new();
    for (address, record) in resources {
        let needs: BTreeSet<&Address> = record.depends_on.iter().filter(|need| resources.contains_key(need)).collect();
        for need in &needs {
            needed_by.entry(need).or_default().push(address);
        }
        waiting.insert(address, needs);
    }
    let mut ready: BTreeSet<&Address> = waiting.iter().filter(|(_, needs)| needs.is_empty()).map(|(a, _)| *a).collect();
    std::iter::from_fn(move || {
        let next = ready.pop_first()?;
        for after in needed_by.get(next).into_iter().flatten() {
            let needs = waiting.get_mut(after)?;
            needs.remove(next);
            if needs.is_empty() {
                ready.insert(after);
            }
        }
        Some(next)
    })
}

/// What stands in `written_by`.
pub(super) fn this_pipectl() -> String {
    format!("pipectl {}", env!("CARGO_PKG_VERSION"))
}
