//! A stand-in for AWS on this machine: `MiniStack`, fetched at a pinned version and run for as long as it is needed.
//!
//! What `pipectl demo` and `pipectl sandbox` stand on, and what the tests run against.

mod error;
pub mod gaps;
pub mod install;
mod pip;
pub mod server;

use std::path::Path;
use std::process::Command;

pub use error::Error;
use install::Locked;
use server::{Program, Server};

#[cfg(not(unix))]
compile_error!("the sandbox relies on process groups and needs a Unix system");

/// Tells the user how a long step is getting on, one line at a time.
pub type Progress<'a> = &'a (dyn Fn(String) + Send + Sync);

/// The result of a step of the sandbox.
pub type Result<T> = std::result::Result<T, Error>;

/// Python's packages are executed: none is taken whose file is not one of these.
const MINISTACK: Locked =
    Locked { name: "ministack-1.5.33-locked-2026-11-28", requirements: include_str!("ministack.txt") };

/// The same with `DuckDB`. An environment of its own: the other one stays whole, and whoever has only that one gets this.
const WITH_DUCKDB: Locked = Locked {
    name: "ministack-1.5.33-duckdb-1.5.6-locked-2026-11-30",
    requirements: concat!(include_str!("ministack.txt"), include_str!("duckdb.txt")),
};

/// Runs the emulator, and makes up for some of what it loses.
const STAND_IN: &str = include_str!("stand_in.py");

const ACCOUNT: &str = "123456789012";
const REGION: &str = "us-east-1";

/// Whether queries of Athena are run, and records converted to Parquet by Firehose: `MiniStack` does both with `DuckDB`,
/// which not everybody wants to fetch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sql {
    /// Every query fails, and says what is missing. Where `DuckDB` is installed all the same, it is used.
    Refused,
    /// `DuckDB` is installed where it is not there yet.
    Run,
}

/// A running `MiniStack` on a loopback port, with nothing in it. Ends when it is dropped, and when this process ends,
/// however that happens.
pub struct Sandbox {
    server: Server,
    sql: Sql,
}

impl Sandbox {
    /// Installs the emulator into `home` where it is not there yet (about half a minute, 90 MB; with `DuckDB` 150), and
    /// starts it.
    ///
    /// # Errors
    /// When Python is absent or too old, the packages cannot be had, or the emulator does not come up.
    pub async fn start(home: &Path, sql: Sql, progress: Progress<'_>) -> Result<Self> {
        Self::run(home, sql, Some(STAND_IN), progress).await
    }

    /// The same with all that the emulator loses, for those who look at just that.
    ///
    /// # Errors
    /// As [`Sandbox::start`].
    pub async fn bare(home: &Path, sql: Sql, progress: Progress<'_>) -> Result<Self> {
        Self::run(home, sql, None, progress).await
    }

    async fn run(home: &Path, wanted: Sql, front: Option<&str>, progress: Progress<'_>) -> Result<Self> {
        // Whoever has the larger environment needs no second one.
        let sql = if install::is_installed(&WITH_DUCKDB, home) { Sql::Run } else { wanted };
        let packages = match sql {
            Sql::Refused => &MINISTACK,
            Sql::Run => &WITH_DUCKDB,
        };
        let python = install::install_locked(packages, home, progress).await?;
        let program = Program {
            python: &python,
            module: "ministack",
            front,
            port_variable: "GATEWAY_PORT",
            folder_variables: &["STATE_DIR", "S3_DATA_DIR"],
            environment: &[
                ("BIND_HOST", "127.0.0.1"),
                ("LOG_LEVEL", "WARNING"),
                ("LAMBDA_EXECUTOR", "local"),
                ("IOT_MTLS_ENABLED", "0"),
                // Without it, it skips AWS's permission checks and some of its defaults.
                ("AUTH", "true"),
                // For `drift --explain`.
                ("CLOUDTRAIL_RECORDING", "1"),
            ],
            health: "/_ministack/health",
        };
        Ok(Self { server: Server::start(&program).await?, sql })
    }

    /// Whether it runs queries, which it may also where nobody has asked for that.
    pub fn sql(&self) -> Sql {
        self.sql
    }

    /// `http://127.0.0.1:<port>`.
    pub fn endpoint(&self) -> String {
        self.server.endpoint()
    }

    /// The account that its variables lead to; also its access key.
    pub fn account(&self) -> &'static str {
        ACCOUNT
    }

    /// The environment variables that point AWS's tools at it.
    pub fn environment(&self) -> Vec<(String, String)> {
        environment(&self.endpoint(), ACCOUNT)
    }

    /// Points a command that is about to be run at it: nothing that names the real AWS (a profile, a session token,
    /// an endpoint of one service) is inherited.
    pub fn equip(&self, command: &mut Command) {
        let inherited = std::env::vars_os().map(|(name, _)| name);
        for name in inherited.filter(|name| name.as_encoded_bytes().starts_with(b"AWS_")) {
            command.env_remove(name);
        }
        command.envs(self.environment());
    }

    /// Ends it, and returns when it is gone.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

/// The environment variables that point AWS's tools at an emulator in which a 12-digit access key selects an account.
pub fn environment(endpoint: &str, account: &str) -> Vec<(String, String)> {
    let pairs = [
        ("AWS_ENDPOINT_URL", endpoint),
        ("AWS_ACCESS_KEY_ID", account),
        ("AWS_SECRET_ACCESS_KEY", "sandbox"),
        ("AWS_REGION", REGION),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_EC2_METADATA_DISABLED", "true"),
    ];
    pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec()
}
