//! Whether version control has brought what was built: then it is somebody's word, and not what a command has made here.

use std::io;
use std::process::{Command, Stdio};

use crate::files::built::BUILT;
use crate::files::project::Project;

/// Why what was built is not used.
#[derive(Debug, thiserror::Error)]
pub(super) enum Tracked {
    #[error(
        "git tracks `{0}`, so it came with the repository: `git rm -r --cached {BUILT}`, delete it and build again"
    )]
    File(String),
    #[error("whether git tracks `{BUILT}` cannot be told, for `git` cannot be run: {0}; install it, or delete `.git`")]
    NoGit(io::Error),
    #[error("whether git tracks `{BUILT}` cannot be told: git says: {0}")]
    Refused(String),
}

/// Refuses what git tracks. Of git's configuration only the repository's own is read, and nothing in it makes a listing of
/// the index run a program.
pub(super) fn check(project: &Project) -> Result<(), Tracked> {
    if !project.root().ancestors().any(|folder| folder.join(".git").symlink_metadata().is_ok()) {
        return Ok(());
    }
    let mut git = Command::new("git");
    git.args(["-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.directory=*"])
        .args(["--no-pager", "--literal-pathspecs", "ls-files", "--cached", "-z", "--", BUILT])
        .current_dir(project.root())
        .stdin(Stdio::null())
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .envs([("GIT_CONFIG_NOSYSTEM", "1"), ("GIT_CONFIG_GLOBAL", "/dev/null"), ("GIT_OPTIONAL_LOCKS", "0")])
        .envs([("LC_ALL", "C"), ("HOME", "/nonexistent")]);
    let output = git.output().map_err(Tracked::NoGit)?;
    if !output.status.success() {
        return Err(Tracked::Refused(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    match output.stdout.split(|byte| *byte == 0).find(|name| !name.is_empty()) {
        Some(name) => Err(Tracked::File(String::from_utf8_lossy(name).into_owned())),
        None => Ok(()),
    }
}
