//! Where a project begins: the nearest folder, here or above, that has `envs/` in it.

use std::io;
use std::path::{Path, PathBuf};

/// The folder that makes a project of the one that it is in.
pub const ENVS: &str = "envs";

/// What a repository's own folder has in it: a folder, or a file where it is a worktree or a submodule.
const GIT: &str = ".git";

/// Why a project above is not taken for the one that is meant.
#[derive(Debug, thiserror::Error)]
pub enum NoRoot {
    /// Anybody may have put it there: `/tmp/envs` is not the project of whoever works below `/tmp`.
    #[error("`{}` has `{ENVS}/` in it, and belongs to another user than this folder does", .0.display())]
    Foreign(PathBuf),
    /// There is no end to what lies below.
    #[error("more than {MOST} folders, or folders deeper than {DEEPEST}, lie below `{}`", .0.display())]
    Endless(PathBuf),
    /// Whose it is cannot be told.
    #[error("whose `{}` is cannot be told: {}", .0.display(), .1)]
    Unreadable(PathBuf, io::Error),
}

/// The root of the project that a folder lies in; absent where it lies in none. The search goes no higher than the repository's
/// own folder: what is around a repository is none of its business.
///
/// # Errors
/// When the root is above the folder, and is neither this user's nor that of the folder's owner.
pub fn root_of(folder: &Path) -> Result<Option<PathBuf>, NoRoot> {
    for above in folder.ancestors() {
        if above.join(ENVS).is_dir() {
            if above != folder {
                check_owner(folder, above)?;
            }
            return Ok(Some(above.to_owned()));
        }
        if is_there(&above.join(GIT)) {
            break;
        }
    }
    Ok(None)
}

/// The most folders that are searched for projects, and how deep they may lie.
const MOST: usize = 20_000;
const DEEPEST: usize = 16;

/// What no project is in: packages that others have made, by the thousand.
const OTHERS: [&str; 2] = ["node_modules", "site-packages"];

/// The roots of the projects at and below a folder, in order; links are not followed, and what begins with a dot is passed over.
///
/// # Errors
/// When one is neither this user's nor that of the folder's owner, or there are too many folders.
pub fn roots_below(folder: &Path) -> Result<Vec<PathBuf>, NoRoot> {
    let (mut found, mut searched) = (Vec::new(), 0);
    let mut left = vec![(folder.to_owned(), 0)];
    while let Some((here, depth)) = left.pop() {
        searched += 1;
        if searched > MOST || depth > DEEPEST {
            return Err(NoRoot::Endless(folder.to_owned()));
        }
        if here.join(ENVS).is_dir() {
            if here != folder {
                check_owner(folder, &here)?;
            }
            found.push(here.clone());
        }
        let entries = here.read_dir().map_err(|error| NoRoot::Unreadable(here.clone(), error))?;
        for entry in entries.flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            let real = entry.file_type().is_ok_and(|about| about.is_dir());
            if real && !name.starts_with('.') && name != ENVS && !OTHERS.contains(&&*name) {
                left.push((entry.path(), depth + 1));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Whether there is anything of this name. What cannot be looked at is taken to be there, which ends the search.
fn is_there(path: &Path) -> bool {
    !path.symlink_metadata().is_err_and(|error| error.kind() == io::ErrorKind::NotFound)
}

#[cfg(unix)]
fn check_owner(folder: &Path, root: &Path) -> Result<(), NoRoot> {
    use std::os::unix::fs::MetadataExt as _;

    let owner = |path: &Path| match path.metadata() {
        Ok(about) => Ok(about.uid()),
        Err(error) => Err(NoRoot::Unreadable(path.to_owned(), error)),
    };
    let known = [rustix::process::geteuid().as_raw(), owner(folder)?];
    let owners = [owner(root)?, owner(&root.join(ENVS))?];
    if owners.iter().all(|owner| known.contains(owner)) { Ok(()) } else { Err(NoRoot::Foreign(root.to_owned())) }
}

/// Not every system tells whose a folder is.
#[cfg(not(unix))]
fn check_owner(_: &Path, _: &Path) -> Result<(), NoRoot> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_nearest_folder_with_environments_is_the_root_and_a_repository_ends_the_search() {
        let all = tempfile::tempdir().unwrap();
        let at = |path: &str| all.path().join(path);
        for folder in ["envs", "functions/clean", "vendor/lib/src", "team/envs/parts", "team/functions", "module/src"] {
            fs::create_dir_all(at(folder)).unwrap();
        }
        fs::create_dir(at("vendor/lib/.git")).unwrap();
        fs::write(at("module/.git"), "gitdir: ../.git/modules/module\n").unwrap();
        fs::create_dir(at(".git")).unwrap();
        let found = |path: &str| root_of(&at(path)).unwrap();
        let top = Some(all.path().to_owned());
        // The repository's own folder is the last that is looked at.
        for inside in ["", "envs", "functions", "functions/clean", "vendor"] {
            assert_eq!(found(inside).map(|it| it.join("")), top.as_ref().map(|it| it.join("")), "{inside}");
        }
        for nested in ["team", "team/functions", "team/envs/parts"] {
            assert_eq!(found(nested).map(|it| it.join("")), Some(at("team").join("")), "{nested}");
        }
        for other in ["vendor/lib", "vendor/lib/src", "module", "module/src"] {
            assert_eq!(found(other), None, "{other}");
        }
        // A file of this name is no folder of environments.
        fs::remove_dir(at("envs")).unwrap();
        fs::write(at("envs"), "").unwrap();
        assert_eq!(found("functions"), None);
    }

    #[test]
    fn projects_below_are_found_at_any_depth() {
        let all = tempfile::tempdir().unwrap();
        for folder in ["envs/envs", "a/envs", "a/b/envs", "c/functions", ".hidden/envs", "node_modules/x/envs"] {
            fs::create_dir_all(all.path().join(folder)).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(all.path(), all.path().join("c/round")).unwrap();
        let found = roots_below(all.path()).unwrap();
        let below: Vec<_> = found.iter().map(|root| root.strip_prefix(all.path()).unwrap().to_str().unwrap()).collect();
        assert_eq!(below, ["", "a", "a/b"]);
        let deep = vec!["d"; DEEPEST + 1].join("/");
        fs::create_dir_all(all.path().join(deep)).unwrap();
        assert!(matches!(roots_below(all.path()), Err(NoRoot::Endless(_))));
    }

    #[cfg(unix)]
    #[test]
    fn what_somebody_else_has_put_above_is_not_taken() {
        let all = tempfile::tempdir().unwrap();
        let (envs, below) = (all.path().join("envs"), all.path().join("below"));
        fs::create_dir(&envs).unwrap();
        fs::create_dir(&below).unwrap();
        // Only root may give a folder away: for anybody else there is nothing to try here.
        if std::os::unix::fs::chown(&envs, Some(65534), None).is_err() {
            return;
        }
        assert!(matches!(root_of(&below), Err(NoRoot::Foreign(root)) if root == all.path()));
        // Who stands in it has chosen it.
        assert_eq!(root_of(all.path()).unwrap().as_deref(), Some(all.path()));
        // A folder of theirs lies in a project of theirs, whoever runs pipectl: a checkout in a container.
        for theirs in [all.path(), below.as_path()] {
            std::os::unix::fs::chown(theirs, Some(65534), None).unwrap();
        }
        assert_eq!(root_of(&below).unwrap().as_deref(), Some(all.path()));
    }
}
