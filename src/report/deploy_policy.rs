//! The policies of an environment's CI roles, and how to make the roles.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};

use super::style::{BOLD, Clean, DIM, paint};
use crate::model::scope::Scope;
use crate::ops::amount::counted;
use crate::ops::deploy_policy::{Assume, GitLab, INLINE_LIMIT, Policies, StatePlace, Trust, size};

/// What is shown.
pub struct DeployPolicy<'a> {
    /// `[project] name`.
    pub project: &'a str,
    /// `[env] name`.
    pub env: &'a str,
    /// Partition, account and region.
    pub scope: &'a Scope,
    /// Where the state is.
    pub state: Option<&'a StatePlace>,
    /// The policies.
    pub policies: &'a Policies,
    /// `[env] permissions_boundary`.
    pub boundary: Option<&'a str>,
    /// The command that was run: `pipectl deploy-policy --env dev`.
    pub command: &'a str,
    /// Whose jobs are trusted, if that is known.
    pub gitlab: Option<(&'a GitLab, &'a Trust)>,
    /// What it takes to assume the role of `[env]`, if it has one.
    pub assume: Option<&'a Assume>,
}

/// What it means that roles and users have no boundary.
pub const UNBOUNDED: &str = "`[env]` has no `permissions_boundary`: whoever may apply can give the environment's roles and users any policy, \
     and act as them, through a function or a trust. With one, `deploy-policy` lets them have nothing beyond it";

/// Characters that IAM takes in a role's name.
const ROLE_NAME: usize = 64;

impl DeployPolicy<'_> {
    /// The name of a job's role. It does not begin as the environment's own names do: a role that may change all of
    /// these must not be able to change itself.
    fn role(&self, job: &str) -> String {
        format!("pipectl-{job}-{}-{}", self.project, self.env).chars().take(ROLE_NAME).collect()
    }

    fn state(&self) -> Option<String> {
        let StatePlace { bucket, folder, .. } = self.state?;
        let separator = if folder.is_empty() { "" } else { "/" };
        Some(format!("s3://{bucket}/{folder}{separator}{}/", self.env))
    }
}

/// Every document with its heading, and the commands that make the roles.
pub fn text(shown: &DeployPolicy<'_>) -> String {
    let DeployPolicy { project, env, scope, policies, gitlab, .. } = shown;
    let mut out = format!("What CI needs for {} in account {scope}\n", Clean(&format!("{project} {env}")));
    if let Some(place) = shown.state() {
        let _ = writeln!(out, "state: {}", Clean(&place));
        if shown.state.is_some_and(|state| state.parameters.is_some()) {
            let note =
                "where `pipectl bootstrap` puts it; if it is elsewhere, say so with --state-bucket and --state-folder";
            let _ = writeln!(out, "       {}", paint(DIM, note));
        }
    }
    if let Some(boundary) = shown.boundary {
        let _ = writeln!(out, "boundary of every role and user: {}", Clean(boundary));
    }
    let jobs = [
        ("plan", "to look: plan, drift, output, state list; changes nothing", &policies.plan),
        ("apply", "to change: apply, destroy; contains plan", &policies.apply),
        ("operate", "to move and follow data: send, verify, status; on top of plan", &policies.operate),
    ];
    for (name, purpose, documents) in jobs {
        documents_of(&mut out, name, purpose, documents);
    }
    if let Some(assume) = shown.assume {
        let role = Clean(&assume.role_arn).to_string();
        let _ = writeln!(out, "\nCommands act as {}: the policies above are for this role.", paint(BOLD, &role));
        let _ = writeln!(out, "Whoever may assume it may do all that they allow.");
        trusting(&mut out, "assume", "what whoever calls needs, and nothing else", &assume.caller);
        trusting(&mut out, "trust-role", "whom the role trusts; `--caller ARN` names who calls", &assume.trust);
    }
    match gitlab {
        Some((gitlab, trust)) => {
            let branches = gitlab.branches().join(", ");
            trusting(&mut out, "trust-plan", "jobs of every branch of the project", &trust.plan);
            trusting(&mut out, "trust-apply", &format!("jobs of {branches} only"), &trust.apply);
            how_to(&mut out, shown, gitlab);
        }
        None => out.push_str(
            "\nWhom the roles trust, and the commands that make them: add `--gitlab-project GROUP/PROJECT`.\n",
        ),
    }
    out
}

fn documents_of(out: &mut String, name: &str, purpose: &str, documents: &[Value]) {
    let statements = documents.iter().flat_map(|document| list(&document["Statement"]));
    let statements = statements.filter(|statement| statement["Effect"] == "Allow");
    let actions: BTreeSet<&str> = statements.flat_map(|one| list(&one["Action"])).filter_map(Value::as_str).collect();
    let _ = writeln!(out, "\n{}: {purpose}", paint(BOLD, name));
    let characters: usize = documents.iter().map(size).sum();
    let amount = match documents.len() {
        1 => format!("{characters} of the {INLINE_LIMIT} characters that a role's inline policies may have"),
        count => format!("{characters} characters, too many for inline policies: {count} managed policies"),
    };
    let _ = writeln!(out, "{}", paint(DIM, format!("{}; {amount}", counted(actions.len() as u64, "action"))));
    for document in documents {
        printed(out, document);
    }
}

