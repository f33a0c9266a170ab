//! Which GitLab jobs may assume a role: AWS's side of <https://docs.gitlab.com/ci/cloud_services/aws/>.

use serde_json::{Value, json};

use crate::model::scope::Scope;
use crate::spec::Spec;

/// A project on a GitLab, and the branches of it that belong to an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GitLab {
    /// `gitlab.com`.
    host: String,
    /// `group/project`.
    project: String,
    /// Names, or beginnings with a `*` at their end.
    branches: Vec<String>,
    /// The same of other environments.
    others: Vec<String>,
}

/// Why it is none.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotGitLab {
    /// A wild card or blank in it would let strangers in.
    #[error("`{0}` is not the path of a project on GitLab: give it as `group/project`")]
    Project(String),
    /// The same.
    #[error("`{0}` is not the name of a host: give it as `gitlab.com`")]
    Host(String),
}

/// The trust policies of the two roles.
#[derive(Clone, Debug, PartialEq)]
pub struct Trust {
    /// For jobs of every branch of the project: a merge request plans from its own.
    pub plan: Value,
    /// For jobs of the environment's branches only.
    pub apply: Value,
}

impl GitLab {
    /// The project at `path` on `host`, with the branches that a spec gives its environment.
    ///
    /// # Errors
    /// When one of the two is not what it has to be.
    pub fn new(host: &str, path: &str, spec: &Spec) -> Result<Self, NotGitLab> {
        let plain = |part: &str| {
            !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        };
        if !plain(host) {
            return Err(NotGitLab::Host(host.to_owned()));
        }
        if !path.contains('/') || !path.split('/').all(plain) {
            return Err(NotGitLab::Project(path.to_owned()));
        }
        let other = spec.branches.iter().filter(|(_, env)| **env != spec.env.name);
        let others = other.map(|(branch, _)| branch.clone()).collect();
        Ok(Self { host: host.to_owned(), project: path.to_owned(), branches: branches(spec), others })
    }

    /// Where its tokens come from, and whom they are for.
    pub fn url(&self) -> String {
        format!("https://{}", self.host)
    }

    /// The branches whose jobs may apply.
    pub fn branches(&self) -> &[String] {
        &self.branches
    }

    /// The trust policies in an account.
    pub fn trust(&self, scope: &Scope) -> Trust {
        let any = self.trusting("StringLike", &["*"], None);
        let (patterns, names): (Vec<&str>, Vec<&str>) =
            self.branches.iter().map(String::as_str).partition(|branch| branch.ends_with('*'));
        let exact = (!names.is_empty()).then(|| self.trusting("StringEquals", &names, None));
        let by_pattern = patterns.iter().map(|pattern| {
            // What another environment's line names more closely belongs to that one.
            let closer = |other: &&str| begins(pattern, other);
            let others: Vec<&str> = self.others.iter().map(String::as_str).filter(closer).collect();
            self.trusting("StringLike", &[pattern], Some(&others).filter(|others| !others.is_empty()))
        });
        let document = |conditions: Vec<Value>| {
            let statements = conditions.into_iter().map(|condition| self.statement(scope, &condition));
            json!({ "Version": "2012-10-17", "Statement": statements.collect::<Vec<_>>() })
        };
        Trust { plan: document(vec![any]), apply: document(exact.into_iter().chain(by_pattern).collect()) }
    }

    /// Conditions that hold for jobs of these branches, and not for those of others.
    fn trusting(&self, operator: &str, branches: &[&str], others: Option<&Vec<&str>>) -> Value {
        let (host, project) = (&self.host, &self.project);
        let jobs = |branches: &[&str]| -> Vec<String> {
            branches.iter().map(|branch| format!("project_path:{project}:ref_type:branch:ref:{branch}")).collect()
        };
        let subject = format!("{host}:sub");
        let mut conditions = json!({ "StringEquals": { format!("{host}:aud"): self.url() } });
        conditions[operator][&subject] = json!(jobs(branches));
        if let Some(others) = others {
            conditions["StringNotLike"][&subject] = json!(jobs(others));
        }
        conditions
    }

    fn statement(&self, scope: &Scope, conditions: &Value) -> Value {
        json!({
            "Effect": "Allow",
            "Principal": { "Federated": scope.global_arn("iam", &format!("oidc-provider/{}", self.host)) },
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": conditions,
        })
    }
}

/// Whether every branch of `other` is one of `pattern`, which has a `*` at its end.
fn begins(pattern: &str, other: &str) -> bool {
    let beginning = pattern.trim_end_matches('*');
    other != pattern && other.trim_end_matches('*').starts_with(beginning)
}

/// The branches that `[branches]` gives the environment; without any, the one of its own name.
fn branches(spec: &Spec) -> Vec<String> {
    let own = spec.branches.iter().filter(|(_, env)| **env == spec.env.name);
    let listed: Vec<String> = own.map(|(branch, _)| branch.clone()).collect();
    if listed.is_empty() { vec![spec.env.name.clone()] } else { listed }
}
