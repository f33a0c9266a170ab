//! Paths of a project, resolved once and in one place: against the project's own folder, with no link that leads out of it.
//!
//! What a spec or a plan names lies in the project, however it is written. What a person gives on the command line may lie
//! anywhere; a link in the project that leads out is refused there too, for it is the repository's word and not the person's.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Component, Path, PathBuf};

use super::bounded::check_regular;

/// A project: the folder that has `envs/` in it, as the system knows it.
#[derive(Clone, Debug)]
pub struct Project {
    root: PathBuf,
}

/// Which links may be on the way to what a spec or a plan names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Links {
    /// None.
    Refused,
    /// Those that stay in the project.
    Inside,
}

/// A resolved path: no link is on the way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectPath {
    path: PathBuf,
    inside: bool,
}

/// Why a path is none of the project's.
#[derive(Debug, thiserror::Error)]
pub enum NoPath {
    /// It is absolute or empty, or `..`, a backslash or a control character is in it.
    #[error("`{0}` leads out of the project: it is given from the project's own folder, with `/` and without `..`")]
    Outside(String),
    /// It, or a folder on the way to it, is a link.
    #[error("`{0}` is a link: put what it leads to in its place")]
    Link(String),
    /// A link on the way leads out of the project, or nowhere.
    #[error("`{0}` is a link that leads out of the project: put what it leads to in its place, or name that itself")]
    LeadsOut(String),
    /// The project's own folder is gone.
    #[error("the project's folder cannot be found: {0}")]
    NoProject(#[from] io::Error),
}

impl Project {
    /// The project in the current folder.
    ///
    /// # Errors
    /// When that is gone.
    pub fn here() -> io::Result<Self> {
        Self::at(Path::new("."))
    }

    /// The project in a folder.
    ///
    /// # Errors
    /// When there is none.
    pub fn at(folder: &Path) -> io::Result<Self> {
        Ok(Self { root: folder.canonicalize()? })
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Whether a path, as the system knows it, lies in the project.
    pub fn has(&self, path: &Path) -> bool {
        path.starts_with(&self.root)
    }

    /// What a spec or a plan names, from the project's folder.
    ///
    /// # Errors
    /// When it could be anything outside, or links are on the way that may not be.
    pub fn inside(&self, text: &str, links: Links) -> Result<ProjectPath, NoPath> {
        if !is_written_inside(text) {
            return Err(NoPath::Outside(text.to_owned()));
        }
        Ok(ProjectPath { path: self.walk(Path::new(text), links)?, inside: true })
    }

    /// What a person gives on the command line, or a file that was found there: anywhere, but by no link of the project's
    /// that leads out.
    ///
    /// # Errors
    /// When such a link is on the way.
    pub fn given(&self, path: &Path) -> Result<ProjectPath, NoPath> {
        let resolved = self.walk(path, Links::Inside)?;
        let inside = self.has(&resolved);
        // What is elsewhere is named as the person has named it: a device, a pipe, a link of theirs.
        Ok(ProjectPath { path: if inside { resolved } else { path.to_owned() }, inside })
    }

    /// Goes the way that the system goes, step by step.
    fn walk(&self, path: &Path, links: Links) -> Result<PathBuf, NoPath> {
        let mut at = if path.is_absolute() { PathBuf::from("/") } else { self.root.clone() };
        for part in path.components() {
            match part {
                Component::Prefix(_) | Component::RootDir | Component::CurDir => {}
                Component::ParentDir => {
                    at.pop();
                }
                Component::Normal(name) => at = self.step(&at, at.join(name), links)?,
            }
        }
        Ok(at)
    }

    /// One step further: where that is a link, to what it leads to.
    fn step(&self, from: &Path, next: PathBuf, links: Links) -> Result<PathBuf, NoPath> {
        if !next.is_symlink() {
            return Ok(next);
        }
        let shown = || self.shown(&next);
        match next.canonicalize() {
            _ if self.has(from) && links == Links::Refused => Err(NoPath::Link(shown())),
            Ok(target) if self.has(from) && !self.has(&target) => Err(NoPath::LeadsOut(shown())),
            Ok(target) => Ok(target),
            Err(_) if self.has(from) => Err(NoPath::LeadsOut(shown())),
            Err(_) => Ok(next),
        }
    }

    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }
}

impl ProjectPath {
    /// The path.
    pub fn as_path(&self) -> &Path {
        &self.path
    }

    /// Whether it lies in the project.
    pub fn is_inside(&self) -> bool {
        self.inside
    }

    /// The path from the current folder, where it lies below that.
    pub fn shown(&self) -> &Path {
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        here.ok().and_then(|here| self.path.strip_prefix(here).ok()).unwrap_or(&self.path)
    }

    /// Opens what was resolved: a link that has taken its place since is not followed.
    ///
    /// # Errors
    /// When there is nothing that can be read.
    pub fn open(&self) -> io::Result<File> {
        if self.inside { open(&self.path) } else { File::open(&self.path) }
    }
}

impl AsRef<Path> for ProjectPath {
    fn as_ref(&self) -> &Path {
        &self.path
    }
}

/// Whether a path, as it is written, could only lie below the project's folder: links aside.
pub fn is_written_inside(text: &str) -> bool {
    let plain = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    !text.is_empty() && !text.contains(|c: char| c.is_control() || c == '\\') && Path::new(text).components().all(plain)
}

/// Opens a file that is no link, no pipe and no device.
///
/// # Errors
/// When there is none that can be read.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    open_with(OpenOptions::new().read(true), path)
}

