//! The folders of a project: where an import looks for the code of functions.

use std::fs;
use std::path::Path;

use super::package::stays_behind;
use super::project::Project;

/// The most that are looked at, and how deep they may lie.
const MOST: usize = 5000;
const DEEPEST: usize = 12;

/// What no function's code is: packages that others have made, by the thousand.
const OTHERS: [&str; 2] = ["node_modules", "site-packages"];

/// The folders in a project.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Folders {
    /// Their paths from the project's own folder, in order; without that itself, what begins with a dot, and links.
    pub paths: Vec<String>,
    /// Whether these are all.
    pub all: bool,
}

/// The folders in a project. One that cannot be read has none in it.
pub fn of(project: &Project) -> Folders {
    let mut folders = Folders { paths: Vec::new(), all: true };
    walk(project.root(), "", 0, &mut folders);
    folders.paths.sort();
    folders
}

fn walk(folder: &Path, prefix: &str, depth: usize, found: &mut Folders) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        // The type of an entry is not that of what a link leads to.
        let real = entry.file_type().is_ok_and(|about| about.is_dir());
        if !real || stays_behind(&name) || OTHERS.contains(&name.as_str()) {
            continue;
        }
        if found.paths.len() == MOST || depth == DEEPEST {
            found.all = false;
            return;
        }
        let path = format!("{prefix}{name}");
        found.paths.push(path.clone());
        walk(&entry.path(), &format!("{path}/"), depth + 1, found);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_found_at_any_depth_and_links_are_not_followed() {
        let project = tempfile::tempdir().unwrap();
        for folder in ["functions/take/lib", "functions/.hidden/x", "functions/take/__pycache__", "node_modules/a"] {
            fs::create_dir_all(project.path().join(folder)).unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(project.path(), project.path().join("functions/round")).unwrap();
        let folders = of(&Project::at(project.path()).unwrap());
        assert_eq!(folders.paths, ["functions", "functions/take", "functions/take/lib"]);
        assert!(folders.all);
        let deep = vec!["d"; DEEPEST + 2].join("/");
        fs::create_dir_all(project.path().join(deep)).unwrap();
        assert!(!of(&Project::at(project.path()).unwrap()).all);
    }
}
