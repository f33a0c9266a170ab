//! The two emulators: one process of each per test binary, started when a test first asks for it.
//!
//! Tests share them by accounts: a 12-digit access key selects one. Bucket names stay global, as in AWS. Both end
//! with the binary, however it ends: nothing here needs to be torn down.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use pipectl::aws::Aws;
use pipectl::ops::sandbox::install::{Packages, install};
use pipectl::ops::sandbox::server::{Program, Server};
use pipectl::ops::sandbox::{self, Sandbox, Sql};
use serde_json::Value;
use tokio::sync::{Mutex, MutexGuard};

use super::proxy::{Dialect, Proxy, Witnessed};
use super::witness::{self, Watch};

/// Keeps the fields that MiniStack loses: the second opinion.
const MOTO: Packages = Packages { name: "moto-5.2.5", requirements: &["moto[server]==5.2.5"] };

/// The region of every test that does not choose one.
pub(crate) const REGION: &str = "us-east-1";

/// An emulator that every test may use.
pub(crate) struct Emulator {
    /// `MiniStack`, `moto`.
    pub(crate) name: &'static str,
    /// Where its own process listens.
    address: String,
    dialect: Dialect,
    /// Where its tests go: a proxy before it that shows requests to the witness, and makes up for what it does not speak.
    proxy: Proxy,
    _running: Box<dyn Send + Sync>,
}

/// One account of an emulator, which no other test uses.
#[derive(Clone)]
pub(crate) struct Account {
    /// Twelve digits.
    pub(crate) id: String,
    /// The region of its clients and queues; a command's is its spec's.
    pub(crate) region: &'static str,
    emulator: &'static Emulator,
    endpoint: String,
    /// Id and secret of an access key of somebody in it; absent: its root, who may do everything.
    keys: Option<(String, String)>,
    /// Fails the test that made it, if AWS would refuse what was sent to it.
    watch: Arc<Watch>,
}

/// MiniStack, with all that it loses. It has DuckDB: without, its Athena answers every query with the same made-up row.
pub(crate) fn ministack() -> &'static Emulator {
    static MINISTACK: LazyLock<Emulator> = LazyLock::new(|| {
        let sandbox = wait_for(async { Sandbox::bare(&home(), Sql::Run, ANNOUNCE).await.unwrap() });
        Emulator::new("MiniStack", sandbox.endpoint(), Dialect::Aws, sandbox)
    });
    &MINISTACK
}

/// MiniStack as `pipectl sandbox` runs it, which makes up for much of what it loses.
pub(crate) fn stand_in() -> &'static Emulator {
    static STAND_IN: LazyLock<Emulator> = LazyLock::new(|| {
        let sandbox = wait_for(async { Sandbox::start(&home(), Sql::Run, ANNOUNCE).await.unwrap() });
        Emulator::new("the stand-in", sandbox.endpoint(), Dialect::Aws, sandbox)
    });
    &STAND_IN
}

/// moto; its proxy speaks CloudWatch's CBOR for it and tells it the account.
pub(crate) fn moto() -> &'static Emulator {
    static MOTO: LazyLock<Emulator> = LazyLock::new(|| {
        let server = wait_for(start_moto());
        Emulator::new("moto", server.endpoint(), Dialect::Moto, server)
    });
    &MOTO
}

async fn start_moto() -> Server {
    let python = install(&MOTO, &home(), ANNOUNCE).await.unwrap();
    let program = Program {
        python: &python,
        module: "moto.server",
        front: None,
        port_variable: "MOTO_PORT",
        folder_variables: &[],
        environment: &[("MOTO_IAM_LOAD_MANAGED_POLICIES", "true")],
        health: "/moto-api/data.json",
    };
    Server::start(&program).await.unwrap()
}

/// The open account of MiniStack. It is nobody else's until the guard is dropped.
pub(crate) async fn open_account() -> (Account, MutexGuard<'static, ()>) {
    static IN_USE: Mutex<()> = Mutex::const_new(());
    let in_use = IN_USE.lock().await;
    (ministack().open_account(), in_use)
}

impl Emulator {
    fn new(name: &'static str, address: String, dialect: Dialect, running: impl Send + Sync + 'static) -> Self {
        let proxy = Proxy::start(&address, dialect, Witnessed::ByKey);
        Self { name, address, dialect, proxy, _running: Box::new(running) }
    }

