//! Triggers of Glue: what starts jobs at set times, after other jobs, or when somebody asks.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::Nothing;
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

/// A trigger of Glue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–255 characters.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// `SCHEDULED`, `CONDITIONAL` (after other jobs) or `ON_DEMAND`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) kind: String,
    /// Description; at most 2,048 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// When it fires, where it is `SCHEDULED`: `cron(0 3 * * ? *)`, in UTC.
    #[serde(default)]
    pub(crate) schedule: Option<String>,
    /// Whether it fires; one `ON_DEMAND` always does.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// What it starts.
    pub(crate) actions: Vec<Action>,
    /// What it waits for, where it is `CONDITIONAL`.
    #[serde(default)]
    pub(crate) predicate: Option<Predicate>,
    /// Name of the workflow that it is part of.
    #[serde(default)]
    #[schemars(extend("x-replaces" = true))]
    pub(crate) workflow: Option<String>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// A job that is started.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Action {
    /// Name of the job.
    pub(crate) job: String,
    /// What its run is given in place of the job's own arguments, by name.
    #[serde(default)]
    pub(crate) arguments: BTreeMap<String, String>,
    /// The longest that its run takes, in minutes; absent: what the job says.
    #[serde(default)]
    pub(crate) timeout_minutes: Option<u32>,
}

/// What is waited for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Predicate {
    /// Whether all of the conditions have to hold, or one of them: `AND`, `ANY`.
    #[serde(default = "all")]
    pub(crate) logical: String,
    /// The conditions.
    pub(crate) conditions: Vec<Condition>,
}

/// That the run of a job has ended so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Condition {
    /// Name of the job.
    pub(crate) job: String,
    /// `SUCCEEDED`, `STOPPED`, `FAILED` or `TIMEOUT`.
    pub(crate) state: String,
}

fn yes() -> bool {
    true
}

/// What AWS takes where nobody says.
pub(crate) fn all() -> String {
    "AND".to_owned()
}

/// One that fires when somebody asks, and has neither a schedule nor a switch.
pub(crate) const ON_DEMAND: &str = "ON_DEMAND";

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the trigger.
    pub(crate) arn: String,
    /// `ACTIVATED`, `DEACTIVATED`, or `CREATED` of one `ON_DEMAND`.
    pub(crate) state: String,
}

/// Triggers of Glue.
pub(crate) struct Trigger;

pub(crate) const TRIGGER: On = On::Arns(&["arn:{partition}:glue:{region}:{account}:trigger/{name}"]);

const UPDATED: &[&str] = &["glue:UpdateTrigger"];

impl ResourceType for Trigger {
    const KIND: &'static str = "glue_trigger";
    const AWS_TYPE: &'static str = "AWS::Glue::Trigger";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["glue:GetTags", "glue:GetTrigger"], TRIGGER),
        Grant::apply(
            &[
                "glue:CreateTrigger",
                "glue:DeleteTrigger",
                "glue:StartTrigger",
                "glue:StopTrigger",
                "glue:TagResource",
                "glue:UntagResource",
                "glue:UpdateTrigger",
            ],
            TRIGGER,
        ),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["glue:CreateTrigger"],
        delete: &["glue:DeleteTrigger"],
        update: &[
            Update::new("actions", UPDATED).saying("actions"),
            Update::new("description", UPDATED).saying("description"),
            Update::new("enabled", &["glue:StartTrigger", "glue:StopTrigger"]),
            Update::new("predicate", UPDATED).saying("predicate"),
            Update::new("schedule", UPDATED).saying("schedule"),
            Update::new("tags", &["glue:TagResource", "glue:UntagResource"]),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        // It starts jobs, which work as their own roles.
        attributes: &[(
            Nothing,
            &["name", "kind", "description", "schedule", "enabled", "actions", "predicate", "workflow", "tags"],
        )],
    };
    const PRICE: Price = Price::None("what it starts is billed");
    const IMPORT: Import = Import::None("the job that it starts is not imported either");
    const STATUS: Status = Status::Exists("its jobs tell of what it started");
    const METRICS: Metrics = Metrics::None("Glue counts runs of jobs alone");
    const EXAMPLES: &'static str = include_str!("glue_trigger.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it keeps no data")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn align(now: &mut Spec, want: &Spec) {
        // AWS has no switch for it.
        if now.kind == ON_DEMAND {
            now.enabled = want.enabled;
        }
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        let same =
            want.filter(|want| (&want.name, &want.kind, &want.workflow) == (&now.name, &now.kind, &now.workflow));
        let started = |of: &Spec| of.actions.iter().map(|action| action.job.clone()).collect::<Vec<_>>();
        let fires = |of: &Spec| of.enabled || of.kind == ON_DEMAND;
        let jobs = match same {
            None if fires(now) && want.is_none() => started(now),
            None => Vec::new(),
            Some(want) if fires(now) && !fires(want) => started(now),
            Some(want) => {
                let still = started(want);
                started(now).into_iter().filter(|job| fires(now) && !still.contains(job)).collect()
            }
        };
        let named = jobs.iter().map(|job| format!("`{job}`")).collect::<Vec<_>>().join(", ");
        let idle = (!jobs.is_empty()).then(|| format!("It starts {named} no more."));
        let switched = same.filter(|want| fires(want) && !fires(now));
        let switched = switched.map(|want| {
            let named = started(want).iter().map(|job| format!("`{job}`")).collect::<Vec<_>>().join(", ");
            format!("It starts {named} from then on.")
        });
        let renamed = want.filter(|want| want.name != now.name);
        let renamed = renamed.map(|want| format!("Who fires `{}` by its name has to fire `{}`.", now.name, want.name));
        idle.into_iter().chain(switched).chain(renamed).collect()
    }
}

impl Spec {
    /// What UpdateTrigger sets.
    pub(crate) fn definition(&self) -> Self {
        Self { enabled: false, tags: Tags::new(), ..self.clone() }
    }
}
