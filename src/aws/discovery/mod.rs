//! What stands beside what, by the SDK: one file per service that is asked.

mod apigateway;
pub(super) mod cloudformation;
mod cloudwatch;
mod firehose;
mod iam;
mod kinesis;
mod lambda;
mod s3;
mod sns;
mod sqs;

use std::future::Future;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};

use super::{Aws, Result};
use crate::model::discovery::{
    AccessKey, Alarm, Bucket, Caller, Dashboard, DeliveryStream, Discovery, EventSource, Function, Identity, Inventory,
    Named, Note, RestApi, StackResource, Stream, Subscription, UsagePlan,
};
use crate::model::error::Class;
use crate::model::kind::BoxFuture;

/// How many of a listing are looked at at the same time; calls wait for AWS's rates where they are made.
const AT_ONCE: usize = 64;

/// The IAM actions that the calls in this folder need, besides those with which kinds read.
pub const ACTIONS: [&str; 21] = [
    "apigateway:GET",
    "cloudformation:ListStackResources",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetDashboard",
    "cloudwatch:ListDashboards",
    "firehose:DescribeDeliveryStream",
    "firehose:ListDeliveryStreams",
    "iam:GetAccountAuthorizationDetails",
    "iam:ListAccessKeys",
    "kinesis:DescribeStreamSummary",
    "kinesis:ListStreamConsumers",
    "kinesis:ListStreams",
    "lambda:GetPolicy",
    "lambda:ListEventSourceMappings",
    "lambda:ListFunctions",
    "s3:GetBucketNotification",
    "sns:ListSubscriptionsByTopic",
    "sqs:GetQueueAttributes",
    "sqs:GetQueueUrl",
    "ssm:DescribeParameters",
    "ssm:ListTagsForResource",
];

/// The caller's account and region.
pub struct AwsDiscovery(Arc<Aws>);

impl AwsDiscovery {
    /// What is in that account and region.
    pub fn new(aws: &Arc<Aws>) -> Self {
        Self(Arc::clone(aws))
    }
}

impl Discovery for AwsDiscovery {
    fn streams(&self) -> BoxFuture<'_, Result<Vec<String>>> {
        Box::pin(kinesis::names(&self.0))
    }

    fn stream<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Stream>>> {
        Box::pin(kinesis::stream(&self.0, name))
    }

    fn delivery_streams<'a>(&'a self, note: Note<'a>) -> BoxFuture<'a, Result<Inventory<DeliveryStream>>> {
        Box::pin(firehose::delivery_streams(&self.0, note))
    }

    fn bucket<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Bucket>>> {
        Box::pin(s3::bucket(&self.0, name))
    }

    fn alarms(&self) -> BoxFuture<'_, Result<Vec<Alarm>>> {
        Box::pin(cloudwatch::alarms(&self.0))
    }

    fn dashboards<'a>(&'a self, note: Note<'a>) -> BoxFuture<'a, Result<Inventory<Dashboard>>> {
        Box::pin(cloudwatch::dashboards(&self.0, note))
    }

    fn subscriptions<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<Vec<Subscription>>> {
        Box::pin(sns::subscriptions(&self.0, topic))
    }

    fn identities(&self) -> BoxFuture<'_, Result<Vec<Identity>>> {
        Box::pin(iam::identities(&self.0))
    }

    fn access_keys<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Vec<AccessKey>>> {
        Box::pin(iam::access_keys(&self.0, user))
    }

    fn functions(&self) -> BoxFuture<'_, Result<Vec<Function>>> {
        Box::pin(lambda::functions(&self.0))
    }

    fn event_sources(&self) -> BoxFuture<'_, Result<Vec<EventSource>>> {
        Box::pin(lambda::event_sources(&self.0))
    }

    fn callers<'a>(&'a self, function: &'a str) -> BoxFuture<'a, Result<Vec<Caller>>> {
        Box::pin(lambda::callers(&self.0, function))
    }

    fn dead_letters<'a>(&'a self, queue: &'a str) -> BoxFuture<'a, Result<Option<String>>> {
        Box::pin(sqs::dead_letters(&self.0, queue))
    }

    fn rest_apis(&self) -> BoxFuture<'_, Result<Vec<Named>>> {
        Box::pin(apigateway::rest_apis(&self.0))
    }

    fn rest_api<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<RestApi>> {
        Box::pin(apigateway::rest_api(&self.0, id))
    }

    fn usage_plans(&self) -> BoxFuture<'_, Result<Vec<UsagePlan>>> {
        Box::pin(apigateway::usage_plans(&self.0))
    }

    fn api_keys(&self) -> BoxFuture<'_, Result<Vec<Named>>> {
        Box::pin(apigateway::api_keys(&self.0))
    }

    fn stack<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<StackResource>>> {
        Box::pin(cloudformation::resources(&self.0, name))
    }
}

/// Looks at each of `names`, many at a time. What is gone by then is left out, what the caller may not see is told apart.
async fn each<T, F>(
    names: Vec<String>,
    what: &str,
    note: Note<'_>,
    look: impl Fn(String) -> F + Send + Sync,
) -> Result<Inventory<T>>
where
    F: Future<Output = Result<Option<T>>> + Send,
{
    let total = names.len();
    let looks = names.into_iter().map(|name| {
        let looked = look(name.clone());
        async move { (name, looked.await) }
    });
    let mut looks = stream::iter(looks).buffer_unordered(AT_ONCE);
    let (mut inventory, mut done) = (Inventory::default(), 0);
    while let Some((name, looked)) = looks.next().await {
        match looked {
            Ok(seen) => inventory.seen.extend(seen),
            Err(error) if error.class == Class::Denied => inventory.hidden.push((name, error)),
            Err(error) => return Err(error),
        }
        done += 1;
        note(format!("{done} of {total} {what}"));
    }
    inventory.hidden.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(inventory)
}
