//! The only part that knows clap, terminals and exit codes; one file per command.
#![allow(rustdoc::invalid_html_tags, reason = "doc comments are help texts, which a terminal shows: `<account>`")]

mod adopt;
mod apply;
mod bootstrap;
mod build;
mod consumers;
mod cost;
mod demo;
mod deploy_policy;
mod destroy;
mod diagnostics;
mod drift;
mod export;
mod failure;
mod files;
mod forget;
mod grants;
mod graph;
mod import;
mod init;
mod lock;
mod logs;
mod output;
mod plan;
mod planning;
mod printer;
mod progress;
mod query;
mod reports;
mod sandbox;
mod schema;
mod secrets;
mod send;
mod session;
mod show;
mod signals;
mod snowflake_sql;
mod standing;
mod state;
mod status;
mod ticker;
mod unlock;
mod validate;
mod verify;
mod waiting;
mod wiring;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use serde_json::json;

use failure::{Failure, Outcome};
use printer::{Color, Printer};

use crate::model::text::{Clean, acts};
use crate::ops::Fault;

/// What the exit codes say, below the help of the program.
const CODES: &str = "\
Exit codes:
  0         Done, or nothing to change
  1         Error: wrong usage, a mistake in the spec, a failed call
  2         There are changes (with --detailed-exitcode)
  3         Stale plan: the spec, the state or AWS has changed since
  4         Locked by somebody else
  5         Drift found (by `drift`)
  6         Refused by protection, by a rule of `[policy]`, or for widening access unapproved
  7         Applied in part; a new plan goes on from there
  130, 143  Interrupted, after a clean stop";

/// Provision whole clickstream pipelines on AWS from one declarative file per environment
#[derive(Debug, Parser)]
#[command(name = "pipectl", version, arg_required_else_help = true, max_term_width = 100, after_help = CODES)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(Clone, Debug, Args)]
pub struct Global {
    /// Run as if pipectl had been started in this folder
    #[arg(short = 'C', global = true, help_heading = "Global options", value_name = "DIR")]
    run_in: Option<PathBuf>,
    /// Print results as JSON, alone on standard output
    #[arg(long, global = true, help_heading = "Global options")]
    json: bool,
    /// When to colour output: always, never, or auto: on a terminal, and not where NO_COLOR is set
    #[arg(long, global = true, help_heading = "Global options", value_enum, default_value_t, value_name = "WHEN")]
    #[arg(hide_possible_values = true)]
    color: Color,
}

#[derive(Debug, Subcommand)]
enum Command {
    Validate(validate::Args),
    Build(build::Args),
    Cost(cost::Args),
    Plan(plan::Args),
    Adopt(adopt::Args),
    Apply(apply::Args),
    Destroy(destroy::Args),
    Show(show::Args),
    Graph(graph::Args),
    Output(output::Args),
    Drift(drift::Args),
    Send(send::Args),
    Verify(verify::Args),
    Status(status::Args),
    Logs(logs::Args),
    Query(query::Args),
    State(state::Args),
    Forget(forget::Args),
    Unlock(unlock::Args),
    Bootstrap(bootstrap::Args),
    Init(init::Args),
    SnowflakeSql(snowflake_sql::Args),
    DeployPolicy(deploy_policy::Args),
    Grants(grants::Args),
    Export(export::Args),
    Import(import::Args),
    Demo(demo::Args),
    Schema(schema::SchemaArgs),
    Completions(schema::CompletionsArgs),
    Sandbox(sandbox::Args),
}

/// Parses the arguments, runs the command and returns its exit code. `exit` ends the process at a signal, where the command
/// may be at something that never ends.
pub fn main(exit: fn(u8) -> !) -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let printer = Printer::new(cli.global.json, cli.global.color);
    log();
    if let Err(failure) = stand(&cli) {
        return ExitCode::from(failure.report(printer));
    }
    let end = move |fault| {
        // The process ends with the same code.
        let _ = Failure::from(fault).report(printer);
    };
    if let Err(error) = signals::listen(end, exit) {
        printer.error(&format!("the system tells of no signals: {error}"), None);
        return ExitCode::FAILURE;
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.error(&format!("the system gives no event loop: {error}"), None);
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(async {
        tokio::select! {
            outcome = run(cli.command, printer) => outcome,
            // Whatever it was at is let go of: calls, children, folders of its own.
            signal = signals::impatience() => Err(Fault::Interrupted { signal, partial: None }.into()),
        }
    });
    let code = outcome.unwrap_or_else(|failure| failure.report(printer));
    // A thread that waits for somebody to type is not waited for.
    runtime.shutdown_background();
    ExitCode::from(code)
}

