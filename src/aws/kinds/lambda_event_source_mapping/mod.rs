//! Event source mappings: from a Kinesis stream, a table's stream or an SQS queue to a Lambda function.

#[cfg(test)]
mod tests;

use crate::catalog::ResourceType;
use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{
    DestinationConfig, EventSourceMappingConfiguration as Live, EventSourcePosition, Filter, FilterCriteria,
    FunctionResponseType, OnFailure, ScalingConfig,
};
use serde_json::Value;

use super::dynamodb_table;
use super::lambda_function::LAMBDA;
use super::unmodelled::lambda::shown_of_mapping;
use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::{Aws, Calls, Result, Seen, wait};
use crate::catalog::lambda_event_source_mapping::{Mapping, Outputs, STREAM, Spec, found_by, table_of};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

/// What AWS calls "until the record expires".
const FOR_EVER: i32 = -1;

/// AWS takes up to a minute or two to make, change or delete one.
const LIMIT: Duration = Duration::from_mins(5);

impl Calls for Mapping {
    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Client::new).await;
        let (found, stream) = tokio::join!(find(&client, key), stream(aws, key));
        let Some(live) = found?.filter(|live| state(live) != "Deleting") else { return Ok(None) };
        let spec = of_stream(spec(key, &live, hint), &live, stream?);
        Ok(Some((spec, outputs(&live), shown_of_mapping(&live))))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        const CALL: &str = "lambda CreateEventSourceMapping";
        let client = aws.client(Client::new).await;
        // AWS would refuse it as taken, and an emulator might make a second one.
        match find(&client, &Self::key(want)).await? {
            Some(live) if state(&live) == "Deleting" => gone(&client, &Self::key(want)).await?,
            Some(_) => return Err(CallError::own(Class::InUse, CALL, "the function reads this source already")),
            None => {}
        }
        let source = match want.table() {
            None => want.source_arn.clone(),
            Some(table) => match dynamodb_table::stream_of(aws, table).await? {
                Some((arn, _)) => arn,
                None => return Err(CallError::own(Class::Invalid, CALL, format!("the table {table} has no stream"))),
            },
        };
        let call = client
            .create_event_source_mapping()
            .function_name(&want.function)
            .event_source_arn(source)
            .enabled(want.enabled)
            .batch_size(want.batch_size.cast_signed())
            .maximum_batching_window_in_seconds(want.window_seconds.cast_signed())
            .set_function_response_types(Some(response_types(want)))
            .set_filter_criteria((!want.filters.is_empty()).then(|| criteria(want)));
        let call = if want.reads_queue() {
            call.set_scaling_config(want.max_concurrency.map(|most| scaling(Some(most))))
        } else {
            call.set_starting_position(want.starting_position.as_deref().map(EventSourcePosition::from))
                .parallelization_factor(want.parallelization.cast_signed())
                .bisect_batch_on_function_error(want.bisect_on_error)
                .maximum_retry_attempts(or_for_ever(want.retries))
                .maximum_record_age_in_seconds(or_for_ever(want.max_age_seconds))
                .set_destination_config(want.failure_arn.as_deref().map(|arn| destination(Some(arn))))
                .set_tumbling_window_in_seconds(want.tumbling_window_seconds.map(u32::cast_signed))
        };
        let sent = async { Box::pin(call.send()).await.map(drop).map_err(failed(CALL)) };
        LAMBDA.known(&[&want.role_arn], sent).await?;
        settled(&client, &Self::key(want)).await.map(drop).map(|()| None)
    }

    async fn ready(aws: &Aws, key: &str) -> Result<()> {
        settled(&aws.client(Client::new).await, key).await.map(drop)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        const CALL: &str = "lambda UpdateEventSourceMapping";
        if *now == (Spec { role_arn: now.role_arn.clone(), ..want.clone() }) {
            return Ok(());
        }
        let client = aws.client(Client::new).await;
        let live = settled(&client, &Self::key(want)).await?;
        let call = client
            .update_event_source_mapping()
            .set_uuid(live.uuid)
            .enabled(want.enabled)
            .batch_size(want.batch_size.cast_signed())
            .maximum_batching_window_in_seconds(want.window_seconds.cast_signed())
            .set_function_response_types(Some(response_types(want)))
            .set_filter_criteria((now.filters != want.filters).then(|| criteria(want)));
        let call = if want.reads_queue() {
            call.scaling_config(scaling(want.max_concurrency))
        } else {
            call.parallelization_factor(want.parallelization.cast_signed())
                .bisect_batch_on_function_error(want.bisect_on_error)
                .maximum_retry_attempts(or_for_ever(want.retries))
                .maximum_record_age_in_seconds(or_for_ever(want.max_age_seconds))
                .destination_config(destination(want.failure_arn.as_deref()))
                .tumbling_window_in_seconds(want.tumbling_window_seconds.unwrap_or(0).cast_signed())
        };
        let sent = async { Box::pin(call.send()).await.map(drop).map_err(failed(CALL)) };
        LAMBDA.known(&[&want.role_arn], sent).await?;
        settled(&client, &Self::key(want)).await.map(drop)
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let all = find_all(&client, key).await?;
        if all.is_empty() {
            return Ok(());
        }
        for live in all.into_iter().filter(|live| state(live) != "Deleting") {
            let call = client.delete_event_source_mapping().set_uuid(live.uuid);
            absent_is_done(call.send().await.map_err(failed("lambda DeleteEventSourceMapping")))?;
        }
        gone(&client, key).await
    }
}

