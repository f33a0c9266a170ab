//! The state of one environment in its store: read with its ETag, written only over what was read.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::State;
use super::blobs::{Blobs, Condition, ETag, PutError, Version, may_pass, put_surely};
use super::file::{self, FileError, Stored};
use crate::model::error::{CallError, Class};

/// The state's file in the environment's folder.
pub const STATE: &str = "state.json";

/// How long a write is tried again while the store does not answer.
const PATIENCE: Duration = Duration::from_mins(1);

/// Why the state could not be read or written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum StateError {
    /// The store did not give it.
    #[error("the state {location} cannot be read")]
    Read {
        /// Where it is.
        location: String,
        /// What failed.
        source: CallError,
    },
    /// What the store gave is of no use.
    #[error("the state {location} cannot be used")]
    File {
        /// Where it is.
        location: String,
        /// What is wrong with it.
        source: FileError,
    },
    /// It is no longer what was read: nothing was written.
    #[error("somebody else wrote the state {location} since it was read; nothing was overwritten")]
    Conflict {
        /// Where it is.
        location: String,
    },
    /// The store did not take it.
    #[error("the state {location} cannot be written")]
    Write {
        /// Where it is.
        location: String,
        /// What failed.
        source: CallError,
    },
    /// What was to be written contradicts itself; the store keeps what it has.
    #[error("the state {location} was not written: {why}")]
    Unsound {
        /// Where it is.
        location: String,
        /// The contradiction.
        why: String,
    },
}

impl StateError {
    /// Whether what is there is no state any more, so that an earlier or rebuilt one may take its place.
    pub fn is_damage(&self) -> bool {
        use FileError::{CutOff, Damaged, Foreign, Unsound};
        matches!(self, Self::File { source: CutOff(_) | Damaged(_) | Foreign | Unsound(_), .. })
    }

    /// What to do about it: one sentence.
    pub fn help(&self) -> String {
        match self {
            Self::Read { source, .. } | Self::Write { source, .. } => match source.class {
                Class::Absent => "`pipectl bootstrap` makes the bucket".to_owned(),
                Class::Denied | Class::Credentials => {
                    "nothing is lost: run the same command again with credentials that may read and write there"
                        .to_owned()
                }
                _ => "nothing is lost: run the same command again once the store answers".to_owned(),
            },
            Self::File { source, .. } => source.help(),
            Self::Conflict { .. } => "run `pipectl plan` again: it starts from what is there now".to_owned(),
            Self::Unsound { .. } => {
                "`pipectl state history` lists the earlier versions; please report how this came about".to_owned()
            }
        }
    }
}

/// A state and what its store calls the bytes that it was read from.
#[derive(Clone, Debug, PartialEq)]
pub struct Versioned {
    /// The state.
    pub state: State,
    /// `None`: it has never been written.
    pub etag: Option<ETag>,
}

impl Versioned {
    /// A state that has never been written.
    pub fn new(state: State) -> Self {
        Self { state, etag: None }
    }
}

/// The state of one environment in its store.
#[derive(Clone)]
pub struct StateStore {
    blobs: Arc<dyn Blobs>,
    project: String,
    env: String,
}

impl StateStore {
    /// The state of `env` of `project` in `blobs`, the folder of this environment.
    pub fn new(blobs: Arc<dyn Blobs>, project: &str, env: &str) -> Self {
        Self { blobs, project: project.to_owned(), env: env.to_owned() }
    }

    /// The environment's folder, where the lock is too.
    pub fn blobs(&self) -> &Arc<dyn Blobs> {
        &self.blobs
    }

    /// `[project] name`.
    pub(super) fn project(&self) -> &str {
        &self.project
    }

    /// `[env] name`.
    pub fn env(&self) -> &str {
        &self.env
    }

    /// Where the state is, for people.
    pub fn location(&self) -> String {
        format!("{}{STATE}", self.blobs.describe())
    }

    /// Reads the state; `None` where none has been written.
    pub async fn load(&self) -> Result<Option<Versioned>, StateError> {
        let found = self.load_stored().await?;
        Ok(found.map(|(stored, etag)| Versioned { state: stored.state, etag: Some(etag) }))
    }

    /// What the store calls what is there, usable or not: to write a state in place of a damaged one.
    pub async fn etag(&self) -> Result<Option<ETag>, StateError> {
        let found = self.blobs.get(STATE).await.map_err(|source| self.unread(source))?;
        Ok(found.map(|blob| blob.etag))
    }

    /// As [`load`](Self::load), with the id of the write.
    pub(super) async fn load_stored(&self) -> Result<Option<(Stored, ETag)>, StateError> {
        match self.blobs.get(STATE).await.map_err(|source| self.unread(source))? {
            Some(blob) => {
                let stored = self.parse_file(&blob.bytes).map_err(|source| self.unusable(source))?;
                Ok(Some((stored, blob.etag)))
            }
            None => Ok(None),
        }
    }

    /// Writes the state over what it was read from, with the next serial.
    ///
    /// A store that does not answer is tried again for a minute. On an error `versioned` is as it was.
    pub async fn save(&self, versioned: &mut Versioned) -> Result<(), StateError> {
        self.put(versioned, &Stored::after(&versioned.state)).await
    }

