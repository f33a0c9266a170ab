//! `pipectl state consumers`.

use serde_json::json;
use time::format_description::well_known::Rfc3339;

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::session::{Code, Session, SpecArgs};
use super::signals;
use crate::ops::amount::counted;
use crate::ops::fault::state_fault;
use crate::ops::references::unusable;
use crate::report::style::{Clean, GOOD, paint};
use crate::report::table;
use crate::state::consumers::{self, Consumer, Consumers};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Take this one out of the list, by force: what it uses may then be deleted under it
    #[arg(long, value_name = "PROJECT/ENV")]
    remove: Option<String>,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, Code::None, printer).await?;
    let blobs = &**session.site.store.blobs();
    // Of a state that was moved, the list is with it.
    session.site.store.load().await.map_err(state_fault)?;
    let all = consumers::load(blobs).await.map_err(unusable)?;
    let Some(name) = &args.remove else { return list(&session, &all, printer) };
    if !all.contains_key(name) {
        let known: Vec<String> = all.keys().map(|name| Clean(name).to_string()).collect();
        let known = if known.is_empty() { "nobody".to_owned() } else { known.join(", ") };
        return Err(Failure::new(format!("{} is not registered here; {known} is", Clean(name))));
    }
    signals::begin("the list of consumers is as it was, or without that one");
    consumers::change(blobs, |all| _ = all.remove(name)).await.map_err(unusable)?;
    let text = format!(
        "{} {} no longer keeps what it uses here from being deleted; its next apply registers it again.\n",
        paint(GOOD, "removed:"),
        Clean(name)
    );
    printer.result(&text, || json!({ "removed": name }))?;
    Ok(0)
}

fn list(session: &Session, all: &Consumers, printer: Printer) -> Outcome {
    let mut table = table::table(["environment", "uses", "type", "key", "registered", "by"], printer.width);
    for (name, consumer) in all {
        for (block, used) in &consumer.uses {
            let row = [
                name.clone(),
                block.clone(),
                used.kind.clone(),
                used.key.clone(),
                since(consumer),
                consumer.by.clone(),
            ];
            table.add_row(row.map(|text| Clean(&text).to_string()));
        }
    }
    let text = if all.is_empty() { String::new() } else { table::text(&table) };
    let place = Clean(&session.site.store.blobs().describe()).to_string();
    printer.say(&format!("{} registered in {place} to use blocks of it", counted(all.len() as u64, "environment")));
    printer.result(&text, || json!(all))?;
    Ok(0)
}

fn since(consumer: &Consumer) -> String {
    // Times of this era have such a form.
    consumer.since.format(&Rfc3339).unwrap_or_default()
}
