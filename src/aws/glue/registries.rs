//! What goes over the wire of schema registries, and of the schemas in them.

use std::future::Future;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::Glue;
use crate::aws::error::{absent_is_none, failed};
use crate::aws::slim::{Call, Caller, Nothing};
use crate::aws::{Aws, Result, wait};
use crate::model::error::Class;
use crate::model::tags::Tags;

/// What is on its way out.
pub(in crate::aws) const DELETING: &str = "DELETING";

/// Names a registry.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct RegistryId<'a> {
    pub(in crate::aws) registry_name: &'a str,
}

/// Names a schema.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct SchemaId<'a> {
    pub(in crate::aws) registry_name: &'a str,
    pub(in crate::aws) schema_name: &'a str,
}

/// Names a version of a schema. AWS has ids of versions besides, and checks who asks by one on everything.
#[derive(Clone, Copy, Debug, Serialize)]
pub(in crate::aws) enum Version {
    #[serde(rename = "LatestVersion")]
    Latest(bool),
    #[serde(rename = "VersionNumber")]
    Number(u64),
}

/// Asks for a registry: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetRegistry.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct GetRegistry<'a> {
    pub(in crate::aws) registry_id: RegistryId<'a>,
}

impl Call for GetRegistry<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetRegistry";
    type Reply = LiveRegistry;
}

/// A registry as it is; a new one as CreateRegistry tells of it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveRegistry {
    pub(in crate::aws) registry_name: Option<String>,
    pub(in crate::aws) registry_arn: Option<String>,
    pub(in crate::aws) description: Option<String>,
    pub(in crate::aws) status: Option<String>,
}

/// Makes a registry; refused where there is one of the name:
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateRegistry.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct CreateRegistry<'a> {
    pub(in crate::aws) registry_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(in crate::aws) description: &'a str,
    pub(in crate::aws) tags: &'a Tags,
}

impl Call for CreateRegistry<'_> {
    type Of = Glue;
    const NAME: &'static str = "CreateRegistry";
    type Reply = LiveRegistry;
}

/// Describes a registry anew: <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateRegistry.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct UpdateRegistry<'a> {
    pub(in crate::aws) registry_id: RegistryId<'a>,
    pub(in crate::aws) description: &'a str,
}

impl Call for UpdateRegistry<'_> {
    type Of = Glue;
    const NAME: &'static str = "UpdateRegistry";
    type Reply = Nothing;
}

/// Begins to delete a registry with all its schemas: <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteRegistry.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct DeleteRegistry<'a> {
    pub(in crate::aws) registry_id: RegistryId<'a>,
}

impl Call for DeleteRegistry<'_> {
    type Of = Glue;
    const NAME: &'static str = "DeleteRegistry";
    type Reply = Nothing;
}

/// Asks for the schemas of a registry, without those that are being deleted:
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_ListSchemas.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct ListSchemas<'a> {
    pub(in crate::aws) registry_id: RegistryId<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) next_token: Option<String>,
}

impl Call for ListSchemas<'_> {
    type Of = Glue;
    const NAME: &'static str = "ListSchemas";
    type Reply = Listed;
}

/// A page of schemas.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Listed {
    pub(in crate::aws) schemas: Option<Vec<Named>>,
    pub(in crate::aws) next_token: Option<String>,
}

/// A schema in a list.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Named {
    pub(in crate::aws) schema_name: Option<String>,
}

/// Asks for a schema: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetSchema.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct GetSchema<'a> {
    pub(in crate::aws) schema_id: SchemaId<'a>,
}

impl Call for GetSchema<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetSchema";
    type Reply = LiveSchema;
}

/// A schema as it is, without its definition.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveSchema {
    pub(in crate::aws) registry_name: Option<String>,
    pub(in crate::aws) schema_name: Option<String>,
    pub(in crate::aws) description: Option<String>,
    pub(in crate::aws) data_format: Option<String>,
    pub(in crate::aws) compatibility: Option<String>,
    /// Of its versions that can be used; one that has failed does not count.
    pub(in crate::aws) latest_schema_version: Option<u64>,
    pub(in crate::aws) schema_status: Option<String>,
}

/// Asks for a version of a schema: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetSchemaVersion.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct GetSchemaVersion<'a> {
    pub(in crate::aws) schema_id: SchemaId<'a>,
    pub(in crate::aws) schema_version_number: Version,
}

impl Call for GetSchemaVersion<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetSchemaVersion";
    type Reply = LiveVersion;
}

/// A version of a schema; RegisterSchemaVersion tells all but the definition.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveVersion {
    pub(in crate::aws) schema_definition: Option<String>,
    pub(in crate::aws) version_number: Option<u64>,
    pub(in crate::aws) status: Option<String>,
}

