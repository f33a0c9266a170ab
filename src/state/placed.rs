//! What lies where a state is kept: the state, a mark that it was moved, or one that is arriving from elsewhere.
//!
//! Only the first can be written by an apply. The other two are not a state to anybody but `state move`.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::format::{FileError, Stored, this_pipectl};
use super::v1::V1;
use crate::state::State;

/// What stands in `format` of a mark.
pub(super) const MOVED: &str = "pipectl/moved";

/// What stands in `format` of a state that is arriving.
pub(super) const ARRIVING: &str = "pipectl/arriving";

/// The version of both.
pub(super) const VERSION: u64 = 1;

/// What lies in a place.
pub(super) enum Placed {
    /// The state.
    State(Box<Stored>),
    /// A mark: it was moved.
    Moved(Mark),
    /// A state that a move was about to bring.
    Arriving(Box<Arriving>),
}

/// Says where a state went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Mark {
    format: String,
    version: u64,
    written_by: String,
    write: Uuid,
    project: String,
    env: String,
    /// Of the state that lay here.
    pub(super) lineage: Uuid,
    /// As it was last written here.
    pub(super) serial: u64,
    /// Where it is.
    pub(super) to: String,
}

/// A state on its way, as it was where it comes from.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Arriving {
    format: String,
    version: u64,
    written_by: String,
    write: Uuid,
    project: String,
    env: String,
    /// Where it comes from.
    pub(super) from: String,
    state: V1,
}

impl Mark {
    /// That a state went to a place.
    pub(super) fn new(state: &State, to: &str) -> Self {
        Self {
            format: MOVED.to_owned(),
            version: VERSION,
            written_by: this_pipectl(),
            write: Uuid::new_v4(),
            project: state.project.clone(),
            env: state.env.clone(),
            lineage: state.lineage,
            serial: state.serial,
            to: to.to_owned(),
        }
    }

    /// The file's bytes.
    pub(super) fn render(&self) -> Vec<u8> {
        rendered(self)
    }
}

impl Arriving {
    /// A state that comes from a place.
    pub(super) fn new(stored: &Stored, from: &str) -> Self {
        let state = &stored.state;
        Self {
            format: ARRIVING.to_owned(),
            version: VERSION,
            written_by: this_pipectl(),
            write: Uuid::new_v4(),
            project: state.project.clone(),
            env: state.env.clone(),
            from: from.to_owned(),
            state: V1::new(stored),
        }
    }

    /// The file's bytes.
    pub(super) fn render(&self) -> Vec<u8> {
        rendered(self)
    }

    /// The state.
    ///
    /// # Errors
    /// When it contradicts itself.
    pub(super) fn into_state(self) -> Result<State, FileError> {
        Ok(self.state.into_stored()?.state)
    }
}

fn rendered(file: &impl Serialize) -> Vec<u8> {
    // Strings, numbers and what a state is made of: nothing in it can fail to become JSON.
    let mut bytes = serde_json::to_vec_pretty(file).expect("a mark is plain data");
    bytes.push(b'\n');
    bytes
}
