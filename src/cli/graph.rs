//! `pipectl graph`.

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::json;

use super::failure::Outcome;
use super::printer::Printer;
use super::session::{self, Code, SpecArgs};
use super::show;
use crate::report::drawing::{Drawing, dot, mermaid, svg};

/// Draw the pipeline: its blocks, and what goes between them
///
/// From a spec, offline; or from a saved plan, with what it changes marked on each block. GitLab draws Mermaid's text
/// between "```mermaid" and "```" in any Markdown.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// A saved plan, drawn instead of a spec
    #[arg(conflicts_with_all = ["env", "env_file", "set"])]
    plan: Option<PathBuf>,
    /// In which language
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// The languages of drawings.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Format {
    /// Text that GitLab draws in Markdown
    #[default]
    Mermaid,
    /// Graphviz's language
    Dot,
    /// A picture, for light and dark
    Svg,
}

pub(super) fn run(args: &Args, printer: Printer) -> Outcome {
    let drawing = match &args.plan {
        Some(plan) => Drawing::of_plan(&show::read(plan)?.0),
        None => of_spec(&args.spec, printer)?,
    };
    let text = match args.format {
        Format::Mermaid => mermaid::text(&drawing),
        Format::Dot => dot::text(&drawing),
        Format::Svg => svg::file(&drawing),
    };
    printer.result(&text, || json!(drawing))?;
    Ok(0)
}

fn of_spec(args: &SpecArgs, printer: Printer) -> Result<Drawing, super::failure::Failure> {
    let loaded = session::load(args, None)?;
    if loaded.account_missing {
        printer.warn("the account is not known offline: names that hold `${account}` are drawn with zeros; `[env] account_id` says it");
    }
    let (graph, registry) = session::offline(&loaded, Code::None)?;
    let title = format!("{} {}", loaded.spec.project.name, loaded.spec.env.name);
    Ok(Drawing::of_graph(title, &graph, &registry))
}
