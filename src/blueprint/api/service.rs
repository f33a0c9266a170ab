//! What a route without a function asks of AWS: the templates that make the call of a request, and the answer of the reply.
//!
//! They are in VTL, as API Gateway runs it: a variable that is set to nothing keeps what it had, `$!` writes nothing for
//! nothing, and a name may have `-` in it, so that what follows a reference is told from it by braces.

use std::collections::BTreeMap;

use crate::catalog::apigateway_rest_api::{Answer, Service, never, post};
use crate::spec::blocks::api::PartitionKey;

/// The one type of requests that a template is for.
const JSON: &str = "application/json";

/// What is put, on what, and as whom.
pub(crate) struct Wanted<'a> {
    /// ARN of the stream, delivery stream, topic or queue.
    pub(crate) arn: &'a str,
    /// Whether a request holds many events.
    pub(crate) batch: bool,
    /// Of a stream: what decides on the shard.
    pub(crate) key: PartitionKey,
    /// ARN of the role.
    pub(crate) role: &'a str,
    /// The origin of the pages that may read the answer.
    pub(crate) origin: Option<&'a str>,
}

/// A service that takes events.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Takes {
    Kinesis,
    Firehose,
    Sns,
    Sqs,
}

impl Takes {
    /// That of an ARN.
    fn of(arn: &str) -> Option<Self> {
        Some(match arn.split(':').nth(2)? {
            "kinesis" => Self::Kinesis,
            "firehose" => Self::Firehose,
            "sns" => Self::Sns,
            "sqs" => Self::Sqs,
            _ => return None,
        })
    }

    fn action(self, batch: bool) -> &'static str {
        match (self, batch) {
            (Self::Kinesis, false) => "kinesis:PutRecord",
            (Self::Kinesis, true) => "kinesis:PutRecords",
            (Self::Firehose, false) => "firehose:PutRecord",
            (Self::Firehose, true) => "firehose:PutRecordBatch",
            (Self::Sns, _) => "sns:Publish",
            (Self::Sqs, _) => "sqs:SendMessage",
        }
    }
}

/// The action that a role has to be allowed on what has this ARN.
pub(crate) fn action(arn: &str, batch: bool) -> Option<&'static str> {
    Some(Takes::of(arn)?.action(batch))
}

