//! The calls about tables, in Glue's words.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::aws::glue::Glue;
use crate::aws::glue::indexes::PartitionIndex;
use crate::aws::slim::{Call, Nothing};

/// Asks for a table: <https://docs.aws.amazon.com/glue/latest/webapi/API_GetTable.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct GetTable<'a> {
    pub(in crate::aws) database_name: &'a str,
    pub(in crate::aws) name: &'a str,
}

impl Call for GetTable<'_> {
    type Of = Glue;
    const NAME: &'static str = "GetTable";
    type Reply = Got;
}

/// What GetTable says.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Got {
    pub(in crate::aws) table: Option<Live>,
}

/// A table as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Live {
    pub(in crate::aws) name: Option<String>,
    pub(in crate::aws) description: Option<String>,
    pub(in crate::aws) table_type: Option<String>,
    pub(in crate::aws) parameters: Option<BTreeMap<String, String>>,
    pub(in crate::aws) partition_keys: Option<Vec<Column>>,
    pub(in crate::aws) storage_descriptor: Option<Descriptor>,
    pub(in crate::aws) version_id: Option<String>,
    /// Whether Lake Formation decides who may read it.
    pub(in crate::aws) is_registered_with_lake_formation: Option<bool>,
    #[serde(flatten)]
    pub(in crate::aws) kept: Kept,
}

/// Whether there is nothing to hand on: AWS takes no empty text for it.
#[expect(clippy::ref_option, reason = "serde hands it on so")]
fn unset(value: &Option<Value>) -> bool {
    value.as_ref().is_none_or(|value| value == "")
}

/// What no attribute says of a table, and UpdateTable would reset: it is handed on as it was.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Kept {
    #[serde(skip_serializing_if = "unset")]
    owner: Option<Value>,
    #[serde(skip_serializing_if = "unset")]
    last_access_time: Option<Value>,
    #[serde(skip_serializing_if = "unset")]
    last_analyzed_time: Option<Value>,
    #[serde(skip_serializing_if = "unset")]
    retention: Option<Value>,
    #[serde(skip_serializing_if = "unset")]
    pub(in crate::aws) view_original_text: Option<Value>,
    #[serde(skip_serializing_if = "unset")]
    view_expanded_text: Option<Value>,
    #[serde(skip_serializing_if = "unset")]
    pub(in crate::aws) target_table: Option<Value>,
}

/// How a table is stored.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Descriptor {
    pub(in crate::aws) columns: Option<Vec<Column>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) location: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) input_format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) output_format: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(rename = "SerdeInfo")]
    pub(in crate::aws) serde_info: Option<SerDeInfo>,
    #[serde(flatten)]
    pub(in crate::aws) kept: KeptOfStorage,
}

/// The same of how it is stored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct KeptOfStorage {
    #[serde(skip_serializing_if = "unset")]
    pub(in crate::aws) additional_locations: Option<Value>,
    #[serde(skip_serializing_if = "unset")]
    compressed: Option<Value>,
    #[serde(skip_serializing_if = "unset")]
    number_of_buckets: Option<Value>,
    #[serde(skip_serializing_if = "unset")]
    pub(in crate::aws) bucket_columns: Option<Value>,
    #[serde(skip_serializing_if = "unset")]
    pub(in crate::aws) sort_columns: Option<Value>,
    #[serde(skip_serializing_if = "unset")]
    parameters: Option<Value>,
    #[serde(skip_serializing_if = "unset")]
    pub(in crate::aws) skewed_info: Option<Value>,
    #[serde(skip_serializing_if = "unset")]
    stored_as_sub_directories: Option<Value>,
    #[serde(skip_serializing_if = "unset")]
    pub(in crate::aws) schema_reference: Option<Value>,
}

/// What makes rows of files.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct SerDeInfo {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) serialization_library: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) parameters: Option<BTreeMap<String, String>>,
}

impl SerDeInfo {
    pub(in crate::aws) fn new(library: &str, parameters: &BTreeMap<String, String>, name: Option<String>) -> Self {
        let parameters = (!parameters.is_empty()).then(|| parameters.clone());
        Self { name, serialization_library: Some(library.to_owned()), parameters }
    }
}

/// A column.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(in crate::aws) struct Column {
    pub(in crate::aws) name: String,
    #[serde(rename = "Type", skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) comment: Option<String>,
    /// What others note of it; handed on as it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) parameters: Option<Value>,
}

impl Column {
    pub(in crate::aws) fn new(name: &str, kind: &str, comment: &str, parameters: Option<Value>) -> Self {
        let comment = (!comment.is_empty()).then(|| comment.to_owned());
        Self { name: name.to_owned(), kind: Some(kind.to_owned()), comment, parameters }
    }
}

/// A table as it shall be.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct TableInput<'a> {
    pub(in crate::aws) name: &'a str,
    pub(in crate::aws) description: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(in crate::aws) table_type: &'a str,
    pub(in crate::aws) parameters: BTreeMap<String, String>,
    /// Also where there are none: Athena refuses a table without the word.
    pub(in crate::aws) partition_keys: Vec<Column>,
    pub(in crate::aws) storage_descriptor: Descriptor,
    #[serde(flatten)]
    pub(in crate::aws) kept: Kept,
}

/// Makes a table: <https://docs.aws.amazon.com/glue/latest/webapi/API_CreateTable.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct CreateTable<'a> {
    pub(in crate::aws) database_name: &'a str,
    pub(in crate::aws) table_input: TableInput<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::aws) partition_indexes: Vec<PartitionIndex<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) open_table_format_input: Option<Iceberg>,
}

impl Call for CreateTable<'_> {
    type Of = Glue;
    const NAME: &'static str = "CreateTable";
    type Reply = Nothing;
}

/// That Glue shall write the first metadata of Iceberg's.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct Iceberg {
    iceberg_input: IcebergInput,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct IcebergInput {
    metadata_operation: &'static str,
    version: &'static str,
}

impl Iceberg {
    /// Of the second version of the format, which Athena writes.
    pub(in crate::aws) fn create() -> Self {
        Self { iceberg_input: IcebergInput { metadata_operation: "CREATE", version: "2" } }
    }
}

/// Overwrites a table: <https://docs.aws.amazon.com/glue/latest/webapi/API_UpdateTable.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct UpdateTable<'a> {
    pub(in crate::aws) database_name: &'a str,
    pub(in crate::aws) table_input: TableInput<'a>,
    /// The version that was read: Glue refuses where there is a newer one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::aws) version_id: Option<String>,
}

impl Call for UpdateTable<'_> {
    type Of = Glue;
    const NAME: &'static str = "UpdateTable";
    type Reply = Nothing;
}

/// Deletes a table: <https://docs.aws.amazon.com/glue/latest/webapi/API_DeleteTable.html>.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(in crate::aws) struct DeleteTable<'a> {
    pub(in crate::aws) database_name: &'a str,
    pub(in crate::aws) name: &'a str,
}

impl Call for DeleteTable<'_> {
    type Of = Glue;
    const NAME: &'static str = "DeleteTable";
    type Reply = Nothing;
}
