//! `pipectl build`.

use std::fmt::Write;

use serde_json::json;

use super::diagnostics;
use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::session::{self, SpecArgs};
use crate::ops::build::{self, Made};
use crate::report::style::{Clean, GOOD, paint};

/// Run the `build` of each function whose code has not been built yet
///
/// Asks AWS nothing and needs no credentials. The code is kept in .pipectl/build, for `plan --no-build`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let loaded = session::load(&args.spec, None)?;
    diagnostics::print(&loaded.warnings(), printer);
    if loaded.account_missing {
        printer.warn(
            "the account is not known here: code whose `build` holds `${account}` is built again where it is known; \
             `[env] account_id` says it",
        );
    }
    let all = session::build(&loaded, printer).await?;
    // CI keeps the folder, also where nothing is built.
    build::make_place().map_err(Failure::new)?;
    let json = || json!({"env": loaded.spec.env.name, "functions": all});
    printer.result(&text(&all), json)?;
    Ok(0)
}

fn text(all: &[Made]) -> String {
    if all.is_empty() {
        return "There is nothing to build: no function has a `build`.\n".to_owned();
    }
    let mut text = String::new();
    for Made { function, folder, fresh } in all {
        let (function, folder) = (Clean(&function.to_string()).to_string(), Clean(folder).to_string());
        let word = if *fresh { paint(GOOD, "built") } else { "was built already".to_owned() };
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "{function} {word}: {folder}");
    }
    text
}
