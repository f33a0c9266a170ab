//! Who may read a bucket as Snowpipe does, and who else works on a stream or bucket: told by what IAM allows.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Wiring;
use super::path::DataPath;
use crate::model::discovery::{Bearer, Identity};
use crate::model::pattern::stands_for;
use crate::model::scope::Scope;

/// The service as which Firehose assumes its roles: whose delivery stream is not taken is named by that already.
const FIREHOSE: &str = "firehose.amazonaws.com";

/// Takes the users and roles that may read one of the buckets by its name and do nothing else: Snowflake's. Returns the
/// names of the users. Others that the policies name on the buckets and streams are left, but for the roles of functions at
/// streams: these are taken or named with their functions.
pub(super) fn readers<'a>(
    all: &'a [Identity],
    path: &DataPath<'_>,
    of_functions: &BTreeSet<&str>,
    scope: &Scope,
    wiring: &mut Wiring,
) -> Vec<&'a str> {
    let mut users = Vec::new();
    for identity in all.iter().filter(|identity| !services(identity).contains(&FIREHOSE)) {
        for bucket in &path.buckets {
            let arn = scope.bucket_arn(bucket);
            if !allows(identity, "s3:GetObject", |resource| resource.starts_with(&format!("{arn}/"))) {
                continue;
            }
            if let Some(more) = surplus(identity, &arn) {
                let behalf = on_behalf(identity);
                let reason = format!("it may read the bucket {bucket}{behalf}, but is not Snowflake's: {more}");
                wiring.leave(source(identity), reason);
                continue;
            }
            wiring.take(identity.bearer.kind(), &identity.name, source(identity));
            users.extend((identity.bearer == Bearer::User).then_some(identity.name.as_str()));
        }
        let works = identity.bearer == Bearer::Role && of_functions.contains(identity.name.as_str());
        for stream in path.streams.iter().filter(|_| !works) {
            leave_at_stream(identity, stream, scope, wiring);
        }
    }
    users
}

/// Names whoever puts records on the stream or takes some from it.
fn leave_at_stream(identity: &Identity, stream: &str, scope: &Scope, wiring: &mut Wiring) {
    let arn = scope.arn("kinesis", &format!("stream/{stream}"));
    let may = |action| allows(identity, action, |resource| resource == arn);
    let does = match (may("kinesis:PutRecord") || may("kinesis:PutRecords"), may("kinesis:GetRecords")) {
        (true, true) => "put records on and take some from",
        (true, false) => "put records on",
        (false, true) => "take records from",
        (false, false) => return,
    };
    let reason = format!("it may {does} the stream {stream}{}; pipectl has no block for that", on_behalf(identity));
    wiring.leave(source(identity), reason);
}

/// What an identity may do beyond reading this bucket, or why nobody outside can assume it; `None` for a reader alone.
fn surplus(identity: &Identity, bucket: &str) -> Option<String> {
    if let Some(policy) = identity.managed.first() {
        return Some(format!("it has the policy {policy} too"));
    }
    if identity.bearer == Bearer::Role && !identity.trust.iter().any(is_integration) {
        return Some("no storage integration can assume it".to_owned());
    }
    for statement in identity.statements.iter().filter(|statement| statement["Effect"] == "Allow") {
        let decrypts = texts(&statement["Action"]).all(|action| action == "kms:Decrypt");
        let reads = |action: &&str| stands_for("s3:Get*", action) || stands_for("s3:List*", action);
        if let Some(action) = texts(&statement["Action"]).find(|action| !decrypts && !reads(action)) {
            return Some(format!("it may {action}"));
        }
        let here = |resource: &&str| {
            resource.strip_prefix(bucket).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if let Some(resource) = texts(&statement["Resource"]).find(|resource| !decrypts && !here(resource)) {
            return Some(format!("it may read {resource}"));
        }
        if statement.get("NotAction").is_some() || statement.get("NotResource").is_some() {
            return Some("it may do all but what is excepted".to_owned());
        }
    }
    None
}

/// Whether a statement of a trust policy lets another account in that knows an external id, as a storage integration
/// does.
fn is_integration(statement: &Value) -> bool {
    let asks = |tests: &Value| tests.get("sts:ExternalId").is_some();
    let conditions = statement["Condition"].as_object();
    statement["Principal"].get("AWS").is_some() && conditions.is_some_and(|all| all.values().any(asks))
}

/// Whether a statement allows the action on a resource that passes.
pub(super) fn allows(identity: &Identity, action: &str, on: impl Fn(&str) -> bool) -> bool {
    let allowing = identity.statements.iter().filter(|statement| statement["Effect"] == "Allow");
    let matching = allowing.filter(|statement| texts(&statement["Action"]).any(|pattern| stands_for(pattern, action)));
    matching.into_iter().any(|statement| texts(&statement["Resource"]).any(&on))
}

/// The services that may assume a role.
fn services(identity: &Identity) -> Vec<&str> {
    identity.trust.iter().flat_map(|statement| texts(&statement["Principal"]["Service"])).collect()
}

/// ` for lambda.amazonaws.com`.
fn on_behalf(identity: &Identity) -> String {
    let services = services(identity).join(", ");
    if services.is_empty() { String::new() } else { format!(" for {services}") }
}

fn source(identity: &Identity) -> String {
    let what = match identity.bearer {
        Bearer::User => "user",
        Bearer::Role => "role",
    };
    format!("the {what} {}", identity.name)
}

/// One text or a list of texts; none where it is anything else.
fn texts(value: &Value) -> impl Iterator<Item = &str> {
    let one = value.as_str();
    value.as_array().into_iter().flatten().filter_map(Value::as_str).chain(one)
}
