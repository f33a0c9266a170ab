//! A route that answers without a function, told from what it asks of AWS: what the blueprint would make of it has to be just that.

use serde_json::{Value, json};

use super::KIND;
use crate::blueprint::service::{Wanted, service};
use crate::catalog::apigateway_rest_api::Service;
use crate::import::blocks::Sketch;
use crate::import::live::text;
use crate::model::scope::Scope;
use crate::spec::blocks::api::PartitionKey;

/// What a route puts events on, and as whom.
pub(super) struct Found {
    /// As `routes` has it.
    pub(super) route: Value,
    /// The address of the block that gets the events.
    pub(super) to: String,
    /// The name of the role.
    pub(super) role: String,
}

/// What a method puts on what, or why no block can say it.
pub(super) fn found(sketch: &Sketch<'_>, route: &str, method: &Value) -> Result<Found, String> {
    let uri = text(&method["service"]["uri"]).to_owned();
    let foreign = || format!("`{route}` asks {uri}, and not as pipectl would");
    let live: Service = serde_json::from_value(method["service"].clone()).map_err(|_| foreign())?;
    let arn = target(&live, &sketch.place.scope).ok_or_else(foreign)?;
    let template = live.templates.values().next().map_or("", String::as_str);
    let batch = live.uri.ends_with("PutRecords") || live.uri.ends_with("PutRecordBatch");
    let origin = live.answers.get("200").and_then(|answer| answer.headers.get("Access-Control-Allow-Origin"));
    let role = live.credentials.clone().unwrap_or_default();
    let key = key(template);
    let wanted = Wanted { arn: &arn, batch, key: key.clone(), role: &role, origin: origin.map(String::as_str) };
    if service(&wanted).as_ref() != Some(&live) {
        return Err(foreign());
    }
    let name = arn.rsplit([':', '/']).next().unwrap_or_default();
    let of = match arn.split(':').nth(2).unwrap_or_default() {
        "kinesis" => "kinesis_stream",
        "firehose" => "firehose_delivery_stream",
        "sns" => "sns_topic",
        _ => "sqs_queue",
    };
    let to =
        sketch.address(of, name).ok_or_else(|| format!("`{route}` puts events on {arn}, which is not taken over"))?;
    let partition_key = match key {
        PartitionKey::Random => None,
        PartitionKey::Header(name) => Some(format!("header:{name}")),
        PartitionKey::Path(name) => Some(format!("path:{name}")),
        PartitionKey::Field(path) => Some(format!("field:{path}")),
    };
    let route = if !batch && partition_key.is_none() {
        json!(to)
    } else {
        json!({ "to": to, "batch": batch.then_some(true), "partition_key": partition_key })
    };
    Ok(Found { route, to, role: role.rsplit('/').next().unwrap_or_default().to_owned() })
}

/// The ARN of what gets the events.
fn target(live: &Service, scope: &Scope) -> Option<String> {
    let template = live.templates.values().next()?;
    let called = live.uri.split(':').nth(4)?;
    let path = live.uri.splitn(6, ':').nth(5)?;
    Some(match called {
        "kinesis" => scope.arn("kinesis", &format!("stream/{}", between(template, "\"StreamName\": \"", "\"")?)),
        "firehose" => {
            scope.arn("firehose", &format!("deliverystream/{}", between(template, "\"DeliveryStreamName\": \"", "\"")?))
        }
        "sns" => between(template, "TopicArn=$util.urlEncode('", "'")?.to_owned(),
        "sqs" => scope.arn("sqs", path.rsplit('/').next()?),
        _ => return None,
    })
}

/// What decides on the shard.
fn key(template: &str) -> PartitionKey {
    let of = |before, after| between(template, before, after).map(str::to_owned);
    of("equalsIgnoreCase('", "'")
        .map(PartitionKey::Header)
        .or_else(|| of("$input.params('", "'").map(PartitionKey::Path))
        .or_else(|| of("$!{event.", "}").map(PartitionKey::Field))
        .unwrap_or(PartitionKey::Random)
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    Some(text.split_once(before)?.1.split_once(after)?.0)
}

/// Why the role of an API cannot be its block's.
pub(super) fn unowned(sketch: &Sketch<'_>, api: &str, role: &str) -> Option<String> {
    if sketch.live.get("iam_role", role).is_none() {
        return Some(format!(
            "the role `{role}` as which it puts events is not among what is imported, and its block makes it"
        ));
    }
    let works = |live: &Value| {
        let methods = live["methods"].as_object().into_iter().flatten();
        methods.map(|(_, one)| text(&one["service"]["credentials"])).any(|arn| arn.ends_with(&format!("/{role}")))
    };
    let other = sketch.live.all(KIND).find(|(key, live)| *key != api && works(live));
    other.map(|(key, _)| format!("the API `{key}` works as the role `{role}` too, and a block has a role of its own"))
}
