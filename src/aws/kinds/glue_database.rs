//! Databases of Glue's Data Catalog.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::unmodelled::glue::shown_of_database;
use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::glue::{self, Glue};
use crate::aws::slim::{Call, Caller, Nothing};
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::glue_database::{Database, Outputs, Spec};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags::Tags;

const GET: &str = "glue GetDatabase";

/// The marks that say whose a table is, as the tags of its database do.
const MARKS: [&str; 2] = ["pipectl:project", "pipectl:env"];

/// Asks for a database: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetDatabase.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetDatabase<'a> {
    name: &'a str,
}

impl Call for GetDatabase<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetDatabase";
    type Reply = Got;
}

/// What GetDatabase says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Got {
    database: Option<Live>,
}

/// A database as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Live {
    name: Option<String>,
    description: Option<String>,
    location_uri: Option<String>,
    parameters: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    pub(super) kept: Kept,
}

/// What no attribute says of a database, and UpdateDatabase would reset: it is handed on as it was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Kept {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) create_table_default_permissions: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) target_database: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) federated_database: Option<Value>,
}

/// A database as it shall be.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DatabaseInput<'a> {
    name: &'a str,
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location_uri: Option<&'a str>,
    parameters: &'a BTreeMap<String, String>,
    #[serde(flatten)]
    kept: Kept,
}

/// Makes a database: <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateDatabase.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct CreateDatabase<'a> {
    database_input: DatabaseInput<'a>,
    #[serde(skip_serializing_if = "Tags::is_empty")]
    tags: &'a Tags,
}

impl Call for CreateDatabase<'_> {
    type Of = Glue;
    const NAME: &'static str = "CreateDatabase";
    type Reply = Nothing;
}

/// Overwrites a database: <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateDatabase.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct UpdateDatabase<'a> {
    name: &'a str,
    database_input: DatabaseInput<'a>,
}

impl Call for UpdateDatabase<'_> {
    type Of = Glue;
    const NAME: &'static str = "UpdateDatabase";
    type Reply = Nothing;
}

/// Deletes a database and its tables: <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteDatabase.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DeleteDatabase<'a> {
    name: &'a str,
}

impl Call for DeleteDatabase<'_> {
    type Of = Glue;
    const NAME: &'static str = "DeleteDatabase";
    type Reply = Nothing;
}

/// Asks for the tables of a database: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetTables.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct GetTables<'a> {
    database_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Call for GetTables<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetTables";
    type Reply = Tables;
}

/// A page of tables.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Tables {
    table_list: Vec<Table>,
    next_token: Option<String>,
}

/// A table, as far as it matters to its database.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Table {
    name: Option<String>,
    parameters: Option<BTreeMap<String, String>>,
}

impl Calls for Database {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let arn = arn(aws, key).await?;
        let (live, tags) = tokio::join!(get(aws, key), glue::read_tags(aws, &arn));
        let Some(live) = live? else { return Ok(None) };
        // Deleted between the two calls: as good as absent.
        let Some(tags) = absent_is_none(tags)? else { return Ok(None) };
        let unmodelled = shown_of_database(&live);
        let spec = Spec {
            name: present(GET, "name", live.name)?,
            description: live.description.unwrap_or_default(),
            location: live.location_uri.filter(|location| !location.is_empty()),
            parameters: live.parameters.unwrap_or_default(),
            tags,
        };
        Ok(Some((spec, Outputs { arn }, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Caller::<Glue>::new).await;
        let call = CreateDatabase { database_input: input(want, Kept::default()), tags: &want.tags };
        client.call(&call).await.map_err(failed("glue CreateDatabase"))?;
        // The account's settings may give tables of it permissions of their own, which only a look shows.
        Ok(None)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let said = |spec: &Spec| Spec { tags: Tags::new(), ..spec.clone() };
        if said(now) != said(want) {
            let live = get(aws, &want.name).await?;
            let live = present(GET, "database", live)?;
            let client = aws.client(Caller::<Glue>::new).await;
            let call = UpdateDatabase { name: &want.name, database_input: input(want, live.kept) };
            client.call(&call).await.map_err(failed("glue UpdateDatabase"))?;
        }
        if now.tags != want.tags {
            glue::set_tags(aws, &arn(aws, &want.name).await?, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    /// Glue would delete its tables with it, whoever made them; those of the environment are deleted before.
    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let Some(tables) = absent_is_none(tables(aws, key).await)? else { return Ok(()) };
        if !tables.is_empty() {
            let names: Vec<String> = tables.into_iter().map(|table| table.name.unwrap_or_default()).collect();
            let message = format!("the database still has {}, which would be forgotten with it", listed(&names));
            return Err(CallError::own(Class::InUse, "glue DeleteDatabase", message));
        }
        let client = aws.client(Caller::<Glue>::new).await;
        absent_is_done(client.call(&DeleteDatabase { name: key }).await.map_err(failed("glue DeleteDatabase")))
    }
}

/// The tables of a database that do not bear its own marks of an environment, in words; none where all do.
///
/// # Errors
/// When Glue does not say.
pub(super) async fn others(aws: &Aws, now: &Spec) -> Result<Option<String>> {
    let own = |mark: &&str| now.tags.get(*mark);
    let ours = |table: &Table| {
        let says = |mark: &&str| table.parameters.as_ref().and_then(|all| all.get(*mark));
        MARKS.iter().all(|mark| own(mark).is_some() && own(mark) == says(mark))
    };
    let tables = tables(aws, &now.name).await?.into_iter().filter(|table| !ours(table));
    let names: Vec<String> = tables.map(|table| table.name.unwrap_or_default()).collect();
    Ok((!names.is_empty()).then(|| listed(&names)))
}

/// `the tables a, b and 3 more`.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("the {} {shown}{more}", if names.len() == 1 { "table" } else { "tables" })
}

pub(super) async fn get(aws: &Aws, name: &str) -> Result<Option<Live>> {
    let client = aws.client(Caller::<Glue>::new).await;
    let reply = absent_is_none(client.call(&GetDatabase { name }).await.map_err(failed(GET)))?;
    reply.map(|reply| present(GET, "database", reply.database)).transpose()
}

async fn tables(aws: &Aws, database_name: &str) -> Result<Vec<Table>> {
    let client = aws.client(Caller::<Glue>::new).await;
    let (mut all, mut next_token) = (Vec::new(), None);
    loop {
        let page = client.call(&GetTables { database_name, next_token }).await.map_err(failed("glue GetTables"))?;
        all.extend(page.table_list);
        next_token = page.next_token.filter(|token| !token.is_empty());
        if next_token.is_none() {
            return Ok(all);
        }
    }
}

fn input(want: &Spec, kept: Kept) -> DatabaseInput<'_> {
    let Spec { name, description, location, parameters, tags: _ } = want;
    DatabaseInput { name, description, location_uri: location.as_deref(), parameters, kept }
}

async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("glue", &format!("database/{name}")))
}

#[cfg(test)]
mod tests;
