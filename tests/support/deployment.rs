//! An environment of this repository, or of one of its examples, deployed in an account of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::model::address::Address;
use pipectl::model::kind::{Owner, Registry};
use pipectl::state::file::parse;
use pipectl::state::{Record, State};
use regex_lite::{Captures, Regex};
use serde_json::{Value, json};

use super::cli::{Cli, Output, Running};
use super::emulator::{Account, Emulator};
use super::folder::copy;
use super::proxy::Proxy;
use super::sqs;

/// The account that the environments allow; each test has another one.
const THEIR_ACCOUNT: &str = "123456789012";
/// The account of Snowflake's queue, which is in the region of the environments.
pub(crate) const SNOWFLAKE: &str = "111122223333";
/// That of the environments, and of the examples.
pub(crate) const REGION: &str = "eu-west-1";

/// An environment, its account, and a folder to run pipectl in.
pub(crate) struct Deployment {
    /// Runs pipectl through the proxy.
    pub(crate) cli: Cli,
    /// Sees, and may disturb, every call that pipectl makes.
    pub(crate) proxy: Proxy,
    /// The account without the proxy: what tests call themselves is neither counted nor disturbed.
    pub(crate) account: Account,
    /// The folder of this repository that has its specs and its functions: `examples/analytics`.
    pub(crate) folder: &'static str,
    /// `acme-clickstream`, `acme-analytics`.
    pub(crate) project: String,
    /// `dev`, `staging`, `prod`.
    pub(crate) env: &'static str,
    /// `MiniStack`, `moto`.
    pub(crate) emulator: &'static str,
}

impl Deployment {
    /// An environment of this repository whose state has a place, and of which nothing exists yet.
    pub(crate) async fn bootstrapped(emulator: &'static Emulator, env: &'static str) -> Self {
        Self::new(emulator, env).await.bootstrap()
    }

    /// An environment of this repository that was applied.
    pub(crate) async fn applied(emulator: &'static Emulator, env: &'static str) -> Self {
        Self::bootstrapped(emulator, env).await.apply()
    }

    /// An environment of this repository, whose account is empty.
    pub(crate) async fn new(emulator: &'static Emulator, env: &'static str) -> Self {
        let deployment = Self::in_folder("", emulator.account(), env, |cli| copy(&theirs("envs"), &cli.path("envs")));
        let spec = fs::read_to_string(theirs("envs").join(format!("{env}.toml"))).unwrap();
        if let Some((_, queue)) = spec.split_once(&format!("sqs:{REGION}:{SNOWFLAKE}:")) {
            let queue = queue.split('"').next().unwrap_or_default();
            sqs::create_queue(&emulator.account_of(SNOWFLAKE).in_region(REGION), queue).await;
        }
        deployment
    }

    /// The environment `dev` of the project in a folder of this repository, such as an example; its state has a place, and
    /// nothing of it exists yet.
    pub(crate) fn of(folder: &'static str, account: Account) -> Self {
        Self::in_folder(folder, account, "dev", |cli| copy(&theirs(folder), &cli.path(""))).bootstrap()
    }

    fn in_folder(folder: &'static str, account: Account, env: &'static str, write: impl FnOnce(&Cli)) -> Self {
        let account = account.in_region(REGION);
        let (behind_proxy, proxy) = account.behind_proxy();
        let cli = Cli::new().against(&behind_proxy);
        write(&cli);
        let project = moved(&cli, &account);
        let [for_bucket, for_folder] = parameters(&project);
        let cli = cli.env("S3_BUCKET_SSM", &for_bucket).env("S3_FOLDER_SSM", &for_folder);
        let emulator = account.emulator();
        Self { cli, proxy, account, folder, project, env, emulator }
    }

    /// The same, with a place for its state.
    pub(crate) fn bootstrap(self) -> Self {
        self.run(&["bootstrap"]).success();
        self.proxy.take_calls();
        self
    }

    /// The same, applied.
    pub(crate) fn apply(self) -> Self {
        self.run(&["apply", "--auto-approve", "--approve-broadening"]).success();
        self.proxy.take_calls();
        self
    }

