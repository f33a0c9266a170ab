//! Workflows of Glue. UpdateWorkflow is always told all of one.

#[cfg(test)]
mod tests;

use super::unmodelled::glue_workflows::shown_of_workflow;
use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::glue::workflows::{
    CreateWorkflow, Definition, DeleteWorkflow, GetWorkflow, LiveWorkflow, UpdateWorkflow,
};
use crate::aws::glue::{Glue, read_tags, set_tags};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::glue_workflow::{Outputs, Spec, Workflow};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags::Tags;

const GET: &str = "glue GetWorkflow";
const UPDATE: &str = "glue UpdateWorkflow";

impl Calls for Workflow {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let (client, arn) = (aws.client(Caller::<Glue>::new).await, arn(aws, key).await?);
        // What is deleted between the calls is as good as absent.
        let found = absent_is_none(tokio::try_join!(get(&client, key), read_tags(aws, &arn)))?;
        let Some((live, tags)) = found else { return Ok(None) };
        let unmodelled = shown_of_workflow(&live);
        Ok(Some((Spec { tags, ..spec(live)? }, Outputs { arn }, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Caller::<Glue>::new).await;
        let call = client.call(&CreateWorkflow { tags: &want.tags, definition: definition(want) }).await;
        call.map(|_| None).map_err(failed("glue CreateWorkflow"))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Glue>::new).await;
        if now.definition() != want.definition() {
            client.call(&UpdateWorkflow(definition(want))).await.map_err(failed(UPDATE))?;
            if now.max_concurrent_runs.is_some() && want.max_concurrent_runs.is_none() {
                unlimited(&client, &want.name).await?;
            }
        }
        if now.tags != want.tags {
            set_tags(aws, &arn(aws, &want.name).await?, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Glue>::new).await;
        absent_is_done(client.call(&DeleteWorkflow { name: key }).await.map_err(failed("glue DeleteWorkflow")))
    }
}

async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("glue", &format!("workflow/{name}")))
}

async fn get(client: &Caller<Glue>, name: &str) -> Result<LiveWorkflow> {
    let reply = client.call(&GetWorkflow { name, include_graph: false }).await.map_err(failed(GET))?;
    present(GET, "workflow", reply.workflow)
}

/// That a limit of runs is gone which an update has left out: AWS does not say that it goes so, and has no word for "none".
async fn unlimited(client: &Caller<Glue>, name: &str) -> Result<()> {
    let Some(limit) = limit(&get(client, name).await?) else { return Ok(()) };
    let message = format!(
        "AWS keeps the limit of {limit} runs at a time of `{name}`: it can only be raised; or delete the workflow, and apply \
         again"
    );
    Err(CallError::own(Class::Invalid, UPDATE, message))
}

fn limit(live: &LiveWorkflow) -> Option<u32> {
    live.max_concurrent_runs.filter(|limit| *limit > 0)
}

fn definition(want: &Spec) -> Definition<'_> {
    let Spec { name, description, properties, max_concurrent_runs, tags: _ } = want;
    Definition { name, description, default_run_properties: properties, max_concurrent_runs: *max_concurrent_runs }
}

/// The spec that the live workflow is equal to, tags apart.
fn spec(live: LiveWorkflow) -> Result<Spec> {
    let max_concurrent_runs = limit(&live);
    Ok(Spec {
        name: present(GET, "name", live.name)?,
        description: live.description.unwrap_or_default(),
        properties: live.default_run_properties.unwrap_or_default(),
        max_concurrent_runs,
        tags: Tags::new(),
    })
}
