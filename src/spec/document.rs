//! Files and command-line settings to one tree: TOML, `extends`, `--set`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_parser::lexer::TokenKind;

use super::diagnostic::Diagnostics;
use super::place::{Place, Sources};
use super::tree::{Data, Entry, Node};

/// Largest file, in bytes: far above any real one, far below what would hurt.
const MAX_BYTES: u64 = 1024 * 1024;
/// Deepest nesting of tables and arrays, and longest chain of `extends`.
const MAX_DEPTH: usize = 64;

/// Reads the files of one spec, and keeps what is said about them.
pub(super) struct Reader {
    /// Left out of the names that are shown.
    root: PathBuf,
    pub(super) sources: Sources,
    pub(super) diagnostics: Diagnostics,
    /// What is read already, its `extends` merged: two files may extend the same third.
    read: BTreeMap<PathBuf, Node>,
}

impl Reader {
    /// A reader that shows names below `root`.
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            sources: Sources::default(),
            diagnostics: Diagnostics::default(),
            read: BTreeMap::new(),
        }
    }

    /// The tree of a file, with everything that it extends laid under it; absent after an error.
    pub(super) fn read(&mut self, path: &Path) -> Option<Node> {
        self.read_in_chain(path, None, &mut Vec::new())
    }

    /// The tree of `path.to.key=value`. The value is TOML if it can be, else a string.
    pub(super) fn set(&mut self, argument: &str) -> Option<Node> {
        let source = self.sources.add("--set", argument);
        let key = argument.split_once('=').map(|(key, _)| key).filter(|key| !key.contains(['#', '\n', '\r']));
        let Some(key) = key else {
            self.diagnostics
                .error(Place::new(source, 0..argument.len()), "`--set` takes `path.to.key=value`")
                .help("for example `--set stream.clicks.shards=4`");
            return None;
        };
        let mut tree = self.parse(source, &format!("{key}=0"))?;
        if tree.get("extends").is_some() {
            self.diagnostics.error(Place::new(source, 0..key.len()), "`extends` can only be written in a file");
            return None;
        }
        let value = self.value(source, argument, key.len() + 1)?;
        replace_leaf(&mut tree, value);
        Some(tree)
    }

    /// The value that begins at `start` of a `--set`.
    fn value(&mut self, source: usize, argument: &str, start: usize) -> Option<Node> {
        let text = &argument[start..];
        if self.nested_too_deeply(source, text) {
            return None;
        }
        match DeValue::parse(text) {
            Ok(value) => self.node(source, start, &value),
            Err(_) => {
                Some(Node { data: Data::String(text.to_owned()), place: Place::new(source, start..argument.len()) })
            }
        }
    }

    fn read_in_chain(&mut self, path: &Path, from: Option<Place>, chain: &mut Vec<PathBuf>) -> Option<Node> {
        if chain.iter().any(|link| link == path) || chain.len() == MAX_DEPTH {
            chain.push(path.to_owned());
            let names: Vec<_> = chain.iter().map(|link| self.shown(link)).collect();
            chain.pop();
            self.diagnostics.error(from, format!("`extends` leads in a circle: {}", names.join(" → ")));
            return None;
        }
        if let Some(node) = self.read.get(path) {
            return Some(node.clone());
        }
        let text = self.text(path, from)?;
        let source = self.sources.add(self.shown(path), text.clone());
        let mut own = self.parse(source, &text)?;
        chain.push(path.to_owned());
        let under = self.extended(&mut own, path, chain);
        chain.pop();
        let node = match under? {
            Some(under) => under.merge(own),
            None => own,
        };
        self.read.insert(path.to_owned(), node.clone());
        Some(node)
    }

    /// Takes `extends` out of a file's tree, and returns what it names, merged: the later wins.
    fn extended(&mut self, own: &mut Node, path: &Path, chain: &mut Vec<PathBuf>) -> Option<Option<Node>> {
        let Data::Table(table) = &mut own.data else { return Some(None) };
        let Some(Entry { node, .. }) = table.remove("extends") else { return Some(None) };
        let names = match node.data {
            Data::Array(names) => names,
            _ => vec![node],
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let mut merged: Option<Node> = None;
        for name in &names {
            let file = folder.join(self.inside(name)?);
            let below = self.read_in_chain(&file, Some(name.place), chain)?;
            merged = Some(match merged {
                Some(under) => under.merge(below),
                None => below,
            });
        }
        Some(merged)
    }

    /// The file that an `extends` names, if it can only be one of the same folder or below.
    fn inside<'a>(&mut self, name: &'a Node) -> Option<&'a Path> {
        let Some(text) = name.as_str() else {
            let found = name.type_name();
            self.diagnostics
                .error(name.place, format!("`extends` takes the name of a file, or an array of names, not {found}"));
            return None;
        };
        let path = Path::new(text);
        let inside = !path.as_os_str().is_empty()
            && !text.contains(|c: char| c.is_control() || c == '\\')
            && path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        if !inside {
            self.diagnostics
                .error(name.place, format!("`{text}` may not be extended"))
                .help("`extends` names a file of the same folder, or of one below it");
        }
        inside.then_some(path)
    }

    fn text(&mut self, path: &Path, from: Option<Place>) -> Option<String> {
        let problem = match read_bytes(path) {
            Ok(bytes) if bytes.len() as u64 > MAX_BYTES => format!("is larger than {} KiB", MAX_BYTES / 1024),
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => return Some(text),
                Err(error) => {
                    let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                    format!("is not UTF-8 (line {})", good.iter().filter(|byte| **byte == b'\n').count() + 1)
                }
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => "does not exist".to_owned(),
            Err(error) => format!("cannot be read: {error}"),
        };
        let name = self.shown(path);
        self.diagnostics.error(from, format!("`{name}` {problem}"));
        None
    }

    fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    fn parse(&mut self, source: usize, text: &str) -> Option<Node> {
        if self.nested_too_deeply(source, text) {
            return None;
        }
        match DeTable::parse(text) {
            Ok(table) => self.node(source, 0, &Spanned::new(table.span(), DeValue::Table(table.into_inner()))),
            Err(error) => {
                let place = error.span().map_or(Place::whole(source), |span| Place::new(source, span));
                self.diagnostics.error(place, error.message().trim_end());
                None
            }
        }
    }

    /// Reports text nested so deeply that parsing it, or dropping what was parsed, could exhaust the stack:
    /// the parser bounds brackets, not dotted keys.
    fn nested_too_deeply(&mut self, source: usize, text: &str) -> bool {
        let (mut around, mut depth, mut dots) = (Vec::new(), 0, 0);
        for token in toml_parser::Source::new(text).lex() {
            match token.kind() {
                TokenKind::Dot => dots += 1,
                TokenKind::Comma | TokenKind::Newline => dots = 0,
                TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                    around.push(depth);
                    depth += dots + 1;
                    dots = 0;
                }
                TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                    depth = around.pop().unwrap_or_default();
                    dots = 0;
                }
                _ => {}
            }
            if depth + dots > MAX_DEPTH {
                let place = Place::new(source, token.span().start()..token.span().end());
                self.diagnostics.error(place, format!("nested more than {MAX_DEPTH} levels deep"));
                return true;
            }
        }
        false
    }

    /// A parsed value as a tree; `shift` is where its text begins in the source.
    fn node(&mut self, source: usize, shift: usize, value: &Spanned<DeValue<'_>>) -> Option<Node> {
        let at = |span: std::ops::Range<usize>| Place::new(source, span.start + shift..span.end + shift);
        let place = at(value.span());
        let data = match value.get_ref() {
            DeValue::String(text) => Data::String(text.to_string()),
            DeValue::Boolean(boolean) => Data::Boolean(*boolean),
            DeValue::Datetime(datetime) => Data::Datetime(datetime.to_string()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Data::Integer(number),
                Err(_) => return self.no_number(place),
            },
            DeValue::Float(number) => match number.as_str().parse() {
                Ok(number) if f64::is_finite(number) => Data::Float(number),
                _ => return self.no_number(place),
            },
            DeValue::Array(items) => {
                Data::Array(items.iter().map(|item| self.node(source, shift, item)).collect::<Option<_>>()?)
            }
            DeValue::Table(entries) => {
                let entry = |(key, value): (&Spanned<_>, &_)| {
                    let node = self.node(source, shift, value)?;
                    Some((ToString::to_string(key.get_ref()), Entry { key: at(key.span()), node }))
                };
                Data::Table(entries.iter().map(entry).collect::<Option<_>>()?)
            }
        };
        Some(Node { data, place })
    }

    fn no_number(&mut self, place: Place) -> Option<Node> {
        self.diagnostics.error(place, "this number is out of range");
        None
    }
}

/// One byte more than is allowed, at most, and only of a regular file: a device or a pipe might never end.
fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    if !path.metadata()?.is_file() {
        return Err(io::Error::other("it is not a regular file"));
    }
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Puts a value in place of the only leaf of a tree.
fn replace_leaf(tree: &mut Node, leaf: Node) {
    match &mut tree.data {
        Data::Table(table) => table.values_mut().take(1).for_each(|entry| replace_leaf(&mut entry.node, leaf.clone())),
        _ => *tree = leaf,
    }
}
