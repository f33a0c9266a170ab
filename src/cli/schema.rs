//! `pipectl schema` and `pipectl completions`.

use clap_complete::Shell;
use serde_json::Value;

use super::failure::Outcome;
use super::printer::Printer;
use crate::spec::reference::reference;
use crate::spec::schema::file_schema;

/// Print the JSON Schema of a spec's files, for editors and checkers
#[derive(Debug, clap::Args)]
pub(super) struct SchemaArgs {
    /// Print the reference of all blocks and fields instead, as Markdown
    #[arg(long)]
    markdown: bool,
}

pub(super) fn schema(args: &SchemaArgs, printer: Printer) -> Outcome {
    if args.markdown {
        let text = reference();
        printer.result(&text, || Value::from(text.as_str()))?;
    } else {
        printer.json(&file_schema())?;
    }
    Ok(0)
}

/// Print a shell's completion script
#[derive(Debug, clap::Args)]
pub(super) struct CompletionsArgs {
    /// For which shell
    shell: Shell,
}

pub(super) fn completions(args: &CompletionsArgs, command: &mut clap::Command, printer: Printer) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "pipectl", &mut script);
    let script = String::from_utf8_lossy(&script).into_owned();
    printer.result(&script, || Value::String(script.clone()))?;
    Ok(0)
}
