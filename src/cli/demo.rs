//! `pipectl demo`: the whole life of a pipeline, on a stand-in for AWS.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, anyhow};
use serde_json::json;

use super::failure::{Failure, Outcome};
use super::files::given;
use super::printer::Printer;
use super::sandbox::exit_code;
use super::session::{emulated, outside_ci};
use super::signals::Signals;
use crate::model::address::Address;
use crate::model::kind::{Owner, StepContext};
use crate::ops::Fault;
use crate::ops::sandbox::{Sandbox, Sql, gaps};
use crate::ops::stop::Stop;
use crate::report::style::{DIM, GOOD, HELP, paint};

const PROJECT: &str = "acme-clickstream";
const REGION: &str = "eu-west-1";
const BUCKET_SSM: &str = "/acme-clickstream/pipectl/state-bucket";
const FOLDER_SSM: &str = "/acme-clickstream/pipectl/state-folder";

/// Walk through the life of a pipeline on a stand-in for AWS: no account, no cost
///
/// Needs Python 3. Installs MiniStack, at a pinned version, into the sandbox's folder; then bootstraps, validates,
/// plans, applies, sends events, verifies their delivery, looks for drift, repairs it, and destroys everything.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the stand-in is kept
    #[arg(long, value_name = "FOLDER", default_value = "target/sandbox")]
    home: PathBuf,
    /// How many events are sent
    #[arg(long, value_name = "N", default_value_t = 200)]
    events: u32,
    /// Destroy nothing, and leave the stand-in running until Ctrl-C, to carry on by hand
    #[arg(long)]
    keep: bool,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let home = given(&args.home)?;
    let signals = Signals::watch();
    let folder = tempfile::Builder::new().prefix("pipectl-demo-").tempdir().map_err(anyhow::Error::from)?;
    printer.heading("Starting a stand-in for AWS on this machine");
    let tell = |line: String| printer.say(&paint(DIM, line));
    let sandbox = tokio::select! {
        sandbox = Sandbox::start(home.as_path(), Sql::Refused, &tell) => sandbox.map_err(anyhow::Error::from)?,
        signal = signals.first() => return Err(Fault::Interrupted { signal, partial: None }.into()),
    };
    let walk = Walk { sandbox: &sandbox, folder: folder.path(), printer, signals: &signals };
    let result = match walk.run(args).await {
        Ok(()) if args.keep => walk.keep().await,
        result => result,
    };
    sandbox.stop().await;
    result?;
    let json = || json!({"demo": "done", "kept": args.keep});
    let text = format!("\n{} that was the whole life of a pipeline.\n", paint(GOOD, "done:"));
    printer.result(&text, json)?;
    Ok(0)
}

/// The walk: this very program, run step by step as a user would.
struct Walk<'a> {
    sandbox: &'a Sandbox,
    folder: &'a Path,
    printer: Printer,
    signals: &'a Signals,
}

