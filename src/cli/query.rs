//! `pipectl query`.

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::session::{Code, Session, SpecArgs};
use super::signals::Signals;
use super::ticker::Ticker;
use super::wiring;
use crate::cost::{Tariff, athena};
use crate::model::queries::Query;
use crate::ops::query::run as run_query;
use crate::report::query as report;

/// Run a query in SQL over what a pipeline has stored, and show its rows
///
/// It runs in the workgroup of an `athena` block, and is paid by what it scans. A signal stops it.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// The query: `select * from clicks limit 10`
    #[arg(value_name = "SQL")]
    sql: String,
    /// The athena block; needed only if the spec has several
    #[arg(long, value_name = "BLOCK")]
    athena: Option<String>,
    /// The catalog block whose tables it names without a database; without it, the only one
    #[arg(long, value_name = "BLOCK", conflicts_with = "database")]
    catalog: Option<String>,
    /// The database whose tables it names without one, whosever it is
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
    /// How many rows are shown at most
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    rows: u32,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, Code::None, printer).await?;
    let workgroup = wiring::workgroup(&session.graph, args.athena.as_deref())?;
    let database = match &args.database {
        Some(database) => Some(database.clone()),
        None => wiring::database(&session.graph, args.catalog.as_deref())?,
    };
    let most = usize::try_from(args.rows).map_err(|error| Failure::new(error.to_string()))?;
    let query = Query { sql: &args.sql, workgroup: &workgroup, database: database.as_deref() };
    let signals = Signals::watch();
    let ticker = Ticker::new(printer);
    let answer = run_query(&session.queries(), query, most, &|run| ticker.show(&report::progress(run)), &signals).await;
    ticker.finish();
    let answer = answer?;
    let spec = &session.loaded.spec;
    let tariff = Tariff::of(&spec.env.region, &spec.prices).ok();
    let cost = tariff.and_then(|tariff| athena::query(answer.run.scanned, tariff));
    printer.result(&report::text(&answer, cost, printer.width), || report::json(&answer, cost))?;
    Ok(0)
}
