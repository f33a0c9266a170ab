//! CloudWatch log streams.

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::LogStream as Live;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::{Aws, Resource, Result, retry};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::{Ownership, Step};
use crate::engine::trail::Writes;

/// A CloudWatch log stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the log group that it is in.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) group: String,
    /// Name, unique in the group; 1–512 characters, neither `:` nor `*`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the stream.
    pub(crate) arn: String,
}

/// CloudWatch log streams.
pub(crate) struct LogStream;

impl Resource for LogStream {
    const KIND: &'static str = "logs_stream";
    const AWS_TYPE: &'static str = "AWS::Logs::LogStream";
    const OWNERSHIP: Ownership = Ownership::Parent;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(
            &["logs:DescribeLogStreams"],
            On::Arns(&[
                "arn:{partition}:logs:{region}:{account}:log-group:{group}",
                "arn:{partition}:logs:{region}:{account}:log-group:{group}:*",
            ]),
        ),
        Grant::apply(
            &["logs:CreateLogStream", "logs:DeleteLogStream"],
            On::Arns(&["arn:{partition}:logs:{region}:{account}:log-group:{group}:log-stream:{name}"]),
        ),
    ];
    const WRITES: &'static Writes = &Writes {
        named_by: &[0],
        create: &["logs:CreateLogStream"],
        delete: &["logs:DeleteLogGroup", "logs:DeleteLogStream"],
        update: &[],
    };
    // Every attribute is part of the key: there is nothing to update.
    const EXAMPLES: &'static str = r#"
        [[needs]]
        kind = "logs_group"
        name = "/conformance/parent"

        [first]
        group = "/conformance/parent"
        name = "DestinationDelivery"

        [second]
        group = "/conformance/parent"
        name = "DestinationDelivery"
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.group, spec.name)
    }

    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let client = aws.client(retry::logs).await;
        let (group, name) = parts(key);
        // Without its group it is as absent as without itself.
        let stream = absent_is_none(describe(&client, group, name).await)?.flatten();
        let spec = Spec { group: group.to_owned(), name: name.to_owned() };
        Ok(stream.map(|stream| (spec, Outputs { arn: stream.arn.unwrap_or_default() })))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(retry::logs).await;
        let call = client.create_log_stream().log_group_name(&want.group).log_stream_name(&want.name).send();
        call.await.map(drop).map_err(failed("logs CreateLogStream"))
    }

    async fn update(_aws: &Aws, _now: &Spec, _want: &Spec, _step: &Step<'_>) -> Result<()> {
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(retry::logs).await;
        let (group, name) = parts(key);
        let call = client.delete_log_stream().log_group_name(group).log_stream_name(name).send();
        absent_is_done(call.await.map_err(failed("logs DeleteLogStream")))
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        match now {
            Some(now) if want != Some(now) => vec![format!("The events in `{}` are deleted with it.", now.name)],
            _ => Vec::new(),
        }
    }
}

/// Group and name; a group's name holds no `|`.
fn parts(key: &str) -> (&str, &str) {
    key.split_once('|').unwrap_or((key, ""))
}

/// AWS finds by prefix and sorts by name, so the stream itself comes first.
async fn describe(client: &Client, group: &str, name: &str) -> Result<Option<Live>> {
    let call = client.describe_log_streams().log_group_name(group).log_stream_name_prefix(name);
    let mut pages = call.into_paginator().send();
    while let Some(page) = pages.next().await {
        let mut streams = page.map_err(failed("logs DescribeLogStreams"))?.log_streams.unwrap_or_default().into_iter();
        if let Some(stream) = streams.find(|stream| stream.log_stream_name() == Some(name)) {
            return Ok(Some(stream));
        }
    }
    Ok(None)
}
