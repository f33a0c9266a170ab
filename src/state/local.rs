//! A store in a folder of this machine.
//!
//! Beside each file stands `.<key>.lock`: writers take turns by locking it, and it counts the writes.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::blobs::{Blob, Blobs, Condition, ETag, PROBE, PutError};
use crate::files::bounded::{self, MAX_DOCUMENT};
use crate::files::project::{open, open_with};
use crate::model::error::{CallError, Class};
use crate::model::kind::BoxFuture;

/// A folder as a store. Safe between processes of one machine; keeps no earlier versions.
#[derive(Clone, Debug)]
pub struct Local {
    folder: PathBuf,
}

impl Local {
    /// The store in `folder`, which is made when it is first written to.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Runs `work` on a key off the runtime's thread: it may have to wait for its turn.
    async fn run<T: Send + 'static>(
        &self,
        verb: &'static str,
        key: &str,
        work: impl FnOnce(&Key) -> io::Result<T> + Send + 'static,
    ) -> Result<T, CallError> {
        let key = Key { folder: self.folder.clone(), name: key.to_owned() };
        let call = format!("{verb} {}", key.path().display());
        let done = tokio::task::spawn_blocking(move || work(&key)).await.unwrap_or_else(|error| Err(error.into()));
        done.map_err(|error| CallError::own(Class::Other, call, error.to_string()))
    }
}

impl Blobs for Local {
    fn get<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<Blob>, CallError>> {
        Box::pin(self.run("read", key, Key::get))
    }

    fn put<'a>(
        &'a self,
        key: &'a str,
        bytes: &'a [u8],
        condition: Condition<'a>,
    ) -> BoxFuture<'a, Result<ETag, PutError>> {
        let bytes = bytes.to_vec();
        let want = match condition {
            Condition::Absent => None,
            Condition::Matches(etag) => Some(etag.clone()),
        };
        let put = self.run("write", key, move |key| key.put(&bytes, want.as_ref()));
        Box::pin(async move { put.await?.ok_or(PutError::Conflict) })
    }

    fn delete<'a>(&'a self, key: &'a str, etag: &'a ETag) -> BoxFuture<'a, Result<(), PutError>> {
        let etag = etag.clone();
        let delete = self.run("delete", key, move |key| key.delete(&etag));
        Box::pin(async move { delete.await?.ok_or(PutError::Conflict) })
    }

    fn describe(&self) -> String {
        format!("{}/", self.folder.display())
    }
}

/// One file of the folder; its methods block.
struct Key {
    folder: PathBuf,
    name: String,
}

impl Key {
    fn path(&self) -> PathBuf {
        self.folder.join(&self.name)
    }

    /// The file that is locked while the key is read or written.
    fn turn_path(&self) -> PathBuf {
        self.folder.join(format!(".{}.lock", self.name))
    }

    fn get(&self) -> io::Result<Option<Blob>> {
        if !self.folder.exists() {
            return Ok(None);
        }
        let mut turn = self.turn(File::lock_shared)?;
        self.current(&turn.count()?)
    }

    /// `None`: the key is no longer as wanted.
    fn put(&self, bytes: &[u8], want: Option<&ETag>) -> io::Result<Option<ETag>> {
        // What could not be read again would end everything that the environment does.
        bounded::fits(bytes, MAX_DOCUMENT)?;
        fs::create_dir_all(&self.folder)?;
        let mut turn = self.turn(File::lock)?;
        let count = turn.count()?;
        if self.current(&count)?.map(|blob| blob.etag).as_ref() != want {
            return Ok(None);
        }
        let mut file = NamedTempFile::new_in(&self.folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(self.path())?;
        let count = turn.advance(&count)?;
        sync_folder(&self.folder)?;
        Ok(Some(etag(bytes, &count)))
    }

    /// `None`: the key is no longer as wanted.
    fn delete(&self, want: &ETag) -> io::Result<Option<()>> {
        if !self.folder.exists() {
            return Ok(Some(()));
        }
        let mut turn = self.turn(File::lock)?;
        let count = turn.count()?;
        match self.current(&count)? {
            None => Ok(Some(())),
            Some(blob) if blob.etag == *want => {
                fs::remove_file(self.path())?;
                turn.advance(&count)?;
                // Whoever waits for a key goes by its file; for that of a probe nobody waits.
                if self.name.starts_with(PROBE) {
                    fs::remove_file(self.turn_path())?;
                }
                sync_folder(&self.folder).map(Some)
            }
            Some(_) => Ok(None),
        }
    }

    /// Waits for our turn on this key; it ends when the file is dropped.
    fn turn(&self, lock: fn(&File) -> io::Result<()>) -> io::Result<Turn> {
        let options = &mut OpenOptions::new();
        let file = open_with(options.read(true).write(true).create(true).truncate(false), &self.turn_path())?;
        lock(&file)?;
        Ok(Turn(file))
    }

    fn current(&self, count: &str) -> io::Result<Option<Blob>> {
        match open(&self.path()).and_then(|file| bounded::all(file, MAX_DOCUMENT)) {
            Ok(bytes) => Ok(Some(Blob { etag: etag(&bytes, count), bytes })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// The locked file, which holds the number of writes so far.
struct Turn(File);

impl Turn {
    fn count(&mut self) -> io::Result<String> {
        let mut text = String::new();
        self.0.rewind()?;
        // Nobody writes more than a number into it.
        (&self.0).take(32).read_to_string(&mut text)?;
        Ok(text)
    }

    fn advance(&mut self, count: &str) -> io::Result<String> {
        let next = (count.parse::<u64>().unwrap_or_default() + 1).to_string();
        self.0.rewind()?;
        self.0.write_all(next.as_bytes())?;
        self.0.sync_all()?;
        Ok(next)
    }
}

fn etag(bytes: &[u8], count: &str) -> ETag {
    ETag::new(format!("{}-{count}", hex::encode(Sha256::digest(bytes))))
}

/// Makes a rename survive a power cut, where the system lets a folder be synced.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
