//! Firehoses without a stream before them, and what happens to records on their way.

use super::{GOOD, findings, refused, with};
use pipectl::spec::diagnostic::Severity;

/// A firehose that producers put into, with these lines more.
fn direct(lines: &str) -> String {
    format!("{GOOD}[firehose.direct]\ndestination = \"bucket.events\"\nprefix = \"direct/\"\n{lines}\n")
}

/// One error is found in a firehose that producers put into, and it holds `expected`.
fn wrong(lines: &str, expected: &str) {
    let errors = findings(&direct(lines), Severity::Error);
    assert!(errors.len() == 1 && errors[0].contains(expected), "{lines}\n{errors:#?}");
}

fn right(lines: &str) {
    let text = direct(lines);
    assert_eq!(findings(&text, Severity::Error), [] as [String; 0], "{lines}");
}

#[test]
fn producers_put_into_a_firehose_without_a_source_and_its_own_buffer_is_encrypted() {
    right("");
    right("encrypted = false");
    right("buffer_key = \"1234abcd-12ab-34cd-56ef-1234567890ab\"");
    wrong("encrypted = false\nbuffer_key = \"1234abcd-12ab-34cd-56ef-1234567890ab\"", "so it takes no key");
    wrong("buffer_key = \"alias/clicks\"", "and not by an alias");
    wrong("buffer_key = \"alias/aws/kinesis\"", "and not by an alias");
    wrong("buffer_key = \"nonsense\"", "is not a KMS key");
    refused("firehose.clicks", "encrypted = false", "nothing of its own to encrypt");
    refused(
        "firehose.clicks",
        "buffer_key = \"1234abcd-12ab-34cd-56ef-1234567890ab\"",
        "nothing of its own to encrypt",
    );
    refused("firehose.clicks", "expect = { records_per_second = 1, bytes = 1 }", "is what `stream.clicks` carries");
}

#[test]
fn what_producers_are_expected_to_put_is_held_against_what_aws_takes() {
    let said = |expect: &str| findings(&direct(&format!("expect = {{ {expect} }}")), Severity::Warning);
    assert_eq!(said("records_per_second = 100, bytes = 600"), [] as [String; 0]);
    assert!(said("records_per_second = 10_000, bytes = 600")[0].contains("more than a new delivery stream takes"));
    assert!(said("records_per_second = 1, bytes = 1_024_001")[0].contains("no record of more than 1,000 KiB"));
}

#[test]
fn a_function_puts_into_a_firehose_that_reads_no_stream() {
    let uses = |lines: &str, used: &str| {
        let text = direct(lines).replace("uses = [\"table.sessions:write\"]", &format!("uses = [\"{used}\"]"));
        let text = text.replace("environment = { TABLE = \"${table.sessions.name}\" }\n", "");
        findings(&text, Severity::Error)
    };
    assert_eq!(uses("", "firehose.direct:put"), [] as [String; 0]);
    assert!(uses("", "firehose.clicks:put")[0].contains("reads a stream, and takes no records besides"));
    assert!(uses("", "firehose.direct:write")[0].contains("says nothing of a firehose"));
    assert!(uses("", "stream.clicks:put")[0].contains("says nothing of a stream"));
}

#[test]
fn a_firehose_without_a_source_has_the_metrics_of_direct_put_and_no_others() {
    let watch = |metric: &str| {
        let alarm = format!(
            "[alarm.direct]\nwatches = \"firehose.direct\"\nmetric = \"{metric}\"\nthreshold = 1\nnotifies = [\"topic.alerts\"]\n"
        );
        findings(&format!("{}{alarm}", direct("")), Severity::Error)
    };
    for metric in ["IncomingRecords", "IncomingBytes", "ThrottledRecords", "PutRecordBatch.Records"] {
        assert_eq!(watch(metric), [] as [String; 0], "{metric}");
    }
    assert!(watch("KinesisMillisBehindLatest")[0].contains("producers put into this one"));
    assert!(watch("KMSKeyAccessDenied")[0].contains("`buffer_key`"));
    refused("alarm.delivery", "metric = \"IncomingRecords\"", "this one reads a Kinesis stream");
    let reads = with("alarm.delivery", "metric = \"KinesisMillisBehindLatest\"").replace("threshold = 0.95\n", "");
    assert_eq!(findings(&reads, Severity::Error), [] as [String; 0]);
}

/// A function for the firehose, with these lines more.
fn function(lines: &str) -> String {
    format!(
        "[function.clean]\ncode = \"functions/clean\"\nruntime = \"python3.13\"\nhandler = \"app.handler\"\n{lines}\n"
    )
}

const TRANSFORM: &str = "transform = { function = \"function.clean\" }";
const SORTED: &str =
    "error_prefix = \"errors/!{firehose:error-output-type}/\"\nbuffering = { size_mib = 64, interval_seconds = 60 }";

/// Errors, and warnings, of a firehose with these lines and such a function.
fn transforming(lines: &str, of_function: &str) -> [Vec<String>; 2] {
    let text = format!("{}{}", direct(lines), function(of_function));
    [Severity::Error, Severity::Warning].map(|severity| findings(&text, severity))
}