/// Makes a schema with its first version; refused where there is one of the name:
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateSchema.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct CreateSchema<'a> {
    pub(in crate::aws) registry_id: RegistryId<'a>,
    pub(in crate::aws) schema_name: &'a str,
    pub(in crate::aws) data_format: &'a str,
    pub(in crate::aws) compatibility: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(in crate::aws) description: &'a str,
    pub(in crate::aws) tags: &'a Tags,
    pub(in crate::aws) schema_definition: &'a str,
}

impl Call for CreateSchema<'_> {
    type Of = Glue;
    const NAME: &'static str = "CreateSchema";
    type Reply = Created;
}

/// What CreateSchema says of the first version.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Created {
    pub(in crate::aws) latest_schema_version: Option<u64>,
    pub(in crate::aws) schema_version_status: Option<String>,
}

/// Adds a version to a schema; AWS answers with the version that has the definition already, where there is one:
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_RegisterSchemaVersion.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct RegisterSchemaVersion<'a> {
    pub(in crate::aws) schema_id: SchemaId<'a>,
    pub(in crate::aws) schema_definition: &'a str,
}

impl Call for RegisterSchemaVersion<'_> {
    type Of = Glue;
    const NAME: &'static str = "RegisterSchemaVersion";
    type Reply = LiveVersion;
}

/// Changes what is said of a schema; with a compatibility it asks for the version from which on that counts:
/// <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateSchema.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct UpdateSchema<'a> {
    pub(in crate::aws) schema_id: SchemaId<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) schema_version_number: Option<Version>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) compatibility: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) description: Option<&'a str>,
}

impl Call for UpdateSchema<'_> {
    type Of = Glue;
    const NAME: &'static str = "UpdateSchema";
    type Reply = Nothing;
}

/// Begins to delete a schema with all its versions: <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteSchema.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct DeleteSchema<'a> {
    pub(in crate::aws) schema_id: SchemaId<'a>,
}

impl Call for DeleteSchema<'_> {
    type Of = Glue;
    const NAME: &'static str = "DeleteSchema";
    type Reply = Nothing;
}

/// A registry, one that is being deleted among them; `None` where there is none.
pub(in crate::aws) async fn look(client: &Caller<Glue>, registry_name: &str) -> Result<Option<LiveRegistry>> {
    let call = GetRegistry { registry_id: RegistryId { registry_name } };
    absent_is_none(client.call(&call).await.map_err(failed("glue GetRegistry")))
}

/// A registry; `None` where there is none, or soon none.
pub(in crate::aws) async fn get(aws: &Aws, name: &str) -> Result<Option<LiveRegistry>> {
    let found = look(&aws.client(Caller::<Glue>::new).await, name).await?;
    Ok(found.filter(|live| live.status.as_deref() != Some(DELETING)))
}

/// How long AWS may take to delete a registry or a schema; no document says.
const LIMIT: Duration = Duration::from_mins(10);

/// Makes `what`, `registry events`; where AWS is still deleting what has its name, once that is gone, as `waits` tells. `status` is
/// what AWS says of that, and nothing of what is not there.
pub(in crate::aws) async fn made<T, M, S>(
    what: &str,
    make: impl Fn() -> M + Send,
    status: impl Fn() -> S + Send + Sync,
    waits: impl FnOnce() + Send,
) -> Result<T>
where
    M: Future<Output = Result<T>> + Send,
    S: Future<Output = Result<Option<String>>> + Send,
    T: Send,
{
    match make().await {
        // Nobody knows by which of these AWS refuses the name of one that it is still deleting.
        Err(error) if matches!(error.class, Class::InUse | Class::Invalid | Class::Conflict) => {
            if status().await?.is_some_and(|status| status != DELETING) {
                return Err(error);
            }
            waits();
            gone(what, status).await?;
            make().await
        }
        reply => reply,
    }
}

/// Waits until AWS has deleted `what`.
pub(in crate::aws) async fn gone<S>(what: &str, status: impl Fn() -> S + Send + Sync) -> Result<()>
where
    S: Future<Output = Result<Option<String>>> + Send,
{
    let look = || {
        let status = status();
        async { Ok(status.await?.is_none().then_some(())) }
    };
    wait::until(&format!("glue {what} to be gone"), LIMIT, look).await
}

/// The names of the schemas in a registry.
pub(in crate::aws) async fn schemas(client: &Caller<Glue>, registry_name: &str) -> Result<Vec<String>> {
    let (mut names, mut next_token) = (Vec::new(), None);
    loop {
        let call = ListSchemas { registry_id: RegistryId { registry_name }, next_token };
        let page = client.call(&call).await.map_err(failed("glue ListSchemas"))?;
        names.extend(page.schemas.into_iter().flatten().filter_map(|schema| schema.schema_name));
        next_token = page.next_token.filter(|token| !token.is_empty());
        if next_token.is_none() {
            return Ok(names);
        }
    }
}

/// `the schemas a, b and 3 more`.
pub(in crate::aws) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("the {} {shown}{more}", if names.len() == 1 { "schema" } else { "schemas" })
}
