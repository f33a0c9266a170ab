//! What is wrong with a spec, where, and what to write instead: for a terminal and as data.

mod alike;

use std::collections::BTreeSet;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use serde::Serialize;

use super::place::{Instance, SourceSpan, Sources};
use crate::model::text::{Clean, acts};

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
    place: Option<SourceSpan>,
    help: Option<String>,
    /// The instances of a group for which it is so, where it is about what a group says.
    instances: Vec<Instance>,
}

impl Diagnostic {
    /// Says what to write instead, or what to do.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(shortened(help.into()));
        self
    }
}

/// How many of each severity are told; of the rest, how many there are.
const TOLD: usize = 50;
/// How many of each severity are kept: enough for those that come first in the text to be among them.
const KEPT: usize = 1000;

/// Diagnostics as they are found. A hostile text has any number of them: each is short, and not all are kept.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    kept: Vec<Diagnostic>,
    count: Count,
    /// Where the errors are, of those as well that are not kept.
    wrong: BTreeSet<SourceSpan>,
}

/// How many diagnostics there are, by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
}

impl Count {
    fn of(&mut self, severity: Severity) -> &mut usize {
        match severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
        }
    }
}

impl Diagnostics {
    /// Adds an error; its place is absent where no text is to blame.
    pub fn error(&mut self, place: impl Into<Option<SourceSpan>>, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Error, place.into(), message.into())
    }

    /// Adds a warning.
    pub fn warning(&mut self, place: impl Into<Option<SourceSpan>>, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Severity::Warning, place.into(), message.into())
    }

    fn add(&mut self, severity: Severity, place: Option<SourceSpan>, message: String) -> &mut Diagnostic {
        if severity == Severity::Error {
            self.wrong.extend(place);
        }
        let count = self.count.of(severity);
        *count += 1;
        let diagnostic = Diagnostic { severity, message: shortened(message), place, help: None, instances: Vec::new() };
        if *count > KEPT
            && let Some(last) = self.kept.iter().rposition(|kept| kept.severity == severity)
        {
            // The last one makes room: it is one of those that are only counted.
            self.kept[last] = diagnostic;
            return &mut self.kept[last];
        }
        self.kept.push_mut(diagnostic)
    }

    /// Whether further errors are only counted: what to write instead need not be sought any more.
    pub(super) fn is_full(&self) -> bool {
        self.count.errors >= KEPT
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.count.errors + self.count.warnings
    }

    /// Takes over those of `others`.
    pub(super) fn append(&mut self, others: Self) {
        let Self { kept, count, wrong } = others;
        self.wrong.extend(wrong);
        let unkept = |severity| kept.iter().filter(|one| one.severity == severity).count();
        self.count.errors += count.errors - unkept(Severity::Error);
        self.count.warnings += count.warnings - unkept(Severity::Warning);
        for Diagnostic { severity, message, place, help, instances: _ } in kept {
            self.add(severity, place, message).help = help;
        }
    }

    /// Where the errors are.
    pub(super) fn places_of_errors(&self) -> BTreeSet<SourceSpan> {
        self.wrong.clone()
    }

    /// Forgets those at places of which something is known to be wrong already.
    pub(super) fn forget_at(&mut self, places: &BTreeSet<SourceSpan>) {
        let count = &mut self.count;
        self.kept.retain(|diagnostic| {
            let stays = diagnostic.place.is_none_or(|place| !places.contains(&place));
            *count.of(diagnostic.severity) -= usize::from(!stays);
            stays
        });
        self.wrong.retain(|place| !places.contains(place));
    }

    /// Whether there is an error among them.
    pub fn has_errors(&self) -> bool {
        self.count.errors > 0
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
    count: Count,
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
    /// The instances of a group for which it is so, where it is about what a group says: the one of the message first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instances: Vec<String>,
}

impl Report {
    /// Sorts the diagnostics by place: those without one first, then file by file in the order of reading.
    /// The first of each severity are told, the others counted.
    /// What a group says wrongly is told once, for all of its instances.
    pub(super) fn new(
        sources: Arc<Sources>,
        Diagnostics { kept: mut diagnostics, mut count, .. }: Diagnostics,
    ) -> Self {
        diagnostics.sort_by_key(|diagnostic| (diagnostic.place.map(|place| sources.written(place)), diagnostic.place));
        for folded in alike::fold(&mut diagnostics, &sources) {
            *count.of(folded) -= 1;
        }
        let mut told = Count::default();
        diagnostics.retain(|diagnostic| {
            let told = told.of(diagnostic.severity);
            *told += 1;
            *told <= TOLD
        });
        Self { sources, diagnostics, count }
    }

    /// The same with more of them, found later.
    #[must_use]
    pub fn with(self, more: Diagnostics) -> Self {
        let Self { sources, diagnostics: kept, count } = self;
        let mut all = Diagnostics { kept, count, wrong: BTreeSet::new() };
        all.kept.extend(more.kept);
        all.count.errors += more.count.errors;
        all.count.warnings += more.count.warnings;
        Self::new(sources, all)
    }

    /// How many there are, those included that are not told.
    pub fn count(&self) -> Count {
        self.count
    }

    /// What is not told: `and 39,950 more mistakes`.
    pub fn untold(&self) -> Option<String> {
        let more = |all: usize, one: &str| match all.saturating_sub(TOLD) {
            0 => None,
            1 => Some(format!("1 more {one}")),
            more => Some(format!("{more} more {one}s")),
        };
        let parts: Vec<String> =
            [more(self.count.errors, "mistake"), more(self.count.warnings, "warning")].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| format!("and {}", parts.join(", ")))
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// For a terminal of `width` columns: each with file, line and column, the text underlined, and its help.
    /// Control characters come out escaped, wherever they came from.
    pub fn render(&self, colour: bool, width: usize) -> String {
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() }.term_width(width);
        let shown = self.diagnostics.iter().map(|diagnostic| renderer.render(&[self.group(diagnostic)]));
        shown.chain(self.untold()).collect::<Vec<_>>().join("\n\n")
    }

    /// What is not told, as data: where a list is all that there is.
    pub fn rest(&self) -> Option<Entry> {
        let severity = if self.count.errors > 0 { Severity::Error } else { Severity::Warning };
        let message = self.untold()?;
        let nowhere = (None, None, None, None);
        let (line, column, end_line, end_column) = nowhere;
        let instances = Vec::new();
        Some(Entry { severity, message, help: None, file: None, line, column, end_line, end_column, instances })
    }

    /// The same as data; [`count`](Self::count) says of how many.
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
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(visible(help)));
        }
        match alike::told(&diagnostic.instances) {
            Some(note) => group.element(Level::NOTE.message(visible(&note))),
            None => group,
        }
    }

    /// Adds the first line of a place, and that alone: a value may be a thousand lines long, and a file larger still.
    fn show<'a>(&'a self, group: Group<'a>, place: SourceSpan) -> Group<'a> {
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
            instances: diagnostic.instances.iter().map(|one| format!("{}.{}", one.group, one.name)).collect(),
        }
    }
}

/// How many characters at the beginning of a long text are shown, and how many at its end: it may quote a value of any
/// length.
const ENDS: (usize, usize) = (600, 200);

/// A text; of a long one, beginning and end.
fn shortened(text: String) -> String {
    let (head, tail) = ENDS;
    let count = text.chars().count();
    if count <= head + tail + 1 {
        return text;
    }
    text.chars().take(head).chain(['…']).chain(text.chars().skip(count - tail)).collect()
}

/// The text with such characters escaped: `\u{1b}`.
fn visible(text: &str) -> String {
    Clean(text).to_string()
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
