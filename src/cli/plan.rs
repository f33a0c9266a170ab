//! `pipectl plan`.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::reports::Reports;
use super::session::{self, Session, SpecArgs};
use super::validate::keeps_policy;
use crate::cost::{Expected, expected};
use crate::engine::address::{Address, NotAnAddress};
use crate::engine::graph::Graph;
use crate::engine::plan::Adopt;
use crate::engine::planfile::{Plan, Purpose, Sealed};
use crate::ops::fault::Fault;
use crate::ops::plan::{Wish, make};
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

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    args.reports.check(printer)?;
    let session = Session::open(&args.spec, printer).await?;
    let plan = wanted(&session, &args.adoption.parse(&session.graph)?).await?;
    let file = Sealed::new(&plan).map_err(anyhow::Error::from)?;
    let found =
        if args.preflight { Some(preflight(&session.site.registry, &plan, &*session.account).await) } else { None };
    args.reports.show(&plan, &file, found.as_ref(), printer)?;
    if !plan.refusals.is_empty() {
        return Ok(refused(plan, printer));
    }
    save(&args.out, &file)?;
    saved(&plan, &args.out, printer);
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

/// Says where a plan is, and what to do with it.
pub(super) fn saved(plan: &Plan, file: &Path, printer: Printer) {
    let file = Clean(&file.display().to_string()).to_string();
    let next = match plan.changes.any() {
        _ if plan.summary().conflict > 0 => "; it cannot be applied while something is in the way".to_owned(),
        true if !plan.broadens.is_empty() => {
            format!("; `pipectl apply {file} --approve-broadening` does exactly this, and widens access")
        }
        true => format!("; `pipectl apply {file}` does exactly this"),
        false => String::new(),
    };
    printer.say(&format!("\nsaved as {file}{next}"));
}

/// Plans what the session's spec wants, if that keeps the spec's own rules.
pub(super) async fn wanted(session: &Session, adopt: &Adopt) -> Result<Plan, Failure> {
    keeps_policy(&session.loaded, &session.graph)?;
    let traffic = expected(&session.loaded.spec);
    Ok(make(&session.site, &wish(session, &traffic, adopt)).await?)
}

/// What the session's spec wants.
pub(super) fn wish<'a>(session: &'a Session, traffic: &'a Expected, adopt: &'a Adopt) -> Wish<'a> {
    let spec = &session.loaded.spec;
    Wish {
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
/// a device, is written to.
pub(super) fn save(path: &Path, text: &impl Display) -> Result<(), Failure> {
    let name = Clean(&path.display().to_string()).to_string();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let replace = || -> anyhow::Result<()> {
        if std::fs::metadata(path).is_ok_and(|there| !there.is_file()) {
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

fn write(file: impl Write, text: &impl Display) -> anyhow::Result<()> {
    let mut file = BufWriter::new(file);
    write!(file, "{text}")?;
    Ok(file.flush()?)
}

/// The plan that a saved file holds comes from a spec that may say something else by now.
pub(super) fn spec_changed(plan: &Plan) -> Option<String> {
    let spec = plan.spec.as_ref()?;
    // A spec that is not here, or no longer valid, says nothing about the plan.
    let now = session::digest_of(spec, &plan.scope.account)?;
    (now != spec.digest).then(|| spec.file.clone())
}
