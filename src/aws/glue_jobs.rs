//! What Glue tells of jobs and triggers: the calls that read them, which several ask.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::glue::Glue;
use super::slim::Call;

/// Asks what a job is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetJob<'a> {
    pub(super) job_name: &'a str,
}

impl Call for GetJob<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetJob";
    type Reply = GotJob;
}

/// What GetJob says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct GotJob {
    pub(super) job: Option<LiveJob>,
}

/// A job as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LiveJob {
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    pub(super) role: Option<String>,
    pub(super) command: Option<LiveCommand>,
    pub(super) default_arguments: Option<BTreeMap<String, String>>,
    pub(super) connections: Option<LiveConnections>,
    pub(super) max_retries: Option<u32>,
    pub(super) timeout: Option<u32>,
    pub(super) execution_property: Option<LiveExecution>,
    pub(super) security_configuration: Option<String>,
    pub(super) notification_property: Option<LiveNotification>,
    pub(super) glue_version: Option<String>,
    pub(super) worker_type: Option<String>,
    pub(super) number_of_workers: Option<u32>,
    pub(super) max_capacity: Option<f64>,
    pub(super) execution_class: Option<String>,
    pub(super) maintenance_window: Option<String>,
    pub(super) job_run_queuing_enabled: Option<bool>,
    // What no attribute models.
    pub(super) job_mode: Option<String>,
    pub(super) log_uri: Option<String>,
    pub(super) non_overridable_arguments: Option<BTreeMap<String, String>>,
    pub(super) code_gen_configuration_nodes: Option<BTreeMap<String, Value>>,
    pub(super) source_control_details: Option<LiveSource>,
    pub(super) profile_name: Option<String>,
}

/// What runs the script.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LiveCommand {
    pub(super) name: Option<String>,
    pub(super) script_location: Option<String>,
    pub(super) python_version: Option<String>,
    pub(super) runtime: Option<String>,
}

/// The connections of a job.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LiveConnections {
    pub(super) connections: Option<Vec<String>>,
}

/// How many runs at a time.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LiveExecution {
    pub(super) max_concurrent_runs: Option<u32>,
}

/// When EventBridge is told.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LiveNotification {
    pub(super) notify_delay_after: Option<u32>,
}

/// The repository that a script comes from.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LiveSource {
    pub(super) provider: Option<String>,
    pub(super) repository: Option<String>,
}

/// Asks what a trigger is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetTrigger<'a> {
    pub(super) name: &'a str,
}

impl Call for GetTrigger<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetTrigger";
    type Reply = GotTrigger;
}

/// What GetTrigger says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct GotTrigger {
    pub(super) trigger: Option<LiveTrigger>,
}

/// A trigger as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LiveTrigger {
    pub(super) name: Option<String>,
    #[serde(rename = "Type")]
    pub(super) kind: Option<String>,
    pub(super) state: Option<String>,
    pub(super) description: Option<String>,
    pub(super) schedule: Option<String>,
    pub(super) actions: Option<Vec<LiveAction>>,
    pub(super) predicate: Option<LivePredicate>,
    pub(super) workflow_name: Option<String>,
    // What no attribute models.
    pub(super) event_batching_condition: Option<LiveBatching>,
}

/// What is started.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LiveAction {
    pub(super) job_name: Option<String>,
    pub(super) arguments: Option<BTreeMap<String, String>>,
    pub(super) timeout: Option<u32>,
    pub(super) security_configuration: Option<String>,
    pub(super) notification_property: Option<LiveNotification>,
    pub(super) crawler_name: Option<String>,
}

/// What is waited for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LivePredicate {
    pub(super) logical: Option<String>,
    pub(super) conditions: Option<Vec<LiveCondition>>,
}

/// That a run, or a crawl, has ended so.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LiveCondition {
    pub(super) job_name: Option<String>,
    pub(super) state: Option<String>,
    pub(super) crawler_name: Option<String>,
}

/// How many events fire a trigger that waits for events.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LiveBatching {
    pub(super) batch_size: Option<u32>,
}

/// Lists the triggers that start a job: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetTriggers.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetTriggers<'a> {
    pub(super) dependent_job_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_token: Option<String>,
}

impl Call for GetTriggers<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetTriggers";
    type Reply = Triggers;
}

/// A page of triggers.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Triggers {
    pub(super) triggers: Vec<LiveTrigger>,
    pub(super) next_token: Option<String>,
}
