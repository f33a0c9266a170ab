//! The least IAM policies for the roles of an environment's CI jobs: what the kinds of its resources say that their
//! calls need, on the ARNs of these resources; what the state needs; and the trust of GitLab's jobs. Pure.

mod allowed;
mod assume;
mod document;
#[cfg(test)]
mod tests;
mod trust;

use serde_json::{Value, json};

use crate::catalog::external;
use crate::model::grant::Job;
use crate::model::graph::{Arrival, External, Graph, Reference};
use crate::model::kind::Registry;
use crate::model::scope::Scope;
use crate::state::consumers::CONSUMERS;
use crate::state::store::STATE;

pub(in crate::ops) use allowed::{Allowed, Conditions};

pub use assume::{Assume, assume};
pub use document::{INLINE_LIMIT, TooLarge, size};
pub use trust::{GitLab, NotGitLab, Trust};

/// What policies are made for.
pub struct Subject<'a> {
    /// The kinds, which say what their calls need.
    pub registry: &'a Registry,
    /// The resources of the spec, in canonical form.
    pub graph: &'a Graph,
    /// Where they live.
    pub scope: &'a Scope,
    /// `[project] name`.
    pub project: &'a str,
    /// `[env] name`.
    pub env: &'a str,
    /// Where the state is; absent where it is no object in S3.
    pub state: Option<&'a StatePlace>,
    /// `[env] permissions_boundary`.
    pub boundary: Option<&'a str>,
    /// Whether names that begin with `<project>-<env>-` stand for all names that do: for specs that are yet to come.
    pub by_prefix: bool,
}

/// Where an environment's state is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatePlace {
    /// The bucket.
    pub bucket: String,
    /// The folder in it that holds the folders of all environments; may be empty.
    pub folder: String,
    /// The names of the SSM parameters that hold both, if they are looked up there.
    pub parameters: Option<[String; 2]>,
}

/// The policies of the jobs; each is one document unless that would be larger than IAM takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Policies {
    /// For what only looks.
    pub plan: Vec<Value>,
    /// For what changes; allows all that `plan` does.
    pub apply: Vec<Value>,
    /// For the data path, on top of `plan`.
    pub operate: Vec<Value>,
}

/// Works out the policies.
///
/// # Errors
/// When a role cannot hold as much as they say.
pub fn policies(subject: &Subject<'_>) -> Result<Policies, TooLarge> {
    let documents = |jobs: &[Job]| {
        let mut statements = allowed(subject, jobs).statements();
        if let Some(boundary) = subject.boundary.filter(|_| jobs.contains(&Job::Apply)) {
            statements.extend(keep_boundary(boundary));
        }
        document::documents(statements)
    };
    Ok(Policies {
        plan: documents(&[Job::Plan])?,
        apply: documents(&[Job::Plan, Job::Apply])?,
        operate: documents(&[Job::Operate])?,
    })
}

/// Denies to take a boundary from anybody, or to make another of it, whatever other policies of the role allow.
fn keep_boundary(boundary: &str) -> [Value; 2] {
    let deny =
        |actions: &[&str], resource: &str| json!({ "Effect": "Deny", "Action": actions, "Resource": [resource] });
    [
        deny(&["iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary"], "*"),
        deny(
            &["iam:CreatePolicyVersion", "iam:DeletePolicy", "iam:DeletePolicyVersion", "iam:SetDefaultPolicyVersion"],
            boundary,
        ),
    ]
}

/// Whether who may apply can write what others may do: policies of roles and users.
pub fn writes_policies(graph: &Graph) -> bool {
    graph.resources.values().any(|resource| matches!(resource.kind.as_str(), "iam_role" | "iam_user"))
}

fn allowed(subject: &Subject<'_>, jobs: &[Job]) -> Allowed {
    let Subject { registry, graph, scope, project, env, .. } = subject;
    let mut allowed = Allowed::default();
    for resource in graph.resources.values() {
        let grants = registry.get(&resource.kind).map_or(&[][..], |kind| kind.grants());
        for grant in grants.iter().filter(|grant| jobs.contains(&grant.job)) {
            allowed.grant(grant, &resource.attributes, scope, &|_| true);
        }
    }
    if jobs.contains(&Job::Plan) {
        // For `drift --explain`, which goes without where it is not allowed. AWS takes nothing narrower.
        allowed.add(&["cloudtrail:LookupEvents"], ["*".to_owned()], &Conditions::new());
    }
    for external in graph.externals.values() {
        allowed.extend(of_external(external, scope, jobs));
    }
    for arrival in graph.arrivals.values().filter(|_| jobs.contains(&Job::Plan)) {
        allow_arrival(&mut allowed, arrival, subject);
    }
    if let Some(state) = subject.state {
        for job in jobs {
            allow_state(&mut allowed, state, env, scope, *job);
        }
    }
    if subject.by_prefix { allowed.by_prefix(project, env) } else { allowed }
}

