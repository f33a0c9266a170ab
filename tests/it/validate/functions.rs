//! The same of what a function's role may do besides, and how its code is run.

use pipectl::spec::diagnostic::Severity;

use super::{findings, refused, with};

#[test]
fn statements_that_iam_refuses_are_refused() {
    let allow = |statement: &str, expected| {
        let statement = format!("allow = [{{ actions = [\"dynamodb:Query\"], {statement} }}]");
        refused("function.process", &statement, expected);
    };
    allow("resources = [\"sessions\"]", "`sessions` is neither `*` nor an ARN");
    allow("resources = [\"arn:aws-cn:s3:::b\"]", "in the partition `aws-cn`, and `eu-west-1` in `aws`");
    allow("resources = [\"arn:aws:*:::b\"]", "has a wildcard in place of its service");
    allow("resources = []", "must have at least 1 items");
    allow("resources = [\"*\"], conditions = { StringEqual = { \"aws:x\" = \"y\" } }", "no operator `StringEqual`");
    allow(
        "resources = [\"*\"], conditions = { NullIfExists = { \"aws:x\" = \"true\" } }",
        "no operator `NullIfExists`",
    );
    allow("resources = [\"*\"], conditions = { Bool = { \"aws:SecureTransport\" = \"yes\" } }", "`yes` is none");
    allow("resources = [\"*\"], conditions = { NumericLessThan = { \"s3:max-keys\" = \"few\" } }", "`few` is none");
    allow("resources = [\"*\"], conditions = { StringLike = { prefix = \"a\" } }", "not the key of a condition");
    allow("resources = [\"*\"], conditions = { StringLike = { \"s3:prefix\" = [] } }", "is tested for no value");
    allow("resources = [\"*\"], conditions = { StringLike = {} }", "`StringLike` tests no key");
    allow("resources = [\"*\"], sid = \"a b\"", "malformed");
    refused("function.process", "allow = [{ actions = [\"Query\"], resources = [\"*\"] }]", "malformed");
    refused("function.process", "allow = [{ actions = [\"*\"], resources = [\"*\"] }]", "malformed");
    let twice = "{ actions = [\"a:B\"], resources = [\"*\"], sid = \"One\" }";
    refused("function.process", &format!("allow = [{twice}, {twice}]"), "another statement is called `One`");
    let good = "allow = [{ actions = [\"dynamodb:Query\"], resources = [\"${table.sessions.arn}/index/*\", \
        \"arn:aws:s3:::b/$${aws:PrincipalTag/team}/*\"], conditions = { \"ForAllValues:StringEquals\" = \
        { \"dynamodb:LeadingKeys\" = [\"a\", \"b\"] }, NullIfExist = {} } }]";
    let good = good.replace(", NullIfExist = {}", "").replace("dynamodb:Query", "dynamodb:Que*");
    let spec =
        with("function.process", &good).replace("name = \"dev\"", "name = \"dev\"\naccount_id = \"123456789012\"");
    assert_eq!(findings(&spec, Severity::Error), [""; 0]);
}

#[test]
fn managed_policies_that_iam_does_not_attach_are_refused() {
    let policies = |arns: &str, expected| refused("function.process", &format!("policies = [{arns}]"), expected);
    policies("\"AWSXRayDaemonWriteAccess\"", "is not the ARN of a managed policy");
    policies("\"arn:aws:iam::123456789012:role/a\"", "is not the ARN of a managed policy");
    policies("\"arn:aws-cn:iam::aws:policy/a\"", "the policy is in the partition `aws-cn`");
    let many = |count: usize| {
        let arns = (0..count).map(|i| format!("\"arn:aws:iam::aws:policy/p{i}\"")).collect::<Vec<_>>();
        with("function.process", &format!("policies = [{}]", arns.join(", ")))
    };
    assert_eq!(findings(&many(10), Severity::Warning), [""; 0]);
    let warned = findings(&many(11), Severity::Warning);
    assert!(warned.len() == 1 && warned[0].contains("these are 11 policies, and a role has at most 10"), "{warned:#?}");
    assert!(findings(&many(21), Severity::Error)[0].contains("at most 20"));
}

