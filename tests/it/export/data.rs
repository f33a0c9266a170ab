//! What others own, in the files for other tools: looked up, and never managed.

use std::sync::Arc;

use pipectl::export::{Estate, Managed, Target, export};

use super::{outputs, scope};
use crate::support::spec::{graph, parsed};

/// Uses somebody else's thing of every kind that Terraform can look up, one that it cannot, and one of another account.
const SPEC: &str = r#"
[project]
name = "acme"
[env]
name = "dev"
region = "eu-west-1"
account_id = "123456789012"
[stream.orders]
external = { name = "orders" }
[stream.far]
external = "arn:aws:kinesis:eu-west-1:999988887777:stream/far"
[bucket.lake]
external = { name = "acme-lake" }
[topic.oncall]
external = { name = "oncall" }
[queue.failed]
external = { name = "failed" }
[table.pages]
external = { name = "pages" }
[firehose.theirs]
external = { name = "theirs" }
[function.other]
external = { name = "other" }
[api.front]
external = { name = "front" }
[alarm.broken]
external = { name = "broken" }
[key.data]
external = "arn:aws:kms:eu-west-1:123456789012:key/0f2c4d8e-7a1b-4c3d-9e5f-6a7b8c9d0e1f"
[role.loads]
external = { name = "data/loads" }
[secret.partner]
external = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:partner-AbCdEf"
[stream.clicks]
shards = 1
kms_key = "${key.data.arn}"
[firehose.orders]
source = "stream.orders"
destination = "bucket.lake"
prefix = "orders/"
error_prefix = "errors/"
role = "${role.loads.arn}"
[firehose.far]
source = "stream.far"
destination = "bucket.lake"
prefix = "far/"
error_prefix = "errors/"
[alarm.stuck]
watches = "firehose.theirs"
metric = "DeliveryToS3.Success"
threshold = 1
notifies = ["topic.oncall"]
"#;

fn estate() -> Estate {
    let graph = graph(&parsed(SPEC));
    let managed = |resource: pipectl::model::graph::Resource| {
        let (kind, attributes, outputs) = (resource.kind, resource.attributes, Arc::new(outputs()));
        Managed { kind, attributes, outputs, left_alone: Vec::new() }
    };
    let resources = graph.resources.into_iter().map(|(address, resource)| (address, managed(resource))).collect();
    Estate { project: "acme".into(), env: "dev".into(), scope: scope(), resources, externals: graph.externals }
}

#[test]
fn what_others_own_is_a_data_source_where_terraform_has_one_and_named_by_it() {
    let files = export(&estate(), Target::Terraform).unwrap().files;
    insta::assert_snapshot!(files["data.tf"]);
    let main = &files["main.tf"];
    for reference in [
        "kms_key_id       = data.aws_kms_key.key_data.arn",
        "= data.aws_kinesis_stream.stream_orders.arn",
        "= data.aws_s3_bucket.bucket_lake.arn",
        "= data.aws_iam_role.role_loads.arn",
        "[data.aws_sns_topic.topic_oncall.arn]",
        "\"${data.aws_s3_bucket.bucket_lake.arn}/*\"",
        // A data source looks into the provider's own account.
        "\"arn:aws:kinesis:eu-west-1:999988887777:stream/far\"",
    ] {
        assert!(main.contains(reference), "{reference}: {main}");
    }
    assert!(!main.contains("resource \"aws_kms_key\""));
}

#[test]
fn a_template_of_cloudformation_s_names_them_by_their_arns() {
    let files = export(&estate(), Target::CloudFormation).unwrap().files;
    assert!(files["template.yaml"].contains("arn:aws:kinesis:eu-west-1:123456789012:stream/orders"));
}

#[test]
fn where_nothing_is_somebody_elses_there_is_no_such_file() {
    let files = export(&Estate { externals: std::collections::BTreeMap::new(), ..estate() }, Target::Terraform);
    assert!(!files.unwrap().files.contains_key("data.tf"));
}
