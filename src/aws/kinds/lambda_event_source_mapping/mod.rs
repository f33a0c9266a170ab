//! Event source mappings: from a Kinesis stream, a table's stream or an SQS queue to a Lambda function.

use std::time::Duration;

use aws_sdk_lambda::Client;
use aws_sdk_lambda::types::{
    DestinationConfig, EventSourceMappingConfiguration as Live, EventSourcePosition, FunctionResponseType, OnFailure,
    ScalingConfig,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::lambda_function::LAMBDA;
use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::{Aws, Resource, Result, wait};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::{Ownership, Step};
use crate::engine::trail::{Update, Writes};

/// An event source mapping: Lambda reads the source in batches and calls the function with each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the function.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) function: String,
    /// ARN of the source.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) source_arn: String,
    /// Where in a stream it begins: `LATEST` or `TRIM_HORIZON`; absent of a queue.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default)]
    pub(crate) starting_position: Option<String>,
    /// ARN of the role that the function works as; Lambda reads the source as that role. AWS shows it with the function.
    #[schemars(extend("x-unread" = true))]
    pub(crate) role_arn: String,
    /// Whether it reads.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// The most records in a batch; 1–10,000.
    pub(crate) batch_size: u32,
    /// How long a batch is waited for, in seconds; 0–300.
    #[serde(default)]
    pub(crate) window_seconds: u32,
    /// The most calls at a time with messages of a queue, 2–1,000; absent: as many as the function gets.
    #[serde(default)]
    pub(crate) max_concurrency: Option<u32>,
    /// Batches of one shard that are processed at a time; 1–10.
    #[serde(default = "one")]
    pub(crate) parallelization: u32,
    /// Whether a batch that failed is halved, and each half tried by itself.
    #[serde(default)]
    pub(crate) bisect_on_error: bool,
    /// Whether the function says which records of a batch failed, so that the others are not tried again.
    #[serde(default)]
    pub(crate) report_failures: bool,
    /// How often a batch that failed is tried again, 0–10,000; absent: until its records expire.
    #[serde(default)]
    pub(crate) retries: Option<u32>,
    /// Records older than this are not tried, in seconds, 60–604,800; absent: until they expire.
    #[serde(default)]
    pub(crate) max_age_seconds: Option<u32>,
    /// ARN of the topic or queue that is told of batches that are given up.
    #[serde(default)]
    pub(crate) failure_arn: Option<String>,
}

fn yes() -> bool {
    true
}

fn one() -> u32 {
    1
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// The id under which AWS knows the mapping.
    pub(crate) uuid: String,
    /// `Enabled`, `Creating` …
    pub(crate) status: String,
    /// What became of the last batch: `OK`, `PROBLEM: …`.
    pub(crate) last_result: Option<String>,
}

/// Event source mappings.
pub(crate) struct Mapping;

/// AWS takes up to a minute or two to make, change or delete one.
const LIMIT: Duration = Duration::from_mins(5);
/// How long AWS may go on refusing a change because the one before it has not quite ended.
const SETTLE: Duration = Duration::from_mins(2);
/// What AWS calls "until the record expires".
const FOR_EVER: i32 = -1;

/// Of ids that AWS makes up: what narrows it is the function.
const MAPPING: On = On::Arns(&["arn:{partition}:lambda:{region}:{account}:event-source-mapping:*"]);

/// Lambda's events have the date of the API's version in their names.
const UPDATED: &[&str] = &["lambda:UpdateEventSourceMapping20150331"];

