//! A firehose becomes a delivery stream, the role that it works as, and the log of its errors.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::page::{COLUMNS, Page};
use super::policy::{self, Through, allow, use_key};
use super::{Build, BuildContext, Resolved};
use crate::catalog::firehose_delivery_stream::conversion::{self, Conversion};
use crate::catalog::firehose_delivery_stream::{self, Processor, Source};
use crate::catalog::{Type, iam_role, logs_stream};
use crate::model::address::Address;
use crate::model::graph::What;
use crate::spec::Block as _;
use crate::spec::blocks::firehose::{Columns, Compression, DynamicPartitioning, Firehose, Logging, To};
use crate::spec::jq;

impl Build for Firehose {
    const TYPE: Option<Type> = Some(Type::DeliveryStream);

    fn build(&self, site: &mut BuildContext<'_>) {
        let (spec, scope) = (site.spec, site.scope);
        let (role, role_arn) = self.add_role(site);
        let logs = self.add_logs(site);
        let logging = (self.logging != Logging::Off).then(|| firehose_delivery_stream::Logging {
            group: self.log_group(site.name, spec),
            stream: self.log_stream.clone(),
        });
        let log_group = logging.as_ref().map(|logging| logging.group.clone());

        let name = self.aws_name(site.name, spec);
        let partitioning = self.dynamic_partitioning.as_ref();
        let stream = firehose_delivery_stream::Spec {
            name: name.clone(),
            source: Source { stream_arn: site.resolve(&self.source).arn, role_arn: role_arn.clone() },
            role_arn: role_arn.clone(),
            bucket_arn: site.resolve(&self.destination).arn,
            prefix: self.prefix.clone(),
            error_prefix: self.error_prefix.clone().unwrap_or_default(),
            buffer_mib: self.buffering.size_mib,
            buffer_seconds: self.buffering.interval_seconds,
            compression: self.compression().to_owned(),
            file_extension: self.file_extension.clone().unwrap_or_default(),
            time_zone: self.time_zone.clone(),
            kms_key: self.kms_key.as_ref().map(|key| policy::key_arn(scope, key)),
            logging,
            processors: self.processors(),
            dynamic_partitioning: partitioning
                .map(|it| firehose_delivery_stream::DynamicPartitioning { retry_seconds: it.retry_seconds }),
            conversion: self.conversion(site, &role_arn),
            backup: None,
            tags: site.tags(&self.tags),
        };
        let table = self.convert.as_ref().map(|convert| convert.dataset.address());
        let needs =
            [self.source.address(), self.destination.address()].into_iter().chain(role).chain(logs).chain(table);
        site.add(stream, needs);
        site.flow(self.source.address(), What::Data, site.address.clone());
        site.flow(site.address.clone(), What::Data, self.destination.address());
        site.output("arn", site.arn(self));
        site.output("name", name);
        site.output("role_arn", role_arn);
        if let Some(log_group) = log_group {
            site.output("log_group", log_group);
        }
    }

    fn key(&self) -> Option<&str> {
        None
    }

