//! Saved queries as Athena's calls write them.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::aws::athena::Athena;
use crate::aws::slim::{Call, Nothing};
use crate::catalog::athena_named_query::Spec;

/// Asks for the ids of the queries that are saved in a workgroup:
/// <https://docs.aws.amazon.com/athena/latest/APIReference/API_ListNamedQueries.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListNamedQueries<'a> {
    pub(super) work_group: &'a str,
    pub(super) max_results: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_token: Option<&'a str>,
}

impl Call for ListNamedQueries<'_> {
    type Of = Athena;
    const NAME: &'static str = "ListNamedQueries";
    type Reply = Listed;
}

/// What ListNamedQueries says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Listed {
    pub(super) named_query_ids: Option<Vec<String>>,
    pub(super) next_token: Option<String>,
}

/// Asks for saved queries: <https://docs.aws.amazon.com/athena/latest/APIReference/API_BatchGetNamedQuery.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BatchGetNamedQuery<'a> {
    pub(super) named_query_ids: &'a [String],
}

impl Call for BatchGetNamedQuery<'_> {
    type Of = Athena;
    const NAME: &'static str = "BatchGetNamedQuery";
    type Reply = Got;
}

/// What BatchGetNamedQuery says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Got {
    pub(super) named_queries: Option<Vec<Saved>>,
    pub(super) unprocessed_named_query_ids: Option<Vec<Unprocessed>>,
}

/// A saved query.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws::kinds) struct Saved {
    #[serde(rename = "NamedQueryId")]
    pub(super) id: String,
    pub(in crate::aws::kinds) name: String,
    description: Option<String>,
    database: String,
    query_string: String,
}

impl Saved {
    pub(super) fn into_spec(self, workgroup: &str) -> (Spec, String) {
        let spec = Spec {
            workgroup: workgroup.to_owned(),
            name: self.name,
            description: self.description.unwrap_or_default(),
            database: self.database,
            query: self.query_string,
        };
        (spec, self.id)
    }
}

/// A query that could not be shown, and why.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Unprocessed {
    #[serde(rename = "ErrorCode")]
    pub(super) code: String,
    #[serde(rename = "ErrorMessage")]
    pub(super) message: String,
}

/// Saves a query: <https://docs.aws.amazon.com/athena/latest/APIReference/API_CreateNamedQuery.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateNamedQuery<'a> {
    pub(super) work_group: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    database: &'a str,
    query_string: &'a str,
    /// AWS answers to a second call with the same token as to the first, and saves nothing.
    pub(super) client_request_token: String,
}

impl Call for CreateNamedQuery<'_> {
    type Of = Athena;
    const NAME: &'static str = "CreateNamedQuery";
    type Reply = Created;
}

impl<'a> CreateNamedQuery<'a> {
    /// `remembered` are ids that AWS gave out for the same before, and under which there is nothing.
    pub(super) fn of(want: &'a Spec, remembered: &[String]) -> Self {
        let Spec { workgroup, name, description, database, query } = want;
        let content = [workgroup, name, description, database, query].into_iter().chain(remembered);
        let mut token = Sha256::new();
        for text in content {
            // With its length, so that no two contents come to one text.
            token.update((text.len() as u64).to_be_bytes());
            token.update(text);
        }
        let client_request_token = hex::encode(token.finalize());
        Self { work_group: workgroup, name, description, database, query_string: query, client_request_token }
    }
}

/// What CreateNamedQuery says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Created {
    pub(super) named_query_id: Option<String>,
}

/// Deletes a saved query: <https://docs.aws.amazon.com/athena/latest/APIReference/API_DeleteNamedQuery.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteNamedQuery<'a> {
    pub(super) named_query_id: &'a str,
}

impl Call for DeleteNamedQuery<'_> {
    type Of = Athena;
    const NAME: &'static str = "DeleteNamedQuery";
    type Reply = Nothing;
}
