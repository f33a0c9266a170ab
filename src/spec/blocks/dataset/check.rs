//! What the schema cannot say of a dataset.

use std::collections::BTreeSet;

use super::{Dataset, Folders, Format, indexes, writers};
use crate::spec::check::{Block as _, Checks};
use crate::spec::{Spec, hive, prefix};

/// Checks everything.
pub(super) fn all(dataset: &Dataset, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
    check_prefix(dataset, checks);
    check_name(dataset, block, spec, checks);
    check_columns(dataset, checks);
    check_partitions(dataset, checks);
    indexes::check(dataset, checks);
    check_properties(dataset, checks);
    writers::check(dataset, block, spec, checks);
}

fn check_prefix(dataset: &Dataset, checks: &mut Checks<'_>) {
    prefix::check_literal("prefix", &dataset.prefix, checks);
    if !dataset.prefix.ends_with('/') {
        let prefix = &dataset.prefix;
        checks
            .error("prefix", "a table's location is a folder: without `/` at its end it also holds its namesakes")
            .help(format!("write `{prefix}/`"));
    }
}

/// Two tables of one database cannot share a name.
fn check_name(dataset: &Dataset, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
    let name = dataset.aws_name(block, spec);
    let others = spec.blocks.dataset.own().iter().take_while(|(other, _)| *other != block);
    for (other, declared) in others {
        if declared.catalog == dataset.catalog && declared.aws_name(other, spec) == name {
            checks
                .error("name", format!("`{name}` is also the name of the table of `dataset.{other}`"))
                .help("give one of the two another `name`");
        }
    }
}

fn check_columns(dataset: &Dataset, checks: &mut Checks<'_>) {
    let mut seen = BTreeSet::new();
    for (i, column) in dataset.columns.iter().enumerate() {
        if !seen.insert(column.name.as_str()) {
            checks.error(&format!("columns.{i}.name"), format!("there are two columns `{}`", column.name));
        }
        if let Some(fault) = hive::fault(&column.kind) {
            checks
                .error(&format!("columns.{i}.type"), fault)
                .help("types are Hive's: `string`, `bigint`, `double`, `timestamp`, `array<string>` …, without spaces");
        }
    }
    for (i, partition) in dataset.partitions.iter().enumerate() {
        if !seen.insert(partition.name.as_str()) {
            checks
                .error(
                    &format!("partitions.{i}.name"),
                    format!("there is a column `{}` already: a partition is a column by itself", partition.name),
                )
                .help("take it out of `columns`");
        }
        if let Some(fault) = hive::fault(&partition.kind) {
            checks.error(&format!("partitions.{i}.type"), fault).help("write `string`, `int`, `bigint` or `date`");
        } else if !hive::is_of_partition(&partition.kind) {
            checks
                .error(
                    &format!("partitions.{i}.type"),
                    format!("values of the type `{}` cannot be the names of folders", partition.kind),
                )
                .help("write `string`, `int`, `bigint` or `date`");
        }
    }
}

fn check_partitions(dataset: &Dataset, checks: &mut Checks<'_>) {
    let projected = dataset.is_projected();
    for (i, partition) in dataset.partitions.iter().enumerate() {
        let path = format!("partitions.{i}");
        match &partition.projection {
            Some(projection) => projection.check(&format!("{path}.projection"), checks),
            None if projected => {
                checks
                    .error(&path, "Athena works out all partitions of a table or none: this one has no `projection`")
                    .help("write its `projection`, or take away the others'");
            }
            None => {}
        }
    }
    if dataset.folders == Folders::Plain && !dataset.partitions.is_empty() && !projected {
        checks
            .error("folders", "only a `projection` finds partitions in folders that do not name them")
            .help("write a `projection` for each partition; or let whoever writes call the folders `day=…/`");
    }
    if dataset.keeps_its_own_log() && !dataset.partitions.is_empty() {
        let what = if dataset.format == Format::Iceberg { "an Iceberg" } else { "a Delta" };
        checks
            .error("partitions", format!("the partitions of {what} table stand in its own log, not in the catalog"))
            .help("take them away here; whoever makes the first files decides on them");
    }
}

/// Properties that follow from other settings, or say whose the table is.
fn check_properties(dataset: &Dataset, checks: &mut Checks<'_>) {
    for name in dataset.properties.keys() {
        let path = format!("properties.{name}");
        let ours = ["classification", "table_type", "metadata_location", "storage.location.template"];
        if name.starts_with("pipectl:") || name.starts_with("projection.") || ours.contains(&name.as_str()) {
            checks
                .error(&path, format!("`{name}` follows from the other settings of the dataset"))
                .help("take it away");
        }
    }
}
