//! The calls about partition indexes of a table, in Glue's words.

use serde::{Deserialize, Serialize};

use crate::aws::glue::Glue;
use crate::aws::slim::{Call, Nothing};

/// Lists the indexes of a table: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitionIndexes.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct GetPartitionIndexes<'a> {
    pub(in crate::aws) database_name: &'a str,
    pub(in crate::aws) table_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) next_token: Option<String>,
}

impl Call for GetPartitionIndexes<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetPartitionIndexes";
    type Reply = Listed;
}

/// A page of indexes.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Listed {
    pub(in crate::aws) partition_index_descriptor_list: Vec<LiveIndex>,
    pub(in crate::aws) next_token: Option<String>,
}

/// An index as it is.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct LiveIndex {
    pub(in crate::aws) index_name: String,
    pub(in crate::aws) keys: Vec<Key>,
    pub(in crate::aws) index_status: String,
    pub(in crate::aws) backfill_errors: Option<Vec<BackfillError>>,
}

/// A partition key of an index.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Key {
    pub(in crate::aws) name: String,
}

/// Why partitions that are there already are not in an index.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct BackfillError {
    pub(in crate::aws) code: Option<String>,
    pub(in crate::aws) partitions: Option<Vec<Partition>>,
}

/// The values of a partition.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Partition {
    pub(in crate::aws) values: Vec<String>,
}

/// An index as it shall be.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct PartitionIndex<'a> {
    pub(in crate::aws) index_name: &'a str,
    pub(in crate::aws) keys: &'a [String],
}

/// Makes an index: <https://docs.aws.amazon.com/glue/latest/webapi/API_CreatePartitionIndex.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct CreatePartitionIndex<'a> {
    pub(in crate::aws) database_name: &'a str,
    pub(in crate::aws) table_name: &'a str,
    pub(in crate::aws) partition_index: PartitionIndex<'a>,
}

impl Call for CreatePartitionIndex<'_> {
    type Of = Glue;
    const NAME: &'static str = "CreatePartitionIndex";
    type Reply = Nothing;
}

/// Deletes an index: <https://docs.aws.amazon.com/glue/latest/webapi/API_DeletePartitionIndex.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_field_names, reason = "AWS's names")]
pub(in crate::aws) struct DeletePartitionIndex<'a> {
    pub(in crate::aws) database_name: &'a str,
    pub(in crate::aws) table_name: &'a str,
    pub(in crate::aws) index_name: &'a str,
}

impl Call for DeletePartitionIndex<'_> {
    type Of = Glue;
    const NAME: &'static str = "DeletePartitionIndex";
    type Reply = Nothing;
}
