//! A stream becomes a Kinesis data stream.

use serde_json::json;

use super::{Build, Site};
use crate::engine::scope::Scope;
use crate::spec::blocks::stream::{Mode, Stream};
use crate::spec::{Ref, Spec};

impl Build for Stream {
    fn build(&self, site: &mut Site<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let mode = match self.mode {
            Mode::Provisioned => "PROVISIONED",
            Mode::OnDemand => "ON_DEMAND",
        };
        let attributes = json!({
            "name": name,
            "mode": mode,
            "shards": self.shards,
            "retention_hours": self.retention_hours,
            "kms_key": self.key(),
            "shard_metrics": self.shard_metrics,
            "max_record_kib": self.max_record_kib,
            "tags": site.tags(&self.tags),
        });
        site.add("kinesis_stream", attributes, []);
        site.output("arn", self.arn(site.name, site.spec, site.scope));
        site.output("name", name);
    }
}

impl Stream {
    pub(super) fn arn(&self, block: &str, spec: &Spec, scope: &Scope) -> String {
        scope.arn("kinesis", &format!("stream/{}", self.aws_name(block, spec)))
    }
}

/// The ARN of the stream that a reference leads to.
pub(super) fn arn(stream: &Ref<Stream>, spec: &Spec, scope: &Scope) -> String {
    spec.blocks.stream[stream.name()].arn(stream.name(), spec, scope)
}
