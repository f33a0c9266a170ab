//! `pipectl validate`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::json;

use super::diagnostics::print;
use super::failure::{Failure, Outcome};
use super::files::write_file;
use super::planning::keeps_policy;
use super::printer::Printer;
use super::session::{self, Code, SpecArgs};
use crate::report::gitlab::{self, Checkout};
use crate::report::plan::missing;
use crate::report::style::{BOLD, Clean, GOOD, paint};
use crate::spec::diagnostic::{Entry, Report};

/// Check a spec, offline: syntax, types, references, AWS's own limits, its own rules
///
/// Reports every mistake at once, each with its place in the file. Needs no AWS account.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Write the mistakes for GitLab (`artifacts:reports:codequality`) to a file, also where there are none
    #[arg(long, value_name = "FILE")]
    code_quality: Option<PathBuf>,
}

pub(super) fn run(args: &Args, printer: Printer) -> Outcome {
    let checked =
        session::load(&args.spec, None).and_then(|loaded| Ok((session::offline(&loaded, Code::Source)?.0, loaded)));
    let kept = checked.as_ref().map_or(Ok(()), |(graph, loaded)| keeps_policy(loaded, graph));
    let mut found = Vec::new();
    match &checked {
        Ok((_, loaded)) => found.extend(told(&loaded.warnings())),
        Err(Failure::Spec(report)) => found.extend(told(report)),
        Err(_) => {}
    }
    if let Err(Failure::Policy(report)) = &kept {
        found.extend(told(report));
    }
    let saved = args.code_quality.as_ref().map_or(Ok(()), |file| code_quality(file, &found, &args.spec));
    // The mistakes matter more than a report of them that could not be saved.
    let (graph, loaded) = checked?;
    let warnings = loaded.warnings();
    print(&warnings, printer);
    kept?;
    saved?;
    if !graph.notes.is_empty() {
        printer.say(missing(&graph.notes, printer.width).trim_end());
    }
    let env = &loaded.spec.env.name;
    let mut resources: BTreeMap<&str, usize> = BTreeMap::new();
    for resource in graph.resources.values() {
        *resources.entry(&resource.kind).or_default() += 1;
    }
    let text = format!(
        "{} {}: {} resources of {} types.\n",
        paint(GOOD, "valid"),
        paint(BOLD, Clean(env)),
        graph.resources.len(),
        resources.len(),
    );
    let json = || {
        json!({"valid": true, "env": env, "digest": loaded.digest, "resources": resources,
            "warnings": warnings.entries(), "warning_count": warnings.count().warnings, "notes": graph.notes})
    };
    printer.result(&text, json)?;
    Ok(0)
}

/// What a report tells, and how much it does not.
fn told(report: &Report) -> impl Iterator<Item = Entry> {
    report.entries().into_iter().chain(report.rest())
}

/// Saves what is wrong with a spec for GitLab, whose paths begin at the top of the repository.
fn code_quality(file: &Path, found: &[Entry], spec: &SpecArgs) -> Result<(), Failure> {
    let folder = std::env::current_dir().context("the current folder is gone")?;
    let repository = std::env::var_os("CI_PROJECT_DIR").map_or_else(|| folder.clone(), PathBuf::from);
    write_file(file, &gitlab::code_quality(found, &spec.file(), &Checkout { repository, folder }))
}
