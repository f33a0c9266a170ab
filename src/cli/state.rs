//! `pipectl state …`, `pipectl forget` and `pipectl unlock`.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Subcommand;
use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;

use super::consumers;
use super::failure::{Failure, Outcome};
use super::files::given;
use super::lock::Lock;
use super::printer::Printer;
use super::session::{Code, OtherPlace, Session, SpecArgs};
use crate::model::address::Address;
use crate::ops::amount::counted;
use crate::ops::fault::state_fault;
use crate::ops::state as ops;
use crate::report::style::{Clean, GOOD, paint};
use crate::report::table;
use crate::state::blobs::Version;
use crate::state::store::Versioned;
use crate::state::{Record, State, file};

/// Look at the state (what pipectl owns and remembers), or mend it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the resources that pipectl owns
    List(Plain),
    /// Print one resource as the state remembers it
    Show(One),
    /// Print the whole state file's contents
    Pull(Plain),
    /// Write a state that a failed apply kept in a file to its store
    Push(Push),
    /// List the earlier versions of the state, or print one
    History(History),
    /// Write an earlier version of the state again, as the newest
    Restore(Restore),
    /// Move the state to another place: from a folder to S3, from a bucket to another
    Move(Move),
    /// List the environments that use blocks of this one, and so keep them from being deleted
    Consumers(consumers::Args),
    /// Rebuild a lost state from the names in the spec and the ownership tags in AWS
    Rebuild(Plain),
}

#[derive(Debug, clap::Args)]
struct Plain {
    #[command(flatten)]
    spec: SpecArgs,
}

#[derive(Debug, clap::Args)]
struct One {
    #[command(flatten)]
    spec: SpecArgs,
    /// Its address: firehose.clicks/role
    address: Address,
}

