//! An API whose routes answer without a function. MiniStack makes the calls of SQS alone: what goes to other services it takes for
//! a function, and moto knows DynamoDB alone. The templates of those are pinned by `blueprint::api::tests`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::e2e::life::is_destroyed;
use crate::support::deployment::Deployment;
use crate::support::emulator;

#[tokio::test]
async fn what_is_posted_lies_in_the_queue_as_it_came_and_there_is_no_function() {
    let (account, _in_use) = emulator::open_account().await;
    let puts = Deployment::of("tests/files/puts", account);
    puts.run(&["validate"]).success();
    let plan = puts.run(&["plan"]);
    assert!(plan.stdout.contains("sqs:SendMessage"), "{plan}");
    puts.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
    assert_eq!(puts.changes(), BTreeSet::new(), "what is live is what was asked for, templates and all");
    let url = puts.run(&["output", "api.events.url"]).success().stdout.trim().to_owned();
    let id = url.split(['/', '.']).nth(2).unwrap().to_owned();
    // Past the proxy, which knows AWS's own APIs alone.
    let url = format!("{}/_aws/execute-api/{id}/dev", emulator::ministack().account().endpoint());
    let sent = puts.run(&["send", "--via", "api", "--url", &url, "--json", "--events", "5"]).success().json();
    assert_eq!((&sent["sent"], &sent["complete"]), (&json!(5), &json!(true)));
    let client = puts.aws().client(aws_sdk_sqs::Client::new).await;
    let queue = client.get_queue_url().queue_name("acme-puts-dev-orders").send().await.unwrap().queue_url.unwrap();
    // A message may be received again before all have come.
    let mut seen = BTreeSet::new();
    for _ in 0..10 {
        let messages = client.receive_message().queue_url(&queue).max_number_of_messages(10).send().await.unwrap();
        seen.extend(messages.messages.unwrap_or_default().into_iter().filter_map(|message| message.body));
    }
    assert_eq!(seen.len(), 5, "{seen:?}");
    for body in &seen {
        let event: Value = serde_json::from_str(body).unwrap();
        assert!(event.is_object(), "{body}");
    }
    is_destroyed(&puts).await;
}
