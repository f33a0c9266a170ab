//! Beyond the attributes of Kinesis streams.

use super::statements;
use crate::aws::error::failed;
use crate::aws::{Aws, Observed, retry};
use crate::catalog::kinesis_stream::{self as stream, Stream};
use crate::model::unmodelled::{Coverage, Look, Owned, Setting, Weight};

const CONSUMERS: Setting = Setting::asked("registered consumers", Weight::TakesOut, "kinesis:ListStreamConsumers")
    .undone_by("aws kinesis deregister-stream-consumer");
const POLICY: Setting = Setting::asked("resource policy", Weight::LetsIn, "kinesis:GetResourcePolicy")
    .undone_by("aws kinesis delete-resource-policy");

impl Observed for Stream {
    const COVERAGE: &'static Coverage = &Coverage {
        named: &[&CONSUMERS, &POLICY],
        not_looked_at: &[
            ("who reads it without registering", "a reader leaves no trace on the stream"),
            ("policies of its consumers", "a consumer is named, which is enough to find them"),
        ],
    };

    async fn look_closer(aws: &Aws, now: &stream::Spec, _owned: &Owned) -> Look {
        let mut look = Look::default();
        let client = aws.client(retry::kinesis).await;
        let Some(scope) = look.answer(&CONSUMERS, aws.scope().await) else { return look };
        let arn = scope.arn("kinesis", &format!("stream/{}", now.name));
        let (consumers, policy) = tokio::join!(
            client.list_stream_consumers().stream_arn(&arn).max_results(100).send(),
            client.get_resource_policy().resource_arn(&arn).send(),
        );
        let consumers = look.answer(&CONSUMERS, consumers.map_err(failed("kinesis ListStreamConsumers")));
        let consumers = consumers
            .and_then(|reply| reply.consumers)
            .into_iter()
            .flatten()
            .map(|one| CONSUMERS.is(one.consumer_name));
        look.found(consumers.collect::<Vec<_>>());
        let policy = look.answer(&POLICY, policy.map_err(failed("kinesis GetResourcePolicy")));
        let policy = policy.filter(|reply| !reply.policy.is_empty()).map(|reply| statements(&reply.policy, |_| false));
        look.found(policy.into_iter().flatten().map(|one| POLICY.is(one)).collect::<Vec<_>>());
        look
    }

    async fn obstacles(_aws: &Aws, _now: &stream::Spec, _empty: bool) -> Vec<String> {
        Vec::new()
    }
}
