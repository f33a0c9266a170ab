//! The calls about a trigger, as AWS has them: <https://docs.aws.amazon.com/glue/latest/webapi/API_Trigger.html>.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::aws::glue::Glue;
use crate::aws::slim::{Call, Nothing};
use crate::catalog::glue_trigger::Spec;
use crate::model::tags::Tags;

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
