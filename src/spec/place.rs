//! Where something stands: the files that were read, and stretches of their text.

use std::ops::Range;

/// A stretch of one of the [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which source, in the order of reading.
    pub(super) file: usize,
    /// First byte.
    pub(super) start: usize,
    /// Byte after the last; equal to `start` where the source as a whole is meant.
    pub(super) end: usize,
}

impl Place {
    /// A source as a whole.
    pub(super) fn whole(file: usize) -> Self {
        Self { file, start: 0, end: 0 }
    }

    /// A stretch of a source; it must lie within its text.
    pub(super) fn new(file: usize, span: Range<usize>) -> Self {
        Self { file, start: span.start, end: span.end }
    }
}

/// One file that was read, or one `--set` of the command line.
#[derive(Debug)]
pub(super) struct File {
    /// As a user would write it: `envs/dev.toml`.
    pub(super) name: String,
    /// What stands in it; empty if it is no text.
    pub(super) text: String,
}

/// Everything that was read, in the order of reading.
#[derive(Debug, Default)]
pub struct Sources(Vec<File>);

impl Sources {
    /// Adds a source, and returns its number.
    pub(super) fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> usize {
        self.0.push(File { name: name.into(), text: text.into() });
        self.0.len() - 1
    }

    /// The source of that number.
    pub(super) fn file(&self, number: usize) -> &File {
        &self.0[number]
    }

    /// What stands at a place.
    pub(super) fn text(&self, place: Place) -> &str {
        self.0[place.file].text.get(place.start..place.end).unwrap_or_default()
    }

    /// Line and column of a byte, both from 1; columns count characters.
    pub(super) fn position(&self, file: usize, byte: usize) -> (usize, usize) {
        let text = &self.0[file].text;
        let before = &text[..text.floor_char_boundary(byte)];
        let line = before.matches('\n').count() + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        (line, before[start..].chars().count() + 1)
    }
}
