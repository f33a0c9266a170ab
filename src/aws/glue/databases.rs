//! The calls about databases, in Glue's words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Glue;
use crate::aws::error::{absent_is_none, failed, present};
use crate::aws::slim::{Call, Caller, Nothing};
use crate::aws::{Aws, Result};
use crate::catalog::glue_database::Spec;
use crate::model::tags::Tags;

pub(in crate::aws) const GET: &str = "glue GetDatabase";

/// The marks that say whose a table is, as the tags of its database do.
const MARKS: [&str; 2] = ["pipectl:project", "pipectl:env"];

/// Asks for a database: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetDatabase.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct GetDatabase<'a> {
    pub(in crate::aws) name: &'a str,
}

impl Call for GetDatabase<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetDatabase";
    type Reply = Got;
}

/// What GetDatabase says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Got {
    pub(in crate::aws) database: Option<Live>,
}

/// A database as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Live {
    pub(in crate::aws) name: Option<String>,
    pub(in crate::aws) description: Option<String>,
    pub(in crate::aws) location_uri: Option<String>,
    pub(in crate::aws) parameters: Option<BTreeMap<String, String>>,
    #[serde(flatten)]
    pub(in crate::aws) kept: Kept,
}

/// What no attribute says of a database, and UpdateDatabase would reset: it is handed on as it was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Kept {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) create_table_default_permissions: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) target_database: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) federated_database: Option<Value>,
}

/// A database as it shall be.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct DatabaseInput<'a> {
    pub(in crate::aws) name: &'a str,
    pub(in crate::aws) description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) location_uri: Option<&'a str>,
    pub(in crate::aws) parameters: &'a BTreeMap<String, String>,
    #[serde(flatten)]
    pub(in crate::aws) kept: Kept,
}

/// Makes a database: <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateDatabase.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct CreateDatabase<'a> {
    pub(in crate::aws) database_input: DatabaseInput<'a>,
    #[serde(skip_serializing_if = "Tags::is_empty")]
    pub(in crate::aws) tags: &'a Tags,
}

impl Call for CreateDatabase<'_> {
    type Of = Glue;
    const NAME: &'static str = "CreateDatabase";
    type Reply = Nothing;
}

/// Overwrites a database: <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateDatabase.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct UpdateDatabase<'a> {
    pub(in crate::aws) name: &'a str,
    pub(in crate::aws) database_input: DatabaseInput<'a>,
}

impl Call for UpdateDatabase<'_> {
    type Of = Glue;
    const NAME: &'static str = "UpdateDatabase";
    type Reply = Nothing;
}

/// Deletes a database and its tables: <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteDatabase.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct DeleteDatabase<'a> {
    pub(in crate::aws) name: &'a str,
}

impl Call for DeleteDatabase<'_> {
    type Of = Glue;
    const NAME: &'static str = "DeleteDatabase";
    type Reply = Nothing;
}

/// Asks for the tables of a database: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetTables.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct GetTables<'a> {
    pub(in crate::aws) database_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) next_token: Option<String>,
}

impl Call for GetTables<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetTables";
    type Reply = Tables;
}

/// A page of tables.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Tables {
    pub(in crate::aws) table_list: Vec<Table>,
    pub(in crate::aws) next_token: Option<String>,
}

/// A table, as far as it matters to its database.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Table {
    pub(in crate::aws) name: Option<String>,
    pub(in crate::aws) parameters: Option<BTreeMap<String, String>>,
}

/// The tables of a database that do not bear its own marks of an environment, in words; none where all do.
///
/// # Errors
/// When Glue does not say.
pub(in crate::aws) async fn others(aws: &Aws, now: &Spec) -> Result<Option<String>> {
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
pub(in crate::aws) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    let more = names.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("the {} {shown}{more}", if names.len() == 1 { "table" } else { "tables" })
}

pub(in crate::aws) async fn get(aws: &Aws, name: &str) -> Result<Option<Live>> {
    let client = aws.client(Caller::<Glue>::new).await;
    let reply = absent_is_none(client.call(&GetDatabase { name }).await.map_err(failed(GET)))?;
    reply.map(|reply| present(GET, "database", reply.database)).transpose()
}

pub(in crate::aws) async fn tables(aws: &Aws, database_name: &str) -> Result<Vec<Table>> {
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
