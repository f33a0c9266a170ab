//! In which order projects come: each after those that it refers to.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::spec::{Options, Source, load};

/// A project, as far as its place among others depends on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placed {
    /// Its folder, from where the person stands.
    pub(super) folder: PathBuf,
    /// `[project] name`; absent where its spec cannot be read, which its plan then says.
    name: Option<String>,
    /// The names of the projects whose outputs it uses.
    uses: BTreeSet<String>,
}

impl Placed {
    /// Whether it refers to another one.
    pub(super) fn uses(&self, other: &Self) -> bool {
        other.name.as_ref().is_some_and(|name| self.uses.contains(name))
    }

    /// The project in a folder, as its spec has it offline.
    pub(super) fn read(folder: &Path, source: &Source) -> Self {
        let options = Options { root: folder.to_owned(), ..Options::default() };
        let Ok(loaded) = load(source, &options) else {
            return Self { folder: folder.to_owned(), name: None, uses: BTreeSet::new() };
        };
        let externals = loaded.spec.blocks.externals();
        let outputs = externals.filter_map(|(_, _, external)| external.external.output());
        let uses = outputs.map(|output| output.producer.project).collect();
        Self { folder: folder.to_owned(), name: Some(loaded.spec.project.name.clone()), uses }
    }
}

/// Folders that are the same project by their names: their states may be one, and nobody tells the two apart.
pub(super) fn namesakes(all: &[Placed]) -> Vec<(&str, Vec<&Path>)> {
    let mut by_name: BTreeMap<&str, Vec<&Path>> = BTreeMap::new();
    for one in all {
        if let Some(name) = &one.name {
            by_name.entry(name).or_default().push(&one.folder);
        }
    }
    by_name.into_iter().filter(|(_, folders)| folders.len() > 1).collect()
}

/// The projects, each after those that it refers to, otherwise by folder. Of a circle, which an apply refuses by itself, the first
/// comes first.
pub(super) fn in_order(mut left: Vec<Placed>) -> Vec<Placed> {
    left.sort_by(|one, other| one.folder.cmp(&other.folder));
    let mut placed: Vec<Placed> = Vec::new();
    while !left.is_empty() {
        let waits = |one: &Placed| left.iter().any(|other| other.folder != one.folder && one.uses(other));
        let next = left.iter().position(|one| !waits(one)).unwrap_or(0);
        placed.push(left.remove(next));
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_comes_after_what_it_uses_and_a_circle_ends() {
        let project = |folder: &str, name: &str, uses: &[&str]| Placed {
            folder: folder.into(),
            name: Some(name.to_owned()),
            uses: uses.iter().map(|&name| name.to_owned()).collect(),
        };
        let all = vec![
            project("a", "shop", &["orders", "elsewhere"]),
            project("b", "orders", &["platform"]),
            project("c", "alone", &[]),
            project("d", "platform", &["platform"]),
            project("e", "ring", &["gnir"]),
            project("f", "gnir", &["ring"]),
        ];
        let folders: Vec<_> = in_order(all).into_iter().map(|one| one.folder.display().to_string()).collect();
        assert_eq!(folders, ["c", "d", "b", "a", "e", "f"]);
    }
}
