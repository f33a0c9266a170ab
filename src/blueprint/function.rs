//! A function becomes a Lambda function, the role that it works as, its log group, and the mapping from its source.

use serde_json::{Value, json};

use super::policy::{self, Through, allow, use_key};
use super::{Build, Site, stream, topic};
use crate::engine::address::Address;
use crate::engine::graph::What;
use crate::spec::Ref;
use crate::spec::blocks::function::{Access, Architecture, Function, Source, StartingPosition, Use};

impl Build for Function {
    fn build(&self, site: &mut Site<'_>) {
        let (spec, scope) = (site.spec, site.scope);
        let name = self.aws_name(site.name, spec);
        let role_name = self.role_name(site.name, spec);
        let role_arn = scope.global_arn("iam", &format!("role/{role_name}"));
        let log_group = self.log_group(site.name, spec);
        let role = site.add_part("role", "iam_role", self.role(site, &role_name), []);
        let logs = json!({
            "name": log_group,
            "retention_days": self.log_retention_days,
            "tags": site.part_tags("log-group", &self.tags),
        });
        let logs = site.add_part("log-group", "logs_group", logs, []);
        let attributes = json!({
            "name": name,
            "description": self.description,
            "role_arn": role_arn,
            "code": { "path": self.code },
            "runtime": self.runtime,
            "handler": self.handler,
            "memory_mb": self.memory_mb,
            "timeout_seconds": self.timeout_seconds,
            "environment": self.environment,
            "architecture": self.architecture(),
            "tracing": self.tracing,
            "log_group": log_group,
            "reserved_concurrency": self.reserved_concurrency,
            "tags": site.tags(&self.tags),
        });
        let used = self.uses.iter().map(Use::address);
        site.add("lambda_function", attributes, used.chain([role, logs]).collect::<Vec<_>>());
        if let Some(source) = &self.source {
            add_source(site, source, &name, &role_arn);
        }
        self.add_flows(site);
        site.output("arn", scope.arn("lambda", &format!("function:{name}")));
        site.output("name", name);
        site.output("role_arn", role_arn);
        site.output("log_group", log_group);
    }
}

/// Adds the mapping: Lambda reads the source for the function.
fn add_source(site: &mut Site<'_>, source: &Source, function: &str, role_arn: &str) {
    let (spec, scope) = (site.spec, site.scope);
    let position = match source.starting_position {
        StartingPosition::TrimHorizon => "TRIM_HORIZON",
        StartingPosition::Latest => "LATEST",
    };
    let attributes = json!({
        "function": function,
        "source_arn": stream::arn(&source.from, spec, scope),
        "starting_position": position,
        "role_arn": role_arn,
        "enabled": source.enabled,
        "batch_size": source.batch_size,
        "window_seconds": source.window_seconds,
        "parallelization": source.parallelization,
        "bisect_on_error": source.bisect_on_error,
        "report_failures": source.report_failures,
        "retries": source.retries,
        "max_age_seconds": source.max_age_seconds,
        "failure_arn": source.failures_to.as_ref().map(|to| topic::arn(to, spec, scope)),
    });
    let failures = source.failures_to.as_ref().map(Ref::address);
    let needs: Vec<Address> = [site.address.clone(), source.from.address()].into_iter().chain(failures).collect();
    site.add_part("source", "lambda_event_source_mapping", attributes, needs);
}

