//! Blocks that are somebody else's: what may be said of them, and what may not.

use pipectl::spec::diagnostic::Severity;

use super::{GOOD, findings};

/// The spec with one more external block.
fn external(block: &str, lines: &str) -> String {
    format!("{GOOD}\n[{block}]\n{lines}\n")
}

#[track_caller]
fn refused(block: &str, lines: &str, expected: &str) {
    let found = findings(&external(block, lines), Severity::Error);
    assert!(found.len() == 1 && found[0].contains(expected), "{block}: {lines}: {found:#?}");
}

#[track_caller]
fn taken(block: &str, lines: &str) {
    assert_eq!(findings(&external(block, lines), Severity::Error), Vec::<String>::new(), "{block}: {lines}");
}

#[test]
fn every_kind_that_another_block_can_refer_to_can_be_somebody_elses() {
    for (block, arn) in [
        ("stream.theirs", "arn:aws:kinesis:eu-west-1:999988887777:stream/orders"),
        ("bucket.theirs", "arn:aws:s3:::acme-landing"),
        ("firehose.theirs", "arn:aws:firehose:eu-west-1:123456789012:deliverystream/orders"),
        ("function.theirs", "arn:aws:lambda:eu-west-1:999988887777:function:take"),
        ("table.theirs", "arn:aws:dynamodb:eu-west-1:999988887777:table/pages"),
        ("queue.theirs", "arn:aws:sqs:eu-west-1:999988887777:orders.fifo"),
        ("topic.theirs", "arn:aws:sns:eu-west-1:999988887777:on-call"),
        ("secret.theirs", "arn:aws:secretsmanager:eu-west-1:999988887777:secret:partner/key-AbCdEf"),
        ("alarm.theirs", "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:anything:at-all"),
        ("schedule.theirs", "arn:aws:events:eu-west-1:123456789012:rule/nightly"),
    ] {
        taken(block, &format!("external = \"{arn}\""));
        taken(block, "external = { ssm = \"/platform/theirs\" }");
        taken(block, "external = { tfstate = \"s3://acme-terraform/net/state\", output = \"arn\" }");
        let other = arn.replace("eu-west-1", "us-east-1").replace("arn:aws:s3", "arn:aws:sqs");
        let found = findings(&external(block, &format!("external = \"{other}\"")), Severity::Error);
        assert_eq!(found.len(), 1, "{other}: {found:#?}");
    }
    taken("api.theirs", "external = { name = \"front\" }");
}

#[test]
fn an_arn_of_something_else_is_refused_with_what_would_do() {
    let stream = |arn: &str, expected| refused("stream.theirs", &format!("external = \"{arn}\""), expected);
    stream("orders", "`orders` is not the ARN of one Kinesis stream");
    stream("arn:aws:sns:eu-west-1:123456789012:orders", "is not the ARN of a Kinesis stream");
    stream("arn:aws:kinesis:eu-west-1:123456789012:stream/*", "is not the ARN of one Kinesis stream");
    stream("arn:aws:kinesis:eu-west-1:123456789012:stream/a/consumer/b:1", "is not the name of a Kinesis stream");
    stream("arn:aws-cn:kinesis:cn-north-1:123456789012:stream/orders", "is in the partition `aws-cn`");
    stream("arn:aws:kinesis:us-east-1:123456789012:stream/orders", "is in region `us-east-1`");
    stream("arn:aws:kinesis:eu-west-1::stream/orders", "is not the ARN of a Kinesis stream");
    refused(
        "function.theirs",
        "external = \"arn:aws:lambda:eu-west-1:123456789012:function:take:live\"",
        "not the name",
    );
    refused("api.theirs", "external = \"arn:aws:apigateway:eu-west-1::/restapis/a1b2\"", "by its name, not by an ARN");
    refused("bucket.theirs", "external = { name = \"A Bucket\" }", "is not the name of a bucket");
}

