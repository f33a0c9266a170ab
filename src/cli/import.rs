//! `pipectl import`.

mod sources;

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use serde_json::json;

use super::failure::{Failure, Outcome};
use super::files::{found, write_resolved};
use super::init;
use super::printer::Printer;
use super::session::origin;
use super::standing::named;
use crate::import::{Imported, SpecHead};
use crate::ops::Fault;
use crate::ops::amount::counted;
use crate::ops::import::import;
use crate::report;
use crate::report::style::{BOLD, Clean, paint};
use sources::Sources;

/// Write a spec for what exists already, made by another tool or by hand
///
/// Nothing in AWS is changed. Applying the plan of that spec changes nothing but ownership tags; what pipectl would change
/// beyond these is left out, with the reason.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The environment that is written: `dev` is envs/dev.toml
    #[arg(long, value_name = "ENV")]
    env: String,
    /// The project's name [default: that of the other files in envs/, else the folder's]
    #[arg(long, value_name = "NAME")]
    project: Option<String>,
    /// The region [default: that of AWS_REGION or the profile]
    #[arg(long, value_name = "REGION")]
    region: Option<String>,
    /// The file to write [default: envs/ENV.toml]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    sources: Sources,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let file = args.out.as_deref().map_or_else(|| usual(&args.env), named);
    refuse_existing(&file)?;
    let project = args
        .project
        .clone()
        .or_else(init::neighbours)
        .map_or_else(|| init::of_folder(Path::new("."), "--project"), Ok)?;
    let origin = origin(args.region.clone()).await?;
    let (found, left_out) = args.sources.find(&origin, printer).await?;
    printer.say(&format!("found {} of {}", counted(found.len() as u64, "resource"), origin.scope));
    let place = SpecHead { project, env: args.env.clone(), scope: origin.scope };
    let imported = import(&origin.registry, &place, found, left_out).await?;
    if imported.blocks > 0 {
        write_spec(&file, &imported.text)?;
    }
    show(&imported, &file, args, printer)
}

fn refuse_existing(file: &Path) -> Result<(), Failure> {
    if !file.exists() {
        return Ok(());
    }
    let error = anyhow!("{} exists, and is not overwritten", Clean(&file.display().to_string()));
    Err(Fault::helped(error, "write another file with `--out FILE`, or another environment").into())
}

fn write_spec(file: &Path, text: &str) -> Result<(), Failure> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(found(folder)?).with_context(|| format!("`{}` cannot be made", folder.display()))?;
    }
    write_resolved(file, &found(file)?, &text)
}

/// The file of an environment, from the project's root.
fn usual(env: &str) -> PathBuf {
    Path::new("envs").join(format!("{env}.toml"))
}

fn show(imported: &Imported, file: &Path, args: &Args, printer: Printer) -> Outcome {
    let env = &args.env;
    // What a person has named is told as he has named it.
    let name = Clean(&args.out.as_deref().unwrap_or(file).display().to_string()).to_string();
    let spec = if file == usual(env) { format!("--env {}", Clean(env)) } else { format!("--env-file {name}") };
    let takes_all = format!("pipectl plan {spec} --adopt all");
    let written = imported.blocks > 0;
    let mut text = report::import::text(imported, printer.width);
    if written {
        let (blocks, heading) = (counted(imported.blocks as u64, "block"), paint(BOLD, "to take it over:"));
        // Writing to a `String` cannot fail.
        let _ = write!(text, "\nwrote {name}: {blocks}\n\n{heading}\n  {takes_all}\n");
    }
    let let_go = args.sources.stack().filter(|_| written).map(let_go);
    if let Some(let_go) = &let_go {
        let _ = write!(text, "\n{}\n  {let_go}\n", paint(BOLD, "before the stack is deleted or changed:"));
    }
    let json = || {
        json!({"file": written.then_some(file), "spec": imported.text, "mapping": imported.mapping,
            "left_out": imported.left_out, "unmodelled": imported.unmodelled, "next": written.then_some(takes_all), "let_go": let_go})
    };
    printer.result(&text, json)?;
    if imported.left_out.iter().any(|left| left.is_own) {
        printer.warn(&format!(
            "{} has been applied before, by what is left out: look at what its plan would delete, or import into another \
             environment (`--env`)",
            Clean(env)
        ));
    }
    if !written {
        printer.error("nothing was found that can be taken over, and nothing was written", None);
    }
    Ok(u8::from(!written))
}

/// What makes CloudFormation let go of a stack's resources.
fn let_go(stack: &str) -> String {
    format!(
        "give every resource of the template `DeletionPolicy: Retain` and update the stack {} with that: then\n  \
         deleting the stack leaves them all; docs/moving.md has it step by step",
        Clean(stack)
    )
}
