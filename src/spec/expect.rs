//! What blocks other than streams are expected to do, on average: what `pipectl cost` and the plan reckon with.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The calls of a function.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    /// Calls a second, on average.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub calls_per_second: f64,
    /// How long a call takes, in milliseconds, on average.
    #[schemars(range(min = 1, max = 5_400_000))]
    pub duration_ms: f64,
    /// How much a call logs, in bytes, on average.
    #[serde(default)]
    pub log_bytes: u32,
}

/// The use of a table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Items {
    /// Items read a second, on average, each by itself and eventually consistent.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub reads_per_second: f64,
    /// Items written a second, on average.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub writes_per_second: f64,
    /// Size of an item in bytes, on average.
    #[schemars(range(min = 1, max = 409_600))]
    pub bytes: u32,
    /// How much the table holds, in GB.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub stored_gb: f64,
}

/// The requests to an API.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requests {
    /// Requests a second, on average.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub requests_per_second: f64,
}

/// The messages through a queue, or to a topic.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Messages {
    /// Messages a second, on average, of at most 64 KiB each.
    #[schemars(range(min = 0, max = 10_000_000))]
    pub messages_per_second: f64,
}
