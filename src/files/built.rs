//! What commands have built: a folder for each, and beside it the digest of what is in it. What is not as it was built is not
//! used.
//!
//! The digest tells of a file that was changed by accident, by another tool or by a half-restored cache. Who can write the
//! folder can write the digest as well: what an apply goes by is the digest of the code that its plan names.

use std::fs::{self};
use std::io::{self, Write as _};
use std::path::Path;

use super::package::{NoPackage, digest, stays_behind};
use super::project::Project;
use super::seal::compare;
pub use super::seal::{BUILT, Unfit, places};

/// Keeps the digest of what was built in a folder, for the code of that name.
///
/// # Errors
/// When the folder cannot be read, or the file not be written.
pub fn seal(project: &Project, folder: &Path, name: &str) -> Result<(), NoPackage> {
    let (_, file) = places(project, name)?;
    strip(folder).map_err(|error| Unfit::Unreadable(folder.display().to_string(), error))?;
    let digest = digest(folder)?;
    let write = || -> io::Result<()> {
        let mut draft = tempfile::NamedTempFile::new_in(project.root().join(BUILT))?;
        writeln!(draft, "{digest}")?;
        draft.as_file().sync_all()?;
        draft.persist(file.as_path())?;
        Ok(())
    };
    Ok(write().map_err(|error| Unfit::Unreadable(file.as_path().display().to_string(), error))?)
}

/// Refuses code unless it is as it was built.
///
/// # Errors
/// Why it is not used.
pub fn verify(project: &Project, name: &str) -> Result<(), NoPackage> {
    let (folder, _) = places(project, name)?;
    Ok(compare(project, folder.as_path(), &digest(folder.as_path())?)?)
}

/// Deletes what would not be packed, so that what is kept is what is packed, and all of it is in the digest.
fn strip(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        match (entry.file_name().to_str().is_some_and(stays_behind), kind.is_dir()) {
            (true, true) => fs::remove_dir_all(path)?,
            (true, false) => fs::remove_file(path)?,
            (false, true) => strip(&path)?,
            (false, false) => {}
        }
    }
    Ok(())
}