impl Resource for Mapping {
    const KIND: &'static str = "lambda_event_source_mapping";
    const AWS_TYPE: &'static str = "AWS::Lambda::EventSourceMapping";
    const OWNERSHIP: Ownership = Ownership::Parent;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["lambda:ListEventSourceMappings"], On::All),
        Grant::apply(&["lambda:CreateEventSourceMapping"], On::All)
            .only_if("lambda:FunctionArn", "arn:{partition}:lambda:{region}:{account}:function:{function}"),
        Grant::apply(&["lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"], MAPPING)
            .only_if("lambda:FunctionArn", "arn:{partition}:lambda:{region}:{account}:function:{function}"),
    ];
    const WRITES: &'static Writes = &Writes {
        named_by: &[0],
        create: &["lambda:CreateEventSourceMapping20150331"],
        delete: &["lambda:DeleteEventSourceMapping20150331"],
        update: &[
            Update::new("batch_size", UPDATED).saying("batchSize"),
            Update::new("bisect_on_error", UPDATED).saying("bisectBatchOnFunctionError"),
            Update::new("enabled", UPDATED).saying("enabled"),
            Update::new("failure_arn", UPDATED).saying("destinationConfig"),
            Update::new("max_age_seconds", UPDATED).saying("maximumRecordAgeInSeconds"),
            Update::new("max_concurrency", UPDATED).saying("scalingConfig"),
            Update::new("parallelization", UPDATED).saying("parallelizationFactor"),
            Update::new("report_failures", UPDATED).saying("functionResponseTypes"),
            Update::new("retries", UPDATED).saying("maximumRetryAttempts"),
            Update::new("window_seconds", UPDATED).saying("maximumBatchingWindowInSeconds"),
        ],
    };
    const EXAMPLES: &'static str = include_str!("examples.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.function, spec.source_arn)
    }

    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let client = aws.client(Client::new).await;
        let Some(live) = find(&client, key).await?.filter(|live| state(live) != "Deleting") else { return Ok(None) };
        Ok(Some((spec(key, &live, hint), outputs(&live))))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
        const CALL: &str = "lambda CreateEventSourceMapping";
        let client = aws.client(Client::new).await;
        // AWS would refuse it as taken, and an emulator might make a second one.
        match find(&client, &Self::key(want)).await? {
            Some(live) if state(&live) == "Deleting" => gone(&client, &Self::key(want)).await?,
            Some(_) => return Err(CallError::own(Class::InUse, CALL, "the function reads this source already")),
            None => {}
        }
        let call = client
            .create_event_source_mapping()
            .function_name(&want.function)
            .event_source_arn(&want.source_arn)
            .enabled(want.enabled)
            .batch_size(want.batch_size.cast_signed())
            .maximum_batching_window_in_seconds(want.window_seconds.cast_signed())
            .set_function_response_types(Some(response_types(want)));
        let call = if want.reads_queue() {
            call.set_scaling_config(want.max_concurrency.map(|most| scaling(Some(most))))
        } else {
            call.set_starting_position(want.starting_position.as_deref().map(EventSourcePosition::from))
                .parallelization_factor(want.parallelization.cast_signed())
                .bisect_batch_on_function_error(want.bisect_on_error)
                .maximum_retry_attempts(or_for_ever(want.retries))
                .maximum_record_age_in_seconds(or_for_ever(want.max_age_seconds))
                .set_destination_config(want.failure_arn.as_deref().map(|arn| destination(Some(arn))))
        };
        let send = || async { Box::pin(call.clone().send()).await.map(drop).map_err(failed(CALL)) };
        LAMBDA.once_known(&[&want.role_arn], send).await?;
        settled(&client, &Self::key(want)).await.map(drop)
    }

    async fn ready(aws: &Aws, key: &str) -> Result<()> {
        settled(&aws.client(Client::new).await, key).await.map(drop)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
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
            .set_function_response_types(Some(response_types(want)));
        let call = if want.reads_queue() {
            call.scaling_config(scaling(want.max_concurrency))
        } else {
            call.parallelization_factor(want.parallelization.cast_signed())
                .bisect_batch_on_function_error(want.bisect_on_error)
                .maximum_retry_attempts(or_for_ever(want.retries))
                .maximum_record_age_in_seconds(or_for_ever(want.max_age_seconds))
                .destination_config(destination(want.failure_arn.as_deref()))
        };
        let send = || async { Box::pin(call.clone().send()).await.map(drop).map_err(failed(CALL)) };
        LAMBDA.once_known(&[&want.role_arn], || wait::retry(SETTLE, in_use, send)).await?;
        settled(&client, &Self::key(want)).await.map(drop)
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let Some(live) = find(&client, key).await? else { return Ok(()) };
        if state(&live) != "Deleting" {
            let call = client.delete_event_source_mapping().set_uuid(live.uuid);
            let delete =
                || async { call.clone().send().await.map(drop).map_err(failed("lambda DeleteEventSourceMapping")) };
            absent_is_done(wait::retry(SETTLE, in_use, delete).await)?;
        }
        gone(&client, key).await
    }

    fn align(now: &mut Spec, want: &Spec) {
        now.role_arn.clone_from(&want.role_arn);
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let lost = |spec: &Spec| spec.starting_position.as_deref() == Some("LATEST");
        match (now, want) {
            (None, Some(want)) if lost(want) => {
                vec![
                    "It begins at the end of its source: records put before it is Enabled are not processed."
                        .to_owned(),
                ]
            }
            (Some(now), Some(want))
                if Self::key(now) != Self::key(want) || now.starting_position != want.starting_position =>
            {
                let Some(position) = &want.starting_position else { return Vec::new() };
                vec![format!("It forgets how far `{}` has read, and begins at {position}.", now.function)]
            }
            (Some(now), Some(want)) if now.enabled && !want.enabled => {
                vec![format!("`{}` reads no more: what expires meanwhile is lost to it.", now.function)]
            }
            _ => Vec::new(),
        }
    }
}

impl Spec {
    /// Whether the source is a queue, of which Lambda refuses what it takes of streams.
    fn reads_queue(&self) -> bool {
        self.source_arn.split(':').nth(2) == Some("sqs")
    }
}

fn in_use(error: &CallError) -> bool {
    error.class == Class::InUse
}

/// The mapping of a function and a source, of which there is one at most.
async fn find(client: &Client, key: &str) -> Result<Option<Live>> {
    let (function, source) = key.split_once('|').unwrap_or((key, ""));
    let call = client.list_event_source_mappings().function_name(function).event_source_arn(source).send();
    // Where there is no function there is no mapping either.
    let reply = absent_is_none(call.await.map_err(failed("lambda ListEventSourceMappings")))?;
    Ok(reply.and_then(|reply| reply.event_source_mappings).unwrap_or_default().into_iter().next())
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

/// How many calls at a time; an empty one takes the limit away.
fn scaling(most: Option<u32>) -> ScalingConfig {
    ScalingConfig::builder().set_maximum_concurrency(most.map(u32::cast_signed)).build()
}

/// The spec that the live mapping is equal to. AWS leaves out what has never been set.
fn spec(key: &str, live: &Live, hint: Option<&Spec>) -> Spec {
    let (function, source_arn) = key.split_once('|').unwrap_or((key, ""));
    let limit = |value: Option<i32>| value.filter(|value| *value != FOR_EVER).map(i32::cast_unsigned);
    let number = |value: Option<i32>, usual: u32| value.map_or(usual, i32::cast_unsigned);
    let failure = live.destination_config().and_then(|it| it.on_failure()).and_then(|it| it.destination.clone());
    Spec {
        function: function.to_owned(),
        source_arn: source_arn.to_owned(),
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
    }
}

fn outputs(live: &Live) -> Outputs {
    Outputs {
        uuid: live.uuid.clone().unwrap_or_default(),
        status: state(live).to_owned(),
        last_result: live.last_processing_result.clone(),
    }
}
