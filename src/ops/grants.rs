//! What the owners of external resources have to allow, so that a pipeline can use them: as statements for their policies.
//!
//! Worked out from the graph alone: whatever a role of it may do to something in another account, that one's owner has to
//! allow as well; and what a service of AWS does in the pipeline's name, he has to allow in any account.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::catalog::{self, Type};
use crate::model::address::Address;
use crate::model::graph::{External, Graph};
use crate::model::scope::Scope;
use crate::spec::kms::Key;

/// What one owner has to allow.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Grant {
    /// The external block.
    pub address: Address,
    /// What the statements go to: the ARN of the resource, or of the KMS key that encrypts its data.
    pub arn: String,
    /// Whose it is.
    pub account: String,
    /// Where they go: `the resource policy of the stream`.
    pub into: &'static str,
    /// How its owner adds them.
    pub how: String,
    /// The policy document.
    pub document: Value,
}

/// Everything that owners have to allow.
pub fn grants(graph: &Graph, scope: &Scope) -> Vec<Grant> {
    graph.externals.iter().flat_map(|(address, external)| of(address, external, graph, scope)).collect()
}

fn of(address: &Address, external: &External, graph: &Graph, scope: &Scope) -> Vec<Grant> {
    let (mut own, mut key) = (Vec::new(), Vec::new());
    // Whoever has read the graph has had every resource through its type's own parser.
    let resources = graph.resources.values().filter_map(|one| catalog::Resource::of(&one.kind, &one.attributes));
    for resource in resources {
        if external.account != scope.account {
            own.extend(of_principal(&resource, scope, |arn| names(&external.arn, arn)));
            let of_key = |arn: &str| external.kms_key.as_deref() == Some(arn);
            key.extend(of_principal(&resource, scope, of_key).into_iter().map(as_key));
        }
        let Some((service, action, source)) = of_service(&resource, external, scope) else { continue };
        own.push(to_service(service, action, &source, &external.arn, scope));
        if service == CLOUDWATCH && external.kms_key.as_deref().is_some_and(|key| Key::of(key) != Key::AwsManaged) {
            key.push(lets_alarms_encrypt(scope));
        }
    }
    let (into, how) = place(external);
    let grant = |arn: &str, into, how, statements: Vec<Value>| Grant {
        address: address.clone(),
        arn: arn.to_owned(),
        account: external.account.clone(),
        into,
        how,
        document: json!({ "Version": "2012-10-17", "Statement": merged(statements) }),
    };
    let mut grants = Vec::new();
    if !own.is_empty() {
        grants.push(grant(&external.arn, into, how, own));
    }
    if let (Some(arn), false) = (&external.kms_key, key.is_empty()) {
        let how = "add the statements to the key's policy: `aws kms put-key-policy` replaces it whole".to_owned();
        grants.push(grant(arn, "the policy of the KMS key", how, key));
    }
    grants
}

/// Whether an ARN in a policy names something external, or what is in it.
fn names(external: &str, arn: &str) -> bool {
    arn == external || arn.strip_prefix(external).is_some_and(|rest| rest.starts_with('/'))
}

