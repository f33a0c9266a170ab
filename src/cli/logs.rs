//! `pipectl logs`.

use time::{Duration, OffsetDateTime};

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::session::{Code, Session, SpecArgs};
use super::signals::Signals;
use super::wiring;
use crate::model::address::Address;
use crate::model::graph::Graph;
use crate::model::runs::History as _;
use crate::ops::amount::counted;
use crate::ops::logs::{Group, Logs, Look, MOST};
use crate::report::logs as report;

/// Runs of a Python shell whose log is shown.
const RUNS: u32 = 5;

/// Show what functions, delivery streams and jobs have logged
///
/// With --json, an object a line. Of a job that has no log group of its own, the newest runs are shown.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Only these blocks: `function.counters`
    #[arg(value_name = "BLOCK")]
    blocks: Vec<Address>,
    /// How far to look back
    #[arg(long, value_name = "N", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    minutes: u32,
    /// Go on until interrupted
    #[arg(long)]
    follow: bool,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, Code::None, printer).await?;
    let mut groups = groups(&session.graph);
    groups.extend(of_runs(&session, &args.blocks).await?);
    let groups = chosen(groups, &args.blocks)?;
    let mut logs = Logs::new(&groups, OffsetDateTime::now_utc() - Duration::minutes(args.minutes.into()));
    if args.follow {
        let signals = Signals::watch();
        let signal = logs.follow(&*session.data, &signals, |look| show(look, printer)).await?;
        return Ok(signal.map_or(0, |signal| 128 + signal));
    }
    let look = logs.look(&*session.data).await?;
    show(&look, printer)?;
    if look.lines.is_empty() {
        let minutes = counted(args.minutes.into(), "minute");
        printer.say(&format!("nothing was logged in the last {minutes}: `--minutes` looks back further"));
    }
    for block in &look.cut {
        let most = counted(MOST as u64, "event");
        printer.warn(&format!("{block} has logged more than these {most}: see the newest with a smaller `--minutes`"));
    }
    Ok(0)
}

/// Shows the lines, and tells whether anybody reads them.
fn show(look: &Look, printer: Printer) -> Result<bool, Failure> {
    let shown = if printer.json {
        printer.json_text(&report::json(&look.lines))
    } else {
        printer.read(&report::text(&look.lines))
    };
    Ok(shown?)
}

/// The log groups of the blocks.
fn groups(graph: &Graph) -> Vec<(Address, Group)> {
    let groups = graph.resources.values().filter(|resource| resource.kind == "logs_group");
    groups
        .map(|resource| {
            let name = resource.attributes["name"].as_str().unwrap_or_default().to_owned();
            (resource.address.clone(), Group { block: resource.address.block_name().to_owned(), name, streams: None })
        })
        .collect()
}

/// What the newest runs of jobs log where those of all jobs of the account do: Glue has no other place for a Python shell.
async fn of_runs(session: &Session, blocks: &[Address]) -> Result<Vec<(Address, Group)>, Failure> {
    let (mut groups, history) = (Vec::new(), session.runs());
    let jobs = session.graph.resources.values().filter(|resource| resource.kind == "glue_job");
    let shells = jobs.filter(|job| job.attributes["command"] == "pythonshell").map(|job| &job.address);
    for address in shells.filter(|address| blocks.is_empty() || blocks.iter().any(|block| block.covers(address))) {
        let job = wiring::job(&session.graph, address)?;
        for run in history.newest(&job.name, RUNS).await? {
            let group = |name: &String| Group {
                block: job.block.clone(),
                name: name.clone(),
                streams: Some(run.run.id.clone()),
            };
            groups.extend(job.groups.iter().map(group).map(|group| (address.clone(), group)));
        }
    }
    Ok(groups)
}

/// Those of the named blocks, or all.
fn chosen(groups: Vec<(Address, Group)>, blocks: &[Address]) -> Result<Vec<Group>, Failure> {
    let all: Vec<&str> = groups.iter().map(|(_, group)| group.block.as_str()).collect();
    if all.is_empty() {
        return Err(Failure::new("no block of this spec logs anything"));
    }
    if let Some(silent) = blocks.iter().find(|block| !groups.iter().any(|(address, _)| block.covers(address))) {
        return Err(Failure::new(format!("`{silent}` logs nothing; these do: {}", all.join(", "))));
    }
    let meant = |address: &Address| blocks.is_empty() || blocks.iter().any(|block| block.covers(address));
    Ok(groups.into_iter().filter(|(address, _)| meant(address)).map(|(_, group)| group).collect())
}