/// As [`open`], with these options.
///
/// # Errors
/// When there is none, or it cannot be opened so.
pub(crate) fn open_with(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    let file = guarded(options).open(path)?;
    check_regular(file.metadata()?.file_type())?;
    Ok(file)
}

/// Options by which a link is not followed, and a pipe that nobody writes to is not waited for.
#[cfg(unix)]
fn guarded(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;

    use rustix::fs::OFlags;
    options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed())
}

/// Not every system has such options.
#[cfg(not(unix))]
fn guarded(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;

    /// A project beside something that is none of it: `link` leads out, `in` and `dir/up` stay inside, `lost` leads nowhere.
    fn project() -> (TempDir, Project) {
        let all = tempfile::tempdir().unwrap();
        let root = all.path().join("project");
        for folder in ["project/dir/a", "project/a/dir", "outside/dir", "outside/a"] {
            fs::create_dir_all(all.path().join(folder)).unwrap();
        }
        symlink(all.path().join("outside"), root.join("link")).unwrap();
        symlink("../../outside", root.join("dir/link")).unwrap();
        symlink("dir", root.join("in")).unwrap();
        symlink("..", root.join("dir/up")).unwrap();
        symlink("nowhere", root.join("lost")).unwrap();
        let project = Project::at(&root).unwrap();
        (all, project)
    }

    /// Where the system finds a path, as far as it exists.
    fn found(path: &Path) -> PathBuf {
        path.ancestors().find_map(|path| path.canonicalize().ok()).unwrap()
    }

    fn spelling() -> impl Strategy<Value = String> {
        let part = prop::sample::select(vec![".", "..", "link", "dir", "a", "in", "up", "lost", "new", ""]);
        let parts = prop::collection::vec(part, 0..6);
        (parts, prop::sample::select(vec!["", "/", "/.", "//"]), prop::bool::weighted(0.1))
            .prop_map(|(parts, end, absolute)| format!("{}{}{end}", if absolute { "/" } else { "" }, parts.join("/")))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn however_a_path_is_written_it_is_refused_or_lies_in_the_project(text in spelling()) {
            let (_all, project) = project();
            for links in [Links::Refused, Links::Inside] {
                let Ok(path) = project.inside(&text, links) else { continue };
                prop_assert!(project.has(path.as_path()) && project.has(&found(path.as_path())), "{text}: {path:?}");
                if let Ok(real) = project.root().join(&text).canonicalize() {
                    prop_assert_eq!(real, path.as_path().canonicalize().unwrap(), "{} is what the system opens", text);
                }
            }
        }

        #[test]
        fn what_a_person_gives_leaves_the_project_by_dots_alone(text in spelling()) {
            let (_all, project) = project();
            let Ok(path) = project.given(Path::new(&text)) else { return Ok(()) };
            let there = project.root().join(path.as_path());
            let climbs = text.starts_with('/') || text.split('/').any(|part| part == "..");
            prop_assert!(climbs || project.has(&found(&there)), "{text}: {path:?}");
        }
    }

    #[test]
    fn every_way_to_write_a_link_is_a_link() {
        let (all, project) = project();
        for text in
            ["link", "link/", "link/.", "./link", "link/dir", "link/new", "dir/link/a", "in/link", "lost", "lost/x"]
        {
            for links in [Links::Refused, Links::Inside] {
                let refused = project.inside(text, links).unwrap_err();
                assert!(matches!(refused, NoPath::Link(_) | NoPath::LeadsOut(_)), "{text}: {refused}");
            }
            assert!(project.given(Path::new(text)).is_err(), "{text}");
            assert!(project.given(&project.root().join(text)).is_err(), "{text}");
        }
        for text in ["", "/", "/etc", "..", "a/../b", "dir/../../outside", "a\\b", "a\nb", "a\u{1b}[2J"] {
            let refused = project.inside(text, Links::Inside).unwrap_err();
            assert!(matches!(refused, NoPath::Outside(_)), "{text}: {refused}");
        }
        for text in ["in", "in/a", "dir/up/a", "in/up/dir"] {
            assert!(matches!(project.inside(text, Links::Refused), Err(NoPath::Link(_))), "{text}");
            assert!(project.inside(text, Links::Inside).is_ok(), "{text}");
        }
        for text in ["dir", "./dir/", "dir/.", "dir//a", "new/file"] {
            assert!(project.inside(text, Links::Refused).is_ok(), "{text}");
        }
        let outside = all.path().join("outside/plan.json");
        assert_eq!(project.given(&outside).unwrap().as_path(), outside);
        assert_eq!(project.given(Path::new("../outside/x")).unwrap().as_path(), Path::new("../outside/x"));
    }

    #[test]
    fn a_link_that_has_taken_the_place_of_a_file_is_not_followed() {
        let (all, project) = project();
        fs::write(project.root().join("plan.json"), "{}").unwrap();
        let path = project.inside("plan.json", Links::Refused).unwrap();
        assert!(path.open().is_ok());
        fs::write(all.path().join("outside/secret"), "x").unwrap();
        fs::remove_file(path.as_path()).unwrap();
        symlink("../outside/secret", path.as_path()).unwrap();
        assert!(path.open().is_err());
    }

    #[test]
    fn a_pipe_in_place_of_a_file_is_refused_and_not_waited_for() {
        use rustix::fs::{CWD, FileType, Mode, mknodat};

        let (_all, project) = project();
        let path = project.inside("plan.json", Links::Refused).unwrap();
        mknodat(CWD, path.as_path(), FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let both = open_with(OpenOptions::new().read(true).write(true), path.as_path());
        for opened in [path.open(), both] {
            assert_eq!(opened.unwrap_err().to_string(), "it is not a regular file");
        }
    }
}
