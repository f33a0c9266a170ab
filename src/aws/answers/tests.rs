//! Every row, on a service that answers so.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use serde_json::json;

use super::*;
use crate::aws::pacing::tests::connector;
use crate::aws::request::tests::request;
use crate::model::error::Class;

/// A service that refuses the first calls, and takes the next.
#[derive(Clone, Debug)]
struct Refusing {
    refusals: usize,
    body: String,
    asked: Arc<Mutex<usize>>,
}

impl HttpConnector for Refusing {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let mut asked = self.asked.lock().unwrap();
        *asked += 1;
        let (status, body) = if *asked <= self.refusals { (400, self.body.as_str()) } else { (200, "") };
        HttpConnectorFuture::ready(Ok(HttpResponse::new(status.try_into().unwrap(), body.to_owned().into())))
    }
}

fn body(service: &str, code: &str, message: &str) -> String {
    match service {
        "s3" => format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>"),
        "iam" | "sns" => {
            format!("<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>")
        }
        _ => json!({ "__type": format!("com.amazonaws#{code}"), "message": message }).to_string(),
    }
}

/// How often an operation is sent that is refused so often, and whether it was taken in the end.
async fn sent(service: &str, operation: &str, refusals: usize, (code, message): (&str, &str)) -> (usize, bool) {
    let asked = Arc::default();
    let refusing = Refusing { refusals, body: body(service, code, message), asked: Arc::clone(&asked) };
    let reply = connector(SharedHttpConnector::new(refusing)).call(request(service, operation)).await.unwrap();
    let asked = *asked.lock().unwrap();
    (asked, reply.status().is_success())
}

/// The operations of a row; of one about all of a service, one.
fn operations(answer: &Answer) -> Vec<&'static str> {
    let any = match answer.service {
        "apigateway" => "CreateDeployment",
        "events" | "logs" | "sns" | "iam" | "s3" | "lambda" if !answer.operations.is_empty() => "",
        "events" => "PutTargets",
        "glue" => "UpdateJob",
        "logs" => "PutRetentionPolicy",
        "sns" => "TagResource",
        "iam" => "TagRole",
        "s3" => "PutBucketPolicy",
        "lambda" => "AddPermission",
        other => other,
    };
    if answer.operations.is_empty() { vec![any] } else { answer.operations.to_vec() }
}

#[tokio::test(start_paused = true)]
async fn every_answer_of_the_table_is_followed_by_the_same_call_until_that_is_taken() {
    for answer in ANSWERS {
        for operation in operations(answer) {
            let sent = sent(answer.service, operation, 3, (answer.code, answer.seen)).await;
            assert_eq!(sent, (4, true), "{} {operation}: {}", answer.service, answer.seen);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_answer_is_followed_for_ever_or_for_longer_than_a_signature_holds() {
    for answer in ANSWERS {
        // S3 takes a signature for fifteen minutes, the others for five.
        let holds = if answer.service == "s3" { 900 } else { 300 };
        assert!(answer.seconds < holds, "{answer:?}");
        let before = Instant::now();
        let (_, taken) = sent(answer.service, operations(answer)[0], usize::MAX, (answer.code, answer.seen)).await;
        assert!(!taken && before.elapsed() <= Duration::from_secs(answer.seconds), "{answer:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_code_with_another_message_is_final() {
    let other = "it is as it is";
    for answer in ANSWERS.iter().filter(|answer| !answer.text.is_empty()) {
        let whole = |operation: &&str| find(answer.service, operation, answer.code, other).is_none();
        for operation in operations(answer).iter().filter(|operation| whole(operation)) {
            let sent = sent(answer.service, operation, 3, (answer.code, other)).await;
            assert_eq!(sent, (1, false), "{} {operation}", answer.service);
        }
    }
    let taken = "The statement id (schedule) provided already exists. Please provide a new statement id";
    assert_eq!(sent("lambda", "AddPermission", 3, ("ResourceConflictException", taken)).await.0, 1);
    assert_eq!(
        sent("lambda", "CreateFunction", 3, ("ResourceConflictException", "Function already exist: f")).await.0,
        1
    );
    assert_eq!(sent("s3", "DeleteBucket", 3, ("NoSuchBucket", "")).await.0, 1);
}

#[test]
fn every_row_says_where_it_is_known_from_and_is_reached() {
    for (place, answer) in ANSWERS.iter().enumerate() {
        assert!(answer.source.starts_with("https://"), "{answer:?}");
        let message = answer.seen.to_ascii_lowercase();
        assert!(message.contains(answer.text), "{answer:?}");
        for operation in operations(answer) {
            let error = CallError {
                code: Some(answer.code.to_owned()),
                ..CallError::own(Class::Other, format!("{} {operation}", answer.service), answer.seen)
            };
            let found = of(&error).unwrap();
            let shadowed = ANSWERS.iter().position(|one| std::ptr::eq(one, found)).unwrap() < place;
            let more = found.seconds >= answer.seconds || found.why == answer.why;
            assert!(!shadowed || more, "{answer:?} is hidden by {found:?}");
            assert!(passes(&error));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn who_waits_long_is_told_why() {
    let heard = Mutex::new(Vec::new());
    let note = |text| heard.lock().unwrap().push(text);
    let aborted = ("OperationAborted", "A conflicting conditional operation is currently in progress");
    let taken = crate::aws::progress::telling(&note, sent("s3", "CreateBucket", 100, aborted)).await.1;
    assert!(taken, "for longer than a minute");
    insta::assert_snapshot!(heard.lock().unwrap().join("\n"), @"AWS has not quite let go of what had the name before: s3 CreateBucket answers OperationAborted, and is tried again for up to 600 s");
}
