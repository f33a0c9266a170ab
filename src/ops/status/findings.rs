//! What a verdict comes to.

use std::time::Duration;

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Health;

/// What is to be said of a resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Findings {
    /// How it is.
    pub(super) health: Health,
    /// What is to be said.
    pub(super) text: Vec<String>,
    /// What to do.
    pub(super) next: Vec<String>,
}

impl Findings {
    /// Nothing is wrong.
    pub(super) fn good() -> Self {
        Self { health: Health::Good, text: Vec::new(), next: Vec::new() }
    }

    /// Something is to be said.
    pub(super) fn say(&mut self, text: impl Into<String>) {
        self.text.push(text.into());
    }

    /// Something is not as it should be.
    pub(super) fn warn(&mut self, health: Health, text: impl Into<String>) {
        self.health = self.health.max(health);
        self.say(text);
    }

    /// Something is to be done.
    pub(super) fn next(&mut self, next: impl Into<String>) {
        self.next.push(next.into());
    }
}

/// How long ago the time of an output was.
pub(super) fn since(at: Option<&str>, now: OffsetDateTime) -> Option<Duration> {
    let at = OffsetDateTime::parse(at?, &Rfc3339).ok()?;
    Some(ago(at, now))
}

/// How long ago a time was; nothing for one to come.
pub(super) fn ago(at: OffsetDateTime, now: OffsetDateTime) -> Duration {
    (now - at).try_into().unwrap_or_default()
}
