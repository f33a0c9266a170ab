//! What an estimate owes to every resource type.

use serde_json::json;

use super::*;
use crate::catalog::Type;
use crate::catalog::facets::Price;
use crate::model::address::Address;
use crate::spec::Traffic;
use crate::spec::expect::{Calls, Items, Messages, Requests};

/// Everything that could be asked for, of the block `block.any`.
fn everything() -> Expected {
    let block = || "block.any".to_owned();
    Expected {
        streams: [(block(), Traffic { records_per_second: 1.0, bytes: 100 })].into(),
        functions: [(block(), Calls { calls_per_second: 1.0, duration_ms: 10.0, log_bytes: 10 })].into(),
        tables: [(block(), Items { reads_per_second: 1.0, writes_per_second: 1.0, bytes: 10, stored_gb: 1.0 })].into(),
        apis: [(block(), Requests { requests_per_second: 1.0 })].into(),
        queues: [(block(), Messages { messages_per_second: 1.0 })].into(),
        topics: [(block(), Messages { messages_per_second: 1.0 })].into(),
        ..Expected::default()
    }
}

/// The estimate of one resource.
fn of(one: Type, attributes: &serde_json::Value, expected: &Expected) -> Estimate {
    let address = Address::block("block", "any");
    let inventory = Inventory::of([Resource { address: &address, kind: one.name(), attributes }]);
    Books { inventory, expected, tariff: Tariff::of("us-east-1", &expected.prices).unwrap() }.estimate("us-east-1")
}

#[test]
fn what_has_a_price_is_reckoned_and_what_has_none_is_named() {
    let everything = everything();
    for &one in Type::ALL {
        // Attributes that do not fit are named, whatever their type.
        assert_eq!(of(one, &json!({ "nothing": "fits" }), &everything).uncounted, ["block.any"], "{}", one.name());
        let estimate = of(one, &one.example(), &everything);
        // A delivery stream and a bucket cost what flows from a stream, and here there is none.
        let alone = matches!(one, Type::DeliveryStream | Type::Bucket);
        match one.price() {
            Price::Reckoned => assert!(estimate.total > 0.0 || alone, "{}", one.name()),
            Price::Missing => assert_eq!(estimate.uncounted, ["block.any"], "{}", one.name()),
            Price::None(_) => assert!(estimate.total == 0.0 && estimate.is_whole(), "{}", one.name()),
        }
    }
}

#[test]
fn what_nobody_has_said_the_use_of_is_named_and_a_topic_alone_is_taken_for_quiet() {
    let silent = Expected::default();
    let named: Vec<&str> = Type::ALL
        .iter()
        .filter(|one| !of(**one, &one.example(), &silent).unknown_traffic.is_empty())
        .map(|one| one.name())
        .collect();
    assert_eq!(
        named,
        ["apigateway_rest_api", "dynamodb_table", "kinesis_stream", "lambda_function", "sqs_queue"],
        "and no other"
    );
}