#[test]
fn a_function_transforms_that_firehose_can_wait_for_and_that_puts_nothing_back() {
    let none = [Vec::<String>::new(), Vec::new()];
    assert_eq!(transforming(TRANSFORM, ""), none);
    assert!(transforming(TRANSFORM, "timeout_seconds = 301")[0][0].contains("Firehose waits for 300 s"));
    assert!(transforming(TRANSFORM, "timeout_seconds = 59")[1][0].contains("ends after 59 s"));
    assert!(transforming(TRANSFORM, "uses = [\"firehose.direct:put\"]")[1][0].contains("for ever"));
    assert!(
        transforming(TRANSFORM, "source = { from = \"queue.orders\" }")[1][0].contains("whose events look otherwise")
    );
    for (field, expected) in [("buffer_mib = 3.1", "3"), ("buffer_mib = 0.1", "0.2"), ("buffer_seconds = 901", "900")] {
        let errors = &transforming(&format!("transform = {{ function = \"function.clean\", {field} }}"), "")[0];
        assert!(errors.len() == 1 && errors[0].contains(expected), "{field} {errors:?}");
    }
    wrong(TRANSFORM, "there is no block `function.clean`");
}

#[test]
fn partition_keys_come_from_jq_or_from_the_function() {
    let sorted = |keys: &str, prefix: &str, more: &str| {
        let text = format!("{}{}", direct(&format!("{more}\n{SORTED}\ndynamic_partitioning = {keys}")), function(""));
        findings(&text.replace("prefix = \"direct/\"", &format!("prefix = \"direct/{prefix}/\"")), Severity::Error)
    };
    let (by_function, by_query) = ("!{partitionKeyFromLambda:customer}", "!{partitionKeyFromQuery:customer}");
    assert_eq!(sorted("{}", by_function, TRANSFORM), [] as [String; 0]);
    assert_eq!(sorted("{ keys = { customer = \".customer\" } }", by_query, TRANSFORM), [] as [String; 0]);
    assert!(sorted("{}", by_function, "")[0].contains("no Lambda function that could give partition keys"));
    assert!(sorted("{}", "a", TRANSFORM).iter().any(|error| error.contains("nothing to sort records by")));
}

#[test]
fn records_are_taken_apart_only_to_be_sorted() {
    wrong("split = {}", "there is no `dynamic_partitioning`");
    let sorted = "dynamic_partitioning = { keys = { customer = \".customer\" } }";
    for split in ["split = {}", "split = { delimiter = \"####\" }"] {
        let text = direct(&format!("{split}\n{SORTED}\n{sorted}"));
        let text = text.replace("prefix = \"direct/\"", "prefix = \"direct/!{partitionKeyFromQuery:customer}/\"");
        assert_eq!(findings(&text, Severity::Error), [] as [String; 0], "{split}");
    }
    right("log_events = \"messages\"");
    right("log_events = \"unpacked\"");
}

#[test]
fn copies_lie_where_nobody_takes_them_for_what_is_written_of_them() {
    let copies =
        |lines: &str| transforming(&format!("{TRANSFORM}\nbackup = {{ bucket = \"bucket.events\", {lines} }}"), "");
    let none = [Vec::<String>::new(), Vec::new()];
    assert_eq!(copies("prefix = \"copies/\""), none);
    assert!(copies("prefix = \"direct/copies/\"")[1][0].contains("among what is written of them"));
    assert!(copies("prefix = \"c/!{timestamp:yyyy}/\"")[0][0].contains("needs an `error_prefix`"));
    assert!(copies("prefix = \"c/\", error_prefix = \"e/!{timestamp:yyyy}/\"")[0][0].contains("must hold"));
    let keyed = copies("prefix = \"c/!{partitionKeyFromLambda:a}/\", error_prefix = \"e/\"");
    assert!(keyed[0].iter().any(|error| error.contains("have no partition keys")), "{keyed:?}");
    assert!(copies("prefix = \"c/\", kms_key = \"nonsense\"")[0][0].contains("is not a KMS key"));
    let alone = findings(&direct("backup = { bucket = \"bucket.events\", prefix = \"copies/\" }"), Severity::Warning);
    assert!(alone.iter().any(|warning| warning.contains("nothing is done to records here")), "{alone:?}");
}

#[test]
fn what_a_function_and_a_backup_emit_can_be_watched() {
    let watch = |lines: &str, metric: &str| {
        let alarm = format!(
            "[alarm.direct]\nwatches = \"firehose.direct\"\nmetric = \"{metric}\"\nnotifies = [\"topic.alerts\"]\n"
        );
        findings(&format!("{}{}{alarm}", direct(lines), function("")), Severity::Error)
    };
    assert_eq!(watch(TRANSFORM, "ExecuteProcessing.Success"), [] as [String; 0]);
    assert!(watch("", "ExecuteProcessing.Success")[0].contains("it is emitted only with a function"));
    let copies = format!("{TRANSFORM}\nbackup = {{ bucket = \"bucket.events\", prefix = \"copies/\" }}");
    assert_eq!(watch(&copies, "BackupToS3.Success"), [] as [String; 0]);
    assert!(watch(TRANSFORM, "BackupToS3.Success")[0].contains("it is emitted only with copies"));
}
