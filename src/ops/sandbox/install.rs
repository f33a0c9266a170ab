//! Python packages at pinned versions, in a virtual environment of their own.
//!
//! Packages come from wherever pip's own configuration says.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Command;

use super::error::tail;
use super::{Error, Progress, Result};

/// The oldest Python that `MiniStack` runs on.
const OLDEST: (u32, u32) = (3, 10);

/// What it may be called.
const PYTHONS: [&str; 7] = ["python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];

/// Packages that are installed together.
#[derive(Clone, Copy, Debug)]
pub struct Packages {
    /// The name of their folder; changes with their versions.
    pub name: &'static str,
    /// As pip takes them: `ministack==1.5.33`.
    pub requirements: &'static [&'static str],
}

/// Installs `packages` into `home` where they are not there yet, and returns the Python that has them.
///
/// Whole or not at all: it is made in a folder beside and renamed. Two processes do not install at once: the second
/// waits for the first, whose lock ends with it.
///
/// # Errors
/// When Python is absent or too old, or pip does not find the packages.
pub async fn install(packages: &Packages, home: &Path, progress: Progress<'_>) -> Result<PathBuf> {
    // Whoever runs the Python may do so from another folder.
    let home = &std::path::absolute(home).map_err(Error::io("find", home))?;
    let place = home.join(packages.name);
    if let Some(python) = python_in(&place) {
        return Ok(python);
    }
    fs::create_dir_all(home).map_err(Error::io("create", home))?;
    let _lock = lock(&home.join(format!("{}.lock", packages.name)), progress).await?;
    if let Some(python) = python_in(&place) {
        return Ok(python);
    }
    let draft = home.join(format!("{}.partial", packages.name));
    for leftover in [&draft, &place] {
        remove(leftover)?;
    }
    fill(&draft, packages, progress).await?;
    fs::rename(&draft, &place).map_err(Error::io("rename", &draft))?;
    Ok(place.join(PYTHON))
}

/// Where a virtual environment has its interpreter. Its other programs name the folder that they were made in, which
/// has been renamed since: everything is run as a module of this one.
const PYTHON: &str = "bin/python";

/// The interpreter of a whole installation; `None` also where it was made from a Python that is gone by now.
fn python_in(place: &Path) -> Option<PathBuf> {
    Some(place.join(PYTHON)).filter(|python| python.exists())
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::io("remove", folder)(error)),
        _ => Ok(()),
    }
}

/// Takes the lock, which the system releases with the file, however the process ends.
async fn lock(path: &Path, progress: Progress<'_>) -> Result<File> {
    let file = File::create(path).map_err(Error::io("create", path))?;
    let mut told = false;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::Error(error)) => return Err(Error::io("lock", path)(error)),
            Err(TryLockError::WouldBlock) if told => {}
            Err(TryLockError::WouldBlock) => {
                progress("waiting for another process that is installing the same".to_owned());
                told = true;
            }
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

async fn fill(draft: &Path, packages: &Packages, progress: Progress<'_>) -> Result<()> {
    let base = find_python(&PYTHONS).await?;
    progress(format!("creating a Python environment for {}", packages.name));
    let mut venv = isolated(&base);
    venv.args(["-m", "venv"]).arg(draft);
    run(venv, "creating a Python environment", &|_| {}).await?;
    let mut pip = isolated(&draft.join(PYTHON));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]);
    pip.args(packages.requirements);
    run(pip, &format!("installing {}", packages.requirements.join(" ")), progress).await
}

/// A Python command that neither the user's `PYTHON…` variables nor packages elsewhere influence.
fn isolated(python: &Path) -> Command {
    let mut command = Command::new(python);
    command.arg("-I").stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn run(mut command: Command, step: &str, progress: Progress<'_>) -> Result<()> {
    let program = PathBuf::from(command.as_std().get_program());
    let mut child = command.spawn().map_err(Error::io("run", &program))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (output, errors, status) = tokio::join!(lines(stdout, progress), lines(stderr, &|_| {}), child.wait());
    let status = status.map_err(Error::io("wait for", &program))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Install { step: step.to_owned(), status, output: tail(&format!("{output}{errors}"), 15) })
}

/// Everything that a stream brings, each line told as it comes.
async fn lines(stream: Option<impl AsyncRead + Unpin>, progress: Progress<'_>) -> String {
    let mut all = String::new();
    let Some(stream) = stream else { return all };
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        all.push_str(&line);
        all.push('\n');
        progress(line);
    }
    all
}

/// The first Python on the path that is new enough and has what a virtual environment needs.
async fn find_python(names: &[&str]) -> Result<PathBuf> {
    const PROBE: &str = "import sys, venv, ensurepip; print(*sys.version_info[:2])";
    let wanted = format!("{}.{}", OLDEST.0, OLDEST.1);
    let mut found = "none was found on PATH".to_owned();
    for name in names {
        let Ok(output) = isolated(Path::new(name)).args(["-c", PROBE]).output().await else { continue };
        match version(&output.stdout) {
            Some(version) if version >= OLDEST => return Ok(name.into()),
            Some((major, minor)) => found = format!("{name} is {major}.{minor}"),
            None => found = format!("{name} says: {}", tail(&String::from_utf8_lossy(&output.stderr), 1)),
        }
    }
    Err(Error::Python { wanted, found })
}

/// `3 11` as two numbers.
fn version(text: &[u8]) -> Option<(u32, u32)> {
    let (major, minor) = std::str::from_utf8(text).ok()?.trim().split_once(' ')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_missing_python_is_told_with_what_to_install() {
        let error = find_python(&["no-such-python"]).await.unwrap_err().to_string();
        assert!(error.contains("Python 3.10 or newer") && error.contains("apt install python3"), "{error}");
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(version(b"3 9\n").unwrap() < OLDEST);
        assert!(version(b"3 14\n").unwrap() > OLDEST);
        assert_eq!(version(b"Python 2.7"), None);
    }

    #[tokio::test]
    async fn the_second_to_install_waits_for_the_first() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("lock");
        let (told, heard) = tokio::sync::oneshot::channel();
        let told = std::sync::Mutex::new(Some(told));
        let first = lock(&path, &|_| {}).await.unwrap();
        let progress = |line: String| told.lock().unwrap().take().unwrap().send(line).unwrap();
        let release = async {
            assert!(heard.await.unwrap().contains("waiting"));
            drop(first);
        };
        let (second, ()) = tokio::join!(lock(&path, &progress), release);
        second.unwrap();
    }
}
