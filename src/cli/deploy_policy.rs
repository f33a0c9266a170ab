//! `pipectl deploy-policy`.

use clap::ValueEnum;
use serde_json::Value;

use super::failure::{Failure, Outcome};
use super::printer::Printer;
use super::session::{FOLDER, Needed, SpecArgs, StateHint, needed};
use crate::ops::Fault;
use crate::ops::deploy_policy::{Assume, GitLab, Trust, assume};
use crate::report::deploy_policy as report;

/// Print the least IAM policies that CI needs: to plan, to apply, to operate; and whom its roles trust
///
/// Covers the resources of this spec, whatever is changed in them later, and their destruction; after adding a block,
/// print and attach the policies anew. Asks AWS nothing if the spec has `account_id`, otherwise whose account it is.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    spec: SpecArgs,
    /// The project on GitLab whose jobs the roles trust
    #[arg(long, env = "CI_PROJECT_PATH", hide_env_values = true, value_name = "GROUP/PROJECT")]
    gitlab_project: Option<String>,
    /// The GitLab that it is on
    #[arg(long, env = "CI_SERVER_HOST", hide_env_values = true, value_name = "HOST", default_value = "gitlab.com")]
    gitlab_host: String,
    /// Allow names by their beginning, <project>-<env>-, so that blocks of the same types may be added
    #[arg(long)]
    prefix: bool,
    /// The state's bucket, where SSM says it; without it, the one that `bootstrap` makes
    #[arg(long, value_name = "BUCKET")]
    state_bucket: Option<String>,
    /// The state's folder, where SSM says it
    #[arg(long, value_name = "FOLDER", default_value = FOLDER)]
    state_folder: String,
    /// Who assumes the role of `[env] role_arn`: the ARN of a role or a user; without it, whomever the role's own account allows it
    #[arg(long, value_name = "ARN")]
    caller: Option<String>,
    /// Print one document alone, for a file or a pipe
    #[arg(long, value_name = "DOCUMENT")]
    print: Option<Document>,
    /// Which part of it, where IAM's limits make it several
    #[arg(long, value_name = "N", requires = "print", value_parser = clap::value_parser!(u16).range(1..))]
    part: Option<u16>,
}

/// One of the documents.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Document {
    Plan,
    Apply,
    Operate,
    TrustPlan,
    TrustApply,
    Assume,
    TrustRole,
}

pub(super) async fn run(args: &Args, printer: Printer) -> Outcome {
    let hint = StateHint { bucket: args.state_bucket.as_deref(), folder: &args.state_folder };
    let needed = needed(&args.spec, hint, args.prefix).await?;
    let spec = &needed.loaded.spec;
    if needed.unbounded {
        printer.warn(report::UNBOUNDED);
    }
    let gitlab = args.gitlab_project.as_deref().map(|project| GitLab::new(&args.gitlab_host, project, spec));
    let gitlab = gitlab.transpose().map_err(anyhow::Error::from)?;
    let trust = gitlab.as_ref().map(|gitlab| gitlab.trust(&needed.scope));
    let assume = assume(&spec.env.acting(), args.caller.as_deref()).map_err(anyhow::Error::from)?;
    if let Some(document) = args.print {
        let document = one(document, args.part, &needed, (trust.as_ref(), assume.as_ref()))?;
        printer.json(&document)?;
        return Ok(0);
    }
    let shown = report::DeployPolicy {
        project: &spec.project.name,
        env: &spec.env.name,
        scope: &needed.scope,
        state: needed.state.as_ref(),
        policies: &needed.policies,
        boundary: spec.env.permissions_boundary.as_deref(),
        command: &command(),
        gitlab: gitlab.as_ref().zip(trust.as_ref()),
        assume: assume.as_ref(),
    };
    printer.result(&report::text(&shown), || report::json(&shown))?;
    Ok(0)
}

/// The command as it was run, for a shell to run again with more arguments.
fn command() -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@,".contains(c);
    let word = |word: String| {
        let bare = !word.is_empty() && word.chars().all(plain);
        if bare { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
    };
    std::iter::once("pipectl".to_owned()).chain(std::env::args().skip(1).map(word)).collect::<Vec<_>>().join(" ")
}

/// The document that was asked for.
fn one(
    document: Document,
    part: Option<u16>,
    needed: &Needed,
    (trust, assume): (Option<&Trust>, Option<&Assume>),
) -> Result<Value, Failure> {
    let assume = || {
        let help = "name it: `role_arn` in `[env]`";
        assume.ok_or_else(|| Fault::helped(anyhow::anyhow!("the spec has no role that would be assumed"), help))
    };
    let trust = || {
        let help = "name it: `--gitlab-project GROUP/PROJECT`";
        trust.ok_or_else(|| Fault::helped(anyhow::anyhow!("whom to trust depends on the project on GitLab"), help))
    };
    let parts = match document {
        Document::Plan => &needed.policies.plan,
        Document::Apply => &needed.policies.apply,
        Document::Operate => &needed.policies.operate,
        Document::TrustPlan => return Ok(trust()?.plan.clone()),
        Document::TrustApply => return Ok(trust()?.apply.clone()),
        Document::Assume => return Ok(assume()?.caller.clone()),
        Document::TrustRole => return Ok(assume()?.trust.clone()),
    };
    let part = match (part, parts.len()) {
        (Some(part), _) => usize::from(part),
        (None, 1) => 1,
        (None, count) => return Err(Failure::new(format!("it is {count} documents: choose one with `--part`"))),
    };
    let document = parts.get(part - 1).cloned();
    document.ok_or_else(|| Failure::new(format!("there is no part {part}: it is {} in all", parts.len())))
}
