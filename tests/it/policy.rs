//! Every rule of `[policy]` is broken by what it is about, at its place, and kept by what is right.

use std::fs;
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::blueprint;
use pipectl::engine::scope::Scope;
use pipectl::ops::site::canonical;
use pipectl::policy::violations;
use pipectl::spec::{Options, Source, load};

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
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("dev.toml");
    fs::write(&file, format!("{spec}\n[policy]\n{rule}\n")).unwrap();
    let options = Options { root: folder.path().to_owned(), ..Options::default() };
    let spec =
        load(&Source::File(file), &options).unwrap_or_else(|report| panic!("{}", report.render(false, 120))).spec;
    let registry = kinds::registry(&Arc::new(Aws::new(None)));
    let graph = canonical(&registry, blueprint::build(&spec, &Scope::new("123456789012", &spec.env.region))).unwrap();
    violations(&spec, &graph)
        .into_iter()
        .map(|violation| format!("{}: {}", violation.path, violation.message))
        .collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_stream_without_encryption_breaks_both_strengths_and_a_bucket_or_table_without_a_key_the_stronger() {
    let plain = SPEC.replace("shards = 2", "shards = 2\nencrypted = false");
    let stream = "stream.clicks.encrypted: the records of `stream.clicks` are not encrypted";
    let bucket = "bucket.events.kms_key: `bucket.events` encrypts its objects with S3's own key, not with one in KMS";
    assert_eq!(broken("require_encryption = \"any\"", SPEC), NOTHING);
    assert_eq!(broken("require_encryption = \"any\"", &plain), [stream]);
    assert_eq!(broken("require_encryption = \"kms\"", &plain), [stream, bucket]);
    let keyed = SPEC.replace("[bucket.events]", "[bucket.events]\nkms_key = \"alias/clicks\"");
    assert_eq!(broken("require_encryption = \"kms\"", &keyed), NOTHING);
    let table = format!("{keyed}\n[table.sessions]\npartition_key = {{ name = \"id\" }}");
    let items =
        "table.sessions.kms_key: `table.sessions` encrypts its items with DynamoDB's own key, not with one in KMS";
    assert_eq!(broken("require_encryption = \"any\"", &table), NOTHING);
    assert_eq!(broken("require_encryption = \"kms\"", &table), [items]);
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
fn a_region_that_is_not_allowed_is_refused() {
    assert_eq!(broken("allowed_regions = [\"us-east-1\", \"us-west-2\"]", SPEC), NOTHING);
    let expected = ["env.region: the environment may not be in `us-east-1`"];
    assert_eq!(broken("allowed_regions = [\"eu-west-1\"]", SPEC), expected);
}

#[test]
fn a_cost_above_the_most_is_refused_and_so_is_one_that_cannot_be_told() {
    // Two shards, KMS and the dashboard.
    assert_eq!(broken("max_monthly_cost = 25", SPEC), NOTHING);
    let expected = "policy.max_monthly_cost: the environment would cost USD 24.95 a month, and may cost 24.00";
    assert_eq!(broken("max_monthly_cost = 24", SPEC), [expected]);
    let busy = SPEC.replace("shards = 2", "shards = 2\nexpect = { records_per_second = 1000, bytes = 800 }");
    assert_eq!(broken("max_monthly_cost = 25", &busy).len(), 1);
    let elsewhere = SPEC.replace("us-east-1", "eu-south-1");
    let expected = "policy.max_monthly_cost: what the environment costs cannot be told: there are no prices of the region `eu-south-1`";
    assert!(broken("max_monthly_cost = 25", &elsewhere)[0].starts_with(expected));
}
