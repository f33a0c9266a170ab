//! What the example answers: the API with Athena behind it. The function has no more than its role.
//!
//! On the emulator as `pipectl sandbox` runs it: bare, MiniStack forgets the parameters of a query, and lets nobody look at a
//! query who has one workgroup.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use pipectl::aws::data::AwsData;
use pipectl::model::data::DataPlane as _;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use tokio::time::sleep;

use super::{ARRIVES, example, put};
use crate::support::api::{self, Asked};
use crate::support::deployment::Deployment;
use crate::support::emulator;

#[tokio::test]
async fn the_api_answers_who_has_the_key_with_what_athena_finds() {
    let prices = example(emulator::stand_in().open_account()).apply();
    assert_eq!(prices.beyond_gaps(prices.changes()), BTreeSet::new(), "the stand-in forgets nothing else of it");
    prices_are_there(&prices).await;
    let key = key(&prices).await;
    let get = |query: &str, key: &str| get(&prices, query, key);

    for wrong in ["", "x-api-key: made-up-made-up-made-up\r\n"] {
        assert_eq!(get("symbol=BTC-USD&day=2026-11-30", wrong), (403, json!({ "message": "Forbidden" })));
    }
    let all = [
        json!({ "symbol": "BTC-USD", "type": "crypto", "price": 97_001.0, "volume": 3, "at": "2026-11-30 21:47:03" }),
        json!({ "symbol": "BTC-USD", "type": "crypto", "price": 97_000.5, "volume": 12, "at": "2026-11-30 21:47:01" }),
    ];
    let expected = json!({ "symbol": "BTC-USD", "day": "2026-11-30", "limit": 100, "prices": all });
    assert_eq!(get("symbol=BTC-USD&day=2026-11-30", &key), (200, expected));
    let (status, newest) = get("symbol=BTC-USD&type=crypto&day=2026-11-30&limit=1", &key);
    assert_eq!((status, &newest["prices"]), (200, &json!([all[0]])));
    for none in ["symbol=BTC-USD&day=2026-11-29", "symbol=ACME&day=2026-11-30", "symbol=BTC-USD&type=fx&day=2026-11-30"]
    {
        let (status, answer) = get(none, &key);
        assert_eq!((status, &answer["prices"]), (200, &json!([])), "{none}");
    }
    for wrong in ["", "symbol=btc", "symbol=A%27%20OR%20%271%27=%271", "symbol=ACME&day=2026-02-30"] {
        let (status, answer) = get(wrong, &key);
        assert!(status == 400 && answer["error"].is_string(), "{wrong}: {status} {answer}");
    }

    // It has what its role has, and no more.
    let uses = "uses = [\"athena.lake:query\", \"dataset.prices:read\"]";
    prices.edit("envs/base.toml", uses, "uses = [\"dataset.prices:read\"]");
    prices.run(&["apply", "--auto-approve"]).success();
    let denied = get("symbol=BTC-USD&day=2026-11-30", &key);
    assert_eq!(denied, (502, json!({ "error": "the prices cannot be read" })));
}

/// The emulator runs no Spark: what Firehose has converted stands where the job writes.
async fn prices_are_there(prices: &Deployment) {
    let s3 = prices.aws().client(aws_sdk_s3::Client::new).await;
    let bucket = prices.run(&["output", "bucket.staging.name"]).success().stdout.trim().to_owned();
    for (price, volume) in [(97_000.5, 12), (97_001.0, 3)] {
        let at = format!("2026-11-30 21:47:{:02}", if volume == 12 { 1 } else { 3 });
        let tick = json!({ "symbol": "BTC-USD", "type": "crypto", "price": price, "volume": volume, "at": at });
        put(prices, tick.to_string()).await;
    }
    let end = Instant::now() + ARRIVES;
    let converted = loop {
        let found = s3.list_objects_v2().bucket(&bucket).prefix("ticks/").send().await.unwrap();
        if found.contents().len() == 2 {
            break found;
        }
        assert!(Instant::now() < end, "they did not arrive: {found:?}");
        sleep(Duration::from_millis(200)).await;
    };
    for (number, object) in converted.contents().iter().enumerate() {
        // As a job writes it that was begun twice: the same rows are in two objects.
        for run in ["first", "second"] {
            let key = format!("prices/type=crypto/year=2026/month=11/day=30/hour=21/{run}-{number}.parquet");
            let from = format!("{bucket}/{}", object.key().unwrap());
            s3.copy_object().bucket(&bucket).key(key).copy_source(from).send().await.unwrap();
        }
    }
}

/// The line of the head with the API's key.
async fn key(prices: &Deployment) -> String {
    let id = prices.run(&["output", "api.prices.key_id"]).success().stdout;
    let key = AwsData::new(&prices.aws()).api_key(id.trim()).await.unwrap();
    format!("x-api-key: {}\r\n", key.expose_secret())
}

/// Status and JSON of an answer of the API; none is what MiniStack makes up where it runs no query.
fn get(prices: &Deployment, query: &str, head: &str) -> (u16, Value) {
    let url = prices.run(&["output", "api.prices.url"]).success().stdout;
    let id = url.trim().split(['/', '.']).nth(2).unwrap();
    let path = format!("/prices?{query}");
    let (status, answer) = api::call(&prices.account, id, &Asked { method: "GET", path: &path, head, body: "" });
    assert!(!answer.contains("mock_value"), "{answer}");
    let (Some(from), Some(to)) = (answer.find('{'), answer.rfind('}')) else { panic!("{answer}") };
    (status, serde_json::from_str(&answer[from..=to]).unwrap_or_else(|error| panic!("{error}: {answer}")))
}
