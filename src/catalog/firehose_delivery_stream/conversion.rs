//! What records are converted to before they are written.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What records are converted to, and whose columns say how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Conversion {
    /// `parquet` or `orc`.
    pub(crate) to: String,
    /// How the columns are compressed: `UNCOMPRESSED`, `GZIP` or `SNAPPY` of Parquet, `NONE`, `ZLIB` or `SNAPPY` of ORC.
    #[serde(default = "snappy")]
    pub(crate) compression: String,
    /// How records are read: `openx` or `hive`.
    #[serde(default = "openx")]
    pub(crate) from: String,
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

pub(crate) fn openx() -> String {
    "openx".to_owned()
}

pub(crate) fn latest() -> String {
    "LATEST".to_owned()
}

impl Conversion {
    /// `parquet by the table clicks of lake`.
    pub(crate) fn words(&self) -> String {
        format!("{} by the table {} of {}", self.to, self.table, self.database)
    }
}
