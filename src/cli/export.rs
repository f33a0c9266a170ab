//! `pipectl export`.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use clap::Subcommand;
use serde_json::json;

use super::failure::{Failure, Outcome};
use super::files::given;
use super::planning::make_plan;
use super::printer::Printer;
use super::session::{self, Code, Session, SpecArgs};
use crate::engine::plan::Adopt;
use crate::engine::plan::selection::WHOLE;
use crate::export::{Export, LeftOut, Target, export};
use crate::ops::Fault;
use crate::ops::amount::counted;
use crate::ops::export::{Survey, offline, survey};
use crate::ops::folder;
use crate::report::style::{BOLD, Clean, paint};

/// Write what pipectl manages in another tool's language, with what makes it take that over
///
/// Nothing in AWS is changed, and no secret is written. The folder's README.md says how to go on.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    tool: Tool,
}

#[derive(Debug, Subcommand)]
enum Tool {
    /// Resources and `import` blocks for Terraform or OpenTofu
    Terraform(Options),
    /// A CloudFormation template, and the identifiers for a change set of type IMPORT
    #[command(name = "cloudformation")]
    CloudFormation(Options),
}

#[derive(Debug, clap::Args)]
struct Options {
    #[command(flatten)]
    spec: SpecArgs,
    /// The folder to write; with `--json`, files are written only where it is given [default: export/TOOL/ENV]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Overwrite files that pipectl did not write, or that were changed since
    #[arg(long)]
    force: bool,
    /// Ask AWS nothing: what only AWS knows is left out
    #[arg(long)]
    offline: bool,
    /// The account, where the spec does not name it
    #[arg(long, value_name = "ACCOUNT", requires = "offline", value_parser = account)]
    account: Option<String>,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let (target, options) = match &args.tool {
        Tool::Terraform(options) => (Target::Terraform, options),
        Tool::CloudFormation(options) => (Target::CloudFormation, options),
    };
    let survey = if options.offline { without_aws(options)? } else { with_aws(options, printer).await? };
    let mut export = export(&survey.estate, target).map_err(anyhow::Error::from)?;
    export.left_out.extend(survey.left_out);
    export.left_out.sort();
    warn(survey.pending, options.offline, target, printer);
    let folder = match (&options.out, printer.json) {
        (Some(folder), _) => Some(folder.clone()),
        (None, true) => None,
        (None, false) => Some(Path::new("export").join(target.word()).join(&survey.estate.env)),
    };
    if let Some(folder) = &folder {
        write(folder, &export, options.force)?;
    }
    let json = || {
        json!({"target": target.word(), "folder": folder, "files": export.files, "imports": export.imports,
            "left_out": export.left_out, "pending_changes": survey.pending, "next": export.next})
    };
    printer.result(&text(&export, folder.as_deref()), json)?;
    Ok(0)
}

async fn with_aws(options: &Options, printer: Printer) -> Result<Survey, Failure> {
    let session = Session::open(&options.spec, Code::Source, printer).await?;
    let plan = make_plan(&session, &Adopt::Nothing, &WHOLE).await?;
    let survey = survey(&session.site, &plan);
    if survey.estate.resources.is_empty() {
        let error = anyhow!("there is nothing to export: nothing of {} was applied yet", session.site.env);
        return Err(Fault::helped(error, "apply it first; `--offline` shows what an export will look like").into());
    }
    Ok(survey)
}

fn without_aws(options: &Options) -> Result<Survey, Failure> {
    let (loaded, graph, scope) = session::offline_in(&options.spec, options.account.as_deref())?;
    if let Some((kind, name, _)) = loaded.spec.blocks.externals().find(|(_, _, it)| it.is_named_elsewhere()) {
        let error = anyhow::anyhow!("`{}.{name}` is external, and only a look at AWS tells what it is", kind.name());
        return Err(Fault::helped(error, "export without `--offline`").into());
    }
    Ok(offline(&graph, &loaded.spec.project.name, &loaded.spec.env.name, &scope))
}

/// Twelve digits.
fn account(text: &str) -> Result<String, String> {
    let digits = text.len() == 12 && text.chars().all(|letter| letter.is_ascii_digit());
    if digits { Ok(text.to_owned()) } else { Err("an account is twelve digits".to_owned()) }
}

/// Says where the export is not what is live.
fn warn(pending: usize, offline: bool, target: Target, printer: Printer) {
    if offline {
        printer.warn("AWS was not asked: whether all this exists, and is as the spec says, is not known");
    } else if pending > 0 {
        printer.warn(&format!(
            "{} of an apply {} pending: the export is what the spec says, and {target} would change what is live to \
             that; `pipectl plan` shows it",
            counted(pending as u64, "change"),
            if pending == 1 { "is" } else { "are" },
        ));
    }
}

fn write(folder: &Path, export: &Export, force: bool) -> Result<(), Failure> {
    let name = Clean(&folder.display().to_string()).to_string();
    let resolved = given(folder)?;
    let folder = resolved.as_path();
    let others = folder::in_the_way(folder, &export.files).with_context(|| format!("`{name}` cannot be read"))?;
    if !others.is_empty() && !force {
        let error = anyhow!("nothing was written, for {name} has {} that pipectl did not write so", others.join(", "));
        return Err(Fault::helped(error, "choose another folder with `--out`, or overwrite them with `--force`").into());
    }
    folder::write(folder, &export.files).with_context(|| format!("`{name}` cannot be written"))?;
    Ok(())
}

fn text(export: &Export, folder: Option<&Path>) -> String {
    let Some(folder) = folder else { return String::new() };
    let folder = Clean(&folder.display().to_string()).to_string();
    let files: Vec<&str> = export.files.keys().copied().collect();
    let mut text = format!("wrote {folder}: {}\n", files.join(", "));
    if !export.left_out.is_empty() {
        let _ = writeln!(text, "\n{}", paint(BOLD, "left out, and goes on existing:"));
    }
    for LeftOut { address, attribute, reason } in &export.left_out {
        let attribute = attribute.map(|attribute| format!(" {attribute}")).unwrap_or_default();
        let _ = writeln!(text, "  {}{attribute}: {reason}", Clean(&address.to_string()));
    }
    let _ = writeln!(text, "\n{}\n  cd {folder}", paint(BOLD, "to import:"));
    for command in &export.next {
        let _ = writeln!(text, "  {command}");
    }
    text
}
