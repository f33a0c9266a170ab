//! A function becomes a Lambda function, the role that it works as, its log group, and what calls it with its source.

use serde_json::{Value, json};

use super::page::Page;
use super::policy::{self, allow};
use super::{Build, BuildContext, sources};
use crate::catalog::Type;
use crate::catalog::{iam_role, lambda_function};
use crate::model::graph::What;
use crate::spec::blocks::function::{Architecture, Function, Source};
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
        sources::add(self, site, &name, &role_arn);
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
        if own.reads().any(Source::reads_stream) {
            page.graph("Age of the last record of a batch (ms)", &[("IteratorAge", "Maximum")]);
        }
    }
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
                Access::Write | Access::Send => site.flow(own.clone(), What::Data, used.address()),
                Access::Publish => site.flow(own.clone(), What::Notifies, used.address()),
            }
        }
        for source in self.reads() {
            site.flow(source.from.address(), What::Data, own.clone());
            if let Some(topic) = &source.failures_to {
                site.flow(own.clone(), What::Notifies, topic.address());
            }
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
        statements.extend(self.reads().flat_map(|source| sources::statements(site, source)));
        let mut all: Vec<Use> = self.reads().flat_map(sources::uses).collect();
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
