//! An environment of this repository, deployed in an account of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::engine::address::Address;
use pipectl::engine::kind::{Owner, Registry};
use pipectl::state::file::parse;
use pipectl::state::{Record, State};
use serde_json::Value;

use crate::conformance::gaps;
use crate::support::cli::{Cli, Output, Running};
use crate::support::emulator::{Account, Emulator};
use crate::support::proxy::Proxy;
use crate::support::sqs;

/// The account that the environments allow; each test has another one.
const THEIR_ACCOUNT: &str = "123456789012";
/// The account of Snowflake's queue, which is in the region of the environments.
pub(crate) const SNOWFLAKE: &str = "111122223333";
/// That of the environments.
pub(crate) const REGION: &str = "eu-west-1";
/// The two variables that lead to the state.
pub(crate) const PARAMETERS: [(&str, &str); 2] = [
    ("S3_BUCKET_SSM", "/acme-clickstream/pipectl/state-bucket"),
    ("S3_FOLDER_SSM", "/acme-clickstream/pipectl/state-folder"),
];

/// An environment, its account, and a folder to run pipectl in.
pub(crate) struct Deployment {
    /// Runs pipectl through the proxy.
    pub(crate) cli: Cli,
    /// Sees, and may disturb, every call that pipectl makes.
    pub(crate) proxy: Proxy,
    /// The account without the proxy: what tests call themselves is neither counted nor disturbed.
    pub(crate) account: Account,
    /// `dev`, `staging`, `prod`.
    pub(crate) env: &'static str,
    /// `MiniStack`, `moto`.
    pub(crate) emulator: &'static str,
}

impl Deployment {
    /// An environment whose state has a place, and of which nothing exists yet.
    pub(crate) async fn bootstrapped(emulator: &'static Emulator, env: &'static str) -> Self {
        let new = Self::new(emulator, env).await;
        new.run(&["bootstrap"]).success();
        new.proxy.take_calls();
        new
    }

    /// An environment that was applied.
    pub(crate) async fn applied(emulator: &'static Emulator, env: &'static str) -> Self {
        let new = Self::bootstrapped(emulator, env).await;
        new.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
        new.proxy.take_calls();
        new
    }

    /// An environment whose account is empty.
    pub(crate) async fn new(emulator: &'static Emulator, env: &'static str) -> Self {
        let account = emulator.account().in_region(REGION);
        let (behind_proxy, proxy) = account.behind_proxy();
        let mut cli = Cli::new().against(&behind_proxy);
        for (name, value) in PARAMETERS {
            cli = cli.env(name, value);
        }
        let deployment = Self { cli, proxy, account, env, emulator: emulator.name };
        for file in ["base.toml", "dev.toml", "staging.toml", "prod.toml"] {
            deployment.cli.write(&format!("envs/{file}"), &deployment.moved(&theirs(file)));
        }
        if let Some((_, queue)) = theirs(&format!("{env}.toml")).split_once(&format!("sqs:{REGION}:{SNOWFLAKE}:")) {
            let queue = queue.split('"').next().unwrap_or_default();
            sqs::create_queue(&emulator.account_of(SNOWFLAKE).in_region(REGION), queue).await;
        }
        deployment
    }

    /// The same, with commands run as somebody in the account who has nothing but these inline policies.
    pub(crate) async fn acting_as(self, name: &str, documents: &[Value]) -> Self {
        let user = self.account.through(&self.proxy).as_user(name, documents).await;
        Self { cli: self.cli.against(&user), ..self }
    }

    /// A spec for this account. The names of buckets are the emulator's, not the account's: they get its number.
    fn moved(&self, spec: &str) -> String {
        let bucket = self.account.unique("acme-clickstream-events-${env}");
        spec.replace(THEIR_ACCOUNT, &self.account.id).replace("acme-clickstream-events-${env}", &bucket)
    }

