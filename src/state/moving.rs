//! Taking a state from one place to another, so that at every moment at most one of the two can be written.
//!
//! 1. The target gets the state as one that is arriving: no command but this takes it for anything.
//! 2. The source gets a mark in the place of the state. It says where the state is, and every command there says so.
//! 3. The target gets the list of those who use blocks of the environment, then the state itself.
//!
//! After the first step the source still counts, after the second the move has to go on, and whoever runs it again does so
//! from where it stands. Every write is conditional on what was looked at.

use super::blobs::{Condition, ETag};
use super::consumers::{self, ConsumersError};
use super::file::{self, FileError, Stored};
use super::placed::{Arriving, Mark, Placed};
use super::store::{StateError, StateStore, Versioned};
use crate::state::State;

#[cfg(test)]
mod tests;

/// Why a state was not moved.
#[derive(Debug, thiserror::Error)]
pub enum MoveError {
    /// Both places are the same.
    #[error("the state is at {0} already")]
    Same(String),
    /// There is nothing to move.
    #[error("there is no state at {0}")]
    Nothing(String),
    /// Another state lies at the target.
    #[error("something is at {location} already: {what}")]
    Taken {
        /// The target.
        location: String,
        /// What lies there.
        what: String,
    },
    /// The mark says that it was moved there, and it is not there.
    #[error("the state was moved to {0}, and is not there any more")]
    Gone(String),
    /// What was written at the target is not what is read there.
    #[error("what was written to {0} is read back as something else; the state was left where it was")]
    Unverified(String),
    /// Who uses blocks of the environment could not be taken along.
    #[error("who uses blocks of this environment cannot be taken along")]
    Consumers(#[from] ConsumersError),
    /// One of the two places failed.
    #[error(transparent)]
    State(#[from] StateError),
}

impl MoveError {
    /// What to do about it: one sentence.
    pub fn help(&self) -> String {
        match self {
            Self::Same(_) => "name another place with `--to`".to_owned(),
            Self::Nothing(_) => "there is nothing to move before the first apply: write the new place into `[state]`".to_owned(),
            Self::Taken { .. } => "a state is never overwritten: name another place with `--to`".to_owned(),
            Self::Gone(_) => {
                "write that place into `[state]`; `pipectl state restore` or `pipectl state rebuild` brings the state back there"
                    .to_owned()
            }
            Self::Unverified(_) => "look at what else writes there, or name another place with `--to`".to_owned(),
            Self::Consumers(_) => "run the same command again once the store answers: it goes on where it stopped".to_owned(),
            Self::State(error) => error.help(),
        }
    }
}

/// A state in its new place.
#[derive(Clone, Debug, PartialEq)]
pub struct MovedState {
    /// The state.
    pub state: State,
    /// Whether an earlier run had moved it.
    pub before: bool,
}

/// Moves the state of an environment; a move that was broken off is finished. The caller holds the leases of both places.
///
/// # Errors
/// When there is no state, when something else lies at the target, or when a place fails.
pub async fn move_state(source: &StateStore, target: &StateStore) -> Result<MovedState, MoveError> {
    if source.location() == target.location() {
        return Err(MoveError::Same(source.location()));
    }
    let Some((here, etag)) = source.look().await? else { return Err(MoveError::Nothing(source.location())) };
    let stored = match here {
        Placed::State(stored) => stored,
        Placed::Moved(mark) if mark.to == target.location() => return finish(source, target, &mark).await,
        Placed::Moved(mark) => return Err(source.unusable(FileError::Moved { to: mark.to }).into()),
        Placed::Arriving(arriving) => return Err(source.unusable(FileError::Arriving { from: arriving.from }).into()),
    };
    announce(source, target, &stored).await?;
    let mark = Mark::new(&stored.state, &target.location());
    source.write(&mark.render(), Condition::Matches(&etag)).await?;
    finish(source, target, &mark).await
}

/// Writes the state to the target as one that is arriving, and makes sure that it lies there.
async fn announce(source: &StateStore, target: &StateStore, stored: &Stored) -> Result<(), MoveError> {
    let free = free(source, target, &stored.state).await?;
    let bytes = Arriving::new(stored, &source.location()).render();
    target.write(&bytes, free.as_ref().map_or(Condition::Absent, Condition::Matches)).await?;
    if target.bytes().await?.as_deref() == Some(&bytes[..]) {
        return Ok(());
    }
    Err(MoveError::Unverified(target.location()))
}

/// What may be overwritten at the target: nothing, what an earlier run of this move has left, or the mark of a move to where the
/// state is now.
async fn free(source: &StateStore, target: &StateStore, state: &State) -> Result<Option<ETag>, MoveError> {
    let what = match target.look().await {
        Ok(None) => return Ok(None),
        Ok(Some((Placed::Arriving(arriving), etag))) if arriving.from == source.location() => return Ok(Some(etag)),
        Ok(Some((Placed::Moved(mark), etag))) if mark.to == source.location() && mark.lineage == state.lineage => {
            return Ok(Some(etag));
        }
        Ok(Some((Placed::State(there), _))) => format!("a state with serial {}", there.state.serial),
        Ok(Some((Placed::Arriving(arriving), _))) => format!("a state that is arriving from {}", arriving.from),
        Ok(Some((Placed::Moved(mark), _))) => format!("the mark of a state that was moved to {}", mark.to),
        Err(StateError::File { source, .. }) => source.to_string(),
        Err(error) => return Err(error.into()),
    };
    Err(MoveError::Taken { location: target.location(), what })
}

/// Makes a state of what is arriving, now that its place of before says where it went.
///
/// Who registers as a user of a block looks at the state afterwards, and finds the mark from here on: whoever has found a
/// state is in the list by now, and goes along.
async fn finish(source: &StateStore, target: &StateStore, mark: &Mark) -> Result<MovedState, MoveError> {
    let gone = || MoveError::Gone(target.location());
    match target.look().await?.ok_or_else(gone)? {
        (Placed::Arriving(arriving), etag) => {
            let state = arriving.into_state().map_err(|source| target.unusable(source))?;
            if (state.lineage, state.serial) != (mark.lineage, mark.serial) {
                return Err(gone());
            }
            let users = consumers::load(&**source.blobs()).await?;
            // A list that an earlier stay has left there is of the past.
            consumers::change(&**target.blobs(), |all| all.clone_from(&users)).await?;
            let next = Stored::after(&state);
            let mut versioned = Versioned { state, etag: Some(etag) };
            target.put(&mut versioned, &next).await?;
            Ok(MovedState { state: versioned.state, before: false })
        }
        (Placed::State(there), _) if there.state.lineage == mark.lineage && there.state.serial > mark.serial => {
            Ok(MovedState { state: there.state, before: true })
        }
        (Placed::State(_) | Placed::Moved(_), _) => Err(gone()),
    }
}

impl StateStore {
    /// What lies where the state is kept.
    async fn look(&self) -> Result<Option<(Placed, ETag)>, StateError> {
        let found = self.blobs().get(super::store::STATE).await.map_err(|source| self.unread(source))?;
        let Some(blob) = found else { return Ok(None) };
        let placed = file::placed(&blob.bytes, self.project(), self.env()).map_err(|source| self.unusable(source))?;
        Ok(Some((placed, blob.etag)))
    }

    async fn bytes(&self) -> Result<Option<Vec<u8>>, StateError> {
        let found = self.blobs().get(super::store::STATE).await.map_err(|source| self.unread(source))?;
        Ok(found.map(|blob| blob.bytes))
    }
}
