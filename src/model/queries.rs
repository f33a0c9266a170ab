//! Queries in SQL over what a pipeline has stored, as operations see them.

use super::error::CallError;
use super::future::BoxFuture;

/// The result of a call.
pub type Result<T> = std::result::Result<T, CallError>;

/// A query, and where it runs.
#[derive(Clone, Copy, Debug)]
pub struct Query<'a> {
    /// Its SQL.
    pub sql: &'a str,
    /// The workgroup.
    pub workgroup: &'a str,
    /// The database of tables that it names without one.
    pub database: Option<&'a str>,
}

/// Where a query stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It waits for its turn.
    Queued,
    /// It runs.
    Running,
    /// It has its result.
    Done,
    /// It has none, for this reason.
    Failed(String),
    /// Somebody has stopped it, or a limit; as far as is said why.
    Stopped(String),
}

/// A query on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Where it stands.
    pub stage: Stage,
    /// Bytes that it has read so far.
    pub scanned: u64,
    /// How long it has taken, in milliseconds, the wait included.
    pub milliseconds: u64,
    /// Whether what it reads is billed: not of a statement that only tells or changes how tables are described, nor of a
    /// result that was there already.
    pub billed: bool,
}

/// A column of a result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type in SQL: `varchar`.
    pub kind: String,
}

/// The first rows of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// What their values are.
    pub columns: Vec<Column>,
    /// A text for each value; none for NULL.
    pub rows: Vec<Vec<Option<String>>>,
    /// Whether there are others.
    pub more: bool,
}

/// Runs queries.
pub trait Queries: Send + Sync {
    /// Starts a query, and says its id.
    fn start<'a>(&'a self, query: Query<'a>) -> BoxFuture<'a, Result<String>>;
    /// Where the query of an id stands.
    fn look<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Run>>;
    /// The first `most` rows of its result.
    fn rows<'a>(&'a self, id: &'a str, most: usize) -> BoxFuture<'a, Result<Rows>>;
    /// Stops it.
    fn stop<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<()>>;
}
