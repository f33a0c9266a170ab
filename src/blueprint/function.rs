//! A function becomes a Lambda function, the role that it works as, its log group, and the mapping from its source.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::policy::{self, Through, allow, use_key};
use super::{Build, Site};
use crate::catalog::lambda_event_source_mapping::Spec as Mapping;
use crate::catalog::{iam_role, lambda_function, logs_group};
use crate::model::address::Address;
use crate::model::graph::What;
use crate::model::policy::Policy;
use crate::model::scope::Scope;
use crate::spec::blocks::function::{Access, Architecture, Function, Source, StartingPosition, Use};
use crate::spec::blocks::queue::Queue;
use crate::spec::check::Block as _;
use crate::spec::{Ref, Spec};

impl Build for Function {
    fn build(&self, site: &mut Site<'_>) {
        let (spec, scope) = (site.spec, site.scope);
        let name = self.aws_name(site.name, spec);
        let role_name = self.role_name(site.name, spec);
        let role_arn = scope.global_arn("iam", &format!("role/{role_name}"));
        let log_group = self.log_group(site.name, spec);
        let role = site.add_part("role", self.role(site, &role_name), []);
        let logs = logs_group::Spec {
            name: log_group.clone(),
            retention_days: Some(self.log_retention_days),
            kms_key: None,
            tags: site.part_tags("log-group", &self.tags),
        };
        let logs = site.add_part("log-group", logs, []);
        let function = lambda_function::Spec {
            name: name.clone(),
            description: self.description.clone(),
            role_arn: role_arn.clone(),
            code: lambda_function::Code { path: self.code.clone(), sha256: None },
            runtime: self.runtime.clone(),
            handler: self.handler.clone(),
            memory_mb: self.memory_mb,
            timeout_seconds: self.timeout_seconds,
            environment: self.environment.clone(),
            architecture: self.architecture().to_owned(),
            tracing: self.tracing,
            log_group: log_group.clone(),
            reserved_concurrency: self.reserved_concurrency,
            tags: site.tags(&self.tags),
        };
        let used = self.uses.iter().map(Use::address);
        site.add(function, used.chain([role, logs]).collect::<Vec<_>>());
        if let Some(source) = &self.source {
            add_source(site, source, &name, &role_arn);
        }
        self.add_flows(site);
        site.output("arn", self.arn(site.name, spec, scope));
        site.output("name", name);
        site.output("role_arn", role_arn);
        site.output("log_group", log_group);
    }
}

/// Adds the mapping: Lambda reads the source for the function.
fn add_source(site: &mut Site<'_>, source: &Source, function: &str, role_arn: &str) {
    let position = match source.starting_position {
        Some(StartingPosition::Latest) => "LATEST",
        Some(StartingPosition::TrimHorizon) | None => "TRIM_HORIZON",
    };
    let mapping = Mapping {
        function: function.to_owned(),
        source_arn: arn(&source.from, site),
        starting_position: None,
        role_arn: role_arn.to_owned(),
        enabled: source.enabled,
        batch_size: source.batch_size(),
        window_seconds: source.window_seconds,
        max_concurrency: None,
        parallelization: 1,
        bisect_on_error: false,
        report_failures: source.report_failures,
        retries: None,
        max_age_seconds: None,
        failure_arn: None,
    };
    let mapping = if source.reads_queue() {
        Mapping { max_concurrency: source.max_concurrency, ..mapping }
    } else {
        Mapping {
            starting_position: Some(position.to_owned()),
            parallelization: source.parallelization.unwrap_or(1),
            bisect_on_error: source.bisect_on_error.unwrap_or(true),
            retries: source.retries,
            max_age_seconds: source.max_age_seconds,
            failure_arn: source.failures_to.as_ref().map(|to| arn(to, site)),
            ..mapping
        }
    };
    let failures = source.failures_to.as_ref().map(Ref::address);
    let needs: Vec<Address> = [site.address.clone(), source.from.address()].into_iter().chain(failures).collect();
    site.add_part("source", mapping, needs);
}

/// The ARN of the stream, queue or topic that a reference leads to.
fn arn<T>(block: &Ref<T>, site: &Site<'_>) -> String {
    let (name, spec, scope) = (block.name(), site.spec, site.scope);
    match block.kind() {
        "stream" => spec.blocks.stream[name].arn(name, spec, scope),
        "queue" => spec.blocks.queue[name].arn(name, spec, scope),
        _ => spec.blocks.topic[name].arn(name, spec, scope),
    }
}

