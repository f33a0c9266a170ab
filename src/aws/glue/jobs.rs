//! What Glue tells of jobs and triggers: the calls that read them, which several ask.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Glue;
use crate::aws::slim::Call;

/// Asks what a job is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct GetJob<'a> {
    pub(in crate::aws) job_name: &'a str,
}

impl Call for GetJob<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetJob";
    type Reply = GotJob;
}

/// What GetJob says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct GotJob {
    pub(in crate::aws) job: Option<LiveJob>,
}

/// A job as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveJob {
    pub(in crate::aws) name: Option<String>,
    pub(in crate::aws) description: Option<String>,
    pub(in crate::aws) role: Option<String>,
    pub(in crate::aws) command: Option<LiveCommand>,
    pub(in crate::aws) default_arguments: Option<BTreeMap<String, String>>,
    pub(in crate::aws) connections: Option<LiveConnections>,
    pub(in crate::aws) max_retries: Option<u32>,
    pub(in crate::aws) timeout: Option<u32>,
    pub(in crate::aws) execution_property: Option<LiveExecution>,
    pub(in crate::aws) security_configuration: Option<String>,
    pub(in crate::aws) notification_property: Option<LiveNotification>,
    pub(in crate::aws) glue_version: Option<String>,
    pub(in crate::aws) worker_type: Option<String>,
    pub(in crate::aws) number_of_workers: Option<u32>,
    pub(in crate::aws) max_capacity: Option<f64>,
    pub(in crate::aws) execution_class: Option<String>,
    pub(in crate::aws) maintenance_window: Option<String>,
    pub(in crate::aws) job_run_queuing_enabled: Option<bool>,
    // What no attribute models.
    pub(in crate::aws) job_mode: Option<String>,
    pub(in crate::aws) log_uri: Option<String>,
    pub(in crate::aws) non_overridable_arguments: Option<BTreeMap<String, String>>,
    pub(in crate::aws) code_gen_configuration_nodes: Option<BTreeMap<String, Value>>,
    pub(in crate::aws) source_control_details: Option<LiveSource>,
    pub(in crate::aws) profile_name: Option<String>,
}

/// What runs the script.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveCommand {
    pub(in crate::aws) name: Option<String>,
    pub(in crate::aws) script_location: Option<String>,
    pub(in crate::aws) python_version: Option<String>,
    pub(in crate::aws) runtime: Option<String>,
}

/// The connections of a job.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveConnections {
    pub(in crate::aws) connections: Option<Vec<String>>,
}

/// How many runs at a time.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveExecution {
    pub(in crate::aws) max_concurrent_runs: Option<u32>,
}

/// When EventBridge is told.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveNotification {
    pub(in crate::aws) notify_delay_after: Option<u32>,
}

/// The repository that a script comes from.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveSource {
    pub(in crate::aws) provider: Option<String>,
    pub(in crate::aws) repository: Option<String>,
}

/// Asks what a trigger is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct GetTrigger<'a> {
    pub(in crate::aws) name: &'a str,
}

impl Call for GetTrigger<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetTrigger";
    type Reply = GotTrigger;
}

/// What GetTrigger says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct GotTrigger {
    pub(in crate::aws) trigger: Option<LiveTrigger>,
}

/// A trigger as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveTrigger {
    pub(in crate::aws) name: Option<String>,
    #[serde(rename = "Type")]
    pub(in crate::aws) kind: Option<String>,
    pub(in crate::aws) state: Option<String>,
    pub(in crate::aws) description: Option<String>,
    pub(in crate::aws) schedule: Option<String>,
    pub(in crate::aws) actions: Option<Vec<LiveAction>>,
    pub(in crate::aws) predicate: Option<LivePredicate>,
    pub(in crate::aws) workflow_name: Option<String>,
    // What no attribute models.
    pub(in crate::aws) event_batching_condition: Option<LiveBatching>,
}

/// What is started.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveAction {
    pub(in crate::aws) job_name: Option<String>,
    pub(in crate::aws) arguments: Option<BTreeMap<String, String>>,
    pub(in crate::aws) timeout: Option<u32>,
    pub(in crate::aws) security_configuration: Option<String>,
    pub(in crate::aws) notification_property: Option<LiveNotification>,
    pub(in crate::aws) crawler_name: Option<String>,
}

/// What is waited for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LivePredicate {
    pub(in crate::aws) logical: Option<String>,
    pub(in crate::aws) conditions: Option<Vec<LiveCondition>>,
}

/// That a run, or a crawl, has ended so.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveCondition {
    pub(in crate::aws) job_name: Option<String>,
    pub(in crate::aws) state: Option<String>,
    pub(in crate::aws) crawler_name: Option<String>,
}

/// How many events fire a trigger that waits for events.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveBatching {
    pub(in crate::aws) batch_size: Option<u32>,
}

/// Lists the triggers that start a job: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetTriggers.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct GetTriggers<'a> {
    pub(in crate::aws) dependent_job_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) next_token: Option<String>,
}

impl Call for GetTriggers<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetTriggers";
    type Reply = Triggers;
}

/// A page of triggers.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Triggers {
    pub(in crate::aws) triggers: Vec<LiveTrigger>,
    pub(in crate::aws) next_token: Option<String>,
}
