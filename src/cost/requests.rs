//! What is billed by the request: APIs, queues and topics; and secrets.

use super::flow::SECONDS;
use super::inventory::Queue;
use super::sheet::Sheet;
use crate::model::price::Item;
use crate::spec::expect::{Messages, Requests};

/// A message is sent, received and deleted.
const REQUESTS: f64 = 3.0;

/// Writes down a REST API.
pub(super) fn api(expected: Requests, sheet: &mut Sheet<'_>) {
    sheet.line("requests", expected.requests_per_second * SECONDS, Item::ApiRequests);
    sheet.assume("What APIs answer, and send out of the region, is not counted.");
}

/// Writes down a queue.
pub(super) fn queue(queue: &Queue, expected: Messages, sheet: &mut Sheet<'_>) {
    let item = if queue.fifo.is_some() { Item::SqsFifoRequests } else { Item::SqsRequests };
    sheet.line("requests", expected.messages_per_second * SECONDS * REQUESTS, item);
    sheet.assume("A message is sent, received and deleted by itself; receiving where there is none is not counted.");
}

/// Writes down a topic that tells so many people by mail.
pub(super) fn topic(mails: u32, expected: Messages, sheet: &mut Sheet<'_>) {
    let messages = expected.messages_per_second * SECONDS;
    sheet.line("messages", messages, Item::SnsPublishes);
    sheet.line("mails", messages * f64::from(mails), Item::SnsMails);
}

/// Writes down a secret.
pub(super) fn secret(sheet: &mut Sheet<'_>) {
    sheet.line("secret", 1.0, Item::SecretMonth);
    sheet.assume("Reading secrets is not counted: functions keep what they have read.");
}
