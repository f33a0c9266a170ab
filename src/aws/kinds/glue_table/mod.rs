//! Tables of Glue's Data Catalog.

mod indexes;
#[cfg(test)]
mod tests;

use self::indexes::{Indexes, Wanted, failures, list, serving};
use super::unmodelled::glue::{shown_of_indexes, shown_of_table};
use crate::aws::error::{absent_is_done, absent_is_none, failed, present};
use crate::aws::glue::Glue;
use crate::aws::glue::indexes::PartitionIndex;
use crate::aws::glue::tables::{
    Column as Named, CreateTable, DeleteTable, Descriptor, GetTable, Iceberg, Live, SerDeInfo, TableInput, UpdateTable,
};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Calls, Result, Seen};
use crate::catalog::glue_table::{CatalogTable, Column, MARK, Outputs, SerDe, Spec, is_kept_by_others};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

const GET: &str = "glue GetTable";

/// What says of a table that it is one of Iceberg's.
const TABLE_TYPE: &str = "table_type";

impl Calls for CatalogTable {
    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let (database, name) = parts(key)?;
        let client = aws.client(Caller::<Glue>::new).await;
        // Without partitions there are no indexes. Who says that there are spares a wait.
        let partitioned = hint.is_some_and(|hint| !hint.partition_keys.is_empty());
        let early = async { if partitioned { list(&client, database, name).await } else { Ok(None) } };
        let (live, mut indexes) = tokio::try_join!(get(aws, database, name), early)?;
        let Some(live) = live else { return Ok(None) };
        if indexes.is_none() && live.partition_keys.as_ref().is_some_and(|keys| !keys.is_empty()) {
            indexes = list(&client, database, name).await?;
        }
        let indexes = indexes.unwrap_or_default();
        let mut unmodelled = shown_of_table(&live);
        unmodelled.extend(shown_of_indexes(failures(&indexes)));
        let spec = Spec { indexes: serving(&indexes), ..spec(database, live, hint)? };
        let arn = aws.scope().await?.arn("glue", &format!("table/{database}/{name}"));
        Ok(Some((spec, Outputs { arn }, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Caller::<Glue>::new).await;
        let call = CreateTable {
            database_name: &want.database,
            table_input: input(want, Live::default()),
            partition_indexes: at_birth(&want.indexes),
            open_table_format_input: want.iceberg.then(Iceberg::create),
        };
        client.call(&call).await.map_err(failed("glue CreateTable"))?;
        // What Glue adds of its own, only a look shows.
        Ok(None)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Caller::<Glue>::new).await;
        let indexes = Indexes { client: &client, database: &want.database, table: &want.name, note: step.note };
        // What is not wanted any more goes before the partition keys that it is of.
        let there = if now.indexes == want.indexes { None } else { Some(indexes.delete_others(&want.indexes).await?) };
        if (Spec { indexes: want.indexes.clone(), ..now.clone() }) != *want {
            // Read again: UpdateTable overwrites the whole table, and crawlers, jobs and queries write to it as well.
            let live = present(GET, "table", get(aws, &want.database, &want.name).await?)?;
            let version_id = live.version_id.clone();
            let call = UpdateTable { database_name: &want.database, table_input: input(want, live), version_id };
            client.call(&call).await.map_err(failed("glue UpdateTable"))?;
        }
        match there {
            Some(there) => indexes.make_missing(&there, &want.indexes).await,
            None => Ok(()),
        }
    }

    async fn delete(aws: &Aws, key: &str, step: &StepContext<'_>) -> Result<()> {
        let (database_name, name) = parts(key)?;
        let client = aws.client(Caller::<Glue>::new).await;
        let delete = async || {
            let call = client.call(&DeleteTable { database_name, name }).await;
            absent_is_done(call.map_err(failed("glue DeleteTable")))
        };
        let Err(refused) = delete().await else { return Ok(()) };
        // Glue deletes no table while an index of it is being made.
        let live = list(&client, database_name, name).await.ok().flatten().unwrap_or_default();
        if serving(&live).is_empty() {
            return Err(refused);
        }
        Indexes { client: &client, database: database_name, table: name, note: step.note }.settled().await?;
        delete().await
    }
}

/// Indexes as CreateTable takes them; none where there are none.
fn at_birth(indexes: &Wanted) -> Vec<PartitionIndex<'_>> {
    indexes.iter().map(|(index_name, keys)| PartitionIndex { index_name, keys }).collect()
}

