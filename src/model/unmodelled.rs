//! Settings of a live resource that no attribute of its type models: what each type names of them, and what it found.

use std::collections::BTreeSet;
use std::fmt::Display;

use serde::{Deserialize, Serialize};

use super::error::{CallError, Class};

/// The longest value that is kept; more of it helps nobody.
const LONGEST: usize = 200;

/// What such a setting comes to, the gravest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// Somebody can do something who could not without it.
    LetsIn,
    /// Data goes where the spec does not send it.
    TakesOut,
    /// What arrives, or what runs, is not what the spec says.
    ChangesData,
    /// It is paid for.
    Costs,
    /// None of these.
    Other,
}

impl Weight {
    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::LetsIn => "lets somebody in",
            Self::TakesOut => "takes data out",
            Self::ChangesData => "changes what arrives",
            Self::Costs => "costs",
            Self::Other => "is set",
        }
    }
}

/// A setting that a type names where it is found.
#[derive(Debug)]
pub struct Setting {
    /// What it is, as AWS's console calls it: `layers`.
    pub what: &'static str,
    /// What it comes to.
    pub weight: Weight,
    /// The IAM action of the call that shows it; none where the answers of `read` hold it already.
    pub action: Option<&'static str>,
    /// Whether a change of the resource in place takes it away as well.
    pub overwritten: bool,
    /// What undoes it: a call of AWS's command line, or a place in its console.
    pub undo: &'static str,
}

impl Setting {
    /// One that the answers of `read` hold.
    pub const fn shown(what: &'static str, weight: Weight) -> Self {
        Self { what, weight, action: None, overwritten: false, undo: "" }
    }

    /// One that has to be asked for, by a call that needs this IAM action.
    pub const fn asked(what: &'static str, weight: Weight, action: &'static str) -> Self {
        Self { what, weight, action: Some(action), overwritten: false, undo: "" }
    }

    /// One that a change in place takes away.
    pub const fn overwritten(self) -> Self {
        Self { overwritten: true, ..self }
    }

    /// One that this undoes.
    pub const fn undone_by(self, undo: &'static str) -> Self {
        Self { undo, ..self }
    }

    /// That it is set to this; never a secret.
    pub fn is(&self, value: impl Display) -> Unmodelled {
        let mut value = value.to_string();
        if let Some((end, _)) = value.char_indices().nth(LONGEST) {
            value.truncate(end);
            value.push('…');
        }
        let (what, undo) = (self.what.to_owned(), self.undo.to_owned());
        Unmodelled { what, value, weight: self.weight, undo, overwritten: self.overwritten }
    }
}

/// A setting that was found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unmodelled {
    /// What it comes to.
    pub weight: Weight,
    /// What it is.
    pub what: String,
    /// What it is set to.
    pub value: String,
    /// What undoes it: `aws iam remove-user-from-group`.
    pub undo: String,
    /// Whether a change of the resource in place takes it away.
    #[serde(skip)]
    pub overwritten: bool,
}

/// A setting that could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Blind {
    /// What it is.
    pub what: String,
    /// Why: `needs iam:ListAccessKeys`.
    pub why: String,
}

/// What a closer look has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// The settings that no attribute models.
    pub found: Vec<Unmodelled>,
    /// Those that could not be looked at.
    pub blind: Vec<Blind>,
}

impl Look {
    /// An answer that was asked for to see a setting, if there is one. A refusal is no error: what cannot be looked at is
    /// said instead.
    pub fn answer<T>(&mut self, setting: &Setting, answer: Result<T, CallError>) -> Option<T> {
        let why = match answer {
            Ok(answer) => return Some(answer),
            Err(error) if error.class == Class::Absent => return None,
            Err(error) if error.class == Class::Denied => {
                let action = error.denied_action().or(setting.action);
                format!("needs {}", action.unwrap_or("a permission that the caller lacks"))
            }
            // What stands in for AWS need not know every call.
            Err(error) if error.class == Class::Unreadable => {
                format!("{}: what answers does not know this call as AWS does", error.call)
            }
            Err(error) => error.to_string(),
        };
        self.blind.push(Blind { what: setting.what.to_owned(), why });
        None
    }

    /// Adds what was found.
    pub fn found(&mut self, found: impl IntoIterator<Item = Unmodelled>) {
        self.found.extend(found);
    }

    /// Joins what another look has found.
    pub fn join(mut self, other: Self) -> Self {
        self.found.extend(other.found);
        self.blind.extend(other.blind);
        self
    }
}

/// What a type looks at beyond its attributes, and what it does not. Every type answers.
#[derive(Debug)]
pub struct Coverage {
    /// The settings that it names.
    pub named: &'static [&'static Setting],
    /// What it does not look at, and why.
    pub not_looked_at: &'static [(&'static str, &'static str)],
}

/// The resources that an environment owns or wants, by kind and key: what a look finds of these is nothing unmodelled.
#[derive(Clone, Debug, Default)]
pub struct Owned(BTreeSet<(String, String)>);

impl Owned {
    /// These, by kind and key.
    pub fn new(resources: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(resources.into_iter().collect())
    }

    /// Whether it is one of these.
    pub fn has(&self, kind: &str, key: &str) -> bool {
        self.0.contains(&(kind.to_owned(), key.to_owned()))
    }

    /// The keys of all of a kind.
    pub fn keys<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(of, _)| of == kind).map(|(_, key)| key.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: Setting = Setting::asked("other access keys", Weight::LetsIn, "iam:ListAccessKeys");

    #[test]
    fn a_call_that_a_role_may_not_make_is_named_with_its_action_and_no_error() {
        let mut look = Look::default();
        let denied: Result<(), _> = Err(CallError::own(Class::Denied, "iam ListAccessKeys", "no"));
        assert_eq!(look.answer(&KEYS, denied), None);
        let absent: Result<(), _> = Err(CallError::own(Class::Absent, "iam ListAccessKeys", "no such user"));
        assert_eq!(look.answer(&KEYS, absent), None);
        let why = "needs iam:ListAccessKeys".to_owned();
        assert_eq!(look.blind, [Blind { what: "other access keys".to_owned(), why }]);
    }

    #[test]
    fn the_action_that_is_needed_is_the_one_that_aws_names() {
        let needed = |message: &str| {
            let mut look = Look::default();
            look.answer(&KEYS, Err::<(), _>(CallError::own(Class::Denied, "iam ListAccessKeys", message)));
            look.blind.remove(0).why
        };
        let named = "User: arn:aws:iam::123456789012:user/ci is not authorized to perform: iam:GetUser on resource: u";
        assert_eq!(needed(named), "needs iam:GetUser", "a call before the one of the setting");
        for odd in ["", "not authorized to perform: ", "not authorized to perform: iam:Get\u{1b}[2J on r"] {
            assert_eq!(needed(odd), "needs iam:ListAccessKeys", "{odd:?}");
        }
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let found = KEYS.is("ä".repeat(LONGEST + 1));
        assert_eq!(found.value, format!("{}…", "ä".repeat(LONGEST)));
    }
}
