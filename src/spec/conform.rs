//! Whether a tree fits the schema: every misfit is reported, each with its place.
//!
//! What passes here, the types accept: so no error of theirs, which would come alone and without a place, is ever seen.

use std::collections::{BTreeMap, BTreeSet};

use regex_lite::Regex;
use serde_json::Value;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::external;
use super::keywords::{
    alternatives, choices, fits_type, in_words, list, out_of_range, out_of_size, required, types, without_quotes,
};
use super::nearest::{listed, nearest};
use super::place::SourceSpan;
use super::tree::{Data, Node, Table};
use super::{interpolate, member};

/// Reports everything in `tree` that does not fit `schema`. Of strings that are `unfilled` only that they are strings is looked at.
/// Returns the keys that were probably meant by unknown ones, by the places of these.
pub(super) fn conform(
    schema: &Value,
    tree: &Node,
    unfilled: &BTreeSet<SourceSpan>,
    off: &BTreeMap<String, String>,
    diagnostics: &mut Diagnostics,
) -> BTreeMap<SourceSpan, String> {
    let declared = tree.as_table().into_iter().flatten().flat_map(|(kind, entry)| {
        entry.node.as_table().into_iter().flatten().map(move |(name, _)| format!("{kind}.{name}"))
    });
    let mut walk = Walk { declared: &declared.collect(), off, unfilled, meant: BTreeMap::new(), diagnostics };
    walk.value(schema, &At { path: "", key: tree.locate("") }, tree);
    walk.meant
}

struct Walk<'a> {
    /// `kind.name` of everything that a reference could mean.
    declared: &'a BTreeSet<String>,
    /// The blocks that are switched off, and where that is said.
    off: &'a BTreeMap<String, String>,
    unfilled: &'a BTreeSet<SourceSpan>,
    meant: BTreeMap<SourceSpan, String>,
    diagnostics: &'a mut Diagnostics,
}

/// Which value is looked at.
struct At<'a> {
    /// Its dotted path.
    path: &'a str,
    /// The place to show when something is missing in it.
    key: SourceSpan,
}

