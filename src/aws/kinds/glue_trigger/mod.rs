//! Triggers of Glue. UpdateTrigger overwrites all of a trigger, and whether it fires is a call of its own.

mod calls;
#[cfg(test)]
mod tests;

use std::time::Duration;

use self::calls::{CreateTrigger, Definition, DeleteTrigger, StartTrigger, StopTrigger, UpdateTrigger};
use super::unmodelled::glue_jobs::shown_of_trigger;
use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::glue::jobs::{GetTrigger, LiveAction, LiveCondition, LiveTrigger};
use crate::aws::glue::{Glue, read_tags, set_tags};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Calls, Result, Seen, wait};
use crate::catalog::glue_trigger::{Action, Condition, ON_DEMAND, Outputs, Predicate, Spec, Trigger, all};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags::Tags;

const GET: &str = "glue GetTrigger";

/// AWS takes a minute or two to delete one.
const LIMIT: Duration = Duration::from_mins(5);

/// The states that pass by themselves, but for the last of all.
const PASSING: [&str; 4] = ["CREATING", "UPDATING", "ACTIVATING", "DEACTIVATING"];
const DELETING: &str = "DELETING";

impl Calls for Trigger {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let (client, arn) = (aws.client(Caller::<Glue>::new).await, arn(aws, key).await?);
        // What is deleted between the calls is as good as absent.
        let found = absent_is_none(tokio::try_join!(get(&client, key), read_tags(aws, &arn)))?;
        let Some((Some(live), tags)) = found else { return Ok(None) };
        let unmodelled = shown_of_trigger(&live);
        let outputs = Outputs { arn, state: live.state.clone().unwrap_or_default() };
        Ok(Some((Spec { tags, ..spec(live)? }, outputs, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Caller::<Glue>::new).await;
        let call = CreateTrigger {
            name: &want.name,
            kind: &want.kind,
            workflow_name: want.workflow.as_deref(),
            // Refused of one that fires when somebody asks.
            start_on_creation: (want.kind != ON_DEMAND).then_some(want.enabled),
            tags: &want.tags,
            definition: Definition::of(want),
        };
        client.call(&call).await.map_err(failed("glue CreateTrigger"))?;
        settled(&client, &want.name).await.map(|_| None)
    }

    async fn ready(aws: &Aws, key: &str) -> Result<()> {
        settled(&aws.client(Caller::<Glue>::new).await, key).await.map(drop)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Glue>::new).await;
        let switched = now.enabled != want.enabled && want.kind != ON_DEMAND;
        // One that is not to fire any more does not fire as it is to be either.
        if switched && !want.enabled {
            stop(&client, &want.name).await?;
        }
        if now.definition() != want.definition() {
            define(&client, want).await?;
        }
        if switched && want.enabled {
            start(&client, &want.name).await?;
        }
        if now.tags != want.tags {
            set_tags(aws, &arn(aws, &want.name).await?, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Glue>::new).await;
        // It goes on firing as long as it is there.
        absent_is_done(stop(&client, key).await)?;
        absent_is_done(client.call(&DeleteTrigger { name: key }).await.map_err(failed("glue DeleteTrigger")))?;
        let gone = || async { Ok(look(&client, key).await?.is_none().then_some(())) };
        wait::until(&format!("glue trigger {key} to be gone"), LIMIT, gone).await
    }
}

async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("glue", &format!("trigger/{name}")))
}

/// The trigger as it is, one that is being deleted among them; `None` where there is none.
async fn look(client: &Caller<Glue>, name: &str) -> Result<Option<LiveTrigger>> {
    let reply = absent_is_none(client.call(&GetTrigger { name }).await.map_err(failed(GET)))?;
    reply.map(|reply| present(GET, "trigger", reply.trigger)).transpose()
}

/// The trigger as it is; `None` where there is none, or soon none.
async fn get(client: &Caller<Glue>, name: &str) -> Result<Option<LiveTrigger>> {
    Ok(look(client, name).await?.filter(|live| live.state.as_deref() != Some(DELETING)))
}

