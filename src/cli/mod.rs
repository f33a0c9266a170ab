//! The only part that knows clap, terminals and exit codes; one file per command.

mod apply;
mod bootstrap;
mod demo;
mod destroy;
mod drift;
mod failure;
mod init;
mod output;
mod plan;
mod printer;
mod progress;
mod sandbox;
mod schema;
mod send;
mod session;
mod show;
mod signals;
mod snowflake_sql;
mod state;
mod status;
mod ticker;
mod validate;
mod verify;
mod wiring;

use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};

use failure::Outcome;
use printer::{Color, Printer};

/// Provision whole clickstream pipelines on AWS from one declarative file per environment
#[derive(Debug, Parser)]
#[command(name = "pipectl", version, arg_required_else_help = true, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Options that every command takes.
#[derive(Clone, Copy, Debug, Args)]
pub struct Global {
    /// Print results as JSON, alone on standard output
    #[arg(long, global = true)]
    json: bool,
    /// When to colour output
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: Color,
}

#[derive(Debug, Subcommand)]
enum Command {
    Validate(validate::Args),
    Plan(plan::Args),
    Apply(apply::Args),
    Destroy(destroy::Args),
    Show(show::Args),
    Output(output::Args),
    Drift(drift::Args),
    Send(send::Args),
    Verify(verify::Args),
    Status(status::Args),
    State(state::Args),
    Forget(state::ForgetArgs),
    Unlock(state::UnlockArgs),
    Bootstrap(bootstrap::Args),
    Init(init::Args),
    SnowflakeSql(snowflake_sql::Args),
    Demo(demo::Args),
    Schema(schema::SchemaArgs),
    Completions(schema::CompletionsArgs),
    Sandbox(sandbox::Args),
}

/// Parses the arguments, runs the command and returns its exit code.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Clap's own code for wrong usage is 2, which here says that there are changes.
            let code = u8::from(error.use_stderr());
            // Nowhere is left to say that the usage cannot be printed.
            let _ = error.print();
            return ExitCode::from(code);
        }
    };
    log();
    let printer = Printer::new(cli.global.json, cli.global.color);
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.error(&format!("the system gives no event loop: {error}"), None);
            return ExitCode::FAILURE;
        }
    };
    let code = match runtime.block_on(run(cli.command, printer)) {
        Ok(code) => code,
        Err(failure) => failure.report(&printer),
    };
    ExitCode::from(code)
}

async fn run(command: Command, printer: Printer) -> Outcome {
    match command {
        Command::Validate(args) => validate::run(&args, printer),
        Command::Plan(args) => plan::run(&args, printer).await,
        Command::Apply(args) => apply::run(&args, printer).await,
        Command::Destroy(args) => destroy::run(&args, printer).await,
        Command::Show(args) => show::run(&args, printer),
        Command::Output(args) => output::run(&args, printer).await,
        Command::Drift(args) => drift::run(&args, printer).await,
        Command::Send(args) => send::run(&args, printer).await,
        Command::Verify(args) => verify::run(&args, printer).await,
        Command::Status(args) => status::run(&args, printer).await,
        Command::State(args) => state::run(&args, printer).await,
        Command::Forget(args) => state::forget(&args, printer).await,
        Command::Unlock(args) => state::remove_lock(&args, printer).await,
        Command::Sandbox(args) => sandbox::run(&args, printer).await,
        Command::Bootstrap(args) => bootstrap::run(&args, printer).await,
        Command::Init(args) => init::run(&args, printer),
        Command::SnowflakeSql(args) => snowflake_sql::run(&args, printer),
        Command::Demo(args) => demo::run(&args, printer).await,
        Command::Schema(args) => schema::schema(&args, printer),
        Command::Completions(args) => schema::completions(&args, &mut Cli::command(), printer),
    }
}

/// `PIPECTL_LOG=aws_smithy_runtime=debug` shows what the SDK does; the SDK keeps secrets out of it.
fn log() {
    use tracing_subscriber::EnvFilter;
    if let Ok(filter) = EnvFilter::try_from_env("PIPECTL_LOG") {
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    }
}
