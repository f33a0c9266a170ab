//! A Rego engine, for rules that other tools than pipectl enforce.

use std::path::Path;
use std::process::Command;

use pipectl::ops::sandbox::install::{Packages, install};

use super::emulator::{ANNOUNCE, home, wait_for};

/// Microsoft's engine, rego-cpp, with its bindings.
const REGO: Packages = Packages { name: "regopy-1.5.2", requirements: &["regopy==1.5.2"] };

const QUERY: &str = "
import json, sys, regopy
rego = regopy.Interpreter()
rego.add_module('rules', open(sys.argv[1]).read())
rego.set_input(json.load(open(sys.argv[2])))
print(json.dumps(sorted(json.loads(str(rego.query('data.main.deny')))['expressions'][0])))
";

/// What the rules deny about a file: what `conftest test` would print as failures.
pub(crate) fn denied(rules: &Path, file: &Path) -> Vec<String> {
    let python = wait_for(async { install(&REGO, &home(), ANNOUNCE).await.unwrap() });
    let output = Command::new(python).args(["-c", QUERY]).args([rules, file]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
