//! The same of functions, and what they read, use and are called by.

use pipectl::spec::diagnostic::Severity;

use super::{GOOD, findings, refused, with};

#[test]
fn tables_that_dynamodb_refuses_are_refused() {
    let index = |body: &str| format!("global_indexes = {{ by-time = {{ {body} }} }}");
    let keyed = |rest: &str| index(&format!("partition_key = {{ name = \"user\" }}{rest}"));
    let table = |line: &str, expected| refused("table.sessions", line, expected);
    table(&index("partition_key = { name = \"at\" }"), "another type here than in `sort_key`");
    table(&keyed(", include = [\"page\"]"), "`include` goes with");
    table(&keyed(", projection = \"include\""), "`include` goes with");
    table(&keyed(", capacity = { read = 1, write = 1 }"), "the table is on demand");
    table(&keyed("").replace("by-time", "by"), "cannot be called `by`");
    table("sort_key = { name = \"id\" }", "another attribute than the partition key");
    table("ttl = \"id\"", "holds no number");
    table("recovery_days = 36", "35");
    table("capacity = { read = 0, write = 1 }", "1");
    let local = with("table.sessions", "local_indexes = { by-length = { sort_key = { name = \"length\" } } }");
    assert_eq!(findings(&local, Severity::Error), Vec::<String>::new());
    let unsorted = local.replace("sort_key = { name = \"at\", type = \"number\" }\n", "");
    assert!(findings(&unsorted, Severity::Error)[0].contains("has no local indexes"));
}

#[test]
fn functions_that_lambda_refuses_are_refused() {
    let function = |line: &str, expected| refused("function.process", line, expected);
    function("timeout_seconds = 5401", "5400");
    function("memory_mb = 127", "128");
    function("runtime = \"Python 3\"", "malformed");
    function("log_retention_days = 31", "30 is nearest");
    function("environment = { AWS_REGION = \"x\" }", "is set by Lambda itself");
    function("environment = { \"1A\" = \"x\" }", "cannot be called `1A`");
    function(&format!("environment = {{ LONG = \"{}\" }}", "x".repeat(4096)), "Lambda takes 4096");
    function("environment = { TABLE = \"${table.session.name}\" }", "unknown variable `table.session.name`");
    function("source = { from = \"secret.alerts\", retries = 3 }", "not a `secret`");
    let endless = findings(&with("function.process", "source = { from = \"stream.clicks\" }"), Severity::Warning);
    assert!(endless[0].contains("one bad record stops this shard of `stream.clicks`"), "{endless:#?}");
}

#[test]
fn a_function_uses_what_there_is_and_for_what_it_is() {
    let uses = |used: &str, expected| refused("function.process", &format!("uses = [\"{used}\"]"), expected);
    uses("table.session:write", "this spec has no `table.session`");
    uses("topic.alerts:read", "`read` says nothing of a topic");
    uses("bucket.events:publish", "`publish` says nothing of a bucket");
    uses("bucket.event/clicks/:read", "this spec has no `bucket.event`");
    uses("bucket.events/*/:read", "`*` has a meaning of its own");
    uses("bucket.events/clicks:read", "without `/` at its end");
    uses("bucket.events/日本/:read", "`日` cannot stand in this prefix");
    uses("bucket.events/:read", "malformed");
    uses("table.sessions/a:read", "a table has no prefix `a`: only a bucket is used in part");
    uses("queue.orders:write", "`write` says nothing of a queue");
    uses("queue.order:send", "this spec has no `queue.order`");
    uses("secret.weather:read", "this spec has no `secret.weather`");
    uses("table.sessions", "malformed");
    uses("table.sessions:delete", "malformed");
}

#[test]
fn secrets_that_secrets_manager_refuses_are_refused() {
    let secret = |line: &str, expected: &str| {
        let found = findings(&format!("{GOOD}\n[secret.weather]\n{line}\n"), Severity::Error);
        assert!(found.len() == 1 && found[0].contains(expected), "{line}: {found:#?}");
    };
    secret("recovery_days = 6", "for 7 to 30 days");
    secret("recovery_days = 31", "30");
    secret("variable = \"NOT A NAME\"", "malformed");
    secret("variable = \"KEY\"\ngenerate = {}", "the value comes from a variable, or Secrets Manager makes it up");
    secret("generate = { length = 7 }", "8");
    secret("name = \"a key\"", "which holds ` `");
    secret("value = \"swordfish\"", "value");
    let good = format!("{GOOD}\n[secret.weather]\nrecovery_days = 0\n[secret.salt]\ngenerate = {{}}\n");
    assert_eq!(findings(&good, Severity::Error), Vec::<String>::new());
}