/// Waits until AWS is done with it: a new one may not be known everywhere yet. Returns the state.
async fn settled(client: &Caller<Glue>, name: &str) -> Result<String> {
    let look = || async {
        let state = look(client, name).await?.map(|live| live.state.unwrap_or_default());
        Ok(state.filter(|state| !PASSING.contains(&state.as_str())))
    };
    wait::until(&format!("glue trigger {name} to settle"), LIMIT, look).await
}

/// Waits until AWS is done with one that is there.
async fn settled_if_there(client: &Caller<Glue>, name: &str) -> Result<String> {
    let look = || async {
        let Some(live) = look(client, name).await? else {
            return Err(CallError::own(Class::Absent, GET, format!("there is no trigger {name}")));
        };
        let state = live.state.unwrap_or_default();
        Ok((!PASSING.contains(&state.as_str())).then_some(state))
    };
    wait::until(&format!("glue trigger {name} to settle"), LIMIT, look).await
}

/// Lets it fire; AWS refuses that of one that does already.
async fn start(client: &Caller<Glue>, name: &str) -> Result<()> {
    if settled_if_there(client, name).await? != "ACTIVATED" {
        client.call(&StartTrigger { name }).await.map_err(failed("glue StartTrigger"))?;
        settled_if_there(client, name).await?;
    }
    Ok(())
}

/// Keeps it from firing; AWS refuses that of one that does not.
async fn stop(client: &Caller<Glue>, name: &str) -> Result<()> {
    if settled_if_there(client, name).await? == "ACTIVATED" {
        client.call(&StopTrigger { name }).await.map_err(failed("glue StopTrigger"))?;
        settled_if_there(client, name).await?;
    }
    Ok(())
}

/// Writes all of it. Where AWS takes no change of one that fires, it is stopped for as long.
async fn define(client: &Caller<Glue>, want: &Spec) -> Result<()> {
    let state = settled_if_there(client, &want.name).await?;
    let write = async || {
        let call = UpdateTrigger { name: &want.name, trigger_update: Definition::of(want) };
        client.call(&call).await.map(drop).map_err(failed("glue UpdateTrigger"))
    };
    match write().await {
        Err(error) if state == "ACTIVATED" && is_about_its_state(&error) => {
            stop(client, &want.name).await?;
            let written = write().await;
            // It fires again, whatever came of that.
            let started = start(client, &want.name).await;
            written.and(started)
        }
        Err(error) => Err(error),
        Ok(()) => settled_if_there(client, &want.name).await.map(drop),
    }
}

/// `InvalidInputException` is the code for whatever Glue dislikes, so the message tells: "The operation is not allowed when
/// trigger is in state: …" (<https://github.com/hashicorp/terraform-provider-aws/pull/49408>).
fn is_about_its_state(error: &CallError) -> bool {
    error.class == Class::Invalid && error.message.to_ascii_lowercase().contains("in state")
}

/// The spec that the live trigger is equal to, tags apart.
fn spec(live: LiveTrigger) -> Result<Spec> {
    let kind = live.kind.unwrap_or_default();
    let action = |live: LiveAction| {
        // One that starts a crawler is named besides.
        let job = live.job_name?;
        Some(Action { job, arguments: live.arguments.unwrap_or_default(), timeout_minutes: live.timeout })
    };
    let condition =
        |live: LiveCondition| Some(Condition { job: live.job_name?, state: live.state.unwrap_or_default() });
    let predicate = live.predicate.filter(|it| it.conditions.as_ref().is_some_and(|all| !all.is_empty()));
    let predicate = predicate.map(|it| Predicate {
        logical: it.logical.unwrap_or_else(all),
        conditions: it.conditions.into_iter().flatten().filter_map(condition).collect(),
    });
    Ok(Spec {
        name: present(GET, "name", live.name)?,
        enabled: kind == ON_DEMAND || matches!(live.state.as_deref(), Some("ACTIVATED" | "ACTIVATING")),
        kind,
        description: live.description.unwrap_or_default(),
        schedule: live.schedule.filter(|schedule| !schedule.is_empty()),
        actions: live.actions.into_iter().flatten().filter_map(action).collect(),
        predicate,
        workflow: live.workflow_name.filter(|name| !name.is_empty()),
        tags: Tags::new(),
    })
}
