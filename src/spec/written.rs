//! What a spec comes to, as text: layers merged, groups made, values put in, and each value with the place that it is from.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::blocks::Blocks;
use super::place::{SETTING, SourceSpan, Sources};
use super::tree::{Data, Entry, Node, Table};
use crate::model::text::{Clean, acts};

/// A spec as it comes to be.
pub struct Written<'a> {
    /// Its tree with every `${…}` that is filled in last.
    pub(super) unfilled: &'a Node,
    /// The same tree, filled in.
    pub(super) filled: &'a Node,
    /// The blocks that are switched off, by address, and where that is said.
    pub(super) off: &'a BTreeMap<String, String>,
    pub(super) sources: &'a Sources,
    /// Whether all was known that was filled in; else what is of the account stays as it is written.
    pub(super) complete: bool,
}

/// The tables that are shown first, in this order.
const FIRST: [&str; 6] = ["project", "env", "state", "branches", "policy", "prices"];

impl Written<'_> {
    /// As a file of its own, which extends none and says the same. Each line ends with the place that its value is from.
    pub fn toml(&self) -> String {
        let mut text = String::new();
        let Some(tables) = self.unfilled.as_table() else { return text };
        if let Some(moved) = tables.get("moved") {
            self.lines(&mut text, "moved", moved, self.filled.get("moved"));
        }
        let no_kind = |name: &&str| !Blocks::KINDS.contains(name) && *name != "moved" && !FIRST.contains(name);
        for name in FIRST.into_iter().chain(tables.keys().map(String::as_str).filter(no_kind)) {
            if let Some(entry) = tables.get(name) {
                self.table(&mut text, name, entry, self.filled.get(name));
            }
        }
        for kind in Blocks::KINDS {
            let filled = self.filled.get(kind);
            for (name, entry) in tables.get(*kind).and_then(|blocks| blocks.node.as_table()).into_iter().flatten() {
                let filled = filled.and_then(|blocks| blocks.get(name));
                self.table(&mut text, &format!("{kind}.{}", key(name)), entry, filled);
            }
        }
        if !self.off.is_empty() {
            text += "\n";
        }
        for (address, place) in self.off {
            // Writing to a `String` cannot fail.
            let _ = writeln!(text, "# {} is switched off by {}", Clean(address), Clean(place));
        }
        text
    }

    /// The same as data: the spec, the place of each value by its dotted path, and what is switched off.
    pub fn json(&self) -> Value {
        let mut places = Map::new();
        self.places(&mut places, "", self.unfilled);
        json!({ "spec": self.value(self.unfilled, Some(self.filled)), "places": places, "off": self.off })
    }

    /// Writing to a `String` cannot fail.
    fn table(&self, text: &mut String, header: &str, entry: &Entry, filled: Option<&Node>) {
        let between = if text.is_empty() { "" } else { "\n" };
        let _ = writeln!(text, "{between}[{header}]  # {}", self.place(entry.key));
        for (name, entry) in entry.node.as_table().into_iter().flatten() {
            self.lines(text, &key(name), entry, filled.and_then(|filled| filled.get(name)));
        }
    }

    /// A line for a value; of a table, one for each value in it.
    fn lines(&self, text: &mut String, path: &str, entry: &Entry, filled: Option<&Node>) {
        match entry.node.as_table() {
            Some(table) if !table.is_empty() => {
                for (name, entry) in table {
                    let filled = filled.and_then(|filled| filled.get(name));
                    self.lines(text, &format!("{path}.{}", key(name)), entry, filled);
                }
            }
            _ => {
                let value = self.inline(&entry.node, filled);
                let _ = writeln!(text, "{path} = {value}  # {}", self.place(entry.node.place));
            }
        }
    }

    /// A value on one line.
    fn inline(&self, node: &Node, filled: Option<&Node>) -> String {
        let within = |text: String| if text.is_empty() { text } else { format!(" {text} ") };
        match &node.data {
            Data::String(text) => match self.known(text, filled) {
                Some(filled) => quoted(&filled.replace("${", "$${")),
                None => quoted(text),
            },
            Data::Datetime(text) => quoted(text),
            Data::Integer(number) => number.to_string(),
            Data::Float(number) => format!("{number:?}"),
            Data::Boolean(boolean) => boolean.to_string(),
            Data::Array(items) => {
                let items = items.iter().enumerate().map(|(index, item)| self.inline(item, nth(filled, index)));
                format!("[{}]", items.collect::<Vec<_>>().join(", "))
            }
            Data::Table(table) => {
                let entry = |(name, entry): (&String, &Entry)| {
                    format!("{} = {}", key(name), self.inline(&entry.node, filled.and_then(|filled| filled.get(name))))
                };
                format!("{{{}}}", within(table.iter().map(entry).collect::<Vec<_>>().join(", ")))
            }
        }
    }

    fn value(&self, node: &Node, filled: Option<&Node>) -> Value {
        match &node.data {
            Data::String(text) => self.known(text, filled).unwrap_or(text).into(),
            Data::Array(items) => {
                items.iter().enumerate().map(|(index, item)| self.value(item, nth(filled, index))).collect()
            }
            Data::Table(table) => {
                let entry = |(name, entry): (&String, &Entry)| {
                    (name.clone(), self.value(&entry.node, filled.and_then(|filled| filled.get(name))))
                };
                Value::Object(table.iter().map(entry).collect())
            }
            Data::Integer(_) | Data::Float(_) | Data::Boolean(_) | Data::Datetime(_) => node.to_json(),
        }
    }

    /// What a text is once it is filled in, where all is known that it asks for.
    fn known<'n>(&self, text: &str, filled: Option<&'n Node>) -> Option<&'n str> {
        let of_account = text.contains("${account}") || text.contains(".arn}");
        filled.and_then(Node::as_str).filter(|_| self.complete || !of_account)
    }

    fn places(&self, places: &mut Map<String, Value>, path: &str, node: &Node) {
        let below = |name: &str| if path.is_empty() { key(name) } else { format!("{path}.{}", key(name)) };
        for (name, entry) in node.as_table().into_iter().flatten() {
            match entry.node.as_table() {
                Some(table) if !Table::is_empty(table) => self.places(places, &below(name), &entry.node),
                _ => {
                    let place = entry.node.place;
                    let file = self.sources.file(place.file);
                    let line = place.span.filter(|_| file.name != SETTING).map(|(start, _)| file.line(start).0);
                    let mut value = json!({ "file": file.name, "line": line });
                    if let Some(instance) = file.instance() {
                        value["group"] = instance.group.as_str().into();
                        value["instance"] = instance.name.as_str().into();
                    }
                    places.insert(below(name), value);
                }
            }
        }
    }

    /// A place, and the instance for which something stands there.
    fn place(&self, place: SourceSpan) -> String {
        let file = self.sources.file(place.file);
        let shown = self.sources.shown(place);
        let instance = file.instance().map(|instance| format!(" for {} of {}", instance.name, instance.group));
        Clean(&(shown + &instance.unwrap_or_default())).to_string()
    }
}

