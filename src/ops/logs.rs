//! Reads what a service has logged: of Firehose, why deliveries failed.

use serde::Deserialize;
use time::OffsetDateTime;

use super::fault::Result;
use crate::engine::data::{DataPlane, LogEvent};

/// A logged event, with what Firehose says in it where it is Firehose's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When it happened.
    pub at: OffsetDateTime,
    /// The log stream.
    pub stream: String,
    /// Firehose's error code (`S3.AccessDenied`), if it has one.
    pub code: Option<String>,
    /// What it says.
    pub message: String,
}

/// The parts of Firehose's log events that matter to a user.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Failure {
    error_code: String,
    #[serde(default)]
    message: String,
}

/// The first `limit` events that a log group got since a time, oldest first.
///
/// # Errors
/// When CloudWatch Logs refuses to say.
pub async fn read(data: &dyn DataPlane, group: &str, since: OffsetDateTime, limit: usize) -> Result<Vec<Entry>> {
    let events = data.log_events(group, since, limit).await?;
    Ok(events.into_iter().map(entry).collect())
}

/// An event as it is read.
pub(super) fn entry(event: LogEvent) -> Entry {
    let LogEvent { at, stream, message } = event;
    match serde_json::from_str::<Failure>(&message) {
        Ok(Failure { error_code, message }) => Entry { at, stream, code: Some(error_code), message },
        Err(_) => Entry { at, stream, code: None, message },
    }
}
