//! Schema registries of Glue. AWS deletes one in its own time, and tells of it as long.

#[cfg(test)]
mod tests;

use super::unmodelled::glue_registries::lost_with;
use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::glue::registries::{
    CreateRegistry, DELETING, DeleteRegistry, LiveRegistry, RegistryId, UpdateRegistry, get, gone, look, made, schemas,
};
use crate::aws::glue::{Glue, read_tags, set_tags};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::glue_registry::{Outputs, SchemaRegistry, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags::Tags;

const GET: &str = "glue GetRegistry";
const CREATE: &str = "glue CreateRegistry";
const DELETE: &str = "glue DeleteRegistry";

impl Calls for SchemaRegistry {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let arn = arn(aws, key).await?;
        // What is deleted between the calls is as good as absent.
        let found = absent_is_none(tokio::try_join!(get(aws, key), read_tags(aws, &arn)))?;
        let Some((Some(live), tags)) = found else { return Ok(None) };
        seen(live, tags, GET)
    }

    async fn create(aws: &Aws, want: &Spec, step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Caller::<Glue>::new).await;
        let call = CreateRegistry { registry_name: &want.name, description: &want.description, tags: &want.tags };
        let make = || async { client.call(&call).await.map_err(failed(CREATE)) };
        let waits =
            || (step.note)(format!("waits for AWS to be done deleting the registry {} that was there", want.name));
        let reply = made(&what(&want.name), make, || status(&client, &want.name), waits).await?;
        seen(reply, want.tags.clone(), CREATE)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        if now.description != want.description {
            let client = aws.client(Caller::<Glue>::new).await;
            let registry_id = RegistryId { registry_name: &want.name };
            let call = UpdateRegistry { registry_id, description: &want.description };
            client.call(&call).await.map_err(failed("glue UpdateRegistry"))?;
        }
        if now.tags != want.tags {
            set_tags(aws, &arn(aws, &want.name).await?, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    /// Glue would delete its schemas with it, whoever made them; those of the environment are deleted before.
    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Glue>::new).await;
        let Some(live) = look(&client, key).await? else { return Ok(()) };
        if live.status.as_deref() != Some(DELETING) {
            let Some(schemas) = absent_is_none(schemas(&client, key).await)? else { return Ok(()) };
            if !schemas.is_empty() {
                let message = format!("the registry still has {}", lost_with(&schemas));
                return Err(CallError::own(Class::InUse, DELETE, message));
            }
            let call = DeleteRegistry { registry_id: RegistryId { registry_name: key } };
            absent_is_done(client.call(&call).await.map_err(failed(DELETE)))?;
        }
        gone(&what(key), || status(&client, key)).await
    }
}

/// What AWS tells of one, as attributes.
fn seen(live: LiveRegistry, tags: Tags, call: &str) -> Result<Seen<Spec, Outputs>> {
    let outputs = Outputs { arn: present(call, "ARN", live.registry_arn)? };
    let name = present(call, "name", live.registry_name)?;
    Ok(Some((Spec { name, description: live.description.unwrap_or_default(), tags }, outputs, Vec::new())))
}

async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("glue", &format!("registry/{name}")))
}

fn what(name: &str) -> String {
    format!("registry {name}")
}

/// What AWS says of one that is there.
async fn status(client: &Caller<Glue>, name: &str) -> Result<Option<String>> {
    Ok(look(client, name).await?.map(|live| live.status.unwrap_or_default()))
}
