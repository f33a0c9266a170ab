//! `[schedule.<name>]`: a rule that calls a function at set times.

pub(super) mod expression;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::function::Function;
use crate::spec::check::{Block, Checks};
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::{Metrics, Source, Usual, sources};
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::Uses;
use crate::spec::{Ref, Spec};

/// An EventBridge rule that calls a function at set times. With it comes the permission to call that function, and no
/// other.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 1–64 letters, digits, `_`, `.` and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 512))]
    pub description: String,
    /// When, in UTC: `rate(5 minutes)`, or `cron(0 8 ? * MON-FRI *)` with minutes, hours, day of the month, month, day of the
    /// week and year.
    #[schemars(length(min = 1, max = 256))]
    pub expression: String,
    /// The function that is called.
    pub calls: Ref<Function>,
    /// What it is called with; absent: EventBridge's own event, with the time at which it was due.
    #[serde(default)]
    pub input: Option<Map<String, Value>>,
    /// Whether it fires.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

fn yes() -> bool {
    true
}

/// The longest input that EventBridge passes on, in characters.
const INPUT: usize = 8192;

impl Block for Schedule {
    const KIND: &'static str = "schedule";
    const METRICS: Metrics =
        Metrics::Of(Source { metrics: sources::SCHEDULE, usual: Usual::Metric(|_, _| "FailedInvocations") });
    const USES: Uses = Uses::None("it calls functions");
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "events",
        prefix: "rule/",
        suffix: "",
        within: Within::Region,
        name: &names::RULE,
        keyed: false,
    });

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        vec![Name::new(&names::RULE, self.aws_name(block, spec), "name")]
    }

    fn check(&self, _name: &str, spec: &Spec, checks: &mut Checks<'_>) {
        if let Some(fault) = expression::fault(&self.expression) {
            checks
                .error("expression", fault)
                .help("write `rate(5 minutes)`, `rate(1 day)` or `cron(0 8 * * ? *)`: every day at 8:00 UTC");
        }
        let size = self.input.as_ref().map_or(0, |input| Value::Object(input.clone()).to_string().chars().count());
        if size > INPUT {
            checks.error("input", format!("as JSON this has {size} characters; EventBridge passes on {INPUT}"));
        }
        tags::check(&self.tags, spec, checks);
    }
}
