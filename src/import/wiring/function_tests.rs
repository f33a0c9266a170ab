//! The walk in a shop, whose functions write and read a stream.

use serde_json::{Value, json};

use super::tests::{Account, account, from, identity, keys, scope, walked};
use crate::model::discovery::{Bearer, Caller, EventSource, Function, Named, RestApi, UsagePlan};

/// A function that works as the role `<name>-role`, which may do this.
fn function(account: &mut Account, name: &str, statements: &[(&str, String)]) {
    let role = format!("{name}-role");
    let arn = scope().global_arn("iam", &format!("role/{role}"));
    account.functions.push(Function { name: name.to_owned(), role: arn, log_group: format!("/aws/lambda/{name}") });
    let statement =
        |(action, resource): &(&str, String)| json!({"Effect": "Allow", "Action": [action], "Resource": [resource]});
    let trust = json!({"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com"]}});
    let mut role = identity(Bearer::Role, &role, trust, Value::Null);
    role.statements = statements.iter().map(statement).collect();
    account.identities.push(role);
}

fn reads_from(account: &mut Account, function: &str, source: String) {
    let (id, function) = (format!("m-{function}"), function.to_owned());
    account.event_sources.push(EventSource { id, function, source, failures: Some(scope().arn("sns", "alerts")) });
}

/// A shop: an API's function writes the stream `clicks`; `count` reads it and keeps tables, and sends orders on to `bill`.
fn shop() -> Account {
    let mut account = account();
    let stream = scope().arn("kinesis", "stream/clicks");
    let orders = scope().arn("sqs", "orders");
    function(&mut account, "ingest", &[("kinesis:PutRecord", stream.clone())]);
    let page = scope().arn("dynamodb", "table/pages");
    function(&mut account, "count", &[("dynamodb:PutItem", page), ("sqs:SendMessage", orders.clone())]);
    let secret = scope().arn("secretsmanager", "secret:partner-??????");
    function(&mut account, "bill", &[("secretsmanager:GetSecretValue", secret)]);
    function(&mut account, "hello", &[]);
    function(&mut account, "elsewhere", &[("kinesis:PutRecord", scope().arn("kinesis", "stream/views"))]);
    reads_from(&mut account, "count", stream);
    reads_from(&mut account, "bill", orders);
    account.dead_letters = [("orders", scope().arn("sqs", "failed"))].into();
    let caller = |statement: &str, source: String| Caller { statement: statement.into(), source: Some(source) };
    let rule = scope().arn("events", "rule/nightly");
    let api = scope().arn("execute-api", "a1b2/live/*");
    account.callers = [("bill", vec![caller("schedule-nightly", rule)]), ("ingest", vec![caller("shop", api)])].into();
    let named = |id: &str, name: &str| Named { id: id.into(), name: name.into() };
    let functions = ["ingest", "hello"].map(|name| scope().arn("lambda", &format!("function:{name}")));
    let seen = RestApi { stages: ["live".into()].into(), functions: functions.into(), ..RestApi::default() };
    account.rest_apis = vec![(named("a1b2", "shop"), seen)];
    let plan = UsagePlan { plan: named("p", "shop"), apis: ["a1b2".into()].into(), keys: vec![named("k", "shop")] };
    let other =
        UsagePlan { plan: named("q", "theirs"), apis: ["c3d4".into()].into(), keys: vec![named("l", "theirs")] };
    account.usage_plans = vec![plan, other];
    account
}

#[tokio::test]
async fn functions_that_write_and_read_a_stream_are_taken_with_all_that_they_use_and_all_that_calls_them() {
    let wiring = walked(&shop(), &from(&["clicks"], &[], &[])).await.unwrap();
    assert_eq!(keys(&wiring, &["lambda_function"]), ["ingest", "count", "bill", "hello"]);
    assert_eq!(keys(&wiring, &["iam_role"])[2..], ["bill-role", "count-role", "hello-role", "ingest-role"]);
    let used = keys(&wiring, &["dynamodb_table", "sqs_queue", "secretsmanager_secret", "sns_topic"]);
    assert_eq!(used, ["alerts", "pages", "orders", "partner", "failed"]);
    let calling = ["events_rule", "apigateway_rest_api", "apigateway_stage", "apigateway_usage_plan"];
    assert_eq!(keys(&wiring, &calling), ["shop", "shop|live", "shop", "nightly"]);
    assert_eq!(keys(&wiring, &["apigateway_api_key"]), ["shop"]);
    assert_eq!(keys(&wiring, &["lambda_permission"]), ["ingest|shop", "bill|schedule-nightly"]);
}

#[tokio::test]
async fn of_a_stream_that_is_only_led_up_to_the_readers_are_left_and_named() {
    let wiring = walked(&shop(), &from(&[], &["archive"], &[])).await.unwrap();
    assert_eq!(keys(&wiring, &["lambda_function"]), ["ingest", "hello"]);
    let left = wiring.left_out.iter().find(|left| left.source == "the function count").unwrap();
    assert!(left.reason.contains("`--stream clicks` takes it along"), "{left:?}");
}

#[tokio::test]
async fn a_role_that_another_function_works_as_is_left_and_what_is_denied_is_named() {
    let mut account = shop();
    account.functions[4].role = account.functions[1].role.clone();
    account.denied = ["callers", "dead letters"].into();
    let wiring = walked(&account, &from(&["clicks"], &[], &[])).await.unwrap();
    let reason =
        |source: &str| wiring.left_out.iter().find(|left| left.source == source).map(|left| left.reason.as_str());
    assert_eq!(reason("the role count-role"), Some("the function elsewhere works as it too, and is not taken"));
    for source in ["who may call the function count", "the dead letters of the queue orders"] {
        assert!(reason(source).unwrap().contains("the call is denied"), "{:?}", wiring.left_out);
    }
}