    fn draw(own: Option<&Self>, name: &str, page: &mut Page<'_>) {
        let records = ["DataReadFromKinesisStream.Records", "DeliveryToS3.Records"];
        page.graph("Read and delivered", &records.map(|metric| (metric, "Sum")));
        page.graph("Age of the oldest record not yet delivered (s)", &[("DeliveryToS3.DataFreshness", "Maximum")]);
        if let Some(interval) = own.map(|own| own.buffering.interval_seconds) {
            page.mark(&format!("Buffer: {interval} s"), f64::from(interval));
        }
        page.graph("Behind the stream (ms)", &[("KinesisMillisBehindLatest", "Maximum")]);
        page.graph("Deliveries that succeed (share)", &[("DeliveryToS3.Success", "Average")]);
        page.mark("All", 1.0);
        page.graph("Delivered bytes", &[("DeliveryToS3.Bytes", "Sum")]);
        if own.is_some_and(|own| own.convert.is_some()) {
            let converted = ["SucceedConversion.Records", "FailedConversion.Records"];
            page.graph("Converted, and not", &converted.map(|metric| (metric, "Sum")));
        }
        let throttled = ["ThrottledGetRecords", "ThrottledGetShardIterator", "ThrottledDescribeStream"];
        page.graph("Throttled", &throttled.map(|metric| (metric, "Sum")));
        let Some(own) = own.filter(|own| own.logging != Logging::Off) else { return };
        let group = own.log_group(name, page.spec);
        let query =
            format!("SOURCE '{group}' | fields @timestamp, errorCode, errorMessage | sort @timestamp desc | limit 50");
        page.set("log", (COLUMNS, 6), json!({ "title": "Errors of delivery", "query": query, "view": "table" }));
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

    fn processors(&self) -> Vec<Processor> {
        let keys = self.dynamic_partitioning.as_ref().map(extraction);
        // Rows of a converted object do not end with anything.
        let newline = (self.newline && self.convert.is_none())
            .then(|| Processor { kind: "AppendDelimiterToRecord".to_owned(), parameters: BTreeMap::new() });
        keys.into_iter().chain(newline).collect()
    }

    /// What records are converted to.
    fn conversion(&self, site: &BuildContext<'_>, role_arn: &str) -> Option<Conversion> {
        let convert = self.convert.as_ref()?;
        let dataset = site.spec.blocks.dataset.own().get(convert.dataset.name())?;
        let (orc, compression) = match (convert.to, convert.compression) {
            (To::Parquet, Columns::Snappy) => (false, "SNAPPY"),
            (To::Parquet, Columns::Gzip) => (false, "GZIP"),
            (To::Parquet, Columns::None) => (false, "UNCOMPRESSED"),
            (To::Orc, Columns::Snappy) => (true, "SNAPPY"),
            // ORC has the same in another wrapping.
            (To::Orc, Columns::Gzip) => (true, "ZLIB"),
            (To::Orc, Columns::None) => (true, "NONE"),
        };
        Some(Conversion {
            orc,
            compression: compression.to_owned(),
            hive: false,
            database: site.resolve(&dataset.catalog).name,
            table: site.resolve(&convert.dataset).name,
            version: conversion::latest(),
            region: site.scope.region.clone(),
            role_arn: role_arn.to_owned(),
        })
    }

    /// Adds its role, where it is pipectl's, and returns its address; and its ARN, whosever it is.
    fn add_role(&self, site: &mut BuildContext<'_>) -> (Option<Address>, String) {
        if let Some(own) = &self.role {
            return (None, own.clone());
        }
        let name = self.role_name(site.name, site.spec);
        let role = site.add_part("role", self.role(site, &name), []);
        (Some(role), site.scope.global_arn("iam", &format!("role/{name}")))
    }

    /// Adds the log group and log stream, where they are pipectl's, and returns the address of the latter. Firehose makes
    /// neither by itself.
    fn add_logs(&self, site: &mut BuildContext<'_>) -> Option<Address> {
        if self.logging != Logging::Managed {
            return None;
        }
        let group = self.log_group(site.name, site.spec);
        let needs = site.add_log_group("log-group", group.clone(), self.log_retention_days, &self.tags);
        Some(site.add_part("log-stream", logs_stream::Spec { group, name: self.log_stream.clone() }, [needs]))
    }

    fn role(&self, site: &BuildContext<'_>, name: &str) -> iam_role::Spec {
        let trust = json!({
            "Effect": "Allow",
            "Principal": { "Service": "firehose.amazonaws.com" },
            "Action": "sts:AssumeRole",
            "Condition": { "StringEquals": { "sts:ExternalId": site.scope.account } },
        });
        let description = format!("Lets Firehose deliver {} of {}", site.address, site.spec.env.name);
        site.role(name, description, trust, ("delivery", &self.delivery_policy(site)), &self.tags)
    }

    /// What AWS's guide asks for, and nothing else: read this stream, write this bucket, log to this log stream.
    fn delivery_policy(&self, site: &BuildContext<'_>) -> Value {
        let (spec, scope) = (site.spec, site.scope);
        let Resolved { arn: stream, key: stream_key, .. } = site.resolve(&self.source);
        let Resolved { arn: bucket, key: bucket_key, foreign, .. } = site.resolve(&self.destination);
        let log = format!("log-group:{}:log-stream:{}", self.log_group(site.name, spec), self.log_stream);
        let reads = ["kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"];
        let lists = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"];
        let mut writes = vec!["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"];
        // So that the bucket's owner may read what arrives, where it has objects that are their writer's.
        writes.extend(foreign.then_some("s3:PutObjectAcl"));
        let mut statements =
            vec![allow(&reads, &stream), allow(&lists, &bucket), allow(&writes, &format!("{bucket}/*"))];
        let dataset = self.convert.as_ref().map(|convert| &convert.dataset);
        let dataset = dataset.and_then(|dataset| Some((dataset, spec.blocks.dataset.own().get(dataset.name())?)));
        statements.extend(dataset.map(|(at, dataset)| dataset.schema(&site.resolve(at).name, spec, scope)));
        if self.logging != Logging::Off {
            statements.push(allow(&["logs:PutLogEvents"], &scope.arn("logs", &log)));
        }
        if let Some(key) = stream_key {
            statements.extend(use_key(scope, &key, &["kms:Decrypt"], &Through::kinesis(&stream)));
        }
        if let Some(key) = self.kms_key.as_ref().or(bucket_key.as_ref()) {
            let actions = ["kms:Decrypt", "kms:GenerateDataKey"];
            statements.extend(use_key(scope, key, &actions, &Through::s3(&bucket)));
        }
        policy::document(statements)
    }
}

/// Takes the partition keys out of a record: one jq query that makes an object of them.
fn extraction(partitioning: &DynamicPartitioning) -> Processor {
    let query = jq::object(&partitioning.keys);
    let parameters = [("MetadataExtractionQuery", query), ("JsonParsingEngine", "JQ-1.6".to_owned())];
    Processor {
        kind: "MetadataExtraction".to_owned(),
        parameters: parameters.map(|(name, value)| (name.to_owned(), value)).into(),
    }
}
