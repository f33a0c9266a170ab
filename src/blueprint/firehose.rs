//! A firehose becomes a delivery stream, the role that it works as, and the log of its errors.

use serde_json::{Value, json};

use super::policy::{self, Through, allow, use_key};
use super::{Build, Site, bucket, stream};
use crate::engine::address::Address;
use crate::engine::graph::What;
use crate::spec::blocks::firehose::{Compression, DynamicPartitioning, Firehose, Logging};

impl Build for Firehose {
    fn build(&self, site: &mut Site<'_>) {
        let (spec, scope) = (site.spec, site.scope);
        let (role, role_arn) = self.add_role(site);
        let logs = self.add_logs(site);
        let logging = (self.logging != Logging::Off)
            .then(|| json!({ "group": self.log_group(site.name, spec), "stream": self.log_stream }));

        let name = self.aws_name(site.name, spec);
        let attributes = json!({
            "name": name,
            "source": { "stream_arn": stream::arn(&self.source, spec, scope), "role_arn": role_arn },
            "role_arn": role_arn,
            "bucket_arn": bucket::arn(&self.destination, spec, scope),
            "prefix": self.prefix,
            "error_prefix": self.error_prefix.as_deref().unwrap_or_default(),
            "buffer_mib": self.buffering.size_mib,
            "buffer_seconds": self.buffering.interval_seconds,
            "compression": self.compression(),
            "file_extension": self.file_extension.as_deref().unwrap_or_default(),
            "time_zone": self.time_zone,
            "kms_key": self.kms_key.as_ref().map(|key| policy::key_arn(scope, key)),
            "logging": logging,
            "processors": self.processors(),
            "dynamic_partitioning": self.dynamic_partitioning.as_ref().map(|it| json!({ "retry_seconds": it.retry_seconds })),
            "tags": site.tags(&self.tags),
        });
        let needs = [self.source.address(), self.destination.address()].into_iter().chain(role).chain(logs);
        site.add("firehose_delivery_stream", attributes, needs);
        site.flow(self.source.address(), What::Data, site.address.clone());
        site.flow(site.address.clone(), What::Data, self.destination.address());
        site.output("arn", scope.arn("firehose", &format!("deliverystream/{name}")));
        site.output("name", name);
        site.output("role_arn", role_arn);
        if let Some(logging) = logging {
            site.output("log_group", logging["group"].clone());
        }
    }
}

impl Firehose {
    fn compression(&self) -> &'static str {
        match self.compression {
            Compression::None => "UNCOMPRESSED",
            Compression::Gzip => "GZIP",
            Compression::Zip => "ZIP",
            Compression::Snappy => "Snappy",
            Compression::HadoopSnappy => "HADOOP_SNAPPY",
        }
    }

    fn processors(&self) -> Vec<Value> {
        let keys = self.dynamic_partitioning.as_ref().map(extraction);
        let newline = self.newline.then(|| json!({ "type": "AppendDelimiterToRecord" }));
        keys.into_iter().chain(newline).collect()
    }

    /// Adds its role, where it is pipectl's, and returns its address; and its ARN, whosever it is.
    fn add_role(&self, site: &mut Site<'_>) -> (Option<Address>, String) {
        if let Some(own) = &self.role {
            return (None, own.clone());
        }
        let name = self.role_name(site.name, site.spec);
        let role = site.add_part("role", "iam_role", self.role(site, &name), []);
        (Some(role), site.scope.global_arn("iam", &format!("role/{name}")))
    }

    /// Adds the log group and log stream, where they are pipectl's, and returns the address of the latter. Firehose makes
    /// neither by itself.
    fn add_logs(&self, site: &mut Site<'_>) -> Option<Address> {
        if self.logging != Logging::Managed {
            return None;
        }
        let group = self.log_group(site.name, site.spec);
        let attributes = json!({
            "name": group,
            "retention_days": self.log_retention_days,
            "tags": site.part_tags("log-group", &self.tags),
        });
        let needs = site.add_part("log-group", "logs_group", attributes, []);
        Some(site.add_part("log-stream", "logs_stream", json!({ "group": group, "name": self.log_stream }), [needs]))
    }

    fn role(&self, site: &Site<'_>, name: &str) -> Value {
        json!({
            "name": name,
            "description": format!("Lets Firehose deliver {} of {}", site.address, site.spec.env.name),
            "trust": policy::document([json!({
                "Effect": "Allow",
                "Principal": { "Service": "firehose.amazonaws.com" },
                "Action": "sts:AssumeRole",
                "Condition": { "StringEquals": { "sts:ExternalId": site.scope.account } },
            })]),
            "policies": { "delivery": self.delivery_policy(site) },
            "tags": site.part_tags("role", &self.tags),
        })
    }

    /// What AWS's guide asks for, and nothing else: read this stream, write this bucket, log to this log stream.
    fn delivery_policy(&self, site: &Site<'_>) -> Value {
        let (spec, scope) = (site.spec, site.scope);
        let (stream, bucket) = (stream::arn(&self.source, spec, scope), bucket::arn(&self.destination, spec, scope));
        let log = format!("log-group:{}:log-stream:{}", self.log_group(site.name, spec), self.log_stream);
        let reads = ["kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"];
        let lists = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"];
        let writes = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"];
        let mut statements =
            vec![allow(&reads, &stream), allow(&lists, &bucket), allow(&writes, &format!("{bucket}/*"))];
        if self.logging != Logging::Off {
            statements.push(allow(&["logs:PutLogEvents"], &scope.arn("logs", &log)));
        }
        if let Some(key) = spec.blocks.stream[self.source.name()].key() {
            statements.extend(use_key(scope, key, &["kms:Decrypt"], &Through::kinesis(&stream)));
        }
        let keys = [&self.kms_key, &spec.blocks.bucket[self.destination.name()].kms_key];
        if let Some(key) = keys.into_iter().flatten().next() {
            let actions = ["kms:Decrypt", "kms:GenerateDataKey"];
            statements.extend(use_key(scope, key, &actions, &Through::s3(&bucket)));
        }
        policy::document(statements)
    }
}

/// Takes the partition keys out of a record: one jq query that makes an object of them.
fn extraction(partitioning: &DynamicPartitioning) -> Value {
    let keys: Vec<String> = partitioning.keys.iter().map(|(key, query)| format!("{key}:{query}")).collect();
    let query = format!("{{{}}}", keys.join(","));
    json!({
        "type": "MetadataExtraction",
        "parameters": { "MetadataExtractionQuery": query, "JsonParsingEngine": "JQ-1.6" },
    })
}
