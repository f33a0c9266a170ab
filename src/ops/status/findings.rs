//! What a verdict comes to.

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
