//! A state that its store would not take is kept in a local file, and brought back from there.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::file::{self, FileError};
use super::store::{StateError, StateStore, Versioned};
use super::writer::Writer;
use crate::files::bounded::{self, MAX_DOCUMENT};

/// How many rescued states may lie in one folder.
const MOST: u32 = 100;

/// A state in a local file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rescued {
    /// The file; readable only by its owner.
    pub path: PathBuf,
}

impl Rescued {
    /// What to do with it: one sentence.
    pub fn help(&self) -> String {
        format!("`pipectl state push {}` writes it to the store, once the store answers again", self.path.display())
    }
}

/// Keeps what `writer` could not write in `folder`, as `errored-state-<env>.json`; an earlier one is never overwritten.
/// `None` where there is nothing unwritten.
///
/// # Errors
/// When the folder does not take it either.
pub fn rescue(writer: &Writer, folder: &Path) -> io::Result<Option<Rescued>> {
    let Some(stored) = writer.unwritten() else { return Ok(None) };
    let env: String = stored.state.env.chars().map(|c| if c.is_alphanumeric() || c == '-' { c } else { '_' }).collect();
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(&file::render(&stored))?;
    file.as_file().sync_all()?;
    for number in 1..=MOST {
        let suffix = if number == 1 { String::new() } else { format!("-{number}") };
        let path = folder.join(format!("errored-state-{env}{suffix}.json"));
        match file.persist_noclobber(&path) {
            Ok(_) => return Ok(Some(Rescued { path })),
            Err(failed) if failed.error.kind() == io::ErrorKind::AlreadyExists => file = failed.file,
            Err(failed) => return Err(failed.error),
        }
    }
    Err(io::Error::other(format!("{MOST} rescued states of `{env}` lie there already")))
}

/// Why a rescued state was not pushed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    /// The file cannot be read.
    #[error("{path} cannot be read")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file is no state of this environment.
    #[error("{path} cannot be used")]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: FileError,
    },
    /// The store's state is not the one that the file's follows.
    #[error("the state {location} has gone on since: it has serial {there}, the file was to become serial {serial}")]
    GoneOn {
        /// Where the state is.
        location: String,
        /// The serial in the store.
        there: u64,
        /// The serial in the file.
        serial: u64,
    },
    /// The store's state was begun anew and has nothing to do with the file's.
    #[error("the state {location} has another lineage than the file's")]
    OtherLineage {
        /// Where the state is.
        location: String,
    },
    /// The store failed.
    #[error(transparent)]
    State(#[from] StateError),
}

impl PushError {
    /// What to do about it: one sentence.
    pub fn help(&self) -> String {
        match self {
            Self::GoneOn { .. } | Self::OtherLineage { .. } => {
                "`pipectl plan` shows what the state in the store does not know: what is there with our ownership \
                 tags is adopted, and the file is then of no more use"
                    .to_owned()
            }
            Self::Unreadable { .. } => "give the path that the failed apply printed".to_owned(),
            Self::File { .. } => "give the file as the failed apply left it".to_owned(),
            Self::State(error) => error.help(),
        }
    }
}

/// Writes a rescued state to its store, if the store's is still the one that it follows. The caller holds the lease.
///
/// # Errors
/// When the file is no rescued state of this environment, or the store's state has gone on without it.
pub async fn push(store: &StateStore, path: &Path) -> Result<Versioned, PushError> {
    let bytes =
        bounded::read(path, MAX_DOCUMENT).map_err(|source| PushError::Unreadable { path: path.to_owned(), source })?;
    let rescued = store.parse_file(&bytes).map_err(|source| PushError::File { path: path.to_owned(), source })?;
    let Some((there, etag)) = store.load_stored().await? else {
        let mut fresh = Versioned::new(rescued.state);
        store.save(&mut fresh).await?;
        return Ok(fresh);
    };
    if there.state.lineage != rescued.state.lineage {
        return Err(PushError::OtherLineage { location: store.location() });
    }
    // The write that failed for the apply may have happened: then what is there is ours, and maybe not the newest.
    if there.write != rescued.write && there.state.serial + 1 != rescued.state.serial {
        let (there, serial) = (there.state.serial, rescued.state.serial);
        return Err(PushError::GoneOn { location: store.location(), there, serial });
    }
    let mut versioned = Versioned { state: rescued.state, etag: Some(etag) };
    versioned.state.serial = there.state.serial;
    store.save(&mut versioned).await?;
    Ok(versioned)
}
