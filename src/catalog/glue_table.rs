//! Tables of Glue's Data Catalog.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::Nothing;
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

/// A table of Glue's Data Catalog: how objects under a prefix of a bucket are read as rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// The database that it is in.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) database: String,
    /// Name, unique in its database: 1–255 characters; Glue folds it to lower case.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// What it is for, at most 2,048 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// Where its objects lie: `s3://bucket/prefix/`.
    pub(crate) location: String,
    /// `EXTERNAL_TABLE`, which Athena asks for; another as it is.
    #[serde(default = "external")]
    pub(crate) table_type: String,
    /// Whether it is a table of Iceberg's, whose metadata lies beside its data; decided when it is made.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default)]
    pub(crate) iceberg: bool,
    /// The class of Hadoop that reads its files; empty for Iceberg.
    #[serde(default)]
    pub(crate) input_format: String,
    /// The class of Hadoop that would write them; empty for Iceberg.
    #[serde(default)]
    pub(crate) output_format: String,
    /// What makes rows of files.
    #[serde(default)]
    pub(crate) serde: Option<SerDe>,
    /// Its columns, in order, without those that it is partitioned by.
    pub(crate) columns: Vec<Column>,
    /// What it is partitioned by, in order.
    #[serde(default)]
    pub(crate) partition_keys: Vec<Column>,
    /// Indexes that find its partitions, by name: names of partition keys, in order; at most three.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) indexes: BTreeMap<String, Vec<String>>,
    /// Properties, by name, without those that crawlers, jobs and queries keep for themselves.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, String>,
    /// Whose it is. Glue has no tags for tables: these are kept among its properties.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// What makes rows of files, and files of rows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SerDe {
    /// The class.
    pub(crate) library: String,
    /// Its settings, by name.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, String>,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Column {
    /// Its name.
    pub(crate) name: String,
    /// Its type, as in Hive: `bigint`, `struct<a:string>` …
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// What it holds.
    #[serde(default)]
    pub(crate) comment: String,
}

pub(crate) fn external() -> String {
    "EXTERNAL_TABLE".to_owned()
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the table.
    pub(crate) arn: String,
}

/// Tables of Glue's Data Catalog.
pub(crate) struct CatalogTable;

/// What marks of an owner begin with, among a table's properties.
pub(crate) const MARK: &str = "pipectl:";

/// Properties that crawlers, jobs, Athena and Iceberg keep in a table for themselves: they are no part of a spec, and an
/// update leaves them as they are.
const KEPT_BY_OTHERS: [&str; 27] = [
    "COLUMN_STATS_ACCURATE",
    "CRAWL_RUN_ID",
    "CrawlerSchemaDeserializerVersion",
    "CrawlerSchemaSerializerVersion",
    "EXTERNAL",
    "UPDATED_BY_CRAWLER",
    "averageRecordSize",
    "compressionType",
    "connectionName",
    "current-schema",
    "exclusions",
    "lastAccessTime",
    "last_modified_by",
    "last_modified_time",
    "metadata_location",
    "numFiles",
    "numRows",
    "objectCount",
    "partition_filtering.enabled",
    "previous_metadata_location",
    "rawDataSize",
    "recordCount",
    "sizeKey",
    "spark.sql.create.version",
    "totalSize",
    "transient_lastDdlTime",
    "typeOfData",
];

/// Whether somebody else than an environment keeps that property.
pub(crate) fn is_kept_by_others(name: &str) -> bool {
    KEPT_BY_OTHERS.contains(&name)
        || name.starts_with("spark.sql.sources.schema")
        || name.starts_with("spark.sql.partitionProvider")
}

/// What is done with a table is checked on the catalog and the database as well
/// (<https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html>).
const TABLE: On = On::Arns(&[
    "arn:{partition}:glue:{region}:{account}:catalog",
    "arn:{partition}:glue:{region}:{account}:database/{database}",
    "arn:{partition}:glue:{region}:{account}:table/{database}/{name}",
]);

const UPDATE: &[&str] = &["glue:UpdateTable"];

