//! What a request on its way is: its service, its operation, and the one resource that it changes.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The name that a request is signed for: the last but one part of `Credential=<id>/<day>/<region>/<service>/aws4_request`.
pub(super) fn service(request: &HttpRequest) -> Option<&str> {
    let authorization = request.headers().get("authorization")?;
    let credential = authorization.split_once("Credential=")?.1.split(',').next()?;
    credential.rsplit('/').nth(1)
}

/// The operation, where the protocol names it: all but those of S3, Lambda and API Gateway do.
pub(super) fn operation(request: &HttpRequest) -> Option<&str> {
    if let Some(target) = request.headers().get("x-amz-target") {
        return target.rsplit('.').next();
    }
    if let Some((_, operation)) = request.uri().split_once("/operation/") {
        return Some(operation);
    }
    form(request)?.split('&').find_map(|pair| pair.strip_prefix("Action="))
}

/// As [`operation`], and by method and path where the protocol does not name it; empty where even these do not tell.
pub(super) fn operation_or_path(service: &str, request: &HttpRequest) -> String {
    if let Some(operation) = operation(request) {
        return operation.to_owned();
    }
    let (path, query) = target(request.uri());
    match service {
        "s3" => of_s3(request.method(), path, query, is_path_style(request.uri())).to_owned(),
        _ => of_rest(request.method(), path).to_owned(),
    }
}

fn form(request: &HttpRequest) -> Option<&str> {
    let is_form = request.headers().get("content-type").is_some_and(|kind| kind.contains("form-urlencoded"));
    std::str::from_utf8(request.body().bytes()?).ok().filter(|_| is_form)
}

/// Path and query of a URI.
fn target(uri: &str) -> (&str, &str) {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let target = rest.find('/').map_or("/", |start| &rest[start..]);
    target.split_once('?').unwrap_or((target, ""))
}

fn host(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

/// Whether a bucket stands in the path, and not in front of the host.
fn is_path_style(uri: &str) -> bool {
    let host = host(uri).split(':').next().unwrap_or_default();
    host.starts_with("s3.") || host == "localhost" || host.parse::<std::net::Ipv4Addr>().is_ok()
}

/// The parts of a path without the day of Lambda's version.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    let parts = path.split('/').filter(|part| !part.is_empty());
    parts.skip_while(|part| part.starts_with("20") && part.contains('-'))
}

/// Lambda's and API Gateway's operations that change something, by method and the collections on their path.
const REST: &[(&str, &str)] = &[
    ("POST functions", "CreateFunction"),
    ("DELETE functions", "DeleteFunction"),
    ("PUT functions/code", "UpdateFunctionCode"),
    ("PUT functions/configuration", "UpdateFunctionConfiguration"),
    ("PUT functions/concurrency", "PutFunctionConcurrency"),
    ("DELETE functions/concurrency", "DeleteFunctionConcurrency"),
    ("POST functions/policy", "AddPermission"),
    ("DELETE functions/policy", "RemovePermission"),
    ("PUT functions/event-invoke-config", "PutFunctionEventInvokeConfig"),
    ("DELETE functions/event-invoke-config", "DeleteFunctionEventInvokeConfig"),
    ("POST event-source-mappings", "CreateEventSourceMapping"),
    ("PUT event-source-mappings", "UpdateEventSourceMapping"),
    ("DELETE event-source-mappings", "DeleteEventSourceMapping"),
    ("POST tags", "TagResource"),
    ("PUT tags", "TagResource"),
    ("DELETE tags", "UntagResource"),
    ("POST restapis", "CreateRestApi"),
    ("PATCH restapis", "UpdateRestApi"),
    ("DELETE restapis", "DeleteRestApi"),
    ("POST restapis/resources", "CreateResource"),
    ("DELETE restapis/resources", "DeleteResource"),
    ("PUT restapis/resources/methods", "PutMethod"),
    ("PATCH restapis/resources/methods", "UpdateMethod"),
    ("DELETE restapis/resources/methods", "DeleteMethod"),
    ("PUT restapis/resources/methods/integration", "PutIntegration"),
    ("POST restapis/deployments", "CreateDeployment"),
    ("DELETE restapis/deployments", "DeleteDeployment"),
    ("POST restapis/stages", "CreateStage"),
    ("PATCH restapis/stages", "UpdateStage"),
    ("DELETE restapis/stages", "DeleteStage"),
    ("POST apikeys", "CreateApiKey"),
    ("PATCH apikeys", "UpdateApiKey"),
    ("DELETE apikeys", "DeleteApiKey"),
    ("POST usageplans", "CreateUsagePlan"),
    ("PATCH usageplans", "UpdateUsagePlan"),
    ("DELETE usageplans", "DeleteUsagePlan"),
    ("POST usageplans/keys", "CreateUsagePlanKey"),
    ("DELETE usageplans/keys", "DeleteUsagePlanKey"),
];

