//! The calls for each resource type, one file per type, and the registry: what is known of a type without them is in `catalog`.

mod apigateway;
mod apigateway_api_key;
mod apigateway_rest_api;
mod apigateway_stage;
mod apigateway_usage_plan;
mod athena;
mod athena_named_query;
mod athena_prepared_statement;
mod athena_workgroup;
mod cloudwatch_alarm;
mod cloudwatch_dashboard;
mod cloudwatch_metrics;
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
mod iam_kept_key;
mod iam_role;
mod iam_user;
mod kinesis_stream;
mod lambda_event_invoke_config;
mod lambda_event_source_mapping;
mod lambda_function;
mod lambda_permission;
mod logs;
mod logs_group;
mod logs_stream;
mod s3_bucket;
mod s3_notification;
mod s3_object;
mod secretsmanager_secret;
mod sns_subscription;
mod sns_topic;
mod sqs_queue;
mod ssm;
mod ssm_parameter;
mod unmodelled;

use std::sync::Arc;

use super::{Aws, typed};
use crate::catalog;
use crate::model::kind::Registry;

pub(super) use glue_job::runs as glue_runs;
pub(super) use iam::decode;

/// Whether there is a REST API of that name.
pub(super) async fn rest_api_named(aws: &Aws, name: &str) -> super::Result<bool> {
    Ok(apigateway::find(aws, name).await?.is_some())
}

/// Whether there is a database of that name in Glue's Data Catalog.
pub(super) async fn glue_database_named(aws: &Aws, name: &str) -> super::Result<bool> {
    Ok(super::glue::databases::get(aws, name).await?.is_some())
}

/// Whether there is a schema registry of that name.
pub(super) async fn glue_registry_named(aws: &Aws, name: &str) -> super::Result<bool> {
    Ok(super::glue::registries::get(aws, name).await?.is_some())
}
pub(super) use iam_kept_key::keeping;

/// Every resource type that this pipectl knows.
pub fn registry(aws: &Arc<Aws>) -> Registry {
    macro_rules! typed_all {
        ($($room:ident::$type:ident),* $(,)?) => { vec![$(typed::<catalog::$room::$type>(aws)),*] };
    }
    Registry::new(catalog::every_type!(typed_all!))
}