/// What the policies of a role or user allow on what `named` names, with that role or user as principal.
fn of_principal(resource: &catalog::Resource, scope: &Scope, named: impl Fn(&str) -> bool) -> Vec<Value> {
    let (of, name, policies) = match resource {
        catalog::Resource::Role(role) => ("role", &role.name, &role.policies),
        catalog::Resource::User(user) => ("user", &user.name, &user.policies),
        catalog::Resource::ApiKey(_)
        | catalog::Resource::RestApi(_)
        | catalog::Resource::Stage(_)
        | catalog::Resource::UsagePlan(_)
        | catalog::Resource::Alarm(_)
        | catalog::Resource::Dashboard(_)
        | catalog::Resource::Table(_)
        | catalog::Resource::Rule(_)
        | catalog::Resource::DeliveryStream(_)
        | catalog::Resource::AccessKey(_)
        | catalog::Resource::Stream(_)
        | catalog::Resource::Mapping(_)
        | catalog::Resource::InvokeConfig(_)
        | catalog::Resource::Function(_)
        | catalog::Resource::Permission(_)
        | catalog::Resource::LogGroup(_)
        | catalog::Resource::GlueCrawler(_)
        | catalog::Resource::GlueJob(_)
        | catalog::Resource::Trigger(_)
        | catalog::Resource::SchemaRegistry(_)
        | catalog::Resource::RegistrySchema(_)
        | catalog::Resource::Workflow(_)
        | catalog::Resource::LogStream(_)
        | catalog::Resource::Database(_)
        | catalog::Resource::CatalogTable(_)
        | catalog::Resource::Object(_)
        | catalog::Resource::Bucket(_)
        | catalog::Resource::Notification(_)
        | catalog::Resource::Secret(_)
        | catalog::Resource::Subscription(_)
        | catalog::Resource::NamedQuery(_)
        | catalog::Resource::PreparedStatement(_)
        | catalog::Resource::Workgroup(_)
        | catalog::Resource::Parameter(_)
        | catalog::Resource::Topic(_)
        | catalog::Resource::Queue(_) => return Vec::new(),
    };
    // AWS takes no policy that names a principal which is not there yet, and forgets one that was made anew: the account is
    // named, and the role or user as a condition
    // (<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>).
    let account = scope.global_arn("iam", "root");
    let principal = scope.global_arn("iam", &format!("{of}/{name}"));
    let statements = policies.values().flat_map(|policy| items(&policy.document()["Statement"]));
    let granted = statements.filter_map(|statement| {
        let resources: Vec<&Value> =
            items(&statement["Resource"]).filter(|arn| arn.as_str().is_some_and(&named)).collect();
        if resources.is_empty() || statement["Effect"] != "Allow" {
            return None;
        }
        let mut granted = json!({
            "Effect": "Allow",
            "Principal": { "AWS": account },
            "Action": statement["Action"],
            "Resource": resources,
            "Condition": statement.get("Condition").cloned().unwrap_or_else(|| json!({})),
        });
        granted["Condition"]["ArnEquals"] = json!({ "aws:PrincipalArn": principal });
        Some(granted)
    });
    granted.collect()
}

/// The items of a list; anything else is one item, as policies have it.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().map_or_else(|| std::slice::from_ref(value), Vec::as_slice).iter()
}

/// A statement of a key's policy: in that, the resource is the key.
fn as_key(mut statement: Value) -> Value {
    statement["Resource"] = "*".into();
    statement
}

const CLOUDWATCH: &str = "cloudwatch";

/// What a service does to something external in the name of a resource: the service, the action, and the ARN that it acts for.
fn of_service(
    resource: &catalog::Resource,
    external: &External,
    scope: &Scope,
) -> Option<(&'static str, &'static str, String)> {
    let arn = &external.arn;
    match resource {
        catalog::Resource::Alarm(alarm) => {
            let lists = [&alarm.alarm_actions, &alarm.ok_actions, &alarm.insufficient_data_actions];
            let told = lists.iter().any(|list| list.contains(arn));
            told.then(|| (CLOUDWATCH, "sns:Publish", scope.arn("cloudwatch", "alarm:*")))
        }
        catalog::Resource::Rule(rule) => {
            let called = rule.targets.values().any(|target| target.arn == *arn);
            called.then(|| ("events", INVOKE, scope.arn("events", &format!("rule/{}", rule.name))))
        }
        catalog::Resource::RestApi(api) => {
            let called = api.methods.values().any(|method| method.function_arn.as_ref() == Some(arn));
            // AWS makes up the id of an API.
            called.then(|| ("apigateway", INVOKE, scope.arn("execute-api", "*")))
        }
        catalog::Resource::ApiKey(_)
        | catalog::Resource::Stage(_)
        | catalog::Resource::UsagePlan(_)
        | catalog::Resource::Dashboard(_)
        | catalog::Resource::Table(_)
        | catalog::Resource::DeliveryStream(_)
        | catalog::Resource::AccessKey(_)
        | catalog::Resource::Role(_)
        | catalog::Resource::User(_)
        | catalog::Resource::Stream(_)
        | catalog::Resource::Mapping(_)
        | catalog::Resource::InvokeConfig(_)
        | catalog::Resource::Function(_)
        | catalog::Resource::Permission(_)
        | catalog::Resource::LogGroup(_)
        | catalog::Resource::GlueCrawler(_)
        | catalog::Resource::GlueJob(_)
        | catalog::Resource::Trigger(_)
        | catalog::Resource::SchemaRegistry(_)
        | catalog::Resource::RegistrySchema(_)
        | catalog::Resource::Workflow(_)
        | catalog::Resource::LogStream(_)
        | catalog::Resource::Database(_)
        | catalog::Resource::CatalogTable(_)
        | catalog::Resource::Object(_)
        | catalog::Resource::Bucket(_)
        | catalog::Resource::Notification(_)
        | catalog::Resource::Secret(_)
        | catalog::Resource::Subscription(_)
        | catalog::Resource::NamedQuery(_)
        | catalog::Resource::PreparedStatement(_)
        | catalog::Resource::Workgroup(_)
        | catalog::Resource::Parameter(_)
        | catalog::Resource::Topic(_)
        | catalog::Resource::Queue(_) => None,
    }
}

