//! For tests: a service of AWS's JSON, REST or query protocol that answers from a script, and notes what it is asked.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, Mutex};

use aws_config::retry::RetryConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_kinesis::config::{Credentials, SharedCredentialsProvider};
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use futures_util::FutureExt as _;
use http_body_util::BodyExt as _;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::athena::Athena;
use super::discovery::cloudformation::CloudFormation;
use super::events::EventBridge;
use super::glue::Glue;
use super::kms::Kms;
use super::pacing::Paced;
use super::rates::Turns;
use super::secretsmanager::SecretsManager;
use super::slim::{Caller, Service};
use super::{Aws, retry};
use crate::model::address::Address;
use crate::model::kind::{Owner, StepContext};

/// What is answered to a call of one operation: its name, or method and path where the protocol has no names.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    operation: &'static str,
    status: u16,
    /// JSON; of the query protocol, its text.
    body: Value,
    headers: &'static [(&'static str, &'static str)],
}

impl Reply {
    /// The same with headers.
    pub(crate) fn with(self, headers: &'static [(&'static str, &'static str)]) -> Self {
        Self { headers, ..self }
    }

    /// The same with another HTTP status.
    pub(crate) fn status(self, status: u16) -> Self {
        Self { status, ..self }
    }
}

/// A success.
pub(crate) fn ok(operation: &'static str, body: Value) -> Reply {
    Reply { operation, status: 200, body, headers: &[] }
}

/// A success of the query protocol: what the operation's result holds.
pub(crate) fn xml(operation: &'static str, result: &str) -> Reply {
    let body = format!("<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>");
    ok(operation, body.into())
}

/// A failure with AWS's code for it.
pub(crate) fn refused(operation: &'static str, code: &str, message: &str) -> Reply {
    ok(operation, json!({ "__type": code, "message": message })).status(400)
}

/// The same of the query protocol.
pub(crate) fn refused_in_xml(operation: &'static str, code: &str, message: &str) -> Reply {
    let error = format!("<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>");
    let body = format!("<ErrorResponse>{error}<RequestId>4711</RequestId></ErrorResponse>");
    ok(operation, body.into()).status(400)
}

/// A failure of the service itself: what came of the call nobody knows.
pub(crate) fn broken(operation: &'static str) -> Reply {
    ok(operation, json!({ "message": "Internal failure" })).status(500)
}

/// Who the caller is, as STS says it: for what asks for an ARN.
pub(crate) fn caller() -> Reply {
    xml("GetCallerIdentity", "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/ci</Arn>")
}

/// A success that says no more.
pub(crate) fn done(operation: &'static str) -> Reply {
    ok(operation, json!({}))
}

/// Who the caller is: the account 123456789012.
pub(crate) fn identity() -> Reply {
    xml("GetCallerIdentity", "<Account>123456789012</Account><Arn>arn:aws:iam::123456789012:user/ci</Arn>")
}

/// A step of project `acme`, environment `test`.
pub(crate) fn step() -> StepContext<'static> {
    static OWNER: LazyLock<Owner> = LazyLock::new(|| {
        let address = Address::block("stream", "clicks");
        Owner { project: "acme".into(), env: "test".into(), address }
    });
    StepContext { owner: &OWNER, since: None, empty: false, seen: None, note: &|_| {} }
}

/// The service. The n-th call of an operation is answered with its n-th reply, whatever is asked between them.
#[derive(Clone, Debug)]
pub(crate) struct Scripted {
    replies: Arc<Mutex<VecDeque<Reply>>>,
    asked: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Scripted {
    /// A service that has these replies to give.
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { replies: Arc::new(Mutex::new(replies.into_iter().collect())), asked: Arc::default() }
    }

    /// An AWS whose Kinesis, Firehose, DynamoDB, Lambda, API Gateway, IAM, SQS, EventBridge, S3, SNS, Secrets Manager, STS,
    /// CloudFormation, KMS, Glue and Athena this is.
    pub(crate) async fn aws(&self) -> Aws {
        let aws = Aws::new(Some("eu-west-1".to_owned()));
        let config = self.config();
        aws.client(|_| retry::kinesis(&config)).await;
        aws.client(|_| retry::firehose(&config)).await;
        aws.client(|_| aws_sdk_dynamodb::Client::new(&config)).await;
        aws.client(|_| aws_sdk_lambda::Client::new(&config)).await;
        aws.client(|_| aws_sdk_apigateway::Client::new(&config)).await;
        aws.client(|_| aws_sdk_iam::Client::new(&config)).await;
        aws.client(|_| aws_sdk_sqs::Client::new(&config)).await;
        aws.client(|_| aws_sdk_s3::Client::new(&config)).await;
        aws.client(|_| aws_sdk_sns::Client::new(&config)).await;
        aws.client(|_| aws_sdk_sts::Client::new(&config)).await;
        aws.client(|_| Caller::<CloudFormation>::new(&config)).await;
        aws.client(|_| Caller::<EventBridge>::new(&config)).await;
        aws.client(|_| Caller::<SecretsManager>::new(&config)).await;
        aws.client(|_| Caller::<Kms>::new(&config)).await;
        aws.client(|_| Caller::<Glue>::new(&config)).await;
        aws.client(|_| Caller::<Athena>::new(&config)).await;
        aws
    }

