//! The rule that one UpdateShardCount at most doubles and at least halves a stream.

use std::collections::HashMap;
use std::sync::Mutex;

use hyper::Response;
use hyper::body::Bytes;
use serde_json::Value;

use super::lag::name_of;
use super::realism::Asked;

/// How many open shards each stream has, as it was last said.
#[derive(Debug, Default)]
pub(crate) struct Shards(Mutex<HashMap<String, u64>>);

impl Shards {
    /// Remembers what a reply says of a stream.
    pub(crate) fn note(&self, asked: &Asked<'_>, reply: &Response<Bytes>) {
        let count = match asked.operation.full_name().as_str() {
            "kinesis:DescribeStreamSummary" => "/StreamDescriptionSummary/OpenShardCount",
            "kinesis:UpdateShardCount" => "/TargetShardCount",
            _ => return,
        };
        let body: Value = serde_json::from_slice(reply.body()).unwrap_or_default();
        if let (Some(name), Some(count)) = (name_of(asked), body.pointer(count).and_then(Value::as_u64)) {
            self.0.lock().unwrap().insert(name, count);
        }
    }

    /// What Kinesis answers to a target that is too far away.
    pub(crate) fn refusal(&self, asked: &Asked<'_>) -> Option<Response<Bytes>> {
        if asked.operation.full_name() != "kinesis:UpdateShardCount" {
            return None;
        }
        let now = *self.0.lock().unwrap().get(&name_of(asked)?)?;
        let body: Value = serde_json::from_slice(&asked.body).ok()?;
        let target = body["TargetShardCount"].as_u64()?;
        let (too_far, rule) = match target {
            _ if target > now * 2 => (true, "up over double"),
            _ if target * 2 < now => (true, "down below half"),
            _ => (false, ""),
        };
        let message = format!(
            "UpdateShardCount cannot scale {rule} your current open shard count. Current open shard count: {now} \
             Target shard count: {target}"
        );
        too_far.then(|| asked.refused("InvalidArgumentException", message))
    }
}
