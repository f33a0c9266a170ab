//! Every rule of `[policy]` is broken by what it is about, at its place, and kept by what is right.

use std::collections::BTreeSet;
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::model::address::Address;
use pipectl::model::graph::{Graph, Resource};
use pipectl::policy::violations;
use serde_json::Value;

use crate::support::spec::{graph, parsed};

const SPEC: &str = r#"
[project]
name = "acme"
[env]
region = "us-east-1"
tags = { team = "growth" }
[stream.clicks]
shards = 2
[bucket.events]
[firehose.clicks]
source = "stream.clicks"
destination = "bucket.events"
prefix = "events/"
[dashboard.all]
"#;

/// `path: message` of everything that breaks a rule.
fn broken(rule: &str, spec: &str) -> Vec<String> {
    let spec = parsed(&format!("{spec}\n[policy]\n{rule}\n"));
    violations(&spec, &graph(&spec))
        .into_iter()
        .map(|violation| format!("{}: {}", violation.path, violation.message))
        .collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn what_is_not_encrypted_breaks_both_strengths_and_what_has_no_key_of_its_own_the_stronger() {
    let plain = |field: &str, one: &str| format!("{one}.{field}: `{one}` is not encrypted at rest");
    let by_service =
        |one: &str| format!("{one}.kms_key: `{one}` is encrypted with a key of the service's own, not with one in KMS");
    let open = SPEC.replace("shards = 2", "shards = 2\nencrypted = false");
    let stream = plain("encrypted", "stream.clicks");
    assert_eq!(broken("require_encryption = \"any\"", SPEC), NOTHING);
    assert_eq!(broken("require_encryption = \"any\"", &open), std::slice::from_ref(&stream));
    assert_eq!(broken("require_encryption = \"kms\"", &open), [by_service("bucket.events"), stream]);
    let keyed = SPEC.replace("[bucket.events]", "[bucket.events]\nkms_key = \"alias/clicks\"");
    assert_eq!(broken("require_encryption = \"kms\"", &keyed), NOTHING);
    let more = "[table.sessions]\npartition_key = { name = \"id\" }\n[queue.failed]\n[topic.alerts]";
    let more = format!("{keyed}\n{more}\n");
    let topic = "topic.alerts.kms_key: `topic.alerts` encrypts messages with no key in KMS".to_owned();
    assert_eq!(broken("require_encryption = \"any\"", &more), NOTHING);
    let all = [by_service("queue.failed"), by_service("table.sessions"), topic];
    assert_eq!(broken("require_encryption = \"kms\"", &more), all);
    let with_keys = more
        .replace("[queue.failed]", "[queue.failed]\nkms_key = \"alias/clicks\"")
        .replace("[topic.alerts]", "[topic.alerts]\nkms_key = \"alias/clicks\"")
        .replace("[table.sessions]", "[table.sessions]\nkms_key = \"alias/clicks\"");
    assert_eq!(broken("require_encryption = \"kms\"", &with_keys), NOTHING);
}

/// Which a rule that nobody has extended would let pass.
#[test]
fn every_type_is_one_that_the_rules_can_judge() {
    let registry = kinds::registry(&Arc::new(Aws::new(None)));
    let spec = parsed(&format!("{SPEC}[policy]\nrequire_encryption = \"any\"\n"));
    for kind in registry.iter() {
        let mut graph = Graph::default();
        let examples: Value = toml::from_str(kind.examples()).unwrap();
        let address = Address::block("thing", "one");
        let (kind_name, attributes) = (kind.name().to_owned(), kind.canonical(&examples["first"]).unwrap().into());
        let depends_on = BTreeSet::new();
        graph.add(Resource { address, kind: kind_name, attributes, depends_on, protect: false, adopt: false });
        let judged = violations(&spec, &graph);
        assert!(!judged.iter().any(|one| one.message.starts_with("nobody knows")), "{}: {judged:?}", kind.name());
    }
}

#[test]
fn a_tag_is_required_of_every_block_that_can_have_one() {
    assert_eq!(broken("require_tags = [\"team\"]", SPEC), NOTHING);
    let expected = ["bucket.events", "firehose.clicks", "stream.clicks"]
        .map(|block| format!("{block}.tags: `{block}` lacks the tags `cost-center`, `tier`"));
    assert_eq!(broken("require_tags = [\"tier\", \"team\", \"cost-center\"]", SPEC), expected);
}

#[test]
fn what_pipectl_writes_allows_no_wildcards() {
    assert_eq!(broken("no_wildcard_actions = true", SPEC), NOTHING);
}

#[test]
fn a_wildcard_of_one_s_own_and_a_managed_policy_break_the_rule_of_names() {
    const FUNCTION: &str = "[function.f]\ncode = \"f\"\nruntime = \"python3.13\"\nhandler = \"app.handler\"\n";
    let broken = |rule: &str, line: &str| broken(rule, &format!("{SPEC}{FUNCTION}{line}\n"));
    let rule = "no_wildcard_actions = true";
    let allow = |action: &str| format!("allow = [{{ actions = [\"{action}\"], resources = [\"*\"] }}]");
    assert_eq!(broken(rule, &allow("ses:SendEmail")), NOTHING);
    let expected = "function.f: `function.f/role` allows `ses:Send*` in its policies.own";
    assert_eq!(broken(rule, &allow("ses:Send*")), [expected]);
    let managed = "policies = [\"arn:aws:iam::aws:policy/ReadOnlyAccess\"]";
    let expected =
        "function.f: `function.f/role` has \"arn:aws:iam::aws:policy/ReadOnlyAccess\", whose actions no spec says";
    assert_eq!(broken(rule, managed), [expected]);
    assert_eq!(broken(&format!("{rule}\nunknown = \"allow\""), managed), NOTHING);
}

#[test]
fn a_region_that_is_not_allowed_is_refused() {
    assert_eq!(broken("allowed_regions = [\"us-east-1\", \"us-west-2\"]", SPEC), NOTHING);
    let expected = ["env.region: the environment may not be in `us-east-1`"];
    assert_eq!(broken("allowed_regions = [\"eu-west-1\"]", SPEC), expected);
}

#[test]
fn a_cost_above_the_most_is_refused_and_so_is_one_that_cannot_be_told() {
    // Two shards, KMS and the dashboard; nobody says what the stream carries.
    let anyhow = "\nunknown = \"allow\"";
    let known = |most: &str| broken(&format!("max_monthly_cost = {most}{anyhow}"), SPEC);
    assert_eq!(known("25"), NOTHING);
    let expected = "policy.max_monthly_cost: the environment would cost at least USD 24.95 a month, and may cost 24.00";
    assert_eq!(known("24"), [expected]);
    let busy = SPEC.replace("shards = 2", "shards = 2\nexpect = { records_per_second = 1000, bytes = 800 }");
    assert_eq!(broken("max_monthly_cost = 25", &busy).len(), 1);
    let unknown = "policy.max_monthly_cost: USD 24.95 a month is the least that the environment costs: it leaves out \
                   stream.clicks whose traffic is not known (write what you `expect`)";
    assert_eq!(broken("max_monthly_cost = 25", SPEC), [unknown]);
    let quiet = SPEC.replace("shards = 2", "shards = 2\nexpect = { records_per_second = 1, bytes = 800 }");
    assert_eq!(broken("max_monthly_cost = 50", &quiet), NOTHING);
    let table = "[table.t]\npartition_key = { name = \"id\" }\ncapacity = { read = 1, write = 40000 }\n";
    let provisioned = broken("max_monthly_cost = 50", &format!("{quiet}{table}"));
    let expected =
        "policy.max_monthly_cost: the environment would cost at least USD 19006.03 a month, and may cost 50.00";
    assert_eq!(provisioned, [expected]);
    // Frankfurt has no price of an on-demand stream.
    let on_demand = quiet.replace("shards = 2", "mode = \"on-demand\"").replace("us-east-1", "eu-central-1");
    let unpriced = broken("max_monthly_cost = 50", &on_demand);
    assert!(
        unpriced.len() == 1 && unpriced[0].contains("it leaves out firehose.clicks, stream.clicks without prices"),
        "{unpriced:?}"
    );
    let elsewhere = SPEC.replace("us-east-1", "eu-south-1");
    let expected = "policy.max_monthly_cost: what the environment costs cannot be told: there are no prices of the region `eu-south-1`";
    assert!(broken("max_monthly_cost = 25", &elsewhere)[0].starts_with(expected));
}
