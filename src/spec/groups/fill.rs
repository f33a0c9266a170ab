//! `${values.team}`, `${param.shards}` and `${instance}`: put in before anything else of a spec is filled in.
//!
//! A text that is nothing but one of them becomes the value, whatever its type. `$${` stays as it is: what is filled in later takes
//! it for the literal text.

use std::collections::BTreeSet;

use crate::spec::diagnostic::{Diagnostics, Reported};
use crate::spec::interpolate::{MAX_FILLED, MAX_VALUE, asked, narrowed, only};
use crate::spec::place::{SourceSpan, Sources};
use crate::spec::tree::{Data, Node};

/// What stands for a name.
pub(super) enum Found<'a> {
    /// Something else does, later.
    Later,
    /// A value.
    Value(&'a Node),
    /// A text, in which more may be filled in later.
    Text(String),
    /// A value in which something is wrong, as was said already.
    Wrong,
    /// Nothing, and what to do about it.
    Unknown(String),
}

/// What a spec is put together with: what has been read, what is wrong, and how much more it may come to.
pub(in crate::spec) struct Work<'a> {
    pub(super) sources: &'a mut Sources,
    pub(super) diagnostics: &'a mut Diagnostics,
    /// The texts in which something could not be put.
    pub(super) unfilled: BTreeSet<SourceSpan>,
    left: usize,
}

impl<'a> Work<'a> {
    pub(in crate::spec) fn new(sources: &'a mut Sources, diagnostics: &'a mut Diagnostics) -> Self {
        Self { sources, diagnostics, unfilled: BTreeSet::new(), left: MAX_FILLED }
    }

    /// Reckons what is about to be made once more: a file of half a megabyte can ask for gigabytes.
    pub(super) fn take(&mut self, bytes: usize, place: SourceSpan) -> Result<(), Reported> {
        if let Some(left) = self.left.checked_sub(bytes) {
            self.left = left;
            return Ok(());
        }
        let message = format!("with this the spec comes to more than {} MiB", MAX_FILLED >> 20);
        self.diagnostics.error(place, message).help("take it apart into several environments");
        Err(Reported)
    }

    /// Puts in what `find` knows, wherever a text asks for it.
    pub(super) fn fill<'f>(&mut self, node: &mut Node, find: &dyn Fn(&str) -> Found<'f>) -> Result<(), Reported> {
        match &mut node.data {
            Data::String(text) => {
                let text = std::mem::take(text);
                self.fill_text(node, &text, find)
            }
            Data::Array(items) => items.iter_mut().try_for_each(|item| self.fill(item, find)),
            Data::Table(table) => table.values_mut().try_for_each(|entry| self.fill(&mut entry.node, find)),
            Data::Integer(_) | Data::Float(_) | Data::Boolean(_) | Data::Datetime(_) => Ok(()),
        }
    }

    fn fill_text<'f>(&mut self, node: &mut Node, text: &str, find: &dyn Fn(&str) -> Found<'f>) -> Result<(), Reported> {
        if let Some(name) = only(text)
            && let Found::Value(value) = find(name)
        {
            self.take(value.weight(), node.place)?;
            *node = value.clone();
            return Ok(());
        }
        let mut parts = Vec::new();
        for (range, name) in asked(text) {
            if let Some(part) = self.part(name, node.place, find(name)) {
                parts.push((range, part));
            }
        }
        let length = parts.iter().fold(text.len(), |length, (range, part)| length + part.len() - range.len());
        if length > MAX_VALUE {
            let message = format!("this value would have {length} bytes once it is filled in");
            self.diagnostics.error(node.place, message).help(format!("a value may have at most {MAX_VALUE}"));
            return Err(Reported);
        }
        self.take(length - text.len().min(length), node.place)?;
        let mut filled = String::with_capacity(length);
        let mut from = 0;
        for (range, part) in parts {
            filled.push_str(&text[from..range.start]);
            filled.push_str(&part);
            from = range.end;
        }
        filled.push_str(&text[from..]);
        node.data = Data::String(filled);
        Ok(())
    }

    /// What stands in a text for a name; nothing where the name stays.
    fn part(&mut self, name: &str, place: SourceSpan, found: Found<'_>) -> Option<String> {
        let (message, help) = match found {
            Found::Later => return None,
            Found::Text(text) => return Some(text),
            Found::Wrong => {
                self.unfilled.insert(place);
                return None;
            }
            Found::Unknown(help) => (format!("unknown variable `{name}`"), help),
            Found::Value(value) => match &value.data {
                Data::String(text) => return Some(text.clone()),
                Data::Integer(number) => return Some(number.to_string()),
                Data::Float(number) => return Some(number.to_string()),
                Data::Boolean(boolean) => return Some(boolean.to_string()),
                Data::Datetime(_) | Data::Array(_) | Data::Table(_) => {
                    let message = format!("`{name}` is {}, and cannot be a part of a text", value.type_name());
                    (message, format!("let `${{{name}}}` be the whole text: then it is the value"))
                }
            },
        };
        self.unfilled.insert(place);
        let place = narrowed(name, place, self.sources);
        self.diagnostics.error(place, message).help(help);
        None
    }
}
