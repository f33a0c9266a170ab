//! Folders with all that is in them.

use std::fs;
use std::path::Path;

/// Copies a folder; what Python has compiled stays behind.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if !path.is_dir() {
            fs::write(&to, fs::read(&path).unwrap()).unwrap();
        } else if entry.file_name() != "__pycache__" {
            copy(&path, &to);
        }
    }
}
