//! A queue with dead letters, the function that reads it, and a schedule that calls another, deployed on both emulators.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::e2e::life::is_destroyed;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};
use crate::support::proxy::Proxy;

/// How long a message may take to where it belongs: the emulator polls, and starts a Python.
const ARRIVES: Duration = Duration::from_mins(2);

/// The project, and what has to live as long: MiniStack refuses, as AWS does, who comes to a queue without TLS, and the
/// proxy says of every call that it came by it.
pub(crate) fn deployment(emulator: &'static Emulator) -> (Deployment, Proxy) {
    let (account, by_tls) = emulator.account().behind_proxy();
    (Deployment::of("tests/files/orders", account), by_tls)
}

#[tokio::test]
async fn orders_live_on_moto() {
    let (orders, _by_tls) = deployment(emulator::moto());
    // It forgets RedriveAllowPolicy, and with every other attribute that is set the policy.
    lives(&orders, &["queue.failed dead_letters_of", "queue.failed policy"]);
    is_destroyed(&orders).await;
}

#[tokio::test]
async fn orders_live_on_ministack_and_a_message_is_shipped_or_a_dead_letter() {
    let (orders, _by_tls) = deployment(emulator::ministack());
    lives(&orders, &[]);
    messages_are_shipped(&orders).await;
    is_destroyed(&orders).await;
}

/// Validated, planned and applied; a second plan is empty. `lost` is what the emulator forgets.
fn lives(orders: &Deployment, lost: &[&str]) {
    let valid = orders.run(&["validate"]).success();
    assert!(!valid.stderr.contains("warning"), "{valid}");
    orders.run(&["plan", "--detailed-exitcode"]).fails(2);
    orders.cli.run(&["apply", "plan.json"]).success();
    assert_eq!(orders.changes(), lost.iter().map(ToString::to_string).collect());
}

/// What is sent to the queue is shipped, but for what the function cannot deal with.
async fn messages_are_shipped(orders: &Deployment) {
    let sqs = orders.aws().client(aws_sdk_sqs::Client::new).await;
    let url = async |name: &str| {
        let reply = sqs.get_queue_url().queue_name(format!("acme-orders-dev-{name}")).send().await.unwrap();
        reply.queue_url.unwrap()
    };
    let received = async |name: &str| {
        let end = Instant::now() + ARRIVES;
        loop {
            let reply = sqs.receive_message().queue_url(url(name).await).visibility_timeout(0).send().await.unwrap();
            match reply.messages().first().and_then(|message| message.body()) {
                Some(body) => return body.to_owned(),
                None => assert!(Instant::now() < end, "nothing arrived in {name}"),
            }
            sleep(Duration::from_millis(250)).await;
        }
    };
    for body in ["one", "broken"] {
        sqs.send_message().queue_url(url("orders").await).message_body(body).send().await.unwrap();
    }
    assert_eq!(received("shipped").await, "shipped one");
    assert_eq!(received("failed").await, "broken");
    assert_eq!(received("reports").await, "of the minute", "the schedule calls its function");
    let status = orders.run(&["status"]);
    assert!(status.stdout.contains("1 dead letter"), "{status}");
}
