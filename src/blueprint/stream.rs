//! A stream becomes a Kinesis data stream.

use super::{Build, Site};
use crate::catalog::kinesis_stream;
use crate::model::scope::Scope;
use crate::spec::blocks::stream::{Mode, Stream};
use crate::spec::{Ref, Spec};

impl Build for Stream {
    fn build(&self, site: &mut Site<'_>) {
        let name = self.aws_name(site.name, site.spec);
        let mode = match self.mode {
            Mode::Provisioned => kinesis_stream::Mode::Provisioned,
            Mode::OnDemand => kinesis_stream::Mode::OnDemand,
        };
        let stream = kinesis_stream::Spec {
            name: name.clone(),
            mode,
            shards: self.shards,
            retention_hours: self.retention_hours,
            kms_key: self.key().map(str::to_owned),
            shard_metrics: self.shard_metrics.iter().map(|metric| format!("{metric:?}")).collect(),
            max_record_kib: self.max_record_kib,
            tags: site.tags(&self.tags),
        };
        site.add(stream, []);
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
