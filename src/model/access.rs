//! What a resource type's attributes have to do with access: whether another value can let somebody do what he could not
//! before, also what somebody has taken away from him.

use serde_json::Value;

use super::attributes::at;

/// What an attribute has to do with access.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing: no value of it lets anybody do anything.
    Nothing,
    /// It holds policies, whose statements are compared one by one.
    Statements,
    /// Each item of it lets somebody do something: what comes, or becomes another, widens.
    Grants,
    /// Only its items are let do something, and everybody where it is absent.
    Allowlist,
    /// Each item of it lets somebody do something, and comes and goes with the spec: one that comes back widens, which
    /// somebody has taken away since the last apply.
    Returned,
    /// It holds access down by what it names, and what that is called: that it goes or becomes another widens.
    Bound(&'static str),
    /// It names who may do something, or as whom something is done: another name widens.
    Names,
    /// `true` switches access on.
    Opens,
    /// `true` keeps somebody out: of one switch, or of each in an object.
    Shuts,
    /// This value alone keeps somebody out.
    Strictest(&'static str),
    /// The first value lets everybody in, the last keeps out whoever it can, and any between lets in others than another.
    Between(&'static str, &'static str),
    /// 0 is a brake that stops everything.
    Brake,
}

/// What a resource type has to do with access, attribute by attribute.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// Whether its being there lets somebody do something. One that somebody has deleted is then access taken away, which
    /// another in its place gives back.
    pub returns: bool,
    /// Every attribute, by its path; `*` stands for each item of a map.
    pub attributes: &'static [(Access, &'static [&'static str])],
}

impl Rules {
    /// What an attribute has to do with access; absent where nobody has decided.
    pub fn of(&self, path: &str) -> Option<Access> {
        self.attributes.iter().find(|(_, paths)| paths.contains(&path)).map(|(access, _)| *access)
    }

    /// By what `after` widens access that `before` has left, policies apart: the attribute, and what about it. `last` is what
    /// was last applied.
    pub(crate) fn loosened(&self, before: &Value, after: &Value, last: &Value) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for (access, paths) in self.attributes {
            for path in *paths {
                for (path, old, new) in places(path, before, after) {
                    let last = at(last, &path);
                    found.extend(access.loosened(old, new, last).into_iter().map(|what| (path.clone(), what)));
                }
            }
        }
        found.extend(self.undecided(before, after));
        found
    }

    /// The attributes that change and of which nobody has said what they have to do with access.
    fn undecided(&self, before: &Value, after: &Value) -> Vec<(String, String)> {
        let names = after.as_object().into_iter().chain(before.as_object()).flatten().map(|(name, _)| name.as_str());
        let mut names: Vec<&str> = names.filter(|name| before[name] != after[name]).collect();
        names.sort_unstable();
        names.dedup();
        let decided = |name: &str| {
            let below = format!("{name}.");
            let mut paths = self.attributes.iter().flat_map(|(_, paths)| *paths);
            paths.any(|path| *path == name || path.starts_with(&below))
        };
        let unknown = "changes, and this pipectl does not know what that allows";
        names.into_iter().filter(|name| !decided(name)).map(|name| (name.to_owned(), unknown.to_owned())).collect()
    }
}

/// The values under a path, before and after; of one with a `*`, those of each item.
fn places<'a>(path: &str, before: &'a Value, after: &'a Value) -> Vec<(String, &'a Value, &'a Value)> {
    let Some((map, rest)) = path.split_once(".*.") else {
        return vec![(path.to_owned(), at(before, path), at(after, path))];
    };
    let items = at(after, map).as_object().into_iter().flatten();
    // What is new among the items is judged by a rule of the map's own.
    let both = items.filter_map(|(key, new)| Some((key, at(before, map).get(key)?, new)));
    both.map(|(key, old, new)| (format!("{map}.{key}.{rest}"), at(old, rest), at(new, rest))).collect()
}

impl Access {
    /// By what another value of an attribute widens access.
    fn loosened(self, old: &Value, new: &Value, last: &Value) -> Vec<String> {
        if old == new {
            return Vec::new();
        }
        let one = |what: Option<String>| what.into_iter().collect();
        match self {
            Self::Nothing | Self::Statements => Vec::new(),
            Self::Grants => added(old, new).into_iter().map(|item| format!("attaches {item}")).collect(),
            Self::Returned => {
                let items = new.as_object().into_iter().flatten().map(|(key, _)| key);
                let back = items.filter(|key| old.get(key).is_none() && last.get(key).is_some());
                back.map(|key| format!("gives back `{key}`, which somebody has taken away")).collect()
            }
            Self::Allowlist if old.is_null() => Vec::new(),
            Self::Allowlist if new.is_null() => vec!["lets in everybody in place of a few".to_owned()],
            Self::Allowlist => added(old, new).into_iter().map(|item| format!("lets in {item}")).collect(),
            Self::Bound(name) => one(unbound(name, old, new)),
            Self::Names => one((!new.is_null()).then(|| match old {
                Value::Null => format!("comes to be {}", quoted(new)),
                _ => format!("becomes {} in place of {}", quoted(new), quoted(old)),
            })),
            Self::Opens => one((new == true).then(|| "is switched on".to_owned())),
            Self::Shuts => {
                shut(old)
                    .into_iter()
                    .filter(|switch| at(new, switch) != true)
                    .map(|switch| {
                        if switch.is_empty() {
                            "is switched off".to_owned()
                        } else {
                            format!("switches `{switch}` off")
                        }
                    })
                    .collect()
            }
            // A value that is not known is none that keeps anybody out.
            Self::Strictest(strict) => one((!old.is_null() && new != strict)
                .then(|| format!("becomes {} in place of {}", quoted(new), quoted(old)))),
            Self::Between(open, _) if old == open => Vec::new(),
            Self::Between(_, strict) => Self::Strictest(strict).loosened(old, new, last),
            Self::Brake => one((old == 0).then(|| "lets go again what 0 had stopped".to_owned())),
        }
    }
}

/// That a bound goes, or becomes another.
fn unbound(name: &str, old: &Value, new: &Value) -> Option<String> {
    match (old, new) {
        (Value::Null, _) => None,
        (old, Value::Null) => Some(format!("takes away the {name} {}", quoted(old))),
        (old, new) => Some(format!("puts the {name} {} in place of {}", quoted(new), quoted(old))),
    }
}

/// The switches that are on; one that is no object has no name.
fn shut(value: &Value) -> Vec<&str> {
    match value {
        Value::Bool(true) => vec![""],
        Value::Object(switches) => {
            switches.iter().filter(|(_, on)| **on == true).map(|(name, _)| name.as_str()).collect()
        }
        _ => Vec::new(),
    }
}

/// The items of a list or a map that come, or become others.
fn added(old: &Value, new: &Value) -> Vec<String> {
    match new {
        Value::Array(items) => {
            let old = old.as_array().map_or(&[][..], Vec::as_slice);
            items.iter().filter(|item| !old.contains(item)).map(quoted).collect()
        }
        Value::Object(items) => {
            let items = items.iter().filter(|(key, item)| old.get(key) != Some(item));
            items.map(|(key, _)| format!("`{key}`")).collect()
        }
        Value::Null => Vec::new(),
        other => vec![quoted(other)],
    }
}

fn quoted(value: &Value) -> String {
    match value {
        Value::String(text) => format!("`{text}`"),
        Value::Null => "nothing".to_owned(),
        other => format!("`{other}`"),
    }
}
