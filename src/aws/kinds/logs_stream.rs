//! CloudWatch log streams.

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::LogStream as Live;

use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::{Aws, Calls, Result, Seen, retry};
use crate::catalog::logs_stream::{LogStream, Outputs, Spec};
use crate::model::kind::StepContext;

impl Calls for LogStream {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(retry::logs).await;
        let (group, name) = parts(key);
        // Without its group it is as absent as without itself.
        let stream = absent_is_none(describe(&client, group, name).await)?.flatten();
        let spec = Spec { group: group.to_owned(), name: name.to_owned() };
        Ok(stream.map(|stream| (spec, Outputs { arn: stream.arn.unwrap_or_default() }, Vec::new())))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(retry::logs).await;
        let call = client.create_log_stream().log_group_name(&want.group).log_stream_name(&want.name).send();
        call.await.map_err(failed("logs CreateLogStream"))?;
        let arn = aws.scope().await?.arn("logs", &format!("log-group:{}:log-stream:{}", want.group, want.name));
        Ok(Some((want.clone(), Outputs { arn }, Vec::new())))
    }

    async fn update(_aws: &Aws, _now: &Spec, _want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(retry::logs).await;
        let (group, name) = parts(key);
        let call = client.delete_log_stream().log_group_name(group).log_stream_name(name).send();
        absent_is_done(call.await.map_err(failed("logs DeleteLogStream")))
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
