//! What records are converted to before they are written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What records are converted to, and whose columns say how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conversion {
    /// Whether to ORC instead of Parquet.
    #[serde(default)]
    pub(crate) orc: bool,
    /// How the columns are compressed: `UNCOMPRESSED`, `GZIP` or `SNAPPY` of Parquet, `NONE`, `ZLIB` or `SNAPPY` of ORC.
    #[serde(default = "snappy")]
    pub(crate) compression: String,
    /// Whether records are read as Hive reads JSON, instead of OpenX's reader.
    #[serde(default)]
    pub(crate) hive: bool,
    /// The database of Glue's that the table is in.
    pub(crate) database: String,
    /// The table whose columns say what the records hold.
    pub(crate) table: String,
    /// Which version of it; `LATEST` follows its changes.
    #[serde(default = "latest")]
    pub(crate) version: String,
    /// The region of the catalog.
    pub(crate) region: String,
    /// ARN of the role that reads the table.
    pub(crate) role_arn: String,
}

pub(crate) fn snappy() -> String {
    "SNAPPY".to_owned()
}

pub(crate) fn latest() -> String {
    "LATEST".to_owned()
}

impl Conversion {
    /// `parquet by the table clicks of lake`.
    pub(crate) fn words(&self) -> String {
        let to = if self.orc { "orc" } else { "parquet" };
        format!("{to} by the table {} of {}", self.table, self.database)
    }
}
