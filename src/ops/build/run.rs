//! Runs the command that makes a function's code.

use std::fs::{self, File};
use std::io::{self, Cursor};
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::process::Command;
use zip::ZipArchive;
use zip::result::ZipError;

use super::environment::Home;
use super::family::Family;
use super::{Run, Source};
use crate::files::built::{BUILT, places, seal};
use crate::files::package::NoPackage;
use crate::files::project::{Links, NoPath, Project};
use crate::model::text::Clean;

/// Says to tools for backups that what is here can be made again: <https://bford.info/cachedir/>.
const CACHE: &str = "Signature: 8a477f597d28d172789f06886806bc55\n# Code that `pipectl build` has made.\n";

/// How long to wait before asking again whether another pipectl has built.
const TURN: Duration = Duration::from_millis(50);

/// Why a command has made no code.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotRun {
    #[error("`{0}` cannot be copied: {1}")]
    NotCopied(String, ZipError),
    #[error("`{BUILT}` cannot be written: {0}")]
    NoPlace(#[from] io::Error),
    #[error(transparent)]
    Path(#[from] NoPath),
    #[error(transparent)]
    NoCode(#[from] NoPackage),
    #[error("`{0}` cannot be run: {1}")]
    NotStarted(String, io::Error),
    #[error("`{0}` has failed ({1}); its output is above")]
    Failed(String, ExitStatus),
    #[error("a signal has ended it")]
    Interrupted(u8),
}

/// Runs the command in a copy of the source, and keeps that if it succeeds. Another pipectl that builds is awaited; false
/// where that has built the same.
pub(super) async fn run(project: &Project, source: &Source<'_>, how: Run<'_>) -> Result<bool, NotRun> {
    let place = prepare(project)?;
    let _turn = turn(project, how).await?;
    if source.is_there(project) {
        return Ok(false);
    }
    let copy = tempfile::Builder::new().prefix("under-way-").tempdir_in(place)?;
    let unpacked = ZipArchive::new(Cursor::new(&source.files.zip)).and_then(|mut zip| zip.extract(copy.path()));
    unpacked.map_err(|error| NotRun::NotCopied(source.function.files().unwrap_or_default().to_owned(), error))?;
    make(source, copy.path(), how).await?;
    keep(project, source, &copy)?;
    Ok(true)
}

/// The command itself, and the end of all that it has started.
async fn make(source: &Source<'_>, folder: &Path, how: Run<'_>) -> Result<(), NotRun> {
    let Some((program, arguments)) = source.function.build.split_first() else { return Ok(()) };
    let shown = source.function.build.join(" ");
    (how.tell)(&format!("building {}: {}", source.address, Clean(&shown)));
    let not_started = |error| NotRun::NotStarted(shown.clone(), error);
    let home = Home::new()?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout((how.said)());
    command.process_group(0).kill_on_drop(true);
    home.equip(&mut command, &source.function.build_env);
    let family = Family::new();
    let mut child = command.spawn().map_err(not_started)?;
    let group = child.id();
    let ended = tokio::select! {
        status = child.wait() => Ok(status),
        signal = how.stop.first() => Err(signal),
    };
    if ended.is_err() {
        family.ask(group, &mut child, how.stop).await;
    }
    family.end(group).await;
    match ended {
        Err(signal) => Err(NotRun::Interrupted(signal)),
        Ok(Err(error)) => Err(not_started(error)),
        Ok(Ok(status)) if !status.success() => Err(NotRun::Failed(shown, status)),
        Ok(Ok(_)) => Ok(()),
    }
}

/// The digest is there before the folder: what has no folder is built anew, whatever its digest.
fn keep(project: &Project, source: &Source<'_>, copy: &TempDir) -> Result<(), NotRun> {
    seal(project, copy.path(), &source.built)?;
    let (folder, _) = places(project, &source.built)?;
    Ok(fs::rename(copy.path(), folder)?)
}

/// The folder to build in, on the file system where what is built stays; version control takes no notice of it.
pub(super) fn prepare(project: &Project) -> Result<std::path::PathBuf, NotRun> {
    let place = project.inside(BUILT, Links::Refused)?;
    fs::create_dir_all(&place)?;
    for (file, text) in [(".pipectl/.gitignore", "*\n"), (".pipectl/build/CACHEDIR.TAG", CACHE)] {
        let path = project.inside(file, Links::Refused)?;
        if !path.as_path().exists() {
            fs::write(path, text)?;
        }
    }
    Ok(place.as_path().to_owned())
}

/// Waits until no other pipectl builds; the lock ends with the file.
async fn turn(project: &Project, how: Run<'_>) -> Result<File, NotRun> {
    let path = project.inside(".pipectl/build.lock", Links::Refused)?;
    let file = File::options().create(true).truncate(false).write(true).open(path)?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::Error(error)) => return Err(error.into()),
            Err(fs::TryLockError::WouldBlock) => {}
        }
        tokio::select! {
            () = tokio::time::sleep(TURN) => {}
            signal = how.stop.first() => return Err(NotRun::Interrupted(signal)),
        }
    }
}
