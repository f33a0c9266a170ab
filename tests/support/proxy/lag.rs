//! Streams and delivery streams that come, change and go slowly.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use hyper::Response;
use hyper::body::Bytes;
use serde_json::Value;

use super::operation::Operation;
use super::realism::Asked;

/// How long a stream is shown in passing; meanwhile it takes no other change.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Lag {
    /// A stream in CREATING.
    pub(crate) stream: Span,
    /// A delivery stream in CREATING.
    pub(crate) delivery_stream: Span,
    /// A stream in UPDATING: shards, retention, encryption.
    pub(crate) updating: Span,
    /// Either of them in DELETING; only what was looked at while it existed.
    pub(crate) deleting: Span,
}

/// How long something lasts.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Span {
    /// So many looks at it: the same in every run.
    Looks(usize),
    /// So long, however often it is looked at.
    Time(Duration),
}

impl Default for Span {
    fn default() -> Self {
        Self::Looks(0)
    }
}

impl Span {
    fn begun(self) -> Passing {
        match self {
            Self::Looks(left) => Passing::Looks(left),
            Self::Time(time) => Passing::Until(Instant::now() + time),
        }
    }
}

/// A span that has begun.
#[derive(Clone, Copy, Debug)]
enum Passing {
    Looks(usize),
    Until(Instant),
}

impl Passing {
    /// Whether it lasts; a look at it counts.
    fn lasts(&mut self, look: bool) -> bool {
        match self {
            Self::Looks(left) => {
                let lasts = *left > 0;
                *left -= usize::from(look && lasts);
                lasts
            }
            Self::Until(end) => Instant::now() < *end,
        }
    }
}

/// The streams that come and go.
#[derive(Debug, Default)]
pub(crate) struct Slow(Mutex<HashMap<String, Stream>>);

#[derive(Debug, Default)]
struct Stream {
    /// CREATING or UPDATING, and until when.
    busy: Option<(&'static str, Passing)>,
    deleting: Option<Passing>,
    /// The last description of it.
    seen: Option<Bytes>,
}

impl Slow {
    /// What AWS answers for a stream that is gone by now but should still be there, or that takes no change yet.
    pub(crate) fn before(&self, asked: &Asked<'_>) -> Option<Response<Bytes>> {
        let name = name_of(asked)?;
        let mut streams = self.0.lock().unwrap();
        let stream = streams.get_mut(&name)?;
        let look = status_of(asked.operation).is_some();
        let in_use = |status| {
            let message = format!("{name} is {status}: the resource must be in the ACTIVE state.");
            asked.refused("ResourceInUseException", message)
        };
        if stream.deleting.as_mut().is_some_and(|deleting| deleting.lasts(look)) {
            let seen = stream.seen.as_ref().filter(|_| look);
            let reply = Response::builder().header("content-type", "application/x-amz-json-1.1");
            let shown = seen.and_then(|seen| with_status(asked.operation, seen, "DELETING"));
            return match shown {
                Some(body) => Some(reply.body(body).unwrap()),
                None => asked.operation.name.starts_with("Create").then(|| in_use("DELETING")),
            };
        }
        let (status, passing) = stream.busy.as_mut().filter(|_| !asked.operation.is_read())?;
        passing.lasts(false).then(|| in_use(status))
    }

    /// The reply as AWS would give it at this time.
    pub(crate) fn after(&self, asked: &Asked<'_>, lag: Lag, reply: Response<Bytes>) -> Response<Bytes> {
        let Some(name) = name_of(asked).filter(|_| reply.status().is_success()) else { return reply };
        let mut streams = self.0.lock().unwrap();
        let stream = streams.entry(name).or_default();
        let busy = |status, span: Span| Some((status, span.begun()));
        match asked.operation.name.as_str() {
            "CreateStream" => *stream = Stream { busy: busy("CREATING", lag.stream), ..Stream::default() },
            "CreateDeliveryStream" => {
                *stream = Stream { busy: busy("CREATING", lag.delivery_stream), ..Stream::default() };
            }
            "DeleteStream" | "DeleteDeliveryStream" => stream.deleting = Some(lag.deleting.begun()),
            name if updates(name) => stream.busy = busy("UPDATING", lag.updating),
            _ if status_of(asked.operation).is_none() => {}
            _ => {
                stream.seen = Some(reply.body().clone());
                if let Some((status, passing)) = &mut stream.busy
                    && passing.lasts(true)
                {
                    let body = with_status(asked.operation, reply.body(), status);
                    return reply.map(|whole| body.unwrap_or(whole));
                }
            }
        }
        reply
    }
}

/// Whether a stream is UPDATING after this call.
fn updates(name: &str) -> bool {
    let changes = [
        "UpdateStream",
        "UpdateShardCount",
        "UpdateMaxRecordSize",
        "Increase",
        "Decrease",
        "StartStream",
        "StopStream",
    ];
    changes.iter().any(|change| name.starts_with(change))
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
pub(crate) fn name_of(asked: &Asked<'_>) -> Option<String> {
    if !matches!(asked.operation.service.as_str(), "kinesis" | "firehose") {
        return None;
    }
    let body: Value = serde_json::from_slice(&asked.body).ok()?;
    let text = |key: &str| body.get(key)?.as_str();
    let arn = text("StreamARN").and_then(|arn| arn.rsplit('/').next());
    let name = text("StreamName").or_else(|| text("DeliveryStreamName")).or(arn)?;
    Some(format!("{}:{name}", asked.operation.service))
}
