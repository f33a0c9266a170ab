//! What live resources suggest, and why some suggest nothing.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::engine::plan::Changes;
use crate::engine::refresh::LiveResources;
use crate::import::{Code, Found, Import, SpecHead};
use crate::model::kind::Live;
use crate::model::scope::Scope;
use crate::spec::blocks::Kind;

fn place() -> SpecHead {
    SpecHead { project: "acme".into(), env: "dev".into(), scope: Scope::new("123456789012", "eu-west-1") }
}

fn arn(service: &str, resource: &str) -> String {
    place().scope.arn(service, resource)
}

/// The code of every function here.
fn code() -> Code {
    Code { folders: [("sha".to_owned(), "functions/take".to_owned())].into(), everywhere: true }
}

fn import_with(live: &[(&str, &str, Value)], code: &Code) -> Import {
    let (mut world, mut found) = (LiveResources::default(), Vec::new());
    for (kind, key, attributes) in live {
        let attributes = attributes.clone().into();
        world.put(kind, key, Some(Live { attributes, outputs: Value::Null, unmodelled: Vec::new() }));
        found.push(Found { source: format!("{kind} {key}"), kind: (*kind).into(), key: (*key).into() });
    }
    Import::new(place(), found, Vec::new(), &world, code)
}

fn import(live: &[(&str, &str, Value)]) -> Import {
    import_with(live, &code())
}

/// Why a resource is left out, where nothing is taken: no plan has been made.
fn reason(import: Import, source: &str) -> String {
    let left = import.finish(&Changes(Vec::new())).left_out;
    left.into_iter().find(|left| left.source == source).map(|left| left.reason).unwrap()
}

/// A function that works as a role, and may do this.
fn function(name: &str, role: &str) -> (&'static str, String, Value) {
    let live = json!({
        "name": name, "description": "", "role_arn": format!("arn:aws:iam::123456789012:role/{role}"),
        "code": { "path": "", "sha256": "sha" }, "runtime": "python3.13", "handler": "app.handler", "memory_mb": 256,
        "timeout_seconds": 60, "environment": {}, "architecture": "x86_64", "tracing": true,
        "log_group": format!("/aws/lambda/{name}"), "reserved_concurrency": null, "tags": {},
    });
    ("lambda_function", name.to_owned(), live)
}

fn role(statements: &Value) -> Value {
    json!({ "policies": { "function": { "Statement": statements } }, "tags": {} })
}

