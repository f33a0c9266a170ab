//! One value of a spec's file set or taken out; comments, order and spelling of all else stay.

use serde_json::Value;
use toml_edit::{DocumentMut, InlineTable, Item, Table, TomlError};

/// A change to one value of a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// The keys that lead to it: `stream`, `clicks`, `retention_hours`.
    pub path: Vec<String>,
    /// How many of them name the table that it belongs to: two of a block.
    pub header: usize,
    /// The value that is to stand there; none where it is to go.
    pub value: Option<Value>,
}

impl Edit {
    /// The table that it belongs to: of a block kind and name.
    pub fn block(&self) -> &[String] {
        &self.path[..self.path.len().min(self.header)]
    }

    /// The same as the header of that table.
    pub fn table(&self) -> String {
        keys(self.block())
    }

    /// As a line of the table that it belongs to: `buffering.size_mib = 5`.
    pub fn line(&self) -> String {
        let keys = keys(&self.path[self.block().len()..]);
        let value = self.value.as_ref().and_then(toml).map(|value| format!(" = {value}"));
        keys + &value.unwrap_or_default()
    }

    /// The text of a file with this change made.
    ///
    /// # Errors
    /// When the text is no TOML.
    pub fn apply(&self, text: &str) -> Result<String, TomlError> {
        let mut document: DocumentMut = text.parse()?;
        if let Some((last, tables)) = self.path.split_last()
            && let Some(table) = reach(document.as_item_mut(), tables, self.value.is_some().then_some(self.header))
        {
            self.put(table, last);
        }
        Ok(document.to_string())
    }

    fn put(&self, item: &mut Item, key: &str) {
        let Some(table) = item.as_table_like_mut() else { return };
        match (self.value.as_ref().and_then(toml), table.get_mut(key)) {
            (None, _) => {
                table.remove(key);
            }
            (Some(mut value), Some(there)) => {
                if let Some(old) = there.as_value() {
                    value.decor_mut().clone_from(old.decor());
                }
                *there = Item::Value(value);
            }
            (Some(value), None) => {
                table.insert(key, Item::Value(value));
                // A table within a line has blanks before and after its last value.
                if let Some(line) = item.as_inline_table_mut() {
                    line.fmt();
                }
            }
        }
    }
}

/// Keys with dots between them, each quoted that has to be.
pub(super) fn keys(path: &[String]) -> String {
    let keys: Vec<_> = path.iter().map(|key| toml_edit::Key::new(key).to_string()).collect();
    keys.join(".")
}

/// The table that keys lead to. Where it is not there, it is made, if it is said how many keys are a header's.
fn reach<'t>(root: &'t mut Item, keys: &[String], make: Option<usize>) -> Option<&'t mut Item> {
    let mut item = root;
    for (depth, key) in keys.iter().enumerate() {
        let table = item.as_table_like_mut()?;
        if let Some(header) = make.filter(|_| !table.contains_key(key)) {
            table.insert(key, empty(depth, header));
            if let Some(line) = item.as_inline_table_mut() {
                line.fmt();
            }
        }
        let table = item.as_table_like_mut()?;
        item = table.get_mut(key)?;
    }
    Some(item)
}

/// A table as a person would write it: `[kind.name]` under a header of its own, what is within it on a line.
fn empty(depth: usize, header: usize) -> Item {
    if depth >= header {
        return Item::Value(InlineTable::new().into());
    }
    let mut table = Table::new();
    table.set_implicit(depth + 1 < header);
    Item::Table(table)
}

/// A value as TOML, which has no null; `${` in a text is escaped, for none is to be filled in.
fn toml(value: &Value) -> Option<toml_edit::Value> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(boolean) => (*boolean).into(),
        Value::String(text) => text.replace("${", "$${").into(),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(number), _) => number.into(),
            (None, number) => whole(number?),
        },
        Value::Array(items) => items.iter().filter_map(toml).collect::<toml_edit::Array>().into(),
        Value::Object(members) => {
            let members = members.iter().filter_map(|(key, member)| Some((key, toml(member)?)));
            members.collect::<InlineTable>().into()
        }
    })
}

