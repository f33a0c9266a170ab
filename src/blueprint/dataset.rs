//! A dataset becomes a table of Glue's Data Catalog.

use std::collections::BTreeMap;

use serde_json::Value;

use super::bucket::{read_bucket, write_bucket};
use super::policy::allow;
use super::{Build, BuildContext, Resolved, resolved};
use crate::catalog::glue_table::{self, MARK, SerDe};
use crate::catalog::{self, Type};
use crate::model::scope::Scope;
use crate::spec::Block as _;
use crate::spec::Spec;
use crate::spec::blocks::dataset::{Column, Dataset, FILTERING, Folders, Format, Partition};
use crate::spec::uses::{Access, Use};

/// How objects of a format are read: the classes of Hadoop, the SerDe with its settings, and what the table is marked with
/// (<https://docs.aws.amazon.com/athena/latest/ug/supported-serdes.html>).
struct Recipe {
    input: &'static str,
    output: &'static str,
    serde: Option<(&'static str, &'static [(&'static str, &'static str)])>,
    marks: &'static [(&'static str, &'static str)],
}

const TEXT_INPUT: &str = "org.apache.hadoop.mapred.TextInputFormat";
const TEXT_OUTPUT: &str = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat";
const LAZY: &str = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe";

/// The actions by which partitions are entered.
const ENTER: [&str; 5] = [
    "glue:BatchCreatePartition",
    "glue:BatchUpdatePartition",
    "glue:CreatePartition",
    "glue:UpdatePartition",
    "glue:UpdateTable",
];

fn recipe(format: Format) -> Recipe {
    match format {
        Format::Json => Recipe {
            input: TEXT_INPUT,
            output: TEXT_OUTPUT,
            // One bad line would otherwise fail every query.
            serde: Some(("org.openx.data.jsonserde.JsonSerDe", &[("ignore.malformed.json", "true")])),
            marks: &[("classification", "json")],
        },
        Format::Parquet => Recipe {
            input: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat",
            output: "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
            serde: Some((
                "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
                &[("serialization.format", "1")],
            )),
            marks: &[("classification", "parquet")],
        },
        Format::Orc => Recipe {
            input: "org.apache.hadoop.hive.ql.io.orc.OrcInputFormat",
            output: "org.apache.hadoop.hive.ql.io.orc.OrcOutputFormat",
            serde: Some(("org.apache.hadoop.hive.ql.io.orc.OrcSerde", &[("serialization.format", "1")])),
            marks: &[("classification", "orc")],
        },
        Format::Csv => Recipe {
            input: TEXT_INPUT,
            output: TEXT_OUTPUT,
            serde: Some((LAZY, &[("field.delim", ","), ("serialization.format", ",")])),
            marks: &[("classification", "csv")],
        },
        // Athena reads what is marked so by its log, whatever the classes say.
        Format::Delta => Recipe {
            input: "org.apache.hadoop.mapred.SequenceFileInputFormat",
            output: "org.apache.hadoop.hive.ql.io.HiveSequenceFileOutputFormat",
            serde: Some((LAZY, &[("serialization.format", "1")])),
            marks: &[("classification", "delta"), ("spark.sql.sources.provider", "delta"), ("table_type", "DELTA")],
        },
        // Glue says the rest itself, as it writes the first metadata.
        Format::Iceberg => Recipe { input: "", output: "", serde: None, marks: &[] },
    }
}

impl Build for Dataset {
    const TYPE: Option<Type> = Some(Type::CatalogTable);

    fn build(&self, site: &mut BuildContext<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let database = site.resolve(&self.catalog).name;
        let location = format!("s3://{}/{}", site.resolve(&self.bucket).name, self.prefix);
        let recipe = recipe(self.format);
        let mut serde =
            recipe.serde.map(|(library, settings)| SerDe { library: library.to_owned(), parameters: texts(settings) });
        if let (Format::Delta, Some(serde)) = (self.format, &mut serde) {
            serde.parameters.insert("path".to_owned(), location.clone());
        }
        let mut parameters = texts(recipe.marks);
        parameters.extend(self.properties.clone());
        parameters.extend(self.projection(&location));
        if !self.indexes.is_empty() {
            parameters.insert(FILTERING.to_owned(), "true".to_owned());
        }
        let marks = site.tags(&BTreeMap::new()).into_iter().filter(|(name, _)| name.starts_with(MARK));
        let table = glue_table::Spec {
            database: database.clone(),
            name: name.clone(),
            description: self.description.clone(),
            location: location.clone(),
            table_type: glue_table::external(),
            iceberg: self.format == Format::Iceberg,
            input_format: recipe.input.to_owned(),
            output_format: recipe.output.to_owned(),
            serde,
            columns: self.columns.iter().map(column).collect(),
            partition_keys: self.partitions.iter().map(partition).collect(),
            indexes: self.indexes.iter().map(|keys| (Self::index_name(keys), keys.clone())).collect(),
            parameters,
            tags: marks.collect(),
        };
        site.add(table, [self.catalog.address(), self.bucket.address()]);
        site.flow(self.bucket.address(), crate::model::graph::What::Data, site.address.clone());
        site.output("name", name);
        site.output("database", database);
        site.output("location", location);
    }

