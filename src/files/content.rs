//! A file of the project as it is: its bytes, and their digest.

use std::io;

use sha2::{Digest as _, Sha256};

use super::bounded::all;
use super::project::{Links, NoPath, Project};
use super::seal::BUILT;

/// The largest file that is put into S3, in bytes: it is held in memory, and goes in one call.
const LARGEST: u64 = 512 << 20;

/// Why a file is no content.
#[derive(Debug, thiserror::Error)]
pub enum NoContent {
    /// The path leads out of the project, or by a link.
    #[error(transparent)]
    Path(#[from] NoPath),
    /// It is what a command has built, of which a digest says what it was, and not file by file.
    #[error("`{0}` was built: name a file that is the project's own")]
    Built(String),
    /// It is not there, is a folder, or cannot be read.
    #[error("`{0}` cannot be read: {1}")]
    Unreadable(String, io::Error),
}

/// A file's bytes.
pub struct Content {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256, in hexadecimal.
    pub sha256: String,
}

/// Reads a file, named from the project's own folder.
///
/// # Errors
/// Why it is none of the project's, or cannot be read.
pub fn read(file: &str) -> Result<Content, NoContent> {
    let project = Project::here().map_err(NoPath::from)?;
    let path = project.inside(file, Links::Refused)?;
    if path.as_path().starts_with(project.root().join(BUILT)) {
        return Err(NoContent::Built(file.to_owned()));
    }
    let bytes = path.open().and_then(|opened| all(opened, LARGEST));
    let bytes = bytes.map_err(|error| NoContent::Unreadable(file.to_owned(), error))?;
    Ok(Content { sha256: hex::encode(Sha256::digest(&bytes)), bytes })
}

/// The digest of a file's bytes.
///
/// # Errors
/// As [`read`].
pub fn sha256(file: &str) -> Result<String, NoContent> {
    Ok(read(file)?.sha256)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_file_is_its_bytes_and_their_digest() {
        let folder = tempfile::Builder::new().prefix("content-").tempdir_in("target").unwrap();
        fs::write(folder.path().join("job.py"), "print(1)\n").unwrap();
        let here = std::env::current_dir().unwrap();
        let below = folder.path().strip_prefix(&here).unwrap_or(folder.path());
        let content = read(below.join("job.py").to_str().unwrap()).unwrap();
        assert_eq!(content.bytes, b"print(1)\n");
        assert_eq!(content.sha256, "cc42155088fca5730758db72b2a5bca33112a941dfaa2d43098ec422ce4ea213");
    }

    #[test]
    fn what_is_no_file_of_the_project_says_why() {
        let told = |file: &str| sha256(file).err().map(|error| error.to_string()).unwrap_or_default();
        for outside in ["../x", "/etc/passwd", "", "a/../../b", "a\\b"] {
            assert!(told(outside).contains("leads out of the project"), "{outside}");
        }
        assert!(told("no/such.py").starts_with("`no/such.py` cannot be read: "), "{}", told("no/such.py"));
        assert!(told("src").starts_with("`src` cannot be read: "), "{}", told("src"));
        assert!(told(".pipectl/build/x/job.py").contains("was built"), "{}", told(".pipectl/build/x/job.py"));
    }
}