/// Database and name of a key; a database's name holds no `|`.
fn parts(key: &str) -> Result<(&str, &str)> {
    key.split_once('|').ok_or_else(|| CallError::own(Class::Invalid, GET, format!("`{key}` is not `database|table`")))
}

async fn get(aws: &Aws, database_name: &str, name: &str) -> Result<Option<Live>> {
    let client = aws.client(Caller::<Glue>::new).await;
    let call = client.call(&GetTable { database_name, name }).await;
    let reply = absent_is_none(call.map_err(failed(GET)))?;
    reply.map(|reply| present(GET, "table", reply.table)).transpose()
}

fn spec(database: &str, live: Live, hint: Option<&Spec>) -> Result<Spec> {
    let mut properties = live.parameters.unwrap_or_default();
    let iceberg = properties.get(TABLE_TYPE).is_some_and(|kind| kind.eq_ignore_ascii_case("iceberg"));
    if iceberg {
        properties.remove(TABLE_TYPE);
    }
    let (tags, mut parameters): (_, std::collections::BTreeMap<_, _>) =
        properties.into_iter().partition(|(name, _)| name.starts_with(MARK));
    let wanted = |name: &String| hint.is_some_and(|hint| hint.parameters.contains_key(name));
    parameters.retain(|name, _| !is_kept_by_others(name) || wanted(name));
    let stored = live.storage_descriptor.unwrap_or_default();
    // Iceberg's own word on the formats is no part of a spec.
    let of_hive = |text: Option<String>| text.filter(|_| !iceberg).unwrap_or_default();
    let serde = stored.serde_info.filter(|_| !iceberg).map(|info| SerDe {
        library: info.serialization_library.unwrap_or_default(),
        parameters: info.parameters.unwrap_or_default(),
    });
    Ok(Spec {
        database: database.to_owned(),
        name: present(GET, "name", live.name)?,
        description: live.description.unwrap_or_default(),
        location: stored.location.unwrap_or_default(),
        table_type: live.table_type.unwrap_or_default(),
        iceberg,
        input_format: of_hive(stored.input_format),
        output_format: of_hive(stored.output_format),
        serde: serde.filter(|serde| *serde != SerDe::default()),
        columns: columns(stored.columns),
        partition_keys: columns(live.partition_keys),
        indexes: Wanted::new(),
        parameters,
        tags,
    })
}

fn columns(live: Option<Vec<Named>>) -> Vec<Column> {
    let column = |live: Named| Column {
        name: live.name,
        kind: live.kind.unwrap_or_default(),
        comment: live.comment.unwrap_or_default(),
    };
    live.into_iter().flatten().map(column).collect()
}

/// The whole table as it shall be: what the spec says, and of what is live all that it says nothing of.
fn input(want: &Spec, live: Live) -> TableInput<'_> {
    let mut parameters = want.parameters.clone();
    parameters.extend(want.tags.clone());
    let kept = live.parameters.unwrap_or_default().into_iter();
    let kept = kept.filter(|(name, _)| is_kept_by_others(name) || (want.iceberg && name == TABLE_TYPE));
    for (name, value) in kept {
        parameters.entry(name).or_insert(value);
    }
    let stored = live.storage_descriptor.unwrap_or_default();
    let named = |columns: &[Column], live: Option<Vec<Named>>| -> Vec<Named> {
        let live = live.unwrap_or_default();
        let own = |column: &Column| {
            let kept = live.iter().find(|live| live.name == column.name).and_then(|live| live.parameters.clone());
            Named::new(&column.name, &column.kind, &column.comment, kept)
        };
        columns.iter().map(own).collect()
    };
    let serde_info = match (&want.serde, want.iceberg) {
        (Some(serde), false) => {
            Some(SerDeInfo::new(&serde.library, &serde.parameters, stored.serde_info.and_then(|info| info.name)))
        }
        (None, false) => None,
        (_, true) => stored.serde_info,
    };
    let of_hive = |wanted: &str, live: Option<String>| if want.iceberg { live } else { Some(wanted.to_owned()) };
    TableInput {
        name: &want.name,
        description: &want.description,
        table_type: &want.table_type,
        parameters,
        partition_keys: named(&want.partition_keys, live.partition_keys),
        storage_descriptor: Descriptor {
            columns: Some(named(&want.columns, stored.columns)),
            location: Some(want.location.clone()),
            input_format: of_hive(&want.input_format, stored.input_format),
            output_format: of_hive(&want.output_format, stored.output_format),
            serde_info,
            kept: stored.kept,
        },
        kept: live.kept,
    }
}
