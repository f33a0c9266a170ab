//! Events in the items that a function writes into a table.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::{Books, Findings};
use crate::model::data::{DataPlane, Item, ItemKey, Record};
use crate::ops::fault::Result;

/// A table that events arrive in. An event is in it when the item under its key names its `event_id`: as an attribute, or
/// in a set, a list or a map.
#[derive(Clone, Copy, Debug)]
pub struct Table<'a> {
    /// Its name.
    pub name: &'a str,
    /// The attributes of its key; each is a field of every event, of [`crate::ops::events::TEXTS`].
    pub key: &'a [String],
    /// The block of the function that writes it: `function.process`.
    pub by: &'a str,
    /// How long Lambda gathers records before it calls the function.
    pub window: Duration,
}

impl Table<'_> {
    /// How long events are waited for: a function may have to be started, and to try again.
    pub fn patience(&self) -> Duration {
        self.window * 2 + Duration::from_mins(2)
    }
}

/// An event that is looked for.
struct Wanted {
    id: String,
    occurred: Option<OffsetDateTime>,
    key: ItemKey,
}

/// Looks for the items of those events that have not been found.
pub(super) struct Look<'a> {
    data: &'a dyn DataPlane,
    table: Table<'a>,
    wanted: BTreeMap<u64, Wanted>,
    items: BTreeSet<ItemKey>,
}

impl<'a> Look<'a> {
    /// Nothing is sent yet.
    pub(super) fn new(data: &'a dyn DataPlane, table: Table<'a>) -> Self {
        Self { data, table, wanted: BTreeMap::new(), items: BTreeSet::new() }
    }

    /// An event was accepted by the stream.
    pub(super) fn sent(&mut self, number: u64, record: &Record) {
        let event: Value = serde_json::from_slice(&record.data).unwrap_or_default();
        let text = |field: &str| event[field].as_str().unwrap_or_default().to_owned();
        let key = self.table.key.iter().map(|field| (field.clone(), text(field))).collect();
        let occurred = OffsetDateTime::parse(&text("occurred_at"), &Rfc3339).ok();
        self.wanted.insert(number, Wanted { id: text("event_id"), occurred, key });
    }

    /// Asks for each item that still misses events, once.
    pub(super) async fn look(&mut self, books: &mut Books) -> Result<()> {
        let keys: BTreeSet<&ItemKey> = self.wanted.values().map(|wanted| &wanted.key).collect();
        let keys: Vec<ItemKey> = keys.into_iter().cloned().collect();
        let items = self.data.items(self.table.name, &keys).await?;
        let items: BTreeMap<ItemKey, Item> = items.into_iter().map(|item| (item.key.clone(), item)).collect();
        let now = OffsetDateTime::now_utc();
        let mut unnamed = Findings::default();
        self.wanted.retain(|_, wanted| {
            let Some(item) = items.get(&wanted.key) else { return true };
            if !item.texts.contains(&wanted.id) {
                unnamed.add(1, || wanted.id.clone());
                return true;
            }
            self.items.insert(wanted.key.clone());
            books.tally.found(Some(&wanted.id), wanted.occurred, now);
            false
        });
        books.arrivals.items = self.items.len() as u64;
        books.arrivals.unnamed = unnamed;
        Ok(())
    }
}
