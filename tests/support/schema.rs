//! JSON against a JSON Schema, by check-jsonschema.

use std::io::Write;
use std::path::Path;
use std::process::Command;

use pipectl::ops::sandbox::install::{Packages, install};

use super::emulator::{ANNOUNCE, home, wait_for};

const CHECKER: Packages = Packages { name: "check-jsonschema-0.39.0", requirements: &["check-jsonschema==0.39.0"] };

/// What is wrong with a JSON text by a schema of `tests/files`; nothing where it fits.
pub(crate) fn misfit(json: &str, schema: &str) -> Option<String> {
    let python = wait_for(async { install(&CHECKER, &home(), ANNOUNCE).await.unwrap() });
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files").join(schema);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(json.as_bytes()).unwrap();
    let mut check = Command::new(python);
    check.args(["-I", "-m", "check_jsonschema", "--schemafile"]).arg(schema).arg(file.path());
    let output = check.output().unwrap();
    (!output.status.success()).then(|| String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned())
}
