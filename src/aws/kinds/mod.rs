//! One file per resource type, and the registry: a new type is a file here and its two lines in this one.

mod apigateway;
mod apigateway_api_key;
mod apigateway_rest_api;
mod apigateway_stage;
mod apigateway_usage_plan;
mod cloudwatch_alarm;
mod cloudwatch_dashboard;
mod cloudwatch_metrics;
mod dynamodb_table;
mod events_rule;
mod firehose_delivery_stream;
mod iam;
mod iam_access_key;
mod iam_kept_key;
mod iam_role;
mod iam_user;
mod kinesis_stream;
mod lambda_event_source_mapping;
mod lambda_function;
mod lambda_permission;
mod logs_group;
mod logs_stream;
mod s3_bucket;
mod s3_notification;
mod secretsmanager_secret;
mod sns_subscription;
mod sns_topic;
mod sqs_queue;

use std::sync::Arc;

use super::{Aws, typed};
use crate::engine::kind::Registry;

pub(super) use iam::decode;
pub(super) use iam_kept_key::keeping;

/// Every resource type that this pipectl knows.
pub fn registry(aws: &Arc<Aws>) -> Registry {
    Registry::new(vec![
        typed::<apigateway_api_key::ApiKey>(aws),
        typed::<apigateway_rest_api::RestApi>(aws),
        typed::<apigateway_stage::Stage>(aws),
        typed::<apigateway_usage_plan::UsagePlan>(aws),
        typed::<cloudwatch_alarm::Alarm>(aws),
        typed::<cloudwatch_dashboard::Dashboard>(aws),
        typed::<dynamodb_table::Table>(aws),
        typed::<events_rule::Rule>(aws),
        typed::<firehose_delivery_stream::DeliveryStream>(aws),
        typed::<iam_access_key::AccessKey>(aws),
        typed::<iam_role::Role>(aws),
        typed::<iam_user::User>(aws),
        typed::<kinesis_stream::Stream>(aws),
        typed::<lambda_event_source_mapping::Mapping>(aws),
        typed::<lambda_function::Function>(aws),
        typed::<lambda_permission::Permission>(aws),
        typed::<logs_group::LogGroup>(aws),
        typed::<logs_stream::LogStream>(aws),
        typed::<s3_bucket::Bucket>(aws),
        typed::<s3_notification::Notification>(aws),
        typed::<secretsmanager_secret::Secret>(aws),
        typed::<sns_subscription::Subscription>(aws),
        typed::<sns_topic::Topic>(aws),
        typed::<sqs_queue::Queue>(aws),
    ])
}
