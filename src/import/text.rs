//! A spec's text, as an author would write it.

use std::fmt::Write;

use serde_json::Value;

use super::SpecHead;
use super::block::{Block, Setting};
use crate::spec::Blocks;
use crate::spec::tags::Tags;

/// What an author writes first in a table on one line.
const FIRST: [&str; 9] = ["from", "partition_key", "id", "prefix", "of", "metric", "keys", "size_mib", "days"];

/// The text of a spec.
pub(super) fn spec(place: &SpecHead, blocks: &[Block]) -> String {
    let SpecHead { project, env, scope } = place;
    let shared = shared_tags(blocks);
    let mut text = format!(
        "# What runs in account {scope}, as `pipectl import` found it.\n\
         # `pipectl plan --env {env} --adopt all` takes it over, and changes nothing but the tags that say so.\n\
         \n[project]\n"
    );
    line(&mut text, "name", &Setting::text(project));
    text += "\n[env]\n";
    line(&mut text, "name", &Setting::text(env));
    line(&mut text, "region", &Setting::text(&scope.region));
    line(&mut text, "account_id", &Setting::text(&scope.account));
    tag_line(&mut text, &shared);
    for kind in Blocks::KINDS {
        for block in blocks.iter().filter(|block| block.kind == *kind) {
            let _ = writeln!(text, "\n[{}]", block.address());
            for (key, setting) in &block.settings {
                line(&mut text, key, setting);
            }
            let mut own = block.tags.clone().unwrap_or_default();
            own.retain(|key, _| !shared.contains_key(key));
            tag_line(&mut text, &own);
        }
    }
    text
}

/// The heading above a line of such a text, counted from 1: of a block its address.
pub(super) fn heading_above(text: &str, line: usize) -> Option<String> {
    let headings = text.lines().take(line).filter_map(|line| line.strip_prefix('[')?.strip_suffix(']'));
    headings.last().map(str::to_owned)
}

/// The tags that all blocks have whose resources take tags.
fn shared_tags(blocks: &[Block]) -> Tags {
    let mut all = blocks.iter().filter_map(|block| block.tags.as_ref());
    let mut shared = all.next().cloned().unwrap_or_default();
    for tags in all {
        shared.retain(|key, value| tags.get(key) == Some(value));
    }
    shared
}

fn tag_line(text: &mut String, tags: &Tags) {
    if !tags.is_empty() {
        line(text, "tags", &Setting::Plain(serde_json::json!(tags)));
    }
}

/// A line, or several, `key = value`. Writing to a `String` cannot fail.
fn line(text: &mut String, key: &str, setting: &Setting) {
    let _ = match setting {
        Setting::Plain(value) => writeln!(text, "{key} = {}", toml(value)),
        Setting::Noted(value, note) => writeln!(text, "# {note}\n{key} = {}", toml(value)),
        Setting::Document(document) => writeln!(text, "{key} = {}", json(document)),
        Setting::Rows(rows) if rows.is_empty() => writeln!(text, "{key} = []"),
        Setting::Rows(rows) => {
            let rows: Vec<String> = rows.iter().map(|row| format!("  {},", toml(row))).collect();
            writeln!(text, "{key} = [\n{}\n]", rows.join("\n"))
        }
    };
}

/// A value in TOML, on one line. What looks like `${…}` stays what it is.
fn toml(value: &Value) -> String {
    match value {
        Value::Object(table) => {
            let mut filled: Vec<_> = table.iter().filter(|(_, value)| !value.is_null()).collect();
            filled.sort_by_key(|(key, _)| FIRST.iter().position(|first| first == key).unwrap_or(FIRST.len()));
            let filled = filled.into_iter();
            let entries: Vec<String> =
                filled.map(|(key, value)| format!("{} = {}", toml_key(key), toml(value))).collect();
            if entries.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", entries.join(", ")) }
        }
        Value::Array(items) => format!("[{}]", items.iter().map(toml).collect::<Vec<_>>().join(", ")),
        Value::String(text) => quoted(&text.replace("${", "$${")),
        other => other.to_string(),
    }
}

fn toml_key(key: &str) -> String {
    let bare = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
    if !key.is_empty() && key.chars().all(bare) { key.to_owned() } else { quoted(key) }
}

/// A basic string: JSON's escapes are TOML's, but for the one letter that JSON leaves as it is.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

/// A JSON document as a text: on lines of its own, where no quote is in the way.
fn json(document: &Value) -> String {
    if document.is_null() {
        return "\"\"".to_owned();
    }
    let text = format!("{document:#}").replace("${", "$${");
    let plain = !text.contains("'''") && !text.chars().any(|letter| letter.is_control() && letter != '\n');
    if plain { format!("'''\n{text}\n'''") } else { quoted(&text) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_text_comes_back_as_it_was() {
        for text in ["plain", "\"quoted\" \\", "a\nb\t", "\u{1b}[31m \u{7f} \u{9b}", "!{timestamp:yyyy}", "'''", "ü"] {
            let written = format!("{} = {}", toml_key(text), toml(&json!(text)));
            let read: toml::Table = toml::from_str(&written).unwrap_or_else(|error| panic!("{written}: {error}"));
            assert_eq!(read.into_iter().next().unwrap(), (text.to_owned(), toml::Value::from(text)));
        }
        assert_eq!(toml(&json!("${aws:username}")), "\"$${aws:username}\"");
    }

    #[test]
    fn a_document_comes_back_as_it_was() {
        for document in [json!({ "a": ["x", 1, 0.5] }), json!({ "b": "it's ''' quoted \u{7f}" })] {
            let read: toml::Table = toml::from_str(&format!("body = {}", json(&document))).unwrap();
            assert_eq!(serde_json::from_str::<Value>(read["body"].as_str().unwrap()).unwrap(), document);
        }
    }
}
