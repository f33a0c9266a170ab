//! Reads that show for a while what was there before a write.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hyper::Response;
use hyper::body::Bytes;

use super::realism::Asked;

/// What was read, and when something was written.
#[derive(Debug, Default)]
pub(crate) struct Stale(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    /// The last reply to each read: status and body.
    read: HashMap<String, (Instant, Response<Bytes>)>,
    /// The writes of each service.
    written: HashMap<String, Vec<Instant>>,
}

impl Stale {
    /// The reply from before a write that was made less than `age` ago.
    pub(crate) fn before(&self, asked: &Asked<'_>, age: Duration) -> Option<Response<Bytes>> {
        if !may_be_stale(asked) {
            return None;
        }
        let memory = self.0.lock().unwrap();
        let (read, reply) = memory.read.get(&asked.question())?;
        let since = memory.written.get(&asked.operation.service)?.iter().find(|written| *written > read)?;
        (since.elapsed() < age).then(|| reply.clone())
    }

    /// Remembers what was read or written, while reads may be stale at all.
    pub(crate) fn after(&self, asked: &Asked<'_>, age: Duration, reply: &Response<Bytes>) {
        if age.is_zero() {
            return;
        }
        let mut memory = self.0.lock().unwrap();
        if may_be_stale(asked) {
            memory.read.insert(asked.question(), (Instant::now(), reply.clone()));
        } else if !asked.operation.is_read() {
            memory.written.entry(asked.operation.service.clone()).or_default().push(Instant::now());
        }
    }
}

/// S3's objects are consistent, and who the caller is does not change.
fn may_be_stale(asked: &Asked<'_>) -> bool {
    asked.operation.is_read()
        && !matches!(asked.operation.full_name().as_str(), "s3:GetObject" | "sts:GetCallerIdentity")
}
