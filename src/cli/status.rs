//! `pipectl status`.

use time::OffsetDateTime;

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::session::{Code, Session, SpecArgs};
use super::waiting::waiting;
use crate::ops::fault::state_fault;
use crate::ops::plan::in_scope;
use crate::ops::status::status;
use crate::report::status as report;

/// Show the health of each block: states, alarms, pending subscriptions, last delivery
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, Code::None, printer).await?;
    let site = &session.site;
    let Some(loaded) = waiting(printer, "reading the state", site.store.load()).await.map_err(state_fault)? else {
        return Err(Failure::new(format!(
            "nothing has been applied to {} yet: `pipectl plan` shows what would be",
            site.env
        )));
    };
    in_scope(site, &loaded.state)?;
    let runs = session.runs();
    let asked = status((&*session.data, &runs), &site.registry, &loaded.state, OffsetDateTime::now_utc());
    let all = async { tokio::join!(asked, Box::pin(session.outside())) };
    let (mut status, outside) = waiting(printer, "asking AWS how everything is", all).await;
    status.add_external(outside?);
    printer.result(&report::text(&status, printer.width), || report::json(&status))?;
    Ok(0)
}