    /// The same, with commands run as somebody in the account who has nothing but these inline policies.
    pub(crate) async fn acting_as(self, name: &str, documents: &[Value]) -> Self {
        let user = self.account.through(&self.proxy).as_user(name, documents).await;
        Self { cli: self.cli.against(&user), ..self }
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

    /// The bucket that `bootstrap` makes for the state.
    pub(crate) fn state_bucket(&self) -> String {
        self.account.unique(&format!("{}-pipectl-state", self.project))
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
        Owner { project: self.project.clone(), env: self.env.into(), address: address.clone() }
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
        parse(file.as_bytes(), &self.project, self.env).unwrap().state
    }

    /// What a new plan would change: `stream.clicks shards`, or the action alone where no field says more.
    pub(crate) fn changes(&self) -> BTreeSet<String> {
        changed_by(&self.run(&["plan", "--json"]).success().json())
    }

    /// What was changed outside pipectl: `stream.clicks shards`, `topic.alerts missing`, `function.take ! layers`.
    pub(crate) fn drift(&self) -> BTreeSet<String> {
        let output = self.run(&["drift", "--json"]);
        let report = output.json();
        let drifted = report["drifted"].as_array().unwrap_or_else(|| panic!("{output}"));
        assert_eq!(output.code, if drifted.is_empty() { 0 } else { 5 }, "{output}");
        let attributes = drifted.iter().filter(|one| one["missing"] == true || one["fields"] != json!([]));
        let attributes = attributes.flat_map(|one| said_of(one, "missing"));
        let unmodelled = drifted.iter().flat_map(|one| {
            let found = one["unmodelled"].as_array().into_iter().flatten();
            found.map(|found| format!("{} ! {}", one["address"].as_str().unwrap(), found["what"].as_str().unwrap()))
        });
        attributes.chain(unmodelled).collect()
    }
}

/// What a plan would change: `stream.clicks shards`, or the action alone where no field says more.
pub(crate) fn changed_by(plan: &Value) -> BTreeSet<String> {
    let changes = plan["changes"].as_array().unwrap().iter().filter(|change| change["action"] != "none");
    changes.flat_map(|change| said_of(change, change["action"].as_str().unwrap())).collect()
}

/// Each field of a change with its address, or the address with a `word` where there are none.
fn said_of(change: &Value, word: &str) -> Vec<String> {
    let address = change["address"].as_str().unwrap();
    let fields = change["fields"].as_array().into_iter().flatten();
    let fields: Vec<_> = fields.map(|field| format!("{address} {}", field["path"].as_str().unwrap())).collect();
    if fields.is_empty() { vec![format!("{address} {word}")] } else { fields }
}

/// Runs the tests that an example's functions have of their own.
pub(crate) fn run_python_tests(example: &str) {
    let tests = theirs("examples").join(example).join("tests");
    let output = Command::new("python3").args(["-B", "-m", "unittest", "discover"]).arg(tests).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A folder of this repository.
fn theirs(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// Makes the specs in `envs/` those of an account, and says which project's they are. The names of buckets are the
/// emulator's, not the account's: they get its number.
fn moved(cli: &Cli, account: &Account) -> String {
    let bucket = Regex::new(r#"(?m)^\[bucket\.(.+)\]\n(?:name = "(.*)"\n)?"#).unwrap();
    let mut project = None;
    for file in fs::read_dir(cli.path("envs")).unwrap() {
        let path = file.unwrap().path();
        let mut spec = fs::read_to_string(&path).unwrap().replace(THEIR_ACCOUNT, &account.id);
        if let Some(head) = spec.parse::<toml::Table>().unwrap().get("project") {
            let own = head["name"].as_str().unwrap().to_owned();
            let named = |found: &Captures<'_>| {
                let (block, name) = (&found[1], found.get(2).map(|name| name.as_str().to_owned()));
                let name = name.unwrap_or_else(|| format!("{own}-${{env}}-{block}"));
                format!("[bucket.{block}]\nname = \"{}\"\n", account.unique(&name))
            };
            spec = bucket.replace_all(&spec, named).into_owned();
            project = Some(own);
        }
        fs::write(path, spec).unwrap();
    }
    project.expect("a spec that names its project")
}

/// The names of the two SSM parameters that lead to a project's state: to its bucket, and to its folder.
fn parameters(project: &str) -> [String; 2] {
    ["bucket", "folder"].map(|what| format!("/{project}/pipectl/state-{what}"))
}