/// What it takes to use what is somebody else's: to look at it, to read where it is named, and to register as its user.
pub(in crate::ops) fn of_external(external: &External, scope: &Scope, jobs: &[Job]) -> Allowed {
    let mut allowed = Allowed::default();
    if jobs.contains(&Job::Plan) {
        if let Some(grant) = external::Subject::named(&external.kind).and_then(external::Subject::grant) {
            allowed.grant(&grant, &json!({ "arn": external.arn }), scope, &|_| true);
        }
        if let Some(from) = &external.read_from {
            let action = if from.contains(":parameter/") { "ssm:GetParameters" } else { "s3:GetObject" };
            allowed.add(&[action], [from.clone()], &Conditions::new());
        }
    }
    if let Some(reference) = &external.reference {
        allow_reference(&mut allowed, reference, scope, jobs);
    }
    allowed
}

/// What it takes to read the state of another environment, and to register there as a user of its blocks.
fn allow_reference(allowed: &mut Allowed, reference: &Reference, scope: &Scope, jobs: &[Job]) {
    let place = reference.state.as_deref().and_then(|state| state.strip_prefix("s3://"));
    let Some((folder, _)) = place.and_then(|object| object.rsplit_once('/')) else { return };
    let (bucket, path) = folder.split_once('/').unwrap_or((folder, ""));
    let consumers = scope.bucket_arn(&format!("{folder}/{CONSUMERS}"));
    if jobs.contains(&Job::Plan) {
        allow_names(allowed, &["s3:ListBucket"], scope.bucket_arn(bucket), &format!("{path}/*"));
    }
    if jobs.contains(&Job::Apply) && !reference.weak {
        allowed.add(&["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [consumers], &Conditions::new());
    }
}

/// What it takes to see whether another environment has let go of what comes from there: its state, beside this one's unless
/// the spec says where.
fn allow_arrival(allowed: &mut Allowed, arrival: &Arrival, subject: &Subject<'_>) {
    let own = || subject.state.map(|state| (state.bucket.as_str(), state.folder.as_str()));
    let said = arrival.state.as_deref().and_then(|state| state.strip_prefix("s3://"));
    let Some((bucket, folder)) = said.map(|place| place.split_once('/').unwrap_or((place, ""))).or_else(own) else {
        return;
    };
    let below = format!("{folder}/{}/", arrival.env).trim_start_matches('/').to_owned();
    let state = subject.scope.bucket_arn(&format!("{bucket}/{below}{STATE}"));
    allowed.add(&["s3:GetObject"], [state], &Conditions::new());
    allow_names(allowed, &["s3:ListBucket"], subject.scope.bucket_arn(bucket), &format!("{below}*"));
}

/// Lets the names below a folder be listed: else S3 does not tell what does not exist from what is forbidden.
fn allow_names(allowed: &mut Allowed, actions: &[&str], bucket: String, below: &str) {
    allowed.add(actions, [bucket], &allowed::condition("StringLike", "s3:prefix", below));
}

/// What the state's store calls: it reads objects and their versions, writes them, and releases its lock. Where S3 says of
/// an object that it is forbidden, as it does of what does not exist, the store looks for its name: ListBucket below the
/// environment's own folder, and nowhere else.
fn allow_state(allowed: &mut Allowed, state: &StatePlace, env: &str, scope: &Scope, job: Job) {
    let bucket = scope.bucket_arn(&state.bucket);
    let folder = if state.folder.is_empty() { format!("{env}/*") } else { format!("{}/{env}/*", state.folder) };
    let objects = format!("{bucket}/{folder}");
    let all = Conditions::new;
    match job {
        Job::Plan => {
            let parameter = |name: &String| match name.strip_prefix("arn:") {
                Some(_) => name.clone(),
                None => scope.arn("ssm", &format!("parameter/{}", name.trim_start_matches('/'))),
            };
            allowed.add(&["ssm:GetParameters"], state.parameters.iter().flatten().map(parameter), &all());
            allowed.add(&["s3:GetObject", "s3:GetObjectVersion"], [objects], &all());
            allow_names(allowed, &["s3:ListBucket", "s3:ListBucketVersions"], bucket, &folder);
        }
        Job::Apply => allowed.add(&["s3:PutObject", "s3:DeleteObject"], [objects], &all()),
        Job::Operate => {}
    }
}
