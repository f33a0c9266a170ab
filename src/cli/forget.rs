//! `pipectl forget`.

use serde_json::json;

use super::failure::Outcome;
use super::lock::Lock;
use super::printer::Printer;
use super::session::{Code, Session, SpecArgs};
use crate::model::address::Address;
use crate::ops;
use crate::report::style::Clean;

/// Forget a resource: pipectl no longer manages it, and it goes on existing
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Addresses, or a block's name for all its parts
    #[arg(required = true)]
    addresses: Vec<Address>,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, Code::None, printer).await?;
    let lock = Lock::new("forget", printer);
    let forgotten = ops::state::forget(&session.site, &args.addresses, lock.locking()).await?;
    let names: Vec<String> = forgotten.iter().map(|address| Clean(&address.to_string()).to_string()).collect();
    printer.result(
        &format!(
            "forgotten {}
",
            names.join(", ")
        ),
        || json!({"forgotten": forgotten}),
    )?;
    printer.say("Take the block out of the spec as well, or the next plan offers to adopt it again.");
    Ok(0)
}