    fn key(&self) -> Option<&str> {
        None
    }

    fn allow(own: Option<&Self>, used: &Resolved, asked: &Use, spec: &Spec, scope: &Scope) -> Vec<Value> {
        let Some(own) = own else { return Vec::new() };
        match asked.access {
            Access::Write => own.writing(&used.name, spec, scope),
            _ => own.reading(&used.name, spec, scope),
        }
    }
}

impl Dataset {
    /// The settings of Athena's partition projection; none where nothing is projected.
    fn projection(&self, location: &str) -> BTreeMap<String, String> {
        let mut settings = BTreeMap::new();
        if !self.is_projected() {
            return settings;
        }
        settings.insert("projection.enabled".to_owned(), "true".to_owned());
        for Partition { name, projection, .. } in &self.partitions {
            let Some(projection) = projection else { continue };
            let mut say = |what: &str, value: Option<String>| {
                if let Some(value) = value.filter(|value| !value.is_empty()) {
                    settings.insert(format!("projection.{name}.{what}"), value);
                }
            };
            say("type", Some(projection.values.word().to_owned()));
            say("range", Some(projection.range.join(",")));
            say("format", projection.format.clone());
            say("interval", projection.interval.map(|interval| interval.to_string()));
            say("interval.unit", projection.unit.map(|unit| unit.word().to_owned()));
            say("digits", projection.digits.map(|digits| digits.to_string()));
            say("values", Some(projection.list.join(",")));
        }
        if self.folders == Folders::Plain {
            let folders = self.partitions.iter().map(|partition| format!("${{{}}}/", partition.name));
            let folders = folders.collect::<Vec<_>>().concat();
            settings.insert("storage.location.template".to_owned(), format!("{location}{folders}"));
        }
        settings
    }

    /// What whoever reads its rows has to be allowed: its words in the catalog, and its objects. The ARNs of catalog and
    /// database belong to those of a table (<https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html>).
    pub(super) fn reading(&self, name: &str, spec: &Spec, scope: &Scope) -> Vec<Value> {
        let actions = [
            "glue:BatchGetPartition",
            "glue:GetDatabase",
            "glue:GetPartition",
            "glue:GetPartitions",
            "glue:GetTable",
            "glue:GetTableVersion",
            "glue:GetTableVersions",
            "glue:GetTables",
        ];
        let bucket = resolved::of(&self.bucket, spec, scope);
        let mut statements = vec![self.in_catalog(&actions, name, spec, scope)];
        statements.extend(read_bucket(&bucket, &self.prefix, spec, scope));
        statements
    }

    /// What whoever writes its rows has to be allowed besides.
    pub(super) fn writing(&self, name: &str, spec: &Spec, scope: &Scope) -> Vec<Value> {
        let bucket = resolved::of(&self.bucket, spec, scope);
        let mut statements = self.entering(name, spec, scope);
        statements.extend(write_bucket(&bucket, &self.prefix, scope));
        statements
    }

    /// What whoever enters its partitions has to be allowed: to see its objects, and to change its words in the catalog.
    pub(super) fn entering(&self, name: &str, spec: &Spec, scope: &Scope) -> Vec<Value> {
        let mut statements = self.reading(name, spec, scope);
        statements.push(self.in_catalog(&ENTER, name, spec, scope));
        statements
    }

    /// What Firehose has to be allowed to convert records by its columns.
    pub(super) fn schema(&self, name: &str, spec: &Spec, scope: &Scope) -> Value {
        self.in_catalog(&["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"], name, spec, scope)
    }

    /// Allows actions on its table.
    fn in_catalog(&self, actions: &[&str], name: &str, spec: &Spec, scope: &Scope) -> Value {
        on_tables(actions, &resolved::of(&self.catalog, spec, scope).name, name, scope)
    }
}

/// Allows actions on tables of a database by a pattern of their names, with the catalog and the database that are asked about as
/// well (<https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html>).
pub(super) fn on_tables(actions: &[&str], database: &str, tables: &str, scope: &Scope) -> Value {
    let all = ["catalog".to_owned(), format!("database/{database}"), format!("table/{database}/{tables}")];
    let mut statement = allow(actions, "");
    statement["Resource"] = all.iter().map(|resource| scope.arn("glue", resource)).collect();
    statement
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn column(column: &Column) -> catalog::glue_table::Column {
    let Column { name, kind, comment } = column.clone();
    catalog::glue_table::Column { name, kind, comment }
}

fn partition(partition: &Partition) -> catalog::glue_table::Column {
    let Partition { name, kind, projection: _ } = partition.clone();
    catalog::glue_table::Column { name, kind, comment: String::new() }
}
