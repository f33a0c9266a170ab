//! What emulators do at once and AWS does not: streams and delivery streams that come and go slowly.

use std::collections::HashMap;
use std::sync::Mutex;

use hyper::body::Bytes;
use hyper::{Request, Response};
use serde_json::Value;

use super::operation::Operation;

/// For how many looks at it a stream is shown in passing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lag {
    /// In CREATING, after it was created.
    pub(crate) creating: usize,
    /// In DELETING, after it was deleted; only for streams that were looked at while they existed.
    pub(crate) deleting: usize,
}

/// The streams that come and go.
#[derive(Debug, Default)]
pub(crate) struct Slow {
    lag: Mutex<Lag>,
    streams: Mutex<HashMap<String, Stream>>,
}

#[derive(Debug, Default)]
struct Stream {
    creating: usize,
    deleting: usize,
    /// The last description of it.
    seen: Option<Bytes>,
}

impl Slow {
    /// Sets the lag for what is created and deleted from now on.
    pub(crate) fn set(&self, lag: Lag) {
        *self.lag.lock().unwrap() = lag;
    }

    /// The description of a stream that is gone by now, but should still be there.
    pub(crate) fn before(&self, operation: &Operation, request: &Request<Bytes>) -> Option<Response<Bytes>> {
        status_of(operation)?;
        let mut streams = self.streams.lock().unwrap();
        let stream = streams.get_mut(&name_of(operation, request)?)?;
        stream.deleting = stream.deleting.checked_sub(1)?;
        let body = with_status(operation, stream.seen.as_ref()?, "DELETING")?;
        Some(Response::builder().header("content-type", "application/x-amz-json-1.1").body(body).unwrap())
    }

    /// The reply as AWS would give it at this time.
    pub(crate) fn after(&self, operation: &Operation, name: Option<String>, reply: Response<Bytes>) -> Response<Bytes> {
        let Some(name) = name.filter(|_| reply.status().is_success()) else { return reply };
        let lag = *self.lag.lock().unwrap();
        let mut streams = self.streams.lock().unwrap();
        let stream = streams.entry(name).or_default();
        match operation.name.as_str() {
            "CreateStream" | "CreateDeliveryStream" => {
                *stream = Stream { creating: lag.creating, ..Stream::default() };
            }
            "DeleteStream" | "DeleteDeliveryStream" => stream.deleting = lag.deleting,
            _ if status_of(operation).is_none() => {}
            _ if stream.creating > 0 => {
                stream.creating -= 1;
                let body = with_status(operation, reply.body(), "CREATING");
                return reply.map(|whole| body.unwrap_or(whole));
            }
            _ => stream.seen = Some(reply.body().clone()),
        }
        reply
    }
}

/// Where the reply to a description has the stream's status.
fn status_of(operation: &Operation) -> Option<&'static str> {
    match operation.full_name().as_str() {
        "kinesis:DescribeStream" => Some("/StreamDescription/StreamStatus"),
        "kinesis:DescribeStreamSummary" => Some("/StreamDescriptionSummary/StreamStatus"),
        "firehose:DescribeDeliveryStream" => Some("/DeliveryStreamDescription/DeliveryStreamStatus"),
        _ => None,
    }
}

fn with_status(operation: &Operation, description: &Bytes, status: &str) -> Option<Bytes> {
    let mut description: Value = serde_json::from_slice(description).ok()?;
    *description.pointer_mut(status_of(operation)?)? = status.into();
    Some(description.to_string().into())
}

/// The stream that a request is about, with its service.
pub(crate) fn name_of(operation: &Operation, request: &Request<Bytes>) -> Option<String> {
    if !matches!(operation.service.as_str(), "kinesis" | "firehose") {
        return None;
    }
    let body: Value = serde_json::from_slice(request.body()).ok()?;
    let text = |key: &str| body.get(key)?.as_str();
    let arn = text("StreamARN").and_then(|arn| arn.rsplit('/').next());
    let name = text("StreamName").or_else(|| text("DeliveryStreamName")).or(arn)?;
    Some(format!("{}:{name}", operation.service))
}
