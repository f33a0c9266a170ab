//! `[dashboard.<name>]`: a CloudWatch dashboard.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::spec::check::{Block, Checks};
use crate::spec::external::Externals;
use crate::spec::metrics::Metrics;
use crate::spec::names::{self, Name};
use crate::spec::uses::Uses;
use crate::spec::{Ref, Spec, Target, json};

/// A CloudWatch dashboard, drawn from the blocks that it shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dashboard {
    /// Name in AWS, unique in the account; absent: `<project>-<env>-<block>`. 1–255 letters, digits, `_` and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// The blocks that it shows; empty: everything in the spec that has something to show.
    #[serde(default)]
    pub shows: Vec<Ref<Shown>>,
    /// A body of one's own, as JSON in CloudWatch's form; absent: drawn from the blocks.
    #[serde(default)]
    #[schemars(length(min = 1))]
    pub body: Option<String>,
}

/// The kinds of block that a dashboard can show.
#[derive(Clone, Debug, PartialEq)]
pub enum Shown {}

impl Target for Shown {
    fn kinds() -> Vec<Kind> {
        let shown = |kind: &Kind| matches!(kind.metrics(), Metrics::Of(_)) || *kind == Kind::Alarm;
        Kind::ALL.iter().copied().filter(shown).collect()
    }
}

impl Dashboard {
    /// Whether it shows the block `kind.name`.
    pub fn shows(&self, kind: &str, name: &str) -> bool {
        self.shows.is_empty() || self.shows.iter().any(|shown| shown.kind() == kind && shown.name() == name)
    }
}

impl Block for Dashboard {
    const KIND: &'static str = "dashboard";
    const METRICS: Metrics = Metrics::None("it shows those of others");
    const USES: Uses = Uses::None("it shows");
    const EXTERNAL: Externals = Externals::Never("nothing refers to it");

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        vec![Name::new(&names::DASHBOARD, self.aws_name(block, spec), "name")]
    }

    fn check(&self, _name: &str, _spec: &Spec, checks: &mut Checks<'_>) {
        json::check("body", self.body.as_ref(), checks);
        if self.body.is_some() && !self.shows.is_empty() {
            checks.error("shows", "a dashboard with a `body` of its own is not drawn from blocks");
        }
    }
}
