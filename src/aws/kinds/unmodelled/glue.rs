//! Beyond the attributes of what is in Glue's Data Catalog.

use serde_json::Value;

use super::{set, text};
use crate::aws::glue::{databases, tables};
use crate::aws::{Aws, Observed};
use crate::catalog::glue_database::{self as database, Database};
use crate::catalog::glue_table::{self as table, CatalogTable};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Unmodelled, Weight};

const LINK: Setting =
    Setting::shown("link to another database", Weight::ChangesData).undone_by("a database of another name");
const FEDERATED: Setting =
    Setting::shown("database of another catalog", Weight::ChangesData).undone_by("a database of another name");
const DEFAULTS: Setting = Setting::shown("permissions that new tables get", Weight::LetsIn)
    .undone_by("Lake Formation's console, under the database");

const TABLE_LINK: Setting =
    Setting::shown("link to another table", Weight::ChangesData).undone_by("a table of another name");
const VIEW: Setting = Setting::shown("query of a view", Weight::ChangesData).undone_by("a table of another name");
const SCHEMA: Setting = Setting::shown("schema of a registry", Weight::ChangesData).undone_by("aws glue update-table");
const MORE_PLACES: Setting = Setting::shown("more locations", Weight::ChangesData).undone_by("aws glue update-table");
const BUCKETS: Setting =
    Setting::shown("bucketing, sorting or skew", Weight::ChangesData).undone_by("aws glue update-table");
const LAKE_FORMATION: Setting = Setting::shown("Lake Formation decides who may read", Weight::Other)
    .undone_by("aws lakeformation deregister-resource");

const FAILED_INDEX: Setting =
    Setting::shown("partition index that failed", Weight::Other).undone_by("aws glue delete-partition-index");

/// What a list or an object says; nothing for an empty one.
fn said(value: Option<&Value>) -> Option<String> {
    let value = value?;
    let empty = match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        Value::String(text) => text.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    };
    if empty { None } else { Some(value.to_string()) }
}

/// Who gets what on new tables, but for everybody whom IAM allows it, which is Glue's own setting
/// (<https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html>).
fn defaults(permissions: Option<&Value>) -> Option<String> {
    let usual = |one: &&Value| {
        one["Principal"]["DataLakePrincipalIdentifier"] == "IAM_ALLOWED_PRINCIPALS"
            && one["Permissions"] == serde_json::json!(["ALL"])
    };
    let others: Vec<&Value> = permissions?.as_array()?.iter().filter(|one| !usual(one)).collect();
    let who = others.iter().filter_map(|one| text(one["Principal"]["DataLakePrincipalIdentifier"].as_str()));
    super::list(who)
}

/// What GetDatabase shows of a database besides its attributes.
pub(in crate::aws::kinds) fn shown_of_database(live: &databases::Live) -> Vec<Unmodelled> {
    let kept = &live.kept;
    let all = [
        set(&LINK, said(kept.target_database.as_ref())),
        set(&FEDERATED, said(kept.federated_database.as_ref())),
        set(&DEFAULTS, defaults(kept.create_table_default_permissions.as_ref())),
    ];
    all.into_iter().flatten().collect()
}

/// What GetTable shows of a table besides its attributes.
pub(in crate::aws::kinds) fn shown_of_table(live: &tables::Live) -> Vec<Unmodelled> {
    let stored = live.storage_descriptor.as_ref().map(|stored| &stored.kept);
    let of = |value: fn(&tables::KeptOfStorage) -> Option<&Value>| said(stored.and_then(value));
    // A schema without columns of its own stands for all of them.
    let skew = stored.and_then(|stored| stored.skewed_info.as_ref());
    let skewed = skew.and_then(|skew| said(skew.get("SkewedColumnNames")));
    let arranged = of(|stored| stored.bucket_columns.as_ref()).or_else(|| of(|stored| stored.sort_columns.as_ref()));
    let all = [
        set(&TABLE_LINK, said(live.kept.target_table.as_ref())),
        set(&VIEW, said(live.kept.view_original_text.as_ref())),
        set(&SCHEMA, of(|stored| stored.schema_reference.as_ref())),
        set(&MORE_PLACES, of(|stored| stored.additional_locations.as_ref())),
        set(&BUCKETS, arranged.or(skewed)),
        set(&LAKE_FORMATION, live.is_registered_with_lake_formation.filter(|is| *is).map(|_| "yes")),
    ];
    all.into_iter().flatten().collect()
}

/// What GetPartitionIndexes shows besides: indexes that Glue could not make.
pub(in crate::aws::kinds) fn shown_of_indexes(failures: impl Iterator<Item = String>) -> Vec<Unmodelled> {
    failures.map(|failure| FAILED_INDEX.is(failure)).collect()
}

impl Observed for Database {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&LINK, &FEDERATED, &DEFAULTS],
        not_looked_at: &[
            ("permissions of Lake Formation", "no call of Glue shows them"),
            ("the catalog's own policy and encryption", "they are settings of the account"),
        ],
    };

    async fn look_closer(_aws: &Aws, _now: &database::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(aws: &Aws, now: &database::Spec, _empty: bool) -> Vec<String> {
        let others = databases::others(aws, now).await.ok().flatten();
        let held = |tables| {
            format!("it holds {tables}, which this environment has not made: `aws glue delete-table` deletes one")
        };
        others.map(held).into_iter().collect()
    }
}

impl Observed for CatalogTable {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&TABLE_LINK, &VIEW, &SCHEMA, &MORE_PLACES, &BUCKETS, &LAKE_FORMATION, &FAILED_INDEX],
        not_looked_at: &[
            ("partitions", "jobs, crawlers and queries make them"),
            ("statistics and optimizers", "they change neither what is read nor who reads"),
            ("permissions of Lake Formation", "no call of Glue shows them"),
        ],
    };

    async fn look_closer(_aws: &Aws, _now: &table::Spec, _owned: &Owned) -> Look {
        Look::default()
    }

    async fn obstacles(_aws: &Aws, _now: &table::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
