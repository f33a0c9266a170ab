//! Every AWS operation that the source names, and the test that sends it past the witness.

use std::collections::BTreeSet;
use std::fs;

use crate::support::witness::operations::{self, Calls, FILE, Operations, UPDATE};
use crate::support::witness::recording::proves;

#[test]
fn every_operation_of_the_source_is_sent() {
    let calls = operations::source();
    assert!(calls.unclear.is_empty(), "let the file name the client's crate:\n{}", calls.unclear.join("\n"));
    let list = operations::list();
    println!("{} operations; each with the day of its line and the test that sends it:", calls.named.len());
    for (operation, line) in &list {
        println!("{operation:<45} {}  {}", line.date, line.test);
    }
    let unsent = calls.named.iter().filter(|(operation, _)| !list.contains_key(*operation));
    let unsent: Vec<_> = unsent.map(|(operation, files)| format!("{operation}, of {files:?}")).collect();
    assert!(
        unsent.is_empty(),
        "no test is known to send these. Let the examples of their resource type differ in what they change, or add \
         them to tests/it/sending.rs or to a test that is recorded; then `{UPDATE}` writes {FILE}:\n{}",
        unsent.join("\n")
    );
    let gone: BTreeSet<_> = list.keys().filter(|operation| !calls.named.contains_key(*operation)).collect();
    assert!(gone.is_empty(), "the source names these no more; `{UPDATE}` takes them out of {FILE}: {gone:?}");
}

#[test]
fn every_test_of_the_list_says_what_it_sent() {
    for test in operations::list().into_values().map(|line| line.test).collect::<BTreeSet<_>>() {
        let (_, name) = test.rsplit_once("::").unwrap();
        let code = fs::read_to_string(operations::file_of(&test)).unwrap();
        let close = |text: &str| text.split_whitespace().collect::<String>();
        let recorded = format!("async fn {name}() {{ let _sends = Recording::of(\"{test}\");");
        assert!(close(&code).contains(&close(&recorded)), "{test} is to begin with {recorded}");
    }
}

#[test]
fn no_operation_is_listed_for_a_test_whose_file_calls_it_itself() {
    let of_its_own = |(operation, test): &(String, String)| operations::called_by(test).contains(operation);
    let lines = operations::list().into_iter().map(|(operation, line)| (operation, line.test));
    assert_eq!(lines.filter(of_its_own).collect::<Vec<_>>(), []);
}

#[test]
fn a_test_that_no_longer_sends_what_the_list_says_of_it_fails() {
    let test = "conformance::kinds_conform_on_ministack";
    let mut sent: BTreeSet<String> =
        operations::list().into_iter().filter(|(_, line)| line.test == test).map(|(operation, _)| operation).collect();
    sent.insert("kinesis MadeUp".to_owned());
    assert_eq!(proves(test, &sent), Ok(()));
    sent.remove("kinesis CreateStream");
    let failure = proves(test, &sent).unwrap_err();
    assert!(failure.ends_with(":\nkinesis CreateStream") && failure.contains(UPDATE), "{failure}");
}

/// What a file of that text calls.
fn calls(code: &str) -> (Vec<String>, Vec<String>) {
    let names = |service: &str, names: &[&str]| -> Vec<(String, String, String)> {
        names.iter().map(|name| (name.to_lowercase(), service.to_owned(), (*name).to_owned())).collect()
    };
    let all = [
        names("kinesis", &["CreateStream", "TagResource"]),
        names("s3", &["GetBucketPolicy", "ListObjectsV2"]),
        names("logs", &["TagResource"]),
        names("dynamodb", &["Query"]),
    ];
    let mut operations = Operations::new();
    for (key, service, name) in all.concat() {
        operations.entry(key).or_default().insert(service, name);
    }
    let mut calls = Calls::default();
    operations::read("a.rs", code, &operations, &mut calls);
    (calls.named.into_keys().collect(), calls.unclear)
}

#[test]
fn a_call_is_seen_however_it_is_written() {
    let seen = |code: &str| calls(code).0;
    assert_eq!(seen("client.create_stream().send()"), ["kinesis CreateStream"]);
    assert_eq!(seen("client\n        .create_stream()\n        .send()"), ["kinesis CreateStream"]);
    assert_eq!(seen("about!(bucket, get_bucket_policy).send()"), ["s3 GetBucketPolicy"]);
    assert_eq!(seen("named! {\n    Bucket, list_objects_v2;\n}"), ["s3 ListObjectsV2"]);
    assert_eq!(seen("failed(\"s3 GetBucketPolicy\")"), ["s3 GetBucketPolicy"]);
    assert_eq!(seen("create_stream(&client, want)"), [""; 0], "a function of our own");
    assert_eq!(seen("request.uri().query()"), [""; 0], "a word that others have, too");
    assert_eq!(seen("aws_sdk_dynamodb::Client; client.query()"), ["dynamodb Query"]);
    let (seen, unclear) = calls("client.tag_resource()");
    assert_eq!((seen.len(), &*unclear), (0, &["a.rs: tag_resource, of kinesis or logs".to_owned()][..]));
    assert_eq!(calls("use aws_sdk_cloudwatchlogs::Client; client.tag_resource()").0, ["logs TagResource"]);
    assert_eq!(calls("aws.client(retry::kinesis); client.tag_resource()").0, ["kinesis TagResource"]);
}
