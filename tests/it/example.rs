//! A project in a folder of its own, bootstrapped in an account of its own.

use std::collections::BTreeSet;

use pipectl::aws::kinds;
use pipectl::state::State;
use pipectl::state::file::parse;

use crate::support::cli::{Cli, Output};
use crate::support::emulator::{Account, Emulator};
use crate::support::proxy::Proxy;

const REGION: &str = "eu-west-1";

/// The project.
pub(crate) struct Example {
    pub(crate) cli: Cli,
    pub(crate) account: Account,
    project: &'static str,
    _proxy: Proxy,
}

impl Example {
    /// The project of that name, whose files `write` writes.
    pub(crate) fn new(emulator: &'static Emulator, project: &'static str, write: impl FnOnce(&Cli, &Account)) -> Self {
        // The proxy speaks TLS for everybody, which policies of queues ask for.
        let (account, proxy) = emulator.account().in_region(REGION).behind_proxy();
        let cli = Cli::new().against(&account);
        let cli = cli.env("S3_BUCKET_SSM", "/example/bucket").env("S3_FOLDER_SSM", "/example/folder");
        write(&cli, &account);
        let example = Self { cli, account, project, _proxy: proxy };
        example.run(&["bootstrap"]).success();
        example
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.cli.run(&[arguments, &["--env", "dev"]].concat())
    }

    pub(crate) fn state(&self) -> State {
        let file = self.run(&["state", "pull"]).success().stdout;
        parse(file.as_bytes(), self.project, "dev").unwrap().state
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
}