fn nth(node: Option<&Node>, index: usize) -> Option<&Node> {
    match &node?.data {
        Data::Array(items) => items.get(index),
        _ => None,
    }
}

fn key(name: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if !name.is_empty() && name.chars().all(bare) { name.to_owned() } else { quoted(name) }
}

/// A basic string: JSON's escapes are TOML's. What would act on a terminal is escaped as well, in TOML's way.
fn quoted(text: &str) -> String {
    let json = Value::from(text).to_string();
    json.chars().fold(String::with_capacity(json.len()), |mut out, letter| {
        // Writing to a `String` cannot fail.
        let _ = match u32::from(letter) {
            code if acts(letter) && code > 0xffff => write!(out, "\\U{code:08X}"),
            code if acts(letter) => write!(out, "\\u{code:04X}"),
            _ => write!(out, "{letter}"),
        };
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_reads_as_it_was_and_does_nothing_to_a_terminal() {
        for text in ["", "a\"b\\c", "line\nline\ttab", "\u{1b}[31m\u{7f}\u{85}\u{202e}\u{e0001}é漢"] {
            let written = quoted(text);
            assert!(!written.chars().any(acts), "{written}");
            let read: toml::Table = toml::from_str(&format!("text = {written}")).unwrap();
            assert_eq!(read["text"].as_str(), Some(text));
        }
        assert_eq!((key("shards"), key("cost center")), ("shards".to_owned(), "\"cost center\"".to_owned()));
    }
}