/// The mapping of a function and a source, of which there is one at most; of a table the one of its newest stream.
async fn find(client: &Client, key: &str) -> Result<Option<Live>> {
    // What AWS makes up in the ARN of a table's stream is the time at which it was switched on.
    Ok(find_all(client, key).await?.into_iter().max_by(|a, b| a.event_source_arn.cmp(&b.event_source_arn)))
}

/// The same, and of a table those that read a stream of it which is no more.
async fn find_all(client: &Client, key: &str) -> Result<Vec<Live>> {
    let (function, source) = parts(key);
    let of_table = table_of(source).map(|_| format!("{source}{STREAM}"));
    let call = client.list_event_source_mappings().function_name(function);
    let call = call.set_event_source_arn(of_table.is_none().then(|| source.to_owned()));
    let pages = call.into_paginator().items().send().try_collect();
    // Where there is no function there is no mapping either.
    let all: Option<Vec<Live>> = absent_is_none(pages.await.map_err(failed("lambda ListEventSourceMappings")))?;
    let read = |live: &Live| match &of_table {
        Some(streams) => live.event_source_arn().is_some_and(|arn| arn.starts_with(streams)),
        None => true,
    };
    Ok(all.into_iter().flatten().filter(read).collect())
}

/// The function and the source in a key.
fn parts(key: &str) -> (&str, &str) {
    key.split_once('|').unwrap_or((key, ""))
}

/// The stream that the source has now, where that is a table, and what it shows.
async fn stream(aws: &Aws, key: &str) -> Result<Option<(String, String)>> {
    match table_of(parts(key).1) {
        Some(table) => dynamodb_table::stream_of(aws, table).await,
        None => Ok(None),
    }
}

/// What is known of a mapping besides from the table that it reads, with the stream that this has now.
fn of_stream(spec: Spec, live: &Live, stream: Option<(String, String)>) -> Spec {
    if spec.table().is_none() {
        return spec;
    }
    let (arn, view) = stream.unzip();
    if arn == live.event_source_arn {
        return Spec { stream_view: view, ..spec };
    }
    // The stream that it reads is no more: it has another source than the table.
    Spec { source_arn: live.event_source_arn.clone().unwrap_or_default(), stream_view: view, ..spec }
}

fn state(live: &Live) -> &str {
    live.state().unwrap_or_default()
}

