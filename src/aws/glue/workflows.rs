//! The calls about workflows, in Glue's words: <https://docs.aws.amazon.com/glue/latest/webapi/API_Workflow.html>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::aws::glue::Glue;
use crate::aws::slim::{Call, Nothing};
use crate::model::tags::Tags;

/// Asks what a workflow is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct GetWorkflow<'a> {
    pub(in crate::aws) name: &'a str,
    /// Whether its jobs and triggers are told as well.
    pub(in crate::aws) include_graph: bool,
}

impl Call for GetWorkflow<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetWorkflow";
    type Reply = Got;
}

/// What GetWorkflow says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Got {
    pub(in crate::aws) workflow: Option<LiveWorkflow>,
}

/// A workflow as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveWorkflow {
    pub(in crate::aws) name: Option<String>,
    pub(in crate::aws) description: Option<String>,
    pub(in crate::aws) default_run_properties: Option<BTreeMap<String, String>>,
    pub(in crate::aws) max_concurrent_runs: Option<u32>,
    pub(in crate::aws) graph: Option<Graph>,
    // What no attribute models.
    pub(in crate::aws) blueprint_details: Option<Blueprint>,
}

/// What a workflow consists of.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Graph {
    pub(in crate::aws) nodes: Option<Vec<Node>>,
}

/// A trigger, a job or a crawler of a workflow.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Node {
    #[serde(rename = "Type")]
    pub(in crate::aws) kind: Option<String>,
    pub(in crate::aws) name: Option<String>,
}

/// What a workflow was made of.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Blueprint {
    pub(in crate::aws) blueprint_name: Option<String>,
}

/// A workflow as it shall be, all of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct Definition<'a> {
    pub(in crate::aws) name: &'a str,
    pub(in crate::aws) description: &'a str,
    pub(in crate::aws) default_run_properties: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) max_concurrent_runs: Option<u32>,
}

/// Makes a workflow; refused where there is one of the name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct CreateWorkflow<'a> {
    pub(in crate::aws) tags: &'a Tags,
    #[serde(flatten)]
    pub(in crate::aws) definition: Definition<'a>,
}

impl Call for CreateWorkflow<'_> {
    type Of = Glue;
    const NAME: &'static str = "CreateWorkflow";
    type Reply = Nothing;
}

/// Changes a workflow. AWS does not say what becomes of what it is not told.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(in crate::aws) struct UpdateWorkflow<'a>(pub(in crate::aws) Definition<'a>);

impl Call for UpdateWorkflow<'_> {
    type Of = Glue;
    const NAME: &'static str = "UpdateWorkflow";
    type Reply = Nothing;
}

/// Deletes a workflow; one that is not there is no error.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct DeleteWorkflow<'a> {
    pub(in crate::aws) name: &'a str,
}

impl Call for DeleteWorkflow<'_> {
    type Of = Glue;
    const NAME: &'static str = "DeleteWorkflow";
    type Reply = Nothing;
}