impl Walk<'_> {
    fn value(&mut self, schema: &Value, at: &At<'_>, node: &Node) {
        if self.unfilled.contains(&node.place) && node.as_str().is_some_and(|text| interpolate::only(text).is_some()) {
            // It would have become a value of any type.
            return;
        }
        if let Some(choices) = choices(schema) {
            return self.choice(schema, &choices, at, node);
        }
        if let Some(alternatives) = alternatives(schema) {
            return self.alternative(schema, alternatives, at, node);
        }
        if !fits_type(schema, node) {
            return self.wrong_type(schema, &[schema], at, node);
        }
        match &node.data {
            Data::String(text) => self.string(schema, at, node.place, text),
            #[expect(clippy::cast_precision_loss, reason = "limits are far below the numbers that an f64 cannot hold")]
            Data::Integer(number) => self.number(schema, at, node, *number as f64),
            Data::Float(number) => self.number(schema, at, node, *number),
            Data::Array(items) => self.array(schema, at, node.place, items),
            Data::Table(table) => self.table(schema, at, table),
            Data::Boolean(_) | Data::Datetime(_) => {}
        }
    }

    fn choice(&mut self, schema: &Value, choices: &[&Value], at: &At<'_>, node: &Node) {
        let value = node.to_json();
        if choices.contains(&&value) || (value.is_string() && self.unfilled.contains(&node.place)) {
            return;
        }
        let allowed: Vec<String> = choices.iter().map(ToString::to_string).collect();
        let names: Vec<&str> = choices.iter().filter_map(|choice| choice.as_str()).collect();
        let message = format!("`{}` must be {}, not {value}", at.path, allowed.join(" or "));
        let diagnostic = self.diagnostics.error(node.place, message);
        match value.as_str().and_then(|text| nearest(text, names)) {
            Some(near) => diagnostic.help(format!("did you mean \"{near}\"?")),
            None => explain(diagnostic, schema),
        };
    }

    /// Of several schemas one must fit; if none does, the one that comes nearest is taken as meant.
    fn alternative(&mut self, schema: &Value, alternatives: &[Value], at: &At<'_>, node: &Node) {
        let meant = alternatives.iter().filter(|alternative| fits_type(alternative, node)).map(|alternative| {
            let mut diagnostics = Diagnostics::default();
            Walk {
                declared: self.declared,
                off: self.off,
                unfilled: self.unfilled,
                meant: BTreeMap::new(),
                diagnostics: &mut diagnostics,
            }
            .value(alternative, at, node);
            diagnostics
        });
        match meant.min_by_key(Diagnostics::len) {
            Some(diagnostics) => self.diagnostics.append(diagnostics),
            None => self.wrong_type(schema, &alternatives.iter().collect::<Vec<_>>(), at, node),
        }
    }

    fn wrong_type(&mut self, schema: &Value, alternatives: &[&Value], at: &At<'_>, node: &Node) {
        let wanted: Vec<&str> = alternatives.iter().flat_map(|alternative| types(alternative)).collect();
        let names: Vec<&str> = wanted.iter().map(|name| in_words(name)).collect();
        let message = format!("`{}` must be {}, not {}", at.path, names.join(" or "), node.type_name());
        let place = if node.as_table().is_some() { at.key } else { node.place };
        let diagnostic = self.diagnostics.error(place, message);
        match &node.data {
            Data::Integer(_) | Data::Float(_) | Data::Boolean(_) | Data::Datetime(_) if wanted.contains(&"string") => {
                diagnostic.help("put it in quotes")
            }
            Data::String(text) if without_quotes(text, &wanted) => {
                diagnostic.help(format!("write {text} without quotes"))
            }
            _ => explain(diagnostic, schema),
        };
    }

    fn string(&mut self, schema: &Value, at: &At<'_>, place: SourceSpan, text: &str) {
        if self.unfilled.contains(&place) {
            return;
        }
        self.size(schema, at, place, text.chars().count(), ["minLength", "maxLength"], "characters");
        if let Some(pattern) = schema["pattern"].as_str()
            && !Regex::new(pattern).is_ok_and(|regex| regex.is_match(text))
        {
            let message = format!("`{}` is malformed: it must match `{pattern}`", at.path);
            explain(self.diagnostics.error(place, message), schema);
        }
        if let Some(kinds) = list(schema, "x-refers-to") {
            let kinds: Vec<&str> = kinds.iter().filter_map(Value::as_str).collect();
            self.reference(at, place, text, &kinds);
        }
    }

    fn reference(&mut self, at: &At<'_>, place: SourceSpan, text: &str, kinds: &[&str]) {
        let kind_of = |address: &str| address.split_once('.').map(|(kind, _)| kind.to_owned());
        let right = |address: &&str| kind_of(address).is_some_and(|kind| kinds.contains(&kind.as_str()));
        if self.declared.contains(text) && right(&text) {
            return;
        }
        if self.diagnostics.is_full() {
            self.diagnostics.error(place, format!("`{}` names no block that it can", at.path));
            return;
        }
        let candidates = || self.declared.iter().map(String::as_str).filter(right);
        let wanted = listed(kinds.iter().copied(), "or");
        let help = match nearest(text, candidates())
            .or_else(|| candidates().find(|address| address.ends_with(&format!(".{text}"))))
        {
            Some(near) => format!("did you mean `{near}`?"),
            None if candidates().next().is_none() => format!("this spec has no block of kind {wanted}"),
            None => format!("it could be {}", listed(candidates(), "or")),
        };
        let message = match kind_of(text) {
            None => format!("`{}` must name a block as `kind.name`", at.path),
            Some(kind) if !kinds.contains(&kind.as_str()) => {
                format!("`{}` must be a {wanted}, not a `{kind}`", at.path)
            }
            Some(_) if self.off.contains_key(text) => format!("`{text}` is switched off"),
            Some(_) => format!("there is no block `{text}`"),
        };
        let help = match self.off.get(text) {
            Some(at) => member::remedy(at),
            None => help,
        };
        self.diagnostics.error(place, message).help(help);
    }

    fn number(&mut self, schema: &Value, at: &At<'_>, node: &Node, number: f64) {
        if let Some(range) = out_of_range(schema, number) {
            let message = format!("`{}` must be {range}, not {}", at.path, node.to_json());
            explain(self.diagnostics.error(node.place, message), schema);
        }
    }

    fn array(&mut self, schema: &Value, at: &At<'_>, place: SourceSpan, items: &[Node]) {
        self.size(schema, at, place, items.len(), ["minItems", "maxItems"], "items");
        let mut seen = BTreeSet::new();
        for (number, item) in items.iter().enumerate() {
            let path = format!("{}[{number}]", at.path);
            self.value(&schema["items"], &At { path: &path, key: item.place }, item);
            if schema["uniqueItems"] == true && !seen.insert(item.to_json().to_string()) {
                self.diagnostics.error(item.place, format!("`{}` has this item twice", at.path));
            }
        }
    }

    fn table(&mut self, schema: &Value, at: &At<'_>, table: &Table) {
        self.size(schema, at, at.key, table.len(), ["minProperties", "maxProperties"], "entries");
        for (name, entry) in table {
            let path = if at.path.is_empty() { name.clone() } else { format!("{}.{name}", at.path) };
            let below = At { path: &path, key: entry.key };
            if let Some(names) = schema.get("propertyNames") {
                self.string(names, &below, entry.key, name);
            }
            if !external::allows(schema, table, name) {
                self.not_beside_external(at, name, entry.key);
                continue;
            }
            match (schema["properties"].get(name), &schema["additionalProperties"]) {
                (Some(known), _) => self.value(known, &below, &entry.node),
                (None, Value::Bool(false)) => self.unknown(schema, at, name, entry.key),
                (None, other) => self.value(other, &below, &entry.node),
            }
        }
        for name in required(schema, table.contains_key(external::KEY)) {
            if !table.contains_key(name) {
                let missing = &schema["properties"][name];
                let what = if types(missing) == ["object"] { "the table" } else { "the key" };
                let diagnostic =
                    self.diagnostics.error(at.key, format!("{what} `{name}` is missing{}", inside(at.path)));
                explain(diagnostic, missing);
            }
        }
    }

    fn not_beside_external(&mut self, at: &At<'_>, name: &str, key: SourceSpan) {
        let message = format!("`{}` is external: its `{name}` is its owner's to say", at.path);
        self.diagnostics.error(key, message).help("take the key out; or take `external` out, for a block of one's own");
    }

    fn unknown(&mut self, schema: &Value, at: &At<'_>, name: &str, key: SourceSpan) {
        if self.diagnostics.is_full() {
            self.diagnostics.error(key, "unknown key");
            return;
        }
        let known = || schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.as_str());
        let help = match nearest(name, known()) {
            Some(near) => {
                self.meant.insert(key, near.to_owned());
                format!("did you mean `{near}`?")
            }
            None => format!("known are {}", listed(known(), "and")),
        };
        self.diagnostics.error(key, format!("unknown key `{name}`{}", inside(at.path))).help(help);
    }

    fn size(&mut self, schema: &Value, at: &At<'_>, place: SourceSpan, size: usize, limits: [&str; 2], of: &str) {
        if let Some(limits) = out_of_size(schema, size, limits) {
            let message = format!("`{}` must have {limits} {of}, and has {size}", at.path);
            explain(self.diagnostics.error(place, message), schema);
        }
    }
}

