//! A function that reads a stream and a table's stream and hears a topic, each through a filter, deployed on an emulator that
//! moves data.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_kinesis::primitives::Blob;

use crate::e2e::life::is_destroyed;
use crate::support::deployment::Deployment;
use crate::support::emulator;

/// How long what is sent may take to where it belongs: the emulator polls, and starts a Python.
const ARRIVES: Duration = Duration::from_mins(2);

/// Bare, MiniStack calls the function as well, which then comes to the queue without TLS.
#[tokio::test]
async fn a_function_gets_what_its_filters_let_through_of_a_stream_a_table_and_a_topic_in_the_sandbox() {
    let sources = Deployment::of("tests/files/sources", emulator::stand_in().account());
    sources.run(&["validate"]).success();
    sources.run(&["plan", "--detailed-exitcode"]).fails(2);
    sources.cli.run(&["apply", "plan.json"]).success();
    assert_eq!(sources.changes(), BTreeSet::new());
    send(&sources).await;
    let expected =
        ["queue {\"level\":3}", "stream {\"total\":101}", "stream {\"type\":\"purchase\"}", "table o-2", "topic fire"];
    assert_eq!(seen(&sources, expected.len()).await, expected);

    // Another view is another stream: the mapping is made anew in the same plan, and reads on.
    sources.edit("envs/dev.toml", "new-and-old-images", "new-image");
    let plan = sources.run(&["plan", "--detailed-exitcode"]).fails(2);
    assert!(plan.stdout.contains("function.collect/source:table.orders"), "{plan}");
    sources.cli.run(&["apply", "plan.json"]).success();
    assert_eq!(sources.changes(), BTreeSet::new());
    put(&sources, "o-3", "paid").await;
    assert_eq!(seen(&sources, 1).await, ["table o-3"]);

    is_destroyed(&sources).await;
}

/// Something that each filter lets through, and before it something that it does not.
async fn send(sources: &Deployment) {
    let aws = sources.aws();
    let kinesis = aws.client(aws_sdk_kinesis::Client::new).await;
    for data in ["{\"type\":\"view\"}", "no JSON", "{\"type\":\"purchase\"}", "{\"total\":100}", "{\"total\":101}"] {
        let put = kinesis.put_record().stream_name("acme-sources-dev-clicks").partition_key("k");
        put.data(Blob::new(data)).send().await.unwrap();
    }
    put(sources, "o-1", "open").await;
    put(sources, "o-2", "paid").await;
    let sns = aws.client(aws_sdk_sns::Client::new).await;
    let topic = sources.run(&["output", "topic.alerts.arn"]).success().stdout.trim().to_owned();
    let all = [("drizzle", "low"), ("fire", "high"), ("{\"level\":1}", "low"), ("{\"level\":3}", "low")];
    for (message, severity) in all {
        let value = aws_sdk_sns::types::MessageAttributeValue::builder().data_type("String").string_value(severity);
        let publish = sns.publish().topic_arn(&topic).message(message);
        publish.message_attributes("severity", value.build().unwrap()).send().await.unwrap();
    }
}

async fn put(sources: &Deployment, id: &str, state: &str) {
    let dynamodb = sources.aws().client(aws_sdk_dynamodb::Client::new).await;
    let put = dynamodb.put_item().table_name("acme-sources-dev-orders");
    let put = put.item("id", AttributeValue::S(id.to_owned())).item("state", AttributeValue::S(state.to_owned()));
    put.send().await.unwrap();
}

/// What the function has got, so many at least; sorted, for nothing says what it gets first.
async fn seen(sources: &Deployment, count: usize) -> Vec<String> {
    let sqs = sources.aws().client(aws_sdk_sqs::Client::new).await;
    let url = sqs.get_queue_url().queue_name("acme-sources-dev-seen").send().await.unwrap().queue_url.unwrap();
    let (mut all, end) = (Vec::new(), Instant::now() + ARRIVES);
    while all.len() < count {
        assert!(Instant::now() < end, "the function got no more than {all:?}");
        let received = sqs.receive_message().queue_url(&url).max_number_of_messages(10).wait_time_seconds(1);
        for message in received.send().await.unwrap().messages.unwrap_or_default() {
            let delete = sqs.delete_message().queue_url(&url).receipt_handle(message.receipt_handle.unwrap());
            delete.send().await.unwrap();
            all.extend(message.body);
        }
    }
    all.sort_unstable();
    all
}