/// A number without a fraction is written without one.
fn whole(number: f64) -> toml_edit::Value {
    /// Up to here every whole number is one of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    #[expect(clippy::cast_possible_truncation, reason = "it is whole, and far below what an i64 holds")]
    if number.fract() == 0.0 && number.abs() < EXACT { (number as i64).into() } else { number.into() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TEXT: &str = "\
# Small and quick.
extends = \"base.toml\"

[stream.clicks]
shards = 1    # enough

[firehose.clicks]   # to S3
buffering = { size_mib = 1, interval_seconds = 60 }
";

    fn edited(path: &str, value: Value) -> String {
        let path = path.split('.').map(str::to_owned).collect();
        Edit { path, header: 2, value: Some(value).filter(|value| !value.is_null()) }.apply(TEXT).unwrap()
    }

    #[test]
    fn a_value_is_replaced_and_its_comment_stays() {
        assert_eq!(edited("stream.clicks.shards", json!(4)), TEXT.replace("shards = 1 ", "shards = 4 "));
        assert_eq!(edited("firehose.clicks.buffering.size_mib", json!(5)), TEXT.replace("mib = 1", "mib = 5"));
    }

    #[test]
    fn what_is_not_written_yet_is_written_where_it_belongs() {
        let expected = TEXT.replace("# enough\n", "# enough\nretention_hours = 48\n");
        assert_eq!(edited("stream.clicks.retention_hours", json!(48)), expected);
        let expected = format!("{TEXT}\n[bucket.events]\ntags = {{ owner = \"$${{me}}\" }}\n");
        assert_eq!(edited("bucket.events.tags.owner", json!("${me}")), expected);
        let expected = TEXT.replace("# enough\n", "# enough\n\n[stream.more]\nratio = 0.5\n");
        assert_eq!(edited("stream.more.ratio", json!(0.5)), expected);
        let expected = TEXT.replace("seconds = 60 }", "seconds = 60, more = true }");
        assert_eq!(edited("firehose.clicks.buffering.more", json!(true)), expected);
    }

    #[test]
    fn what_an_instance_says_is_written_below_it() {
        let edit = |path: &str, header, text: &str| {
            let path = path.split('.').map(str::to_owned).collect();
            Edit { path, header, value: Some(json!(4)) }.apply(text).unwrap()
        };
        let below = "instances.feed.clicks.stream.events.expect.bytes";
        assert_eq!(edit(below, 5, ""), "[instances.feed.clicks.stream.events]\nexpect = { bytes = 4 }\n");
        let line = "[instances.feed]\nclicks = { shards = 1 }\n";
        let longer = "[instances.feed]\nclicks = { shards = 1, stream = { events = { expect = { bytes = 4 } } } }\n";
        assert_eq!(edit(below, 5, line), longer);
        assert_eq!(edit("instances.feed.clicks.shards", 3, line), line.replace('1', "4"));
    }

    #[test]
    fn what_goes_takes_its_line_along_and_nothing_is_made_for_what_was_not_there() {
        assert_eq!(edited("stream.clicks.shards", Value::Null), TEXT.replace("shards = 1    # enough\n", ""));
        assert_eq!(edited("bucket.events.tags.owner", Value::Null), TEXT);
    }

    #[test]
    fn a_line_can_be_shown_alone() {
        let line = |path: &[&str], value| {
            Edit { path: path.iter().map(ToString::to_string).collect(), header: 2, value: Some(value) }.line()
        };
        assert_eq!(line(&["stream", "clicks", "shards"], json!(4.0)), "shards = 4");
        assert_eq!(line(&["bucket", "events", "tags", "cost center"], json!("a\"b")), "tags.\"cost center\" = 'a\"b'");
    }
}
