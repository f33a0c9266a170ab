//! The documents themselves: sound, narrow, within IAM's limits.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::model::grant::On;
use pipectl::model::kind::Kind;
use pipectl::ops::sandbox::install::{Packages, install};
use serde_json::{Value, json};

use super::document::{actions, statements, texts};
use crate::envs;
use crate::support::cli::Cli;
use crate::support::emulator;

/// Knows AWS's actions, the resources that each is checked on, and condition keys.
const PARLIAMENT: Packages = Packages { name: "parliament-1.6.4", requirements: &["parliament==1.6.4"] };

/// Reads a document per line; prints its findings, each in a line.
const LINT: &str = "
import sys
from parliament import analyze_policy_string, enhance_finding
for line in sys.stdin:
    for finding in analyze_policy_string(line).findings:
        print(enhance_finding(finding).issue, finding.detail)
";

/// What is true of a newer AWS than parliament knows.
const UNKNOWN_TO_PARLIAMENT: &str = "UNKNOWN_ACTION Unknown action kinesis:UpdateMaxRecordSize";

/// It takes a stream or a consumer of one, of which parliament asks for both.
const EITHER_TO_AWS: &str = "RESOURCE_MISMATCH [{'action': 'kinesis:GetResourcePolicy', 'required_format': \
                             'arn:*:kinesis:*:*:*/*/consumer/*:*'}]";

/// A boundary is compared whole, as in AWS's own examples.
const EQUAL_ARNS: &str =
    "MISMATCHED_TYPE_BUT_USABLE Type mismatch: StringEquals requires a value of type String but given Arn";

/// The actions of the kinds for which AWS declares no type of resource: `*` alone is taken.
const ONLY_ON_EVERYTHING: [&str; 19] = [
    "cloudwatch:GetMetricData",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "glue:CreateCrawler",
    "glue:GetJobBookmark",
    "glue:GetTriggers",
    "kinesis:DisableEnhancedMonitoring",
    "kinesis:EnableEnhancedMonitoring",
    "kinesis:UpdateShardCount",
    "kinesis:UpdateStreamMode",
    "lambda:CreateEventSourceMapping",
    "lambda:ListEventSourceMappings",
    "logs:DescribeLogGroups",
    "secretsmanager:GetRandomPassword",
    "sns:GetSubscriptionAttributes",
    "sns:SetSubscriptionAttributes",
    "sns:Unsubscribe",
    "ssm:DescribeParameters",
];

/// As well, of what is no kind's.
const LOOKS_UP_WHO_CHANGED_WHAT: &str = "cloudtrail:LookupEvents";

/// What `deploy-policy --json` prints for an environment of this repository, where no AWS can be reached.
fn printed(env: &str, options: &[&str]) -> Value {
    let mut cli = Cli::new().env("AWS_ENDPOINT_URL", "http://127.0.0.1:9");
    for name in ["base", "dev", "staging", "prod"] {
        let file = format!("envs/{name}.toml");
        cli = cli.file(&file, &std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file)).unwrap());
    }
    let account = ["--set", "env.account_id=\"123456789012\""];
    cli.run(&[&["deploy-policy", "--json", "--env", env], &account[..], options].concat()).success().json()
}

/// All documents that are printed for the environments.
fn all_printed() -> Vec<Value> {
    let mut all = Vec::new();
    let bounded = ["--set", "env.permissions_boundary=\"arn:aws:iam::123456789012:policy/boundary\""];
    for (env, options) in
        [("dev", &[][..]), ("staging", &[]), ("prod", &[]), ("prod", &["--prefix"]), ("prod", &bounded)]
    {
        let policies = printed(env, options);
        for job in ["plan", "apply", "operate"] {
            all.extend(policies[job].as_array().unwrap().iter().cloned());
        }
    }
    all
}

/// The documents that the environments' own roles and users get.
fn of_the_pipelines() -> Vec<Value> {
    let resources = envs::ENVS.iter().flat_map(|env| envs::graph(env).resources.into_values());
    let identities = resources.filter(|resource| ["iam_role", "iam_user"].contains(&resource.kind.as_str()));
    identities
        .flat_map(|one| one.attributes["policies"].as_object().unwrap().values().cloned().collect::<Vec<_>>())
        .collect()
}

