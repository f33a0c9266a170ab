//! A resource of any type, with its attributes in the shape of that: whoever asks about all types matches over it, without
//! a wildcard, so that a new type does not compile before everyone has decided on it.

use serde::Deserialize as _;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::ResourceType;
use super::facets::{AtRest, Import, Metrics, Price, Status, Takes};

/// The list of all resource types, each as its room and the type in it, handed to a macro.
macro_rules! every_type {
    ($($macro:tt)*) => {
        $($macro)* {
            apigateway_api_key::ApiKey, apigateway_rest_api::RestApi, apigateway_stage::Stage,
            apigateway_usage_plan::UsagePlan, athena_named_query::NamedQuery,
            athena_prepared_statement::PreparedStatement, athena_workgroup::Workgroup,
            cloudwatch_alarm::Alarm, cloudwatch_dashboard::Dashboard,
            dynamodb_table::Table, events_rule::Rule, firehose_delivery_stream::DeliveryStream,
            glue_crawler::GlueCrawler, glue_database::Database, glue_job::GlueJob, glue_registry::SchemaRegistry,
            glue_schema::RegistrySchema, glue_table::CatalogTable, glue_trigger::Trigger, glue_workflow::Workflow,
            iam_access_key::AccessKey, iam_role::Role, iam_user::User, kinesis_stream::Stream,
            lambda_event_invoke_config::InvokeConfig, lambda_event_source_mapping::Mapping,
            lambda_function::Function, lambda_permission::Permission,
            logs_group::LogGroup, logs_stream::LogStream, s3_bucket::Bucket, s3_notification::Notification,
            s3_object::Object, secretsmanager_secret::Secret, sns_subscription::Subscription, sns_topic::Topic,
            sqs_queue::Queue, ssm_parameter::Parameter,
        }
    };
}
pub(crate) use every_type;

macro_rules! any {
    ($($room:ident::$type:ident),* $(,)?) => {
        /// A resource type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Type { $($type),* }

        /// A resource with the attributes of its type.
        #[derive(Clone, Debug)]
        pub(crate) enum Resource { $($type(Box<super::$room::Spec>)),* }

        /// A resource with the attributes of its type, and with what AWS has made up.
        #[derive(Clone, Debug)]
        pub(crate) enum Actual { $($type(Box<super::$room::Spec>, Box<super::$room::Outputs>)),* }

        impl Type {
            /// Every one, in order of its name.
            pub(crate) const ALL: &'static [Self] = &[$(Self::$type),*];

            /// The type that plans and states call so; absent where this pipectl has no such type.
            pub(crate) fn named(kind: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.name() == kind)
            }

            /// `kinesis_stream`.
            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$type => super::$room::$type::KIND),* }
            }

            /// CloudFormation's name for it: `AWS::Kinesis::Stream`.
            pub(crate) fn aws_type(self) -> &'static str {
                match self { $(Self::$type => super::$room::$type::AWS_TYPE),* }
            }

            /// The calls without which one with a policy of its own can be neither read nor changed.
            #[cfg(test)]
            pub(crate) fn managed_by(self) -> &'static [&'static str] {
                match self { $(Self::$type => super::$room::$type::MANAGED_BY),* }
            }

            /// The attributes of its first example.
            #[cfg(test)]
            pub(crate) fn example(self) -> Value {
                let text = match self { $(Self::$type => super::$room::$type::EXAMPLES),* };
                let examples: Value = toml::from_str(text).expect("examples are TOML");
                examples["first"].clone()
            }

            /// Whether a cost estimate has a price for it.
            pub(crate) fn price(self) -> Price {
                match self { $(Self::$type => super::$room::$type::PRICE),* }
            }

            /// Whether an import takes it into a spec.
            pub(crate) fn import(self) -> Import {
                match self { $(Self::$type => super::$room::$type::IMPORT),* }
            }

            /// What `status` says of it.
            pub(crate) fn status(self) -> Status {
                match self { $(Self::$type => super::$room::$type::STATUS),* }
            }

            /// Where CloudWatch has its metrics.
            pub(crate) fn metrics(self) -> Metrics {
                match self { $(Self::$type => super::$room::$type::METRICS),* }
            }
        }

        $(impl From<super::$room::Spec> for Resource {
            fn from(spec: super::$room::Spec) -> Self {
                Self::$type(Box::new(spec))
            }
        })*

        impl Resource {
            /// Its attributes, as plans and states hold them.
            pub(crate) fn attributes(&self) -> Value {
                let value = match self { $(Self::$type(spec) => serde_json::to_value(spec)),* };
                // Every type has texts for keys, which is all that JSON asks for.
                value.unwrap_or_default()
            }

            /// The attributes in the shape of their type; absent where there is no such type, or they do not fit it, as those
            /// of a file that another pipectl has written.
            pub(crate) fn of(kind: &str, attributes: &Value) -> Option<Self> {
                Some(match Type::named(kind)? {
                    $(Type::$type => Self::$type(Box::new(super::$room::Spec::deserialize(attributes).ok()?))),*
                })
            }

            /// Its type.
            pub(crate) fn of_type(&self) -> Type {
                match self { $(Self::$type(_) => Type::$type),* }
            }

            /// How it keeps data at rest.
            pub(crate) fn at_rest(&self) -> AtRest {
                match self { $(Self::$type(spec) => super::$room::$type::at_rest(spec)),* }
            }

            /// What it takes of what an account may hold.
            pub(crate) fn takes(&self) -> Takes {
                match self { $(Self::$type(spec) => super::$room::$type::takes(spec)),* }
            }
        }

        impl Actual {
            /// Attributes and outputs in the shape of a type.
            ///
            /// # Errors
            /// When they do not fit it, as those of a file that another pipectl has written.
            pub(crate) fn of(one: Type, attributes: &Value, outputs: &Value) -> Result<Self, serde_json::Error> {
                Ok(match one {
                    $(Type::$type => Self::$type(
                        Box::new(super::$room::Spec::deserialize(attributes)?),
                        Box::new(made_up(outputs)?),
                    )),*
                })
            }
        }
    };
}

/// What AWS has made up; where nobody knows anything of it, it is null.
fn made_up<Outputs: Default + DeserializeOwned>(outputs: &Value) -> Result<Outputs, serde_json::Error> {
    if outputs.is_null() { Ok(Outputs::default()) } else { Outputs::deserialize(outputs) }
}

every_type!(any!);