#[test]
fn nothing_is_external_and_ones_own_at_once() {
    let arn = "external = \"arn:aws:kinesis:eu-west-1:123456789012:stream/orders\"";
    refused("stream.theirs", &format!("{arn}\nshards = 1"), "is external: its `shards` is its owner's to say");
    refused("stream.theirs", &format!("{arn}\nprotect = true"), "is external: its `protect`");
    refused("dashboard.theirs", "external = { name = \"d\" }", "unknown key `external`");
    // The name of a stream that the spec makes itself.
    refused("stream.theirs", "external = { name = \"acme-dev-clicks\" }", "is also the name of");
}

#[test]
fn what_it_is_found_by_is_said_once() {
    let stream = |by: &str, expected| refused("stream.theirs", &format!("external = {{ {by} }}"), expected);
    stream("", "does not say what it is found by");
    stream("name = \"a\", ssm = \"/b\"", "says twice what it is found by");
    stream("tfstate = \"s3://bkt/k\"", "a state of Terraform's is read for one of its outputs");
    stream("ssm = \"/a\", account = \"123456789012\"", "`account` says whose");
    stream("name = \"a\", account = \"1234\"", "malformed");
    stream("tfstate = \"/local/state\", output = \"arn\"", "malformed");
}

#[test]
fn a_block_of_another_environment_is_named_by_project_environment_and_block() {
    let stream = |by: &str, expected| refused("stream.theirs", &format!("external = {{ {by} }}"), expected);
    taken("stream.theirs", "external = { output = \"platform/prod:stream.orders\" }");
    taken("stream.theirs", "external = { output = \"platform/${env}:stream.orders\", weak = true }");
    stream("output = \"stream.orders\"", "does not name a block of another environment");
    stream("output = \"platform/prod:stream.Or ders\"", "does not name a block of another environment");
    stream("output = \"platform/prod:bucket.lake\"", "`bucket.lake` is no stream");
    stream("output = \"acme/dev:stream.clicks\"", "acme/dev is this environment itself");
    stream("output = \"a/b:stream.c\", name = \"c\"", "says twice what it is found by");
    stream("ssm = \"/a\", weak = true", "it is said of a block of another environment of pipectl's");
    stream("output = \"a/b:stream.c\", state = \"/tmp/x\"", "malformed");
}

#[test]
fn a_key_of_another_account_is_named_whole() {
    let theirs = |key: &str| {
        let spec = external(
            "table.theirs",
            &format!("external = \"arn:aws:dynamodb:eu-west-1:999988887777:table/pages\"\nkms_key = \"{key}\""),
        );
        findings(&spec.replace("region =", "account_id = \"123456789012\"\nregion ="), Severity::Error)
    };
    assert!(theirs("alias/pages")[0].contains("a key of another account is named by its ARN"));
    let arn = "arn:aws:kms:eu-west-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    assert_eq!(theirs(arn), Vec::<String>::new());
    refused(
        "firehose.theirs",
        &format!("external = {{ name = \"f\" }}\nkms_key = \"{arn}\""),
        "nothing of an external firehose",
    );
}

#[test]
fn an_alarm_on_what_is_somebody_elses_says_what_only_its_owner_knows() {
    let watch = |kind: &str, lines: &str| {
        let more = format!(
            "external = {{ name = \"theirs-dev\" }}\n[alarm.new]\nwatches = \"{kind}.theirs\"\nnotifies = [\"topic.alerts\"]\n{lines}"
        );
        findings(&external(&format!("{kind}.theirs"), &more), Severity::Error)
    };
    assert_eq!(watch("stream", ""), Vec::<String>::new(), "no stream keeps its records for less than a day");
    assert!(watch("firehose", "")[0].contains("is external: what is usual of it"), "{:#?}", watch("firehose", ""));
    assert!(watch("queue", "")[0].contains("needs a `threshold`"), "{:#?}", watch("queue", ""));
    assert_eq!(watch("queue", "threshold = 60"), Vec::<String>::new());
    assert_eq!(
        watch("firehose", "metric = \"DeliveryToS3.Success\"\nthreshold = 1\ncomparison = \"<\""),
        Vec::<String>::new()
    );
}