#[test]
fn keys_of_apis_are_for_routes_that_there_are() {
    let api = |line: &str, expected| refused("api.events", line, expected);
    api("key = { routes = [\"POST /event\"] }", "this API has no route `POST /event`");
    api("key = { quota = { limit = 0 } }", "2147483647");
    api("key = { quota = { limit = 1, per = \"hour\" } }", "not \"hour\"");
    api("key = { quota = { limit = 5, offset = 5 } }", "nothing is left of the first quota");
    let good = with("api.events", "key = { routes = [\"POST /events\"], quota = { limit = 1, per = \"month\" } }");
    assert_eq!(findings(&good, Severity::Error), Vec::<String>::new());
}

#[test]
fn queues_that_sqs_refuses_are_refused() {
    let queue = |line: &str, expected| refused("queue.orders", line, expected);
    queue("visibility_timeout_seconds = 43201", "43200");
    queue("visibility_timeout_seconds = 59", "`function.ship` takes up to 60 s, and sees a message again after 59 s");
    queue("retention_seconds = 59", "60");
    queue("delay_seconds = 901", "900");
    queue("receive_wait_seconds = 21", "20");
    queue("max_message_kib = 1025", "1024");
    queue("kms_reuse_seconds = 59", "60");
    queue("name = \"orders.fifo\"", "only the name of a FIFO queue ends in `.fifo`");
    queue("name = \"or.ders\"", "there is no other `.`");
    queue(&format!("name = \"{}\"", "a".repeat(81)), "which has 81 characters");
    let fifo = findings(&with("queue.orders", "fifo = true"), Severity::Error);
    assert!(fifo[0].contains("the dead letters of a FIFO queue go to a FIFO queue"), "{fifo:#?}");
    queue("high_throughput = true", "is for FIFO queues");
    queue("dead_letters = \"topic.alerts\"", "not a `topic`");
    refused("queue.failed", "max_receives = 5", "nothing says where messages go");
    let own = findings(&with("queue.orders", "dead_letters = \"queue.orders\""), Severity::Error);
    assert!(own[0].contains("not the queue of its own dead letters"), "{own:#?}");
    let short = findings(&with("queue.failed", "retention_seconds = 345600"), Severity::Warning);
    assert!(short[0].contains("`queue.failed` keeps messages no longer than this queue"), "{short:#?}");
    let endless = findings(&GOOD.replace("dead_letters = \"queue.failed\"\n", ""), Severity::Warning);
    assert!(endless[0].contains("comes back until it expires"), "{endless:#?}");
}

#[test]
fn an_alarm_at_the_first_failure_is_no_alarm_that_fires_all_the_time() {
    let alarm = "\n[alarm.failures]\nwatches = \"queue.QUEUE\"\nnotifies = [\"topic.alerts\"]\n\
        metric = \"ApproximateNumberOfMessagesVisible\"\ncomparison = \">\"\nthreshold = 0\n\
        [queue.given-up]\n[queue.busy]\n[stream.more]\nshards = 1\n[function.reads]\ncode = \"functions/process\"\n\
        runtime = \"python3.13\"\nhandler = \"app.handler\"\n\
        source = { from = \"stream.more\", retries = 3, failures_to = \"queue.given-up\" }\n";
    let fires = |queue: &str| {
        let warnings = findings(&format!("{GOOD}{}", alarm.replace("QUEUE", queue)), Severity::Warning);
        warnings.iter().any(|warning| warning.contains("so this fires all the time"))
    };
    assert_eq!([fires("given-up"), fires("busy")], [false, true]);
}

#[test]
fn schedules_that_eventbridge_refuses_are_refused() {
    let schedule = |line: &str, expected| refused("schedule.report", line, expected);
    schedule("expression = \"rate(1 minutes)\"", "`rate(1 minute)`");
    schedule("expression = \"cron(0 8 * * * *)\"", "one is `?`");
    schedule("expression = \"hourly\"", "neither `rate(…)` nor `cron(…)`");
    schedule("calls = \"table.sessions\"", "not a `table`");
    schedule("calls = \"function.proces\"", "`function.proces`");
    schedule("name = \"every hour\"", "which holds ` `");
    schedule(&format!("name = \"{}\"", "a".repeat(65)), "which has 65 characters");
    schedule(&format!("input = {{ text = \"{}\" }}", "x".repeat(8192)), "EventBridge passes on 8192");
}

