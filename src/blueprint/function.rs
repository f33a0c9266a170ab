//! A function becomes a Lambda function, the role that it works as, its log group, and what calls it with its source.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::bucket::decrypt_objects;
use super::page::Page;
use super::policy::{self, allow};
use super::{Build, BuildContext};
use crate::catalog::Type;
use crate::catalog::lambda_event_source_mapping::Spec as Mapping;
use crate::catalog::{iam_role, lambda_function, lambda_permission, s3_notification};
use crate::model::address::Address;
use crate::model::graph::What;
use crate::spec::Ref;
use crate::spec::blocks::function::{Architecture, Function, Source, StartingPosition};
use crate::spec::blocks::queue::Queue;
use crate::spec::check::Block as _;
use crate::spec::uses::{Access, Use};

impl Build for Function {
    const TYPE: Option<Type> = Some(Type::Function);

    fn build(&self, site: &mut BuildContext<'_>) {
        let (spec, scope) = (site.spec, site.scope);
        let name = self.aws_name(site.name, spec);
        let role_name = self.role_name(site.name, spec);
        let role_arn = scope.global_arn("iam", &format!("role/{role_name}"));
        let log_group = self.log_group(site.name, spec);
        let role = site.add_part("role", self.role(site, &role_name), []);
        let logs = site.add_log_group("log-group", log_group.clone(), self.log_retention_days, &self.tags);
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
            vpc: self.vpc(site),
            tags: site.tags(&self.tags),
        };
        let used = self.uses.iter().map(Use::address);
        site.add(function, used.chain([role, logs]).collect::<Vec<_>>());
        match &self.source {
            Some(source) if source.reads_bucket() => add_notification(site, source, &name),
            Some(source) => add_source(site, source, &name, &role_arn),
            None => {}
        }
        self.add_flows(site);
        site.output("arn", site.arn(self));
        site.output("name", name);
        site.output("role_arn", role_arn);
        site.output("log_group", log_group);
    }

    fn key(&self) -> Option<&str> {
        None
    }

    fn draw(own: Option<&Self>, _name: &str, page: &mut Page<'_>) {
        let calls = ["Invocations", "Errors", "Throttles"];
        page.graph("Calls", &calls.map(|metric| (metric, "Sum")));
        page.graph("Duration (ms)", &[("Duration", "Maximum"), ("Duration", "Average")]);
        let Some(own) = own else { return };
        let timeout = own.timeout_seconds;
        page.mark(&format!("Timeout: {timeout} s"), f64::from(timeout) * 1000.0);
        if own.source.as_ref().is_some_and(Source::reads_stream) {
            page.graph("Age of the last record of a batch (ms)", &[("IteratorAge", "Maximum")]);
        }
    }
}

/// Adds the mapping: Lambda reads the source for the function.
fn add_source(site: &mut BuildContext<'_>, source: &Source, function: &str, role_arn: &str) {
    let position = match source.starting_position {
        Some(StartingPosition::Latest) => "LATEST",
        Some(StartingPosition::TrimHorizon) | None => "TRIM_HORIZON",
    };
    let mapping = Mapping {
        function: function.to_owned(),
        source_arn: site.resolve(&source.from).arn,
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
            failure_arn: source.failures_to.as_ref().map(|to| site.resolve(to).arn),
            ..mapping
        }
    };
    let failures = source.failures_to.as_ref().map(Ref::address);
    let needs: Vec<Address> = [site.address.clone(), source.from.address()].into_iter().chain(failures).collect();
    site.add_part("source", mapping, needs);
}

/// Adds what makes S3 call the function for new objects. S3 refuses an entry whose destination it may not call: the
/// permission is there before the entry, and goes after it.
fn add_notification(site: &mut BuildContext<'_>, source: &Source, function: &str) {
    let bucket = site.resolve(&source.from);
    let permission = lambda_permission::Spec {
        function: function.to_owned(),
        statement_id: format!("bucket-{}", site.first_name()),
        principal: "s3.amazonaws.com".to_owned(),
        source_arn: Some(bucket.arn),
        // A bucket's ARN says no account, and its name is anybody's once it is deleted.
        source_account: Some(site.scope.account.clone()),
        api: None,
    };
    let permission = site.add_part("permission", permission, [site.address.clone()]);
    let notification = s3_notification::Spec {
        bucket: bucket.name,
        // A snowpipe may have the same name.
        id: format!("pipectl-{}-function-{}", site.spec.env.name, site.first_name()),
        queue_arn: None,
        function_arn: Some(site.scope.arn("lambda", &format!("function:{function}"))),
        events: BTreeSet::from(["s3:ObjectCreated:*".to_owned()]),
        prefix: source.prefix().to_owned(),
        suffix: source.suffix().to_owned(),
    };
    site.add_part("notification", notification, [source.from.address(), site.address.clone(), permission]);
}

