//! One file per resource kind, with what becomes of it in each tool: a new kind is a file here and its line in this one.

mod apigateway_api_key;
mod apigateway_rest_api;
mod apigateway_stage;
mod apigateway_usage_plan;
mod cloudwatch_alarm;
mod cloudwatch_dashboard;
mod dynamodb_table;
mod events_rule;
mod firehose_delivery_stream;
mod iam;
mod iam_access_key;
mod iam_role;
mod iam_user;
mod kinesis_stream;
mod lambda_event_source_mapping;
mod lambda_function;
mod lambda_permission;
mod logs_group;
mod logs_stream;
mod s3_bucket;
mod s3_lifecycle;
mod s3_notification;
mod secretsmanager_secret;
mod sns_subscription;
mod sns_topic;
mod sqs_queue;

use std::collections::BTreeMap;
use std::ops::Index;

use serde_json::{Value, json};

use super::parts::{cloudformation, terraform};
use super::{Estate, Managed, Target};
use crate::catalog::every_type;
use crate::model::address::Address;

macro_rules! mappings {
    ($($room:ident::$type:ident),* $(,)?) => {
        /// How each type is exported: a type that nobody has written this for does not compile.
        const ALL: &[&Mapping] = &[$(&$room::MAPPING),*];
    };
}
every_type!(mappings!);

/// How resources of a kind are written for other tools.
pub(super) struct Mapping {
    /// The kind: `kinesis_stream`.
    pub(super) kind: &'static str,
    /// Its ARN, where others name it by that.
    pub(super) arn: Option<fn(&Subject<'_>) -> String>,
    /// The resource type in Terraform that others refer to.
    pub(super) terraform_type: &'static str,
    /// The resource types in Terraform that a resource of this kind is made of, each with the keys that such a one names.
    pub(super) terraform_keys: &'static [TerraformKeys],
    /// What it is made of in Terraform.
    pub(super) terraform: fn(&Subject<'_>) -> Parts<terraform::Part>,
    /// The return value of `Fn::GetAtt` that is the ARN in CloudFormation.
    pub(super) get_att: Option<&'static str>,
    /// What it is made of in CloudFormation.
    pub(super) cloudformation: fn(&Subject<'_>) -> Parts<cloudformation::Part>,
    /// Attributes that do not go along, each with the reason.
    pub(super) stays: &'static [Stays],
}

/// A resource type in Terraform, and the keys of this kind that the attributes of one name.
pub(super) type TerraformKeys = (&'static str, fn(&Value) -> Vec<String>);

/// Why what has no name of ours does not go along where nobody has asked AWS.
const UNKNOWN: &str = "its id, which AWS makes up, is not known here: it is once the environment is applied and read";

/// What a resource is made of in the other tool, or why it is left out.
pub(super) type Parts<P> = Result<Vec<P>, &'static str>;

/// An attribute that does not go along.
#[derive(Clone, Copy, Debug)]
pub struct Stays {
    /// Its name.
    pub attribute: &'static str,
    /// The tool that does not get it.
    pub target: Target,
    /// Why.
    pub reason: &'static str,
}

/// The attributes of a kind that a tool does not get; absent where the kind has no mapping.
pub fn stays(kind: &str, target: Target) -> Option<Vec<Stays>> {
    let mapping = ALL.iter().find(|mapping| mapping.kind == kind)?;
    Some(mapping.stays.iter().filter(|stays| stays.target == target).copied().collect())
}

/// Which resources a resource of Terraform is, or is a part of, by its type and its attributes: their kind, and their keys.
/// Absent where nothing of pipectl's is made of that type.
///
/// Of an access key Terraform knows the user alone, so that its key is the part before the first `|`.
pub fn from_terraform(terraform_type: &str, attributes: &Value) -> Option<(&'static str, Vec<String>)> {
    ALL.iter().find_map(|mapping| {
        let (_, keys) = mapping.terraform_keys.iter().find(|(name, _)| *name == terraform_type)?;
        Some((mapping.kind, keys(attributes)))
    })
}

/// The keys of what an attribute names: one, or none where it is absent.
fn named_by(attributes: &Value, attribute: &str) -> Vec<String> {
    let name = text(&attributes[attribute]);
    if name.is_empty() { Vec::new() } else { vec![name.to_owned()] }
}

/// The key of what several attributes name together; none where one of them is absent.
fn joined_by(attributes: &Value, names: &[&str]) -> Vec<String> {
    let parts: Vec<&str> = names.iter().map(|name| text(&attributes[*name])).collect();
    if parts.contains(&"") { Vec::new() } else { vec![parts.join("|")] }
}

/// The resource type in Terraform that others refer to.
pub(super) fn terraform_type(kind: &str) -> Option<&'static str> {
    ALL.iter().find(|mapping| mapping.kind == kind).map(|mapping| mapping.terraform_type)
}

/// The return value of `Fn::GetAtt` that is the ARN in CloudFormation.
pub(super) fn get_att(kind: &str) -> Option<&'static str> {
    ALL.iter().find(|mapping| mapping.kind == kind)?.get_att
}

/// A resource that is to be exported, and what stands around it. Indexed by attribute; what is absent is null.
pub(super) struct Subject<'a> {
    /// Everything that is exported.
    pub(super) estate: &'a Estate,
    /// Where it stands in the spec.
    pub(super) address: &'a Address,
    /// Its attributes.
    pub(super) attributes: &'a Value,
    /// What AWS made up.
    pub(super) outputs: &'a Value,
    /// How its kind is exported.
    pub(super) mapping: &'static Mapping,
}

impl<'a> Subject<'a> {
    /// The resource; absent if its kind has no mapping.
    pub(super) fn new(estate: &'a Estate, address: &'a Address, managed: &'a Managed) -> Option<Self> {
        let mapping = ALL.iter().copied().find(|mapping| mapping.kind == managed.kind)?;
        let Managed { attributes, outputs, .. } = managed;
        Some(Self { estate, address, attributes, outputs, mapping })
    }

