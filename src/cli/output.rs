//! `pipectl output`.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::anyhow;
use serde_json::{Map, Value};

use super::failure::Outcome;
use super::printer::Printer;
use super::session::{Code, Session, SpecArgs};
use super::waiting::waiting;
use crate::ops::fault::state_fault;
use crate::report::style::{BOLD, Clean, paint};
use crate::state::State;

/// Print what was deployed: names, ARNs, URLs
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// Print only this one, bare: stream.clicks.arn
    name: Option<String>,
    /// Print them as variables, STREAM_CLICKS_ARN=…, as a job of GitLab hands them on (artifacts:reports:dotenv)
    #[arg(long, conflicts_with_all = ["name", "tfvars"])]
    dotenv: bool,
    /// Print them as values of Terraform's variables: stream_clicks_arn = "…"
    #[arg(long, conflicts_with = "name")]
    tfvars: bool,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let session = Session::open(&args.spec, Code::None, printer).await?;
    let loaded = waiting(printer, "reading the state", session.site.store.load()).await.map_err(state_fault)?;
    let state = loaded.map(|loaded| loaded.state);
    let none = none(state.as_ref());
    let outputs = state.map(|state| state.outputs).unwrap_or_default();
    if let Some(name) = &args.name {
        let value = outputs.get(name).ok_or_else(|| {
            anyhow!("there is no output `{}`: without a name, `pipectl output` lists them all", Clean(name))
        })?;
        printer.result(&format!("{}\n", bare(value)), || value.clone())?;
        return Ok(0);
    }
    if args.dotenv || args.tfvars {
        if outputs.is_empty() {
            printer.say(none);
        }
        let form = if args.dotenv { dotenv } else { tfvars };
        let text = as_variables(&outputs, form)?;
        printer.result(&text, || Value::Object(outputs.clone().into_iter().collect::<Map<_, _>>()))?;
        return Ok(0);
    }
    let width = outputs.keys().map(|name| name.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (name, value) in &outputs {
        let _ = writeln!(text, "{}  {}", paint(BOLD, format!("{:<width$}", Clean(name).to_string())), bare(value));
    }
    if outputs.is_empty() {
        printer.say(none);
    }
    printer.result(&text, || Value::Object(outputs.clone().into_iter().collect::<Map<_, _>>()))?;
    Ok(0)
}

/// Why there are no outputs.
fn none(state: Option<&State>) -> &'static str {
    match state {
        Some(state) if !state.intents.is_empty() => {
            "There are no outputs yet: an apply did not end. `pipectl plan` shows what is left to do."
        }
        Some(state) if !state.resources.is_empty() => "There are no outputs: nothing that is deployed has any.",
        Some(_) | None => "There are no outputs: nothing is deployed.",
    }
}

/// Outputs as variables, one a line.
fn as_variables(
    outputs: &BTreeMap<String, Value>,
    form: impl Fn(&str, &str) -> anyhow::Result<String>,
) -> anyhow::Result<String> {
    let mut named: BTreeMap<String, &str> = BTreeMap::new();
    let mut text = String::new();
    for (output, value) in outputs {
        let letter = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
        let name: String = output.chars().map(letter).collect();
        if let Some(other) = named.insert(name.to_ascii_uppercase(), output) {
            return Err(anyhow!(
                "`{}` and `{}` would be one variable: print them by name, or give one of the blocks another name",
                Clean(other),
                Clean(output)
            ));
        }
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text += &form(&name, &value)?;
        text.push('\n');
    }
    Ok(text)
}

/// GitLab takes what stands behind `=` as it is, up to the end of the line
/// (<https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv>).
fn dotenv(name: &str, value: &str) -> anyhow::Result<String> {
    if value.contains(char::is_control) {
        return Err(anyhow!("the value of {name} has more than one line: a dotenv file cannot hold it"));
    }
    Ok(format!("{}={value}", name.to_ascii_uppercase()))
}

/// HCL reads a text as JSON does, except for templates.
#[expect(clippy::unnecessary_wraps, reason = "the form of both")]
fn tfvars(name: &str, value: &str) -> anyhow::Result<String> {
    let text = Value::String(value.to_owned()).to_string().replace("${", "$${").replace("%{", "%%{");
    Ok(format!("{name} = {text}"))
}

/// A value without quotes, for scripts.
fn bare(value: &Value) -> String {
    match value {
        Value::String(text) => Clean(text).to_string(),
        other => Clean(&other.to_string()).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn outputs(all: &[(&str, &str)]) -> BTreeMap<String, Value> {
        all.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect()
    }

    #[test]
    fn outputs_are_variables_of_gitlab_and_of_terraform() {
        let all = outputs(&[("api.collect.url", "https://x/live"), ("stream.my-clicks.arn", "arn:aws:x \"${y}\"")]);
        insta::assert_snapshot!(as_variables(&all, dotenv).unwrap(), @r#"
        API_COLLECT_URL=https://x/live
        STREAM_MY_CLICKS_ARN=arn:aws:x "${y}"
        "#);
        insta::assert_snapshot!(as_variables(&all, tfvars).unwrap(), @r#"
        api_collect_url = "https://x/live"
        stream_my_clicks_arn = "arn:aws:x \"$${y}\""
        "#);
    }

    #[test]
    fn what_would_be_one_variable_or_has_two_lines_is_refused() {
        let error = as_variables(&outputs(&[("stream.a-b.arn", "x"), ("stream.a_b.arn", "y")]), dotenv).unwrap_err();
        assert!(
            error.to_string().starts_with("`stream.a-b.arn` and `stream.a_b.arn` would be one variable"),
            "{error}"
        );
        assert!(as_variables(&outputs(&[("stream.a.arn", "x\nCI=1")]), dotenv).is_err());
    }
}
