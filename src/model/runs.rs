//! Runs of jobs, crawlers and workflows, as operations see them.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::error::CallError;
use super::future::BoxFuture;

/// The result of a call.
pub type Result<T> = std::result::Result<T, CallError>;

/// How a run stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It waits, starts, runs or stops: AWS's word for it, `RUNNING`.
    Active(String),
    /// It has ended well.
    Succeeded,
    /// Somebody has stopped it.
    Stopped,
    /// It has failed, or taken too long: AWS's word for it, `TIMEOUT`, and why, as far as is said.
    Failed(String, String),
}

/// A run.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its id: `jr_…`, `wr_…`.
    pub id: String,
    /// How it stands.
    pub stage: Stage,
    /// For how long it has had machines, in seconds.
    pub seconds: u64,
    /// The DPUs that it has; absent where AWS does not say.
    pub dpus: Option<f64>,
}

/// Runs of jobs, of workflows, or of crawlers, which have one at a time.
pub trait Runs: Send + Sync {
    /// Starts a run with arguments, or properties, that take the place of its own; its id. AWS has nothing that tells two starts
    /// apart, so that one whose reply is lost is not made again.
    fn start<'a>(&'a self, job: &'a str, arguments: &'a BTreeMap<String, String>) -> BoxFuture<'a, Result<String>>;
    /// How a run stands.
    fn look<'a>(&'a self, job: &'a str, run: &'a str) -> BoxFuture<'a, Result<Run>>;
    /// Asks a run to stop; one that has ended counts as stopped.
    fn stop<'a>(&'a self, job: &'a str, run: &'a str) -> BoxFuture<'a, Result<()>>;
}

/// A run, and when it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// The run.
    pub run: Run,
    /// When it began; absent where nobody says.
    pub started: Option<OffsetDateTime>,
    /// When it ended; absent while it goes on.
    pub ended: Option<OffsetDateTime>,
}

/// How far a job has come with its data: what it has had until then it does not read again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bookmark {
    /// The run that has set it last.
    pub run: Option<String>,
}

/// What jobs have done.
pub trait History: Send + Sync {
    /// The newest runs of a job, newest first, at most so many.
    fn newest<'a>(&'a self, job: &'a str, most: u32) -> BoxFuture<'a, Result<Vec<Past>>>;
    /// The bookmark of a job; none where no run has set one.
    fn bookmark<'a>(&'a self, job: &'a str) -> BoxFuture<'a, Result<Option<Bookmark>>>;
}
