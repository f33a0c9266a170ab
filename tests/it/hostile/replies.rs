//! Replies that are no AWS's, or cannot be read: for each protocol it is said what came, why it cannot be read, what to do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use pipectl::aws::data::AwsData;
use pipectl::aws::{Aws, kinds};
use pipectl::model::data::{DataPlane as _, Record};
use pipectl::model::error::{CallError, Class};
use pipectl::ops::fault::help_for;
use secrecy::SecretString;

use super::project;
use crate::support::liar::{Liar, Lie};

/// A resource type for each protocol, and a key of it.
const PROTOCOLS: [(&str, &str); 5] = [
    ("iam_role", "acme-dev-role"),
    ("s3_bucket", "acme-dev-events"),
    ("kinesis_stream", "acme-dev-clicks"),
    ("cloudwatch_alarm", "acme-dev-lag"),
    ("lambda_function", "acme-dev-process"),
];

/// What the reading of a resource ends with.
async fn error(kind: &str, key: &str, lie: &Lie) -> CallError {
    let liar = Liar::after_identity(lie.clone());
    let aws = Arc::new(Aws::emulated(&liar.endpoint(), "777700000001", "us-east-1"));
    let registry = kinds::registry(&aws);
    match registry.get(kind).unwrap().read(key, None).await {
        Ok(found) => panic!("{kind} was read from {lie:?}: {}", found.is_some()),
        Err(error) => error,
    }
}

#[track_caller]
fn says(kind: &str, error: &CallError, texts: &[&str]) {
    assert_eq!(error.class, Class::Unreadable, "{kind}: {error}");
    for text in texts {
        assert!(error.to_string().contains(text), "{kind}: `{text}` is not said: {error}");
    }
    assert!(
        help_for(error).is_some_and(|help| help.contains("AWS_ENDPOINT_URL") && help.contains("is safe")),
        "{kind}"
    );
}

#[tokio::test]
async fn a_page_of_a_captive_portal_is_told_as_that() {
    let page = Lie::answer(200, "text/html; charset=utf-8", "<html><body>log in \u{1b}[31mRED\u{1b}]0;pwn\u{7}");
    for (kind, key) in PROTOCOLS {
        let error = error(kind, key, &page).await;
        says(kind, &error, &["a page for people answers in place of AWS", "HTTP status 200", r"log in \u{1b}[31mRED"]);
    }
}

#[tokio::test]
async fn a_reply_that_cannot_be_read_says_how_it_begins_and_why_not() {
    for (kind, key) in PROTOCOLS {
        let garbage = Lie::answer(200, "text/plain", "<Get{\u{1b}[31mx&bogus;").with("x-amzn-requestid: ABC-1");
        let error = error(kind, key, &garbage).await;
        says(kind, &error, &["begins `<Get{\\u{1b}[31mx"]);
        let text = error.to_string();
        // Of a bucket's replies, asked for all at once, any may be the first; this one is a document and no message of S3's.
        if error.call == "s3 GetBucketPolicy" {
            assert!(text.contains("the policy in the reply cannot be read") && text.contains("`): expected"), "{text}");
            continue;
        }
        says(kind, &error, &["HTTP status 200, text/plain, begins", "(request id ABC-1)"]);
        let (_, why) = text.split_once("…`)").or_else(|| text.split_once("`)")).unwrap();
        assert!(why.trim_start_matches(": ").len() > "(request id ABC-1)".len() + 8, "{kind} says no reason: {text}");
    }
}

