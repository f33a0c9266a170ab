//! What is wrong with a spec, where, and what to write instead: for a terminal and as data.

use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use super::place::{Place, Sources};

/// How bad something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The spec cannot be used.
    Error,
    /// It can be used, and is probably not what was meant.
    Warning,
}

/// One thing to tell the author of a spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    severity: Severity,
    message: String,
    place: Option<Place>,
    help: Option<String>,
}

impl Diagnostic {
    /// Says what to write instead, or what to do.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }
}

/// Diagnostics as they are found.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Adds an error; its place is absent where no text is to blame.
    pub fn error(&mut self, place: impl Into<Option<Place>>, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Error, place.into(), message.into())
    }

    /// Adds a warning.
    pub fn warning(&mut self, place: impl Into<Option<Place>>, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Warning, place.into(), message.into())
    }

    fn add(&mut self, severity: Severity, place: Option<Place>, message: String) -> &mut Diagnostic {
        self.0.push_mut(Diagnostic { severity, message, place, help: None })
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Takes over those of `others`.
    pub(super) fn append(&mut self, Self(mut others): Self) {
        self.0.append(&mut others);
    }

    /// Whether there is an error among them.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// There is no result; why, is among the diagnostics.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reported;

/// Diagnostics together with the text that they speak of, in the order of that text.
#[derive(Clone, Debug)]
pub struct Report {
    sources: Arc<Sources>,
    diagnostics: Vec<Diagnostic>,
}

/// A diagnostic as data, for JSON and for code-quality reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong.
    pub message: String,
    /// What to write instead, or what to do.
    pub help: Option<String>,
    /// The file, as the user wrote it.
    pub file: Option<String>,
    /// First line, from 1.
    pub line: Option<usize>,
    /// First column, from 1, in characters.
    pub column: Option<usize>,
    /// Line of the end.
    pub end_line: Option<usize>,
    /// Column after the end.
    pub end_column: Option<usize>,
}

impl Report {
    /// Sorts the diagnostics by place: those without one first, then file by file in the order of reading.
    pub(super) fn new(sources: Arc<Sources>, Diagnostics(mut diagnostics): Diagnostics) -> Self {
        diagnostics.sort_by_key(|diagnostic| diagnostic.place);
        Self { sources, diagnostics }
    }

    /// How many errors there are.
    pub fn errors(&self) -> usize {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count()
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// For a terminal of `width` columns: each with file, line and column, the text underlined, and its help.
    /// Control characters come out escaped, wherever they came from.
    pub fn render(&self, colour: bool, width: usize) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(width);
        let shown: Vec<String> =
            self.diagnostics.iter().map(|diagnostic| renderer.render(&[self.group(diagnostic)])).collect();
        shown.join("\n\n")
    }

    /// The same as data.
    pub fn entries(&self) -> Vec<Entry> {
        self.diagnostics.iter().map(|diagnostic| self.entry(diagnostic)).collect()
    }

    fn group<'a>(&'a self, diagnostic: &'a Diagnostic) -> Group<'a> {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = Group::with_title(level.primary_title(visible(&diagnostic.message)));
        if let Some(place) = diagnostic.place {
            group = self.show(group, place);
        }
        match &diagnostic.help {
            Some(help) => group.element(Level::HELP.message(visible(help))),
            None => group,
        }
    }

    /// Adds the first line of a place, and that alone: a value may be a thousand lines long, and a file larger still.
    fn show<'a>(&'a self, group: Group<'a>, place: Place) -> Group<'a> {
        let file = self.sources.file(place.file);
        let name = visible(&file.name);
        let Some((start, end)) = place.span else { return group.element(Origin::path(name)) };
        let (number, beginning) = file.line(start);
        let line = file.text[beginning..].lines().next().unwrap_or_default();
        let within = |byte: usize| line.floor_char_boundary(byte - beginning);
        let annotation = AnnotationKind::Primary.span(within(start)..within(end));
        group.element(Snippet::source(tame(line)).path(name).line_start(number).annotation(annotation))
    }

    fn entry(&self, diagnostic: &Diagnostic) -> Entry {
        let file = diagnostic.place.map(|place| self.sources.file(place.file));
        let span = diagnostic.place.and_then(|place| place.span);
        let position = |byte: usize| file.map(|file| file.position(byte));
        let (line, column) = span.and_then(|(start, _)| position(start)).unzip();
        let (end_line, end_column) = span.and_then(|(_, end)| position(end)).unzip();
        Entry {
            severity: diagnostic.severity,
            message: visible(&diagnostic.message),
            help: diagnostic.help.as_deref().map(visible),
            file: file.map(|file| visible(&file.name)),
            line,
            column,
            end_line,
            end_column,
        }
    }
}

/// Whether a character would act on a terminal, or on the order of its text, instead of being shown.
fn acts(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// How many characters at the beginning of a long text are shown, and how many at its end: it may quote a value of any
/// length.
const ENDS: (usize, usize) = (600, 200);

/// The text with such characters escaped: `\u{1b}`; of a long one, beginning and end.
fn visible(text: &str) -> String {
    let (head, tail) = ENDS;
    let count = text.chars().count();
    let mut shown = String::new();
    for (index, c) in text.chars().enumerate() {
        if count > head + tail && (head..count - tail).contains(&index) {
            if index == head {
                shown.push('…');
            }
            continue;
        }
        if acts(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    shown
}

/// A line of a source with such characters replaced by as many bytes, so that places in it stay right;
/// those of one byte are left to the renderer, which has symbols for them.
fn tame(line: &str) -> String {
    let same_length = |c: char| match c.len_utf8() {
        2 => '·',
        3 => '\u{fffd}',
        _ => c,
    };
    line.chars().map(|c| if acts(c) { same_length(c) } else { c }).collect()
}
