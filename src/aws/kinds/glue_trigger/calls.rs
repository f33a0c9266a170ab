//! The calls about a trigger, as AWS has them: <https://docs.aws.amazon.com/glue/latest/webapi/API_Trigger.html>.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::aws::glue::Glue;
use crate::aws::slim::{Call, Nothing};
use crate::catalog::glue_trigger::Spec;
use crate::model::tags::Tags;

/// Asks what a trigger is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetTrigger<'a> {
    pub(super) name: &'a str,
}

impl Call for GetTrigger<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetTrigger";
    type Reply = Got;
}

/// What GetTrigger says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Got {
    pub(super) trigger: Option<Live>,
}

/// A trigger as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct Live {
    pub(in crate::aws::kinds) name: Option<String>,
    #[serde(rename = "Type")]
    pub(in crate::aws::kinds) kind: Option<String>,
    pub(in crate::aws::kinds) state: Option<String>,
    pub(in crate::aws::kinds) description: Option<String>,
    pub(in crate::aws::kinds) schedule: Option<String>,
    pub(in crate::aws::kinds) actions: Option<Vec<LiveAction>>,
    pub(in crate::aws::kinds) predicate: Option<LivePredicate>,
    pub(in crate::aws::kinds) workflow_name: Option<String>,
    // What no attribute models.
    pub(in crate::aws::kinds) event_batching_condition: Option<LiveBatching>,
}

/// What is started.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct LiveAction {
    pub(in crate::aws::kinds) job_name: Option<String>,
    pub(in crate::aws::kinds) arguments: Option<BTreeMap<String, String>>,
    pub(in crate::aws::kinds) timeout: Option<u32>,
    pub(in crate::aws::kinds) security_configuration: Option<String>,
    pub(in crate::aws::kinds) notification_property: Option<LiveNotification>,
    pub(in crate::aws::kinds) crawler_name: Option<String>,
}

/// When EventBridge is told of a run.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct LiveNotification {
    pub(in crate::aws::kinds) notify_delay_after: Option<u32>,
}

/// What is waited for.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct LivePredicate {
    pub(in crate::aws::kinds) logical: Option<String>,
    pub(in crate::aws::kinds) conditions: Option<Vec<LiveCondition>>,
}

/// That a run, or a crawl, has ended so.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct LiveCondition {
    pub(in crate::aws::kinds) job_name: Option<String>,
    pub(in crate::aws::kinds) state: Option<String>,
    pub(in crate::aws::kinds) crawler_name: Option<String>,
}

/// How many events fire a trigger that waits for events.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct LiveBatching {
    pub(in crate::aws::kinds) batch_size: Option<u32>,
}

/// What a new trigger and a changed one are told alike.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Definition<'a> {
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    schedule: Option<&'a str>,
    actions: Vec<Action<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    predicate: Option<Predicate<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Action<'a> {
    job_name: &'a str,
    arguments: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout: Option<u32>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Predicate<'a> {
    logical: &'a str,
    conditions: Vec<Condition<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Condition<'a> {
    /// AWS has no other, and asks for it.
    logical_operator: &'static str,
    job_name: &'a str,
    state: &'a str,
}

impl<'a> Definition<'a> {
    /// That of a trigger as it is wanted.
    pub(super) fn of(want: &'a Spec) -> Self {
        let action = |action: &'a crate::catalog::glue_trigger::Action| Action {
            job_name: &action.job,
            arguments: &action.arguments,
            timeout: action.timeout_minutes,
        };
        let predicate = want.predicate.as_ref().map(|predicate| Predicate {
            logical: &predicate.logical,
            conditions: (predicate.conditions.iter())
                .map(|one| Condition { logical_operator: "EQUALS", job_name: &one.job, state: &one.state })
                .collect(),
        });
        Self {
            description: &want.description,
            schedule: want.schedule.as_deref(),
            actions: want.actions.iter().map(action).collect(),
            predicate,
        }
    }
}

/// Makes a trigger; refused where there is one of the name.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateTrigger<'a> {
    pub(super) name: &'a str,
    #[serde(rename = "Type")]
    pub(super) kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) workflow_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) start_on_creation: Option<bool>,
    pub(super) tags: &'a Tags,
    #[serde(flatten)]
    pub(super) definition: Definition<'a>,
}

impl Call for CreateTrigger<'_> {
    type Of = Glue;
    const NAME: &'static str = "CreateTrigger";
    type Reply = Nothing;
}

/// Changes a trigger: what it is not told goes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateTrigger<'a> {
    pub(super) name: &'a str,
    pub(super) trigger_update: Definition<'a>,
}

impl Call for UpdateTrigger<'_> {
    type Of = Glue;
    const NAME: &'static str = "UpdateTrigger";
    type Reply = Nothing;
}

/// Lets a trigger fire; one `ON_DEMAND` fires at once.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StartTrigger<'a> {
    pub(super) name: &'a str,
}

impl Call for StartTrigger<'_> {
    type Of = Glue;
    const NAME: &'static str = "StartTrigger";
    type Reply = Nothing;
}

/// Keeps a trigger from firing; refused of one that does not fire by itself.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct StopTrigger<'a> {
    pub(super) name: &'a str,
}

impl Call for StopTrigger<'_> {
    type Of = Glue;
    const NAME: &'static str = "StopTrigger";
    type Reply = Nothing;
}

/// Deletes a trigger; one that is not there is no error.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteTrigger<'a> {
    pub(super) name: &'a str,
}

impl Call for DeleteTrigger<'_> {
    type Of = Glue;
    const NAME: &'static str = "DeleteTrigger";
    type Reply = Nothing;
}

/// Lists the triggers that start a job: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetTriggers.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws::kinds) struct GetTriggers<'a> {
    pub(in crate::aws::kinds) dependent_job_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws::kinds) next_token: Option<String>,
}

impl Call for GetTriggers<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetTriggers";
    type Reply = Triggers;
}

/// A page of triggers.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct Triggers {
    pub(in crate::aws::kinds) triggers: Vec<Live>,
    pub(in crate::aws::kinds) next_token: Option<String>,
}
