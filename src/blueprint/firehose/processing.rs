//! What happens to records on their way, in the order in which AWS does it: they are taken apart, unpacked, given to a function,
//! asked for their partition keys, and ended by a line feed
//! (<https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-multirecord-deaggergation.html>).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::BuildContext;
use super::super::policy::allow;
use crate::catalog::firehose_delivery_stream::Processor;
use crate::spec::blocks::firehose::{DynamicPartitioning, Firehose, LogEvents, Split, Transform};
use crate::spec::jq;
use serde_json::Value;

impl Firehose {
    pub(super) fn processors(&self, site: &BuildContext<'_>) -> Vec<Processor> {
        let split = self.split.as_ref().map(split);
        let events = self.log_events.map(log_events).into_iter().flatten();
        let function = self.transform.as_ref().map(|transform| call(transform, &function_arn(transform, site)));
        let keys = self.dynamic_partitioning.as_ref().filter(|it| !it.keys.is_empty()).map(extraction);
        // Rows of a converted object do not end with anything.
        let newline = (self.newline && self.convert.is_none()).then(|| processor("AppendDelimiterToRecord", []));
        split.into_iter().chain(events).chain(function).chain(keys).chain(newline).collect()
    }

    /// What its role has to be allowed so that it can give records to the function.
    pub(super) fn calls(&self, site: &BuildContext<'_>) -> Option<Value> {
        let transform = self.transform.as_ref()?;
        Some(allow(&["lambda:GetFunctionConfiguration", "lambda:InvokeFunction"], &function_arn(transform, site)))
    }
}

/// The function with its version, as AWS's guide asks for it where the role is allowed to call it: IAM tells one that is named
/// with a version from the same without.
fn function_arn(transform: &Transform, site: &BuildContext<'_>) -> String {
    format!("{}:$LATEST", site.resolve(&transform.function).arn)
}

fn processor<const N: usize>(kind: &str, parameters: [(&str, String); N]) -> Processor {
    let parameters: BTreeMap<String, String> = parameters.map(|(name, value)| (name.to_owned(), value)).into();
    Processor { kind: kind.to_owned(), parameters }
}

fn split(split: &Split) -> Processor {
    match &split.delimiter {
        None => processor("RecordDeAggregation", [("SubRecordType", "JSON".to_owned())]),
        Some(text) => processor(
            "RecordDeAggregation",
            [("SubRecordType", "DELIMITED".to_owned()), ("Delimiter", STANDARD.encode(text))],
        ),
    }
}

fn log_events(events: LogEvents) -> Vec<Processor> {
    let unpacked = processor("Decompression", [("CompressionFormat", "GZIP".to_owned())]);
    let messages = || processor("CloudWatchLogProcessing", [("DataMessageExtraction", "true".to_owned())]);
    match events {
        LogEvents::Unpacked => vec![unpacked],
        LogEvents::Messages => vec![unpacked, messages()],
    }
}

/// Gives records to a function.
fn call(transform: &Transform, function: &str) -> Processor {
    let Transform { function: _, buffer_mib, buffer_seconds, retries } = transform;
    processor(
        "Lambda",
        [
            ("LambdaArn", function.to_owned()),
            ("BufferSizeInMBs", buffer_mib.to_string()),
            ("BufferIntervalInSeconds", buffer_seconds.to_string()),
            ("NumberOfRetries", retries.to_string()),
        ],
    )
    .canonical()
}

/// Takes the partition keys out of a record: one jq query that makes an object of them.
fn extraction(partitioning: &DynamicPartitioning) -> Processor {
    let query = jq::object(&partitioning.keys);
    processor("MetadataExtraction", [("MetadataExtractionQuery", query), ("JsonParsingEngine", "JQ-1.6".to_owned())])
}
