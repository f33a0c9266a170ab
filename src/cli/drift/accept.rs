//! `pipectl drift --accept`.

use std::io::IsTerminal;
use std::path::Path;

use anyhow::{Context, anyhow};

use super::Args;
use crate::cli::diagnostics;
use crate::cli::failure::{Failure, Outcome};
use crate::cli::files::{found, write_resolved};
use crate::cli::printer::Printer;
use crate::cli::session::Session;
use crate::files::bounded::{self, MAX_DOCUMENT};
use crate::ops::accept::{Acceptance, accept};
use crate::report::accept::{json, left, text};
use crate::report::style::Clean;

/// Works out the edits and shows them; asks, and writes them.
pub(super) async fn run(args: &Args, session: &Session, printer: Printer) -> Outcome {
    if !session.spec.overrides.is_empty() {
        return Err(Failure::new("`--accept` writes into the spec's file, over which `--set` wins: leave that out"));
    }
    let env = &session.site.env;
    let rest = super::warn_of_the_rest(args, session, printer).await?;
    let acceptance = accept(&session.site, &session.loaded, &session.graph, &args.chosen()).await?;
    let file = shown(&acceptance.file);
    diagnostics::print(&left(&session.loaded, &acceptance.left), printer);
    if !printer.json {
        printer.out(&text(env, &file, &acceptance, rest))?;
    }
    let refused = if acceptance.edits.is_empty() { None } else { unapproved(args, env, &file, printer).await };
    let written = !acceptance.edits.is_empty() && refused.is_none();
    if written {
        write(&acceptance)?;
        let next = "the plan has nothing to do about what it accepts, and the next apply remembers it";
        printer.say(&format!("\nwritten: {}; {next}", Clean(&file)));
    }
    if printer.json {
        printer.result("", || json(env, &file, &acceptance, written))?;
    }
    if let Some(why) = refused {
        printer.error(why, None);
        return Ok(1);
    }
    Ok(if acceptance.left.is_empty() && !rest { 0 } else { 5 })
}

/// Why nothing is written, if somebody has to be asked and does not say yes.
async fn unapproved(args: &Args, env: &str, file: &str, printer: Printer) -> Option<&'static str> {
    if args.remedy.auto_approve {
        return None;
    }
    // Who reads JSON has not seen what would be asked about.
    if printer.json || !std::io::stdin().is_terminal() {
        return Some("nothing was written, as nobody is there to ask: add `--auto-approve`");
    }
    let yes = printer.confirmed(&format!("\nWrite this to {}?", Clean(file)), env).await;
    (!yes).then_some("that was not the name: nothing was written")
}

/// Writes the file that a link may lead to, unless it says something else by now.
fn write(acceptance: &Acceptance) -> Result<(), Failure> {
    let file = found(&acceptance.file)?;
    let read = file.open().and_then(|file| bounded::text(file, MAX_DOCUMENT));
    let now = read.context("the spec's file cannot be read")?;
    if now != acceptance.before {
        return Err(anyhow!("`{}` was changed meanwhile: nothing was written", Clean(&shown(&acceptance.file))).into());
    }
    write_resolved(&acceptance.file, &file, &acceptance.after)
}

/// A file's name as a user would write it.
fn shown(file: &Path) -> String {
    file.strip_prefix(".").unwrap_or(file).display().to_string()
}
