//! What goes over the wire is what AWS's own models make of it, and calls fail as those of the SDK's clients do.
//!
//! `tools/slim.py` writes `tests/files/slim.json` with botocore: a request of every operation with every member that pipectl
//! sets, and a whole reply.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_cloudwatchlogs::config::{AsyncSleep, Credentials, SharedCredentialsProvider, Sleep};
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use serde_json::Value;

use super::{Call, Caller, Service};
use crate::aws::ec2::{DescribeSecurityGroups, DescribeSubnets, Ec2, Filter};
use crate::aws::error::failed;
use crate::aws::kms::{DescribeKey, DescribedKey, Kms};
use crate::aws::scripted::sent;
use crate::aws::secretsmanager::{DescribeSecret, SecretsManager};
use crate::model::error::Class;

const KEY: &str = "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

/// A request as it was sent: its headers by name, and its body.
#[derive(Clone, Debug)]
struct Sent {
    uri: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Sent {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(one, _)| one == name).map(|(_, value)| value.as_str())
    }

    fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }
}

/// Answers every request alike, and keeps it.
#[derive(Clone, Debug)]
struct Wire {
    status: u16,
    body: String,
    /// The id of the request, in the head of the reply.
    id: Option<&'static str>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Wire {
    fn new(status: u16, body: &str) -> Self {
        Self { status, body: body.to_owned(), id: Some("4711"), sent: Arc::default() }
    }

    fn config(&self) -> aws_types::sdk_config::Builder {
        let connector = self.clone();
        let credentials = Credentials::new("id", "secret", Some("session".to_owned()), None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .http_client(http_client_fn(move |_, _| SharedHttpConnector::new(connector.clone())))
    }

    fn sent(&self) -> Vec<Sent> {
        self.sent.lock().unwrap().clone()
    }
}

impl HttpConnector for Wire {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let headers = request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let body = String::from_utf8(sent(&mut request)).unwrap();
        self.sent.lock().unwrap().push(Sent { uri: request.uri().to_owned(), headers, body });
        let mut reply = HttpResponse::new(self.status.try_into().unwrap(), SdkBody::from(self.body.clone()));
        if let Some(id) = self.id {
            reply.headers_mut().insert("x-amzn-requestid", id);
        }
        HttpConnectorFuture::ready(Ok(reply))
    }
}

/// What botocore makes of an operation: its request, and a whole reply.
fn model(operation: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("../../../tests/files/slim.json")).unwrap();
    let found = all[operation].clone();
    assert!(found.is_object(), "tools/slim.py has no {operation}");
    found
}

/// Sends a call, and holds what was sent and what is read of a whole reply against AWS's model.
pub(in crate::aws) async fn is_as_modelled<C: Call>(call: &C) -> C::Reply {
    let model = model(&format!("{}.{}", C::Of::NAME, C::NAME));
    // XML is a text already.
    let whole = model["reply"].as_str().map_or_else(|| model["reply"].to_string(), str::to_owned);
    let wire = Wire::new(200, &whole);
    let caller = Caller::<C::Of>::new(&wire.config().build());
    let reply = caller.call(call).await.unwrap();
    let [sent] = wire.sent().try_into().unwrap();
    let pair = |(name, value): (Cow<'_, str>, Cow<'_, str>)| (name.into_owned(), Value::from(value.into_owned()));
    let body: Value = match model["target"].as_str() {
        Some(_) => serde_json::from_str(&sent.body).unwrap(),
        None => form_urlencoded::parse(sent.body.as_bytes()).map(pair).collect(),
    };
    assert_eq!(body, model["request"], "{}", C::NAME);
    assert_eq!(sent.header("x-amz-target"), model["target"].as_str(), "{}", C::NAME);
    assert_eq!(sent.header("content-type"), model["content_type"].as_str(), "{}", C::NAME);
    assert_eq!(sent.uri, format!("https://{}.eu-west-1.amazonaws.com/", C::Of::NAME));
    reply
}

#[tokio::test]
async fn requests_and_replies_are_those_of_awss_models() {
    let described = is_as_modelled(&DescribeKey { key_id: KEY }).await;
    let key = described.key_metadata.unwrap();
    let read = [&key.arn, &key.key_state, &key.key_usage, &key.key_spec, &key.key_manager];
    assert!(read.iter().all(|member| member.is_some()), "a member has another name in AWS: {key:?}");
}