impl Function {
    pub(super) fn arn(&self, block: &str, spec: &Spec, scope: &Scope) -> String {
        scope.arn("lambda", &format!("function:{}", self.aws_name(block, spec)))
    }

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
                Access::Read | Access::Receive => site.flow(used.address(), What::Data, own.clone()),
                Access::Write | Access::Send => site.flow(own.clone(), What::Data, used.address()),
                Access::Publish => site.flow(own.clone(), What::Notifies, used.address()),
            }
        }
        let Some(source) = &self.source else { return };
        site.flow(source.from.address(), What::Data, own.clone());
        if let Some(topic) = &source.failures_to {
            site.flow(own, What::Notifies, topic.address());
        }
    }

    fn role(&self, site: &Site<'_>, name: &str) -> iam_role::Spec {
        let trust = policy::document([json!({
            "Effect": "Allow",
            "Principal": { "Service": "lambda.amazonaws.com" },
            "Action": "sts:AssumeRole",
        })]);
        iam_role::Spec {
            description: format!("Lets Lambda run {} of {}", site.address, site.spec.env.name),
            policies: BTreeMap::from([("function".to_owned(), Policy::new(&self.policy(site)))]),
            permissions_boundary: site.boundary(),
            tags: site.part_tags("role", &self.tags),
            ..iam_role::Spec::new(name, Policy::new(&trust))
        }
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
            let read = use_of(&source.from, if source.reads_queue() { Access::Receive } else { Access::Read });
            let told = source
                .failures_to
                .as_ref()
                .map(|to| use_of(to, if to.kind() == Queue::KIND { Access::Send } else { Access::Publish }));
            [Some(read), told].into_iter().flatten()
        });
        let mut all: Vec<Use> = source.collect();
        all.extend(self.uses.iter().filter(|used| !all.contains(used)).cloned().collect::<Vec<_>>());
        statements.extend(all.iter().flat_map(|used| statements_for(used, site)));
        policy::document(statements)
    }
}

fn use_of<T>(block: &Ref<T>, access: Access) -> Use {
    Use { kind: block.kind().to_owned(), name: block.name().to_owned(), access }
}

/// What the use of a block takes.
fn statements_for(used: &Use, site: &Site<'_>) -> Vec<Value> {
    match used.kind.as_str() {
        "table" => for_table(used, site),
        "stream" => for_stream(used, site),
        "queue" => for_queue(used, site),
        "secret" => for_secret(used, site),
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

fn for_queue(used: &Use, site: &Site<'_>) -> Vec<Value> {
    let (spec, scope) = (site.spec, site.scope);
    let block = &spec.blocks.queue[&used.name];
    let arn = block.arn(&used.name, spec, scope);
    // Who is given a queue's name has to ask for its URL.
    let (actions, of_key): (&[&str], &[&str]) = if used.access == Access::Send {
        (&["sqs:GetQueueUrl", "sqs:SendMessage"], &["kms:Decrypt", "kms:GenerateDataKey"])
    } else {
        (&["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ReceiveMessage"], &["kms:Decrypt"])
    };
    let key = block.kms_key.as_deref().and_then(|key| use_key(scope, key, of_key, &Through::sqs(&arn)));
    [allow(actions, &arn)].into_iter().chain(key).collect()
}

fn for_secret(used: &Use, site: &Site<'_>) -> Vec<Value> {
    let (spec, scope) = (site.spec, site.scope);
    let block = &spec.blocks.secret[&used.name];
    let arn = block.any_arn(&used.name, spec, scope);
    let through = Through::secrets_manager(&arn);
    let key = block.kms_key.as_deref().and_then(|key| use_key(scope, key, &["kms:Decrypt"], &through));
    [allow(&["secretsmanager:GetSecretValue"], &arn)].into_iter().chain(key).collect()
}

fn for_topic(used: &Use, site: &Site<'_>) -> Vec<Value> {
    let (spec, scope) = (site.spec, site.scope);
    let block = &spec.blocks.topic[&used.name];
    let arn = block.arn(&used.name, spec, scope);
    let actions = ["kms:Decrypt", "kms:GenerateDataKey"];
    let key = block.kms_key.as_deref().and_then(|key| use_key(scope, key, &actions, &Through::sns(&arn)));
    [allow(&["sns:Publish"], &arn)].into_iter().chain(key).collect()
}