#[derive(Debug, clap::Args)]
struct Push {
    #[command(flatten)]
    spec: SpecArgs,
    /// The file that the failed apply left
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
struct History {
    #[command(flatten)]
    spec: SpecArgs,
    /// Print the state as this version has it
    version: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Restore {
    #[command(flatten)]
    spec: SpecArgs,
    /// The version, as `pipectl state history` lists it
    version: String,
}

#[derive(Debug, clap::Args)]
struct Move {
    #[command(flatten)]
    spec: SpecArgs,
    /// Where to: `s3://BUCKET/FOLDER`, or `local:FOLDER` for a folder of the project
    #[arg(long, value_name = "PLACE")]
    to: String,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    match &args.command {
        Command::List(plain) => list(&plain.spec, printer).await,
        Command::Show(one) => show(one, printer).await,
        Command::Pull(plain) => {
            let session = Session::open(&plain.spec, Code::None, printer).await?;
            let loaded = existing(&session).await?;
            print_state(&loaded.state, printer)
        }
        Command::Push(push) => {
            let file = given(&push.file)?;
            let session = Session::open(&push.spec, Code::None, printer).await?;
            let lock = Lock::new("state push", printer);
            let pushed = ops::push(&session.site, file.shown(), lock.locking()).await?;
            written(&session, pushed.state.serial, printer)
        }
        Command::History(history) => self::history(history, printer).await,
        Command::Restore(restore) => {
            let session = Session::open(&restore.spec, Code::None, printer).await?;
            let lock = Lock::new("state restore", printer);
            let restored = ops::restore(&session.site, &restore.version, lock.locking()).await?;
            written(&session, restored.state.serial, printer)
        }
        Command::Move(to) => relocate(to, printer).await,
        Command::Consumers(args) => consumers::run(args, printer).await,
        Command::Rebuild(plain) => rebuild(&plain.spec, printer).await,
    }
}

async fn existing(session: &Session) -> Result<Versioned, Failure> {
    let loaded = session.site.store.load().await.map_err(state_fault)?;
    loaded.ok_or_else(|| Failure::new(format!("there is no state yet at {}", session.site.store.location())))
}

fn written(session: &Session, serial: u64, printer: Printer) -> Outcome {
    let location = session.site.store.location();
    let text = format!(
        "{} {} has serial {serial} now; `pipectl plan` compares it with AWS.\n",
        paint(GOOD, "written:"),
        Clean(&location)
    );
    printer.result(&text, || json!({"location": location, "serial": serial}))?;
    Ok(0)
}

async fn list(spec: &SpecArgs, printer: Printer) -> Outcome {
    let session = Session::open(spec, Code::None, printer).await?;
    let loaded = session.site.store.load().await.map_err(state_fault)?;
    let resources = loaded.map(|loaded| loaded.state.resources).unwrap_or_default();
    let mut table = table::table(["address", "type", "key"], printer.width);
    for (address, record) in &resources {
        table.add_row(
            [address.to_string(), record.kind.clone(), record.key.clone()].map(|text| Clean(&text).to_string()),
        );
    }
    let text = if resources.is_empty() { String::new() } else { table::text(&table) };
    printer.say(&format!(
        "{} in {}",
        counted(resources.len() as u64, "resource"),
        Clean(&session.site.store.location())
    ));
    let json = || {
        let one = |(address, record): (&Address, &Record)| json!({"address": address, "type": record.kind, "key": record.key});
        Value::Array(resources.iter().map(one).collect())
    };
    printer.result(&text, json)?;
    Ok(0)
}

async fn show(one: &One, printer: Printer) -> Outcome {
    let session = Session::open(&one.spec, Code::None, printer).await?;
    let loaded = existing(&session).await?;
    let record = loaded.state.resources.get(&one.address);
    let record =
        record.ok_or_else(|| anyhow!("the state has no `{}`: `pipectl state list` lists what it has", one.address))?;
    let json = serde_json::to_value(record).map_err(anyhow::Error::from)?;
    printer.json(&json)?;
    Ok(0)
}

fn print_state(state: &State, printer: Printer) -> Outcome {
    printer.json_text(&file::text(state))?;
    Ok(0)
}

async fn history(args: &History, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, Code::None, printer).await?;
    let store = &session.site.store;
    if let Some(version) = &args.version {
        let state = store.at(version).await.map_err(state_fault)?;
        let state = state.ok_or_else(|| anyhow!("{} has no version `{}`", store.location(), Clean(version)))?;
        return print_state(&state, printer);
    }
    let versions = store.history().await.map_err(state_fault)?;
    let versions = versions
        .ok_or_else(|| anyhow!("{} keeps no earlier versions: only a bucket with versioning does", store.location()))?;
    let mut table = table::table(["version", "written", "bytes", ""], printer.width);
    for one in &versions {
        let latest = if one.latest { "newest" } else { "" };
        table.add_row([one.id.clone(), written_at(one), one.size.to_string(), latest.to_owned()]);
    }
    let json = || {
        let one = |one: &Version| json!({"version": one.id, "written": written_at(one), "bytes": one.size, "latest": one.latest});
        Value::Array(versions.iter().map(one).collect())
    };
    printer.result(&table::text(&table), json)?;
    Ok(0)
}

async fn relocate(args: &Move, printer: Printer) -> Outcome {
    let other = OtherPlace::named(&args.to)?;
    let session = Session::open(&args.spec, Code::None, printer).await?;
    let target = session.store_at(&other)?;
    let lock = Lock::new("state move", printer);
    let moved = ops::relocate(&session.site, &target, [lock.locking(), lock.locking()]).await?;
    let (from, to) = (session.site.store.location(), target.location());
    let (done, count) = (if moved.before { "moved before:" } else { "moved:" }, moved.state.resources.len());
    let text = format!(
        "{} the state of {} is at {} now, with serial {}.\n\
         Its old place keeps a mark that says so, and whatever earlier versions of it there are: they stay there.\n\
         Now write into the spec:\n\n[state]\n{}\
         or put bucket and folder into the two SSM parameters where these name it. Those say where the states of the project's other\n\
         environments are as well: move them first.\n",
        paint(GOOD, done),
        counted(count as u64, "resource"),
        Clean(&to),
        moved.state.serial,
        written_out(&other.fields),
    );
    let json = || {
        json!({"from": from, "to": to, "lineage": moved.state.lineage, "serial": moved.state.serial, "resources": count,
            "moved_before": moved.before, "state": other.fields})
    };
    printer.result(&text, json)?;
    Ok(0)
}

/// The fields of a table of a spec, each on a line.
fn written_out(fields: &Value) -> String {
    let texts = fields.as_object().into_iter().flatten().filter_map(|(field, value)| Some((field, value.as_str()?)));
    let line = |(field, text)| format!("{field} = {}", Clean(&toml::Value::from(text).to_string()));
    texts.map(line).collect::<Vec<_>>().join("\n") + "\n"
}

fn written_at(version: &Version) -> String {
    // Times of this era have such a form.
    version.modified.format(&Rfc3339).unwrap_or_default()
}

async fn rebuild(spec: &SpecArgs, printer: Printer) -> Outcome {
    let session = Session::open(spec, Code::Source, printer).await?;
    let lock = Lock::new("state rebuild", printer);
    let rebuilt = ops::rebuild(&session.site, &session.graph, lock.locking()).await?;
    for (address, why) in &rebuilt.left {
        printer.warn(&format!("{} was left out: {}", Clean(&address.to_string()), Clean(why)));
    }
    printer.say(&format!("{} found again", counted(rebuilt.found as u64, "resource")));
    written(&session, rebuilt.serial, printer)
}
