//! Which AWS operation a request is, and in which protocol.

use hyper::body::Bytes;
use hyper::{Method, Request};

/// How a service spells requests, replies and errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// AWS JSON 1.0 and 1.1: Kinesis, Firehose, CloudWatch Logs, SSM.
    Json,
    /// The query protocol, which answers in XML: IAM, STS, SNS.
    Query,
    /// Smithy's RPC v2 in CBOR: CloudWatch.
    Cbor,
    /// S3's REST with XML.
    S3,
    /// REST with JSON: Lambda, API Gateway.
    RestJson,
}

/// An operation of a service, as IAM would name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    /// `kinesis`, `cloudwatch` …
    pub(crate) service: String,
    /// `CreateStream` …; `POST functions` of REST with JSON, whose operations have no names on the way.
    pub(crate) name: String,
    /// Its service's protocol.
    pub(crate) protocol: Protocol,
}

impl Operation {
    /// Names a request.
    pub(crate) fn of(request: &Request<Bytes>) -> Self {
        let service = service(request);
        let path = request.uri().path();
        let (protocol, name) = if let Some(target) = header(request, "x-amz-target") {
            (Protocol::Json, target.rsplit('.').next().unwrap_or_default().to_owned())
        } else if let Some((_, operation)) = path.split_once("/operation/") {
            (Protocol::Cbor, operation.to_owned())
        } else if let Some(action) = action(request) {
            (Protocol::Query, action)
        } else if ["lambda", "apigateway"].contains(&service.as_str()) {
            (Protocol::RestJson, rest_operation(request.method(), path))
        } else {
            (Protocol::S3, s3_operation(request.method(), path, request.uri().query().unwrap_or_default()))
        };
        Self { service, name, protocol }
    }

    /// `kinesis:CreateStream`.
    pub(crate) fn full_name(&self) -> String {
        format!("{}:{}", self.service, self.name)
    }

    /// Whether it changes nothing.
    pub(crate) fn is_read(&self) -> bool {
        ["Describe", "Get", "GET", "Head", "List", "Lookup"].iter().any(|read| self.name.starts_with(read))
    }
}

fn header<'a>(request: &'a Request<Bytes>, name: &str) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

/// The parts of the credential that signed the request: access key, date, region, service.
fn credential(request: &Request<Bytes>) -> Option<Vec<&str>> {
    let (_, credential) = header(request, "authorization")?.split_once("Credential=")?;
    Some(credential.split([',', ' ']).next()?.split('/').collect())
}

/// The access key that signed the request.
pub(crate) fn access_key(request: &Request<Bytes>) -> Option<&str> {
    credential(request)?.first().copied()
}

/// The region that a request was signed for.
pub(crate) fn region(request: &Request<Bytes>) -> Option<&str> {
    credential(request)?.get(2).copied()
}

fn service(request: &Request<Bytes>) -> String {
    let signed = credential(request).and_then(|parts| parts.get(3).copied());
    match signed {
        // CloudWatch signs with the name that it had first.
        Some("monitoring") => "cloudwatch",
        Some(service) => service,
        // What is not signed asks STS for credentials.
        None => "sts",
    }
    .to_owned()
}

fn action(request: &Request<Bytes>) -> Option<String> {
    let form = header(request, "content-type")?.starts_with("application/x-www-form-urlencoded");
    let body = std::str::from_utf8(request.body()).ok().filter(|_| form)?;
    body.split('&').find_map(|pair| pair.strip_prefix("Action=")).map(str::to_owned)
}

/// The sub-resources of a bucket, by their query parameter.
const BUCKET: [(&str, &str); 17] = [
    ("accelerate", "BucketAccelerateConfiguration"),
    ("acl", "BucketAcl"),
    ("cors", "BucketCors"),
    ("encryption", "BucketEncryption"),
    ("lifecycle", "BucketLifecycleConfiguration"),
    ("location", "BucketLocation"),
    ("logging", "BucketLogging"),
    ("notification", "BucketNotificationConfiguration"),
    ("object-lock", "ObjectLockConfiguration"),
    ("ownershipControls", "BucketOwnershipControls"),
    ("policy", "BucketPolicy"),
    ("policyStatus", "BucketPolicyStatus"),
    ("publicAccessBlock", "PublicAccessBlock"),
    ("replication", "BucketReplication"),
    ("tagging", "BucketTagging"),
    ("versioning", "BucketVersioning"),
    ("website", "BucketWebsite"),
];