impl Walk<'_> {
    async fn run(&self, args: &Args) -> Result<(), Failure> {
        let events = args.events.to_string();
        self.step("A project begins with a whole pipeline in TOML", &["init", ".", "--name", PROJECT], 0).await?;
        self.step("The state gets a bucket, found through two SSM parameters", &["bootstrap", "--env", "dev"], 0)
            .await?;
        self.step("Every mistake in the spec would be found offline", &["validate", "--env", "dev"], 0).await?;
        self.step("The plan compares the spec with live AWS", &["plan", "--env", "dev"], 0).await?;
        self.step("Exactly that plan is applied", &["apply", "plan.json"], 0).await?;
        self.step("What was deployed", &["output", "--env", "dev"], 0).await?;
        self.step("Events go in", &["send", "--env", "dev", "--events", &events], 0).await?;
        self.step("Marked events are followed to the bucket: none lost, none doubled", &["verify", "--env", "dev"], 0)
            .await?;
        self.step("The health of every block", &["status", "--env", "dev"], 0).await?;
        self.printer.heading("Somebody changes the stream's retention behind pipectl's back");
        self.meddle().await?;
        self.step("Drift is seen, field by field (exit code 5)", &["drift", "--env", "dev"], 5).await?;
        self.step("The next apply repairs it", &["apply", "--env", "dev", "--auto-approve"], 0).await?;
        let empty = ["plan", "--env", "dev", "--detailed-exitcode"];
        self.step("And the plan after it is empty (exit code 0; 2 would mean changes)", &empty, 0).await?;
        if !args.keep {
            let destroy = ["destroy", "--env", "dev", "--auto-approve", "--empty-buckets"];
            self.step("In the end, everything is destroyed", &destroy, 0).await?;
        }
        Ok(())
    }

    /// Runs pipectl with `arguments`, and insists on its exit code.
    async fn step(&self, title: &str, arguments: &[&str], expected: u8) -> Result<(), Failure> {
        self.printer.heading(title);
        self.printer.say(&paint(HELP, format!("$ pipectl {}", arguments.join(" "))));
        let mut command = Command::new(std::env::current_exe().context("this program's own path")?);
        command.args(arguments).current_dir(self.folder).stdin(Stdio::null());
        self.sandbox.equip(&mut command);
        outside_ci(&mut command);
        command.env("S3_BUCKET_SSM", BUCKET_SSM).env("S3_FOLDER_SSM", FOLDER_SSM);
        // With --json, standard output is for the demo's own result alone.
        if self.printer.json {
            command.stdout(Stdio::null());
        }
        let mut command = tokio::process::Command::from(command);
        let mut child = command.kill_on_drop(true).spawn().context("pipectl cannot be run")?;
        let status = child.wait().await.map_err(anyhow::Error::from)?;
        if let Some(signal) = self.signals.asked() {
            return Err(Fault::Interrupted { signal, partial: None }.into());
        }
        match exit_code(status) {
            code if code == expected => Ok(()),
            code => {
                self.printer.say(&gaps::hint(code));
                Err(Failure::new(format!("`pipectl {}` ended with {code}, not {expected}", arguments.join(" "))))
            }
        }
    }

    /// Changes the stream as somebody with the console would.
    async fn meddle(&self) -> Result<(), Failure> {
        let registry = emulated(&self.sandbox.endpoint(), self.sandbox.account(), REGION);
        let kind = registry.get("kinesis_stream").ok_or_else(|| anyhow!("the registry has streams"))?;
        let owner = Owner { project: PROJECT.into(), env: "dev".into(), address: Address::block("stream", "clicks") };
        let step = StepContext { owner: &owner, since: None, empty: false, seen: None, note: &|_| {} };
        let name = format!("{PROJECT}-dev-clicks");
        let live = kind.read(&name, None).await?.ok_or_else(|| anyhow!("there is no stream {name}"))?;
        let mut changed = (*live.attributes).clone();
        changed["retention_hours"] = json!(72);
        kind.update(&live.attributes, &changed, &step).await?;
        self.printer.say("retention_hours is 72 now");
        Ok(())
    }

    /// Says how to carry on by hand, and waits for Ctrl-C.
    async fn keep(&self) -> Result<(), Failure> {
        self.printer.heading("The stand-in goes on until Ctrl-C. In another terminal:");
        self.printer.say(&format!("  cd {}", self.folder.display()));
        for (name, value) in self.sandbox.environment() {
            self.printer.say(&format!("  export {name}={value}"));
        }
        self.printer.say(&format!("  export S3_BUCKET_SSM={BUCKET_SSM} S3_FOLDER_SSM={FOLDER_SSM}"));
        self.printer
            .say(&format!("  alias pipectl={}", std::env::current_exe().context("this program's own path")?.display()));
        self.printer.say(&gaps::told());
        self.signals.first().await;
        Ok(())
    }
}
