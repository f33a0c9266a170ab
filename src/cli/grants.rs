//! `pipectl grants`.

use serde_json::json;

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::session::{Session, SpecArgs};
use crate::model::address::Address;
use crate::ops::Fault;
use crate::ops::grants::{Grant, grants};
use crate::report::grants as report;

/// Print what the owners of external blocks have to allow: statements for their policies
///
/// Whatever a role of this environment may do to something in another account, that one's owner has to allow as well; and
/// what alarms, schedules and APIs do to something external, in any account. Nothing is changed.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Print the document of this external block alone, for a file or a pipe: stream.orders
    address: Option<Address>,
    /// Of that block: the document for the KMS key that encrypts its data
    #[arg(long, requires = "address")]
    key: bool,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open_looking(&args.spec, printer).await?;
    let grants = grants(&session.graph, &session.site.scope);
    if let Some(address) = &args.address {
        printer.json(&one(address, args.key, &grants, &session)?.document)?;
        return Ok(0);
    }
    let env = &session.site.env;
    printer.result(
        &report::text(env, &session.graph, &grants, printer.width),
        || json!({ "env": env, "grants": grants }),
    )?;
    Ok(0)
}

/// The document of one block.
fn one<'a>(address: &Address, key: bool, grants: &'a [Grant], session: &Session) -> Result<&'a Grant, Failure> {
    let Some(external) = session.graph.externals.get(address) else {
        let known: Vec<String> = session.graph.externals.keys().map(ToString::to_string).collect();
        let known = if known.is_empty() { "this spec has none".to_owned() } else { known.join(", ") };
        return Err(
            Fault::helped(anyhow::anyhow!("`{address}` is no external block"), format!("external: {known}")).into()
        );
    };
    let is_it = |grant: &&Grant| grant.address == *address && (grant.arn != external.arn) == key;
    grants.iter().find(is_it).ok_or_else(|| {
        let error = anyhow::anyhow!("nobody has to allow anything for `{address}`");
        Fault::helped(error, "a role of the same account needs no more than its own policy").into()
    })
}