    /// A text among its attributes; empty where it is absent.
    fn text(&self, attribute: &str) -> &'a str {
        text(&self.attributes[attribute])
    }

    /// Its name, where that is what AWS knows it by.
    fn name(&self) -> &'a str {
        self.text("name")
    }

    /// A text that AWS made up.
    fn output(&self, name: &str) -> Option<&'a str> {
        self.outputs[name].as_str().filter(|text| !text.is_empty())
    }

    /// The same of what the other tool imports it by: without it, it does not go along.
    fn known(&self, name: &str) -> Result<&'a str, &'static str> {
        self.output(name).ok_or(UNKNOWN)
    }

    /// The other resources of a kind.
    fn others(&self, kind: &'static str) -> impl Iterator<Item = Subject<'a>> {
        self.estate.subjects().filter(move |subject| subject.mapping.kind == kind)
    }
}

impl Index<&str> for Subject<'_> {
    type Output = Value;

    fn index(&self, attribute: &str) -> &Value {
        &self.attributes[attribute]
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// The items of a list; none where it is absent.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

/// The entries of an object; none where it is absent.
fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// The value, or null where AWS takes an empty text or list for nothing at all.
fn filled(value: &Value) -> Value {
    let empty = match value {
        Value::String(text) => text.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    };
    if empty { Value::Null } else { value.clone() }
}

/// Tags as CloudFormation has them: a list of pairs, in order of key.
fn tag_list(tags: &Value) -> Value {
    pairs(tags, "Key", "Value")
}

/// An object as a list of pairs under two names.
fn pairs(map: &Value, name: &str, value: &str) -> Value {
    let sorted: BTreeMap<_, _> = entries(map).collect();
    let pairs = sorted.into_iter().map(|(key, text)| json!({ name: key, value: text }));
    filled(&pairs.collect())
}
