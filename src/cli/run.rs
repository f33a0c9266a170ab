//! `pipectl run`.

use std::collections::BTreeMap;

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::session::{Code, Session, SpecArgs};
use super::signals::Signals;
use super::ticker::Ticker;
use super::wiring;
use crate::model::address::Address;
use crate::model::runs::{Run, Runs};
use crate::ops::fault::Fault;
use crate::ops::logs::Line;
use crate::ops::run::{Heard, Job, follow};
use crate::ops::stop::Stop as _;
use crate::report::{logs, run as report};

/// Run a job, a crawler or a workflow, and with --wait follow it to its end
///
/// A signal ends the wait and leaves the run as it is: --stop stops one.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// The job, the crawler or the workflow: `job.clean`, `workflow.nightly`
    #[arg(value_name = "BLOCK")]
    block: Address,
    /// Wait for its end, and show what it logs; a run that fails is an error
    #[arg(long)]
    wait: bool,
    /// What a script, or a workflow's run, is given instead: `--argument=--day=2026-11-30`
    #[arg(long = "argument", value_name = "NAME=VALUE", allow_hyphen_values = true)]
    arguments: Vec<String>,
    /// Stop this run instead of starting one; a crawler has one at a time, which needs no name
    #[arg(long, value_name = "RUN", num_args = 0..=1, default_missing_value = "", conflicts_with_all = ["wait", "arguments"])]
    stop: Option<String>,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let of = args.block.block_name().split('.').next().unwrap_or_default();
    let crawls = of == "crawler";
    let argument = if of == "workflow" { property } else { argument };
    let arguments = args.arguments.iter().map(|text| argument(text)).collect::<Result<BTreeMap<_, _>, _>>()?;
    let session = Session::open(&args.spec, Code::None, printer).await?;
    let name = args.block.block_name();
    if name.contains('.') && !["crawler", "job", "workflow"].contains(&of) {
        return Err(Failure::new(format!("`{name}` does not run: a job does, a crawler or a workflow")));
    }
    let (job, runs): (Job, Box<dyn Runs>) = match of {
        "crawler" => (wiring::crawler(&session.graph, &args.block)?, Box::new(session.crawls())),
        "workflow" => (wiring::workflow(&session.graph, &args.block)?, Box::new(session.workflow_runs())),
        _ => (wiring::job(&session.graph, &args.block)?, Box::new(session.runs())),
    };
    if crawls && !arguments.is_empty() {
        return Err(Failure::new("a crawler takes no arguments: its block says what it looks at".to_owned()));
    }
    if let Some(run) = &args.stop {
        if crawls && !run.is_empty() {
            let help = format!("`pipectl run {} --stop`", args.block);
            return Err(Fault::helped(anyhow::anyhow!("a crawler has one run at a time, which has no id"), help).into());
        }
        // Of a crawler the run has no name but the crawler's.
        let run = if crawls { &job.name } else { run };
        if run.is_empty() {
            let id = if of == "workflow" { "wr_…" } else { "jr_…" };
            let help = format!("`pipectl run {} --stop {id}`; whoever started it was told its id", args.block);
            return Err(Fault::helped(anyhow::anyhow!("which run is to stop?"), help).into());
        }
        runs.stop(&job.name, run).await?;
        printer.say(&format!("asked {run} to stop"));
        return Ok(0);
    }
    let signals = Signals::watch();
    let id = runs.start(&job.name, &arguments).await?;
    // Before anything else can fail: who does not know the id of a run cannot stop it.
    printer.say(&if crawls { format!("started {}", job.block) } else { format!("started {id} of {}", job.block) });
    if !args.wait {
        let run = runs.look(&job.name, &id).await?;
        printer.result(&report::text(&run), || report::json(&job.block, &job.name, &run))?;
        return Ok(0);
    }
    let told = Told { ticker: Ticker::new(printer), printer };
    let run = follow((&*runs, &*session.data), &job, &id, &told, &signals).await;
    told.ticker.finish();
    if signals.asked().is_some() {
        let which = if crawls { "" } else { id.as_str() };
        let stop = format!("pipectl run {} --stop {which}", args.block);
        printer.say(&format!("the run goes on: `{}` stops it", stop.trim_end()));
    }
    let run = run?;
    printer.result(&report::text(&run), || report::json(&job.block, &job.name, &run))?;
    Ok(0)
}

/// Tells on standard error how a run goes on: its result is what a program reads.
struct Told {
    ticker: Ticker,
    printer: Printer,
}

impl Heard for Told {
    fn stands(&self, run: &Run) {
        self.ticker.show(&report::progress(run));
    }

    fn logged(&self, lines: &[Line]) {
        if !lines.is_empty() {
            self.printer.say(logs::text(lines).trim_end());
        }
    }
}

/// `--day=2026-11-30` as name and value.
fn argument(text: &str) -> Result<(String, String), Failure> {
    let pair = text.split_once('=').filter(|(name, _)| name.starts_with("--") && name.len() > 2);
    let (name, value) = pair.ok_or_else(|| {
        let help = "write `--argument=--day=2026-11-30`".to_owned();
        Failure::from(Fault::helped(anyhow::anyhow!("`{text}` is no argument of a script"), help))
    })?;
    Ok((name.to_owned(), value.to_owned()))
}

/// `day=2026-11-30` as name and value.
fn property(text: &str) -> Result<(String, String), Failure> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty() && !name.starts_with('-'));
    let (name, value) = pair.ok_or_else(|| {
        let help = "write `--argument=day=2026-11-30`".to_owned();
        Failure::from(Fault::helped(anyhow::anyhow!("`{text}` is no property of a workflow's run"), help))
    })?;
    Ok((name.to_owned(), value.to_owned()))
}