/// `` in `stream.clicks` ``, or nothing for the file itself.
fn inside(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!(" in `{path}`") }
}

/// Adds what the schema says of a value as help.
fn explain<'d>(diagnostic: &'d mut Diagnostic, schema: &Value) -> &'d mut Diagnostic {
    match schema["description"].as_str() {
        Some(text) => diagnostic.help(text.split("\n\n").next().unwrap_or(text).replace('\n', " ")),
        None => diagnostic,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::Arc;

    use insta::assert_snapshot;
    use schemars::JsonSchema;
    use serde::Deserialize;

    use super::*;
    use crate::spec::diagnostic::Report;
    use crate::spec::document::Reader;
    use crate::spec::schema::schema_of;

    /// Who decides.
    #[derive(Deserialize, JsonSchema)]
    #[serde(rename_all = "kebab-case")]
    enum Mode {
        Provisioned,
        OnDemand,
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its schema is of interest")]
    struct Sample {
        /// Who decides on the number of shards.
        mode: Mode,
        /// Open shards.
        #[schemars(range(min = 1, max = 500))]
        shards: Option<u16>,
        /// Mail addresses.
        #[serde(default)]
        #[schemars(length(max = 2), inner(regex(pattern = "^.+@.+$")))]
        emails: BTreeSet<String>,
        #[serde(default)]
        ratio: f64,
        #[schemars(extend("x-refers-to" = ["topic"]))]
        notifies: Option<String>,
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its schema is of interest")]
    struct Topic {
        #[serde(default)]
        name: Option<String>,
    }

    #[derive(Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its schema is of interest")]
    struct File {
        sample: std::collections::BTreeMap<String, Sample>,
        topic: Option<std::collections::BTreeMap<String, Topic>>,
    }

    fn told(text: &str) -> String {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("dev.toml");
        std::fs::write(&path, text).unwrap();
        let mut reader = Reader::new(folder.path());
        let tree = reader.read(Path::new(&path)).unwrap();
        conform(&schema_of::<File>(), &tree, &BTreeSet::new(), &BTreeMap::new(), &mut reader.diagnostics);
        let accepted = File::deserialize(tree.to_json()).is_ok();
        assert!(accepted || reader.diagnostics.has_errors(), "the types refuse what the schema accepts: {text}");
        Report::new(Arc::new(reader.sources), reader.diagnostics).render(false, 100)
    }

    #[test]
    fn what_fits_is_accepted() {
        assert_eq!(told("[sample.a]\nmode = 'on-demand'\nratio = 1\nnotifies = 'topic.b'\n[topic.b]"), "");
    }

    #[test]
    fn every_misfit_is_told_at_once() {
        assert_snapshot!(told(
            "[sample.clicks]\nmode = 'on-demnd'\nshards = 0\nemails = ['a@b', 'a@b', 'c']\nratio = '0.5'\nsherds = 1\n[sample.other]\nmode = 1\n"
        ), @r#"
        error: `sample.clicks.mode` must be "provisioned" or "on-demand", not "on-demnd"
         --> dev.toml:2:8
          |
        2 | mode = 'on-demnd'
          |        ^^^^^^^^^^
          |
          = help: did you mean "on-demand"?

        error: `sample.clicks.shards` must be between 1 and 500, not 0
         --> dev.toml:3:10
          |
        3 | shards = 0
          |          ^
          |
          = help: Open shards.

        error: `sample.clicks.emails` must have at most 2 items, and has 3
         --> dev.toml:4:10
          |
        4 | emails = ['a@b', 'a@b', 'c']
          |          ^^^^^^^^^^^^^^^^^^^
          |
          = help: Mail addresses.

        error: `sample.clicks.emails` has this item twice
         --> dev.toml:4:18
          |
        4 | emails = ['a@b', 'a@b', 'c']
          |                  ^^^^^

        error: `sample.clicks.emails[2]` is malformed: it must match `^.+@.+$`
         --> dev.toml:4:25
          |
        4 | emails = ['a@b', 'a@b', 'c']
          |                         ^^^

        error: `sample.clicks.ratio` must be a number, not a string
         --> dev.toml:5:9
          |
        5 | ratio = '0.5'
          |         ^^^^^
          |
          = help: write 0.5 without quotes

        error: unknown key `sherds` in `sample.clicks`
         --> dev.toml:6:1
          |
        6 | sherds = 1
          | ^^^^^^
          |
          = help: did you mean `shards`?

        error: `sample.other.mode` must be "provisioned" or "on-demand", not 1
         --> dev.toml:8:8
          |
        8 | mode = 1
          |        ^
          |
          = help: Who decides on the number of shards.
        "#);
    }

    #[test]
    fn a_misspelt_reference_names_the_one_that_was_meant() {
        assert_snapshot!(told("[sample.a]\nmode = 'on-demand'\nnotifies = 'topic.alert'\n[topic.alerts]"), @"
        error: there is no block `topic.alert`
         --> dev.toml:3:12
          |
        3 | notifies = 'topic.alert'
          |            ^^^^^^^^^^^^^
          |
          = help: did you mean `topic.alerts`?
        ");
        assert_snapshot!(told("[sample.a]\nmode = 'on-demand'\nnotifies = 'alerts'\n[topic.alerts]"), @"
        error: `sample.a.notifies` must name a block as `kind.name`
         --> dev.toml:3:12
          |
        3 | notifies = 'alerts'
          |            ^^^^^^^^
          |
          = help: did you mean `topic.alerts`?
        ");
        assert_snapshot!(told("[sample.a]\nmode = 'on-demand'\nnotifies = 'sample.a'"), @"
        error: `sample.a.notifies` must be a `topic`, not a `sample`
         --> dev.toml:3:12
          |
        3 | notifies = 'sample.a'
          |            ^^^^^^^^^^
          |
          = help: this spec has no block of kind `topic`
        ");
    }

    #[test]
    fn what_is_missing_is_told_at_the_table_that_lacks_it() {
        assert_snapshot!(told("[sample.a]\nshards = 5"), @"
        error: the key `mode` is missing in `sample.a`
         --> dev.toml:1:9
          |
        1 | [sample.a]
          |         ^
          |
          = help: Who decides on the number of shards.
        ");
        assert_snapshot!(told(""), @"
        error: the table `sample` is missing
        --> dev.toml
        ");
    }

    #[test]
    fn a_number_beyond_its_type_is_told() {
        assert_snapshot!(told("[sample.a]\nmode = 'on-demand'\nshards = 70000"), @"
        error: `sample.a.shards` must be between 1 and 500, not 70000
         --> dev.toml:3:10
          |
        3 | shards = 70000
          |          ^^^^^
          |
          = help: Open shards.
        ");
        assert_snapshot!(told("[sample.a]\nmode = 'on-demand'\nratio = 1979-05-27"), @"
        error: `sample.a.ratio` must be a number, not a date or time
         --> dev.toml:3:9
          |
        3 | ratio = 1979-05-27
          |         ^^^^^^^^^^
        ");
    }
}
