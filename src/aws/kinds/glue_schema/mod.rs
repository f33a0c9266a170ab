//! Schemas in registries of Glue's. Another definition is another version, which AWS may refuse after it has taken it.

#[cfg(test)]
mod tests;
mod versions;

use self::versions::{id, register, usable};
use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::glue::registries::{
    CreateSchema, DELETING, DeleteSchema, GetSchema, GetSchemaVersion, LiveSchema, RegistryId, UpdateSchema, Version,
    gone, made,
};
use crate::aws::glue::{Glue, read_tags, set_tags};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::glue_schema::{DISABLED, Outputs, RegistrySchema, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

const GET: &str = "glue GetSchema";
const CREATE: &str = "glue CreateSchema";

impl Calls for RegistrySchema {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let (client, arn) = (aws.client(Caller::<Glue>::new).await, arn(aws, key).await?);
        let latest = GetSchemaVersion { schema_id: id(key), schema_version_number: Version::Latest(true) };
        let latest = async {
            // A schema that was made without a definition has no version.
            absent_is_none(client.call(&latest).await.map_err(failed("glue GetSchemaVersion")))
        };
        // What is deleted between the calls is as good as absent.
        let found = absent_is_none(tokio::try_join!(look(&client, key), latest, read_tags(aws, &arn)))?;
        let Some((Some(live), latest, tags)) = found else { return Ok(None) };
        if live.schema_status.as_deref() == Some(DELETING) {
            return Ok(None);
        }
        let outputs = Outputs { arn, version: live.latest_schema_version.unwrap_or_default() };
        let spec = Spec {
            registry: present(GET, "registry", live.registry_name)?,
            name: present(GET, "name", live.schema_name)?,
            format: present(GET, "format", live.data_format)?,
            compatibility: present(GET, "compatibility", live.compatibility)?,
            description: live.description.unwrap_or_default(),
            file: None,
            // One that is still checked may fail, and then the one before is the latest.
            definition: latest.filter(|latest| !versions::is_open(latest)).and_then(|latest| latest.schema_definition),
            tags,
        };
        Ok(Some((spec, outputs, Vec::new())))
    }

    async fn create(aws: &Aws, want: &Spec, step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Caller::<Glue>::new).await;
        let key = key(want);
        let call = CreateSchema {
            registry_id: RegistryId { registry_name: &want.registry },
            schema_name: &want.name,
            data_format: &want.format,
            compatibility: &want.compatibility,
            description: &want.description,
            tags: &want.tags,
            schema_definition: definition(want)?,
        };
        let make = || async { client.call(&call).await.map_err(failed(CREATE)) };
        let waits =
            || (step.note)(format!("waits for AWS to be done deleting the schema {} that was there", want.name));
        let reply = made(&what(&key), make, || status(&client, &key), waits).await?;
        let number = reply.latest_schema_version.unwrap_or(1);
        usable(&client, want, number, reply.schema_version_status.as_deref()).await?;
        Ok(None)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Glue>::new).await;
        let (anew, said) = (want.definition.is_some() && now.definition != want.definition, settings(now, want));
        // A new version is checked as it is wanted from now on. A schema that is to take none takes this one before.
        let closes = anew && want.compatibility == DISABLED;
        if let Some(call) = said.as_ref().filter(|_| !closes) {
            client.call(call).await.map_err(failed("glue UpdateSchema"))?;
        }
        if anew {
            register(&client, now, want, definition(want)?).await?;
        }
        if let Some(call) = said.filter(|_| closes) {
            client.call(&call).await.map_err(failed("glue UpdateSchema"))?;
        }
        if now.tags != want.tags {
            set_tags(aws, &arn(aws, &key(want)).await?, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Glue>::new).await;
        let Some(live) = look(&client, key).await? else { return Ok(()) };
        if live.schema_status.as_deref() != Some(DELETING) {
            let call = DeleteSchema { schema_id: id(key) };
            absent_is_done(client.call(&call).await.map_err(failed("glue DeleteSchema")))?;
        }
        gone(&what(key), || status(&client, key)).await
    }
}

/// What UpdateSchema is told, where it is told anything: of a compatibility also the version from which on it counts.
fn settings<'a>(now: &Spec, want: &'a Spec) -> Option<UpdateSchema<'a>> {
    let compatibility = (now.compatibility != want.compatibility).then_some(want.compatibility.as_str());
    let description = (now.description != want.description).then_some(want.description.as_str());
    (compatibility.is_some() || description.is_some()).then(|| UpdateSchema {
        schema_id: versions::id_of(want),
        schema_version_number: compatibility.map(|_| Version::Latest(true)),
        compatibility,
        description,
    })
}

fn key(want: &Spec) -> String {
    format!("{}|{}", want.registry, want.name)
}

/// The text of the definition that is wanted.
fn definition(want: &Spec) -> Result<&str> {
    let unknown = || CallError::own(Class::Invalid, CREATE, format!("nobody has read the definition of {}", want.name));
    want.definition.as_deref().ok_or_else(unknown)
}

async fn arn(aws: &Aws, key: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("glue", &format!("schema/{}", key.replace('|', "/"))))
}

/// The schema as it is, one that is being deleted among them; `None` where there is none.
async fn look(client: &Caller<Glue>, key: &str) -> Result<Option<LiveSchema>> {
    absent_is_none(client.call(&GetSchema { schema_id: id(key) }).await.map_err(failed(GET)))
}

fn what(key: &str) -> String {
    format!("schema {key}")
}

/// What AWS says of one that is there.
async fn status(client: &Caller<Glue>, key: &str) -> Result<Option<String>> {
    Ok(look(client, key).await?.map(|live| live.schema_status.unwrap_or_default()))
}