#[test]
fn what_lambda_takes_of_streams_it_refuses_of_queues_and_the_other_way_round() {
    let reads = |line: &str, expected| {
        refused("function.ship", &format!("source = {{ from = \"queue.orders\", {line} }}"), expected);
    };
    for line in ["retries = 1", "max_age_seconds = 60", "bisect_on_error = true", "starting_position = \"latest\""] {
        reads(line, "is for streams");
    }
    reads("batch_size = 11", "have to be waited for");
    reads("max_concurrency = 1", "2");
    let stream = |line: &str| format!("source = {{ from = \"stream.clicks\", retries = 3, {line} }}");
    refused("function.process", &stream("max_concurrency = 2"), "is for queues");
    let fifo = GOOD
        .replace("[queue.failed]\n", "[queue.failed]\nfifo = true\n")
        .replace("[queue.orders]\n", "[queue.orders]\nfifo = true\n");
    let fifo = |line: &str| {
        findings(&fifo.replace("from = \"queue.orders\"", &format!("from = \"queue.orders\", {line}")), Severity::Error)
    };
    assert!(fifo("window_seconds = 1")[0].contains("does not wait"), "{:#?}", fifo("window_seconds = 1"));
    assert!(fifo("batch_size = 11")[0].contains("10 messages at most"), "{:#?}", fifo("batch_size = 11"));
    let told = GOOD
        .replace("[queue.failed]\n", "[queue.failed]\nfifo = true\n")
        .replace("dead_letters = \"queue.failed\"\n", "");
    let told = findings(&told.replace("retries = 3", "retries = 3, failures_to = \"queue.failed\""), Severity::Error);
    assert!(told.len() == 1 && told[0].contains("tells no FIFO queue"), "{told:#?}");
}

#[test]
fn what_lambda_takes_of_streams_and_queues_it_refuses_of_buckets_and_the_other_way_round() {
    let told = |line: &str, expected| {
        let from = "source = { from = \"bucket.events\", prefix = \"ship/\"";
        refused("function.ship", &format!("{from}, {line} }}"), expected);
    };
    for line in ["batch_size = 5", "window_seconds = 1", "retries = 1", "enabled = false", "report_failures = true"] {
        told(line, "is for streams and queues");
    }
    told("failures_to = \"topic.alerts\"", "`failures_to` is for streams and queues");
    let other = |line: &str, expected| refused("function.ship", &format!("source = {{ {line} }}"), expected);
    other("from = \"queue.orders\", prefix = \"a/\"", "`prefix` is for buckets");
    other("from = \"queue.orders\", suffix = \".gz\"", "`suffix` is for buckets");
    other("from = \"bucket.events\", prefix = \"a*/\"", "`*` has a meaning of its own");
    let external = GOOD.replace("from = \"queue.orders\"", "from = \"bucket.theirs\"");
    let external =
        findings(&format!("{external}\n[bucket.theirs]\nexternal = \"arn:aws:s3:::acme-theirs\"\n"), Severity::Error);
    assert!(external.len() == 1 && external[0].contains("its owner says whom it tells"), "{external:#?}");
}

#[test]
fn logs_go_to_a_bucket_that_s3_can_write_them_to() {
    let with_logs = |log: &str, logs: &str| {
        let text = with("bucket.events", &format!("access_log = {{ bucket = \"{log}\", prefix = \"events/\" }}"));
        findings(&format!("{text}\n[bucket.logs]\n{logs}\n"), Severity::Error)
    };
    let fault = |log: &str, logs: &str, expected: &str| {
        let errors = with_logs(log, logs);
        assert!(errors.len() == 1 && errors[0].contains(expected), "{logs}\n{errors:#?}");
    };
    assert_eq!(with_logs("bucket.logs", ""), [""; 0]);
    fault("bucket.events", "", "never ends");
    fault("bucket.logs", "kms_key = \"alias/logs\"", "encrypted with a key (alias/logs)");
    fault("bucket.logs", "policy = \"\"", "does not let S3 write the log");
    let allows =
        r#"policy = '{ "Statement": { "Effect": "Allow", "Principal": { "Service": "logging.s3.amazonaws.com" } } }'"#;
    assert_eq!(with_logs("bucket.logs", allows), [""; 0]);
    let back = with_logs("bucket.logs", "access_log = { bucket = \"bucket.events\" }");
    assert!(back.len() == 2 && back.iter().all(|error| error.contains("logged here again")), "{back:#?}");
    let theirs = GOOD.replace("expire_days = 30\n", "access_log = { bucket = \"bucket.theirs\" }\n");
    let theirs = format!("{theirs}\n[bucket.theirs]\nexternal = \"arn:aws:s3:::acme-theirs\"\n");
    assert_eq!(findings(&theirs, Severity::Error), [""; 0]);
    let key = "kms_key = \"arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000000\"\n";
    let keyed = findings(&format!("{theirs}{key}"), Severity::Error);
    assert!(keyed.len() == 1 && keyed[0].contains("encrypted with a key"), "{keyed:#?}");
}

