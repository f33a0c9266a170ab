//! The partition indexes of a table. Glue makes or deletes one of a table at a time, and takes its time over the partitions
//! that are there: "Only 1 index can be created or deleted simultaneously per table" (<https://github.com/aws/aws-cdk/issues/24813>).

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::glue::Glue;
use crate::aws::glue::indexes::{
    BackfillError, CreatePartitionIndex, DeletePartitionIndex, GetPartitionIndexes, LiveIndex, PartitionIndex,
};
use crate::aws::slim::Caller;
use crate::aws::{Result, wait};
use crate::model::error::{CallError, Class};

const CREATE: &str = "glue CreatePartitionIndex";

/// How long Glue may take over an index: it goes through all partitions of the table.
const LIMIT: Duration = Duration::from_mins(30);

const ACTIVE: &str = "ACTIVE";
const FAILED: &str = "FAILED";
const DELETING: &str = "DELETING";

/// The indexes of a table by name, each with its keys in order.
pub(super) type Wanted = BTreeMap<String, Vec<String>>;

/// All indexes of a table; `None` where there is no such table.
pub(super) async fn list(client: &Caller<Glue>, database: &str, table: &str) -> Result<Option<Vec<LiveIndex>>> {
    let (mut found, mut next_token) = (Vec::new(), None);
    loop {
        let call = client.call(&GetPartitionIndexes { database_name: database, table_name: table, next_token }).await;
        let page = absent_is_none(call.map_err(failed("glue GetPartitionIndexes")))?;
        let Some(page) = page else { return Ok(None) };
        found.extend(page.partition_index_descriptor_list);
        next_token = page.next_token.filter(|token| !token.is_empty());
        if next_token.is_none() {
            return Ok(Some(found));
        }
    }
}

/// Those that serve queries, or soon do: one that has failed is none, nor is one that is being deleted.
pub(super) fn serving(live: &[LiveIndex]) -> Wanted {
    let serves = |index: &&LiveIndex| ![FAILED, DELETING].contains(&index.index_status.as_str());
    live.iter().filter(serves).map(|index| (index.index_name.clone(), keys(index))).collect()
}

/// Those that Glue could not make, each with the reason.
pub(super) fn failures(live: &[LiveIndex]) -> impl Iterator<Item = String> {
    live.iter()
        .filter(|index| index.index_status == FAILED)
        .map(|index| format!("{}: {}", index.index_name, why(index)))
}

fn keys(index: &LiveIndex) -> Vec<String> {
    index.keys.iter().map(|key| key.name.clone()).collect()
}

/// Why an index has failed: `INVALID_PARTITION_TYPE_DATA_ERROR of 2026/13`.
fn why(index: &LiveIndex) -> String {
    let one = |error: &BackfillError| {
        let code = error.code.as_deref().unwrap_or("an error without a code");
        let partitions = error.partitions.iter().flatten().map(|partition| partition.values.join("/"));
        let partitions = partitions.collect::<Vec<_>>().join(" ");
        if partitions.is_empty() { code.to_owned() } else { format!("{code} of {partitions}") }
    };
    let errors: Vec<String> = index.backfill_errors.iter().flatten().map(one).collect();
    if errors.is_empty() { "Glue says no reason".to_owned() } else { errors.join(", ") }
}

/// The indexes of one table.
pub(super) struct Indexes<'a> {
    pub(super) client: &'a Caller<Glue>,
    pub(super) database: &'a str,
    pub(super) table: &'a str,
    /// Hears what is waited for.
    pub(super) note: &'a (dyn Fn(String) + Send + Sync),
}

