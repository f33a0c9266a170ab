//! The digest of what a command has built, and whether a folder still has it.

use std::fs::Metadata;
use std::io::{self, Read as _};
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::project::{Links, NoPath, Project, ProjectPath};

/// The folder in which commands build the code of functions, a folder for each, from the project's own.
pub const BUILT: &str = ".pipectl/build";

/// What the name of a digest's file ends with, after that of its folder.
const ENDING: &str = ".sha256";

/// What to do about it.
const AGAIN: &str = "delete it and build again (`pipectl build`)";

/// Why what was built is not used.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// It has another content than what was built.
    #[error("`{0}` is not as it was built, something has changed it since: {AGAIN}")]
    Changed(String),
    /// Nothing says what it was when it was built.
    #[error("`{0}` has no digest beside it, so nobody knows whether it is as it was built: {AGAIN}")]
    Unsealed(String),
    /// Another user owns it, or something in it.
    #[error("`{0}` belongs to another user: {AGAIN}")]
    Foreign(String),
    /// It cannot be looked at, or its digest not be kept.
    #[error("`{0}` cannot be read or written: {1}")]
    Unreadable(String, io::Error),
    /// It is a link, or reached by one.
    #[error(transparent)]
    Path(#[from] NoPath),
}

/// The digest of files: of the name of each, whether it can be run, and what is in it, in order of name.
#[derive(Default)]
pub(super) struct Seal(Sha256);

impl Seal {
    pub(super) fn add(&mut self, name: &str, executable: bool, content: &[u8]) {
        let mode: &[u8] = if executable { b"x" } else { b"-" };
        for part in [name.as_bytes(), mode, content] {
            self.0.update((part.len() as u64).to_be_bytes());
            self.0.update(part);
        }
    }

    pub(super) fn finish(self) -> String {
        hex::encode(self.0.finalize())
    }
}

/// Where code of that name is built to, and its digest's file.
///
/// # Errors
/// When a link is on the way.
pub fn places(project: &Project, name: &str) -> Result<(ProjectPath, ProjectPath), NoPath> {
    let place = |name: String| project.inside(&format!("{BUILT}/{name}"), Links::Refused);
    Ok((place(name.to_owned())?, place(format!("{name}{ENDING}"))?))
}

/// Refuses a folder whose content has that digest unless it had the same when it was built.
pub(super) fn compare(project: &Project, folder: &Path, digest: &str) -> Result<(), Unfit> {
    let shown = folder.strip_prefix(project.root()).unwrap_or(folder).display().to_string();
    // A folder within one that was built has no digest of its own.
    let name = folder.strip_prefix(project.root().join(BUILT)).ok().and_then(Path::to_str).unwrap_or_default();
    let (_, file) = places(project, name)?;
    let mut kept = String::new();
    let mut read = || -> io::Result<bool> {
        let opened = file.open()?;
        let ours = is_ours(&opened.metadata()?);
        opened.take(100).read_to_string(&mut kept)?;
        Ok(ours)
    };
    match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Unfit::Unsealed(shown)),
        Err(error) => Err(Unfit::Unreadable(file.as_path().display().to_string(), error)),
        Ok(false) => Err(Unfit::Foreign(file.as_path().display().to_string())),
        Ok(true) if kept.trim_end() == digest => Ok(()),
        Ok(true) => Err(Unfit::Changed(shown)),
    }
}

/// Whether a file is this user's, or the administrator's, who unpacks the artifacts of CI.
#[cfg(unix)]
pub(super) fn is_ours(about: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    about.uid() == rustix::process::geteuid().as_raw() || about.uid() == 0
}

/// Whether a file is this user's: not every system says so.
#[cfg(not(unix))]
pub(super) fn is_ours(_: &Metadata) -> bool {
    true
}
