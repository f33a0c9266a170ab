//! What a user types and reads: standard output, standard error and exit code of every command, in one text.

mod acting;
mod adopt;
mod apply;
mod broadening;
mod building;
mod built;
mod cost;
mod deploy_policy;
mod environment;
mod export;
mod graph;
mod groups;
mod help;
mod offline;
mod own_parts;
mod paths;
mod plan;
mod plan_all;
mod policy;
mod preflight;
mod printing;
mod query;
mod reports;
mod required;
mod running;
mod standing;
mod state;
mod validate;

use crate::support::cli::Cli;
use crate::support::emulator::Account;

/// A stream and what watches it, with the state in a folder.
const SMALL: &str = r#"
[project]
name = "acme"
[env]
region = "us-east-1"
[state]
local = "state"
[stream.clicks]
mode = "provisioned"
shards = 1
[topic.alerts]
[alarm.lag]
watches = "stream.clicks"
metric = "GetRecords.IteratorAgeMilliseconds"
threshold = 60000
notifies = ["topic.alerts"]
"#;

/// A project with one environment, in an account.
fn project(account: &Account, spec: &str) -> Cli {
    Cli::new().against(account).file("envs/dev.toml", spec)
}

/// A whole pipeline; the bucket's name is the account's own.
fn pipeline(account: &Account) -> String {
    format!(
        r#"{SMALL}
[bucket.events]
name = "{}"
[firehose.clicks]
source = "stream.clicks"
destination = "bucket.events"
prefix = "events/"
error_prefix = "errors/"
buffering = {{ size_mib = 1, interval_seconds = 60 }}
[snowpipe.events]
bucket = "bucket.events"
prefix = "events/"
access = "user"
table = "A.B.C"
"#,
        account.unique("events")
    )
}