/// The method, and the collections on the path without their members: `PUT functions/code`.
fn rest_operation(method: &Method, path: &str) -> String {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    // Lambda's paths begin with the day of their version.
    let segments = segments.skip_while(|segment| segment.starts_with("20"));
    format!("{method} {}", segments.step_by(2).collect::<Vec<_>>().join("/"))
}

fn s3_operation(method: &Method, path: &str, query: &str) -> String {
    let keys: Vec<&str> = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default()).collect();
    let has = |key| keys.contains(&key);
    let verb = match *method {
        Method::PUT => "Put",
        Method::DELETE => "Delete",
        Method::HEAD => "Head",
        Method::POST => "Post",
        _ => "Get",
    };
    let (bucket, key) = path.trim_start_matches('/').split_once('/').unwrap_or((path.trim_start_matches('/'), ""));
    if !key.is_empty() {
        return s3_object_operation(verb, &has);
    }
    match BUCKET.iter().find(|(key, _)| has(key)) {
        Some(("lifecycle", _)) if verb == "Delete" => return "DeleteBucketLifecycle".into(),
        Some((_, name)) => return format!("{verb}{name}"),
        None => {}
    }
    match verb {
        _ if bucket.is_empty() => "ListBuckets",
        "Put" => "CreateBucket",
        "Delete" => "DeleteBucket",
        "Head" => "HeadBucket",
        "Post" => "DeleteObjects",
        _ if has("versions") => "ListObjectVersions",
        _ if has("uploads") => "ListMultipartUploads",
        _ => "ListObjectsV2",
    }
    .into()
}

fn s3_object_operation(verb: &str, has: &dyn Fn(&'static str) -> bool) -> String {
    match verb {
        _ if has("tagging") => format!("{verb}ObjectTagging"),
        "Post" if has("uploads") => "CreateMultipartUpload".into(),
        "Post" if has("uploadId") => "CompleteMultipartUpload".into(),
        "Put" if has("uploadId") => "UploadPart".into(),
        "Delete" if has("uploadId") => "AbortMultipartUpload".into(),
        _ => format!("{verb}Object"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s3(method: &str, target: &str) -> String {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        s3_operation(&method.parse().unwrap(), path, query)
    }

    #[test]
    fn s3_operations_are_told_by_method_path_and_query() {
        assert_eq!(s3("GET", "/"), "ListBuckets");
        assert_eq!(s3("PUT", "/bucket"), "CreateBucket");
        assert_eq!(s3("PUT", "/bucket/"), "CreateBucket");
        assert_eq!(s3("GET", "/bucket?publicAccessBlock"), "GetPublicAccessBlock");
        assert_eq!(s3("DELETE", "/bucket?lifecycle"), "DeleteBucketLifecycle");
        assert_eq!(s3("GET", "/bucket?versions&max-keys=2"), "ListObjectVersions");
        assert_eq!(s3("POST", "/bucket?delete"), "DeleteObjects");
        assert_eq!(s3("PUT", "/bucket/folder/state.json?x-id=PutObject"), "PutObject");
        assert_eq!(s3("PUT", "/bucket/key?partNumber=1&uploadId=x"), "UploadPart");
    }

    #[test]
    fn rest_operations_are_told_by_method_and_collections() {
        assert_eq!(rest_operation(&Method::POST, "/2015-03-31/functions"), "POST functions");
        assert_eq!(rest_operation(&Method::PUT, "/2015-03-31/functions/acme-20/code"), "PUT functions/code");
        assert_eq!(
            rest_operation(&Method::PUT, "/restapis/a1/resources/b2/methods/POST/integration"),
            "PUT restapis/resources/methods/integration"
        );
    }

    #[test]
    fn rpc_operations_are_told_by_target_path_or_form() {
        let signed = |service: &str| {
            format!(
                "AWS4-HMAC-SHA256 Credential=123456789012/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host"
            )
        };
        let request = |service: &str| Request::builder().header("authorization", signed(service));
        let json = request("kinesis").header("x-amz-target", "Kinesis_20131202.CreateStream").body(Bytes::new());
        assert_eq!(Operation::of(json.as_ref().unwrap()).full_name(), "kinesis:CreateStream");
        assert_eq!(access_key(&json.unwrap()), Some("123456789012"));
        let cbor = request("monitoring").uri("/service/Granite/operation/PutDashboard").body(Bytes::new());
        assert_eq!(Operation::of(&cbor.unwrap()).full_name(), "cloudwatch:PutDashboard");
        let form = request("iam").header("content-type", "application/x-www-form-urlencoded");
        let query = form.body(Bytes::from_static(b"Version=1&Action=GetRole&RoleName=a"));
        assert_eq!(Operation::of(&query.unwrap()).full_name(), "iam:GetRole");
    }
}
