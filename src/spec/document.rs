//! Files and settings of the command line to one tree: `extends`, `--set`.

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use super::diagnostic::{Diagnostics, Reported};
use super::parse::{self, MAX_DEPTH, Misread};
use super::place::{SETTING, SourceSpan, Sources};
use super::required::{self, requirement};
use super::tree::{Data, Entry, Node};
use crate::files::project::{NoPath, Project, ProjectPath};

/// Largest file, in bytes: far above any real one, far below what would hurt.
const MAX_BYTES: u64 = 1024 * 1024;
/// Largest spec, in bytes: all of its files and of what the command line says.
const MAX_ALL: usize = 4 * 1024 * 1024;
/// How many files may be laid upon each other; each time that one is named counts.
const MAX_FILES: usize = 256;

/// Reads the files of one spec, and keeps what is said about them.
pub(super) struct Reader {
    /// Left out of the names that are shown.
    root: PathBuf,
    pub(super) sources: Sources,
    pub(super) diagnostics: Diagnostics,
    /// The text to take for a file's, whatever stands in it: an edit that is tried.
    pub(super) instead: Option<(PathBuf, String)>,
    /// What the files may not lead out of: the project, or the folder of an environment's file that is in none.
    bounds: Option<Project>,
    /// What is read already, its `extends` merged: two files may extend the same third.
    read: BTreeMap<PathBuf, Node>,
    /// How many bytes were read so far.
    bytes: usize,
    /// How often a file was asked for so far.
    asked: usize,
}

