//! `pipectl unlock`.

use serde_json::json;

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::session::{Code, Session, SpecArgs};
use super::signals;
use crate::report::style::Clean;
use crate::state::lease;

/// Remove a lock that nobody needs any more; a dead holder's lock expires by itself
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Do not ask
    #[arg(long)]
    force: bool,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, Code::None, printer).await?;
    let blobs = session.site.store.blobs();
    let Some(lock) = lease::look(&**blobs).await? else {
        printer.result("There is no lock.\n", || json!({"unlocked": false}))?;
        return Ok(0);
    };
    let who = lock.holder.as_ref().map_or_else(|| "somebody unknown".to_owned(), ToString::to_string);
    printer.say(&format!("held by {}", Clean(&who)));
    if !args.force
        && !printer
            .confirmed("If that is still running, its next write fails. Remove the lock?", &session.site.env)
            .await
    {
        return Err(Failure::new("nothing was changed: confirm on a terminal, or add `--force`"));
    }
    signals::begin("the lock may be gone: running it again says whether it is");
    lease::unlock(&**blobs).await.map_err(anyhow::Error::from)?;
    printer.result("The lock is gone.\n", || json!({"unlocked": true, "holder": who}))?;
    Ok(0)
}
