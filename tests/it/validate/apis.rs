//! The same of routes that answer without a function.

use pipectl::spec::diagnostic::Severity;

use super::{GOOD, findings, refused, with};

fn one(route: &str, to: &str) -> String {
    format!("routes = {{ \"{route}\" = {to} }}")
}

#[test]
fn what_a_route_cannot_put_is_refused() {
    let route = |to: &str, expected| refused("api.events", &one("POST /e/{user}", to), expected);
    route(
        "\"firehose.clicks\"",
        "`firehose.clicks` reads a stream, and AWS lets nobody put records on such a firehose",
    );
    route("{ to = \"queue.orders\", batch = true }", "a queue gets no batches from a route");
    route("{ to = \"function.process\", batch = true }", "a function gets no batches from a route");
    route("{ to = \"topic.alerts\", partition_key = \"random\" }", "a topic has no shards");
    route("{ to = \"stream.clicks\", partition_key = \"path:id\" }", "the path of this route has no `{id}`");
    route("{ to = \"stream.clicks\", partition_key = \"field:a.class\" }", "a field that is called `class`");
    route("{ to = \"stream.clicks\", partition_key = \"user\" }", "malformed");
    route("{ to = \"stream.clicks\", partition_key = \"field:a b\" }", "malformed");
    route("{ to = \"stream.click\" }", "stream.click");
    route("{ to = \"table.sessions\" }", "not a `table`");
    route("{ batch = true }", "the key `to` is missing");
    route("{ to = \"stream.clicks\", batches = true }", "unknown key `batches`");
    let without_body = |method: &str, expected| refused("api.events", &one(method, "\"stream.clicks\""), expected);
    without_body("GET /e", "`GET` has no body, and its body is what is put on `stream.clicks`");
    without_body("ANY /e", "`ANY` takes requests without a body too");
    refused("api.events", "role_name = \"puts\"", "no route of this API does");
    let named = format!("[api.events]\nrole_name = \"{}\"\n", "a".repeat(65));
    let text = with("api.events", &one("POST /e", "\"stream.clicks\"")).replace("[api.events]\n", &named);
    assert!(findings(&text, Severity::Error).iter().any(|error| error.contains("65 characters")));
}

#[test]
fn a_fifo_queue_gets_nothing_from_a_route() {
    let fifo = GOOD
        .replace("[queue.failed]\n", "[queue.failed]\nfifo = true\n")
        .replace("[queue.orders]\n", "[queue.orders]\nfifo = true\n");
    let start = fifo.find("[api.events]").unwrap();
    let routes = fifo[start..].find("routes = ").unwrap() + start;
    let end = fifo[routes..].find('\n').unwrap() + routes;
    let text = format!("{}{}{}", &fifo[..routes], one("POST /orders", "\"queue.orders\""), &fifo[end..]);
    let errors = findings(&text, Severity::Error);
    assert!(errors.iter().any(|error| error.contains("is a FIFO queue, whose messages have groups")), "{errors:#?}");
}

#[test]
fn what_a_route_can_put_is_taken() {
    for to in [
        "\"stream.clicks\"",
        "{ to = \"stream.clicks\", batch = true, partition_key = \"header:X-User\" }",
        "{ to = \"stream.clicks\", partition_key = \"path:user\" }",
        "{ to = \"stream.clicks\", partition_key = \"field:user.id\" }",
        "{ to = \"firehose.theirs\", batch = true }",
        "\"topic.alerts\"",
        "\"queue.orders\"",
        "{ to = \"function.process\" }",
    ] {
        let theirs =
            "\n[firehose.theirs]\nexternal = \"arn:aws:firehose:eu-west-1:123456789012:deliverystream/theirs\"\n";
        let text = with("api.events", &one("POST /e/{user}", to)) + theirs;
        assert_eq!(findings(&text, Severity::Error), Vec::<String>::new(), "{to}");
    }
}

#[test]
fn one_tells_whether_a_caller_may_call() {
    let told = |line: &str, expected| refused("api.events", &format!("authorizer = {{ {line} }}"), expected);
    let one = "one of `iam`, `function` and `user_pools` tells whether a caller may call";
    told("cache_seconds = 0", one);
    told("iam = true, function = \"function.process\"", one);
    told("iam = true, scopes = [\"a\"]", "only the tokens of user pools have scopes");
    told("function = \"function.process\", identity = [\"query:token\"]", "a token is in one header");
    told("function = \"function.process\", gets = \"request\", identity = []", "nothing is named");
    told("function = \"function.process\", cache_seconds = 3601", "3600");
    told("function = \"function.process\", gets = \"request\", identity = [\"cookie:a\"]", "malformed");
    told("function = \"queue.orders\"", "not a `queue`");
    told("user_pools = [\"pool\"]", "malformed");
    told("iam = true, except = [\"GET /event\"]", "this API has no route `GET /event`");
    for line in ["iam = true", "function = \"function.process\", except = [\"POST /events\"]"] {
        let text = with("api.events", &format!("authorizer = {{ {line} }}"));
        assert_eq!(findings(&text, Severity::Error), Vec::<String>::new(), "{line}");
    }
}
