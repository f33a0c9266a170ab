//! Users and roles that read a bucket: as whom Snowflake may load.

use serde_json::Value;

use super::Sketch;
use crate::import::live::{items, text};

/// A user or a role that may read objects.
pub(super) struct Reader<'a> {
    /// `iam_user` or `iam_role`.
    pub(super) kind: &'static str,
    /// Its name.
    pub(super) name: &'a str,
    pub(super) live: &'a Value,
    /// The bucket whose objects it may read.
    pub(super) bucket: String,
    /// What the keys of these objects begin with.
    pub(super) prefix: String,
}

/// The readers among users, and among those roles that no delivery stream and no function works as.
pub(super) fn find<'a>(sketch: &Sketch<'a>) -> Vec<Reader<'a>> {
    let workers = sketch.live.all("firehose_delivery_stream").chain(sketch.live.all("lambda_function"));
    let working: Vec<&str> = workers.filter_map(|(_, live)| text(&live["role_arn"]).rsplit('/').next()).collect();
    let users = sketch.live.all("iam_user").map(|(name, live)| ("iam_user", name, live));
    let roles = sketch.live.all("iam_role").map(|(name, live)| ("iam_role", name, live));
    let others = users.chain(roles.filter(|(_, name, _)| !working.contains(name)));
    let reader = |(kind, name, live): (&'static str, &'a str, &'a Value)| {
        let (bucket, prefix) = readable(live)?;
        Some(Reader { kind, name, live, bucket, prefix })
    };
    others.filter_map(reader).collect()
}

/// The bucket and the prefix of the first objects that the inline policies let read.
fn readable(live: &Value) -> Option<(String, String)> {
    let policies = live["policies"].as_object().into_iter().flatten().map(|(_, policy)| policy);
    let statements = policies.flat_map(|policy| items(&policy["Statement"]));
    let reads = |statement: &&Value| {
        statement["Effect"] == "Allow" && items(&statement["Action"]).any(|action| action == "s3:GetObject")
    };
    let mut resources = statements.filter(reads).flat_map(|statement| items(&statement["Resource"]));
    resources.find_map(|arn| {
        let (bucket, key) = text(arn).split_once(":s3:::")?.1.split_once('/')?;
        Some((bucket.to_owned(), key.strip_suffix('*').unwrap_or(key).to_owned()))
    })
}