#[tokio::test]
async fn what_is_asked_in_a_form_and_answered_in_xml_is_that_of_awss_models() {
    let filter = |name, values: &[&str]| Filter { name, value: values.iter().map(ToString::to_string).collect() };
    let call = DescribeSubnets { filter: [filter("subnet-id", &["subnet-0a", "a&b=c d+é"])] };
    let [subnet] = is_as_modelled(&call).await.subnet_set.item.try_into().unwrap();
    let read = [&subnet.id, &subnet.vpc, &subnet.state, &subnet.owner];
    assert!(read.iter().all(|member| member.is_some()), "a member has another name in AWS: {subnet:?}");
    let call = DescribeSecurityGroups { filter: [filter("group-id", &["sg-0a"])] };
    let [group] = is_as_modelled(&call).await.security_group_info.item.try_into().unwrap();
    assert!(group.id.is_some() && group.owner.is_some() && group.vpc.as_deref() == Some("x&<é"), "{group:?}");
}

/// Every call that the source makes without a crate is held against AWS's model in a test: `is_as_modelled` asks for the case,
/// and each case is of a call.
#[test]
fn every_call_has_a_case_and_every_case_a_call() {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/aws")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() { folders.push(entry) } else { sources.push(std::fs::read_to_string(entry).unwrap()) }
        }
    }
    let after = |text: &str, word: &str| text.split_once(word)?.1.split(['"', ';']).next().map(str::to_owned);
    let services: BTreeMap<String, String> = (sources.iter())
        .flat_map(|text| text.split("\nimpl Service for ").skip(1))
        .filter_map(|rest| Some((rest.split_once(' ')?.0.to_owned(), after(rest, "NAME: &'static str = \"")?)))
        .collect();
    let call = |rest: &str| {
        let service = services.get(&after(rest, "type Of = ")?)?;
        Some(format!("{service}.{}", after(rest, "NAME: &'static str = \"")?))
    };
    let calls = sources.iter().flat_map(|text| text.split("\nimpl Call for ").skip(1));
    let mut calls: Vec<String> = calls.filter_map(call).collect();
    calls.sort_unstable();
    let all: Value = serde_json::from_str(include_str!("../../../tests/files/slim.json")).unwrap();
    let mut cases: Vec<&String> = all.as_object().unwrap().keys().filter(|key| *key != "botocore").collect();
    cases.sort_unstable();
    assert!(calls.iter().eq(cases), "{calls:?}");
}

/// What EC2 refuses with.
fn ec2_refusal(code: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error><Code>{code}</Code><Message>no &amp; no</Message>\
         </Error></Errors><RequestID>ea966190</RequestID></Response>"
    )
}

#[tokio::test(start_paused = true)]
async fn what_ec2_refuses_is_told_by_its_code_with_the_id_of_the_request_wherever_that_stands() {
    for (status, code, class, asked) in [
        (400, "InvalidSubnetID.NotFound", Class::Absent, 1),
        (400, "InvalidGroup.NotFound", Class::Absent, 1),
        (400, "InvalidSubnet.Conflict", Class::InUse, 1),
        (400, "InvalidGroup.Duplicate", Class::InUse, 1),
        (400, "DependencyViolation", Class::InUse, 1),
        (400, "InvalidGroupId.Malformed", Class::Invalid, 1),
        (403, "UnauthorizedOperation", Class::Denied, 1),
        (401, "AuthFailure", Class::Credentials, 1),
        (400, "VpcLimitExceeded", Class::Quota, 1),
        (503, "RequestLimitExceeded", Class::Throttled, 3),
        (400, "EC2ThrottledException", Class::Throttled, 3),
        (503, "Unavailable", Class::Throttled, 3),
        (500, "InternalError", Class::Other, 3),
    ] {
        let wire = Wire { id: None, ..Wire::new(status, &ec2_refusal(code)) };
        let caller = Caller::<Ec2>::new(&wire.config().sleep_impl(Sleeps).build());
        let call = DescribeSubnets { filter: [Filter { name: "subnet-id", value: Vec::new() }] };
        let error = caller.call(&call).await.map_err(failed("ec2 DescribeSubnets")).unwrap_err();
        assert_eq!((error.class, wire.sent().len()), (class, asked), "{code}");
        assert_eq!((error.code.as_deref(), error.message.as_str()), (Some(code), "no & no"));
        assert_eq!(error.request_id.as_deref(), Some("ea966190"), "{code}");
    }
}

