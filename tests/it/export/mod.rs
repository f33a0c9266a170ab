//! What other tools get: whole, in their own words, and accepted by their own checkers.

mod cloudformation;
mod coverage;
mod data;
mod guards;
mod security;
mod terraform;

use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::blueprint;
use pipectl::export::{Estate, Export, Managed, Target, export};
use pipectl::model::graph::Graph;
use pipectl::model::kind::Registry;
use pipectl::model::scope::Scope;
use pipectl::ops::sandbox::install::{Packages, install};
use pipectl::ops::site::canonical;
use pipectl::spec::{Options, Source, load};
use serde_json::{Value, json};
use tokio::process::Command;

use crate::support::emulator;

/// The environments of this repository, and those of an example with the folder that it is in.
const ENVS: [&str; 5] = ["dev", "staging", "prod", "examples/prices/dev", "examples/prices/prod"];

fn registry() -> Registry {
    kinds::registry(&Arc::new(Aws::new(None)))
}

fn scope() -> Scope {
    Scope::new("123456789012", "eu-west-1")
}

/// What AWS makes up, for every kind.
fn outputs() -> Value {
    json!({
        "arn": "arn:aws:sns:eu-west-1:123456789012:alerts:0f2c4d8e-7a1b-4c3d-9e5f-6a7b8c9d0e1f",
        "access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "id": "a1b2c3",
        "url": "https://sqs.eu-west-1.amazonaws.com/123456789012/conformance-orders.fifo",
        "api_id": "a1b2c3",
        "deployment_id": "d4e5f6",
        "key_ids": { "conformance-partner": "k1", "conformance-other-partner": "k2" },
        "source_arn": "arn:aws:execute-api:eu-west-1:123456789012:a1b2c3/*/POST/events",
        "uuid": "0f2c4d8e-7a1b-4c3d-9e5f-6a7b8c9d0e1f",
    })
}

/// One of [`ENVS`] as it is once it is applied.
fn estate(env: &str) -> Estate {
    let (folder, name) = env.rsplit_once('/').unwrap_or(("", env));
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let options = Options { root, account: Some(scope().account), ..Options::default() };
    let loaded = load(&Source::Env(name.to_owned()), &options);
    let loaded = loaded.unwrap_or_else(|report| panic!("{}", report.render(false, 120)));
    let project = loaded.spec.project.name.clone();
    let Graph { resources, externals, .. } = canonical(&registry(), blueprint::build(&loaded.spec, &scope())).unwrap();
    let resources = resources.into_iter().map(|(address, resource)| {
        let (kind, attributes, outputs) = (resource.kind, resource.attributes, outputs().into());
        (address, Managed { kind, attributes, outputs, left_alone: Vec::new() })
    });
    let resources = resources.collect();
    Estate { project, env: name.into(), scope: scope(), resources, externals }
}

fn exported(env: &str, target: Target) -> Export {
    export(&estate(env), target).unwrap()
}

/// The files of an export in a folder of their own.
fn written(export: &Export) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in &export.files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// A Python with these packages, fetched once into `target/`.
async fn python(packages: &Packages) -> PathBuf {
    install(packages, &emulator::home(), &|line| println!("{line}")).await.unwrap()
}

/// Runs a Python with arguments in a folder.
async fn run(python: &Path, arguments: &[&str], folder: &Path) -> Output {
    Command::new(python).args(arguments).current_dir(folder).output().await.unwrap()
}

/// The standard output as JSON.
fn json_of(output: &Output) -> Value {
    let error = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|cause| panic!("{cause}\n{error}"))
}

/// Compares the files of an export with those kept in `tests/files`; `UPDATE=1 cargo test export` writes these anew.
#[test]
fn the_exports_of_prod_read_as_they_should() {
    for target in [Target::Terraform, Target::CloudFormation] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/files/export").join(target.word());
        for (name, text) in exported("prod", target).files {
            let file = folder.join(name);
            if std::env::var_os("UPDATE").is_some() {
                std::fs::create_dir_all(&folder).unwrap();
                std::fs::write(&file, &text).unwrap();
            }
            let kept = std::fs::read_to_string(&file).unwrap_or_default();
            assert_eq!(text, kept, "{target}, {name}: run `UPDATE=1 cargo test export`");
        }
    }
}
