//! A firehose becomes a delivery stream, the role that it works as, and the log of its errors.

mod graphs;
mod processing;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::page::Page;
use super::policy::{self, Through, allow, use_key};
use super::{Build, BuildContext, Resolved};
use crate::catalog::firehose_delivery_stream::backup::Backup;
use crate::catalog::firehose_delivery_stream::conversion::{self, Conversion};
use crate::catalog::firehose_delivery_stream::{self, Source};
use crate::catalog::{Type, iam_role, logs_stream};
use crate::model::address::Address;
use crate::model::graph::What;
use crate::model::scope::Scope;
use crate::spec::blocks::firehose::{Columns, Compression, Firehose, Logging, To};
use crate::spec::uses::Use;
use crate::spec::{Block as _, Ref, Spec};

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
            source: self
                .source
                .as_ref()
                .map(|source| Source { stream_arn: site.resolve(source).arn, role_arn: role_arn.clone() }),
            encrypted: self.source.is_none() && self.encrypted,
            buffer_key: self.buffer_key.as_ref().map(|key| policy::key_arn(scope, key)),
            role_arn: role_arn.clone(),
            bucket_arn: site.resolve(&self.destination).arn,
            prefix: self.prefix.clone(),
            error_prefix: self.error_prefix.clone().unwrap_or_default(),
            buffer_mib: self.buffering.size_mib,
            buffer_seconds: self.buffering.interval_seconds,
            compression: compression(self.compression).to_owned(),
            file_extension: self.file_extension.clone().unwrap_or_default(),
            time_zone: self.time_zone.clone(),
            kms_key: self.kms_key.as_ref().map(|key| policy::key_arn(scope, key)),
            backup: self.backup(site, &role_arn, logging.as_ref()),
            logging,
            processors: self.processors(site),
            dynamic_partitioning: partitioning
                .map(|it| firehose_delivery_stream::DynamicPartitioning { retry_seconds: it.retry_seconds }),
            conversion: self.conversion(site, &role_arn),
            tags: site.tags(&self.tags),
        };
        let table = self.convert.as_ref().map(|convert| convert.dataset.address());
        let source = self.source.as_ref().map(Ref::address);
        let function = self.transform.as_ref().map(|transform| transform.function.address());
        let copies = self.backup.as_ref().map(|backup| backup.bucket.address());
        let ends = source.clone().into_iter().chain([self.destination.address()]);
        let ends = ends.chain(function.clone()).chain(copies.clone());
        site.add(stream, ends.chain(role).chain(logs).chain(table));
        // What the function gives back is its answer, and no flow of its own.
        for to in [function, copies].into_iter().flatten() {
            site.flow(site.address.clone(), What::Data, to);
        }
        if let Some(source) = source {
            site.flow(source, What::Data, site.address.clone());
        }
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

    fn allow(_own: Option<&Self>, used: &Resolved, _asked: &Use, _spec: &Spec, _scope: &Scope) -> Vec<Value> {
        // The key of the buffer is Firehose's to use, by a grant: whoever puts needs none.
        vec![allow(&["firehose:PutRecord", "firehose:PutRecordBatch"], &used.arn)]
    }

    fn draw(own: Option<&Self>, name: &str, page: &mut Page<'_>) {
        graphs::draw(own, name, page);
    }
}

fn compression(compression: Compression) -> &'static str {
    match compression {
        Compression::None => "UNCOMPRESSED",
        Compression::Gzip => "GZIP",
        Compression::Zip => "ZIP",
        Compression::Snappy => "Snappy",
        Compression::HadoopSnappy => "HADOOP_SNAPPY",
    }
}

impl Firehose {
    /// Where every record goes besides, as it came; its errors go where the others go.
    fn backup(
        &self,
        site: &BuildContext<'_>,
        role_arn: &str,
        logging: Option<&firehose_delivery_stream::Logging>,
    ) -> Option<Backup> {
        let backup = self.backup.as_ref()?;
        Some(Backup {
            role_arn: role_arn.to_owned(),
            bucket_arn: site.resolve(&backup.bucket).arn,
            prefix: backup.prefix.clone(),
            error_prefix: backup.error_prefix.clone().unwrap_or_default(),
            buffer_mib: backup.buffering.size_mib,
            buffer_seconds: backup.buffering.interval_seconds,
            compression: compression(backup.compression).to_owned(),
            kms_key: backup.kms_key.as_ref().map(|key| policy::key_arn(site.scope, key)),
            logging: logging.cloned(),
        })
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

    /// What AWS's guide asks for, and nothing else: read its stream, write its bucket, log to its log stream.
    fn delivery_policy(&self, site: &BuildContext<'_>) -> Value {
        let (spec, scope) = (site.spec, site.scope);
        let source = self.source.as_ref().map(|source| site.resolve(source));
        let log = format!("log-group:{}:log-stream:{}", self.log_group(site.name, spec), self.log_stream);
        let reads = ["kinesis:DescribeStream", "kinesis:GetShardIterator", "kinesis:GetRecords", "kinesis:ListShards"];
        let mut statements: Vec<Value> = source.iter().map(|stream| allow(&reads, &stream.arn)).collect();
        let bucket = site.resolve(&self.destination);
        statements.extend(write(&bucket));
        let copies = self.backup.as_ref().map(|backup| (backup, site.resolve(&backup.bucket)));
        let elsewhere = copies.as_ref().filter(|(_, copies)| copies.arn != bucket.arn);
        statements.extend(elsewhere.iter().flat_map(|(_, copies)| write(copies)));
        statements.extend(self.calls(site));
        let dataset = self.convert.as_ref().map(|convert| &convert.dataset);
        let dataset = dataset.and_then(|dataset| Some((dataset, spec.blocks.dataset.own().get(dataset.name())?)));
        statements.extend(dataset.map(|(at, dataset)| dataset.schema(&site.resolve(at).name, spec, scope)));
        if self.logging != Logging::Off {
            statements.push(allow(&["logs:PutLogEvents"], &scope.arn("logs", &log)));
        }
        if let Some(Resolved { arn, key: Some(key), .. }) = &source {
            statements.extend(use_key(scope, key, &["kms:Decrypt"], &Through::kinesis(arn)));
        }
        let objects = self.kms_key.as_ref().or(bucket.key.as_ref()).map(|key| (key, &bucket.arn));
        let besides = copies
            .as_ref()
            .and_then(|(backup, copies)| Some((backup.kms_key.as_ref().or(copies.key.as_ref())?, &copies.arn)));
        let keys: BTreeSet<(&String, &String)> = objects.into_iter().chain(besides).collect();
        for (key, bucket) in keys {
            let actions = ["kms:Decrypt", "kms:GenerateDataKey"];
            statements.extend(use_key(scope, key, &actions, &Through::s3(bucket)));
        }
        policy::document(statements)
    }
}

/// What it takes to write a bucket.
fn write(bucket: &Resolved) -> [Value; 2] {
    let lists = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"];
    let mut writes = vec!["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"];
    // So that the bucket's owner may read what arrives, where it has objects that are their writer's.
    writes.extend(bucket.foreign.then_some("s3:PutObjectAcl"));
    [allow(&lists, &bucket.arn), allow(&writes, &format!("{}/*", bucket.arn))]
}
