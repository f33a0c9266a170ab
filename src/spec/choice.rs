//! Which file describes the environment that was asked for.

use std::path::Path;

use super::diagnostic::{Diagnostics, Reported};
use super::document::Reader;
use super::load::{EnvFile, Source};
use super::nearest::{listed, nearest};
use super::place::Place;
use super::tree::Node;

/// The folder of the environments.
const FOLDER: &str = "envs";
/// What the others extend; an environment of this name there is not.
const BASE: &str = "base";

/// The file to read.
pub(super) fn choose(source: &Source, root: &Path, reader: &mut Reader) -> Result<EnvFile, Reported> {
    let folder = root.join(FOLDER);
    match source {
        Source::File(path) => Ok(EnvFile { path: path.clone(), name: None }),
        Source::Env(name) => named(name, None, &folder, &mut reader.diagnostics),
        Source::Branch(branch) => match mapped(branch, &folder, reader)? {
            Some((name, place)) => named(&name, Some(place), &folder, &mut reader.diagnostics),
            None if existing(&folder).contains(branch) => named(branch, None, &folder, &mut reader.diagnostics),
            None => {
                let help = format!("add it to `[branches]` in `{FOLDER}/{BASE}.toml`, or choose with `--env`");
                let message = format!("the branch `{branch}` belongs to no environment");
                reader.diagnostics.error(None, message).help(help);
                Err(Reported)
            }
        },
    }
}

/// The file of the environment `name`, if that is a name and the file is there.
fn named(name: &str, place: Option<Place>, folder: &Path, diagnostics: &mut Diagnostics) -> Result<EnvFile, Reported> {
    let names = existing(folder);
    if names.iter().any(|other| other == name) {
        return Ok(EnvFile { path: folder.join(format!("{name}.toml")), name: Some(name.to_owned()) });
    }
    let message = if is_name(name) {
        format!("there is no environment `{name}`")
    } else {
        format!("`{name}` cannot be the name of an environment")
    };
    let all = || names.iter().map(String::as_str);
    let help = match nearest(name, all()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => format!("`{FOLDER}/` has no environments: `pipectl init` makes the first"),
        None => format!("`{FOLDER}/` has {}", listed(all(), "and")),
    };
    diagnostics.error(place, message).help(help);
    Err(Reported)
}

/// Letters, digits and hyphens only: such a name cannot lead out of the folder.
fn is_name(name: &str) -> bool {
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

/// What `[branches]` says of a branch, and where.
fn mapped(branch: &str, folder: &Path, reader: &mut Reader) -> Result<Option<(String, Place)>, Reported> {
    let base = folder.join(format!("{BASE}.toml"));
    if !base.exists() {
        return Ok(None);
    }
    let tree = reader.read(&base)?;
    Ok(tree.get("branches").and_then(|branches| best(branch, branches)))
}

/// The environment of the pattern that fits a branch most closely: itself, else the longest with a `*` at its end.
fn best(branch: &str, branches: &Node) -> Option<(String, Place)> {
    let fits = |pattern: &str| match pattern.strip_suffix('*') {
        Some(beginning) => branch.starts_with(beginning),
        None => pattern == branch,
    };
    let (_, entry) = branches
        .as_table()?
        .iter()
        .filter(|(pattern, _)| fits(pattern))
        .max_by_key(|(pattern, _)| (*pattern == branch, pattern.len()))?;
    Some((entry.node.as_str()?.to_owned(), entry.node.place))
}