impl Reader {
    /// A reader that shows names below `root`.
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            sources: Sources::default(),
            diagnostics: Diagnostics::default(),
            instead: None,
            bounds: None,
            read: BTreeMap::new(),
            bytes: 0,
            asked: 0,
        }
    }

    /// The tree of a file, laid over everything that it extends.
    pub(super) fn read(&mut self, path: &Path) -> Result<Node, Reported> {
        self.read_in_chain(path, None, &mut Vec::new())
    }

    /// The tree of `path.to.key=value`. The value is TOML if it can be, else a string.
    pub(super) fn set(&mut self, argument: &str) -> Result<Node, Reported> {
        self.take(argument.len(), None)?;
        let source = self.sources.add(SETTING, argument);
        let key = argument.split_once('=').map(|(key, _)| key).filter(|key| !key.contains(['#', '\n', '\r']));
        let Some(key) = key else {
            let place = SourceSpan::new(source, 0..argument.len());
            self.diagnostics
                .error(place, "`--set` takes `path.to.key=value`")
                .help("for example `--set stream.clicks.shards=4`");
            return Err(Reported);
        };
        let mut tree = self.understood(parse::document(source, &format!("{key}=0")))?;
        if tree.get("extends").is_some() {
            let place = SourceSpan::new(source, 0..key.len());
            self.diagnostics.error(place, "`extends` can only be written in a file");
            return Err(Reported);
        }
        replace_leaf(&mut tree, &setting(source, argument, key.len() + 1));
        if let Some(place) = requirement(&tree).map(|node| node.place) {
            self.diagnostics
                .error(place, "`required_version` can only be written in a file")
                .help("leave this out, and change the file if the spec works with this version");
            return Err(Reported);
        }
        Ok(tree)
    }

    fn read_in_chain(
        &mut self,
        path: &Path,
        from: Option<SourceSpan>,
        chain: &mut Vec<PathBuf>,
    ) -> Result<Node, Reported> {
        self.check_chain(path, from, chain)?;
        self.asked += 1;
        if self.asked > MAX_FILES {
            self.diagnostics.error(from, format!("a spec lays at most {MAX_FILES} files upon each other"));
            return Err(Reported);
        }
        if let Some(node) = self.read.get(path) {
            return Ok(node.clone());
        }
        let text = self.text(path, from)?;
        self.take(text.len(), from)?;
        let source = self.sources.add(self.shown(path), text.clone());
        let mut own = self.understood(parse::document(source, &text))?;
        required::check(&own, &mut self.diagnostics)?;
        chain.push(path.to_owned());
        let under = self.extended(&mut own, path, chain);
        chain.pop();
        let node = match under? {
            Some(under) => under.merge(own),
            None => own,
        };
        self.read.insert(path.to_owned(), node.clone());
        Ok(node)
    }

    /// Counts what was read, and refuses more than a spec may have.
    fn take(&mut self, bytes: usize, from: Option<SourceSpan>) -> Result<(), Reported> {
        self.bytes += bytes;
        if self.bytes <= MAX_ALL {
            return Ok(());
        }
        let (all, most) = (self.bytes, MAX_ALL / 1024);
        self.diagnostics.error(from, format!("the files of this spec have {all} bytes so far, and at most {most} KiB"));
        Err(Reported)
    }

    fn check_chain(&mut self, path: &Path, from: Option<SourceSpan>, chain: &[PathBuf]) -> Result<(), Reported> {
        let message = if chain.iter().any(|link| link == path) {
            let names: Vec<_> = chain.iter().map(PathBuf::as_path).chain([path]).map(|link| self.shown(link)).collect();
            format!("`extends` leads in a circle: {}", names.join(" → "))
        } else if chain.len() == MAX_DEPTH {
            format!("this is the end of a chain of more than {MAX_DEPTH} files")
        } else {
            return Ok(());
        };
        self.diagnostics.error(from, message);
        Err(Reported)
    }

    /// Takes `extends` out of a file's tree, and returns what it names, merged: the later wins.
    fn extended(&mut self, own: &mut Node, path: &Path, chain: &mut Vec<PathBuf>) -> Result<Option<Node>, Reported> {
        let Data::Table(table) = &mut own.data else { return Ok(None) };
        let Some(Entry { node, .. }) = table.remove("extends") else { return Ok(None) };
        let names = match node.data {
            Data::Array(names) => names,
            _ => vec![node],
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        // All of them, so that a mistake in one does not hide those in another; each is laid on the last at once.
        let mut merged: Option<Result<Node, Reported>> = None;
        for name in &names {
            let next = match self.inside(name) {
                Ok(file) => self.read_in_chain(&folder.join(file), Some(name.place), chain),
                Err(reported) => Err(reported),
            };
            merged = Some(match (merged, next) {
                (None, next) => next,
                (Some(Ok(under)), Ok(over)) => Ok(under.merge(over)),
                (Some(_), _) => Err(Reported),
            });
            if self.asked > MAX_FILES {
                break;
            }
        }
        merged.transpose()
    }

    /// The file that an `extends` names, if it can only be one of the same folder or below.
    fn inside<'a>(&mut self, name: &'a Node) -> Result<&'a Path, Reported> {
        let Some(text) = name.as_str() else {
            let found = name.type_name();
            self.diagnostics
                .error(name.place, format!("`extends` takes the name of a file, or an array of names, not {found}"));
            return Err(Reported);
        };
        let path = Path::new(text);
        let inside = !text.is_empty()
            && !text.contains(|c: char| c.is_control() || c == '\\')
            && path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if inside {
            return Ok(path);
        }
        self.diagnostics
            .error(name.place, format!("`{text}` may not be extended"))
            .help("`extends` names a file of the same folder, or of one below it");
        Err(Reported)
    }

    fn text(&mut self, path: &Path, from: Option<SourceSpan>) -> Result<String, Reported> {
        if let Some((_, text)) = self.instead.as_ref().filter(|(file, _)| file == path) {
            return Ok(text.clone());
        }
        let resolved = match self.resolved(path) {
            Ok(resolved) => resolved,
            Err(error) => {
                self.diagnostics.error(from, error.to_string());
                return Err(Reported);
            }
        };
        let problem = match read_bytes(&resolved) {
            Ok(bytes) if bytes.len() as u64 > MAX_BYTES => format!("is larger than {} KiB", MAX_BYTES / 1024),
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => return Ok(text),
                Err(error) => {
                    let good = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]);
                    format!("is not UTF-8 (line {})", good.matches('\n').count() + 1)
                }
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => "does not exist".to_owned(),
            Err(error) => format!("cannot be read: {error}"),
        };
        let name = self.shown(path);
        self.diagnostics.error(from, format!("`{name}` {problem}"));
        Err(Reported)
    }

    /// The file that the system finds under a path, if no link of the project leads out of it.
    fn resolved(&mut self, path: &Path) -> Result<ProjectPath, NoPath> {
        let path = std::path::absolute(path)?;
        if let Some(bounds) = &self.bounds {
            return bounds.given(&path);
        }
        let root = if self.root.as_os_str().is_empty() { Path::new(".") } else { &self.root };
        let project = Project::at(root)?;
        let resolved = project.given(&path)?;
        let own = path.parent().filter(|_| !project.has(resolved.as_path()));
        // A file that is not there is told of as such.
        self.bounds = Some(own.and_then(|folder| Project::at(folder).ok()).unwrap_or(project));
        Ok(resolved)
    }

    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    fn understood(&mut self, parsed: Result<Node, Misread>) -> Result<Node, Reported> {
        parsed.map_err(|Misread { place, message }| {
            self.diagnostics.error(place, message);
            Reported
        })
    }
}

/// One byte more than is allowed, at most, and only of a regular file: a device or a pipe might never end.
fn read_bytes(path: &ProjectPath) -> io::Result<Vec<u8>> {
    if !path.as_path().metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    path.open()?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The value of a `--set`, which begins at `start` or after some spaces: TOML if it can be, else the text as it is.
fn setting(source: usize, argument: &str, start: usize) -> Node {
    let text = argument[start..].trim();
    let start = argument.len() - argument[start..].trim_start().len();
    parse::value(source, start, text).unwrap_or_else(|_| Node {
        data: Data::String(text.to_owned()),
        place: SourceSpan::new(source, start..start + text.len()),
    })
}

/// Puts a value in place of the only leaf of a tree.
fn replace_leaf(tree: &mut Node, leaf: &Node) {
    match &mut tree.data {
        Data::Table(table) => table.values_mut().for_each(|entry| replace_leaf(&mut entry.node, leaf)),
        _ => *tree = leaf.clone(),
    }
}
