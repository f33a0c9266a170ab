//! The table in docs/security.md: what of each resource type is compared, what is named where it is found, and what nobody
//! looks at.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::model::kind::{Kind, Registry};
use serde_json::Value;

const BEGIN: &str = "<!-- Generated from the types by `UPDATE=1 cargo test what_is_looked_at`. -->\n";
const END: &str = "<!-- The end of what is generated. -->\n";

fn registry() -> Registry {
    kinds::registry(&Arc::new(Aws::new(Some("us-east-1".to_owned()))))
}

/// The rows of all types.
fn table(registry: &Registry) -> String {
    let mut table = "| type | what is live | |\n|---|---|---|\n".to_owned();
    for kind in registry.iter() {
        let _ = writeln!(table, "| `{}` | {} | compared |", kind.name(), attributes(kind));
        for setting in kind.coverage().named {
            let how = setting.action.map(|action| format!(", by `{action}`")).unwrap_or_default();
            let _ = writeln!(table, "| | {} | named: {}{how} |", setting.what, setting.weight.words());
        }
        for (what, why) in kind.coverage().not_looked_at {
            let _ = writeln!(table, "| | {what} | not looked at: {why} |");
        }
    }
    table
}

fn attributes(kind: &dyn Kind) -> String {
    let told = |(name, schema): (&String, &Value)| {
        let left_to_aws = schema["x-computed"] == true && schema["x-files"] != true;
        format!("`{name}`{}", if left_to_aws { " (where the spec sets it)" } else { "" })
    };
    kind.schema()["properties"].as_object().unwrap().iter().map(told).collect::<Vec<_>>().join(", ")
}

#[test]
fn docs_security_md_says_of_every_type_what_is_looked_at_and_what_is_not() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/security.md");
    let docs = fs::read_to_string(&path).unwrap();
    let (before, rest) = docs.split_once(BEGIN).expect("a place for the table");
    let (_, after) = rest.split_once(END).expect("an end of the table");
    let right = format!("{before}{BEGIN}\n{}\n{END}{after}", table(&registry()));
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &right).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap();
    assert!(written == right, "docs/security.md is out of date: run `UPDATE=1 cargo test what_is_looked_at`");
}

/// What a look asks for has its action among the type's grants, so that the role that plans may make the call.
#[test]
fn every_call_that_looks_closer_is_granted_to_the_role_that_plans() {
    use pipectl::model::grant::Job;
    for kind in registry().iter() {
        for setting in kind.coverage().named {
            let Some(action) = setting.action else { continue };
            let granted = kind.grants().iter().any(|grant| grant.job == Job::Plan && grant.actions.contains(&action));
            assert!(granted, "{}: {} needs {action}", kind.name(), setting.what);
        }
    }
}
