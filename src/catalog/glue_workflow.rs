//! Workflows of Glue: jobs that one start runs together.

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

/// A workflow of Glue. Which jobs it has their triggers say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–255 characters.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Description; at most 120,000 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// What every run is given, by name, where whoever starts it gives nothing else: its jobs read and change it.
    #[serde(default)]
    pub(crate) properties: BTreeMap<String, String>,
    /// The most runs at a time; absent: any number.
    #[serde(default)]
    pub(crate) max_concurrent_runs: Option<u32>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the workflow.
    pub(crate) arn: String,
}

/// Workflows of Glue.
pub(crate) struct Workflow;

const WORKFLOW: On = On::Arns(&["arn:{partition}:glue:{region}:{account}:workflow/{name}"]);

const UPDATED: &[&str] = &["glue:UpdateWorkflow"];

impl ResourceType for Workflow {
    const KIND: &'static str = "glue_workflow";
    const AWS_TYPE: &'static str = "AWS::Glue::Workflow";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["glue:GetTags", "glue:GetWorkflow"], WORKFLOW),
        Grant::apply(
            &[
                "glue:CreateWorkflow",
                "glue:DeleteWorkflow",
                "glue:TagResource",
                "glue:UntagResource",
                "glue:UpdateWorkflow",
            ],
            WORKFLOW,
        ),
        Grant::operate(&["glue:GetWorkflowRun", "glue:StartWorkflowRun", "glue:StopWorkflowRun"], WORKFLOW),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["glue:CreateWorkflow"],
        delete: &["glue:DeleteWorkflow"],
        update: &[
            Update::new("description", UPDATED).saying("description"),
            Update::new("properties", UPDATED).saying("defaultRunProperties"),
            Update::new("max_concurrent_runs", UPDATED).saying("maxConcurrentRuns"),
            Update::new("tags", &["glue:TagResource", "glue:UntagResource"]),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        // It starts jobs, which work as their own roles.
        attributes: &[(Nothing, &["name", "description", "properties", "max_concurrent_runs", "tags"])],
    };
    const PRICE: Price = Price::None("a workflow costs nothing; runs of its jobs do");
    const IMPORT: Import = Import::None("its jobs are not imported either: write a `workflow` block and its jobs");
    const STATUS: Status = Status::Exists("its jobs do the work");
    const METRICS: Metrics = Metrics::None("Glue counts runs of jobs, and none of workflows");
    const EXAMPLES: &'static str = r#"
        [first]
        name = "conformance-Nightly"
        description = "Cleans and sums up"
        properties = { day = "yesterday", depth = "1" }
        max_concurrent_runs = 1
        tags = { team = "growth", stage = "first" }

        [second]
        name = "conformance-Nightly"
        description = "Sums up"
        properties = { day = "today" }
        max_concurrent_runs = 3
        tags = { team = "data" }
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it keeps what a run is given, and no data")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("an environment has a handful, and no call of Glue says how many there may be")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        let name = &now.name;
        let Some(want) = want.filter(|want| want.name == *name) else {
            return vec![format!("The history of runs of `{name}` is deleted with it.")];
        };
        let mut said = Vec::new();
        let gone: Vec<&str> =
            now.properties.keys().filter(|one| !want.properties.contains_key(*one)).map(String::as_str).collect();
        if !gone.is_empty() {
            said.push(format!("Runs are given {} no more.", gone.join(", ")));
        }
        let fewer = |limit: &u32| now.max_concurrent_runs.is_none_or(|now| *limit < now);
        if let Some(limit) = want.max_concurrent_runs.filter(fewer) {
            said.push(format!("More than {limit} runs at a time are refused."));
        }
        said
    }
}

impl Spec {
    /// What UpdateWorkflow sets.
    pub(crate) fn definition(&self) -> Self {
        Self { tags: Tags::new(), ..self.clone() }
    }
}
