//! Event source mappings.

use serde_json::{Value, json};

use super::{Mapping, Stays, Subject, joined_by, text};
use crate::export::Target;
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Term, block, fields};

const OF_THE_FUNCTION: &str = "it is the function's: a mapping has no role of its own";

pub(super) const MAPPING: Mapping = Mapping {
    kind: "lambda_event_source_mapping",
    arn: None,
    terraform_type: "aws_lambda_event_source_mapping",
    terraform_keys: &[("aws_lambda_event_source_mapping", |it| {
        // Named by its name, or by its ARN.
        let function = text(&it["function_name"]).rsplit(':').next().unwrap_or_default();
        joined_by(&json!({ "function": function, "source": it["event_source_arn"] }), &["function", "source"])
    })],
    terraform: |it| {
        let failure = it["failure_arn"]
            .is_string()
            .then(|| block([("on_failure", block([("destination_arn", it["failure_arn"].clone().into())]))]));
        let scaling = it["max_concurrency"]
            .is_number()
            .then(|| block([("maximum_concurrency", it["max_concurrency"].clone().into())]));
        let mapping = fields([
            ("function_name", Term::named("lambda_function", it.text("function"))),
            ("event_source_arn", it["source_arn"].clone().into()),
            ("starting_position", it["starting_position"].clone().into()),
            ("enabled", it["enabled"].clone().into()),
            ("batch_size", it["batch_size"].clone().into()),
            ("maximum_batching_window_in_seconds", it["window_seconds"].clone().into()),
            ("parallelization_factor", of_stream(it, &it["parallelization"]).into()),
            ("bisect_batch_on_function_error", of_stream(it, &it["bisect_on_error"]).into()),
            ("function_response_types", response_types(it).into()),
            ("maximum_retry_attempts", of_stream(it, &or_for_ever(&it["retries"])).into()),
            ("maximum_record_age_in_seconds", of_stream(it, &or_for_ever(&it["max_age_seconds"])).into()),
            ("scaling_config", scaling.unwrap_or_else(Term::none)),
            ("destination_config", failure.unwrap_or_else(Term::none)),
        ]);
        Ok(vec![terraform::Part::new("aws_lambda_event_source_mapping", it.known("uuid")?, mapping)])
    },
    get_att: None,
    cloudformation: |it| {
        let failure = it["failure_arn"].as_str().map(|arn| json!({ "OnFailure": { "Destination": arn } }));
        let mapping = properties([
            ("FunctionName", named("lambda_function", text(&it["function"]))),
            ("EventSourceArn", it["source_arn"].clone()),
            ("StartingPosition", it["starting_position"].clone()),
            ("Enabled", it["enabled"].clone()),
            ("BatchSize", it["batch_size"].clone()),
            ("MaximumBatchingWindowInSeconds", it["window_seconds"].clone()),
            ("ParallelizationFactor", of_stream(it, &it["parallelization"])),
            ("BisectBatchOnFunctionError", of_stream(it, &it["bisect_on_error"])),
            ("FunctionResponseTypes", response_types(it)),
            ("MaximumRetryAttempts", of_stream(it, &or_for_ever(&it["retries"]))),
            ("MaximumRecordAgeInSeconds", of_stream(it, &or_for_ever(&it["max_age_seconds"]))),
            ("ScalingConfig", json!(it["max_concurrency"].as_u64().map(|most| json!({ "MaximumConcurrency": most })))),
            ("DestinationConfig", json!(failure)),
        ]);
        let id = it.known("uuid")?;
        Ok(vec![cloudformation::Part::new("AWS::Lambda::EventSourceMapping", [("Id", id)], mapping)])
    },
    stays: &[
        Stays { attribute: "role_arn", target: Target::Terraform, reason: OF_THE_FUNCTION },
        Stays { attribute: "role_arn", target: Target::CloudFormation, reason: OF_THE_FUNCTION },
    ],
};

fn response_types(it: &Subject<'_>) -> Value {
    if it["report_failures"] == true { json!(["ReportBatchItemFailures"]) } else { Value::Null }
}

/// What Lambda takes of a stream, and refuses of a queue.
fn of_stream(it: &Subject<'_>, value: &Value) -> Value {
    if it["starting_position"].is_null() { Value::Null } else { value.clone() }
}

fn or_for_ever(limit: &Value) -> Value {
    if limit.is_null() { json!(-1) } else { limit.clone() }
}