#[tokio::test]
async fn a_page_with_a_status_of_failure_says_nothing_of_permissions() {
    for (kind, key) in PROTOCOLS {
        let page = Lie::answer(403, "text/html", "<html>blocked by policy</html>");
        says(kind, &error(kind, key, &page).await, &["HTTP status 403, text/html, "]);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_told() {
    for (kind, key) in [("kinesis_stream", "clicks"), ("iam_role", "role")] {
        let redirect = Lie::answer(307, "text/plain", "").with("location: http://127.0.0.1:1/evil");
        says(kind, &error(kind, key, &redirect).await, &["HTTP status 307 leads to `http://127.0.0.1:1/evil`"]);
    }
}

#[tokio::test]
async fn a_reply_without_end_is_cut_and_not_asked_for_again() {
    let liar = Liar::after_identity(Lie::Endless);
    let aws = Arc::new(Aws::emulated(&liar.endpoint(), "777700000001", "us-east-1"));
    let begun = Instant::now();
    let registry = kinds::registry(&aws);
    let error = registry.get("kinesis_stream").unwrap().read("clicks", None).await.unwrap_err();
    says("kinesis_stream", &error, &["the reply has more than 64 MiB"]);
    assert!(begun.elapsed() < Duration::from_mins(1));
    let asked = liar.asked().iter().filter(|request| request.contains("DescribeStreamSummary")).count();
    assert_eq!(asked, 1);
}

#[test]
fn what_a_command_says_of_a_captive_portal_has_a_next_step() {
    let liar = Liar::always(Lie::answer(200, "text/html", "<html>log in</html>"));
    let output = project(&liar).run(&["deploy-policy", "--env", "dev"]).fails(1);
    for text in ["sts GetCallerIdentity", "a page for people answers in place of AWS", "what now:", "HTTPS_PROXY"] {
        assert!(output.stderr.contains(text), "{output}");
    }
}

/// Posts an event with a key to an API that is a liar's.
async fn posted(url: &str) -> CallError {
    let aws = Arc::new(Aws::emulated("http://127.0.0.1:1", "777700000001", "us-east-1"));
    let key = SecretString::from("the-key");
    let event = Record { key: "k".into(), data: b"{}".to_vec() };
    match AwsData::new(&aws).post(url, Some(&key), &[event]).await {
        Ok(put) => panic!("{url} took it: {put:?}"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn an_api_key_is_sent_by_tls_alone_but_to_this_machine() {
    let error = posted("http://api.example.test/events").await;
    assert!(error.message.contains("the API key is not sent without TLS"), "{error}");
    let liar = Liar::always(Lie::answer(400, "text/plain", "\u{1b}]0;pwn\u{7}\u{202e}\nerror: fake"));
    let error = posted(&liar.endpoint()).await;
    assert!(error.message.ends_with(r"status 400: \u{1b}]0;pwn\u{7}\u{202e}\u{a}error: fake"), "{error}");
    assert!(liar.asked()[0].contains("the-key"), "to this machine it is sent");
}

#[tokio::test]
async fn an_api_that_redirects_or_never_ends_gets_and_takes_no_more() {
    let second = Liar::always(Lie::answer(200, "text/plain", ""));
    let location = format!("location: {}/x", second.endpoint());
    let first = Liar::always(Lie::answer(302, "text/plain", "").with(&location));
    let error = posted(&first.endpoint()).await;
    assert!(error.message.contains("answers with status 302") && second.asked().is_empty(), "{error}");
    let error = posted(&Liar::always(Lie::Endless).endpoint()).await;
    assert!(error.message.contains("the reply has more than 1 MiB"), "{error}");
}

/// Replies of status 200 that lack everything: in JSON, in XML, and no body at all.
const HOLLOW: [(&str, &str); 4] =
    [("application/x-amz-json-1.1", "{}"), ("application/json", "{}"), ("text/xml", "<Reply/>"), ("text/xml", "")];
/// What is found in a list: one that is left out reads as one that is empty, and no API reference says that AWS never does so.
const LISTED: [&str; 8] = [
    "apigateway_api_key",
    "apigateway_rest_api",
    "apigateway_stage",
    "apigateway_usage_plan",
    "athena_named_query",
    "lambda_event_source_mapping",
    "logs_group",
    "logs_stream",
];

#[tokio::test]
async fn a_reply_that_lacks_everything_is_neither_a_resource_nor_a_missing_one() {
    let mut believed = Vec::new();
    for (of, body) in HOLLOW {
        let liar = Liar::after_identity(Lie::answer(200, of, body));
        let aws = Arc::new(Aws::emulated(&liar.endpoint(), "777700000001", "us-east-1"));
        let registry = kinds::registry(&aws);
        for kind in registry.iter() {
            let examples: serde_json::Value = toml::from_str(kind.examples()).unwrap();
            let key = kind.key(&examples["first"]).unwrap();
            match kind.read(&key, None).await {
                Ok(None) if LISTED.contains(&kind.name()) => {}
                Ok(found) => believed.push(format!("{} from {of} `{body}`: {found:?}", kind.name())),
                Err(error) => assert_eq!(error.class, Class::Unreadable, "{}: {error}", kind.name()),
            }
        }
    }
    assert!(believed.is_empty(), "{}", believed.join("\n"));
}
