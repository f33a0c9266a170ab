//! What a DynamoDB table costs.

use super::flow::{HOURS, SECONDS};
use super::inventory::Table;
use super::sheet::Sheet;
use crate::model::price::Item;
use crate::spec::expect::Items;

const KB: u32 = 1024;

/// Writes down a table; without what is expected of it, only the capacity that it has whatever comes.
pub(super) fn table(table: &Table, expected: Option<Items>, sheet: &mut Sheet<'_>) {
    if let Some(own) = table.capacity {
        let of_indexes = || table.global_indexes.values().filter_map(|index| index.capacity);
        let write: u32 = of_indexes().map(|one| one.write).sum();
        let read: u32 = of_indexes().map(|one| one.read).sum();
        sheet.line("write capacity", f64::from(own.write + write) * HOURS, Item::DynamoDbWriteCapacity);
        sheet.line("read capacity", f64::from(own.read + read) * HOURS, Item::DynamoDbReadCapacity);
    }
    let Some(expected) = expected else { return };
    if table.capacity.is_none() {
        let copies: f64 = table.global_indexes.keys().chain(table.local_indexes.keys()).map(|_| 1.0).sum();
        let written = f64::from(expected.bytes.div_ceil(KB)) * (1.0 + copies);
        sheet.line("written, 1 KB steps", expected.writes_per_second * SECONDS * written, Item::DynamoDbWrites);
        let read = f64::from(expected.bytes.div_ceil(4 * KB)) / 2.0;
        sheet.line("read, 4 KB steps", expected.reads_per_second * SECONDS * read, Item::DynamoDbReads);
        sheet
            .assume("Items are read eventually consistent, one by one, and every item is in every index of its table.");
    }
    sheet.line("stored", expected.stored_gb, Item::DynamoDbStorage);
    if table.recovery_days.is_some() {
        sheet.line("point-in-time recovery", expected.stored_gb, Item::DynamoDbRecovery);
    }
    if expected.stored_gb <= 0.0 {
        sheet.assume("Tables that do not say `stored_gb` hold nothing.");
    }
}
