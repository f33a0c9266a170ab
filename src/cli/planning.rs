//! What the commands have in common that make a plan: what it is made for, how it is made, and what is said of it.

use std::collections::BTreeSet;
use std::path::Path;

use super::failure::Failure;
use super::printer::Printer;
use super::session::Session;
use super::standing::program;
use crate::cost::{Expected, expected};
use crate::engine::plan::Adopt;
use crate::engine::plan::selection::{Selection, WHOLE};
use crate::engine::planfile::{Plan, Purpose};
use crate::model::address::{Address, NotAnAddress};
use crate::model::graph::Graph;
use crate::ops::fault::Fault;
use crate::ops::plan::{PlanRequest, make};
use crate::policy::{Violation, violations};
use crate::report::style::Clean;
use crate::spec::Loaded;
use crate::spec::diagnostic::Diagnostics;

/// What may be taken over.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Adoption {
    /// Take over a resource that exists already: its address, or `all`
    #[arg(long, value_name = "ADDRESS")]
    adopt: Vec<String>,
}

impl Adoption {
    /// These may be taken over.
    pub(super) fn of(addresses: &[String]) -> Self {
        Self { adopt: addresses.to_vec() }
    }

    /// Whether nothing may be taken over.
    pub(super) fn is_empty(&self) -> bool {
        self.adopt.is_empty()
    }

    /// As the command line has it.
    pub(super) fn words(&self) -> Vec<String> {
        self.adopt.iter().flat_map(|address| ["--adopt".to_owned(), address.clone()]).collect()
    }

    /// What the words mean in a spec that comes to `graph`: a name that nothing in it has is a mistake.
    pub(super) fn parse(&self, graph: &Graph) -> Result<Adopt, Failure> {
        if self.adopt.is_empty() {
            return Ok(Adopt::Nothing);
        }
        if self.adopt.iter().any(|address| address == "all") {
            return Ok(Adopt::All);
        }
        let parsed: Result<BTreeSet<Address>, NotAnAddress> =
            self.adopt.iter().map(|address| address.parse()).collect();
        let addresses = parsed.map_err(anyhow::Error::from)?;
        let wanted = |one: &Address| {
            let block = one.to_string();
            graph.resources.keys().any(|address| address == one || address.block_name() == block)
        };
        match addresses.iter().find(|one| !wanted(one)) {
            None => Ok(Adopt::Only(addresses)),
            Some(one) => {
                let error = anyhow::anyhow!("the spec has no `{}` that could be adopted", Clean(&one.to_string()));
                Err(Fault::helped(error, "`pipectl adopt --env ENV` shows what can be").into())
            }
        }
    }
}

/// What of a plan is asked for.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct Selecting {
    /// Plan only this and what it needs: an address, or a block with its parts; may be given several times
    #[arg(long, value_name = "ADDRESS", conflicts_with = "except")]
    only: Vec<Address>,
    /// Plan all but this and what needs it: an address, or a block with its parts; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    except: Vec<Address>,
    /// Delete this resource and make it anew, although it could be kept; may be given several times
    #[arg(long, value_name = "ADDRESS")]
    replace: Vec<Address>,
}

impl Selecting {
    /// What the words mean.
    pub(super) fn selection(&self) -> Selection {
        let set = |these: &[Address]| these.iter().cloned().collect();
        Selection { only: set(&self.only), except: set(&self.except), replace: set(&self.replace) }
    }
}

/// What a command is at that compares an environment with AWS.
pub(super) const READING: &str = "reading the state and what AWS has";

/// Plans what the session's spec wants, if that keeps the spec's own rules.
pub(super) async fn make_plan(session: &Session, adopt: &Adopt, selection: &Selection) -> Result<Plan, Failure> {
    keeps_policy(&session.loaded, &session.graph)?;
    let traffic = expected(&session.loaded.spec);
    let plan_request = PlanRequest { selection, ..plan_request(session, &traffic, adopt) };
    Ok(make(&session.site, &plan_request).await?)
}

/// What the session's spec wants.
pub(super) fn plan_request<'a>(session: &'a Session, traffic: &'a Expected, adopt: &'a Adopt) -> PlanRequest<'a> {
    let spec = &session.loaded.spec;
    PlanRequest {
        graph: &session.graph,
        purpose: Purpose::Apply,
        spec: Some(session.spec.clone()),
        protect: spec.env.protect,
        policy: &spec.policy,
        traffic,
        adopt,
        selection: &WHOLE,
    }
}

/// Refuses a spec that breaks rules of its own `[policy]`: all of them, each with its place.
pub(super) fn keeps_policy(loaded: &Loaded, graph: &Graph) -> Result<(), Failure> {
    let mut diagnostics = Diagnostics::default();
    for Violation { path, message, help } in violations(&loaded.spec, graph) {
        diagnostics.error(loaded.place(&path), message).help(help);
    }
    if diagnostics.has_errors() { Err(Failure::Policy(loaded.report(diagnostics))) } else { Ok(()) }
}

/// Says that a plan that has been shown already is refused, and returns the exit code.
pub(super) fn refused(plan: Plan, printer: Printer) -> u8 {
    let fault = Fault::Refused(plan.refusals);
    printer.error(&fault.to_string(), fault.help().as_deref());
    fault.exit_code()
}

/// Says where a plan is, and what to do with it: `words` are what an apply has to be told again.
pub(super) fn say_where(plan: &Plan, file: &Path, words: &[String], printer: Printer) {
    let command = Clean(&command(file, words)).to_string();
    let file = Clean(&file.display().to_string()).to_string();
    let next = match plan.changes.any() || plan.registers() {
        _ if plan.summary().conflict > 0 => "; it cannot be applied while something is in the way".to_owned(),
        true if !plan.broadens.is_empty() => {
            format!("; `{command} --approve-broadening` does exactly this, and widens access")
        }
        true => format!("; `{command}` does exactly this"),
        false => String::new(),
    };
    printer.say(&format!("\nsaved as {file}{next}"));
}

/// The command that applies a file, with what it is to be told besides.
pub(super) fn command(file: &Path, words: &[String]) -> String {
    let file = file.display().to_string();
    in_words("apply", std::iter::once(&file).chain(words))
}

/// The command that makes a plan, with what it is to be told.
pub(super) fn plan_command(words: &[String]) -> String {
    in_words("plan", words)
}

/// A command of pipectl's, run in the folder in which this one was.
fn in_words<'a>(command: &str, words: impl IntoIterator<Item = &'a String>) -> String {
    let mut all = program();
    all.push(command.to_owned());
    all.extend(words.into_iter().cloned());
    all.iter().map(|word| quoted(word)).collect::<Vec<_>>().join(" ")
}

/// A word as a shell takes it.
fn quoted(word: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_./=:,@+".contains(letter);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}
