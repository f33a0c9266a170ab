//! Prepared statements as Athena's calls write them.

use serde::{Deserialize, Serialize};

use crate::aws::athena::Athena;
use crate::aws::slim::{Call, Nothing};
use crate::catalog::athena_prepared_statement::Spec;

/// Asks for a prepared statement: <https://docs.aws.amazon.com/athena/latest/APIReference/API_GetPreparedStatement.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws::kinds) struct GetPreparedStatement<'a> {
    pub(in crate::aws::kinds) work_group: &'a str,
    pub(in crate::aws::kinds) statement_name: &'a str,
}

impl Call for GetPreparedStatement<'_> {
    type Of = Athena;
    const NAME: &'static str = "GetPreparedStatement";
    type Reply = Got;
}

/// What GetPreparedStatement says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct Got {
    pub(in crate::aws::kinds) prepared_statement: Option<Live>,
}

/// A live prepared statement.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct Live {
    pub(in crate::aws::kinds) statement_name: Option<String>,
    pub(in crate::aws::kinds) query_statement: Option<String>,
    pub(in crate::aws::kinds) description: Option<String>,
}

/// Asks for the names of the statements of a workgroup:
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListPreparedStatements.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws::kinds) struct ListPreparedStatements<'a> {
    pub(in crate::aws::kinds) work_group: &'a str,
    pub(in crate::aws::kinds) max_results: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws::kinds) next_token: Option<&'a str>,
}

impl Call for ListPreparedStatements<'_> {
    type Of = Athena;
    const NAME: &'static str = "ListPreparedStatements";
    type Reply = Listed;
}

/// What ListPreparedStatements says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct Listed {
    pub(in crate::aws::kinds) prepared_statements: Option<Vec<Live>>,
    pub(in crate::aws::kinds) next_token: Option<String>,
}

/// A statement as it shall be, all of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws::kinds) struct Definition<'a> {
    work_group: &'a str,
    statement_name: &'a str,
    query_statement: &'a str,
    /// AWS takes no empty one.
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
}

impl<'a> Definition<'a> {
    /// That of a statement as it is wanted.
    pub(in crate::aws::kinds) fn of(want: &'a Spec) -> Self {
        let Spec { workgroup, name, description, query } = want;
        Self { work_group: workgroup, statement_name: name, query_statement: query, description }
    }
}

/// Makes a statement: <https://docs.aws.amazon.com/athena/latest/APIReference/API_CreatePreparedStatement.html>.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(in crate::aws::kinds) struct CreatePreparedStatement<'a>(pub(in crate::aws::kinds) Definition<'a>);

impl Call for CreatePreparedStatement<'_> {
    type Of = Athena;
    const NAME: &'static str = "CreatePreparedStatement";
    type Reply = Nothing;
}

/// Changes a statement: <https://docs.aws.amazon.com/athena/latest/APIReference/API_UpdatePreparedStatement.html>.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(in crate::aws::kinds) struct UpdatePreparedStatement<'a>(pub(in crate::aws::kinds) Definition<'a>);

impl Call for UpdatePreparedStatement<'_> {
    type Of = Athena;
    const NAME: &'static str = "UpdatePreparedStatement";
    type Reply = Nothing;
}

/// Deletes a statement: <https://docs.aws.amazon.com/athena/latest/APIReference/API_DeletePreparedStatement.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws::kinds) struct DeletePreparedStatement<'a> {
    pub(in crate::aws::kinds) work_group: &'a str,
    pub(in crate::aws::kinds) statement_name: &'a str,
}

impl Call for DeletePreparedStatement<'_> {
    type Of = Athena;
    const NAME: &'static str = "DeletePreparedStatement";
    type Reply = Nothing;
}
