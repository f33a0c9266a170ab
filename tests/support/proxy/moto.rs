//! What moto does not say or understand as AWS does.
//!
//! It knows accounts by a header of its own rather than by the access key, CloudWatch in JSON but not in the CBOR that
//! the SDK for Rust speaks, gives empty S3 documents names that are not AWS's, which the SDK refuses, and calls almost
//! every reply a page in HTML.

use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::decode::DeserializeError;
use aws_smithy_cbor::{Decoder, Encoder};
use aws_smithy_types::DateTime;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use hyper::{Request, Response};
use serde_json::{Map, Number, Value};

use super::operation::{Operation, Protocol, access_key};

/// A request as moto understands it.
pub(crate) fn request(operation: &Operation, mut request: Request<Bytes>) -> Request<Bytes> {
    let account = access_key(&request).filter(|key| key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit()));
    if let Some(account) = account.and_then(|account| HeaderValue::from_str(account).ok()) {
        request.headers_mut().insert("x-moto-account-id", account);
    }
    if operation.protocol == Protocol::Cbor { to_json(operation, &request) } else { request }
}

fn to_json(operation: &Operation, request: &Request<Bytes>) -> Request<Bytes> {
    let service = request.uri().path().split('/').nth(2).unwrap_or_default();
    let body = match request.body() {
        body if body.is_empty() => Value::Object(Map::new()),
        body => decoded(&mut Decoder::new(body)).expect("the SDK sends valid CBOR"),
    };
    let mut turned = Request::post("/").body(Bytes::from(body.to_string())).unwrap();
    *turned.headers_mut() = request.headers().clone();
    for name in ["smithy-protocol", "accept", "content-length"] {
        turned.headers_mut().remove(name);
    }
    let target = format!("{service}.{}", operation.name);
    turned.headers_mut().insert("content-type", HeaderValue::from_static("application/x-amz-json-1.0"));
    turned.headers_mut().insert("x-amz-target", HeaderValue::try_from(target).unwrap());
    turned
}

/// A reply as the SDK understands it.
pub(crate) fn reply(operation: &Operation, reply: Response<Bytes>) -> Response<Bytes> {
    let reply = unlabelled(reply);
    match operation.protocol {
        Protocol::Cbor => to_cbor(reply),
        Protocol::S3 => match operation.name.as_str() {
            "GetBucketVersioning" => renamed(reply, "GetBucketVersioningResponse", "VersioningConfiguration"),
            "GetBucketNotificationConfiguration" => {
                renamed(reply, "GetBucketNotificationResponse", "NotificationConfiguration")
            }
            _ => reply,
        },
        _ => reply,
    }
}

/// The reply without the content type of a page, unless it is one.
fn unlabelled(mut reply: Response<Bytes>) -> Response<Bytes> {
    let start = reply.body().trim_ascii_start();
    let page = ["<!doctype html", "<html"]
        .iter()
        .any(|tag| start.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes())));
    let labelled = reply.headers().get("content-type").is_some_and(|label| label.as_bytes().starts_with(b"text/html"));
    if labelled && !page {
        reply.headers_mut().remove("content-type");
    }
    reply
}

fn renamed(reply: Response<Bytes>, from: &str, to: &str) -> Response<Bytes> {
    reply.map(|body| String::from_utf8_lossy(&body).replace(from, to).into())
}

fn to_cbor(mut reply: Response<Bytes>) -> Response<Bytes> {
    // An operation that moto lacks is answered with a page in HTML, which stays as it is.
    let empty = reply.body().is_empty().then(|| Value::Object(Map::new()));
    let Some(body) = empty.or_else(|| serde_json::from_slice(reply.body()).ok()) else { return reply };
    let body = encoded(&body);
    reply.headers_mut().insert("content-type", HeaderValue::from_static("application/cbor"));
    reply.headers_mut().insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    reply.map(|_| body)
}

/// JSON as CBOR.
pub(super) fn encoded(value: &Value) -> Bytes {
    let mut encoder = Encoder::new(Vec::new());
    encode(&mut encoder, "", value);
    encoder.into_writer().into()
}

/// CBOR to JSON; times become seconds since 1970, as JSON 1.0 has them.
pub(super) fn decoded(decoder: &mut Decoder<'_>) -> Result<Value, DeserializeError> {
    Ok(match decoder.datatype()? {
        Type::Map | Type::MapIndef => {
            let length = decoder.map()?;
            let mut map = Map::new();
            while more(decoder, length, map.len())? {
                map.insert(decoder.string()?, decoded(decoder)?);
            }
            map.into()
        }
        Type::Array | Type::ArrayIndef => {
            let length = decoder.list()?;
            let mut list = Vec::new();
            while more(decoder, length, list.len())? {
                list.push(decoded(decoder)?);
            }
            list.into()
        }
        Type::String | Type::StringIndef => decoder.string()?.into(),
        Type::Bool => decoder.boolean()?.into(),
        Type::Null => decoder.null().map(|()| Value::Null)?,
        Type::F16 | Type::F32 | Type::F64 => Number::from_f64(decoder.double()?).into(),
        Type::Tag => Number::from_f64(decoder.timestamp()?.as_secs_f64()).into(),
        _ => decoder.long()?.into(),
    })
}

/// Whether a list or map has another entry; one of unknown length ends with a mark, which is taken here.
fn more(decoder: &mut Decoder<'_>, length: Option<u64>, seen: usize) -> Result<bool, DeserializeError> {
    if let Some(length) = length {
        return Ok((seen as u64) < length);
    }
    let ends = decoder.datatype()? == Type::Break;
    if ends {
        decoder.skip()?;
    }
    Ok(!ends)
}

/// JSON to CBOR. JSON does not tell a time or a double from another number: the name of the member does.
fn encode(encoder: &mut Encoder, name: &str, value: &Value) {
    match value {
        Value::Null => {
            encoder.null();
        }
        Value::Bool(flag) => {
            encoder.boolean(*flag);
        }
        Value::String(text) => {
            encoder.str(text);
        }
        Value::Number(number) => encode_number(encoder, name, number),
        Value::Array(list) => {
            encoder.array(list.len());
            for item in list {
                encode(encoder, name, item);
            }
        }
        Value::Object(map) => {
            encoder.map(map.len());
            for (name, value) in map {
                encoder.str(name);
                encode(encoder, name, value);
            }
        }
    }
}

fn encode_number(encoder: &mut Encoder, name: &str, number: &Number) {
    const TIMES: [&str; 4] = ["Timestamp", "LastModified", "StartTime", "EndTime"];
    const DOUBLES: [&str; 6] = ["Threshold", "Sum", "Average", "Minimum", "Maximum", "SampleCount"];
    match (number.as_i64(), number.as_f64()) {
        (_, Some(seconds)) if TIMES.iter().any(|time| name.ends_with(time)) => {
            encoder.timestamp(&DateTime::from_secs_f64(seconds))
        }
        (Some(whole), _) if !DOUBLES.contains(&name) => encoder.long(whole),
        (_, double) => encoder.double(double.unwrap_or_default()),
    };
}
