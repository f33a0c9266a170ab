//! Files of this machine, read as far as they may go: a file that somebody else has written is of any length.

use std::fs::{File, FileType};
use std::io::{self, Read};
use std::path::Path;

/// Largest state, plan or inventory of another tool, in bytes: far above any real one, far below what fills up memory.
pub const MAX_DOCUMENT: u64 = 64 << 20;

/// A file's bytes. A pipe is not waited for.
///
/// # Errors
/// When it cannot be read, is not a regular file, or has more than `most` bytes.
pub fn read(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    all(regular(path)?, most)
}

fn regular(path: &Path) -> io::Result<File> {
    check_regular(std::fs::metadata(path)?.file_type())?;
    File::open(path)
}

/// Refuses pipes and devices. Of a folder, whoever reads it says what it is.
pub(super) fn check_regular(kind: FileType) -> io::Result<()> {
    if kind.is_file() || kind.is_dir() { Ok(()) } else { Err(io::Error::other("it is not a regular file")) }
}

/// A file's text; as [`read`].
///
/// # Errors
/// As [`read`], and when it is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> io::Result<String> {
    text(regular(path)?, most)
}

/// The text that a stream brings, to its end.
///
/// # Errors
/// When it breaks off, brings more than `most` bytes, or is not UTF-8.
pub fn text(from: impl Read, most: u64) -> io::Result<String> {
    String::from_utf8(all(from, most)?).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error.utf8_error()))
}

/// The bytes that a stream brings, to its end.
///
/// # Errors
/// When it breaks off, or brings more than `most` bytes: of these no more than one is read.
pub fn all(from: impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(most + 1).read_to_end(&mut bytes)?;
    fits(&bytes, most).map(|()| bytes)
}

/// Whether bytes are no more than could be read again.
///
/// # Errors
/// When they are more than `most`.
pub fn fits(bytes: &[u8], most: u64) -> io::Result<()> {
    if bytes.len() as u64 > most {
        let message = format!("it has more than {}", size(most));
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(())
}

fn size(bytes: u64) -> String {
    if bytes >= 1 << 20 { format!("{} MiB", bytes >> 20) } else { format!("{bytes} bytes") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endless_stream_ends_at_the_bound() {
        let error = all(io::repeat(b'x'), 1 << 20).unwrap_err();
        assert_eq!(error.to_string(), "it has more than 1 MiB");
        assert_eq!(all(&b"abc"[..], 3).unwrap(), b"abc");
        assert!(all(&b"abcd"[..], 3).is_err());
        assert!(read(Path::new("/dev/zero"), 10).is_err());
    }
}
