//! The ends of Lambda's runtimes, as cfn-lint has them: what is past them is refused or warned of, and nothing else.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;
use time::OffsetDateTime;

use super::{python, told};

const READ: &str = "
import pathlib, cfnlint
print((pathlib.Path(cfnlint.__file__).parent / 'data/AdditionalSpecs/LmbdRuntimeLifecycle.json').read_text())
";

#[tokio::test]
async fn runtimes_are_taken_warned_of_and_refused_by_the_days_that_aws_has_announced() {
    let output = Command::new(python().await).args(["-c", READ]).output().unwrap();
    let table: BTreeMap<String, Value> = serde_json::from_slice(&output.stdout).unwrap();
    let today = OffsetDateTime::now_utc().date().to_string();
    let is_past = |day: &Value| day.as_str().is_some_and(|day| day <= today.as_str());
    assert!(table.len() > 40, "{}", table.len());
    for (name, ends) in &table {
        let (errors, warnings) = told(&[format!("function.r.runtime=\"{name}\"")]);
        let warned = warnings.iter().any(|warning| warning.contains("has retired"));
        // One that no function can be made with has no such day: it is for images alone.
        let refused = ends["create-block"].is_null() || is_past(&ends["create-block"]);
        assert_eq!(!errors.is_empty(), refused, "{name}: {errors:?}");
        assert_eq!(warned, !refused && is_past(&ends["deprecated"]), "{name}: {warnings:?}");
    }
}