fn of_rest(method: &str, path: &str) -> &'static str {
    let collections: Vec<&str> = parts(path).step_by(2).collect();
    let shape = format!("{method} {}", collections.join("/"));
    // A resource of an API is made below its parent.
    REST.iter().find(|(known, _)| *known == shape).map_or("", |(_, operation)| operation)
}

/// What S3 keeps of a bucket in documents of their own: the query that names it, and what writing and deleting it is called.
const S3: &[(&str, &str, &str)] = &[
    ("encryption", "PutBucketEncryption", "DeleteBucketEncryption"),
    ("lifecycle", "PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"),
    ("notification", "PutBucketNotificationConfiguration", ""),
    ("ownershipControls", "PutBucketOwnershipControls", "DeleteBucketOwnershipControls"),
    ("policy", "PutBucketPolicy", "DeleteBucketPolicy"),
    ("publicAccessBlock", "PutPublicAccessBlock", "DeletePublicAccessBlock"),
    ("tagging", "PutBucketTagging", "DeleteBucketTagging"),
    ("versioning", "PutBucketVersioning", ""),
];

/// The operation on a bucket that changes it; empty for what reads, and for what is done to objects.
fn of_s3(method: &str, path: &str, query: &str, path_style: bool) -> &'static str {
    let segments = path.split('/').filter(|segment| !segment.is_empty()).count();
    if segments > usize::from(path_style) {
        return "";
    }
    let has = |key: &str| query.split('&').any(|pair| pair.split('=').next() == Some(key));
    match (method, S3.iter().find(|(key, ..)| has(key))) {
        ("PUT", Some((_, put, _))) => put,
        ("DELETE", Some((.., delete))) => delete,
        ("PUT", None) => "CreateBucket",
        ("DELETE", None) => "DeleteBucket",
        _ => "",
    }
}

/// What operations begin with that change a resource.
const CHANGES: [&str; 16] = [
    "Add",
    "Associate",
    "Attach",
    "Create",
    "Decrease",
    "Delete",
    "Detach",
    "Disable",
    "Disassociate",
    "Enable",
    "Increase",
    "Put",
    "Remove",
    "Set",
    "Untag",
    "Update",
];
/// Those that begin like others and move data: any number of them may be under way.
const DATA: [&str; 9] = [
    "DeleteItem",
    "DeleteMessage",
    "DeleteMessageBatch",
    "PutItem",
    "PutLogEvents",
    "PutMetricData",
    "PutRecord",
    "PutRecordBatch",
    "PutRecords",
];

/// What in a request names the resource, service by service; the first that is there counts. What is not named is on its own.
const NAMES: &[(&str, &[&str])] = &[
    ("dynamodb", &["TableName", "ResourceArn"]),
    ("events", &["Rule", "Name", "ResourceARN"]),
    ("firehose", &["DeliveryStreamName"]),
    ("glue", &["JobName", "Name", "ResourceArn"]),
    ("iam", &["RoleName", "UserName"]),
    ("kinesis", &["StreamName", "StreamARN", "ResourceARN"]),
    ("logs", &["logGroupName", "resourceArn"]),
    ("secretsmanager", &["SecretId", "Name"]),
    ("sns", &["TopicArn", "ResourceArn"]),
    ("sqs", &["QueueUrl"]),
];

