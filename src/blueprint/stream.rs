//! A stream becomes a Kinesis data stream.

use serde_json::Value;

use super::page::Page;
use super::policy::{Through, allow, use_key};
use super::{Build, BuildContext, Resolved};
use crate::catalog::{Type, kinesis_stream};
use crate::model::scope::Scope;
use crate::spec::blocks::stream::{Mode, Stream};
use crate::spec::uses::{Access, Use};
use crate::spec::{Block as _, Spec};

impl Build for Stream {
    const TYPE: Option<Type> = Some(Type::Stream);

    fn build(&self, site: &mut BuildContext<'_>) {
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
        site.output("arn", site.arn(self));
        site.output("name", name);
    }

    fn key(&self) -> Option<&str> {
        Stream::key(self)
    }

    fn allow(_own: Option<&Self>, used: &Resolved, asked: &Use, _spec: &Spec, scope: &Scope) -> Vec<Value> {
        let read = asked.access == Access::Read;
        let actions: &[&str] = if read {
            &[
                "kinesis:DescribeStream",
                "kinesis:DescribeStreamSummary",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:ListShards",
            ]
        } else {
            &["kinesis:PutRecord", "kinesis:PutRecords"]
        };
        let of_key = if read { "kms:Decrypt" } else { "kms:GenerateDataKey" };
        let key = used.key.as_deref().and_then(|key| use_key(scope, key, &[of_key], &Through::kinesis(&used.arn)));
        [allow(actions, &used.arn)].into_iter().chain(key).collect()
    }

    fn draw(_own: Option<&Self>, _name: &str, page: &mut Page<'_>) {
        page.graph("Arriving", &[("IncomingRecords", "Sum"), ("IncomingBytes", "Sum right")]);
        page.graph("Age of the oldest record not yet read (ms)", &[("GetRecords.IteratorAgeMilliseconds", "Maximum")]);
        let throttled =
            ["WriteProvisionedThroughputExceeded", "ReadProvisionedThroughputExceeded", "PutRecords.ThrottledRecords"];
        page.graph("Throttled", &throttled.map(|metric| (metric, "Sum")));
    }
}