const INVOKE: &str = "lambda:InvokeFunction";

/// A statement that lets a service do that for what is ours.
fn to_service(service: &str, action: &str, source: &str, arn: &str, scope: &Scope) -> Value {
    json!({
        "Effect": "Allow",
        "Principal": { "Service": format!("{service}.amazonaws.com") },
        "Action": action,
        "Resource": arn,
        "Condition": {
            "StringEquals": { "aws:SourceAccount": scope.account },
            "ArnLike": { "aws:SourceArn": source },
        },
    })
}

/// CloudWatch publishes to an encrypted topic only where the key's policy lets it
/// (<https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html>).
fn lets_alarms_encrypt(scope: &Scope) -> Value {
    json!({
        "Effect": "Allow",
        "Principal": { "Service": "cloudwatch.amazonaws.com" },
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": { "StringEquals": { "aws:SourceAccount": scope.account } },
    })
}

/// Statements that say the same are one.
fn merged(statements: Vec<Value>) -> Vec<Value> {
    let by_text: BTreeMap<String, Value> = statements.into_iter().map(|one| (one.to_string(), one)).collect();
    by_text.into_values().collect()
}

/// Where the statements go, and how its owner adds them.
fn place(external: &External) -> (&'static str, String) {
    let put = |service: &str| {
        format!("`aws {service} put-resource-policy --resource-arn {} --policy file://…`", external.arn)
    };
    match Type::named(&external.kind) {
        Some(Type::Stream) => ("the resource policy of the stream", put("kinesis")),
        Some(Type::Table) => ("the resource policy of the table", put("dynamodb")),
        Some(Type::Secret) => (
            "the resource policy of the secret",
            format!("`aws secretsmanager put-resource-policy --secret-id {} --resource-policy file://…`", external.arn),
        ),
        Some(Type::Bucket) => (
            "the bucket's policy",
            "add the statements to the bucket's policy: `aws s3api put-bucket-policy` replaces it whole".to_owned(),
        ),
        Some(Type::Topic) => (
            "the topic's policy",
            "add the statements to the topic's policy: `aws sns set-topic-attributes --attribute-name Policy` replaces it whole"
                .to_owned(),
        ),
        Some(Type::Queue) => (
            "the queue's policy",
            "add the statements to the queue's policy: `aws sqs set-queue-attributes` replaces it whole".to_owned(),
        ),
        Some(Type::Function) => (
            "the function's policy",
            format!("`aws lambda add-permission --function-name {}`, one for each statement", external.name),
        ),
        Some(
            Type::ApiKey
            | Type::RestApi
            | Type::Stage
            | Type::UsagePlan
            | Type::Alarm
            | Type::Dashboard
            | Type::Rule
            | Type::DeliveryStream
            | Type::AccessKey
            | Type::Role
            | Type::User
            | Type::Mapping
            | Type::InvokeConfig
            | Type::Permission
            | Type::LogGroup
            | Type::GlueCrawler
            | Type::GlueJob
            | Type::Trigger
            | Type::SchemaRegistry
            | Type::RegistrySchema
            | Type::Workflow
            | Type::LogStream
            | Type::Database
            | Type::CatalogTable
            | Type::Object
            | Type::Notification
            | Type::Subscription
            | Type::NamedQuery
            | Type::PreparedStatement
            | Type::Workgroup
            | Type::Parameter,
        )
        | None => ("its policy", "ask its owner".to_owned()),
    }
}