/// A function `take`, its role, and more.
fn with_take(statements: &Value, more: Vec<(&'static str, String, Value)>) -> Import {
    let taken = [function("take", "take-function"), ("iam_role", "take-function".to_owned(), role(statements))];
    let all: Vec<_> = taken.into_iter().chain(more).collect();
    let all: Vec<(&str, &str, Value)> =
        all.iter().map(|(kind, key, live)| (*kind, key.as_str(), live.clone())).collect();
    import(&all)
}

fn stream(name: &str) -> (&'static str, String, Value) {
    let live = json!({ "name": name, "mode": "ON_DEMAND", "shards": null, "retention_hours": 24, "max_record_kib": 1024,
        "kms_key": "alias/aws/kinesis", "shard_metrics": [], "tags": {} });
    ("kinesis_stream", name.to_owned(), live)
}

fn mapping(source: &str) -> (&'static str, String, Value) {
    let live = json!({ "function": "take", "source_arn": source, "starting_position": "LATEST", "enabled": true,
        "batch_size": 100, "window_seconds": 0, "parallelization": 2, "bisect_on_error": true, "report_failures": false });
    ("lambda_event_source_mapping", format!("take|{source}"), live)
}

#[test]
fn a_function_says_what_its_role_lets_it_use_and_not_what_its_source_brings() {
    let (clicks, views) = (arn("kinesis", "stream/clicks"), arn("kinesis", "stream/views"));
    let statements = json!([
        { "Effect": "Allow", "Action": ["kinesis:GetRecords"], "Resource": [clicks] },
        { "Effect": "Allow", "Action": ["kinesis:PutRecord", "kinesis:PutRecords"], "Resource": [views] },
        { "Effect": "Deny", "Action": ["kinesis:GetRecords"], "Resource": [views] },
        { "Effect": "Allow", "Action": ["kinesis:*"], "Resource": ["*"] },
    ]);
    let text = with_take(&statements, vec![stream("clicks"), stream("views"), mapping(&clicks)]).text();
    assert!(text.contains("uses = [\"stream.views:write\"]"), "{text}");
    let source = "source = { from = \"stream.clicks\", parallelization = 2, starting_position = \"latest\" }";
    assert!(text.contains(source), "{text}");
    assert!(text.contains("code = \"functions/take\""), "{text}");
}

#[test]
fn a_filter_is_said_as_what_the_record_looks_like_and_what_asks_for_more_is_left() {
    let clicks = arn("kinesis", "stream/clicks");
    let with = |filters: Value| {
        let (kind, key, mut live) = mapping(&clicks);
        live["filters"] = filters;
        live["tumbling_window_seconds"] = json!(60);
        vec![stream("clicks"), (kind, key, live)]
    };
    let text = with_take(&json!([]), with(json!([{ "data": { "user": { "id": [null] } } }]))).text();
    assert!(text.contains("filter = [{ user = { id = [{ null = true }] } }]"), "{text}");
    assert!(text.contains("tumbling_window_seconds = 60"), "{text}");
    let more = with_take(&json!([]), with(json!([{ "data": { "a": [1] }, "partitionKey": ["k"] }])));
    let left = reason(more, &format!("lambda_event_source_mapping take|{clicks}"));
    assert!(left.starts_with("its filter asks for more"), "{left}");
}

#[test]
fn a_block_says_all_its_sources_and_what_is_not_taken_is_named() {
    let (clicks, views) = (arn("kinesis", "stream/clicks"), arn("kinesis", "stream/views"));
    let table = arn("dynamodb", "table/pages/stream/2026");
    let all = || vec![stream("clicks"), stream("views"), mapping(&clicks), mapping(&views), mapping(&table)];
    let of = |source: &str| reason(with_take(&json!([]), all()), &format!("lambda_event_source_mapping take|{source}"));
    assert!(of(&table).ends_with("is no stream, queue or table that is taken over"));
    let text = with_take(&json!([]), all()).text();
    let more = "sources = [{ from = \"stream.views\", parallelization = 2, starting_position = \"latest\" }]";
    assert!(text.contains("source = { from = \"stream.clicks\"") && text.contains(more), "{text}");
}

#[test]
fn a_function_without_its_code_or_a_role_of_its_own_is_left_with_all_that_is_its() {
    let (kind, key, live) = function("take", "shared");
    let other = function("other", "shared");
    let both =
        [(kind, key.as_str(), live.clone()), ("iam_role", "shared", role(&json!([]))), (other.0, "other", other.2)];
    let shared = reason(import(&both), "lambda_function take");
    assert_eq!(shared, "other, take work as the role `shared`, and a block has a role of its own");
    let mut alone = both[..2].to_vec();
    let nowhere = |source| reason(import_with(&both[..2], &Code { everywhere: true, ..Code::default() }), source);
    assert!(nowhere("lambda_function take").contains("no folder of the project comes to its package (sha)"));
    assert_eq!(nowhere("iam_role shared"), "it belongs to the function `take`, which is not taken over");
    alone.pop();
    assert!(
        reason(import(&alone), "lambda_function take").starts_with("the role `shared` that it works as is not among")
    );
}

fn rule(schedule: &str, targets: &Value) -> (&'static str, String, Value) {
    let live = json!({ "name": "acme-nightly", "description": "", "schedule": schedule, "enabled": true,
        "targets": targets, "tags": {} });
    ("events_rule", "acme-nightly".to_owned(), live)
}

fn permission(statement: &str, source: &str) -> (&'static str, String, Value) {
    let live = json!({ "function": "take", "statement_id": statement, "principal": "events.amazonaws.com",
        "source_arn": source, "api": null });
    ("lambda_permission", format!("take|{statement}"), live)
}

#[test]
fn a_schedule_is_called_as_its_permission_says() {
    let target = json!({ "function": { "arn": arn("lambda", "function:take"), "input": { "full": true } } });
    let permission = permission("schedule-night", &arn("events", "rule/acme-nightly"));
    let text = with_take(&json!([]), vec![rule("rate(1 day)", &target), permission]).text();
    let expected = "[schedule.night]\nname = \"acme-nightly\"\nexpression = \"rate(1 day)\"\ncalls = \"function.take\"\n\
                    input = { full = true }\n";
    assert!(text.contains(expected), "{text}");
}

#[test]
fn what_a_rule_calls_decides_whether_it_is_a_schedule() {
    let target = |name: &str| json!({ "arn": arn("lambda", &format!("function:{name}")), "input": null });
    for (schedule, targets, expected) in [
        (
            "",
            json!({ "function": target("take") }),
            "it fires on events, and pipectl has rules that fire at set times alone",
        ),
        (
            "rate(1 day)",
            json!({ "a": target("take"), "b": target("take") }),
            "it calls 2 targets, and a `schedule` calls one function",
        ),
        ("rate(1 day)", json!({ "a": target("gone") }), "which is no function that is taken over"),
    ] {
        let source = arn("events", "rule/acme-nightly");
        let live = || with_take(&json!([]), vec![rule(schedule, &targets), permission("mine", &source)]);
        assert!(reason(live(), "events_rule acme-nightly").ends_with(expected), "{schedule} {targets}");
        let of_it = "it is of the rule `acme-nightly`, which is not taken over";
        assert_eq!(reason(live(), "lambda_permission take|mine"), of_it);
    }
    let stray = with_take(&json!([]), vec![permission("s3", "arn:aws:s3:::b")]);
    let stray = reason(stray, "lambda_permission take|s3");
    assert!(stray.ends_with("for arn:aws:s3:::b, which no schedule and no API of the spec does"), "{stray}");
}

fn api(name: &str, function: &str) -> (&'static str, String, Value) {
    let answers = |key: bool| {
        json!({ "integration": "AWS_PROXY", "function_arn": arn("lambda", &format!("function:{function}")),
            "timeout_ms": 5000, "api_key": key, "headers": {} })
    };
    let asked = json!({ "integration": "MOCK", "headers": { "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Headers": "Content-Type,X-Trace,X-Api-Key", "Access-Control-Max-Age": "600" } });
    let methods = json!({ "GET /a": answers(false), "POST /a": answers(true), "OPTIONS /a": asked });
    ("apigateway_rest_api", name.to_owned(), json!({ "name": name, "description": "", "methods": methods, "tags": {} }))
}

fn stage(api: &str, name: &str) -> (&'static str, String, Value) {
    let live = json!({ "api": api, "name": name, "deployment": "d", "rate": 50, "burst": 100, "tracing": true,
        "detailed_metrics": false, "access_log": null, "tags": {} });
    ("apigateway_stage", format!("{api}|{name}"), live)
}

#[test]
fn an_api_says_its_routes_its_key_and_whom_it_tells_what() {
    let plan = json!({ "throttle": null, "quota": { "limit": 9, "period": "MONTH" }, "tags": {} });
    let plan = ("apigateway_usage_plan", "shop".to_owned(), plan);
    let all = || vec![api("shop", "take"), stage("shop", "v1"), stage("shop", "dev"), plan.clone()];
    let text = with_take(&json!([]), all()).text();
    for said in [
        "routes = { \"GET /a\" = \"function.take\", \"POST /a\" = \"function.take\" }",
        "key = { quota = { limit = 9, per = \"month\" }, routes = [\"POST /a\"] }",
        "timeout_ms = 5000",
        "cors = { headers = [\"Content-Type\", \"X-Trace\"], origin = \"*\" }",
        "throttle = { burst = 100, rate = 50 }",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    let other = reason(with_take(&json!([]), all()), "apigateway_stage shop|v1");
    assert_eq!(other, "`api.shop` has the stage `dev`, and a block has one");
}

/// An API that puts what comes on a stream, as pipectl makes it.
fn putting(key: &str, batch: bool) -> Vec<(&'static str, String, Value)> {
    let role = "arn:aws:iam::123456789012:role/shop-api";
    let wanted = crate::blueprint::service::Wanted {
        arn: &arn("kinesis", "stream/clicks"),
        batch,
        key: crate::spec::blocks::api::PartitionKey::of(key),
        role,
        origin: None,
    };
    let service = crate::blueprint::service::service(&wanted).unwrap();
    let methods =
        json!({ "POST /a": { "integration": "AWS", "service": service, "headers": {}, "timeout_ms": 29_000 } });
    let api = json!({ "name": "shop", "description": "", "methods": methods, "tags": {} });
    let role = json!({ "name": "shop-api", "policies": {}, "tags": {} });
    vec![
        ("apigateway_rest_api", "shop".to_owned(), api),
        ("iam_role", "shop-api".to_owned(), role),
        stage("shop", "dev"),
        stream("clicks"),
    ]
}

#[test]
fn a_route_without_a_function_says_on_what_it_puts_and_how() {
    let said = |key: &str, batch| with_take(&json!([]), putting(key, batch)).text();
    assert!(
        said("random", false).contains("routes = { \"POST /a\" = \"stream.clicks\" }"),
        "{}",
        said("random", false)
    );
    for key in ["header:X-User", "field:user.id"] {
        let text = said(key, true);
        assert!(text.contains("batch = true") && text.contains(&format!("partition_key = \"{key}\"")), "{text}");
    }
    let mut other = putting("random", false);
    other[0].2["methods"]["POST /a"]["service"]["templates"]["application/json"] = json!("$input.body");
    let left = reason(with_take(&json!([]), other), "apigateway_rest_api shop");
    assert_eq!(left, "`POST /a` asks arn:aws:apigateway:eu-west-1:kinesis:action/PutRecord, and not as pipectl would");
    let mut alone = putting("random", false);
    alone.remove(1);
    let left = reason(with_take(&json!([]), alone), "apigateway_rest_api shop");
    assert!(left.starts_with("the role `shop-api` as which it puts events is not among what is imported"), "{left}");
}

#[test]
fn an_api_says_who_tells_for_it_unless_nobody_could_say_it() {
    let with = |change: &dyn Fn(&mut Value)| {
        let mut live = api("shop", "take");
        change(&mut live.2);
        with_take(&json!([]), vec![live, stage("shop", "dev")])
    };
    let iam = with(&|api| api["methods"]["POST /a"]["authorization"] = json!("AWS_IAM")).text();
    assert!(iam.contains("authorizer = { except = [\"GET /a\"], iam = true }"), "{iam}");
    let custom = |api: &mut Value| {
        for route in ["GET /a", "POST /a"] {
            api["methods"][route]["authorization"] = json!("CUSTOM");
            api["methods"][route]["authorizer"] = json!("authorizer");
        }
        api["authorizers"] = json!({ "authorizer": {
            "type": "REQUEST", "function_arn": arn("lambda", "function:take"), "credentials": null, "user_pools": [],
            "identity_sources": ["method.request.querystring.who", "context.path"], "validation": null, "ttl_seconds": 60,
        } });
    };
    let text = with(&custom).text();
    for said in
        ["function = \"function.take\"", "gets = \"request\"", "\"query:who\", \"context:path\"", "cache_seconds = 60"]
    {
        assert!(text.contains(said), "{said}\n{text}");
    }
    let left = |change: &dyn Fn(&mut Value)| reason(with(change), "apigateway_rest_api shop");
    let roled = |api: &mut Value| {
        custom(api);
        api["authorizers"]["authorizer"]["credentials"] = json!("arn:aws:iam::123456789012:role/r");
    };
    assert_eq!(left(&roled), "its authorizer `authorizer` is not as a block would make it");
    let two = |api: &mut Value| {
        custom(api);
        api["methods"]["GET /a"]["authorization"] = json!("AWS_IAM");
    };
    assert!(left(&two).ends_with("are authorized in two ways, and a block has one"));
}

#[test]
fn an_api_that_others_answer_for_is_left_with_its_stage() {
    let live = || with_take(&json!([]), vec![api("shop", "gone"), stage("shop", "dev"), stage("else", "dev")]);
    assert!(reason(live(), "apigateway_rest_api shop").starts_with("`GET /a` is answered by arn:aws:lambda"));
    assert_eq!(reason(live(), "apigateway_stage shop|dev"), "it is of the API `shop`, which is not taken over");
    assert_eq!(reason(live(), "apigateway_stage else|dev"), "its API `else` is not among what is imported");
}

fn queue(name: &str, dead_letters: &Value) -> (&'static str, String, Value) {
    let fifo = name
        .strip_suffix(".fifo")
        .map(|_| json!({ "content_based_deduplication": true, "throughput_limit": "perQueue" }));
    let live = json!({ "name": name, "fifo": fifo, "visibility_timeout_seconds": 30, "retention_seconds": 345_600,
        "delay_seconds": 0, "receive_wait_seconds": 20, "max_message_bytes": 262_144, "kms_key": null,
        "kms_reuse_seconds": 300, "dead_letters": dead_letters, "policy": null, "tags": {} });
    ("sqs_queue", name.to_owned(), live)
}

#[test]
fn queues_name_each_other_and_a_fifo_queue_s_ending_goes_without_saying() {
    let to = json!({ "queue_arn": arn("sqs", "theirs.fifo"), "max_receives": 3 });
    let all = [queue("acme-dev-orders.fifo", &to), queue("theirs.fifo", &Value::Null)];
    let all = all.each_ref().map(|(kind, key, live)| (*kind, key.as_str(), live.clone()));
    let text = import(&all).text();
    assert!(text.contains("[queue.orders]\nfifo = true\ncontent_based_deduplication = true\n"), "{text}");
    assert!(text.contains("dead_letters = \"queue.theirs\"\nmax_receives = 3\n"), "{text}");
    assert!(text.contains("[queue.theirs]\nname = \"theirs.fifo\"\n"), "{text}");
}

#[test]
fn a_table_says_its_keys_and_no_more_of_an_index_than_has_to_be_said() {
    let key = |name: &str, kind: &str| json!({ "name": name, "type": kind });
    let index = json!({ "partition_key": key("customer", "S"), "sort_key": key("at", "N"), "capacity": null,
        "projection": { "type": "INCLUDE", "attributes": ["total"] } });
    let table = json!({ "name": "acme-dev-orders", "partition_key": key("id", "B"), "sort_key": null,
        "global_indexes": { "by.customer": index }, "local_indexes": {}, "capacity": null, "ttl_attribute": "until",
        "recovery_days": null, "kms_key": null, "deletion_protection": true, "stream_view": "NEW_AND_OLD_IMAGES",
        "tags": {} });
    let text = import(&[("dynamodb_table", "acme-dev-orders", table)]).text();
    for said in [
        "partition_key = { name = \"id\", type = \"binary\" }",
        "global_indexes = { \"by.customer\" = { partition_key = { name = \"customer\" }, include = [\"total\"], \
         projection = \"include\", sort_key = { name = \"at\", type = \"number\" } } }",
        "ttl = \"until\"\npoint_in_time_recovery = false\nstream = \"new-and-old-images\"\ndeletion_protection = true\n",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
}

#[test]
fn every_kind_of_block_has_its_turn() {
    let (once, all): (BTreeSet<_>, BTreeSet<_>) = (super::ORDER.into(), Kind::ALL.iter().copied().collect());
    assert_eq!(once, all);
}

#[test]
fn a_dashboard_that_shows_what_another_environment_has_is_left_and_one_of_what_is_taken_is_not() {
    let (kind, key, mut theirs) = stream("clicks");
    theirs["tags"] = json!({ "pipectl:project": "acme", "pipectl:env": "prod" });
    let widget = json!({ "properties": { "metrics": [["AWS/Kinesis", "IncomingRecords", "StreamName", "clicks"]] } });
    let dashboard = json!({ "name": "all", "body": { "widgets": [widget] } });
    let with =
        |stream: &Value| import(&[(kind, &key, stream.clone()), ("cloudwatch_dashboard", "all", dashboard.clone())]);
    let left = reason(with(&theirs), "cloudwatch_dashboard all");
    assert_eq!(left, "it shows `clicks`, which is pipectl's already");
    assert!(with(&stream("clicks").2).text().contains("[dashboard.all]"));
}