/// The one resource that a request changes, by a name that all requests share which change it; nothing for one that reads,
/// moves data, or changes what nothing else is a part of.
///
/// Permissions belong to their function, targets to their rule, subscription filters and streams to their log group, methods
/// and stages to their API, keys to their usage plan, and every setting of a bucket to that: AWS takes one change of
/// each at a time.
pub(super) fn changed(service: &str, operation: &str, request: &HttpRequest) -> Option<String> {
    let changes = CHANGES.iter().any(|verb| operation.starts_with(verb)) || operation.starts_with("Tag");
    if !changes || DATA.contains(&operation) {
        return None;
    }
    let name = match service {
        "s3" => bucket(request.uri()),
        "lambda" | "apigateway" => on_path(request.uri())?,
        _ => {
            let (_, members) = NAMES.iter().find(|(name, _)| *name == service)?;
            members.iter().find_map(|member| value(request, member))?
        }
    };
    Some(format!("{service} {}", last(&name)))
}

/// A bucket, by where requests to it go.
fn bucket(uri: &str) -> String {
    let (path, _) = target(uri);
    let first = path.split('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    if is_path_style(uri) { first.to_owned() } else { host(uri).split('.').next().unwrap_or_default().to_owned() }
}

/// The function, API, key or plan on a path; what is still without a name is on its own.
fn on_path(uri: &str) -> Option<String> {
    let (path, _) = target(uri);
    let second = parts(path).nth(1)?;
    Some(percent_decode_str(second).decode_utf8_lossy().into_owned())
}

/// A member of what a request says, in JSON or in a form.
fn value(request: &HttpRequest, member: &str) -> Option<String> {
    if let Some(form) = form(request) {
        let text = form.split('&').find_map(|pair| pair.strip_prefix(member)?.strip_prefix('='))?;
        return Some(percent_decode_str(text).decode_utf8_lossy().into_owned());
    }
    let body: Value = serde_json::from_slice(request.body().bytes()?).ok()?;
    body[member].as_str().map(str::to_owned)
}

/// The end of an ARN or a URL, which is the name.
fn last(name: &str) -> &str {
    name.trim_end_matches(":*").rsplit([':', '/']).next().unwrap_or(name)
}

#[cfg(test)]
pub(super) mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    /// A request that is signed for a service.
    pub(in crate::aws) fn signed(service: &str, method: &str, uri: &str, body: &str) -> HttpRequest {
        let mut request = HttpRequest::new(SdkBody::from(body.to_owned()));
        request.set_uri(uri).unwrap();
        request.set_method(method).unwrap();
        let value = format!("AWS4-HMAC-SHA256 Credential=AKID/20260101/eu-west-1/{service}/aws4_request, Signature=0");
        request.headers_mut().insert("authorization", value);
        if body.contains("Action=") {
            request.headers_mut().insert("content-type", "application/x-www-form-urlencoded");
        }
        request
    }

    /// A request of `operation`, as its service's protocol has it, about a resource called `it`.
    pub(in crate::aws) fn request(service: &str, operation: &str) -> HttpRequest {
        let rest =
            REST.iter().find(|(_, name)| *name == operation).filter(|_| ["lambda", "apigateway"].contains(&service));
        if let Some((shape, _)) = rest {
            let (method, collections) = shape.split_once(' ').unwrap();
            let path = collections.split('/').flat_map(|part| [part, "it"]).collect::<Vec<_>>().join("/");
            return signed(service, method, &format!("https://aws/{path}"), "{}");
        }
        match service {
            "s3" => {
                let document = S3.iter().find(|(_, put, delete)| [put, delete].contains(&&operation));
                let method = if operation.starts_with("Delete") { "DELETE" } else { "PUT" };
                let query = document.map_or("", |(query, ..)| query);
                signed(service, method, &format!("https://s3.eu-west-1.amazonaws.com/it?{query}"), "")
            }
            "iam" | "sns" => {
                let member = if service == "iam" { "RoleName=it" } else { "TopicArn=arn%3Aaws%3Asns%3Aeu%3A1%3Ait" };
                signed(service, "POST", "https://aws/", &format!("Action={operation}&{member}"))
            }
            _ => {
                let members = NAMES.iter().find(|(name, _)| *name == service).map_or(&[][..], |(_, members)| *members);
                let body: serde_json::Map<_, _> =
                    members.iter().take(1).map(|member| ((*member).to_owned(), Value::from("it"))).collect();
                let mut request = signed(service, "POST", "https://aws/", &Value::Object(body).to_string());
                request.headers_mut().insert("x-amz-target", format!("Service.{operation}"));
                request
            }
        }
    }

    fn changed_by(service: &str, operation: &str) -> Option<String> {
        let request = request(service, operation);
        assert_eq!(operation_or_path(service, &request), operation);
        changed(service, operation, &request)
    }

    #[test]
    fn what_belongs_to_one_resource_is_known_by_that() {
        for operation in ["AddPermission", "RemovePermission", "UpdateFunctionCode", "PutFunctionConcurrency"] {
            assert_eq!(changed_by("lambda", operation).as_deref(), Some("lambda it"), "{operation}");
        }
        for operation in ["PutMethod", "PutIntegration", "CreateDeployment", "UpdateStage", "CreateResource"] {
            assert_eq!(changed_by("apigateway", operation).as_deref(), Some("apigateway it"), "{operation}");
        }
        for operation in ["PutBucketPolicy", "PutBucketLifecycleConfiguration", "CreateBucket", "DeleteBucketTagging"] {
            assert_eq!(changed_by("s3", operation).as_deref(), Some("s3 it"), "{operation}");
        }
        for (service, operation) in [
            ("events", "PutTargets"),
            ("logs", "PutSubscriptionFilter"),
            ("logs", "PutRetentionPolicy"),
            ("sns", "SetTopicAttributes"),
            ("sqs", "SetQueueAttributes"),
            ("iam", "PutRolePolicy"),
        ] {
            assert_eq!(changed_by(service, operation), Some(format!("{service} it")), "{operation}");
        }
        let tags =
            signed("lambda", "POST", "https://aws/2017-03-31/tags/arn%3Aaws%3Alambda%3Aeu%3A1%3Afunction%3Ait", "{}");
        assert_eq!(changed("lambda", "TagResource", &tags).as_deref(), Some("lambda it"));
        let virtual_host = signed("s3", "PUT", "https://it.s3.eu-west-1.amazonaws.com/?policy", "");
        assert_eq!(operation_or_path("s3", &virtual_host), "PutBucketPolicy");
        assert_eq!(changed("s3", "PutBucketPolicy", &virtual_host).as_deref(), Some("s3 it"));
    }

    #[test]
    fn what_reads_and_what_moves_data_waits_for_nobody() {
        for (service, operation) in
            [("kinesis", "PutRecords"), ("logs", "DescribeLogGroups"), ("sqs", "SendMessage"), ("sns", "Subscribe")]
        {
            assert_eq!(changed(service, operation, &request(service, operation)), None, "{operation}");
        }
        let object = signed("s3", "PUT", "https://it.s3.eu-west-1.amazonaws.com/a/b", "");
        assert_eq!(operation_or_path("s3", &object), "");
        let function = signed("lambda", "GET", "https://aws/2015-03-31/functions/it", "");
        assert_eq!(operation_or_path("lambda", &function), "");
    }

    #[test]
    fn every_protocol_names_service_and_operation() {
        let mut json = signed("firehose", "POST", "https://firehose.eu-west-1.amazonaws.com/", "{}");
        json.headers_mut().insert("x-amz-target", "Firehose_20150804.DescribeDeliveryStream");
        let granite = "https://monitoring.eu-west-1.amazonaws.com/service/GraniteServiceVersion20100801/operation/";
        let cbor = signed("monitoring", "POST", &format!("{granite}PutMetricAlarm"), "");
        let query =
            signed("sns", "POST", "https://sns.eu-west-1.amazonaws.com/", "Action=Subscribe&Version=2010-03-31");
        let asked = [&json, &cbor, &query].map(|request| (service(request), operation(request)));
        assert_eq!(asked[0], (Some("firehose"), Some("DescribeDeliveryStream")));
        assert_eq!(asked[1], (Some("monitoring"), Some("PutMetricAlarm")));
        assert_eq!(asked[2], (Some("sns"), Some("Subscribe")));
        assert_eq!(service(&HttpRequest::new(SdkBody::empty())), None);
    }
}