/// Goes where the command works, before anything else runs that could look at files.
fn stand(cli: &Cli) -> Result<(), Failure> {
    cli.global.run_in.as_deref().map_or(Ok(()), standing::go)?;
    match cli.command {
        // The projects are those below where the person stands.
        Command::Plan(ref args) if args.is_of_all() => Ok(()),
        // Of these none is about a project that is there; what `sandbox` runs is started where the person stands.
        Command::Init(_) | Command::Demo(_) | Command::Schema(_) | Command::Completions(_) | Command::Sandbox(_) => {
            Ok(())
        }
        _ => standing::enter_project(),
    }
}

/// Prints help or the version, or what is wrong with the arguments.
fn usage(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    // The text quotes arguments, which may hold lines of their own.
    let plain = |argument: std::ffi::OsString| !argument.to_string_lossy().chars().any(acts);
    if std::env::args_os().all(plain) {
        // Nowhere is left to say that this cannot be printed.
        let _ = error.print();
    } else {
        Printer::new(false, Color::Never).say(&Clean(text.trim_end()).to_string());
    }
    if !error.use_stderr() {
        return ExitCode::SUCCESS;
    }
    // Clap's own code for wrong usage is 2, which here says that there are changes.
    if std::env::args_os().any(|argument| argument == "--json") {
        let message = error.to_string();
        let json = json!({"error": {"message": message.trim_end(), "exit_code": 1, "next": null}});
        // As above.
        let _ = Printer::new(true, Color::Never).result("", || json);
    }
    ExitCode::FAILURE
}

async fn run(command: Command, printer: Printer) -> Outcome {
    match command {
        Command::Validate(args) => validate::run(&args, printer),
        Command::Build(args) => build::run(&args, printer).await,
        Command::Cost(args) => cost::run(&args, printer).await,
        Command::Plan(args) => plan::run(&args, printer).await,
        Command::Adopt(args) => adopt::run(&args, printer).await,
        Command::Apply(args) => apply::run(&args, printer).await,
        Command::Destroy(args) => destroy::run(&args, printer).await,
        Command::Show(args) => show::run(&args, printer),
        Command::Graph(args) => graph::run(&args, printer),
        Command::Output(args) => output::run(&args, printer).await,
        Command::Drift(args) => drift::run(&args, printer).await,
        Command::Send(args) => send::run(&args, printer).await,
        Command::Verify(args) => verify::run(&args, printer).await,
        Command::Status(args) => status::run(&args, printer).await,
        Command::Logs(args) => logs::run(&args, printer).await,
        Command::Query(args) => query::run(&args, printer).await,
        Command::State(args) => state::run(&args, printer).await,
        Command::Forget(args) => forget::run(&args, printer).await,
        Command::Unlock(args) => unlock::run(&args, printer).await,
        Command::Sandbox(args) => sandbox::run(&args, printer).await,
        Command::Bootstrap(args) => bootstrap::run(&args, printer).await,
        Command::Init(args) => init::run(&args, printer),
        Command::SnowflakeSql(args) => snowflake_sql::run(&args, printer).await,
        Command::DeployPolicy(args) => deploy_policy::run(&args, printer).await,
        Command::Grants(args) => grants::run(&args, printer).await,
        Command::Export(args) => export::run(&args, printer).await,
        Command::Import(args) => import::run(&args, printer).await,
        Command::Demo(args) => demo::run(&args, printer).await,
        Command::Schema(args) => schema::schema(&args, printer),
        Command::Completions(args) => schema::completions(&args, &mut Cli::command(), printer),
    }
}

/// `PIPECTL_LOG=aws_smithy_runtime=debug` shows what the SDK does; the SDK keeps out of it what it knows to be secret. It does
/// not know that of the values of API keys: what it traces whole is not shown.
fn log() {
    use tracing_subscriber::filter::filter_fn;
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;
    use tracing_subscriber::{EnvFilter, Layer as _, fmt};
    if let Ok(filter) = EnvFilter::try_from_env("PIPECTL_LOG") {
        let whole = |target: &str| target.starts_with(session::TRACES_WHOLE);
        let shown = filter_fn(move |it| *it.level() != tracing::Level::TRACE || !whole(it.target()));
        let lines = fmt::layer().with_writer(|| printer::Log).with_ansi(false).with_filter(shown);
        tracing_subscriber::registry().with(filter).with(lines).init();
    }
}
