//! The same of what a function reads: patterns, the streams of tables, topics, and several of them.

use pipectl::spec::diagnostic::Severity;

use super::{GOOD, findings, refused, with};

#[test]
fn patterns_that_lambda_refuses_are_refused_where_they_stand() {
    let filtered =
        |pattern: &str| format!("source = {{ from = \"stream.clicks\", retries = 3, filter = [{pattern}] }}");
    let good = "{ type = [\"purchase\", { prefix = \"re\" }], user = { id = [{ null = true }, { anything-but = [\"a\"] }] }, \
        amount = [{ numeric = [\">=\", 0, \"<\", 9.5] }], \"$or\" = [{ a = [{ exists = true }] }, { b = [true] }] }";
    assert_eq!(findings(&with("function.process", &filtered(good)), Severity::Error), [""; 0]);
    let pattern = |pattern: &str, expected| refused("function.process", &filtered(pattern), expected);
    pattern("{}", "asks for nothing");
    pattern("{ user = {} }", "asks for nothing");
    pattern("{ type = \"purchase\" }", "`type` needs a list");
    pattern("{ type = [] }", "this list matches nothing");
    pattern("{ type = [[\"a\"]] }", "holds values and operators");
    pattern("{ type = [{ wildcard = \"a*\" }] }", "Lambda knows no operator `wildcard`");
    pattern("{ type = [{ anything-but = { prefix = \"a\" } }] }", "`anything-but` takes a text");
    pattern("{ type = [{ prefix = \"a\", suffix = \"b\" }] }", "stands alone between its braces");
    pattern("{ amount = [{ numeric = [\"<\", 5, \">\", 1] }] }", "`numeric` does not compare");
    pattern("{ \"$or\" = [{ a = [1] }] }", "`$or` has two patterns or more");
    pattern(&format!("{{ type = [\"{}\"] }}", "x".repeat(4096)), "Lambda takes 4096 of a pattern");
    let line = filtered("{ a = [1] }, { b = \"x\" }");
    let text = with("function.process", &line);
    let found = findings(&text, Severity::Error);
    let column = line.find("\"x\"").unwrap() + 1;
    assert!(found[0].contains(&format!(":{column} ")), "{found:#?}");
    let six = ["{ a = [1] }"; 6].join(", ");
    let many = findings(&with("function.process", &filtered(&six)), Severity::Warning);
    assert!(many.len() == 1 && many[0].contains("Lambda takes 5 patterns"), "{many:#?}");
    let eleven = ["{ a = [1] }"; 11].join(", ");
    refused("function.process", &filtered(&eleven), "10");
    refused(
        "function.ship",
        "source = { from = \"queue.orders\", tumbling_window_seconds = 60 }",
        "`tumbling_window_seconds` is for streams",
    );
    refused(
        "function.ship",
        "source = { from = \"bucket.events\", prefix = \"x/\", filter = [{ a = [1] }] }",
        "is for streams and queues",
    );
}

#[test]
fn the_changes_of_a_table_come_by_its_stream_and_patterns_fit_its_records() {
    let good = GOOD.replace("[table.sessions]\n", "[table.sessions]\nstream = \"new-image\"\n");
    let ship = "source = { from = \"queue.orders\" }";
    let found = |source: &str, severity| {
        findings(
            &good.replace(ship, &format!("source = {{ from = \"table.sessions\", retries = 3{source} }}")),
            severity,
        )
    };
    let inserted = ", tumbling_window_seconds = 60, parallelization = 2, failures_to = \"queue.failed\", filter = \
        [{ eventName = [\"INSERT\"], dynamodb = { NewImage = { state = { S = [\"paid\"] }, n = { N = [\"5\"] } } } }]";
    assert_eq!(found(inserted, Severity::Error), [""; 0]);
    let fault = |source: &str, expected: &str| {
        let errors = found(source, Severity::Error);
        assert!(errors.len() == 1 && errors[0].contains(expected), "{source}\n{errors:#?}");
    };
    let image = |pattern: &str| format!(", filter = [{{ dynamodb = {{ NewImage = {{ {pattern} }} }} }}]");
    fault(", filter = [{ state = [\"paid\"] }]", "a record of a table's stream has no `state`");
    fault(", filter = [{ dynamodb = { Image = { a = { S = [\"b\"] } } } }]", "a change of an item has no `Image`");
    fault(", filter = [{ dynamodb = { OldImage = { a = { S = [\"b\"] } } } }]", "shows no `OldImage`");
    fault(&image("state = [\"paid\"]"), "says of which type the value");
    fault(&image("n = { N = [5] }"), "has numbers as texts");
    fault(&image("n = { N = [{ numeric = [\">\", 5] }] }"), "has numbers as texts");
    fault(", max_concurrency = 2", "is for queues");
    refused("function.ship", "source = { from = \"table.sessions\", retries = 3 }", "`table.sessions` has no stream");
    let external = "[table.theirs]\nexternal = \"arn:aws:dynamodb:eu-west-1:123456789012:table/theirs\"\n";
    let theirs = GOOD.replace(ship, "source = { from = \"table.theirs\", retries = 3 }");
    let theirs = findings(&format!("{theirs}{external}"), Severity::Error);
    assert!(theirs.len() == 1 && theirs[0].contains("is somebody else's"), "{theirs:#?}");
    let circle = good.replace("from = \"stream.clicks\", retries = 3", "from = \"table.sessions\", retries = 3");
    let circle = findings(&circle, Severity::Warning);
    assert!(circle.iter().any(|one| one.contains("what it writes itself into `table.sessions`")), "{circle:#?}");
}

