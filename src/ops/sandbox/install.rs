//! Python packages at pinned versions, in a virtual environment of their own.
//!
//! Packages come from wherever pip's own configuration says.

use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use super::error::tail;
use super::pip::{locations, watched};
use super::{Error, Progress, Result};

/// The oldest Python that `MiniStack` runs on.
const OLDEST: (u32, u32) = (3, 10);

/// How long a step may take: of a hundred megabytes over a slow line.
const LONGEST: Duration = Duration::from_mins(20);

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

/// Packages that are installed together, each file of them known by its digest.
#[derive(Clone, Copy, Debug)]
pub struct Locked {
    /// The name of their folder; changes with their list.
    pub name: &'static str,
    /// All of them at pinned versions with the SHA-256 of their files, as `pip install --require-hashes` reads it.
    pub requirements: &'static str,
}

/// What pip is asked for.
enum Wanted<'a> {
    Named(&'a [&'a str]),
    Locked(&'a str),
}

/// As [`install`], of packages that are locked.
///
/// # Errors
/// As [`install`], and when a file has another digest.
pub async fn install_locked(packages: &Locked, home: &Path, progress: Progress<'_>) -> Result<PathBuf> {
    install_as(packages.name, &Wanted::Locked(packages.requirements), home, progress).await
}

/// Whether packages that are locked are in `home` already.
pub fn is_installed(packages: &Locked, home: &Path) -> bool {
    python_in(&home.join(packages.name)).is_some()
}

/// Installs `packages` into `home` where they are not there yet, and returns the Python that has them.
///
/// Whole or not at all: it is made in a folder beside and renamed. Two processes do not install at once: the second
/// waits for the first, whose lock ends with it.
///
/// # Errors
/// When Python is absent or too old, or pip does not find the packages.
pub async fn install(packages: &Packages, home: &Path, progress: Progress<'_>) -> Result<PathBuf> {
    install_as(packages.name, &Wanted::Named(packages.requirements), home, progress).await
}

async fn install_as(name: &str, wanted: &Wanted<'_>, home: &Path, progress: Progress<'_>) -> Result<PathBuf> {
    // Whoever runs the Python may do so from another folder.
    let home = &std::path::absolute(home).map_err(Error::io("find", home))?;
    let place = home.join(name);
    if let Some(python) = python_in(&place) {
        return Ok(python);
    }
    fs::create_dir_all(home).map_err(Error::io("create", home))?;
    let _lock = lock(&home.join(format!("{name}.lock")), progress).await?;
    if let Some(python) = python_in(&place) {
        return Ok(python);
    }
    let draft = home.join(format!("{name}.partial"));
    for leftover in [&draft, &place] {
        remove(leftover)?;
    }
    fill(&draft, name, wanted, progress).await?;
    name_place(&draft, &place)?;
    fs::rename(&draft, &place).map_err(Error::io("rename", &draft))?;
    Ok(place.join(PYTHON))
}

/// Lets the programs of a virtual environment name the folder that it is about to have, and not the one that it was made
/// in: each begins with the path of its interpreter.
fn name_place(draft: &Path, place: &Path) -> Result<()> {
    let programs = draft.join("bin");
    let (made_in, goes_to) = (draft.to_string_lossy(), place.to_string_lossy());
    for entry in fs::read_dir(&programs).map_err(Error::io("read", &programs))? {
        let path = entry.map_err(Error::io("read", &programs))?.path();
        // The interpreter is a link, and what is no text names nothing.
        let Some(text) = path.is_file().then(|| fs::read_to_string(&path).ok()).flatten() else { continue };
        if !path.is_symlink() && text.contains(&*made_in) {
            fs::write(&path, text.replace(&*made_in, &goes_to)).map_err(Error::io("write", &path))?;
        }
    }
    Ok(())
}

/// Where a virtual environment has its interpreter.
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

async fn fill(draft: &Path, name: &str, wanted: &Wanted<'_>, progress: Progress<'_>) -> Result<()> {
    let base = find_python(&PYTHONS).await?;
    fs::create_dir(draft).map_err(Error::io("create", draft))?;
    progress(format!("creating a Python environment for {name}"));
    let mut venv = watched(&base, &base, draft);
    venv.args(["-m", "venv"]).arg(draft);
    run(venv, "creating a Python environment", &|_| {}).await?;
    let python = draft.join(PYTHON);
    let mut pip = watched(&base, &python, draft);
    pip.envs(locations(&python).await?);
    pip.args(["-m", "pip", "install", "--disable-pip-version-check", "--no-input", "--quiet"]);
    let step = match wanted {
        Wanted::Named(requirements) => {
            pip.args(*requirements);
            format!("installing {}", requirements.join(" "))
        }
        Wanted::Locked(requirements) => {
            let list = draft.join("requirements.txt");
            fs::write(&list, requirements).map_err(Error::io("write", &list))?;
            // To build a package from its source takes others, whose digests nobody has asked for.
            pip.args(["--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement"]).arg(&list);
            format!("installing {name}")
        }
    };
    run(pip, &step, progress).await
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
    // Its watchdog: dropped with this future, and with the process.
    let watchdog = child.stdin.take();
    let ended = async { tokio::join!(lines(stdout, progress), lines(stderr, &|_| {}), child.wait()) };
    let Ok((output, errors, status)) = timeout(LONGEST, ended).await else {
        let (action, error) = ("wait any longer for", std::io::ErrorKind::TimedOut.into());
        return Err(Error::io(action, &program)(error));
    };
    drop(watchdog);
    let status = status.map_err(Error::io("wait for", &program))?;
    if status.success() {
        return Ok(());
    }
    Err(Error::Install { step: step.to_owned(), status, output: tail(&format!("{output}{errors}"), 15) })
}

/// How much of a step's output is kept, in bytes.
const MOST: usize = 1 << 20;

/// Everything that a stream brings, each line told as it comes.
async fn lines(stream: Option<impl AsyncRead + Unpin>, progress: Progress<'_>) -> String {
    let mut all = String::new();
    let Some(stream) = stream else { return all };
    let mut lines = BufReader::new(stream).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        // Of endless output the beginning has to do.
        if all.len() < MOST {
            all.push_str(&line);
            all.push('\n');
        }
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
    fn an_installed_program_names_the_interpreter_where_it_has_moved_to() {
        let home = tempfile::tempdir().unwrap();
        let (draft, place) = (home.path().join("tool.partial"), home.path().join("tool"));
        fs::create_dir_all(draft.join("bin")).unwrap();
        std::os::unix::fs::symlink("/bin/sh", draft.join(PYTHON)).unwrap();
        let program = draft.join("bin/tool");
        fs::write(&program, format!("#!{}\necho it runs\n", draft.join(PYTHON).display())).unwrap();
        fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        name_place(&draft, &place).unwrap();
        fs::rename(&draft, &place).unwrap();
        let output = std::process::Command::new(place.join("bin/tool")).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "it runs\n");
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
