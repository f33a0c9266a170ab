//! The secret of the access key is in the SSM parameter that keeps it, and nowhere else.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::cli::Output;
use crate::support::deployment::Deployment;
use crate::support::emulator::{self, Emulator};
use crate::support::json;
use crate::support::proxy::Failure;

/// With everything logged that anybody logs, the SDK too.
#[tokio::test]
async fn the_secret_is_nowhere_on_ministack() {
    the_secret_is_nowhere(emulator::ministack()).await;
}

#[tokio::test]
async fn the_secret_is_nowhere_on_moto() {
    the_secret_is_nowhere(emulator::moto()).await;
}

async fn the_secret_is_nowhere(emulator: &'static Emulator) {
    let mut deployment = Deployment::bootstrapped(emulator, "dev").await;
    deployment.cli = deployment.cli.env("PIPECTL_LOG", "trace");
    let mut said = Vec::new();
    let mut run = |arguments: &[&str]| said.push(deployment.run(arguments));
    run(&["plan"]);
    // The key is made and cannot be kept: a failure that has seen a secret.
    let denied = deployment.proxy.on("ssm:PutParameter").first(1).fail(Failure::Denied);
    run(&["apply", "--auto-approve"]);
    assert_eq!(denied.struck(), 1);
    run(&["apply", "--auto-approve"]);
    let secret = secret(&deployment).await;
    for command in [&["plan"][..], &["plan", "--json"], &["show"], &["output"], &["drift"], &["state", "pull"]] {
        run(command);
    }
    run(&["destroy", "--plan-only", "--out", "destroy.json"]);
    assert!(said.iter().any(|output| output.stderr.contains("iam") && output.stderr.contains("TRACE")), "it logs");
    for output in &said {
        let Output { stdout, stderr, .. } = output;
        assert!(!stdout.contains(&secret) && !stderr.contains(&secret), "printed");
    }
    for (name, text) in files(&deployment.cli.path(".")).into_iter().chain(objects(&deployment).await) {
        assert!(!text.contains(&secret), "in {name}");
    }
}

/// What the parameter keeps.
async fn secret(deployment: &Deployment) -> String {
    let kept = json::parameter(&deployment.account, "/acme-clickstream/dev/events/access-key").await;
    assert_eq!(kept["Type"], "SecureString");
    let kept: Value = serde_json::from_str(kept["Value"].as_str().unwrap()).unwrap();
    let secret = kept["secret_access_key"].as_str().unwrap().to_owned();
    assert!(secret.len() >= 20, "a secret worth looking for");
    secret
}

/// Every file in a folder.
fn files(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let read = |path: PathBuf| {
        if path.is_dir() {
            return files(&path);
        }
        vec![(path.display().to_string(), String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned())]
    };
    entries.flat_map(read).collect()
}

/// Every version of every object in the state's bucket: states and locks.
async fn objects(deployment: &Deployment) -> Vec<(String, String)> {
    let s3 = deployment.aws().client(aws_sdk_s3::Client::new).await;
    let bucket = deployment.account.unique("acme-clickstream-pipectl-state");
    let versions = s3.list_object_versions().bucket(&bucket).send().await.unwrap();
    let mut all = Vec::new();
    for version in versions.versions() {
        let (key, id) = (version.key().unwrap(), version.version_id().unwrap());
        let object = s3.get_object().bucket(&bucket).key(key).version_id(id).send().await.unwrap();
        let bytes = object.body.collect().await.unwrap().into_bytes();
        all.push((key.to_owned(), String::from_utf8(bytes.to_vec()).unwrap()));
    }
    for file in ["state.json", "state.lock"] {
        assert!(all.iter().any(|(key, _)| key.ends_with(file)), "there is no {file}");
    }
    all
}
