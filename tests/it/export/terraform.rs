//! The HCL, as another implementation of HCL reads it.

use std::collections::BTreeSet;

use pipectl::export::Target;
use pipectl::ops::sandbox::install::Packages;
use serde_json::Value;

use super::{ENVS, exported, json_of, python, run, written};

const HCL2: Packages = Packages { name: "python-hcl2-8.1.4", requirements: &["python-hcl2==8.1.4"] };

/// Prints every file as one JSON object.
const READ: &str = "
import glob, hcl2, json
print(json.dumps({name: hcl2.load(open(name)) for name in glob.glob('*.tf')}))
";

/// What the provider takes, as its own schema says.
const ARGUMENTS: &str = include_str!("../../files/terraform/aws-5.100.0.txt");

/// An argument of a later release, written only where it is not what it was before.
const LATER: &str = "aws_kinesis_stream max_record_size_in_kib";

/// The files as JSON.
async fn parsed(env: &str) -> Value {
    let folder = written(&exported(env, Target::Terraform));
    json_of(&run(&python(&HCL2).await, &["-c", READ], folder.path()).await)
}

/// python-hcl2 leaves quotes around texts.
fn bare(text: &str) -> &str {
    text.trim_matches('"')
}

/// The resources of `main.tf`: type, label, body.
fn resources(files: &Value) -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for block in files["main.tf"]["resource"].as_array().unwrap() {
        let entries = |value: &Value| -> Vec<(String, Value)> {
            let map = value.as_object().unwrap().iter().filter(|(key, _)| !key.starts_with("__"));
            map.map(|(key, value)| (bare(key).to_owned(), value.clone())).collect()
        };
        for (kind, labels) in entries(block) {
            all.extend(entries(&labels).into_iter().map(|(label, body)| (kind.clone(), label, body)));
        }
    }
    all
}

/// Every argument of a body; nested blocks with dots.
fn arguments(body: &Value, path: &str, found: &mut BTreeSet<String>) {
    for (name, value) in body.as_object().unwrap().iter().filter(|(name, _)| !name.starts_with("__")) {
        let path = format!("{path}{name}");
        // Blocks are lists of objects, each marked as a block.
        let blocks = value.as_array().into_iter().flatten().filter(|item| item["__is_block__"] == true);
        let blocks: Vec<_> = blocks.collect();
        if blocks.is_empty() {
            found.insert(path);
        } else {
            for block in blocks {
                arguments(block, &format!("{path}."), found);
            }
        }
    }
}

#[tokio::test]
async fn each_import_leads_to_a_resource_and_each_resource_has_one() {
    for env in ENVS {
        let files = parsed(env).await;
        let resources: BTreeSet<String> =
            resources(&files).into_iter().map(|(kind, label, _)| format!("${{{kind}.{label}}}")).collect();
        let imports = files["imports.tf"]["import"].as_array().unwrap();
        let targets: BTreeSet<String> =
            imports.iter().map(|import| import["to"].as_str().unwrap().to_owned()).collect();
        assert_eq!(targets, resources, "{env}");
        assert_eq!(imports.len(), exported(env, Target::Terraform).imports);
        assert_eq!(imports.len(), targets.len(), "nothing is imported twice");
    }
}

#[tokio::test]
async fn every_argument_is_one_that_the_provider_takes() {
    let known: BTreeSet<&str> = ARGUMENTS.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(!known.contains(LATER), "no longer of a later release");
    for env in ENVS {
        for (kind, label, body) in resources(&parsed(env).await) {
            let mut used = BTreeSet::new();
            arguments(&body, "", &mut used);
            used.remove("lifecycle.ignore_changes");
            let unknown: Vec<_> =
                used.iter().filter(|name| !known.contains(format!("{kind} {name}").as_str())).collect();
            assert!(unknown.is_empty(), "{kind}.{label}: {unknown:?}");
        }
    }
}

#[tokio::test]
async fn references_take_the_place_of_copied_arns() {
    for env in ENVS {
        let text = exported(env, Target::Terraform).files.remove("main.tf").unwrap();
        // A topic cannot refer to itself in its own policy, neither a pattern nor the catalog itself names a resource, and what
        // API Gateway calls and calls with is spelt in ARNs of its own.
        let patterns = [":alarm:*", ":secret:", ":log-group:/aws-glue/jobs/", ":catalog\""];
        let own = ["-alerts\"]", "-thresholds\"]", "arn:aws:apigateway:", "arn:aws:execute-api:"];
        let unavoidable = |line: &str| patterns.iter().chain(&own).any(|part| line.contains(part));
        let copied = text.lines().filter(|line| line.contains(":123456789012:") && !unavoidable(line));
        let copied: Vec<&str> = copied.collect();
        assert!(copied.is_empty(), "{env}: {copied:#?}");
    }
}
