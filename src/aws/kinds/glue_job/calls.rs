//! The calls that make, change and delete a job, as AWS has them: <https://docs.aws.amazon.com/glue/latest/webapi/API_Job.html>.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::aws::glue::Glue;
use crate::aws::slim::{Call, Nothing};
use crate::model::tags::Tags;

/// What a new job and a changed one are told alike.
#[expect(clippy::struct_field_names, reason = "AWS's names")]
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