#[test]
fn a_function_that_may_call_itself_is_warned_of() {
    let calls = |name: &str| {
        findings(&with("function.process", &format!("uses = [\"function.{name}:invoke\"]")), Severity::Warning)
    };
    assert_eq!(calls("ship"), [""; 0]);
    assert!(calls("process")[0].contains("it may call itself"));
}

#[test]
fn code_that_lambda_cannot_run_is_refused() {
    let image = |more: &str| {
        let digest = "a".repeat(64);
        let uri = format!("123456789012.dkr.ecr.eu-west-1.amazonaws.com/clean@sha256:{digest}");
        let spec = with("function.process", &format!("image = \"{uri}\"\n{more}"));
        let kept = |line: &&str| {
            !["code = \"functions/process\"", "runtime = \"python3.13\"", "handler = \"app.handler\""].contains(line)
        };
        let (before, after) = spec.split_once("[queue.orders]").unwrap();
        let before: Vec<&str> = before.lines().filter(kept).collect();
        findings(&format!("{}\n[queue.orders]{after}", before.join("\n")), Severity::Error)
    };
    assert_eq!(image("image_config = { command = [\"app.handler\"] }"), [""; 0]);
    let layer = "arn:aws:lambda:eu-west-1:123456789012:layer:one";
    assert!(image(&format!("layers = [\"{layer}:1\"]"))[0].contains("it has no `layers`"));
    let elsewhere = with("function.process", "image = \"123456789012.dkr.ecr.eu-west-1.amazonaws.com/clean:latest\"");
    assert!(findings(&elsewhere, Severity::Error)[0].contains("malformed"));
    refused("function.process", "image_config = { command = [\"a\"] }", "there is no `image` whose settings");
    let layers = |list: &str, expected| refused("function.process", &format!("layers = [{list}]"), expected);
    layers(&format!("\"{layer}:1\", \"{layer}:2\""), "another version of this layer");
    layers("\"arn:aws:lambda:us-east-1:123456789012:layer:one:1\"", "the layer is in the region `us-east-1`");
    layers(&format!("\"{layer}\""), "malformed");
    refused("function.process", "ephemeral_storage_mb = 511", "512");
    refused("function.process", "ephemeral_storage_mb = 10241", "10240");
    refused("function.process", "log_level = \"warn\"", "a log of text has no levels");
    refused("function.process", "log_format = \"xml\"", "\"text\" or \"json\"");
    refused("function.process", "kms_key = \"alias/clicks\"", "and not by an alias");
    refused("function.process", "code = { bucket = \"bucket.events\", key = \"a.zip\" }", "`sha256` is missing");
    let object = "code = { bucket = \"bucket.events\", key = \"a.zip\", sha256 = \"ytzRGbkyVu0RPfsYn9MJXoIuAlzDwQfsv9KhpeC0oW8=\" }";
    assert_eq!(findings(&with("function.process", object), Severity::Error), [""; 0]);
}

#[test]
fn what_lambda_does_not_tell_of_asynchronous_calls_is_refused() {
    let to = |said: &str, expected| refused("function.process", &format!("asynchronous = {{ {said} }}"), expected);
    to("retries = 3", "between 0 and 2");
    to("max_age_seconds = 59", "between 60 and 21600");
    to("successes_to = \"bucket.events\"", "into a bucket what failed");
    to("failures_to = \"function.process\"", "for ever");
    to("failures_to = \"table.sessions\"", "not a `table`");
    to("failures_to = { bus = \"default\" }", "is not the ARN of an event bus");
    let bus =
        |region: &str| format!("failures_to = {{ bus = \"arn:aws:events:{region}:123456789012:event-bus/default\" }}");
    to(&bus("us-east-1"), "the event bus is in the region `us-east-1`");
    for good in
        ["failures_to = \"bucket.events\"".to_owned(), "successes_to = \"topic.alerts\"".to_owned(), bus("eu-west-1")]
    {
        let spec = with("function.process", &format!("asynchronous = {{ {good} }}"));
        assert_eq!(findings(&spec, Severity::Error), [""; 0], "{good}");
    }
}