impl Function {
    fn architecture(&self) -> &'static str {
        match self.architecture {
            Architecture::X86 => "x86_64",
            Architecture::Arm => "arm64",
        }
    }

    fn add_flows(&self, site: &mut Site<'_>) {
        let own = site.address.clone();
        for used in &self.uses {
            match used.access {
                Access::Read => site.flow(used.address(), What::Data, own.clone()),
                Access::Write => site.flow(own.clone(), What::Data, used.address()),
                Access::Publish => site.flow(own.clone(), What::Notifies, used.address()),
            }
        }
        let Some(source) = &self.source else { return };
        site.flow(source.from.address(), What::Data, own.clone());
        if let Some(topic) = &source.failures_to {
            site.flow(own, What::Notifies, topic.address());
        }
    }

    fn role(&self, site: &Site<'_>, name: &str) -> Value {
        json!({
            "name": name,
            "description": format!("Lets Lambda run {} of {}", site.address, site.spec.env.name),
            "trust": policy::document([json!({
                "Effect": "Allow",
                "Principal": { "Service": "lambda.amazonaws.com" },
                "Action": "sts:AssumeRole",
            })]),
            "policies": { "function": self.policy(site) },
            "tags": site.part_tags("role", &self.tags),
        })
    }

    /// Its log, its source and what it uses; nothing else.
    fn policy(&self, site: &Site<'_>) -> Value {
        let log_group = self.log_group(site.name, site.spec);
        let log = site.scope.arn("logs", &format!("log-group:{log_group}:*"));
        let mut statements = vec![allow(&["logs:CreateLogStream", "logs:PutLogEvents"], &log)];
        if self.tracing {
            // X-Ray has no resources that could be named.
            statements.push(allow(&["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"));
        }
        let source = self.source.iter().flat_map(|source| {
            let read = Use { kind: "stream".to_owned(), name: source.from.name().to_owned(), access: Access::Read };
            let publish = source.failures_to.as_ref().map(|to| Use {
                kind: "topic".to_owned(),
                name: to.name().to_owned(),
                access: Access::Publish,
            });
            [Some(read), publish].into_iter().flatten()
        });
        let mut all: Vec<Use> = source.collect();
        all.extend(self.uses.iter().filter(|used| !all.contains(used)).cloned().collect::<Vec<_>>());
        statements.extend(all.iter().flat_map(|used| statements_for(used, site)));
        policy::document(statements)
    }
}

/// What the use of a block takes.
fn statements_for(used: &Use, site: &Site<'_>) -> Vec<Value> {
    match used.kind.as_str() {
        "table" => for_table(used, site),
        "stream" => for_stream(used, site),
        _ => for_topic(used, site),
    }
}

fn for_table(used: &Use, site: &Site<'_>) -> Vec<Value> {
    let (spec, scope) = (site.spec, site.scope);
    let block = &spec.blocks.table[&used.name];
    let arn = block.arn(&used.name, spec, scope);
    let mut statements = if used.access == Access::Read {
        let mut read = allow(
            &["dynamodb:BatchGetItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"],
            &arn,
        );
        if block.has_indexes() {
            read["Resource"] = json!([arn, format!("{arn}/index/*")]);
        }
        vec![read]
    } else {
        let actions = ["BatchWriteItem", "ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem"];
        vec![allow(&actions.map(|action| format!("dynamodb:{action}")).each_ref().map(String::as_str), &arn)]
    };
    let actions = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"];
    let name = block.aws_name(&used.name, spec);
    let key = block.kms_key.as_deref();
    statements.extend(key.and_then(|key| use_key(scope, key, &actions, &Through::dynamodb(&name))));
    statements
}

fn for_stream(used: &Use, site: &Site<'_>) -> Vec<Value> {
    let (spec, scope) = (site.spec, site.scope);
    let block = &spec.blocks.stream[&used.name];
    let arn = block.arn(&used.name, spec, scope);
    let read = used.access == Access::Read;
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
    let key = block.key().and_then(|key| use_key(scope, key, &[of_key], &Through::kinesis(&arn)));
    [allow(actions, &arn)].into_iter().chain(key).collect()
}

fn for_topic(used: &Use, site: &Site<'_>) -> Vec<Value> {
    let (spec, scope) = (site.spec, site.scope);
    let block = &spec.blocks.topic[&used.name];
    let arn = block.arn(&used.name, spec, scope);
    let actions = ["kms:Decrypt", "kms:GenerateDataKey"];
    let key = block.kms_key.as_deref().and_then(|key| use_key(scope, key, &actions, &Through::sns(&arn)));
    [allow(&["sns:Publish"], &arn)].into_iter().chain(key).collect()
}
