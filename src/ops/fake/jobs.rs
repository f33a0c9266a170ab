//! Runs of jobs in memory.

use crate::model::error::{CallError, Class};
use crate::model::future::BoxFuture;
use crate::model::runs::{Bookmark, History, Past, Result};

/// One job's runs and bookmark, whichever job is asked about.
#[derive(Debug)]
pub(in crate::ops) struct Jobs {
    /// Its runs, newest first; none where nobody may ask.
    pub(in crate::ops) runs: Option<Vec<Past>>,
    /// Its bookmark.
    pub(in crate::ops) bookmark: Result<Option<Bookmark>>,
}

impl Default for Jobs {
    fn default() -> Self {
        Self { runs: Some(Vec::new()), bookmark: Ok(None) }
    }
}

impl History for Jobs {
    fn newest<'a>(&'a self, _job: &'a str, most: u32) -> BoxFuture<'a, Result<Vec<Past>>> {
        let denied = || CallError::own(Class::Denied, "glue GetJobRuns", "not allowed");
        let runs = self.runs.clone().ok_or_else(denied);
        Box::pin(async move { runs.map(|runs| runs.into_iter().take(most as usize).collect()) })
    }

    fn bookmark<'a>(&'a self, _job: &'a str) -> BoxFuture<'a, Result<Option<Bookmark>>> {
        Box::pin(async { self.bookmark.clone() })
    }
}
