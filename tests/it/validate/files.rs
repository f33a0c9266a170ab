//! What AWS takes and what it makes of it: time patterns, zones, moves of objects, and code that starts.

use std::fs;

use pipectl::spec::diagnostic::{Entry, Severity};
use pipectl::spec::{Options, load_text};

use super::{GOOD, findings, refused, with};

/// What is warned of in the good spec with that line, with its help.
fn doubts(table: &str, line: &str) -> Vec<String> {
    let text = with(table, line);
    assert_eq!(findings(&text, Severity::Error), Vec::<String>::new(), "{line}");
    let loaded = load_text("dev.toml", &text, &Options::default()).unwrap();
    let told = |entry: Entry| format!("{}; {}", entry.message, entry.help.unwrap_or_default());
    loaded.warnings().entries().into_iter().map(told).collect()
}

fn doubted(table: &str, line: &str, expected: &[&str]) {
    let found = doubts(table, line);
    let as_expected = found.iter().zip(expected).all(|(found, expected)| found.contains(expected));
    assert!(found.len() == expected.len() && as_expected, "{line}\n{found:#?}");
}

#[test]
fn time_patterns_that_firehose_refuses_are_refused_in_both_prefixes() {
    for (pattern, expected) in [
        ("foobar", "`f` is no letter of a time"),
        ("'year='yyyy'/month='MM'/day='dd'/hour='HH'", "quotation mark is not closed"),
        ("yyyy#MM", "`#` is reserved"),
        ("yyyy]", "does not begin"),
        ("MMMMMM", "1 to 5 can stand"),
        ("error-output-type", "is no letter"),
    ] {
        refused("firehose.clicks", &format!("prefix = \"x/!{{timestamp:{pattern}}}/\""), expected);
        let error = format!("error_prefix = \"e/!{{firehose:error-output-type}}/!{{timestamp:{pattern}}}/\"");
        refused("firehose.clicks", &error, expected);
    }
    // An expression of another namespace is not the kind of an error.
    refused("firehose.clicks", "error_prefix = \"e/!{timestamp:yyyy}/\"", "must hold");
    refused(
        "firehose.clicks",
        "error_prefix = \"e/!{firehose:error-output-type}/!{partitionKeyFromQuery:x}/\"",
        "cannot be used",
    );
    assert_eq!(
        doubts("firehose.clicks", "prefix = \"events/!{timestamp:'it''s' yyyy[/MM]}/!{firehose:random-string}/\""),
        [] as [String; 0]
    );
}

#[test]
fn time_patterns_that_are_legal_and_probably_wrong_are_warned_of() {
    let prefix = |text: &str| format!("prefix = \"events/{text}/\"");
    let warned = |text: &str, expected: &[&str]| doubted("firehose.clicks", &prefix(text), expected);
    warned(
        "y=!{timestamp:YYYY}/m=!{timestamp:MM}/d=!{timestamp:DD}",
        &["to 2027; write `yyyy`", "day of the year, 1 to 366; write `dd`"],
    );
    warned("!{timestamp:yyyy/MM/dd/hh}", &["half a day: morning and evening go to the same place; write `HH`"]);
    warned("!{timestamp:yyyy/mm/dd}", &["the minute; write `MM`"]);
    warned("!{timestamp:YYYY-'W'ww}", &[]);
    warned("!{timestamp:yyyy/DDD}", &[]);
    let errors = "error_prefix = \"e/!{firehose:error-output-type}/!{timestamp:YYYY/MM}/\"";
    doubted("firehose.clicks", errors, &["write `yyyy`"]);
}

#[test]
fn a_time_zone_that_does_not_exist_is_refused_with_the_nearest() {
    refused("firehose.clicks", "time_zone = \"Europe/Berlinn\"", "there is no time zone `Europe/Berlinn`");
    assert_eq!(doubts("firehose.clicks", "time_zone = \"Europe/Berlin\""), [] as [String; 0]);
}

