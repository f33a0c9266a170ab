//! Reads that are answered again as they were the first time: as quickly as no emulator answers thousands of them.

use std::collections::HashMap;
use std::sync::Mutex;

use hyper::Response;
use hyper::body::Bytes;

use super::realism::Asked;

/// What was answered to which read, once that is to be remembered.
#[derive(Debug, Default)]
pub(crate) struct Replay(Mutex<Option<HashMap<String, Response<Bytes>>>>);

impl Replay {
    /// From now on every read is asked of the emulator only once.
    pub(crate) fn begin(&self) {
        self.0.lock().unwrap().get_or_insert_default();
    }

    /// What was answered to the same read before.
    pub(crate) fn before(&self, asked: &Asked<'_>) -> Option<Response<Bytes>> {
        self.0.lock().unwrap().as_ref()?.get(&asked.question()).cloned()
    }

    /// Remembers the answer to a read.
    pub(crate) fn after(&self, asked: &Asked<'_>, reply: &Response<Bytes>) {
        if let Some(known) = self.0.lock().unwrap().as_mut().filter(|_| asked.operation.is_read()) {
            known.insert(asked.question(), reply.clone());
        }
    }
}