impl ResourceType for CatalogTable {
    const KIND: &'static str = "glue_table";
    const AWS_TYPE: &'static str = "AWS::Glue::Table";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["glue:GetPartitionIndexes", "glue:GetTable"], TABLE),
        Grant::apply(
            &[
                "glue:CreatePartitionIndex",
                "glue:CreateTable",
                "glue:DeletePartitionIndex",
                "glue:DeleteTable",
                "glue:UpdateTable",
            ],
            TABLE,
        ),
        // What a query reads of it (<https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html>).
        Grant::operate(&["glue:BatchGetPartition", "glue:GetPartition", "glue:GetPartitions"], TABLE),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[1],
        create: &["glue:CreateTable"],
        delete: &["glue:DeleteTable", "glue:BatchDeleteTable", "glue:DeleteDatabase"],
        update: &[
            Update::new("description", UPDATE),
            Update::new("location", UPDATE),
            Update::new("table_type", UPDATE),
            Update::new("input_format", UPDATE),
            Update::new("output_format", UPDATE),
            Update::new("serde", UPDATE),
            Update::new("columns", UPDATE),
            Update::new("partition_keys", UPDATE),
            Update::new("indexes", &["glue:CreatePartitionIndex", "glue:DeletePartitionIndex"]),
            Update::new("parameters", UPDATE),
            Update::new("tags", UPDATE),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[(
            Nothing,
            &[
                "database",
                "name",
                "description",
                "location",
                "table_type",
                "iceberg",
                "input_format",
                "output_format",
                "serde",
                "columns",
                "partition_keys",
                "indexes",
                "parameters",
                "tags",
            ],
        )],
    };
    const PRICE: Price = Price::None("Glue keeps a million objects of a catalog for nothing");
    const IMPORT: Import = Import::None("a table of Glue can say more than a `dataset` block");
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::None("CloudWatch counts nothing of a table");
    const EXAMPLES: &'static str = r#"
        [[needs]]
        kind = "glue_database"
        name = "conformance_tables"

        [first]
        database = "conformance_tables"
        name = "prices"
        description = "Price ticks"
        location = "s3://conformance-lake/prices/"
        input_format = "org.apache.hadoop.mapred.TextInputFormat"
        output_format = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
        serde = { library = "org.openx.data.jsonserde.JsonSerDe", parameters = { "ignore.malformed.json" = "true" } }
        columns = [{ name = "symbol", type = "string" }, { name = "price", type = "double", comment = "In euros" }]
        partition_keys = [{ name = "day", type = "string" }]
        parameters = { classification = "json" }
        tags = { "pipectl:project" = "acme", "pipectl:env" = "dev" }

        [second]
        database = "conformance_tables"
        name = "prices"
        location = "s3://conformance-lake/prices-2/"
        input_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
        output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
        serde = { library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe" }
        columns = [{ name = "price", type = "double" }, { name = "volume", type = "bigint" }]
        partition_keys = [{ name = "day", type = "string" }, { name = "hour", type = "int" }]
        parameters = { classification = "parquet", "projection.enabled" = "true" }
        tags = { "pipectl:project" = "acme", "pipectl:env" = "prod" }
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.database, spec.name)
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it keeps a description of data; the data is in a bucket")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows 200,000 of them in a database, far more than an environment has")
    }

    fn align(now: &mut Spec, want: &Spec) {
        now.parameters.retain(|name, _| !is_kept_by_others(name) || want.parameters.contains_key(name));
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        let here = |want: &&Spec| Self::key(want) == Self::key(now) && want.iceberg == now.iceberg;
        let Some(want) = want.filter(here) else {
            return vec![format!(
                "The table `{}` is forgotten with its partitions; the data under {} stays.",
                now.name, now.location
            )];
        };
        let mut warnings = Vec::new();
        if now.location != want.location {
            warnings.push(format!("What lies under {} is no longer read.", now.location));
        }
        if now.partition_keys != want.partition_keys {
            warnings.push("Partitions that are there already keep their values of the old keys.".to_owned());
        }
        for keys in now.indexes.values().filter(|keys| !want.indexes.values().any(|kept| kept == *keys)) {
            let keys = keys.join(", ");
            warnings.push(format!("Queries that pick partitions by {keys} take longer where there are many."));
        }
        if want.iceberg && now.columns != want.columns {
            warnings.push(
                "The columns of an Iceberg table stand in its metadata: `ALTER TABLE … ADD COLUMNS` in Athena changes \
                 them, and this changes what the catalog shows alone."
                    .to_owned(),
            );
        }
        warnings
    }
}
