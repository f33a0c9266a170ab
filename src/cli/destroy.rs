//! `pipectl destroy`.

use std::path::PathBuf;

use super::apply::{How, approved, execute};
use super::failure::Outcome;
use super::plan::{refused, save, saved};
use super::printer::Printer;
use super::reports::Reports;
use super::session::{Session, SpecArgs};
use crate::cost::expected;
use crate::engine::graph::Graph;
use crate::engine::plan::Adopt;
use crate::engine::planfile::{Purpose, Sealed};
use crate::ops::plan::{Wish, make};

/// Destroy everything that an environment owns: plan it, show it, ask, and do it
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Only save the plan of the destruction, for `pipectl apply`
    #[arg(long)]
    plan_only: bool,
    /// Where to save it
    #[arg(long, value_name = "FILE", default_value = "plan.json", requires = "plan_only")]
    out: PathBuf,
    #[command(flatten)]
    how: How,
    #[command(flatten)]
    reports: Reports,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    args.reports.check(printer)?;
    // What the spec wants is not, and not kept for as long as a destruction takes.
    let Session { loaded, site, .. } = Session::open(&args.spec, printer).await?;
    let nothing = Graph::default();
    let spec = &loaded.spec;
    let wish = Wish {
        graph: &nothing,
        purpose: Purpose::Destroy,
        spec: None,
        protect: false,
        policy: &spec.policy,
        traffic: &expected(spec),
        adopt: &Adopt::Nothing,
    };
    let plan = make(&site, &wish).await?;
    let file = Sealed::new(&plan).map_err(anyhow::Error::from)?;
    // The one JSON on standard output is the plan with `--plan-only`, the result of the destruction without.
    if args.plan_only || !printer.json {
        args.reports.show(&plan, &file, None, printer)?;
    } else {
        args.reports.write(&plan)?;
    }
    if !plan.refusals.is_empty() && (args.plan_only || !printer.json) {
        return Ok(refused(plan, printer));
    }
    if args.plan_only {
        save(&args.out, &file)?;
        saved(&plan, &args.out, printer);
        return Ok(0);
    }
    let how = approved(&site, &plan, args.how, printer)?;
    execute(&site, &plan, file.digest(), how, printer).await
}
