//! `pipectl output`.

use std::fmt::Write;

use anyhow::anyhow;
use serde_json::{Map, Value};

use super::failure::Outcome;
use super::printer::Printer;
use super::session::{Code, Session, SpecArgs};
use super::waiting::waiting;
use crate::ops::plan::state_fault;
use crate::report::style::{BOLD, Clean, paint};
use crate::state::State;

/// Print what was deployed: names, ARNs, URLs
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Print only this one, bare: stream.clicks.arn
    name: Option<String>,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, Code::None, printer).await?;
    let loaded = waiting(printer, "reading the state", session.site.store.load()).await.map_err(state_fault)?;
    let state = loaded.map(|loaded| loaded.state);
    let none = none(state.as_ref());
    let outputs = state.map(|state| state.outputs).unwrap_or_default();
    if let Some(name) = &args.name {
        let value = outputs.get(name).ok_or_else(|| {
            anyhow!("there is no output `{}`: without a name, `pipectl output` lists them all", Clean(name))
        })?;
        printer.result(&format!("{}\n", bare(value)), || value.clone())?;
        return Ok(0);
    }
    let width = outputs.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in &outputs {
        let _ = writeln!(text, "{}  {}", paint(BOLD, format!("{:<width$}", Clean(name).to_string())), bare(value));
    }
    if outputs.is_empty() {
        printer.say(none);
    }
    printer.result(&text, || Value::Object(outputs.clone().into_iter().collect::<Map<_, _>>()))?;
    Ok(0)
}

/// Why there are no outputs.
fn none(state: Option<&State>) -> &'static str {
    match state {
        Some(state) if !state.intents.is_empty() => {
            "There are no outputs yet: an apply did not end. `pipectl plan` shows what is left to do."
        }
        Some(state) if !state.resources.is_empty() => "There are no outputs: nothing that is deployed has any.",
        Some(_) | None => "There are no outputs: nothing is deployed.",
    }
}

/// A value without quotes, for scripts.
fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => Clean(text).to_string(),
        other => Clean(&other.to_string()).to_string(),
    }
}
