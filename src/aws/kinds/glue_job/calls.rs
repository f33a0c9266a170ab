//! The calls that make, change and delete a job, as AWS has them: <https://docs.aws.amazon.com/glue/latest/webapi/API_Job.html>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::aws::glue::Glue;
use crate::aws::slim::{Call, Nothing};
use crate::model::tags::Tags;

/// Asks what a job is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetJob<'a> {
    pub(super) job_name: &'a str,
}

impl Call for GetJob<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetJob";
    type Reply = Got;
}

/// What GetJob says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Got {
    pub(super) job: Option<Live>,
}

/// A job as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct Live {
    pub(in crate::aws::kinds) name: Option<String>,
    pub(in crate::aws::kinds) description: Option<String>,
    pub(in crate::aws::kinds) role: Option<String>,
    pub(in crate::aws::kinds) command: Option<LiveCommand>,
    pub(in crate::aws::kinds) default_arguments: Option<BTreeMap<String, String>>,
    pub(in crate::aws::kinds) connections: Option<LiveList>,
    pub(in crate::aws::kinds) max_retries: Option<u32>,
    pub(in crate::aws::kinds) timeout: Option<u32>,
    pub(in crate::aws::kinds) execution_property: Option<LiveExecution>,
    pub(in crate::aws::kinds) security_configuration: Option<String>,
    pub(in crate::aws::kinds) notification_property: Option<LiveNotification>,
    pub(in crate::aws::kinds) glue_version: Option<String>,
    pub(in crate::aws::kinds) worker_type: Option<String>,
    pub(in crate::aws::kinds) number_of_workers: Option<u32>,
    pub(in crate::aws::kinds) max_capacity: Option<f64>,
    pub(in crate::aws::kinds) execution_class: Option<String>,
    pub(in crate::aws::kinds) maintenance_window: Option<String>,
    pub(in crate::aws::kinds) job_run_queuing_enabled: Option<bool>,
    // What no attribute models.
    pub(in crate::aws::kinds) job_mode: Option<String>,
    pub(in crate::aws::kinds) log_uri: Option<String>,
    pub(in crate::aws::kinds) non_overridable_arguments: Option<BTreeMap<String, String>>,
    pub(in crate::aws::kinds) code_gen_configuration_nodes: Option<BTreeMap<String, Value>>,
    pub(in crate::aws::kinds) source_control_details: Option<LiveSource>,
    pub(in crate::aws::kinds) profile_name: Option<String>,
}

/// What runs the script.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct LiveCommand {
    pub(in crate::aws::kinds) name: Option<String>,
    pub(in crate::aws::kinds) script_location: Option<String>,
    pub(in crate::aws::kinds) python_version: Option<String>,
    pub(in crate::aws::kinds) runtime: Option<String>,
}

/// The connections of a job.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct LiveList {
    pub(in crate::aws::kinds) connections: Option<Vec<String>>,
}

/// How many runs at a time.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct LiveExecution {
    pub(in crate::aws::kinds) max_concurrent_runs: Option<u32>,
}

/// When EventBridge is told.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct LiveNotification {
    pub(in crate::aws::kinds) notify_delay_after: Option<u32>,
}

/// The repository that a script comes from.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct LiveSource {
    pub(in crate::aws::kinds) provider: Option<String>,
    pub(in crate::aws::kinds) repository: Option<String>,
}

/// What a new job and a changed one are told alike.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Job<'a> {
    pub(super) description: &'a str,
    pub(super) role: &'a str,
    pub(super) command: Command<'a>,
    pub(super) default_arguments: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) connections: Option<List<'a>>,
    pub(super) max_retries: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) timeout: Option<u32>,
    pub(super) execution_property: Execution,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) security_configuration: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) notification_property: Option<Notification>,
    pub(super) glue_version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) worker_type: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number_of_workers: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) max_capacity: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) execution_class: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) maintenance_window: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) job_run_queuing_enabled: Option<bool>,
}

/// What runs the script.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Command<'a> {
    pub(super) name: &'a str,
    pub(super) script_location: &'a str,
    pub(super) python_version: &'a str,
}

/// The connections of a job.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct List<'a> {
    pub(super) connections: &'a [String],
}

/// How many runs at a time.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Execution {
    pub(super) max_concurrent_runs: u32,
}

/// When EventBridge is told.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Notification {
    pub(super) notify_delay_after: u32,
}

/// Makes a job; refused where there is one of the name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateJob<'a> {
    pub(super) name: &'a str,
    pub(super) tags: &'a Tags,
    #[serde(flatten)]
    pub(super) job: Job<'a>,
}

impl Call for CreateJob<'_> {
    type Of = Glue;
    const NAME: &'static str = "CreateJob";
    type Reply = Nothing;
}

/// Changes a job: what it is not told is set back.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateJob<'a> {
    pub(super) job_name: &'a str,
    pub(super) job_update: Job<'a>,
}

impl Call for UpdateJob<'_> {
    type Of = Glue;
    const NAME: &'static str = "UpdateJob";
    type Reply = Nothing;
}

/// Deletes a job, with its bookmark; its runs go on. One that is not there is no error.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteJob<'a> {
    pub(super) job_name: &'a str,
}

impl Call for DeleteJob<'_> {
    type Of = Glue;
    const NAME: &'static str = "DeleteJob";
    type Reply = Nothing;
}