/// What a function that is told of objects may do: read those.
fn objects(site: &BuildContext<'_>, source: &Source) -> Vec<Value> {
    let bucket = site.resolve(&source.from);
    let own = allow(&["s3:GetObject"], &format!("{}/{}*", bucket.arn, source.prefix()));
    [own].into_iter().chain(decrypt_objects(&bucket, site.spec, site.scope)).collect()
}

impl Function {
    fn architecture(&self) -> &'static str {
        match self.architecture {
            Architecture::X86 => "x86_64",
            Architecture::Arm => "arm64",
        }
    }

    fn vpc(&self, site: &BuildContext<'_>) -> Option<lambda_function::Vpc> {
        let vpc = self.vpc.as_ref()?;
        Some(lambda_function::Vpc {
            subnet_ids: vpc.subnets.iter().map(|subnet| site.resolve(subnet).name).collect(),
            security_group_ids: vpc.security_groups.iter().map(|group| site.resolve(group).name).collect(),
        })
    }

    fn add_flows(&self, site: &mut BuildContext<'_>) {
        let own = site.address.clone();
        for used in &self.uses {
            match used.access {
                Access::Read | Access::Receive | Access::Query => site.flow(used.address(), What::Data, own.clone()),
                Access::Write | Access::Put | Access::Send => site.flow(own.clone(), What::Data, used.address()),
                Access::Publish => site.flow(own.clone(), What::Notifies, used.address()),
            }
        }
        let Some(source) = &self.source else { return };
        site.flow(source.from.address(), What::Data, own.clone());
        if let Some(topic) = &source.failures_to {
            site.flow(own, What::Notifies, topic.address());
        }
    }

    fn role(&self, site: &BuildContext<'_>, name: &str) -> iam_role::Spec {
        let trust = json!({
            "Effect": "Allow",
            "Principal": { "Service": "lambda.amazonaws.com" },
            "Action": "sts:AssumeRole",
        });
        let description = format!("Lets Lambda run {} of {}", site.address, site.spec.env.name);
        site.role(name, description, trust, ("function", &self.policy(site)), &self.tags)
    }

    /// Its log, its source and what it uses; nothing else.
    fn policy(&self, site: &BuildContext<'_>) -> Value {
        let log_group = self.log_group(site.name, site.spec);
        let log = site.scope.arn("logs", &format!("log-group:{log_group}:*"));
        let mut statements = vec![allow(&["logs:CreateLogStream", "logs:PutLogEvents"], &log)];
        if self.tracing {
            // X-Ray has no resources that could be named.
            statements.push(allow(&["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*"));
        }
        if self.vpc.is_some() {
            statements.extend(in_vpc(&site.arn(self)));
        }
        let (buckets, others): (Vec<&Source>, Vec<_>) = self.source.iter().partition(|source| source.reads_bucket());
        statements.extend(buckets.into_iter().flat_map(|source| objects(site, source)));
        let source = others.into_iter().flat_map(|source| {
            let read = use_of(&source.from, if source.reads_queue() { Access::Receive } else { Access::Read });
            let told = source
                .failures_to
                .as_ref()
                .map(|to| use_of(to, if to.kind() == Queue::KIND { Access::Send } else { Access::Publish }));
            [Some(read), told].into_iter().flatten()
        });
        let mut all: Vec<Use> = source.collect();
        all.extend(self.uses.iter().filter(|used| !all.contains(used)).cloned().collect::<Vec<_>>());
        statements.extend(all.iter().flat_map(|used| site.allow(used)));
        policy::document(statements)
    }
}

/// What Lambda does with the role so that a function gets into a VPC, and what the function's own code may not do with it
/// (<https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html>). AWS names no resource for these.
fn in_vpc(function: &str) -> [Value; 2] {
    const DETACH: &str = "ec2:DetachNetworkInterface";
    let denied = [
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        DETACH,
        "ec2:UnassignPrivateIpAddresses",
    ];
    // Lambda itself detaches nothing by it.
    let allowed: Vec<&str> = denied.into_iter().filter(|action| *action != DETACH).collect();
    let its_own = json!({
        "Effect": "Deny",
        "Action": denied,
        "Resource": "*",
        "Condition": { "ArnEquals": { "lambda:SourceFunctionArn": function } },
    });
    [allow(&allowed, "*"), its_own]
}

fn use_of<T>(block: &Ref<T>, access: Access) -> Use {
    Use { kind: block.kind().to_owned(), name: block.name().to_owned(), prefix: String::new(), access }
}
