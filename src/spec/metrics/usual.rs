//! What an alarm on a block watches for unless it says otherwise.

use crate::spec::Spec;

/// What an alarm watches for by default.
#[derive(Clone, Copy, Debug)]
pub enum Usual {
    /// One metric, by the name of the block and the spec.
    Metric(fn(&str, &Spec) -> &'static str),
    /// Several, where one does not tell it.
    Expression(&'static Expression),
    /// Nothing, for this reason: an alarm says which metric.
    None(&'static str),
}

/// An expression that says whether a block of some kind does what it is for.
#[derive(Debug)]
pub struct Expression {
    /// The expression, in CloudWatch's metric math.
    pub expression: &'static str,
    /// The metrics that it names: id, whose they are, and name.
    pub metrics: [(&'static str, Of, &'static str); 2],
    /// It fires above this,
    pub threshold: f64,
    /// of so many periods
    pub periods: u32,
    /// in so many.
    pub datapoints: u32,
    /// Length of a period for the block of a name, in seconds.
    pub period: fn(&str, &Spec) -> u32,
    /// What it means when it fires; `{}` is the block.
    pub(in crate::spec) meaning: &'static str,
}

/// Whose metric it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// That of the block that is watched.
    Watched,
    /// That of the stream that it reads.
    Source,
}

impl Expression {
    /// What it means when it fires.
    pub fn meaning(&self, watched: &str) -> String {
        self.meaning.replace("{}", watched)
    }
}