    /// As [`save`](Self::save), of a state that is not the one in `versioned` but comes after it.
    pub(super) async fn put(&self, versioned: &mut Versioned, next: &Stored) -> Result<(), StateError> {
        file::verify(&next.state).map_err(|why| StateError::Unsound { location: self.location(), why })?;
        let condition = versioned.etag.as_ref().map_or(Condition::Absent, Condition::Matches);
        let etag = self.write(&file::render(next), condition).await?;
        *versioned = Versioned { state: next.state.clone(), etag: Some(etag) };
        Ok(())
    }

    /// Writes bytes, which hold an id of their own, where the state is kept.
    pub(super) async fn write(&self, bytes: &[u8], condition: Condition<'_>) -> Result<ETag, StateError> {
        self.put_patiently(bytes, condition).await.map_err(|error| match error {
            PutError::Conflict => StateError::Conflict { location: self.location() },
            PutError::Failed(source) => StateError::Write { location: self.location(), source },
        })
    }

    async fn put_patiently(&self, bytes: &[u8], condition: Condition<'_>) -> Result<ETag, PutError> {
        let end = Instant::now() + PATIENCE;
        let mut pause = Duration::from_millis(250);
        loop {
            match put_surely(&*self.blobs, STATE, bytes, condition).await {
                Err(PutError::Failed(error)) if may_pass(&error) && Instant::now() + pause < end => sleep(pause).await,
                result => return result,
            }
            pause = (pause * 2).min(Duration::from_secs(5));
        }
    }

    /// The versions of the state, newest first; `None` where the store keeps no earlier ones.
    pub async fn history(&self) -> Result<Option<Vec<Version>>, StateError> {
        self.blobs.versions(STATE).await.map_err(|source| self.unread(source))
    }

    /// The state as a version holds it, or `None` where there is no such version.
    pub async fn at(&self, version: &str) -> Result<Option<State>, StateError> {
        let bytes = self.blobs.get_version(STATE, version).await.map_err(|source| self.unread(source))?;
        let Some(bytes) = bytes else { return Ok(None) };
        Ok(Some(self.parse_file(&bytes).map_err(|source| self.unusable(source))?.state))
    }

    /// Reads a state of this environment, from wherever its bytes come.
    pub(super) fn parse_file(&self, bytes: &[u8]) -> Result<Stored, FileError> {
        file::parse(bytes, &self.project, &self.env)
    }

    pub(super) fn unusable(&self, source: FileError) -> StateError {
        StateError::File { location: self.location(), source }
    }

    pub(super) fn unread(&self, source: CallError) -> StateError {
        StateError::Read { location: self.location(), source }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scope::Scope;
    use crate::state::memory::{Call, Fault, Memory};

    fn setting() -> (Arc<Memory>, StateStore, State) {
        let memory = Arc::new(Memory::default());
        let store = StateStore::new(Arc::clone(&memory) as Arc<dyn Blobs>, "acme", "dev");
        (memory, store, State::empty("acme", "dev", Scope::new("123456789012", "eu-west-1")))
    }

    #[tokio::test(start_paused = true)]
    async fn a_damaged_state_is_told_from_none_and_can_be_replaced() {
        let (memory, store, state) = setting();
        assert_eq!(store.load().await.unwrap(), None);
        memory.put(STATE, b"{\"format\": \"pipectl/st", Condition::Absent).await.unwrap();
        let error = store.load().await.unwrap_err();
        assert!(error.is_damage(), "{error}");
        assert!(error.help().contains("pipectl state history"));
        let mut rebuilt = Versioned { state, etag: store.etag().await.unwrap() };
        store.save(&mut rebuilt).await.unwrap();
        assert_eq!(store.load().await.unwrap(), Some(rebuilt));
    }

    #[tokio::test(start_paused = true)]
    async fn a_write_that_fails_leaves_the_state_as_it_was() {
        let (memory, store, state) = setting();
        memory.inject(|call, _| if call == Call::Put { Fault::Failure } else { Fault::None });
        let mut versioned = Versioned::new(state);
        let before = versioned.clone();
        let began = Instant::now();
        assert!(matches!(store.save(&mut versioned).await, Err(StateError::Write { .. })));
        assert!(began.elapsed() + Duration::from_secs(5) >= PATIENCE, "it tried for a while");
        assert_eq!(versioned, before);
    }

    #[tokio::test(start_paused = true)]
    async fn a_state_that_contradicts_itself_is_not_written() {
        let (memory, store, mut state) = setting();
        let record = crate::state::Record {
            kind: "s3_bucket".into(),
            key: "events".into(),
            attributes: crate::model::attributes::Attributes::default(),
            outputs: serde_json::Value::Null,
            depends_on: Vec::new(),
            protect: false,
        };
        state.resources.insert("bucket.a".parse().unwrap(), record.clone());
        state.resources.insert("bucket.b".parse().unwrap(), record);
        let error = store.save(&mut Versioned::new(state)).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "the state memory://state.json was not written: bucket.a and bucket.b are both the s3_bucket `events`"
        );
        assert!(memory.written(STATE).is_empty());
    }
}
