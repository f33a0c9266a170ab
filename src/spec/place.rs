//! Where something stands: the files that were read, and stretches of their text.

use std::ops::Range;
use std::sync::Arc;

/// The name of a source that is no file: a value of the command line.
pub const SETTING: &str = "--set";

/// One of the [`Sources`], or a stretch of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceSpan {
    /// Which source, in the order of reading.
    pub(super) file: usize,
    /// First byte, and the one after the last; absent where the source as a whole is meant.
    pub(super) span: Option<(usize, usize)>,
}

impl SourceSpan {
    /// A source as a whole.
    pub(super) fn whole(file: usize) -> Self {
        Self { file, span: None }
    }

    /// A stretch of a source; an empty one is the spot before a byte.
    pub(super) fn new(file: usize, span: Range<usize>) -> Self {
        Self { file, span: Some((span.start, span.end)) }
    }
}

/// One file that was read, or one `--set` of the command line.
#[derive(Debug)]
pub(super) struct File {
    /// As a user would write it: `envs/dev.toml`.
    pub(super) name: String,
    /// What stands in it.
    pub(super) text: Arc<str>,
    /// Where its lines begin.
    lines: Arc<[usize]>,
    /// Whose values these are, of a view: the text once more, for values that stand elsewhere in the tree than they are written.
    pub(super) made: Option<Made>,
}

/// How a value came to stand elsewhere than it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Made {
    /// `[values]` has it, in the source of that number.
    Value(usize),
    /// An instance of a group has it, or the group, in the source of that number.
    Instance(usize, Instance),
}

/// An instance of a group: the pipeline `clicks` of the group `feed`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instance {
    /// The group.
    pub group: String,
    /// Its own name.
    pub name: String,
}

impl File {
    /// The number of the source that this is a view of; its own else.
    fn origin(&self, own: usize) -> usize {
        match &self.made {
            Some(Made::Value(of) | Made::Instance(of, _)) => *of,
            None => own,
        }
    }

    /// Whether these are values of `[values]`.
    pub(super) fn is_value(&self) -> bool {
        matches!(self.made, Some(Made::Value(_)))
    }

    /// The instance whose values these are.
    pub(super) fn instance(&self) -> Option<&Instance> {
        match &self.made {
            Some(Made::Instance(_, instance)) => Some(instance),
            Some(Made::Value(_)) | None => None,
        }
    }

    /// The line that a byte is in, from 1, and where that line begins.
    pub(super) fn line(&self, byte: usize) -> (usize, usize) {
        let number = self.lines.partition_point(|start| *start <= byte);
        (number, self.lines[number - 1])
    }

    /// Line and column of a byte, both from 1; columns count characters.
    pub(super) fn position(&self, byte: usize) -> (usize, usize) {
        let (line, start) = self.line(byte);
        (line, self.text[start..self.text.floor_char_boundary(byte)].chars().count() + 1)
    }
}

/// Everything that was read, in the order of reading.
#[derive(Debug, Default)]
pub struct Sources(Vec<File>);

impl Sources {
    /// Adds a source, and returns its number.
    pub(super) fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> usize {
        let text: String = text.into();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        self.0.push(File { name: name.into(), text: text.into(), lines, made: None });
        self.0.len() - 1
    }

    /// Adds a view of what `made` says, and returns its number: places in it are those of the text, and no other value's.
    pub(super) fn view(&mut self, made: Made) -> usize {
        let (Made::Value(of) | Made::Instance(of, _)) = made;
        let File { name, text, lines, .. } = &self.0[of];
        let view = File { name: name.clone(), text: Arc::clone(text), lines: Arc::clone(lines), made: Some(made) };
        self.0.push(view);
        self.0.len() - 1
    }

    /// The place where something is written: of a view, that in its text.
    pub(super) fn written(&self, place: SourceSpan) -> SourceSpan {
        SourceSpan { file: self.file(place.file).origin(place.file), span: place.span }
    }

    /// A place in words: `envs/dev.toml:12`.
    pub(super) fn shown(&self, place: SourceSpan) -> String {
        let file = self.file(place.file);
        let line = place.span.filter(|_| file.name != SETTING).map(|(start, _)| format!(":{}", file.line(start).0));
        file.name.clone() + &line.unwrap_or_default()
    }

    /// The source of that number.
    pub(super) fn file(&self, number: usize) -> &File {
        &self.0[number]
    }
}
