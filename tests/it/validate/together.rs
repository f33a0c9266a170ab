//! Every error at once: two that have nothing to do with each other are both told, and nothing that only follows from them.

use pipectl::spec::diagnostic::Severity;
use pipectl::spec::{Options, load_text};

use super::GOOD;

/// Faults by themselves: the table, the line that stands in it instead of the one with the same key, and what is said.
const FAULTS: &[(&str, &str, &str)] = &[
    ("project", "nam = \"x\"", "unknown key `nam`"),
    ("env", "region = \"eu west\"", "`env.region` is malformed"),
    ("env", "protect = \"yes\"", "`env.protect` must be true or false"),
    ("stream.clicks", "shards = 0", "must be between 1 and 10000"),
    ("stream.clicks", "retention_hour = 48", "unknown key `retention_hour`"),
    ("stream.clicks", "kms_key = \"not a key\"", "is not a KMS key"),
    ("bucket.events", "expire_days = \"soon\"", "must be an integer"),
    ("bucket.events", "name = \"${oops}\"", "unknown variable `oops`"),
    ("firehose.clicks", "buffering = { size_mib = \"5\" }", "must be an integer"),
    ("firehose.clicks", "prefix = \"events/!{timestamp:foobar}/\"", "is not a pattern that Firehose takes"),
    ("firehose.clicks", "time_zone = \"Europe/Berlinn\"", "there is no time zone"),
    ("firehose.clicks", "source = \"stream.click\"", "there is no block `stream.click`"),
    ("firehose.clicks", "log_retention_days = 31", "30 is nearest"),
    ("snowpipe.events", "table = \"A\"", "is not a table with its database"),
    ("topic.alerts", "emails = [\"not-an-email\"]", "is not a mail address"),
    ("table.sessions", "sort_key = { name = 5 }", "must be a string"),
    (
        "function.process",
        "environment = { TABLE = \"${table.sesions.name}\" }",
        "unknown variable `table.sesions.name`",
    ),
    ("function.process", "uses = [\"table.session:write\"]", "this spec has no `table.session`"),
    ("function.ship", "runtime = \"python3.99\"", "has no runtime"),
    ("function.ship", "timeout_seconds = true", "must be an integer"),
    ("queue.orders", "max_receives = 0", "must be between 1 and 1000"),
    ("queue.failed", "retention_seconds = \"long\"", "must be an integer"),
    ("api.events", "routes = { \"PST /events\" = \"function.process\" }", "is not a method"),
    ("api.events", "stage = \"a b\"", "is malformed"),
    ("schedule.report", "expression = \"hourly\"", "is neither `rate(…)` nor"),
    ("schedule.report", "calls = \"function.proces\"", "there is no block `function.proces`"),
    ("alarm.delivery", "metric = \"PutRecord.Success\"", "never emits `PutRecord.Success`"),
    ("alarm.delivery", "notifies = [\"topic.alrts\"]", "there is no block `topic.alrts`"),
    ("alarm.delivery", "period = 90", "is not a multiple of 60"),
    ("dashboard.all", "body = \"{\"", "JSON"),
];

/// The text with another line in a table, or one more.
fn with(text: &str, (table, line, _): (&str, &str, &str)) -> String {
    let key = line.split(' ').next().unwrap();
    let header = format!("[{table}]\n");
    let (before, rest) = text.split_once(&header).unwrap();
    let end = rest.find("\n[").map_or(rest.len(), |end| end + 1);
    let (body, after) = rest.split_at(end);
    let kept: Vec<&str> = body.lines().filter(|old| !old.starts_with(&format!("{key} "))).collect();
    format!("{before}{header}{line}\n{}\n{after}", kept.join("\n"))
}

fn errors(text: &str) -> Vec<String> {
    let report =
        load_text("dev.toml", text, &Options::default()).map_or_else(|report| report, |loaded| loaded.warnings());
    let entries = report.entries().into_iter().filter(|entry| entry.severity == Severity::Error);
    let mut errors: Vec<String> = entries.map(|entry| entry.message).collect();
    errors.sort();
    errors
}

#[test]
fn two_faults_that_have_nothing_to_do_with_each_other_are_both_told_and_nothing_else_is() {
    let alone: Vec<String> = FAULTS
        .iter()
        .map(|fault| {
            let errors = errors(&with(GOOD, *fault));
            assert!(errors.len() == 1 && errors[0].contains(fault.2), "{fault:?}: {errors:#?}");
            errors.concat()
        })
        .collect();
    let key = |line: &str| line.split(' ').next().unwrap().to_owned();
    let mut pairs = 0;
    for (i, one) in FAULTS.iter().enumerate() {
        for (j, other) in FAULTS.iter().enumerate().skip(i + 1) {
            if one.0 == other.0 && key(one.1) == key(other.1) {
                continue;
            }
            let mut expected = vec![alone[i].clone(), alone[j].clone()];
            expected.sort();
            assert_eq!(errors(&with(&with(GOOD, *one), *other)), expected, "{one:?} beside {other:?}");
            pairs += 1;
        }
    }
    assert!(pairs > 400, "{pairs}");
}

#[test]
fn a_setting_that_cannot_be_read_hides_nothing() {
    let set = vec!["stream.clicks".to_owned()];
    let text = with(GOOD, FAULTS[3]);
    let report = load_text("dev.toml", &text, &Options { set, ..Options::default() }).unwrap_err();
    let messages: Vec<String> = report.entries().into_iter().map(|entry| entry.message).collect();
    assert!(
        messages.len() == 2 && messages.iter().any(|message| message.contains("between 1 and 10000")),
        "{messages:#?}"
    );
}

#[test]
fn without_a_project_and_a_region_the_blocks_are_checked_all_the_same() {
    let text = with(&GOOD.replace("region = \"eu-west-1\"\n", "").replace("name = \"acme\"\n", ""), FAULTS[14]);
    let errors = errors(&text);
    let missing = errors.iter().filter(|error| error.contains("is missing")).count();
    assert!(errors.len() == 3 && missing == 2, "{errors:#?}");
}
