//! checkov's opinion of the template: what it finds is what docs/security.md gives a reason for, no more and no less.

use std::collections::BTreeSet;

use pipectl::export::Target;
use pipectl::ops::sandbox::install::Packages;

use super::{ENVS, exported, json_of, python, run};

const CHECKOV: Packages = Packages { name: "checkov-3.3.30", requirements: &["checkov==3.3.30"] };

const REASONS: &str = include_str!("../../../docs/security.md");

/// The checks in the first column of the table.
fn listed() -> BTreeSet<String> {
    let rows = REASONS.lines().filter_map(|line| line.strip_prefix("| CKV"));
    rows.map(|row| format!("CKV{}", row.split_whitespace().next().unwrap())).collect()
}

#[test]
fn every_listed_check_has_a_reason() {
    assert!(!listed().is_empty());
    let rows = REASONS.lines().filter(|line| line.starts_with("| CKV"));
    assert!(rows.into_iter().all(|row| row.split('|').filter(|cell| cell.trim().len() > 20).count() >= 2), "{REASONS}");
}

/// 290 MB to fetch, and half a minute to run: `PIPECTL_TEST_ALL=1 cargo test checkov`.
#[tokio::test]
async fn checkov_finds_only_what_has_a_reason() {
    if std::env::var_os("PIPECTL_TEST_ALL").is_none() {
        println!("skipped: checkov is large and slow; PIPECTL_TEST_ALL=1 runs it");
        return;
    }
    let python = python(&CHECKOV).await;
    let folder = tempfile::tempdir().unwrap();
    for env in ENVS {
        let template = &exported(env, Target::CloudFormation).files["template.yaml"];
        std::fs::write(folder.path().join(format!("{}.yaml", env.replace('/', "-"))), template).unwrap();
    }
    let options = ["--framework", "cloudformation", "--skip-download", "--quiet", "--compact", "--output", "json"];
    let arguments = [&["-m", "checkov.main", "--directory", "."][..], &options].concat();
    let report = json_of(&run(&python, &arguments, folder.path()).await);
    assert_eq!(report["summary"]["parsing_errors"], 0);
    assert!(report["summary"]["passed"].as_u64().unwrap() > 50, "{}", report["summary"]);
    let failed = report["results"]["failed_checks"].as_array().unwrap();
    let failed: BTreeSet<String> = failed.iter().map(|check| check["check_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(failed, listed(), "what fails, and what docs/security.md lists");
}
