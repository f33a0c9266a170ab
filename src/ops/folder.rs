//! A folder of files that pipectl writes: it knows which of them are still as it wrote them.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::files::bounded::{self, MAX_DOCUMENT};

/// Lists the files of a folder with their SHA-256, as `sha256sum --check` reads it.
const LIST: &str = ".pipectl-export";

/// The files in the way: pipectl did not write them, or somebody has changed them since.
///
/// # Errors
/// When the folder cannot be read.
pub fn in_the_way<'a>(folder: &Path, files: &BTreeMap<&'a str, String>) -> io::Result<Vec<&'a str>> {
    let written = absent_is_none(bounded::read_text(&folder.join(LIST), MAX_DOCUMENT))?.unwrap_or_default();
    let mut others = Vec::new();
    for (name, text) in files {
        if folder.join(name).is_symlink() {
            others.push(*name);
            continue;
        }
        let Some(there) = absent_is_none(bounded::read(&folder.join(name), MAX_DOCUMENT))? else { continue };
        let ours = written.lines().any(|line| line == entry(name, &there));
        if !ours && there != text.as_bytes() {
            others.push(*name);
        }
    }
    Ok(others)
}

/// Writes the files, each whole or not at all, and the list of them first: a crash leaves no file that looks like another's.
///
/// # Errors
/// When the folder cannot be written.
pub fn write(folder: &Path, files: &BTreeMap<&str, String>) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let list: String = files.iter().map(|(name, text)| entry(name, text.as_bytes()) + "\n").collect();
    let all = [(LIST, &list)].into_iter().chain(files.iter().map(|(name, text)| (*name, text)));
    for (name, text) in all {
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        file.write_all(text.as_bytes())?;
        file.persist(folder.join(name))?;
    }
    Ok(())
}

fn entry(name: &str, content: &[u8]) -> String {
    format!("{}  {name}", hex::encode(Sha256::digest(content)))
}

fn absent_is_none<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_wrote_or_changed_is_in_the_way() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("new");
        let first = BTreeMap::from([("a.tf", "one".to_owned()), ("b.tf", "one".to_owned())]);
        assert!(in_the_way(&folder, &first).unwrap().is_empty());
        write(&folder, &first).unwrap();

        let second =
            BTreeMap::from([("a.tf", "two".to_owned()), ("b.tf", "two".to_owned()), ("c.tf", "two".to_owned())]);
        assert!(in_the_way(&folder, &second).unwrap().is_empty(), "what pipectl wrote may be written again");
        fs::write(folder.join("b.tf"), "mine").unwrap();
        fs::write(folder.join("c.tf"), "mine").unwrap();
        assert_eq!(in_the_way(&folder, &second).unwrap(), ["b.tf", "c.tf"]);

        write(&folder, &second).unwrap();
        assert!(in_the_way(&folder, &first).unwrap().is_empty());
        assert_eq!(fs::read_to_string(folder.join("c.tf")).unwrap(), "two");
    }
}
