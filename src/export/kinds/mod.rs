//! One file per resource type, with what becomes of it in each tool: a new type is a file here and its line in this one.
//!
//! Each takes its attributes apart by name and leaves none out, so that a new one does not compile before it is said what
//! becomes of it.

mod apigateway_api_key;
mod apigateway_rest_api;
mod apigateway_stage;
mod apigateway_usage_plan;
mod athena_named_query;
mod athena_prepared_statement;
mod athena_workgroup;
mod cloudwatch_alarm;
mod cloudwatch_dashboard;
mod dynamodb_table;
mod events_rule;
mod firehose_delivery_stream;
mod glue_crawler;
mod glue_database;
mod glue_job;
mod glue_registry;
mod glue_schema;
mod glue_table;
mod glue_trigger;
mod glue_workflow;
mod iam;
mod iam_access_key;
mod iam_role;
mod iam_user;
mod kinesis_stream;
mod lambda_event_invoke_config;
mod lambda_event_source_mapping;
mod lambda_function;
mod lambda_permission;
mod logs_group;
mod logs_stream;
mod s3_bucket;
mod s3_lifecycle;
mod s3_notification;
mod s3_object;
mod secretsmanager_secret;
mod sns_subscription;
mod sns_topic;
mod sqs_queue;
mod ssm_parameter;
mod words;

use std::sync::Arc;

use serde_json::Value;

use super::parts::{cloudformation, terraform};
use super::{Estate, Managed, Target};
use crate::catalog::{Actual, ResourceType, Type, every_type};
use crate::model::address::Address;
use crate::model::attributes::Attributes;
use crate::model::left_alone::Path;
use crate::model::scope::Scope;
use words::{UNKNOWN, attribute, filled, items, joined_by, known, named_by, output, pairs, tag_list, text};

/// How resources of a type are written for other tools.
pub(super) trait Exported: ResourceType {
    /// The resource type in Terraform that others refer to.
    const TERRAFORM_TYPE: &'static str;
    /// The resource types in Terraform that one of this type is made of, each with the keys that such a one names.
    const TERRAFORM_KEYS: &'static [TerraformKeys];
    /// The return value of `Fn::GetAtt` that is the ARN in CloudFormation.
    const GET_ATT: Option<&'static str>;
    /// Attributes that do not go along, each with the reason.
    const STAYS: &'static [Stays];

    /// The name by which others call it.
    fn name(spec: &Self::Spec) -> Option<&str>;
    /// Its ARN, where others name it by that.
    fn arn(scope: &Scope, spec: &Self::Spec) -> Option<String>;
    /// What it is made of in Terraform.
    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part>;
    /// What it is made of in CloudFormation.
    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part>;
}

/// A resource type in Terraform, and the keys of our type that the attributes of one name.
pub(super) type TerraformKeys = (&'static str, fn(&Value) -> Vec<String>);

/// What a resource is made of in the other tool, or why it is left out.
pub(super) type Parts<P> = Result<Vec<P>, &'static str>;

/// A resource that is to be exported, in the shape of its type.
pub(super) struct Typed<'a, R: ResourceType + ?Sized> {
    /// Everything that is exported.
    estate: &'a Estate,
    /// Where it stands in the spec.
    address: &'a Address,
    /// Its attributes.
    spec: &'a R::Spec,
    /// What AWS made up; empty where nobody knows.
    outputs: &'a R::Outputs,
}

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

/// The attributes of a kind that a tool does not get; absent where there is no such kind.
pub fn stays(kind: &str, target: Target) -> Option<Vec<Stays>> {
    Some(Type::named(kind)?.stays(target).collect())
}

/// Which resources a resource of Terraform is, or is a part of, by its type and its attributes: their kind, and their keys.
/// Absent where nothing of pipectl's is made of that type.
///
/// Of an access key Terraform knows the user alone, so that its key is the part before the first `|`.
pub fn from_terraform(terraform_type: &str, attributes: &Value) -> Option<(&'static str, Vec<String>)> {
    Type::ALL.iter().find_map(|one| {
        let (_, keys) = one.terraform_keys().iter().find(|(name, _)| *name == terraform_type)?;
        Some((one.name(), keys(attributes)))
    })
}

