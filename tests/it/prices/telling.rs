//! What the example tells of what has landed. The function has no more than its role.
//!
//! On the emulator as `pipectl sandbox` runs it: bare, MiniStack calls the function as well, which comes to the bucket without
//! TLS and is refused.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::time::sleep;

use super::{ARRIVES, example, put};
use crate::support::deployment::Deployment;
use crate::support::{emulator, sqs};

/// How long nothing more has to come, so that nothing more is believed to come.
const SILENCE: Duration = Duration::from_secs(3);

/// From the stream to the topic: Firehose writes an object, S3 tells the function of it, and that tells of what is high.
#[tokio::test]
async fn a_price_above_its_threshold_that_lands_is_told_on_the_topic() {
    let prices = example(emulator::stand_in().account()).apply();
    sqs::create_queue(&prices.account, "told").await;
    let topic = prices.run(&["output", "topic.thresholds.arn"]).success().stdout.trim().to_owned();
    let queue = topic.replace(":sns:", ":sqs:").replace("acme-prices-dev-thresholds", "told");
    let sns = prices.aws().client(aws_sdk_sns::Client::new).await;
    sns.subscribe().topic_arn(topic).protocol("sqs").endpoint(queue).send().await.unwrap();

    // What lies elsewhere is nobody's business.
    let s3 = prices.aws().client(aws_sdk_s3::Client::new).await;
    let bucket = prices.run(&["output", "bucket.landing.name"]).success().stdout.trim().to_owned();
    let tick = |symbol: &str, price: f64| json!({ "symbol": symbol, "type": "crypto", "price": price, "volume": 1, "at": "2026-11-30T21:47:00.000Z" });
    let body = tick("ETH-USD", 9_000.0).to_string().into_bytes();
    s3.put_object().bucket(&bucket).key("other/1").body(body.into()).send().await.unwrap();
    for (symbol, price) in [("BTC-USD", 97_000.5), ("ACME", 1e9), ("BTC-USD", 150_000.5)] {
        put(&prices, tick(symbol, price).to_string()).await;
    }
    let told = told(&prices).await;
    let [message] = told.as_slice() else { panic!("{told:#?}") };
    assert_eq!(message["Subject"], "BTC-USD is above 150000");
    let text: Value = serde_json::from_str(message["Message"].as_str().unwrap()).unwrap();
    assert_eq!((&text["symbol"], &text["price"]), (&json!("BTC-USD"), &json!(150_000.5)));
    assert!(text["source"].as_str().unwrap().starts_with(&format!("s3://{bucket}/ticks/2")), "{text}");
}

/// The messages in the queue, once there are some and no more have come for a while.
async fn told(prices: &Deployment) -> Vec<Value> {
    let client = prices.aws().client(aws_sdk_sqs::Client::new).await;
    let url = client.get_queue_url().queue_name("told").send().await.unwrap().queue_url.unwrap();
    let (mut told, mut last) = (Vec::new(), Instant::now());
    loop {
        let patience = if told.is_empty() { ARRIVES } else { SILENCE };
        if last.elapsed() > patience {
            return told;
        }
        let found = client.receive_message().queue_url(&url).max_number_of_messages(10).send().await.unwrap();
        for message in found.messages.unwrap_or_default() {
            told.push(serde_json::from_str(&message.body.unwrap()).unwrap());
            last = Instant::now();
        }
        sleep(Duration::from_millis(200)).await;
    }
}