async fn findings(documents: &[Value]) -> BTreeSet<String> {
    let python = install(&PARLIAMENT, &emulator::home(), &|line| println!("{line}")).await.unwrap();
    let mut lint = Command::new(python);
    let mut lint = lint.args(["-I", "-c", LINT]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = String::new();
    for document in documents {
        writeln!(lines, "{document}").unwrap();
    }
    lint.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = lint.wait_with_output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn parliament_finds_nothing_in_any_policy() {
    let bad = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": ["arn:aws:s3:::acme/*"] },
    ] });
    assert!(findings(&[bad]).await.iter().any(|finding| finding.starts_with("RESOURCE_MISMATCH")), "it finds a fault");
    let known = [UNKNOWN_TO_PARLIAMENT, EITHER_TO_AWS, EQUAL_ARNS].map(str::to_owned);
    assert_eq!(findings(&all_printed()).await, BTreeSet::from(known));
    let own = of_the_pipelines();
    assert_eq!(own.len(), 6, "a role that delivers and an identity that reads, in each environment");
    assert_eq!(findings(&own).await, BTreeSet::new());
}

#[test]
fn everything_is_the_resource_only_where_aws_takes_nothing_narrower() {
    let listed = BTreeSet::from(ONLY_ON_EVERYTHING);
    let (mut wide, mut narrow) = (BTreeSet::new(), BTreeSet::new());
    for grant in kinds::registry(&Arc::new(Aws::new(None))).iter().flat_map(Kind::grants) {
        if grant.on == On::All { &mut wide } else { &mut narrow }.extend(grant.actions);
    }
    assert_eq!(wide, listed);
    assert!(narrow.is_disjoint(&listed), "{narrow:?}");
    for document in all_printed() {
        let allows = |one: &&Value| one["Effect"] == "Allow" && one["Resource"][0] == "*";
        for statement in statements(&[document]).filter(allows) {
            let allowed = |action: &str| listed.contains(action) || action == LOOKS_UP_WHO_CHANGED_WHAT;
            assert!(texts(&statement["Action"]).all(allowed), "{statement}");
        }
    }
}

#[test]
fn who_may_look_may_not_change_and_who_may_change_may_look() {
    for env in envs::ENVS {
        let policies = printed(env, &[]);
        let of = |job: &str| actions(policies[job].as_array().unwrap());
        assert!(of("plan").is_subset(&of("apply")));
        for action in of("plan") {
            let (_, name) = action.split_once(':').unwrap();
            assert!(
                ["Get", "List", "Describe", "Lookup"].iter().any(|reads| name.starts_with(reads)),
                "{action} only looks"
            );
        }
        assert!(!of("plan").contains("ssm:GetParameter") && !of("apply").contains("kms:Decrypt"), "no secret is read");
    }
}

#[test]
fn prefixes_take_less_room_and_keep_the_names_that_are_others() {
    let (exact, wide) = (printed("prod", &[]), printed("prod", &["--prefix"]));
    assert!(wide["apply"].to_string().len() < exact["apply"].to_string().len());
    assert!(wide["apply"].to_string().contains("alarm:acme-clickstream-prod-*"));
    assert!(wide["apply"].to_string().contains("arn:aws:s3:::acme-clickstream-events-prod\""));
}

#[test]
fn the_delivery_role_is_passed_to_firehose_alone_and_by_nobody_who_does_not_apply() {
    let policies = printed("dev", &[]);
    let passing = |job: &str| {
        let all = policies[job].as_array().unwrap().clone();
        let passing = |statement: &&Value| texts(&statement["Action"]).any(|action| action == "iam:PassRole");
        statements(&all).filter(passing).cloned().collect::<Vec<_>>()
    };
    let role = "arn:aws:iam::123456789012:role/acme-clickstream-dev-clicks-firehose";
    let expected = json!({
        "Effect": "Allow",
        "Action": ["iam:PassRole"],
        "Resource": [role],
        "Condition": { "StringEquals": { "iam:PassedToService": "firehose.amazonaws.com" } },
    });
    let [mut statement] = <[Value; 1]>::try_from(passing("apply")).unwrap();
    statement.as_object_mut().unwrap().remove("Sid");
    assert_eq!(statement, expected);
    assert_eq!([passing("plan"), passing("operate")], [const { Vec::<Value>::new() }; 2]);
}
