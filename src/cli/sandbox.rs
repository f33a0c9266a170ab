//! `pipectl sandbox`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use super::failure::{Failure, Outcome};
use super::files::given;
use super::printer::Printer;
use super::signals::Signals;
use crate::ops::Fault;
use crate::ops::sandbox::{Sandbox, Sql, gaps};
use crate::ops::stop::Stop;

/// Run a command against a stand-in for AWS on this machine, which ends with it
///
/// Needs Python 3; the stand-in (MiniStack) is fetched once, at a pinned version.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the stand-in is kept
    #[arg(long, value_name = "FOLDER", default_value = "target/sandbox")]
    home: PathBuf,
    /// Run Athena's queries and Firehose's conversions to Parquet, with DuckDB: 60 MB more
    #[arg(long)]
    with_duckdb: bool,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let home = given(&args.home)?;
    let signals = Signals::watch();
    // Asked for and not read from a spec: the command may be a shell, in any folder, and work on several.
    let sql = if args.with_duckdb { Sql::Run } else { Sql::Refused };
    let tell = |line: String| printer.say(&line);
    let sandbox = tokio::select! {
        sandbox = Sandbox::start(home.as_path(), sql, &tell) => sandbox.map_err(anyhow::Error::from)?,
        signal = signals.first() => return Err(Fault::Interrupted { signal, partial: None }.into()),
    };
    printer.say(&format!("sandbox at {}", sandbox.endpoint()));
    printer.say(&gaps::told());
    if sandbox.sql() == Sql::Refused {
        printer.say(gaps::NO_SQL);
    }
    let [program, arguments @ ..] = args.command.as_slice() else {
        return Err(Failure::new("name the command to run"));
    };
    let mut command = Command::new(program);
    command.args(arguments);
    sandbox.equip(&mut command);
    let name = program.to_string_lossy().into_owned();
    // What nobody wants to wait for any longer does not go on without its sandbox.
    let mut child = tokio::process::Command::from(command)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| anyhow::anyhow!("`{}` cannot be run: {error}", crate::report::style::Clean(&name)))?;
    // A Ctrl-C reaches the command too, another signal only by us; it ends as it sees fit, and the sandbox after it.
    let status = tokio::select! {
        status = child.wait() => status,
        signal = signals.first() => {
            pass_on(signal, &child);
            child.wait().await
        }
    };
    let status = status.map_err(anyhow::Error::from);
    sandbox.stop().await;
    let code = exit_code(status?);
    if code != 0 {
        printer.say(&gaps::hint(code));
    }
    Ok(code)
}

/// Hands SIGTERM (15) on to the command; a SIGINT it has from the terminal.
fn pass_on(signal: u8, child: &tokio::process::Child) {
    let id = child.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()));
    if let (15, Some(id)) = (signal, id) {
        // One that has ended meanwhile is waited for next.
        let _ = rustix::process::kill_process(id, rustix::process::Signal::TERM);
    }
}

/// A command's exit code; 128 and the signal's number where one ended it.
pub(super) fn exit_code(status: std::process::ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal)).unwrap_or(1);
    u8::try_from(code).unwrap_or(1)
}