/// Waits until it reads, or does not, as it was last told.
async fn settled(client: &Client, key: &str) -> Result<Live> {
    let what = format!("event source mapping {key} to settle");
    let look = || async {
        let Some(live) = find(client, key).await? else {
            return Err(CallError::own(Class::Absent, &what, "it does not exist"));
        };
        Ok(matches!(state(&live), "Enabled" | "Disabled").then_some(live))
    };
    wait::until(&what, LIMIT, look).await
}

async fn gone(client: &Client, key: &str) -> Result<()> {
    let look = || async { Ok(find(client, key).await?.is_none().then_some(())) };
    wait::until(&format!("event source mapping {key} to be gone"), LIMIT, look).await
}

fn or_for_ever(limit: Option<u32>) -> i32 {
    limit.map_or(FOR_EVER, u32::cast_signed)
}

fn response_types(want: &Spec) -> Vec<FunctionResponseType> {
    want.report_failures.then_some(FunctionResponseType::ReportBatchItemFailures).into_iter().collect()
}

/// Where word of a batch goes that is given up; an empty one takes that away.
fn destination(failure: Option<&str>) -> DestinationConfig {
    let failure = OnFailure::builder().set_destination(failure.map(str::to_owned)).build();
    DestinationConfig::builder().on_failure(failure).build()
}

/// What has to match; an empty one takes all filters away.
fn criteria(want: &Spec) -> FilterCriteria {
    let filter = |pattern: &Value| Filter::builder().pattern(pattern.to_string()).build();
    FilterCriteria::builder().set_filters(Some(want.filters.iter().map(filter).collect())).build()
}

/// How many calls at a time; an empty one takes the limit away.
fn scaling(most: Option<u32>) -> ScalingConfig {
    ScalingConfig::builder().set_maximum_concurrency(most.map(u32::cast_signed)).build()
}

/// The spec that the live mapping is equal to. AWS leaves out what has never been set.
fn spec(key: &str, live: &Live, hint: Option<&Spec>) -> Spec {
    let (function, source_arn) = parts(key);
    let limit = |value: Option<i32>| value.filter(|value| *value != FOR_EVER).map(i32::cast_unsigned);
    let number = |value: Option<i32>, usual: u32| value.map_or(usual, i32::cast_unsigned);
    let filters = live.filter_criteria().map(FilterCriteria::filters).unwrap_or_default();
    // AWS takes no pattern that is not JSON; one that is none all the same is shown, and is not what anybody wants.
    let pattern = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| text.into());
    let failure = live.destination_config().and_then(|it| it.on_failure()).and_then(|it| it.destination.clone());
    Spec {
        function: function.to_owned(),
        source_arn: source_arn.to_owned(),
        stream_view: None,
        starting_position: live.starting_position.as_ref().map(ToString::to_string),
        role_arn: hint.map(|hint| hint.role_arn.clone()).unwrap_or_default(),
        enabled: !matches!(state(live), "Disabled" | "Disabling"),
        batch_size: number(live.batch_size, 100),
        window_seconds: number(live.maximum_batching_window_in_seconds, 0),
        max_concurrency: live.scaling_config().and_then(|it| it.maximum_concurrency).map(i32::cast_unsigned),
        parallelization: number(live.parallelization_factor, 1),
        bisect_on_error: live.bisect_batch_on_function_error.unwrap_or_default(),
        report_failures: live.function_response_types().contains(&FunctionResponseType::ReportBatchItemFailures),
        retries: limit(live.maximum_retry_attempts),
        max_age_seconds: limit(live.maximum_record_age_in_seconds),
        failure_arn: failure.filter(|arn| !arn.is_empty()),
        filters: filters.iter().filter_map(Filter::pattern).map(pattern).collect(),
        tumbling_window_seconds: live.tumbling_window_in_seconds.map(i32::cast_unsigned).filter(|seconds| *seconds > 0),
    }
}

fn outputs(live: &Live) -> Outputs {
    Outputs {
        uuid: live.uuid.clone().unwrap_or_default(),
        status: state(live).to_owned(),
        stream_arn: live.event_source_arn.clone().filter(|arn| found_by(arn) != arn),
        last_result: live.last_processing_result.clone(),
    }
}
