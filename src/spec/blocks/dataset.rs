//! `[dataset.<name>]`: a table of Glue's Data Catalog over a bucket's prefix.

mod check;
mod indexes;
mod projection;
mod writers;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bucket::Bucket;
use super::catalog::Catalog;
use crate::spec::check::{Block, Checks};
use crate::spec::external::Externals;
use crate::spec::metrics::Metrics;
use crate::spec::uses::{Access, Uses};
use crate::spec::{Ref, Spec};

pub use indexes::FILTERING;
pub use projection::{Projection, Unit, Values};

/// A table over what lies under a prefix of a bucket, so that Athena and Spark read it as rows. Deleting it deletes no data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Dataset {
    /// Name of the table; absent: the block's, with `_` for each `-`. 1–255 lower-case letters, digits and `_`.
    #[serde(default)]
    #[schemars(regex(pattern = "^[a-z0-9_]{1,255}$"))]
    pub name: Option<String>,
    /// The database that it is in.
    pub catalog: Ref<Catalog>,
    /// The bucket that its objects lie in.
    pub bucket: Ref<Bucket>,
    /// What the keys of its objects begin with; ends with `/`.
    #[schemars(length(min = 1, max = 512))]
    pub prefix: String,
    /// What its objects are. Between `iceberg` and the others there is no way but a new table.
    pub format: Format,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 2048))]
    pub description: String,
    /// Its columns, in order, without those that it is partitioned by.
    #[schemars(length(min = 1, max = 1000))]
    pub columns: Vec<Column>,
    /// What it is partitioned by, in order: folders below the prefix, whose names are values.
    #[serde(default)]
    #[schemars(length(max = 20))]
    pub partitions: Vec<Partition>,
    /// Indexes by which the catalog finds partitions where there are thousands, and which queries of Athena use: each a list of
    /// partitions' names, in the order in which queries pick by them.
    #[serde(default)]
    #[schemars(length(max = 3))]
    pub indexes: Vec<Vec<String>>,
    /// How the folders of partitions are called.
    #[serde(default)]
    pub folders: Folders,
    /// More properties of the table, by name: `skip.header.line.count` of CSV.
    #[serde(default)]
    pub properties: std::collections::BTreeMap<String, String>,
}

/// What the objects of a dataset are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A JSON document in each line.
    Json,
    /// Parquet.
    Parquet,
    /// ORC.
    Orc,
    /// Values between commas, a row in each line.
    Csv,
    /// Delta Lake: its log says which files count.
    Delta,
    /// Apache Iceberg: its metadata says which files count.
    Iceberg,
}

/// How the folders of partitions are called.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Folders {
    /// `day=2026-11-30/`, as Spark, Hive and `MSCK REPAIR TABLE` have them.
    #[default]
    Hive,
    /// `2026/11/30/`, as Firehose writes them unless told otherwise; only a `projection` finds them.
    Plain,
}

/// A column of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name: lower-case letters, digits and `_`.
    #[schemars(regex(pattern = "^[a-z0-9_]{1,255}$"))]
    pub name: String,
    /// Its type in Hive's words: `string`, `bigint`, `double`, `timestamp`, `decimal(10,2)`, `array<string>`,
    /// `struct<id:string,at:timestamp>` …
    #[serde(rename = "type")]
    #[schemars(length(min = 1, max = 131_072))]
    pub kind: String,
    /// What it holds.
    #[serde(default)]
    #[schemars(length(max = 255))]
    pub comment: String,
}

/// What a dataset is partitioned by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Partition {
    /// Its name: lower-case letters, digits and `_`.
    #[schemars(regex(pattern = "^[a-z0-9_]{1,255}$"))]
    pub name: String,
    /// Its type: `string`, `int`, `date` …
    #[serde(rename = "type", default = "string")]
    #[schemars(length(min = 1, max = 255))]
    pub kind: String,
    /// Which values there are, so that Athena works the folders out instead of looking them up. With it no crawler, job or
    /// `MSCK REPAIR TABLE` is needed; all partitions of a dataset have one, or none has.
    #[serde(default)]
    pub projection: Option<Projection>,
}

fn string() -> String {
    "string".to_owned()
}

impl Dataset {
    /// The dataset that a reference leads to; none where it leads to a block of another kind, or nowhere.
    pub fn of<'a, T>(reference: &Ref<T>, spec: &'a Spec) -> Option<&'a Self> {
        let (kind, name) = reference.parts();
        spec.blocks.dataset.own().get(name).filter(|_| kind == Self::KIND).map(|declared| &declared.block)
    }

    /// Whether Athena works its partitions out.
    pub fn is_projected(&self) -> bool {
        self.partitions.iter().any(|partition| partition.projection.is_some())
    }

    /// Whether its format says by itself which files and columns there are.
    pub fn keeps_its_own_log(&self) -> bool {
        match self.format {
            Format::Delta | Format::Iceberg => true,
            Format::Json | Format::Parquet | Format::Orc | Format::Csv => false,
        }
    }
}

impl Block for Dataset {
    const KIND: &'static str = "dataset";
    const METRICS: Metrics =
        Metrics::None("CloudWatch counts nothing of a table; the bucket and whoever writes it have metrics");
    const USES: Uses = Uses::For(&[Access::Read, Access::Write]);
    const EXTERNAL: Externals = Externals::Never(
        "what another team has in its catalog is read by a statement of the role's own, not by a block",
    );

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        self.name.clone().unwrap_or_else(|| Self::unnamed(&spec.project.name, &spec.env.name, block))
    }

    fn unnamed(_project: &str, _env: &str, block: &str) -> String {
        block.replace('-', "_")
    }

    fn check(&self, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        check::all(self, block, spec, checks);
    }
}