/// A resource that is to be exported, of whatever type.
pub(super) struct Subject<'a> {
    /// Where it stands in the spec.
    pub(super) address: &'a Address,
    /// Its type.
    pub(super) one: Type,
    /// Its attributes, as plans and states hold them.
    pub(super) attributes: &'a Attributes,
    /// The attributes that others decide on.
    pub(super) left_alone: &'a [Path],
    estate: &'a Estate,
    actual: Result<Actual, serde_json::Error>,
}

impl<'a> Subject<'a> {
    /// The resource; absent where there is no such type. This is the one place where attributes become those of a type.
    pub(super) fn new(estate: &'a Estate, address: &'a Address, managed: &'a Managed) -> Option<Self> {
        let Managed { kind, attributes, outputs, left_alone } = managed;
        let one = Type::named(kind)?;
        Some(Self { address, one, attributes, left_alone, estate, actual: Actual::of(one, attributes, outputs) })
    }

    /// The same resource with other attributes.
    pub(super) fn with_attributes(&self, attributes: Value) -> Managed {
        let outputs = self.estate.resources.get(self.address).map(|managed| Arc::clone(&managed.outputs));
        let (kind, outputs) = (self.one.name().to_owned(), outputs.unwrap_or_default());
        Managed { kind, attributes: attributes.into(), outputs, left_alone: Vec::new() }
    }

    /// What another resource would be at the same place.
    pub(super) fn instead(&self, other: &'a Managed) -> Option<Self> {
        Self::new(self.estate, self.address, other)
    }

    /// It in the shape of its type, or why it does not go along: it does not fit.
    fn actual(&self) -> Result<&Actual, String> {
        let misfit =
            |error| format!("it does not fit the type {}, so that nobody knows what it is: {error}", self.one.name());
        self.actual.as_ref().map_err(misfit)
    }

    fn typed<'s, R: ResourceType>(&'s self, spec: &'s R::Spec, outputs: &'s R::Outputs) -> Typed<'s, R> {
        Typed { estate: self.estate, address: self.address, spec, outputs }
    }
}

macro_rules! exported {
    ($($room:ident::$type:ident),* $(,)?) => {
        // A type that nobody has written this for does not compile.
        impl Type {
            /// The resource type in Terraform that others refer to.
            pub(super) fn terraform_type(self) -> &'static str {
                match self { $(Self::$type => crate::catalog::$room::$type::TERRAFORM_TYPE),* }
            }

            fn terraform_keys(self) -> &'static [TerraformKeys] {
                match self { $(Self::$type => crate::catalog::$room::$type::TERRAFORM_KEYS),* }
            }

            /// The return value of `Fn::GetAtt` that is the ARN in CloudFormation.
            pub(super) fn get_att(self) -> Option<&'static str> {
                match self { $(Self::$type => crate::catalog::$room::$type::GET_ATT),* }
            }

            /// The attributes that a tool does not get.
            pub(super) fn stays(self, target: Target) -> impl Iterator<Item = Stays> {
                let all = match self { $(Self::$type => crate::catalog::$room::$type::STAYS),* };
                all.iter().filter(move |stays| stays.target == target).copied()
            }
        }

        impl Subject<'_> {
            /// The name by which others call it.
            pub(super) fn name(&self) -> Option<&str> {
                match self.actual.as_ref().ok()? {
                    $(Actual::$type(spec, _) => crate::catalog::$room::$type::name(spec)),*
                }
            }

            /// Its ARN, where others name it by that.
            pub(super) fn arn(&self) -> Option<String> {
                match self.actual.as_ref().ok()? {
                    $(Actual::$type(spec, _) => crate::catalog::$room::$type::arn(&self.estate.scope, spec)),*
                }
            }

            /// What it is made of in Terraform, or why it is left out.
            pub(super) fn terraform(&self) -> Result<Vec<terraform::Part>, String> {
                match self.actual()? {
                    $(Actual::$type(spec, outputs) => crate::catalog::$room::$type::terraform(&self.typed::<crate::catalog::$room::$type>(spec, outputs))),*
                }
                .map_err(str::to_owned)
            }

            /// What it is made of in CloudFormation, or why it is left out.
            pub(super) fn cloudformation(&self) -> Result<Vec<cloudformation::Part>, String> {
                match self.actual()? {
                    $(Actual::$type(spec, outputs) => {
                        crate::catalog::$room::$type::cloudformation(&self.typed::<crate::catalog::$room::$type>(spec, outputs))
                    }),*
                }
                .map_err(str::to_owned)
            }
        }
    };
}
every_type!(exported!);
