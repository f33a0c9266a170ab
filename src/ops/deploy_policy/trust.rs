//! Which GitLab jobs may assume a role: AWS's side of <https://docs.gitlab.com/ci/cloud_services/aws/>.

use serde_json::{Value, json};

use crate::engine::scope::Scope;
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
        Ok(Self { host: host.to_owned(), project: path.to_owned(), branches: branches(spec) })
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
        Trust { plan: self.trusting(scope, &["*".to_owned()]), apply: self.trusting(scope, &self.branches) }
    }

    fn trusting(&self, scope: &Scope, branches: &[String]) -> Value {
        let (host, project) = (&self.host, &self.project);
        let jobs: Vec<String> =
            branches.iter().map(|branch| format!("project_path:{project}:ref_type:branch:ref:{branch}")).collect();
        let (audience, subject) = (format!("{host}:aud"), format!("{host}:sub"));
        // Branch names have no `*`: Git allows none.
        let conditions = if branches.iter().any(|branch| branch.ends_with('*')) {
            json!({ "StringEquals": { audience: self.url() }, "StringLike": { subject: jobs } })
        } else {
            json!({ "StringEquals": { audience: self.url(), subject: jobs } })
        };
        json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Federated": scope.global_arn("iam", &format!("oidc-provider/{host}")) },
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": conditions,
            }],
        })
    }
}

/// The branches that `[branches]` gives the environment; without any, the one of its own name.
fn branches(spec: &Spec) -> Vec<String> {
    let own = spec.branches.iter().filter(|(_, env)| **env == spec.env.name);
    let listed: Vec<String> = own.map(|(branch, _)| branch.clone()).collect();
    if listed.is_empty() { vec![spec.env.name.clone()] } else { listed }
}