#[tokio::test]
async fn a_call_has_the_headers_of_a_client_of_the_sdk() {
    let wire = Wire::new(200, "{}");
    let config = wire.config().build();
    let _ = Caller::<Kms>::new(&config).call(&DescribeKey { key_id: KEY }).await.unwrap();
    let sdk = aws_sdk_cloudwatchlogs::Client::new(&config);
    let _ = sdk.describe_log_groups().send().await.unwrap();
    let [own, sdks] = wire.sent().try_into().unwrap();
    assert_eq!(own.names(), sdks.names());
    let signed = |sent: &Sent| {
        let authorization = sent.header("authorization").unwrap().to_owned();
        authorization.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap().to_owned()
    };
    assert_eq!(signed(&own), signed(&sdks));
    assert!(own.header("authorization").unwrap().contains("/eu-west-1/kms/aws4_request"), "{own:?}");
    assert_eq!(own.header("x-amz-security-token"), Some("session"));
    assert!(own.header("x-amz-user-agent").unwrap().contains(" api/kms/"), "{own:?}");
    assert!(sdks.header("x-amz-user-agent").unwrap().contains(" api/cloudwatchlogs/"), "{sdks:?}");
}

/// One whose id holds a space: the variable has none, and the user agent is that of an SDK's client.
#[tokio::test]
async fn an_id_of_two_words_is_asked_for_as_in_a_client_of_the_sdk() {
    let wire = Wire::new(200, "{}");
    let call = DescribeSecret { secret_id: "a" };
    let _ = Caller::<SecretsManager>::new(&wire.config().build()).call(&call).await.unwrap();
    let [sent] = wire.sent().try_into().unwrap();
    assert_eq!(sent.uri, "https://secretsmanager.eu-west-1.amazonaws.com/");
    assert!(sent.header("x-amz-user-agent").unwrap().contains(" api/secretsmanager/"), "{sent:?}");
    let refused = Caller::<SecretsManager>::new(&wire.config().use_fips(true).build()).call(&call).await;
    let error = refused.map_err(failed("secretsmanager DescribeSecret")).unwrap_err();
    assert!(error.message.contains("AWS_ENDPOINT_URL_SECRETS_MANAGER"), "{}", error.message);
}

/// How often a call is made that is answered so, and what its failure is taken for: as a client of the SDK does.
async fn asks(status: u16, body: &str) -> (usize, Class, Option<String>) {
    let wire = Wire::new(status, body);
    let caller = Caller::<Kms>::new(&wire.config().sleep_impl(Sleeps).build());
    let reply = caller.call(&DescribeKey { key_id: KEY }).await;
    let error = reply.map_err(failed("kms DescribeKey")).unwrap_err();
    let asked = wire.sent().len();
    let sdk = aws_sdk_cloudwatchlogs::Client::new(&wire.config().sleep_impl(Sleeps).build());
    let reply = sdk.describe_log_groups().send().await;
    let sdks = reply.map_err(failed("logs DescribeLogGroups")).unwrap_err();
    assert_eq!((wire.sent().len() - asked, sdks.class), (asked, error.class), "{status} {body}");
    (asked, error.class, error.request_id)
}

/// Sleeps by the test's clock.
#[derive(Clone, Copy, Debug)]
struct Sleeps;

impl AsyncSleep for Sleeps {
    fn sleep(&self, duration: std::time::Duration) -> Sleep {
        Sleep::new(tokio::time::sleep(duration))
    }
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_asked_again_and_a_refusal_is_not() {
    let code = |code: &str| format!("{{\"__type\": \"com.amazonaws.kms#{code}\", \"message\": \"no\"}}");
    let id = Some("4711".to_owned());
    assert_eq!(asks(400, &code("ResourceNotFoundException")).await, (1, Class::Absent, id.clone()));
    assert_eq!(asks(400, &code("NotFoundException")).await, (1, Class::Absent, id.clone()));
    assert_eq!(asks(400, &code("AccessDeniedException")).await, (1, Class::Denied, id.clone()));
    assert_eq!(asks(400, &code("ThrottlingException")).await, (3, Class::Throttled, id.clone()));
    assert_eq!(asks(503, "<html>busy</html>").await.0, 3);
    assert_eq!(asks(500, "{}").await.0, 3);
    assert_eq!(asks(200, "<html>").await, (1, Class::Unreadable, id));
}

#[tokio::test]
async fn an_endpoint_that_is_not_known_here_is_refused_before_anything_is_sent() {
    let wire = Wire::new(200, "{}");
    let config = wire.config().use_fips(true).build();
    let refused = Caller::<Kms>::new(&config).call(&DescribeKey { key_id: KEY }).await;
    let error = refused.map_err(failed("kms DescribeKey")).unwrap_err();
    assert!(error.message.contains("FIPS") && error.message.contains("AWS_ENDPOINT_URL_KMS"), "{}", error.message);
    let china = wire.config().region(Region::new("cn-north-1")).build();
    let _: DescribedKey = Caller::<Kms>::new(&china).call(&DescribeKey { key_id: KEY }).await.unwrap();
    let [sent] = wire.sent().try_into().unwrap();
    assert_eq!(sent.uri, "https://kms.cn-north-1.amazonaws.com.cn/");
}
