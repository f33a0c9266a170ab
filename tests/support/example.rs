//! An example of `examples/`, in a folder and an account of its own.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use pipectl::aws::kinds;
use pipectl::state::State;
use pipectl::state::file::parse;

use super::cli::{Cli, Output};
use super::emulator::Account;
use super::folder::copy;
use super::proxy::Proxy;

const REGION: &str = "eu-west-1";
const BASE: &str = "envs/base.toml";

/// An example, and where it is deployed to.
pub(crate) struct Example {
    pub(crate) cli: Cli,
    pub(crate) account: Account,
    project: String,
    _proxy: Proxy,
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name)
}

/// Runs the tests that an example's functions have of their own.
pub(crate) fn run_python_tests(example: &str) {
    let tests =
        Command::new("python3").args(["-B", "-m", "unittest", "discover"]).arg(folder(example).join("tests")).output();
    let output = tests.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

impl Example {
    /// The example of that name, whose one bucket is that block; bootstrapped.
    pub(crate) fn new(name: &str, bucket: &str, account: Account) -> Self {
        let account = account.in_region(REGION);
        let (behind_proxy, proxy) = account.behind_proxy();
        let example = Self::in_folder(&behind_proxy, account, proxy, |cli| copy(&folder(name), &cli.path("")));
        // The emulators have one space of bucket names for all accounts.
        let block = format!("[bucket.{bucket}]\n");
        example.edit(&block, &format!("{block}name = \"{}\"\n", example.account.unique(bucket)));
        example.run(&["bootstrap"]).success();
        example
    }

    /// A project that `write` writes; bootstrapped. Its account is that behind the proxy, which says of every call that it
    /// came by TLS, as policies of queues ask for.
    pub(crate) fn written(account: Account, write: impl FnOnce(&Cli)) -> Self {
        let (account, proxy) = account.in_region(REGION).behind_proxy();
        let example = Self::in_folder(&account.clone(), account, proxy, write);
        example.run(&["bootstrap"]).success();
        example
    }

    fn in_folder(against: &Account, account: Account, proxy: Proxy, write: impl FnOnce(&Cli)) -> Self {
        let cli = Cli::new().against(against);
        let cli = cli.env("S3_BUCKET_SSM", "/example/bucket").env("S3_FOLDER_SSM", "/example/folder");
        write(&cli);
        let file = if cli.path(BASE).exists() { BASE } else { "envs/dev.toml" };
        let spec: toml::Table = cli.read(file).parse().unwrap();
        let project = spec["project"]["name"].as_str().unwrap().to_owned();
        Self { cli, account, project, _proxy: proxy }
    }

    /// Runs pipectl on the environment `dev`.
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.cli.run(&[arguments, &["--env", "dev"]].concat())
    }

    /// Writes something else in the spec.
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let base = self.cli.read(BASE);
        assert!(base.contains(from), "{from}");
        self.cli.write(BASE, &base.replace(from, to));
    }

    /// The state as it is stored.
    pub(crate) fn state(&self) -> State {
        let file = self.run(&["state", "pull"]).success().stdout;
        parse(file.as_bytes(), &self.project, "dev").unwrap().state
    }

    /// What a new plan would change: `function.detect code.sha256`.
    pub(crate) fn changes(&self) -> BTreeSet<String> {
        let plan = self.run(&["plan", "--json"]).success().json();
        let changes = plan["changes"].as_array().unwrap().iter().filter(|change| change["action"] != "none");
        let fields = changes.flat_map(|change| {
            let address = change["address"].as_str().unwrap();
            change["fields"]
                .as_array()
                .into_iter()
                .flatten()
                .map(move |field| format!("{address} {}", field["path"].as_str().unwrap()))
        });
        fields.collect()
    }

    /// The resources of a state that AWS still has.
    pub(crate) async fn living(&self, state: &State) -> Vec<String> {
        let registry = kinds::registry(&self.account.aws());
        let mut living = Vec::new();
        for (address, record) in &state.resources {
            let kind = registry.get(&record.kind).unwrap();
            if kind.read(&record.key, Some(&record.attributes)).await.unwrap().is_some() {
                living.push(address.to_string());
            }
        }
        living
    }

    /// Everything of the state lives, until it is destroyed: then nothing does.
    pub(crate) async fn is_destroyed(&self) {
        let state = self.state();
        assert_eq!(self.living(&state).await.len(), state.resources.len());
        self.run(&["destroy", "--auto-approve", "--empty-buckets"]).success();
        assert_eq!(self.living(&state).await, [""; 0]);
    }
}
