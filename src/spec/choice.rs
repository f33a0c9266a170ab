//! Which file describes the environment that was asked for.

use std::collections::BTreeMap;
use std::path::Path;

use super::diagnostic::{Diagnostics, Reported};
use super::document::Reader;
use super::nearest::{listed, nearest};
use super::place::SourceSpan;
use super::source::{EnvFile, Source};
use super::tree::Node;
use crate::files::root::ENVS;

/// What the others extend; an environment of this name there is not.
const BASE: &str = "base";

/// The file to read.
pub(super) fn choose(source: &Source, root: &Path, reader: &mut Reader) -> Result<EnvFile, Reported> {
    let folder = root.join(ENVS);
    match source {
        Source::File(path) => Ok(EnvFile { path: path.clone(), name: None }),
        Source::Env(name) => named(name, None, &folder, &mut reader.diagnostics),
        Source::Branch(branch) => of_branch(branch, &folder, reader),
    }
}

/// The file of the environment that a branch is mapped to, or is called like.
fn of_branch(branch: &str, folder: &Path, reader: &mut Reader) -> Result<EnvFile, Reported> {
    let branches = mapped(folder, reader)?;
    if let Some((name, place)) = best(branch, &branches) {
        return named(&name, Some(place), folder, &mut reader.diagnostics);
    }
    let names = existing(folder);
    if names.iter().any(|name| name == branch) {
        return named(branch, None, folder, &mut reader.diagnostics);
    }
    let message = format!("the branch `{branch}` belongs to no environment");
    reader.diagnostics.error(None, message).help(choices(branch, &names, &branches));
    Err(Reported)
}

/// Which environments and branches there are instead of a branch that belongs to none, and what to do.
fn choices(branch: &str, names: &[String], branches: &BTreeMap<String, Node>) -> String {
    let there = inventory(names);
    if names.is_empty() {
        return there;
    }
    let patterns = || branches.keys().map(String::as_str);
    let maps = match listed(patterns(), "and") {
        all if all.is_empty() => all,
        all => format!(", and `[branches]` maps {all}"),
    };
    let todo = format!("add the branch to `[branches]` in `{ENVS}/{BASE}.toml`, or choose with `--env`");
    let help = format!("{there}{maps}; {todo}");
    match nearest(branch, names.iter().map(String::as_str).chain(patterns())) {
        Some(near) => format!("did you mean `{near}`? {help}"),
        None => help,
    }
}

/// Which environments there are.
fn inventory(names: &[String]) -> String {
    match names {
        [] => format!(
            "`{ENVS}/` has no environments: run pipectl in a project or in a folder below it, or make one with `pipectl init`"
        ),
        _ => format!("`{ENVS}/` has {}", listed(names.iter().map(String::as_str), "and")),
    }
}

/// The file of the environment `name`, if that is a name and the file is there.
fn named(
    name: &str,
    place: Option<SourceSpan>,
    folder: &Path,
    diagnostics: &mut Diagnostics,
) -> Result<EnvFile, Reported> {
    let names = existing(folder);
    if names.iter().any(|other| other == name) {
        return Ok(EnvFile { path: folder.join(format!("{name}.toml")), name: Some(name.to_owned()) });
    }
    let message = if is_name(name) {
        format!("there is no environment `{name}`")
    } else {
        format!("`{name}` cannot be the name of an environment")
    };
    let help = match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => inventory(&names),
    };
    diagnostics.error(place, message).help(help);
    Err(Reported)
}

/// Letters, digits and hyphens only: such a name cannot lead out of the folder.
pub(super) fn is_name(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    !name.is_empty() && !name.starts_with('-') && name.chars().all(plain) && name != BASE
}

/// The names of the environments in a folder, in order; none where the folder cannot be read, for then none can be used.
fn existing(folder: &Path) -> Vec<String> {
    let files = folder.read_dir().into_iter().flatten().flatten();
    let mut names: Vec<String> = files
        .filter_map(|file| Some(file.file_name().to_str()?.strip_suffix(".toml")?.to_owned()))
        .filter(|name| is_name(name))
        .collect();
    names.sort();
    names
}

/// `[branches]`: the environment of each pattern.
fn mapped(folder: &Path, reader: &mut Reader) -> Result<BTreeMap<String, Node>, Reported> {
    let base = folder.join(format!("{BASE}.toml"));
    if !base.exists() {
        return Ok(BTreeMap::new());
    }
    let tree = reader.read(&base)?;
    let branches = tree.get("branches").and_then(Node::as_table).into_iter().flatten();
    Ok(branches.map(|(pattern, entry)| (pattern.clone(), entry.node.clone())).collect())
}

/// The environment of the pattern that fits a branch most closely, and where that is said: the branch itself, else the
/// longest pattern with a `*` at its end.
fn best(branch: &str, branches: &BTreeMap<String, Node>) -> Option<(String, SourceSpan)> {
    let fits = |pattern: &str| match pattern.strip_suffix('*') {
        Some(beginning) => branch.starts_with(beginning),
        None => pattern == branch,
    };
    let (_, node) = branches
        .iter()
        .filter(|(pattern, _)| fits(pattern))
        .max_by_key(|(pattern, _)| (*pattern == branch, pattern.len()))?;
    Some((node.as_str()?.to_owned(), node.place))
}
