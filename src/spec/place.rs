//! Where something stands: the files that were read, and stretches of their text.

use std::ops::Range;

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
    pub(super) text: String,
    /// Where its lines begin.
    lines: Vec<usize>,
}

impl File {
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
        let text = text.into();
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(newline, _)| newline + 1)).collect();
        self.0.push(File { name: name.into(), text, lines });
        self.0.len() - 1
    }

    /// The source of that number.
    pub(super) fn file(&self, number: usize) -> &File {
        &self.0[number]
    }
}