impl Indexes<'_> {
    /// Deletes those that are not wanted, and those that have failed; returns what is left.
    ///
    /// # Errors
    /// When Glue refuses; [`Class::Stuck`] when it takes too long: to ask again goes on from there.
    pub(super) async fn delete_others(&self, want: &Wanted) -> Result<Wanted> {
        loop {
            let live = self.settled().await?;
            let wanted =
                |index: &&LiveIndex| index.index_status != FAILED && want.get(&index.index_name) == Some(&keys(index));
            let Some(other) = live.iter().find(|index| !wanted(index)) else { return Ok(serving(&live)) };
            let (database_name, table_name, index_name) = (self.database, self.table, other.index_name.as_str());
            let call = self.client.call(&DeletePartitionIndex { database_name, table_name, index_name }).await;
            absent_is_done(call.map_err(failed("glue DeletePartitionIndex")))?;
            let gone = || async {
                let live = self.list().await?;
                Ok((!live.iter().any(|index| index.index_name == index_name)).then_some(()))
            };
            wait::until(&format!("index {index_name} of glue table {table_name} to be gone"), LIMIT, gone).await?;
        }
    }

    /// Makes those that are missing from what is there, one after the other.
    ///
    /// # Errors
    /// When Glue refuses one, or cannot make it of the partitions that there are; [`Class::Stuck`] when it takes too long: to
    /// ask again goes on from there.
    pub(super) async fn make_missing(&self, there: &Wanted, want: &Wanted) -> Result<()> {
        for (index_name, keys) in want.iter().filter(|(name, _)| !there.contains_key(*name)) {
            let call = CreatePartitionIndex {
                database_name: self.database,
                table_name: self.table,
                partition_index: PartitionIndex { index_name, keys },
            };
            match self.client.call(&call).await.map_err(failed(CREATE)) {
                // A reply may have been lost after the call took effect; or one of other hands has these keys.
                Err(error) if error.class == Class::InUse => {
                    let live = self.list().await?;
                    live.iter().find(|index| index.index_name == *index_name).ok_or(error)?;
                }
                made => {
                    made?;
                }
            }
            self.made(index_name).await?;
        }
        Ok(())
    }

    /// Waits until none is being made or deleted: before that Glue takes no other, and deletes no table.
    ///
    /// # Errors
    /// When Glue does not say; [`Class::Stuck`] when it takes too long.
    pub(super) async fn settled(&self) -> Result<Vec<LiveIndex>> {
        let told = AtomicBool::new(false);
        let look = || async {
            let live = self.list().await?;
            // A state that is new to pipectl is waited for as well.
            let Some(passing) = live.iter().find(|index| ![ACTIVE, FAILED].contains(&index.index_status.as_str()))
            else {
                return Ok(Some(live));
            };
            self.tell(&told, passing);
            Ok(None)
        };
        wait::until(&format!("indexes of glue table {} to settle", self.table), LIMIT, look).await
    }

    async fn list(&self) -> Result<Vec<LiveIndex>> {
        Ok(list(self.client, self.database, self.table).await?.unwrap_or_default())
    }

    /// Waits until an index serves queries.
    async fn made(&self, name: &str) -> Result<()> {
        let told = AtomicBool::new(false);
        let look = || async {
            let live = self.list().await?;
            match live.iter().find(|index| index.index_name == name) {
                Some(index) if index.index_status == ACTIVE => Ok(Some(())),
                Some(index) if index.index_status == FAILED => {
                    let why = why(index);
                    let message = format!(
                        "the index `{name}` cannot be made of the partitions that `{}` has ({why}): mend or drop these, \
                         and apply again",
                        self.table
                    );
                    Err(CallError::own(Class::Invalid, CREATE, message))
                }
                Some(index) => {
                    self.tell(&told, index);
                    Ok(None)
                }
                None => Ok(None),
            }
        };
        wait::until(&format!("index {name} of glue table {} to be made", self.table), LIMIT, look).await
    }

    /// Says once what is waited for.
    fn tell(&self, told: &AtomicBool, index: &LiveIndex) {
        if !told.swap(true, Ordering::Relaxed) {
            (self.note)(format!(
                "waits for the index {} of `{}`: {}",
                index.index_name, self.table, index.index_status
            ));
        }
    }
}