/// The integration that does it; absent for what takes no events.
pub(crate) fn service(wanted: &Wanted<'_>) -> Option<Service> {
    let Wanted { arn, batch, ref key, role, origin } = *wanted;
    let takes = Takes::of(arn)?;
    let [_, partition, _, region, account, name] = arn.splitn(6, ':').collect::<Vec<_>>().try_into().ok()?;
    let name = name.rsplit('/').next()?;
    let template = match (takes, batch) {
        (Takes::Kinesis, false) => {
            let (set, key) = (key_of_one(key), PRINTED);
            format!(r#"{set}{{"StreamName": "{name}", "Data": "{ONE}", "PartitionKey": "{key}"}}"#)
        }
        (Takes::Kinesis, true) => {
            let record = format!(r#"{{"Data": "{EACH}", "PartitionKey": "{PRINTED}"}}"#);
            many("StreamName", name, &(key_of_each(key) + &record))
        }
        (Takes::Firehose, false) => format!(r#"{{"DeliveryStreamName": "{name}", "Record": {{"Data": "{ONE}"}}}}"#),
        (Takes::Firehose, true) => many("DeliveryStreamName", name, &format!(r#"{{"Data": "{EACH}"}}"#)),
        (Takes::Sns, _) => {
            format!("Action=Publish&TopicArn=$util.urlEncode('{arn}')&Message=$util.urlEncode($input.body)")
        }
        (Takes::Sqs, _) => "Action=SendMessage&MessageBody=$util.urlEncode($input.body)".to_owned(),
    };
    let called = match takes {
        Takes::Sqs => format!("sqs:path/{account}/{name}"),
        Takes::Kinesis | Takes::Firehose | Takes::Sns => takes.action(batch).replace(':', ":action/"),
    };
    let content = match takes {
        Takes::Kinesis | Takes::Firehose => "application/x-amz-json-1.1",
        Takes::Sns | Takes::Sqs => "application/x-www-form-urlencoded",
    };
    let header = ("integration.request.header.Content-Type".to_owned(), format!("'{content}'"));
    Some(Service {
        uri: format!("arn:{partition}:apigateway:{region}:{called}"),
        http_method: post(),
        credentials: Some(role.to_owned()),
        passthrough: never(),
        parameters: BTreeMap::from([header]),
        templates: BTreeMap::from([(JSON.to_owned(), template)]),
        answers: answers(takes, batch, origin),
    })
}

/// The body as it came, and an item of it.
const ONE: &str = "$util.base64Encode($input.body)";
const EACH: &str = r#"$util.base64Encode($input.json("$[${foreach.index}]"))"#;

/// The key within quotes. What escapes it escapes `'` as well, which JSON does not know.
const PRINTED: &str = r#"$util.escapeJavaScript($key).replaceAll("\\'", "'")"#;

/// Sets the partition key of one event.
fn key_of_one(key: &PartitionKey) -> String {
    let random = "$context.requestId";
    match key {
        PartitionKey::Field(path) => {
            format!("#set($event = $input.path('$'))\n{}", of_field(path, random))
        }
        other => of_request(other, random),
    }
}

/// The same for each event of many.
fn key_of_each(key: &PartitionKey) -> String {
    let random = r#""${context.requestId}-${foreach.index}""#;
    match key {
        PartitionKey::Field(path) => of_field(path, random),
        other => of_request(other, random),
    }
}

fn of_field(path: &str, random: &str) -> String {
    format!("#set($key = \"$!{{event.{path}}}\")#if($key == \"\")#set($key = {random})#end\n")
}

/// What is the same for all events of a request. Names of headers come in any case.
fn of_request(key: &PartitionKey, random: &str) -> String {
    match key {
        PartitionKey::Header(name) => format!(
            "#set($key = {random})#foreach($name in $input.params().header.keySet())#if($name.equalsIgnoreCase('{name}') && \
             $input.params().header.get($name) != '')#set($key = $input.params().header.get($name))#end#end\n"
        ),
        PartitionKey::Path(name) => format!("#set($key = $input.params('{name}'))\n"),
        PartitionKey::Random | PartitionKey::Field(_) => format!("#set($key = {random})\n"),
    }
}

/// The call for an array of events. What is none has no records, which AWS refuses.
fn many(named: &str, name: &str, record: &str) -> String {
    format!(
        "{{\"{named}\": \"{name}\", \"Records\": [#if($input.json('$').startsWith('['))#foreach($event in $input.path('$'))\n\
         {record}#if($foreach.hasNext),#end\n#end#end]}}"
    )
}

/// What is answered. A status that nobody expects is no success.
fn answers(takes: Takes, batch: bool, origin: Option<&str>) -> BTreeMap<String, Answer> {
    let success = match (takes, batch) {
        (Takes::Kinesis, true) => counted("FailedRecordCount", "Records"),
        (Takes::Firehose, true) => counted("FailedPutCount", "RequestResponses"),
        _ => r#"{"accepted": 1}"#.to_owned(),
    };
    let code = match takes {
        Takes::Kinesis | Takes::Firehose => "$.__type",
        Takes::Sns | Takes::Sqs => "$.Error.Code",
    };
    let headers: BTreeMap<String, String> =
        origin.map(|origin| ("Access-Control-Allow-Origin".to_owned(), origin.to_owned())).into_iter().collect();
    let answer = |pattern: Option<&str>, template: String| Answer {
        pattern: pattern.map(str::to_owned),
        headers: headers.clone(),
        templates: BTreeMap::from([(JSON.to_owned(), template)]),
    };
    BTreeMap::from([
        ("200".to_owned(), answer(Some(r"2\d{2}"), success)),
        ("400".to_owned(), answer(Some(r"4\d{2}"), refused(code))),
        ("500".to_owned(), answer(None, FAILED.to_owned())),
    ])
}

const FAILED: &str = r#"{"message": "Internal server error"}"#;

/// A call for many succeeds although some of them were not taken.
fn counted(failed: &str, records: &str) -> String {
    format!(
        r#"#set($reply = $input.path('$'))
#set($failed = "$!{{reply.{failed}}}")
#if($failed == "0")
{{"accepted": $reply.{records}.size()}}
#else
#set($context.responseOverride.status = 503)
#set($comma = "")
{{"message": "Some events were not taken: send these again", "failed": "$failed", "indexes": [#foreach($record in $reply.{records})#if("$!{{record.ErrorCode}}" != "")$comma${{foreach.index}}#set($comma = ", ")#end#end]}}
#end"#
    )
}

/// AWS refuses with 400 what is wrong with an event, what is too much at once, and what the caller can do nothing about.
fn refused(code: &str) -> String {
    let any = |words: &[&str]| {
        let one = |word: &&str| format!("$code.contains(\"{word}\")");
        words.iter().map(one).collect::<Vec<_>>().join(" || ")
    };
    let (later, wrong) = (any(&["Throttl", "Exceeded", "Unavailable"]), any(&WRONG));
    format!(
        r#"#set($code = "$!input.path('{code}')")
#if({later})
#set($context.responseOverride.status = 503)
{{"message": "Too much at once: send it again later"}}
#elseif({wrong})
{{"message": "AWS does not take this: it is empty, too large or malformed"}}
#else
#set($context.responseOverride.status = 500)
{FAILED}
#end"#
    )
}

/// In what the codes have that say so of the event itself.
const WRONG: [&str; 5] = ["Validation", "InvalidArgument", "InvalidParameter", "InvalidMessage", "Serialization"];
