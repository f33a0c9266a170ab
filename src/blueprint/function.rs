//! A function becomes a Lambda function, the role that it works as, its log group, and what calls it with its source.

use serde_json::{Value, json};

use super::bucket::write_bucket;
use super::page::Page;
use super::policy::{self, allow};
use super::sources::{self, use_of};
use super::{Build, BuildContext, Resolved};
use crate::catalog::Type;
use crate::catalog::{iam_role, lambda_event_invoke_config, lambda_function};
use crate::model::address::Address;
use crate::model::graph::What;
use crate::model::policy::Policy;
use crate::model::scope::Scope;
use crate::spec::blocks::bucket::Bucket;
use crate::spec::blocks::function::{
    Architecture, Asynchronous, Bus, Code, Destination, Function, ImageConfig, LogFormat, LogLevel, Receiver, Source,
    SystemLogLevel,
};
use crate::spec::blocks::queue::Queue;
use crate::spec::blocks::topic::Topic;
use crate::spec::uses::{Access, Use};
use crate::spec::{Block as _, Ref, Spec};

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
            code: self.code(site),
            package_type: if self.image.is_some() { lambda_function::IMAGE } else { lambda_function::ZIP }.to_owned(),
            image_config: self.image_config.as_ref().and_then(image_config),
            runtime: self.runtime().to_owned(),
            handler: self.handler().to_owned(),
            layers: self.layers.clone(),
            memory_mb: self.memory_mb,
            ephemeral_storage_mb: self.ephemeral_storage_mb,
            timeout_seconds: self.timeout_seconds,
            environment: self.environment.clone(),
            kms_key: self.kms_key.as_deref().map(|key| policy::key_arn(scope, key)),
            architecture: self.architecture().to_owned(),
            tracing: self.tracing,
            log_group: log_group.clone(),
            log_levels: (self.log_format == LogFormat::Json).then(|| lambda_function::LogLevels {
                application: self.log_level.unwrap_or(LogLevel::Info).word().to_owned(),
                system: self.system_log_level.unwrap_or(SystemLogLevel::Info).word().to_owned(),
            }),
            reserved_concurrency: self.reserved_concurrency,
            vpc: self.vpc(site),
            tags: site.tags(&self.tags),
        };
        // Functions may call each other in a circle, and none has to be there for another to be made.
        let used = self.uses.iter().filter(|used| used.access != Access::Invoke).map(Use::address);
        let code = match &self.code {
            Some(Code::Object(object)) => Some(object.bucket.address()),
            Some(Code::Files(_)) | None => None,
        };
        site.add(function, used.chain([role, logs]).chain(code).collect::<Vec<_>>());
        sources::add(self, site, &name, &role_arn);
        self.add_asynchronous(site, &name, &role_arn);
        self.add_flows(site);
        site.output("arn", site.arn(self));
        site.output("name", name);
        site.output("role_arn", role_arn);
        site.output("log_group", log_group);
    }

    fn key(&self) -> Option<&str> {
        None
    }

    fn allow(_own: Option<&Self>, used: &Resolved, _asked: &Use, _spec: &Spec, _scope: &Scope) -> Vec<Value> {
        vec![allow(&["lambda:InvokeFunction"], &used.arn)]
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

/// What overrides the settings of an image; nothing where it says nothing.
fn image_config(said: &ImageConfig) -> Option<lambda_function::ImageConfig> {
    let ImageConfig { entry_point, command, working_directory } = said.clone();
    let config = lambda_function::ImageConfig { entry_point, command, working_directory };
    (config != lambda_function::ImageConfig::default()).then_some(config)
}

impl Function {
    fn code(&self, site: &BuildContext<'_>) -> lambda_function::Code {
        let (path, image) = (self.files().unwrap_or_default().to_owned(), self.image.clone());
        let Some(Code::Object(object)) = &self.code else {
            return lambda_function::Code { path, sha256: None, object: None, image };
        };
        let bucket = site.resolve(&object.bucket).name;
        let (key, version) = (object.key.clone(), object.version.clone());
        let sha256 = Some(object.sha256.clone());
        lambda_function::Code {
            path,
            sha256,
            object: Some(lambda_function::CodeObject { bucket, key, version }),
            image,
        }
    }

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

    /// Adds what becomes of events that reach it asynchronously. Lambda looks whether the role may tell.
    fn add_asynchronous(&self, site: &mut BuildContext<'_>, function: &str, role_arn: &str) {
        let Some(said) = &self.asynchronous else { return };
        let arn = |to: &Destination| match to {
            Destination::Block(to) => site.resolve(to).arn,
            Destination::Bus(Bus { bus }) => bus.clone(),
        };
        let config = lambda_event_invoke_config::Spec {
            function: function.to_owned(),
            role_arn: role_arn.to_owned(),
            retries: said.retries,
            max_age_seconds: said.max_age_seconds,
            success_arn: said.successes_to.as_ref().map(arn),
            failure_arn: said.failures_to.as_ref().map(arn),
        };
        let needs: Vec<Address> = [site.address.clone()].into_iter().chain(receivers(said).map(Ref::address)).collect();
        site.add_part("asynchronous", config, needs);
        for to in receivers(said) {
            site.flow(site.address.clone(), What::Notifies, to.address());
        }
    }

    fn add_flows(&self, site: &mut BuildContext<'_>) {
        let own = site.address.clone();
        for used in &self.uses {
            match used.access {
                Access::Read | Access::Receive | Access::Query => site.flow(used.address(), What::Data, own.clone()),
                Access::Write | Access::Put | Access::Send => site.flow(own.clone(), What::Data, used.address()),
                Access::Publish | Access::Start => site.flow(own.clone(), What::Notifies, used.address()),
                Access::Invoke if used.address() != own => site.flow(own.clone(), What::Data, used.address()),
                Access::Invoke | Access::Use | Access::Encrypt | Access::Decrypt | Access::Assume => {}
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
        let mut role = site.role(name, description, trust, ("function", &self.policy(site)), &self.tags);
        if !self.allow.is_empty() {
            let own = policy::document(self.allow.iter().map(policy::own));
            role.policies.insert("own".to_owned(), Policy::new(&own));
        }
        role.managed_policies = self.policies.iter().cloned().collect();
        role
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
        let function = self.aws_name(site.name, site.spec);
        let told = self.asynchronous.iter().flat_map(Asynchronous::destinations);
        statements.extend(told.flat_map(|to| telling(site, to, &function)));
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

/// The blocks that are told what became of events.
fn receivers(said: &Asynchronous) -> impl Iterator<Item = &Ref<Receiver>> {
    said.destinations().filter_map(|to| match to {
        Destination::Block(to) => Some(to),
        Destination::Bus(_) => None,
    })
}

/// What lets Lambda tell what became of an event, as the role of the function
/// (<https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html>).
fn telling(site: &BuildContext<'_>, to: &Destination, function: &str) -> Vec<Value> {
    let to = match to {
        Destination::Block(to) => to,
        Destination::Bus(Bus { bus }) => return vec![allow(&["events:PutEvents"], bus)],
    };
    match to.kind() {
        Bucket::KIND => {
            let bucket = site.resolve(to);
            let objects = write_bucket(&bucket, &format!("aws/lambda/async/{function}/"), site.scope);
            [allow(&["s3:ListBucket"], &bucket.arn)].into_iter().chain(objects).collect()
        }
        Queue::KIND => site.allow(&use_of(to, Access::Send)),
        Topic::KIND => site.allow(&use_of(to, Access::Publish)),
        _ => site.allow(&use_of(to, Access::Invoke)),
    }
}
