//! Event source mappings.

use serde::Serialize;
use serde_json::{Value, json};

use super::{Exported, Parts, Stays, TerraformKeys, Typed, attribute, joined_by, known, output, text};
use crate::catalog::Type;
use crate::catalog::lambda_event_source_mapping::{Mapping, Spec, found_by};
use crate::export::Target;
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Fields, Term, block, blocks, fields};
use crate::export::parts::value_of;
use crate::model::scope::Scope;

const OF_THE_TABLE: &str = "it is the table's, whose stream is read";
const OF_THE_FUNCTION: &str = "it is the function's: a mapping has no role of its own";

impl Exported for Mapping {
    const TERRAFORM_TYPE: &'static str = "aws_lambda_event_source_mapping";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_lambda_event_source_mapping", |it| {
        // Named by its name, or by its ARN.
        let function = text(&it["function_name"]).rsplit(':').next().unwrap_or_default();
        let source = found_by(text(&it["event_source_arn"]));
        joined_by(&json!({ "function": function, "source": source }), &["function", "source"])
    })];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[
        Stays { attribute: attribute!(Spec.role_arn), target: Target::Terraform, reason: OF_THE_FUNCTION },
        Stays { attribute: attribute!(Spec.role_arn), target: Target::CloudFormation, reason: OF_THE_FUNCTION },
        Stays { attribute: attribute!(Spec.stream_view), target: Target::Terraform, reason: OF_THE_TABLE },
        Stays { attribute: attribute!(Spec.stream_view), target: Target::CloudFormation, reason: OF_THE_TABLE },
    ];

    fn name(_spec: &Spec) -> Option<&str> {
        None
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let mapping = mapping_fields(it.spec, source(it)?);
        Ok(vec![terraform::Part::new("aws_lambda_event_source_mapping", known(&it.outputs.uuid)?, mapping)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let (id, mapping) = (known(&it.outputs.uuid)?, mapping_properties(it.spec, source(it)?));
        Ok(vec![cloudformation::Part::new("AWS::Lambda::EventSourceMapping", [("Id", id)], mapping)])
    }
}

/// What is read, as AWS has it.
fn source<'a>(it: &Typed<'a, Mapping>) -> Result<&'a str, &'static str> {
    const UNKNOWN: &str = "the ARN of the table's stream, of which AWS makes up a part, is not known here: it is once the \
                           environment is applied and read";
    match it.spec.table() {
        Some(_) => it.outputs.stream_arn.as_deref().and_then(output).ok_or(UNKNOWN),
        None => Ok(&it.spec.source_arn),
    }
}

fn mapping_fields(spec: &Spec, source: &str) -> Fields {
    let Spec {
        function,
        // It goes along as the ARN of what is read.
        source_arn: _,
        // It stays behind.
        stream_view: _,
        starting_position,
        // It stays behind.
        role_arn: _,
        enabled,
        batch_size,
        window_seconds,
        max_concurrency,
        parallelization,
        bisect_on_error,
        report_failures,
        retries,
        max_age_seconds,
        failure_arn,
        filters,
        tumbling_window_seconds,
    } = spec;
    let failure = failure_arn.as_ref().map(|arn| block([("on_failure", block([("destination_arn", arn.into())]))]));
    let scaling = max_concurrency.map(|most| block([("maximum_concurrency", most.into())]));
    fields([
        ("function_name", Term::named(Type::Function, function)),
        ("event_source_arn", source.into()),
        ("starting_position", starting_position.into()),
        ("enabled", enabled.into()),
        ("batch_size", batch_size.into()),
        ("maximum_batching_window_in_seconds", window_seconds.into()),
        ("parallelization_factor", of_stream(spec, parallelization).into()),
        ("bisect_batch_on_function_error", of_stream(spec, bisect_on_error).into()),
        ("function_response_types", response_types(*report_failures).into()),
        ("maximum_retry_attempts", of_stream(spec, or_for_ever(*retries)).into()),
        ("maximum_record_age_in_seconds", of_stream(spec, or_for_ever(*max_age_seconds)).into()),
        ("scaling_config", scaling.unwrap_or_else(Term::none)),
        ("destination_config", failure.unwrap_or_else(Term::none)),
        ("filter_criteria", filter_block(filters)),
        ("tumbling_window_in_seconds", tumbling_window_seconds.into()),
    ])
}

fn mapping_properties(spec: &Spec, source: &str) -> Value {
    let Spec {
        function,
        // It goes along as the ARN of what is read.
        source_arn: _,
        // It stays behind.
        stream_view: _,
        starting_position,
        // It stays behind.
        role_arn: _,
        enabled,
        batch_size,
        window_seconds,
        max_concurrency,
        parallelization,
        bisect_on_error,
        report_failures,
        retries,
        max_age_seconds,
        failure_arn,
        filters,
        tumbling_window_seconds,
    } = spec;
    let failure = failure_arn.as_ref().map(|arn| json!({ "OnFailure": { "Destination": arn } }));
    let scaling = max_concurrency.map(|most| json!({ "MaximumConcurrency": most }));
    properties([
        ("FunctionName", named(Type::Function, function)),
        ("EventSourceArn", json!(source)),
        ("StartingPosition", json!(starting_position)),
        ("Enabled", json!(enabled)),
        ("BatchSize", json!(batch_size)),
        ("MaximumBatchingWindowInSeconds", json!(window_seconds)),
        ("ParallelizationFactor", of_stream(spec, parallelization)),
        ("BisectBatchOnFunctionError", of_stream(spec, bisect_on_error)),
        ("FunctionResponseTypes", response_types(*report_failures)),
        ("MaximumRetryAttempts", of_stream(spec, or_for_ever(*retries))),
        ("MaximumRecordAgeInSeconds", of_stream(spec, or_for_ever(*max_age_seconds))),
        ("ScalingConfig", json!(scaling)),
        ("DestinationConfig", json!(failure)),
        ("FilterCriteria", filter_criteria(filters)),
        ("TumblingWindowInSeconds", json!(tumbling_window_seconds)),
    ])
}

fn filter_block(filters: &[Value]) -> Term {
    if filters.is_empty() {
        return Term::none();
    }
    let filter = |pattern: &Value| fields([("pattern", pattern.to_string().into())]);
    block([("filter", blocks(filters.iter().map(filter)))])
}

fn filter_criteria(filters: &[Value]) -> Value {
    if filters.is_empty() {
        return Value::Null;
    }
    let all: Vec<Value> = filters.iter().map(|pattern| json!({ "Pattern": pattern.to_string() })).collect();
    json!({ "Filters": all })
}

fn response_types(report_failures: bool) -> Value {
    if report_failures { json!(["ReportBatchItemFailures"]) } else { Value::Null }
}

/// What Lambda takes of a stream, and refuses of a queue.
fn of_stream(spec: &Spec, value: impl Serialize) -> Value {
    value_of(spec.starting_position.as_ref().map(|_| value))
}

fn or_for_ever(limit: Option<u32>) -> i64 {
    limit.map_or(-1, i64::from)
}
