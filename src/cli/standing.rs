//! Where a person stands, and the project that he stands in.
//!
//! The process works in the project's root, so that whatever a spec or a plan names is found from there. What a person names on
//! the command line is found from where he stands: [`named`] leads there.

use std::env::{current_dir, set_current_dir};
use std::path::{Component, Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, anyhow};

use super::failure::Failure;
use crate::files::root::{NoRoot, root_of};
use crate::ops::Fault;
use crate::report::style::Clean;

/// What is known of where a person stands.
#[derive(Debug, Default)]
struct Standing {
    /// The folder, where that is not the project's root.
    folder: Option<PathBuf>,
    /// The way to it from the root, without links.
    below: PathBuf,
}

static STANDING: OnceLock<Standing> = OnceLock::new();

/// What `-C` says, for the commands that a person is told to run next.
static CALLED_IN: OnceLock<PathBuf> = OnceLock::new();

/// Goes to the folder of `-C`: everything else is as if pipectl had been started there.
pub(super) fn go(folder: &Path) -> Result<(), Failure> {
    set_current_dir(folder).map_err(|error| {
        let error = anyhow!("`-C {}`: {error}", Clean(&folder.display().to_string()));
        Fault::helped(error, "give a folder that is there, and that may be entered")
    })?;
    // The command line is read once.
    let _ = CALLED_IN.set(folder.to_owned());
    Ok(())
}

/// Goes to the root of the project that the current folder lies in; where it lies in none, it is the root itself.
pub(super) fn enter_project() -> Result<(), Failure> {
    let here = current_dir().context("the current folder is gone")?;
    let Some(root) = root_of(&here).map_err(|error| foreign(&error))? else { return Ok(()) };
    let Some(below) = here.strip_prefix(&root).ok().filter(|below| !below.as_os_str().is_empty()) else {
        return Ok(());
    };
    set_current_dir(&root)
        .with_context(|| format!("the project's folder, {}, cannot be entered", Clean(&root.display().to_string())))?;
    // The command line is read once.
    let _ = STANDING.set(Standing { below: below.to_owned(), folder: Some(here) });
    Ok(())
}

/// Why a root is not taken, and how it is if it is meant.
pub(super) fn foreign(error: &NoRoot) -> Failure {
    let error = anyhow!(Clean(&error.to_string()).to_string());
    Fault::helped(
        error,
        "if it is your project, run pipectl in its own folder, or with `-C`; else make an `envs/` here",
    )
    .into()
}

/// A path of the command line as the process finds it: from the project's root.
pub(super) fn named(path: &Path) -> PathBuf {
    from(STANDING.get().map_or(Path::new(""), |standing| &standing.below), path)
}

/// The folder in which a person finds what is written for him: where he stands.
pub(super) fn folder() -> &'static Path {
    STANDING.get().and_then(|standing| standing.folder.as_deref()).unwrap_or(Path::new("."))
}

/// The words that begin a command which a person is told to run.
pub(super) fn program() -> Vec<String> {
    let words = CALLED_IN.get().map(|folder| ["-C".to_owned(), folder.display().to_string()]);
    std::iter::once("pipectl".to_owned()).chain(words.into_iter().flatten()).collect()
}

/// A path seen from the folder that `below` leads to. Its `..` at the beginning are taken off `below`, in which no link is;
/// after the name of a folder, `..` stays, for that folder may be a link.
fn from(below: &Path, path: &Path) -> PathBuf {
    if below.as_os_str().is_empty() || path.is_absolute() {
        return path.to_owned();
    }
    let mut way = below.to_owned();
    let mut rest = path.components();
    let climbs = |part: &Component| matches!(part, Component::ParentDir | Component::CurDir);
    while let Some(part) = rest.clone().next().filter(climbs) {
        if part == Component::ParentDir && !way.pop() {
            break;
        }
        rest.next();
    }
    way.push(rest.as_path());
    if way.as_os_str().is_empty() { PathBuf::from(".") } else { way }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_names_is_found_from_where_he_stands() {
        let cases = [
            ("plan.json", "functions/clean/plan.json"),
            ("./plan.json", "functions/clean/plan.json"),
            ("../plan.json", "functions/plan.json"),
            ("../../envs/dev.toml", "envs/dev.toml"),
            ("../../../other/dev.toml", "../other/dev.toml"),
            ("../../../../x", "../../x"),
            ("link/../x", "functions/clean/link/../x"),
            ("/tmp/plan.json", "/tmp/plan.json"),
            ("../..", "."),
            (".", "functions/clean"),
        ];
        for (path, found) in cases {
            assert_eq!(from(Path::new("functions/clean"), Path::new(path)), Path::new(found), "{path}");
        }
        // Who stands in the root is told of a file as he has written it.
        assert_eq!(from(Path::new(""), Path::new("./plan.json")).as_os_str(), "./plan.json");
    }
}