    /// A new, empty account.
    pub(crate) fn account(&'static self) -> Account {
        static LAST: AtomicU64 = AtomicU64::new(100_000_000_000);
        let account = self.account_of(&LAST.fetch_add(1, Ordering::Relaxed).to_string());
        witness::made(&account.id);
        account
    }

    /// The one account of MiniStack whose APIs are open to whoever does not sign, as all of AWS's are.
    pub(crate) fn open_account(&'static self) -> Account {
        let account = self.account_of("000000000000");
        witness::made(&account.id);
        account
    }

    /// The account of that id, which other tests may use too.
    pub(crate) fn account_of(&'static self, id: &str) -> Account {
        let (endpoint, watch) = (self.proxy.endpoint().to_owned(), Arc::new(Watch::over(id)));
        Account { id: id.to_owned(), region: REGION, emulator: self, endpoint, keys: None, watch }
    }
}

impl Account {
    /// Where it is reached.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Whose it is: `MiniStack`, `moto`.
    pub(crate) fn emulator(&self) -> &'static str {
        self.emulator.name
    }

    /// The same account in another region.
    pub(crate) fn in_region(self, region: &'static str) -> Self {
        Self { region, ..self }
    }

    /// The same account behind a proxy that is there already.
    pub(crate) fn through(&self, proxy: &Proxy) -> Self {
        Self { endpoint: proxy.endpoint().to_owned(), ..self.clone() }
    }

    /// The same account behind a proxy of its own, which counts its calls and may be told to disturb them.
    pub(crate) fn behind_proxy(&self) -> (Self, Proxy) {
        let witnessed = Witnessed::Of(self.id.clone());
        let proxy = Proxy::start(&self.emulator.address, self.emulator.dialect, witnessed);
        (self.through(&proxy), proxy)
    }

    /// The same account as an IAM user in it sees it, with nothing but these inline policies; made anew, or given
    /// these policies instead of those that it has.
    pub(crate) async fn as_user(&self, name: &str, documents: &[Value]) -> Self {
        let iam = self.aws().client(aws_sdk_iam::Client::new).await;
        iam.create_user().user_name(name).send().await.unwrap();
        let user = self.clone();
        user.give(name, documents).await;
        let key = iam.create_access_key().user_name(name).send().await.unwrap().access_key.unwrap();
        witness::of_account(&key.access_key_id, &self.id);
        Self { keys: Some((key.access_key_id, key.secret_access_key)), ..user }
    }

    /// Gives an IAM user of the account these inline policies, in the place of those of the same number.
    pub(crate) async fn give(&self, user: &str, documents: &[Value]) {
        let iam = Self { keys: None, ..self.clone() }.aws().client(aws_sdk_iam::Client::new).await;
        for (number, document) in documents.iter().enumerate() {
            let put = iam.put_user_policy().user_name(user).policy_name(format!("policy-{number}"));
            put.policy_document(document.to_string()).send().await.unwrap();
        }
    }

    /// Leaves what its test sends on purpose out of what fails it: violations that contain `part`.
    pub(crate) fn excuse(&self, part: &'static str) {
        self.watch.excuse(part);
    }

    /// The environment variables that point AWS's tools at it.
    pub(crate) fn environment(&self) -> Vec<(String, String)> {
        let mut environment = sandbox::environment(&self.endpoint, &self.id);
        if let Some((id, secret)) = &self.keys {
            environment.push(("AWS_ACCESS_KEY_ID".into(), id.clone()));
            environment.push(("AWS_SECRET_ACCESS_KEY".into(), secret.clone()));
        }
        environment
    }

    /// The clients that kinds use, pointed at it.
    pub(crate) fn aws(&self) -> Arc<Aws> {
        let (id, secret) = self.keys.as_ref().map_or((self.id.as_str(), "root"), |(id, secret)| (id, secret));
        Arc::new(Aws::emulated_as((id, secret), &self.endpoint, self.region))
    }

    /// A name that is the same in no other account: for buckets.
    pub(crate) fn unique(&self, name: &str) -> String {
        format!("{name}-{}", self.id)
    }
}

/// Where emulators are installed: under `target/`, once for all test runs.
pub(crate) fn home() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("sandbox")
}

/// Tells whoever waits for the first run what it waits for.
pub(crate) const ANNOUNCE: sandbox::Progress<'static> = &|line| println!("{line}");

/// Runs a future to its end, also where the caller stands in a runtime that must not be blocked by another.
pub(crate) fn wait_for<T: Send>(future: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        scope.spawn(move || runtime().block_on(future)).join().unwrap()
    })
}
