//! Streams, and who is registered to read them.

use crate::aws::error::{absent_is_none, failed};
use crate::aws::{Aws, Result, retry};
use crate::model::discovery::Stream;

/// The names of all streams.
pub(super) async fn names(aws: &Aws) -> Result<Vec<String>> {
    let client = aws.client(retry::kinesis).await;
    let mut names = Vec::new();
    let mut pages = client.list_streams().into_paginator().send();
    while let Some(page) = pages.next().await {
        names.extend(page.map_err(failed("kinesis ListStreams"))?.stream_names);
    }
    names.sort();
    Ok(names)
}

/// One stream. Its consumers are asked for only where it says that it has some.
pub(super) async fn stream(aws: &Aws, name: &str) -> Result<Option<Stream>> {
    let client = aws.client(retry::kinesis).await;
    let call = client.describe_stream_summary().stream_name(name).send().await;
    let reply = absent_is_none(call.map_err(failed("kinesis DescribeStreamSummary")))?;
    let Some(summary) = reply.and_then(|reply| reply.stream_description_summary) else { return Ok(None) };
    if summary.consumer_count.unwrap_or_default() == 0 {
        return Ok(Some(Stream::default()));
    }
    let mut pages = client.list_stream_consumers().stream_arn(&summary.stream_arn).into_paginator().send();
    let mut consumers = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(failed("kinesis ListStreamConsumers"))?;
        consumers.extend(page.consumers.into_iter().flatten().map(|consumer| consumer.consumer_name));
    }
    Ok(Some(Stream { consumers }))
}