    /// Runs a command for the environment to its end.
    #[must_use = "take a snapshot of it, or assert its exit code with `.success()` or `.fails(code)`"]
    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.spawn(arguments).output()
    }

    /// Starts a command for the environment.
    pub(crate) fn spawn(&self, arguments: &[&str]) -> Running {
        self.cli.spawn(&[arguments, &["--env", self.env]].concat())
    }

    /// Replaces a text in one of the environments' files.
    pub(crate) fn edit(&self, file: &str, old: &str, new: &str) {
        let spec = self.cli.read(file);
        assert!(spec.contains(old), "{file} has no `{old}`");
        self.cli.write(file, &spec.replace(old, new));
    }

    /// The clients that kinds use.
    pub(crate) fn aws(&self) -> Arc<Aws> {
        self.account.aws()
    }

    /// The kinds.
    pub(crate) fn registry(&self) -> Registry {
        kinds::registry(&self.aws())
    }

    /// Who owns the resource at an address.
    pub(crate) fn owner(&self, address: &Address) -> Owner {
        Owner { project: "acme-clickstream".into(), env: self.env.into(), address: address.clone() }
    }

    /// What pipectl owns.
    pub(crate) fn records(&self) -> BTreeMap<Address, Record> {
        self.state().resources
    }

    /// Which of these exist.
    pub(crate) async fn living<'a>(&self, records: &'a BTreeMap<Address, Record>) -> BTreeSet<&'a Address> {
        let registry = self.registry();
        let mut living = BTreeSet::new();
        for (address, record) in records {
            let kind = registry.get(&record.kind).unwrap();
            if kind.read(&record.key, Some(&record.attributes)).await.unwrap().is_some() {
                living.insert(address);
            }
        }
        living
    }

    /// The whole state.
    pub(crate) fn state(&self) -> State {
        let file = self.run(&["state", "pull"]).success().stdout;
        parse(file.as_bytes(), "acme-clickstream", self.env).unwrap().state
    }

    /// What a new plan would change: `stream.clicks shards`, or the action alone where no field says more.
    pub(crate) fn changes(&self) -> BTreeSet<String> {
        let plan = self.run(&["plan", "--json"]).success().json();
        let changes = plan["changes"].as_array().unwrap().iter().filter(|change| change["action"] != "none");
        changes.flat_map(|change| said_of(change, change["action"].as_str().unwrap())).collect()
    }

    /// What was changed outside pipectl: `stream.clicks shards`, `topic.alerts missing`.
    pub(crate) fn drift(&self) -> BTreeSet<String> {
        let output = self.run(&["drift", "--json"]);
        let report = output.json();
        let drifted = report["drifted"].as_array().unwrap_or_else(|| panic!("{output}"));
        assert_eq!(output.code, if drifted.is_empty() { 0 } else { 5 }, "{output}");
        drifted.iter().flat_map(|one| said_of(one, "missing")).collect()
    }

    /// What the emulator has lost of an environment that was just applied, as [`Self::drift`] says it: each a fault of
    /// its own that the list of gaps names.
    pub(crate) fn lost(&self) -> BTreeSet<String> {
        let (drift, records) = (self.drift(), self.records());
        for (address, field) in drift.iter().map(|line| line.split_once(' ').unwrap()) {
            let kind = &records[&address.parse().unwrap()].kind;
            assert!(gaps::loses(self.emulator, kind, field), "{address} {field} does not come back as it was written");
        }
        drift
    }
}

/// Each field of a change with its address, or the address with a `word` where there are none.
fn said_of(change: &Value, word: &str) -> Vec<String> {
    let address = change["address"].as_str().unwrap();
    let fields = change["fields"].as_array().into_iter().flatten();
    let fields: Vec<_> = fields.map(|field| format!("{address} {}", field["path"].as_str().unwrap())).collect();
    if fields.is_empty() { vec![format!("{address} {word}")] } else { fields }
}

/// One of this repository's environments.
fn theirs(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("envs").join(file)).unwrap()
}
