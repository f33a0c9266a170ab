//! One room per resource type: what is to be known of it without asking AWS. The calls are in `aws/kinds`.

mod any;
pub(crate) mod external;
pub(crate) mod facets;
mod resource_type;

pub(crate) mod apigateway;
pub(crate) mod apigateway_api_key;
pub(crate) mod apigateway_rest_api;
pub(crate) mod apigateway_stage;
pub(crate) mod apigateway_usage_plan;
pub(crate) mod athena_named_query;
pub(crate) mod athena_prepared_statement;
pub(crate) mod athena_workgroup;
pub(crate) mod cloudwatch_alarm;
pub(crate) mod cloudwatch_dashboard;
pub(crate) mod cloudwatch_metrics;
pub(crate) mod dynamodb_table;
pub(crate) mod events_rule;
pub(crate) mod firehose_delivery_stream;
pub(crate) mod glue_database;
pub(crate) mod glue_job;
pub(crate) mod glue_table;
pub(crate) mod glue_trigger;
pub(crate) mod glue_workflow;
pub(crate) mod iam;
pub(crate) mod iam_access_key;
pub(crate) mod iam_role;
pub(crate) mod iam_user;
pub(crate) mod kinesis_stream;
pub(crate) mod lambda_event_source_mapping;
pub(crate) mod lambda_function;
pub(crate) mod lambda_permission;
pub(crate) mod logs_group;
pub(crate) mod logs_stream;
pub(crate) mod s3_bucket;
pub(crate) mod s3_notification;
pub(crate) mod s3_object;
pub(crate) mod secretsmanager_secret;
pub(crate) mod sns_subscription;
pub(crate) mod sns_topic;
pub(crate) mod sqs_queue;
pub(crate) mod ssm_parameter;

pub(crate) use any::{Actual, Resource, Type, every_type};
pub(crate) use resource_type::ResourceType;
