//! The template, as cfn-lint and CloudFormation's own schemas see it.

use std::sync::Arc;

use pipectl::export::Target;
use pipectl::ops::sandbox::install::Packages;
use serde_json::{Value, json};

use super::{ENVS, exported, json_of, python, run, written};

pub(super) const CFN_LINT: Packages = Packages { name: "cfn-lint-1.58.0", requirements: &["cfn-lint==1.58.0"] };

/// The command, whose errors and warnings are a list of JSON.
const LINT: [&str; 5] = ["-c", "from cfnlint.runner import main; main()", "--format", "json", "template.yaml"];

/// For each type that is imported: its primary identifier, and whether CloudFormation can read it, without which it can
/// import nothing.
const SCHEMAS: &str = "
import json, sys
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
known = {}
for kind in sys.argv[1:]:
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema('us-east-1', kind).schema
    known[kind] = {'identifier': schema['primaryIdentifier'], 'read': 'read' in schema.get('handlers', {})}
print(json.dumps(known))
";

/// The template as JSON; PyYAML reads YAML 1.1, the stricter of the two that tools use.
const YAML: &str = "import json, yaml; print(json.dumps(yaml.safe_load(open('template.yaml'))))";

#[tokio::test]
async fn cfn_lint_finds_nothing_wrong() {
    let python = python(&CFN_LINT).await;
    for env in ENVS {
        let folder = written(&exported(env, Target::CloudFormation));
        let output = run(&python, &LINT, folder.path()).await;
        assert_eq!(json_of(&output), json!([]), "{env}");
    }
}

#[tokio::test]
async fn a_misspelt_property_would_be_found() {
    let python = python(&CFN_LINT).await;
    let mut export = exported("dev", Target::CloudFormation);
    let template = export.files.get_mut("template.yaml").unwrap();
    *template = template.replace("RetentionPeriodHours", "RetentionHours");
    let folder = written(&export);
    let output = run(&python, &LINT, folder.path()).await;
    assert_eq!(json_of(&output)[0]["Rule"]["Id"], "E3002");
}

#[tokio::test]
async fn everything_is_imported_by_its_primary_identifier_and_kept() {
    let python = python(&CFN_LINT).await;
    for env in ENVS {
        let export = exported(env, Target::CloudFormation);
        let folder = written(&export);
        let template = json_of(&run(&python, &["-c", YAML], folder.path()).await);
        let to_import: Vec<Value> = serde_json::from_str(&export.files["resources-to-import.json"]).unwrap();
        assert_eq!(to_import.len(), template["Resources"].as_object().unwrap().len(), "{env}");
        assert_eq!(to_import.len(), export.imports);
        let kinds: Vec<&str> = to_import.iter().map(|one| one["ResourceType"].as_str().unwrap()).collect();
        let schemas = json_of(&run(&python, &[&["-c", SCHEMAS][..], &kinds].concat(), folder.path()).await);
        for one in &to_import {
            let (kind, resource) =
                (&one["ResourceType"], &template["Resources"][one["LogicalResourceId"].as_str().unwrap()]);
            assert_eq!((&resource["Type"], &resource["DeletionPolicy"]), (kind, &json!("Retain")));
            let schema = &schemas[kind.as_str().unwrap()];
            assert_eq!(schema["read"], true, "{kind} cannot be imported");
            let given = one["ResourceIdentifier"].as_object().unwrap().keys();
            let given: Value = given.map(|name| format!("/properties/{name}")).collect();
            assert_eq!(schema["identifier"], given, "{kind}");
        }
    }
}

#[tokio::test]
async fn what_an_access_key_and_a_topic_policy_lack_is_true() {
    let kinds = ["AWS::IAM::AccessKey", "AWS::SNS::TopicPolicy"];
    let folder = tempfile::tempdir().unwrap();
    let python = python(&CFN_LINT).await;
    let schemas = json_of(&run(&python, &[&["-c", SCHEMAS][..], &kinds].concat(), folder.path()).await);
    assert!(kinds.iter().all(|kind| schemas[kind]["read"] == false), "{schemas}: they can be imported by now");
}

#[tokio::test]
async fn texts_that_look_like_something_else_stay_texts() {
    let python = python(&CFN_LINT).await;
    let odd =
        ["no", "on", "12:30", "1e3", "0o17", "017", "", "~", "2012-10-17", "123456789012", "${x}", "#", "a: b", "y"];
    let mut estate = super::estate("dev");
    let tags: Value = odd
        .iter()
        .enumerate()
        .map(|(at, text)| (format!("t{at:02}"), json!(text)))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let stream = estate.resources.get_mut(&"stream.clicks".parse().unwrap()).unwrap();
    Arc::make_mut(&mut stream.attributes)["tags"] = tags;
    let folder = written(&pipectl::export::export(&estate, Target::CloudFormation).unwrap());
    let template = json_of(&run(&python, &["-c", YAML], folder.path()).await);
    let tags = template["Resources"]["StreamClicks"]["Properties"]["Tags"].as_array().unwrap();
    let values: Vec<&str> = tags.iter().map(|tag| tag["Value"].as_str().unwrap()).collect();
    assert_eq!(values, odd);
}
