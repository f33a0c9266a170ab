//! Tables of Glue's Data Catalog.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Exported, Parts, Stays, Target, TerraformKeys, Typed, attribute, filled, joined_by};
use crate::catalog::Type;
use crate::catalog::glue_table::{CatalogTable, Column, SerDe, Spec};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Fields, Term, block, blocks, fields};
use crate::model::scope::Scope;

/// The resource type in Terraform of an index.
const INDEX: &str = "aws_glue_partition_index";

impl Exported for CatalogTable {
    const TERRAFORM_TYPE: &'static str = "aws_glue_catalog_table";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[
        ("aws_glue_catalog_table", |it| joined_by(it, &["database_name", "name"])),
        (INDEX, |it| joined_by(it, &["database_name", "table_name"])),
    ];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[Stays {
        attribute: attribute!(Spec.indexes),
        target: Target::CloudFormation,
        reason: "AWS::Glue::Table has no property for them, and no other type has",
    }];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("glue", &format!("table/{}/{}", spec.database, spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { database, name, description, location, table_type, iceberg, .. } = it.spec;
        let Spec { input_format, output_format, serde, columns, partition_keys, .. } = it.spec;
        let Spec { indexes, parameters: _, tags: _, .. } = it.spec;
        let stored = block([
            ("location", location.into()),
            ("input_format", filled(input_format).into()),
            ("output_format", filled(output_format).into()),
            ("ser_de_info", serde.as_ref().map_or_else(Term::none, ser_de)),
            ("columns", blocks(columns.iter().map(column))),
        ]);
        let iceberg = if *iceberg {
            block([("iceberg_input", block([("metadata_operation", "CREATE".into()), ("version", "2".into())]))])
        } else {
            Term::none()
        };
        let table = fields([
            ("name", name.into()),
            ("database_name", Term::named(Type::Database, database)),
            ("description", filled(description).into()),
            ("table_type", filled(table_type).into()),
            ("parameters", filled(properties_of(it.spec)).into()),
            ("open_table_format_input", iceberg),
            ("partition_keys", blocks(partition_keys.iter().map(column))),
            ("storage_descriptor", stored),
        ]);
        let id = format!("{}:{database}:{name}", it.estate.scope.account);
        let index = |(index_name, keys): (&String, &Vec<String>)| {
            let index = fields([
                ("database_name", Term::named(Type::Database, database)),
                ("table_name", Term::named(Type::CatalogTable, name)),
                ("partition_index", block([("index_name", index_name.into()), ("keys", keys.into())])),
            ]);
            terraform::Part::new(INDEX, &format!("{id}:{index_name}"), index).under(index_name)
        };
        let table = terraform::Part::new("aws_glue_catalog_table", &id, table);
        Ok(std::iter::once(table).chain(indexes.iter().map(index)).collect())
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { database, name, description, location, table_type, iceberg, .. } = it.spec;
        let Spec { input_format, output_format, serde, columns, partition_keys, .. } = it.spec;
        // Indexes stay behind.
        let Spec { indexes: _, parameters: _, tags: _, .. } = it.spec;
        let list = |columns: &[Column]| columns.iter().map(listed).collect::<Value>();
        let stored = properties([
            ("Location", json!(location)),
            ("InputFormat", filled(input_format)),
            ("OutputFormat", filled(output_format)),
            ("SerdeInfo", serde.as_ref().map_or(Value::Null, serde_info)),
            ("Columns", list(columns)),
        ]);
        let input = properties([
            ("Name", json!(name)),
            ("Description", filled(description)),
            ("TableType", filled(table_type)),
            ("Parameters", filled(properties_of(it.spec))),
            ("PartitionKeys", list(partition_keys)),
            ("StorageDescriptor", stored),
        ]);
        let open = json!({ "IcebergInput": { "MetadataOperation": "CREATE", "Version": "2" } });
        let table = properties([
            ("CatalogId", json!(it.estate.scope.account)),
            ("DatabaseName", cloudformation::named(Type::Database, database)),
            ("TableInput", input),
            ("OpenTableFormatInput", if *iceberg { open } else { Value::Null }),
        ]);
        Ok(vec![cloudformation::Part::new(
            "AWS::Glue::Table",
            [
                ("CatalogId", it.estate.scope.account.as_str()),
                ("DatabaseName", database.as_str()),
                ("Name", name.as_str()),
            ],
            table,
        )])
    }
}

/// What is written among its properties: its marks stand there as well.
fn properties_of(spec: &Spec) -> BTreeMap<&String, &String> {
    spec.parameters.iter().chain(&spec.tags).collect()
}

fn ser_de(serde: &SerDe) -> Term {
    let SerDe { library, parameters } = serde;
    block([("serialization_library", library.into()), ("parameters", filled(parameters).into())])
}

fn serde_info(serde: &SerDe) -> Value {
    let SerDe { library, parameters } = serde;
    properties([("SerializationLibrary", json!(library)), ("Parameters", filled(parameters))])
}

fn column(column: &Column) -> Fields {
    let Column { name, kind, comment } = column;
    fields([("name", name.into()), ("type", kind.into()), ("comment", filled(comment).into())])
}

fn listed(column: &Column) -> Value {
    let Column { name, kind, comment } = column;
    properties([("Name", json!(name)), ("Type", json!(kind)), ("Comment", filled(comment))])
}
