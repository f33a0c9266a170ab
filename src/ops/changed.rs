//! Which files have changed since a commit, as git tells: in commits since then, and in what nobody has committed yet.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::anyhow;

use super::{Fault, Result};
use crate::model::text::Clean;

/// The changed files of the repository that a folder lies in, each with its whole path. Counted from where the two histories
/// parted, so that what others have changed meanwhile is not this branch's.
///
/// # Errors
/// When there is no repository, or git does not know the commit or where the histories parted.
pub fn changed_since(folder: &Path, reference: &str) -> Result<Vec<PathBuf>> {
    let shown = Clean(reference).to_string();
    let commit = format!("{reference}^{{commit}}");
    let commit = git(folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &commit])?;
    let Some(commit) = commit else {
        let help =
            "name a branch, a tag or a commit that is here: `git fetch` brings it, in GitLab with `GIT_DEPTH: 0`";
        return Err(Fault::helped(anyhow!("git knows no commit `{shown}` here"), help));
    };
    let base = git(folder, &["merge-base", line(&commit), "HEAD"])?;
    let Some(base) = base else {
        let help = "fetch the whole history, in GitLab with `GIT_DEPTH: 0`";
        return Err(Fault::helped(anyhow!("git does not know where `{shown}` and HEAD have parted"), help));
    };
    let unknown = |what: &str| Fault::Other(anyhow!("git does not tell {what}"));
    let top = git(folder, &["rev-parse", "--show-toplevel"])?.ok_or_else(|| unknown("where the repository is"))?;
    let diff = ["diff", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "--no-renames", "--no-relative"];
    let committed = git(folder, &[&diff[..], &[line(&base), "--"]].concat())?;
    let committed = committed.ok_or_else(|| unknown("what has changed"))?;
    let new = ["ls-files", "--others", "--exclude-standard", "--full-name", "-z", "--", ":/"];
    let new = git(folder, &new)?.ok_or_else(|| unknown("what is new"))?;
    let names = [committed, new].concat();
    let top = Path::new(line(&top));
    Ok(names.split(|byte| *byte == 0).filter(|name| !name.is_empty()).map(|name| top.join(path(name))).collect())
}

/// The first line of what git says.
fn line(said: &[u8]) -> &str {
    std::str::from_utf8(said).unwrap_or_default().trim_end_matches('\n')
}

#[cfg(unix)]
fn path(name: &[u8]) -> &OsStr {
    std::os::unix::ffi::OsStrExt::from_bytes(name)
}

/// What git answers; absent where it answers that there is no such thing.
fn git(folder: &Path, arguments: &[&str]) -> Result<Option<Vec<u8>>> {
    let mut command = Command::new("git");
    command.args(["--no-pager", "-c", "core.fsmonitor=false"]).args(arguments);
    command.current_dir(folder).stdin(Stdio::null()).env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0");
    let output = command.output().map_err(|error| {
        Fault::helped(anyhow!("`git` cannot be run: {error}"), "install it: it tells what has changed since a commit")
    })?;
    let said = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => Ok(Some(output.stdout)),
        // So it says where it finds nothing; what went wrong it says in words.
        Some(1) if said.trim().is_empty() => Ok(None),
        _ => Err(Fault::Other(anyhow!("git does not tell what has changed: {}", Clean(said.trim())))),
    }
}