#[test]
fn s3_tells_one_destination_of_an_object() {
    let function = |name: &str, source: &str| {
        format!(
            "\n[function.{name}]\ncode = \"functions/process\"\nruntime = \"python3.13\"\nhandler = \"app.handler\"\n\
             source = {{ from = \"bucket.images\", {source} }}\n"
        )
    };
    let snowpipe = "\n[bucket.images]\n[snowpipe.images]\nbucket = \"bucket.images\"\nprefix = \"rows/\"\n\
        table = \"ANALYTICS.RAW.IMAGES\"\naccess = \"external\"\n\
        queue_arn = \"arn:aws:sqs:eu-west-1:111122223333:sf-snowpipe-x\"\n";
    let errors = |more: &[String]| findings(&format!("{GOOD}{snowpipe}{}", more.concat()), Severity::Error);
    let [a, b] =
        ["prefix = \"in/\"", "prefix = \"in/raw/\""].map(|source| ["a", "b"].map(|name| function(name, source)));
    assert_eq!(errors(&a[..1]), [""; 0]);
    let both = errors(&[a[0].clone(), b[1].clone()]);
    assert!(both.len() == 1 && both[0].contains("overlaps with `in/`, the prefix of `function.a`"), "{both:#?}");
    let loaded = errors(&[function("a", "prefix = \"rows/today/\"")]);
    assert!(loaded.len() == 1 && loaded[0].contains("`rows/`, the prefix of `snowpipe.images`"), "{loaded:#?}");
    let ends = ["suffix = \".gz\", prefix = \"in/\"", "suffix = \".json\", prefix = \"in/\""];
    assert_eq!(errors(&[function("a", ends[0]), function("b", ends[1])]), [""; 0]);
}

#[test]
fn a_function_that_is_told_of_what_it_writes_itself_is_warned_of() {
    let told = |source: &str, uses: &str| {
        let more = format!(
            "\n[function.again]\ncode = \"functions/process\"\nruntime = \"python3.13\"\nhandler = \"app.handler\"\n\
             source = {{ from = \"bucket.events\", {source} }}\nuses = [{uses}]\n"
        );
        let warnings = findings(&format!("{GOOD}{more}"), Severity::Warning);
        warnings.iter().any(|warning| warning.contains("called for what it writes itself"))
    };
    let query = "\"athena.sql:query\"]\n[athena.sql]\nresults = \"bucket.events\"\n#";
    assert!(told("prefix = \"athena/sql/\"", query) && !told("prefix = \"in/\"", query));
    // What the queue gets is read by a function that writes nothing to the stream.
    let [stream, queue] = ["\"stream.clicks:write\"", "\"queue.orders:send\""];
    assert!(told("suffix = \"\"", stream));
    assert!(!told("suffix = \"\"", queue) && !told("prefix = \"other/\"", stream));
    assert!(!told("suffix = \".gz\"", stream), "Firehose gives its objects no such ending");
    let [whole, part] = ["\"bucket.events:write\"", "\"bucket.events/out/:write\""];
    assert!(told("prefix = \"in/\"", whole) && told("prefix = \"out/a/\"", part));
    assert!(!told("prefix = \"in/\"", part) && !told("prefix = \"in/\"", "\"bucket.events:read\""));
}

#[test]
fn routes_that_api_gateway_refuses_are_refused() {
    let route = |line: &str, expected| refused("api.events", line, expected);
    let one = |route: &str| format!("routes = {{ \"{route}\" = \"function.process\" }}");
    route(&one("/events"), "`/events` is no route");
    route(&one("post /events"), "`post` is not a method");
    route(&one("POST events"), "does not begin with `/`");
    route(&one("POST /events/"), "has an empty part");
    route(&one("POST /{rest+}/events"), "nothing can come behind `{rest+}`");
    route(&one("POST /a b"), "`a b` cannot be a part of a path");
    route(&one("GET /ping"), "`/ping` is API Gateway's own");
    route("routes = { \"POST /events\" = \"function.proces\" }", "function.proces`");
    route("routes = { \"POST /events\" = \"table.sessions\" }", "not a `table`");
    route("routes = {}", "entr");
    let alike = "routes = { \"GET /e/{id}\" = \"function.process\", \"PUT /e/{event}\" = \"function.process\" }";
    route(alike, "`{event}` and `{id}` stand in the same place");
    let both =
        with("api.events", &one("OPTIONS /e")).replace("[api.events]", "[api.events]\ncors = { origin = \"*\" }");
    assert!(findings(&both, Severity::Error)[0].contains("API Gateway answers `OPTIONS` itself"));
    route("cors = { origin = \"shop.example\" }", "malformed");
    route("stage = \"a b\"", "malformed");
    route("timeout_ms = 30000", "29000");
}