#[test]
fn partition_keys_that_jq_does_not_compile_are_refused_with_its_reason() {
    let partitioned = |jq: &str| {
        let text = with("firehose.clicks", "prefix = \"events/!{partitionKeyFromQuery:customer}/\"");
        let text = text.replace("size_mib = 5,", "size_mib = 64,");
        text.replace("[snowpipe.", &format!("dynamic_partitioning = {{ keys = {{ customer = '{jq}' }} }}\n[snowpipe."))
    };
    for good in
        [".customer_id // \"none\"", "(.a // 1)", ".x as $y | $y", "\"\\(.a)-\\(.b)\"", "if .a then 1 else 2 end"]
    {
        assert_eq!(findings(&partitioned(good), Severity::Error), Vec::<String>::new(), "{good}");
    }
    for (bad, expected) in [
        (".a | strftime(\"%Y", "at its character 18: unexpected end: the string does not end"),
        (".a.[0]", "in jq 1.6 no `.` stands before a `[`"),
        ("pick(.a)", "`pick/1` is not defined in jq 1.6"),
        (".a) + (.b", "unexpected `)`"),
        ("", "unexpected end"),
    ] {
        let errors = findings(&partitioned(bad), Severity::Error);
        assert!(errors.len() == 1 && errors[0].contains(expected), "{bad}: {errors:#?}");
    }
    let long = findings(&partitioned(&format!(".{}", "a".repeat(5120))), Severity::Error);
    assert!(long.len() == 1 && long[0].contains("Firehose takes 5120"), "{long:#?}");
    let constant = findings(&partitioned("\"shop\""), Severity::Warning);
    assert!(constant.iter().any(|warning| warning.contains("is the same for every record")), "{constant:#?}");
}

#[test]
fn objects_move_at_once_where_s3_moves_them_at_once_and_only_to_cheaper_storage() {
    let moves = |moves: &str| format!("transitions = [{moves}]");
    for class in ["intelligent-tiering", "glacier-ir", "glacier", "deep-archive"] {
        assert_eq!(doubts("bucket.events", &moves(&format!("{{ class = \"{class}\", days = 0 }}"))), [] as [String; 0]);
    }
    for class in ["standard-ia", "onezone-ia"] {
        refused(
            "bucket.events",
            &moves(&format!("{{ class = \"{class}\", days = 29 }}")),
            "after 30 days at the earliest",
        );
    }
    let two = |first: &str, second: &str| {
        moves(&format!("{{ class = \"{first}\", days = 1 }}, {{ class = \"{second}\", days = 2 }}"))
    };
    refused("bucket.events", &two("glacier", "glacier-ir"), "S3 moves no object from `glacier` to `glacier-ir`");
    refused("bucket.events", &two("deep-archive", "glacier"), "from `deep-archive` to `glacier`");
    refused("bucket.events", &two("glacier", "glacier"), "from `glacier` to `glacier`");
    assert_eq!(doubts("bucket.events", &two("intelligent-tiering", "deep-archive")), [] as [String; 0]);
    refused("bucket.events", "name = \"acme--table-s3\"", "S3 keeps names that end with `--table-s3`");
}

#[test]
fn what_snowflake_cannot_unpack_is_refused() {
    for compression in ["zip", "snappy", "hadoop-snappy"] {
        refused(
            "firehose.clicks",
            &format!("compression = \"{compression}\""),
            "`snowpipe.events` loads these objects",
        );
    }
    assert_eq!(doubts("firehose.clicks", "compression = \"gzip\""), [] as [String; 0]);
}

#[test]
fn runtimes_that_do_not_exist_are_refused_and_retired_ones_warned_of() {
    let function = |runtime: &str| format!("runtime = \"{runtime}\"");
    refused("function.ship", &function("python3.99"), "Lambda has no runtime `python3.99`");
    refused("function.ship", &function("java8"), "since 2024-02-08 Lambda makes no function with `java8` any more");
    refused("function.ship", &function("go1.x"), "any more");
    // AWS refuses it from February 2027 on.
    let old = findings(&with("function.ship", &function("nodejs16.x")), Severity::Error);
    let warned = findings(&with("function.ship", &function("nodejs16.x")), Severity::Warning);
    assert!(old.len() + warned.len() == 1, "{old:#?} {warned:#?}");
}

#[test]
fn a_handler_that_its_file_does_not_seem_to_define_is_warned_of_unless_a_command_makes_the_code() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("functions/ship")).unwrap();
    fs::write(folder.path().join("functions/ship/app.py"), "def handler(event, context): pass\n").unwrap();
    let told = |line: &str| {
        let options = Options { root: folder.path().to_owned(), ..Options::default() };
        let report = load_text("dev.toml", &with("function.ship", line), &options);
        let report = report.map_or_else(|report| report, |loaded| loaded.warnings());
        report.entries().into_iter().map(|entry| (entry.severity, entry.message)).collect::<Vec<_>>()
    };
    assert_eq!(told("handler = \"app.handler\""), []);
    let nameless = told("handler = \"app.main\"");
    assert!(nameless.len() == 1 && nameless[0].0 == Severity::Warning, "{nameless:?}");
    fs::remove_file(folder.path().join("functions/ship/app.py")).unwrap();
    assert_eq!(told("build = [\"make\"]"), []);
    assert_eq!(findings(GOOD, Severity::Warning), Vec::<String>::new());
}
