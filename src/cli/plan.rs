//! `pipectl plan`.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::apply::command;
use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::reports::Reports;
use super::session::{Code, Session, SpecArgs};
use super::validate::keeps_policy;
use super::waiting::waiting;
use crate::cost::{Expected, expected};
use crate::engine::plan::Adopt;
use crate::engine::planfile::{Plan, PlanFile, Purpose};
use crate::files::project::{NoPath, Project, ProjectPath};
use crate::model::address::{Address, NotAnAddress};
use crate::model::graph::Graph;
use crate::ops::fault::Fault;
use crate::ops::plan::{PlanRequest, make};
use crate::ops::preflight::preflight;
use crate::report::style::Clean;

/// Compare a spec with live AWS, show what would change, and save that as a plan
///
/// Changes nothing and takes no lock. The plan file is what `pipectl apply` applies, and nothing else.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Where to save the plan
    #[arg(long, value_name = "FILE", default_value = "plan.json")]
    out: PathBuf,
    /// Exit with 2 if there are changes
    #[arg(long)]
    detailed_exitcode: bool,
    /// Ask AWS whether an apply would get through: simulate its very calls for the caller, look at the account's quotas
    #[arg(long)]
    preflight: bool,
    /// Run no `build` of a function: use what was built before, and refuse where that is missing or was changed
    #[arg(long)]
    no_build: bool,
    #[command(flatten)]
    adoption: Adoption,
    #[command(flatten)]
    reports: Reports,
}

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

/// What a command is at that compares an environment with AWS.
pub(super) const READING: &str = "reading the state and what AWS has";

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    args.reports.check(printer)?;
    let session = Session::open(&args.spec, Code::unless(args.no_build), printer).await?;
    let adopt = args.adoption.parse(&session.graph)?;
    let plan = waiting(printer, READING, wanted(&session, &adopt)).await?;
    let file = PlanFile::new(&plan).map_err(anyhow::Error::from)?;
    let found =
        if args.preflight { Some(preflight(&session.site.registry, &plan, &*session.account).await) } else { None };
    args.reports.show(&plan, &file, found.as_ref(), printer)?;
    if !plan.refusals.is_empty() {
        return Ok(refused(plan, printer));
    }
    save(&args.out, &file)?;
    saved(&plan, &args.out, &[args.spec.words(&plan.env), args.adoption.words()].concat(), printer);
    if found.is_some_and(|found| !found.passes) {
        let help = "nothing was changed; mend what the preflight names (`pipectl deploy-policy --env ENV` prints all that an \
                    apply may need), and apply the plan then";
        printer.error("AWS would not let this plan be applied as things are", Some(help));
        return Ok(1);
    }
    Ok(if args.detailed_exitcode && plan.changes.any() { 2 } else { 0 })
}

/// Says that a plan that has been shown already is refused, and returns the exit code.
pub(super) fn refused(plan: Plan, printer: Printer) -> u8 {
    let fault = Fault::Refused(plan.refusals);
    printer.error(&fault.to_string(), fault.help().as_deref());
    fault.exit_code()
}

/// Says where a plan is, and what to do with it: `words` are what an apply has to be told again.
pub(super) fn saved(plan: &Plan, file: &Path, words: &[String], printer: Printer) {
    let command = Clean(&command(file, words)).to_string();
    let file = Clean(&file.display().to_string()).to_string();
    let next = match plan.changes.any() {
        _ if plan.summary().conflict > 0 => "; it cannot be applied while something is in the way".to_owned(),
        true if !plan.broadens.is_empty() => {
            format!("; `{command} --approve-broadening` does exactly this, and widens access")
        }
        true => format!("; `{command}` does exactly this"),
        false => String::new(),
    };
    printer.say(&format!("\nsaved as {file}{next}"));
}

/// Plans what the session's spec wants, if that keeps the spec's own rules.
pub(super) async fn wanted(session: &Session, adopt: &Adopt) -> Result<Plan, Failure> {
    keeps_policy(&session.loaded, &session.graph)?;
    let traffic = expected(&session.loaded.spec);
    Ok(make(&session.site, &plan_request(session, &traffic, adopt)).await?)
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
    }
}

/// Writes a file whole or not at all, with the permissions of the one it replaces; what is there and is no file, a pipe or
/// a device, is written to. A link in the project that leads out of it is not followed.
pub(super) fn save(path: &Path, text: &impl Display) -> Result<(), Failure> {
    let name = Clean(&path.display().to_string()).to_string();
    let path = given(path)?;
    let inside = path.is_inside();
    let path = path.as_path();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let replace = || -> anyhow::Result<()> {
        let other = std::fs::metadata(path).is_ok_and(|there| !there.is_file());
        // In the project nobody waits at the other end of a pipe; elsewhere it is what a person named.
        anyhow::ensure!(!other || !inside, "there is something that is not a regular file");
        if other {
            return write(std::fs::File::create(path)?, text);
        }
        // Its error names the folder, and no temporary file.
        std::fs::metadata(folder)?;
        let file = tempfile::NamedTempFile::new_in(folder)?;
        write(file.as_file(), text)?;
        if let Ok(there) = std::fs::metadata(path) {
            file.as_file().set_permissions(there.permissions())?;
        }
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    Ok(replace().with_context(|| format!("`{name}` cannot be written"))?)
}

/// A path of the command line, resolved: wherever it is, but by no link in the project that leads out.
pub(super) fn given(path: &Path) -> Result<ProjectPath, Failure> {
    let resolved = Project::here().map_err(NoPath::from).and_then(|project| project.given(path));
    Ok(resolved.map_err(anyhow::Error::from)?)
}

fn write(file: impl Write, text: &impl Display) -> anyhow::Result<()> {
    let mut file = BufWriter::new(file);
    write!(file, "{text}")?;
    Ok(file.flush()?)
}