#[test]
fn what_a_topic_passes_on_is_chosen_by_what_sns_takes() {
    let heard = |rest: &str, expected| {
        refused("function.ship", &format!("source = {{ from = \"topic.alerts\"{rest} }}"), expected);
    };
    let good = "source = { from = \"topic.alerts\", filter_on = \"body\", filter = [{ a = { b = [{ cidr = \"10.0.0.0/8\" }] } }] }";
    assert_eq!(findings(&with("function.ship", good), Severity::Error), [""; 0]);
    for line in
        ["batch_size = 5", "retries = 1", "enabled = false", "prefix = \"a/\"", "failures_to = \"queue.failed\""]
    {
        heard(&format!(", {line}"), "a topic has no `");
    }
    heard(", filter_on = \"body\"", "there is no `filter`");
    heard(", filter = [{ a = { b = [1] } }]", "the attribute `a` of a message holds nothing else");
    heard(", filter = [{ a = [{ wildcard = \"x*\" }] }]", "SNS knows no operator `wildcard`");
    heard(", filter = [{ a = [{ numeric = [\">\", 2000000000] }] }]", "beyond the numbers that are compared");
    heard(", filter = [{ a = [1], b = [1], c = [1] }, { d = [1], e = [1], f = [1] }]", "ask for 6 fields together");
    let many = format!("[{}]", vec!["1"; 13].join(", "));
    heard(&format!(", filter = [{{ a = {many}, b = {many} }}]"), "comes to 169 combinations");
    let on = "source = { from = \"stream.clicks\", retries = 3, filter = [{ a = [1] }], filter_on = \"body\" }";
    refused("function.process", on, "`filter_on` is for topics");
    let fifo = GOOD.replace("source = { from = \"queue.orders\" }", "source = { from = \"topic.theirs\" }");
    let fifo = format!("{fifo}[topic.theirs]\nexternal = \"arn:aws:sns:eu-west-1:123456789012:theirs.fifo\"\n");
    let fifo = findings(&fifo, Severity::Error);
    assert!(fifo.iter().any(|one| one.contains("is a FIFO topic")), "{fifo:#?}");
}

#[test]
fn a_function_has_several_sources_and_no_two_that_are_the_same() {
    let more = |sources: &str| format!("sources = [{sources}]");
    let good = more("{ from = \"topic.alerts\" }, { from = \"queue.orders\" }");
    assert_eq!(findings(&with("function.process", &good), Severity::Error), [""; 0]);
    let process = |sources: &str, expected| refused("function.process", &more(sources), expected);
    process("{ from = \"stream.clicks\", retries = 3 }", "`stream.clicks` is a source of this function already");
    process(
        "{ from = \"queue.orders\" }, { from = \"queue.orders\" }",
        "`queue.orders` is a source of this function already",
    );
    process("{ from = \"queue.orders\", retries = 3 }", "`retries` is for streams");
}

#[test]
fn a_topic_passes_on_to_what_sns_can_send_to() {
    let to = |line: &str, expected| refused("topic.alerts", &format!("subscribe = [{{ {line} }}]"), expected);
    let good = "subscribe = [{ to = \"queue.orders\", raw = true, dead_letters = \"queue.failed\", filter = [{ a = [1] }] }, \
        { url = \"https://example.com/a\" }]";
    assert_eq!(findings(&with("topic.alerts", good), Severity::Error), [""; 0]);
    to("raw = true", "one of them alone");
    to("to = \"queue.orders\", url = \"https://example.com/\"", "one of them alone");
    to("url = \"http://example.com/\"", "malformed");
    to("to = \"stream.clicks\"", "not a `stream`");
    to("to = \"queue.orders\" }, { to = \"queue.orders\"", "gets the messages of the topic already");
    to("to = \"queue.orders\", filter = [{ a = [] }]", "matches nothing");
    let queue = |line: &str| {
        let text = with("topic.alerts", "subscribe = [{ to = \"queue.more\" }]");
        findings(&format!("{text}[queue.more]\n{line}\n"), Severity::Error)
    };
    assert!(queue("fifo = true")[0].contains("gets messages of FIFO topics alone"), "{:#?}", queue("fifo = true"));
    let key = queue("kms_key = \"alias/aws/sqs\"");
    assert!(key.iter().any(|one| one.contains("AWS's own key encrypts it")), "{key:#?}");
}
