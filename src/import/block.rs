//! A block as it is suggested, and what it says instead where its plan would change what is live.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Id;
use super::faults::{Fault, sentence};
use crate::spec::tags::Tags;

/// A suggested block.
pub(super) struct Block {
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// The resource that it stands for.
    pub(super) main: Id,
    /// What it says, in this order; its tags apart.
    pub(super) settings: Vec<(&'static str, Setting)>,
    /// The tags of its resources; none where it has no resource that takes tags.
    pub(super) tags: Option<Tags>,
    /// The addresses of the blocks that it names.
    pub(super) needs: BTreeSet<String>,
    /// What belongs to it besides, as far as that was found.
    pub(super) parts: Vec<Id>,
    fallbacks: Vec<Fallback>,
}

/// What a block says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Setting {
    /// A value.
    Plain(Value),
    /// The same, with what its author should know.
    Noted(Value, &'static str),
    /// A text that is JSON; none is the empty text.
    Document(Value),
    /// A list of tables, one to a line.
    Rows(Vec<Value>),
}

/// What a block says instead where a part of it would be changed.
pub(super) struct Fallback {
    /// The parts of the block; the empty one is its own resource.
    pub(super) parts: &'static [&'static str],
    /// The attribute that would be changed; empty: whichever.
    pub(super) attribute: &'static str,
    /// What it says then; null takes a setting out.
    pub(super) settings: Vec<(&'static str, Setting)>,
    /// What becomes of the part, where that is left alone then.
    pub(super) stays: Option<&'static str>,
    /// Whether the block has no resource left that takes tags.
    pub(super) untags: bool,
}

impl Block {
    /// A block that says nothing yet.
    pub(super) fn new(kind: &'static str, name: String, main: (&str, &str)) -> Self {
        let main = (main.0.to_owned(), main.1.to_owned());
        let (needs, parts) = (BTreeSet::new(), Vec::new());
        Self { kind, name, main, settings: Vec::new(), tags: None, needs, parts, fallbacks: Vec::new() }
    }

    /// `stream.clicks`.
    pub(super) fn address(&self) -> String {
        format!("{}.{}", self.kind, self.name)
    }

    /// Whether it says something of this.
    pub(super) fn says(&self, key: &str) -> bool {
        self.settings.iter().any(|(other, _)| *other == key)
    }

    /// Says something; null says nothing.
    pub(super) fn set(&mut self, key: &'static str, value: impl Into<Value>) {
        self.say(key, Setting::Plain(value.into()));
    }

    /// Says something, unless it goes without saying.
    pub(super) fn set_unless(&mut self, key: &'static str, value: impl Into<Value>, default: impl Into<Value>) {
        let (value, default) = (value.into(), default.into());
        self.set(key, if value == default { Value::Null } else { value });
    }

    /// Says which block it stands on.
    pub(super) fn refer(&mut self, key: &'static str, address: &str) {
        self.needs.insert(address.to_owned());
        self.set(key, address);
    }

    /// Says that it stands on a block which it names within something else.
    pub(super) fn stands_on(&mut self, address: &str) {
        self.needs.insert(address.to_owned());
    }

    /// Says something in place of what it has said so far.
    pub(super) fn say(&mut self, key: &'static str, setting: Setting) {
        let at = self.settings.iter().position(|(other, _)| *other == key);
        match (at, setting == Setting::Plain(Value::Null)) {
            (Some(at), true) => drop(self.settings.remove(at)),
            (Some(at), false) => self.settings[at].1 = setting,
            (None, true) => {}
            (None, false) => self.settings.push((key, setting)),
        }
    }

    /// Takes the tags of its resource.
    pub(super) fn tagged(&mut self, live: &Value) {
        let tags = live["tags"].as_object().into_iter().flatten();
        let own = tags.filter(|(key, _)| !key.starts_with("pipectl:"));
        self.tags =
            Some(own.map(|(key, value)| (key.clone(), value.as_str().unwrap_or_default().to_owned())).collect());
    }

    /// Has something else to say where it would change what is live.
    pub(super) fn or(&mut self, fallback: Fallback) {
        self.fallbacks.push(fallback);
    }

    /// Says what it has left to say about what would be changed, each once: what then stays outside, with the reason.
    ///
    /// # Errors
    /// The faults about which it has nothing left to say.
    pub(super) fn give_way<'a>(&mut self, faults: &[Fault<'a>]) -> Result<BTreeMap<Id, String>, Vec<Fault<'a>>> {
        let answer = |fault: &Fault<'_>| self.fallbacks.iter().position(|fallback| fallback.answers(fault));
        let helpless: Vec<Fault<'a>> = faults.iter().filter(|fault| answer(fault).is_none()).copied().collect();
        if !helpless.is_empty() {
            return Err(helpless);
        }
        let chosen: BTreeSet<usize> = faults.iter().filter_map(answer).collect();
        let mut stays = BTreeMap::new();
        for of_part in faults.chunk_by(|a, b| a.part == b.part) {
            let fate = of_part.first().and_then(|fault| Some((fault.change, self.fallbacks[answer(fault)?].stays?)));
            if let Some((change, fate)) = fate {
                let reason = format!("{}; `{}` {fate}", sentence(of_part), self.address());
                stays.insert((change.kind.clone(), change.key.clone()), reason);
            }
        }
        for index in chosen.into_iter().rev() {
            let Fallback { settings, untags, .. } = self.fallbacks.remove(index);
            for (key, setting) in settings {
                self.say(key, setting);
            }
            if untags {
                self.tags = None;
            }
        }
        Ok(stays)
    }
}

impl Fallback {
    /// What a block says instead where an attribute of its own resource would be changed.
    pub(super) fn own(attribute: &'static str, settings: Vec<(&'static str, Setting)>) -> Self {
        Self { parts: &[""], attribute, settings, stays: None, untags: false }
    }

    fn answers(&self, fault: &Fault<'_>) -> bool {
        self.parts.contains(&fault.part) && (self.attribute.is_empty() || self.attribute == fault.attribute())
    }
}

impl Setting {
    /// No setting.
    pub(super) fn none() -> Self {
        Self::Plain(Value::Null)
    }

    /// A text.
    pub(super) fn text(text: &str) -> Self {
        Self::Plain(json!(text))
    }
}
