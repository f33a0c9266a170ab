//! `pipectl destroy`.

use std::path::PathBuf;

use super::apply::{How, approved, at_once, execute};
use super::failure::Outcome;
use super::files::write_file;
use super::planning::{READING, refused, say_where};
use super::printer::Printer;
use super::reports::Reports;
use super::session::{Code, Session, SpecArgs};
use super::waiting::waiting;
use crate::cost::expected;
use crate::engine::planfile::{Plan, PlanFile};
use crate::model::graph::Graph;
use crate::ops::apply::Origin;
use crate::ops::plan::{PlanRequest, make};
use crate::ops::request::Request;
use crate::ops::unmodelled::obstacles;
use crate::report::style::Clean;

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
    let Session { loaded, site, .. } = Session::open(&args.spec, Code::None, printer).await?;
    let nothing = Graph::default();
    let spec = &loaded.spec;
    let traffic = expected(spec);
    let plan_request = PlanRequest::destruction(&nothing, &spec.policy, &traffic);
    if args.how.auto_approve && !args.plan_only {
        let show = |plan: &Plan, file: &PlanFile| {
            if printer.json { args.reports.write(plan) } else { args.reports.show(plan, file, None, printer) }
        };
        return at_once(&site, &Request::Whole(plan_request), ("destroy", show), args.how, printer).await;
    }
    let plan = waiting(printer, READING, make(&site, &plan_request)).await?;
    let file = PlanFile::new(&plan).map_err(anyhow::Error::from)?;
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
        for one in obstacles(&site, &plan.changes, args.how.empty_buckets).await {
            printer.warn(&Clean(&format!("{} {}", one.address, one.message)).to_string());
        }
        write_file(&args.out, &file)?;
        let mut words = args.spec.words(&plan.env);
        words.push("--destroy".to_owned());
        words.extend(args.how.empty_buckets.then(|| "--empty-buckets".to_owned()));
        say_where(&plan, &args.out, &words, printer);
        return Ok(0);
    }
    let how = approved(&site, &plan, args.how, printer).await?;
    execute(&site, &plan, file.digest(), Origin::Here, how, printer).await
}
