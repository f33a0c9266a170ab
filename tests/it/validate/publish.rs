//! What is published: what may be said of a block, and under which names.

use pipectl::spec::diagnostic::Severity;

use super::{GOOD, findings};

fn publish(lines: &str) -> Vec<String> {
    findings(&format!("{GOOD}\n[publish.all]\n{lines}\n"), Severity::Error)
}

#[track_caller]
fn refused(lines: &str, expected: &str) {
    let found = publish(lines);
    assert!(found.len() == 1 && found[0].contains(expected), "{lines}: {found:#?}");
}

#[test]
fn names_arns_and_urls_of_blocks_are_published_and_nothing_that_is_not_there() {
    assert_eq!(publish("outputs = { clicks = \"stream.clicks.arn\", name = \"stream.clicks.name\" }"), [""; 0]);
    assert_eq!(publish("path = \"/platform/${env}/\"\noutputs = { clicks = \"stream.clicks.arn\" }"), [""; 0]);
    let subnet = "outputs = { jobs = \"security_group.jobs.name\" }\n[security_group.jobs]\nexternal = { name = \"sg-0123456789abcdef0\" }";
    assert_eq!(publish(subnet), [""; 0]);
    let one = |value: &str, expected| refused(&format!("outputs = {{ it = \"{value}\" }}"), expected);
    one("stream.click.arn", "the spec has no `stream.click`");
    one("streams.clicks.arn", "there is no kind of block `streams`");
    one("stream.clicks.url", "a stream has no `url` that can be published");
    one("stream.clicks.kms_key", "`stream.clicks` names no KMS key");
    one("publish.all.name", "a publish has no `name` that can be published");
    one("stream.clicks", "malformed");
}

#[test]
fn parameters_have_names_that_aws_takes_and_no_two_the_same() {
    let clicks = "outputs = { clicks = \"stream.clicks.arn\" }";
    refused(&format!("path = \"platform\"\n{clicks}"), "is not a path of parameters");
    refused(&format!("path = \"/a//b\"\n{clicks}"), "is not a path of parameters");
    refused(&format!("path = \"/aws/b\"\n{clicks}"), "are AWS's own");
    refused(&format!("path = \"{}\"\n{clicks}", "/a".repeat(15)), "is too deep");
    refused("outputs = { \"a/b\" = \"stream.clicks.arn\" }", "cannot be the end of a parameter's name");
    let spaced = publish("outputs = { \"a b\" = \"stream.clicks.arn\" }");
    assert!(spaced.len() == 1 && spaced[0].contains("which holds ` `"), "{spaced:#?}");
    refused("outputs = {}", "must have 1 to 100 entries");
    let twice = format!("{clicks}\n[publish.again]\n{clicks}");
    refused(&twice, "is also the name of");
}