    /// A client of it that asks for nothing twice.
    pub(crate) fn once<S: Service>(&self) -> Caller<S> {
        Caller::new(&self.config().to_builder().retry_config(RetryConfig::disabled()).build())
    }

    /// The operations that were asked for, in this order.
    pub(crate) fn operations(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|(operation, _)| operation.clone()).collect()
    }

    /// The input of the last call of an operation.
    pub(crate) fn last(&self, operation: &str) -> Value {
        let asked = self.asked.lock().unwrap();
        let found = asked.iter().rfind(|(name, _)| name == operation);
        found.unwrap_or_else(|| panic!("{operation} was not asked for")).1.clone()
    }

    /// What each call of an operation said for a member of its input.
    pub(crate) fn all(&self, operation: &str, member: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let found = asked.iter().filter(|(name, _)| name == operation);
        found.map(|(_, input)| input[member].as_str().unwrap_or_default().to_owned()).collect()
    }

    fn config(&self) -> SdkConfig {
        let connector = self.clone();
        let inner = http_client_fn(move |_, _| SharedHttpConnector::new(connector.clone()));
        let credentials = Credentials::new("id", "secret", None, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::standard().with_max_attempts(3))
            .http_client(SharedHttpClient::new(Paced { inner, turns: Arc::new(Turns::new(None)) }))
            .build()
    }
}

/// `/2015-03-31/functions/clicks` of a whole URI.
fn path(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path = rest.find('/').map_or("/", |start| &rest[start..]);
    path.split('?').next().unwrap_or(path)
}

/// Operation and input of a request of the query protocol, which is a form.
fn asked_by_form(body: &[u8]) -> (String, serde_json::Result<Value>) {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = std::str::from_utf8(body).unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    let input: Map<String, Value> = pairs.map(|(name, value)| (decoded(name), decoded(value).into())).collect();
    let operation = input.get("Action").and_then(Value::as_str).unwrap_or_default().to_owned();
    (operation, Ok(Value::Object(input)))
}

/// The headers of a request that are AWS's own, or a condition, without those that every request has; null where there are none.
fn headers(request: &HttpRequest) -> Value {
    let usual = ["x-amz-date", "x-amz-user-agent"];
    let is_own = |name: &str| name.starts_with("x-amz-") || name == "if-none-match";
    let own = request.headers().iter().filter(|(name, _)| is_own(name) && !usual.contains(name));
    let own: Map<_, _> = own.map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    if own.is_empty() { Value::Null } else { own.into() }
}

/// The body of a request, also of one that holds a secret, and is read only as it is sent.
pub(super) fn sent(request: &mut HttpRequest) -> Vec<u8> {
    let body = std::mem::replace(request.body_mut(), SdkBody::taken());
    body.collect().now_or_never().expect("at hand").unwrap().to_bytes().to_vec()
}

impl HttpConnector for Scripted {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let body = &sent(&mut request);
        let header = |name| request.headers().get(name).unwrap_or_default();
        let (operation, input) = match header("x-amz-target") {
            "" if header("content-type").contains("form") => asked_by_form(body),
            "" => (format!("{} {}", request.method(), path(request.uri())), serde_json::from_slice(body)),
            target => (target.rsplit('.').next().unwrap_or_default().to_owned(), serde_json::from_slice(body)),
        };
        // Of what is no JSON the headers are noted.
        let input = input.unwrap_or_else(|_| headers(&request));
        let mut replies = self.replies.lock().unwrap();
        let place = replies.iter().position(|reply| reply.operation == operation);
        let reply = place.and_then(|place| replies.remove(place));
        let Reply { status, body, headers, .. } = reply.unwrap_or_else(|| panic!("nothing to answer to {operation}"));
        self.asked.lock().unwrap().push((operation, input));
        let body = SdkBody::from(match body {
            Value::String(text) => text,
            json => json.to_string(),
        });
        let mut reply = HttpResponse::new(status.try_into().unwrap(), body);
        for (name, value) in headers {
            reply.headers_mut().insert(*name, *value);
        }
        HttpConnectorFuture::ready(Ok(reply))
    }
}
