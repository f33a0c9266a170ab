//! `pipectl drift --revert`.

use super::Args;
use crate::cli::apply::{approved, execute};
use crate::cli::failure::Outcome;
use crate::cli::files::write_file;
use crate::cli::planning::{refused, say_where};
use crate::cli::printer::Printer;
use crate::cli::reports::Reports;
use crate::cli::session::Session;
use crate::cost::expected;
use crate::engine::planfile::PlanFile;
use crate::ops::apply::Origin;
use crate::ops::drift::Revert;
use crate::ops::request::Request;

/// Plans the revert and shows it; saves it, or asks and applies it as any other plan.
pub(super) async fn run(args: &Args, session: &Session, printer: Printer) -> Outcome {
    super::warn_of_the_rest(args, session, printer).await?;
    let spec = &session.loaded.spec;
    let chosen = args.chosen();
    let left_alone = &session.graph.left_alone;
    let wanted = Revert { chosen: &chosen, policy: &spec.policy, traffic: &expected(spec), left_alone };
    let plan = Request::Revert(wanted).plan(&session.site).await?;
    let file = PlanFile::new(&plan).map_err(anyhow::Error::from)?;
    // The one JSON on standard output is the plan with `--out`, the result of the apply without.
    if args.remedy.out.is_some() || !printer.json {
        Reports::in_detail(args.full).show(&plan, &file, None, printer)?;
        if !plan.refusals.is_empty() {
            return Ok(refused(plan, printer));
        }
    }
    if let Some(out) = &args.remedy.out {
        write_file(out, &file)?;
        let mut words = args.spec.words(&plan.env);
        words.push("--revert".to_owned());
        words.extend(args.addresses.iter().map(ToString::to_string));
        say_where(&plan, out, &words, printer);
        return Ok(0);
    }
    let how = approved(&session.site, &plan, args.remedy.how(), printer).await?;
    execute(&session.site, &plan, file.digest(), Origin::Here, how, printer).await
}