fn trusting(out: &mut String, name: &str, purpose: &str, document: &Value) {
    let _ = writeln!(out, "\n{}: {}", paint(BOLD, name), Clean(purpose));
    printed(out, document);
}

/// Pretty, with control characters and the like escaped: a spec's names are in it.
fn printed(out: &mut String, document: &Value) {
    for line in format!("{document:#}").lines() {
        let _ = writeln!(out, "{}", Clean(line));
    }
}

fn how_to(out: &mut String, shown: &DeployPolicy<'_>, gitlab: &GitLab) {
    let url = gitlab.url();
    let _ = writeln!(out, "\n{}", paint(BOLD, "To make the roles"));
    let _ = writeln!(out, "# once per account");
    let _ = writeln!(out, "aws iam create-open-id-connect-provider --url {url} --client-id-list {url}");
    let print = format!("{} --print", Clean(shown.command));
    for (job, documents) in [("plan", &shown.policies.plan), ("apply", &shown.policies.apply)] {
        let role = shown.role(job);
        let _ = writeln!(out, "\n{print} trust-{job} > trust-{job}.json");
        let _ = writeln!(
            out,
            "aws iam create-role --role-name {role} --assume-role-policy-document file://trust-{job}.json"
        );
        // A job that acts as another role needs no more than that.
        let (document, count) = if shown.assume.is_some() { ("assume", 1) } else { (job, documents.len()) };
        if shown.assume.is_some() && job == "plan" {
            let _ = writeln!(out, "# only where the jobs of every branch may apply: they act as the same role then");
        }
        attach(out, &format!("{print} {document}"), job, &role, count, shown.scope);
    }
    if let Some(assume) = shown.assume {
        make_assumed(out, shown, assume, &print);
    }
    let _ = writeln!(
        out,
        "\n# in GitLab's CI/CD variables, for this environment: AWS_PLAN_ROLE_ARN and AWS_APPLY_ROLE_ARN"
    );
}

/// The commands that make the role of `[env]`.
fn make_assumed(out: &mut String, shown: &DeployPolicy<'_>, assume: &Assume, print: &str) {
    let named = assume.role_arn.rsplit_once(":role/").map_or("", |(_, named)| named);
    let (path, name) =
        named.rsplit_once('/').map_or((String::new(), named), |(path, name)| (format!(" --path /{path}/"), name));
    let (path, name) = (Clean(&path).to_string(), Clean(name).to_string());
    let _ = writeln!(out, "\n{print} trust-role > trust-role.json");
    let _ = writeln!(
        out,
        "aws iam create-role --role-name {name}{path} --assume-role-policy-document file://trust-role.json"
    );
    attach(out, &format!("{print} apply"), "role", &name, shown.policies.apply.len(), shown.scope);
}

/// The commands that give a role its policy: inline, or as managed ones.
fn attach(out: &mut String, print: &str, job: &str, role: &str, count: usize, scope: &Scope) {
    if count == 1 {
        let _ = writeln!(out, "{print} > {job}-policy.json");
        let _ = writeln!(
            out,
            "aws iam put-role-policy --role-name {role} --policy-name pipectl --policy-document file://{job}-policy.json"
        );
        return;
    }
    for part in 1..=count {
        let (file, policy) = (format!("{job}-policy-{part}.json"), format!("{role}-{part}"));
        let arn = scope.global_arn("iam", &format!("policy/{policy}"));
        let _ = writeln!(out, "{print} --part {part} > {file}");
        let _ = writeln!(out, "aws iam create-policy --policy-name {policy} --policy-document file://{file}");
        let _ = writeln!(out, "aws iam attach-role-policy --role-name {role} --policy-arn {arn}");
    }
}

/// The same for programs: lists of documents, and `trust` null where the project is not known.
pub fn json(shown: &DeployPolicy<'_>) -> Value {
    let Policies { plan, apply, operate } = shown.policies;
    json!({
        "env": shown.env,
        "account": shown.scope.account,
        "region": shown.scope.region,
        "state": shown.state(),
        "permissions_boundary": shown.boundary,
        "plan": plan,
        "apply": apply,
        "operate": operate,
        "assume": shown.assume.map(|assume| json!({
            "role_arn": assume.role_arn, "caller": assume.caller, "trust": assume.trust,
        })),
        "trust": shown.gitlab.map(|(_, trust)| json!({ "plan": trust.plan, "apply": trust.apply })),
    })
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}
