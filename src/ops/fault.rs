//! Why a command did not do what it was asked to.

use super::amount::counted;
use crate::engine::access::Broadening;
use crate::engine::apply::Outcome;
use crate::engine::fresh::Stale;
use crate::engine::plan::Refusal;
use crate::engine::planfile::NotAPlan;
use crate::engine::refresh::Unreadable;
use crate::engine::review::Disagreement;
use crate::model::address::Address;
use crate::model::error::{ASSUME_ROLE, CallError, Class};
use crate::state::store::StateError;

/// The result of an operation.
pub type Result<T> = std::result::Result<T, Fault>;

/// Why a command did not do what it was asked to; decides its exit code and what to say next.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// A call to AWS failed, and with it the command.
    #[error(transparent)]
    Call(#[from] CallError),
    /// Live resources could not be read: there is no plan on half the truth.
    #[error("{} could not be read", counted(.0.len() as u64, "resource"))]
    Unreadable(Vec<Unreadable>),
    /// The plan file cannot be used.
    #[error("`{file}` cannot be used as a plan")]
    NotAPlan {
        /// The file.
        file: String,
        /// Why.
        #[source]
        source: NotAPlan,
    },
    /// Something has changed since the plan was made.
    #[error("the plan is stale: {0}")]
    Stale(Staleness),
    /// The plan's file says what only the command line can ask for.
    #[error("refused: the plan's file asks for more than this command: {what}")]
    Unasked {
        /// What.
        what: String,
        /// The command that asks for it.
        command: String,
    },
    /// Somebody else holds the lock.
    #[error("{0}")]
    Locked(String),
    /// Protection or a rule forbids it.
    #[error("refused: {}", refused(.0.len()))]
    Refused(Vec<Refusal>),
    /// AWS would refuse what the plan deletes.
    #[error("refused: AWS would not delete {} as things are", counted(.0.len() as u64, "resource"))]
    Obstructed(Vec<Refusal>),
    /// The plan widens access, and nobody has approved of that.
    #[error("refused: the plan widens access in {}", counted(.0.len() as u64, "place"))]
    Broadens(Vec<Broadening>),
    /// Resources that exist and are not ours are in the way.
    #[error("{} in the way: what exists already is not ours", counted(.0.len() as u64, "resource"))]
    Conflicts(Vec<(Address, String)>),
    /// The same, in a plan that was made without taking over what this command may.
    #[error("the plan does not take over {} in the way: it was made without that", counted(.all.len() as u64, "resource"))]
    NotAdopted {
        /// What is in the way, and why.
        all: Vec<(Address, String)>,
        /// The command that makes the plan anew.
        command: String,
    },
    /// The apply did part of its plan.
    #[error("applied in part")]
    Partial(Outcome),
    /// A signal stopped the command, after a clean stop.
    #[error("interrupted")]
    Interrupted {
        /// 2 for SIGINT, 15 for SIGTERM.
        signal: u8,
        /// What was done until then, if anything was begun.
        partial: Option<Outcome>,
    },
    /// A signal ended the command at once, as there was nothing to stop cleanly.
    #[error("interrupted: {what}")]
    Ended {
        /// 2 for SIGINT, 15 for SIGTERM.
        signal: u8,
        /// What it has changed.
        what: &'static str,
    },
    /// Anything else that knows what to do about it; shown with its whole chain of causes.
    #[error("{error:#}")]
    Helped {
        /// What went wrong.
        error: anyhow::Error,
        /// What to do: one sentence.
        help: String,
    },
    /// Anything else.
    #[error(transparent)]
    Other(#[from] anyhow::Error),
}

/// What has changed since a plan was made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Staleness {
    /// Its time is up.
    #[error("it expired at {0}")]
    Expired(String),
    /// Another state was written since.
    #[error("the state has changed since: {0}")]
    State(String),
    /// The very plan was applied before.
    #[error("this very plan was applied at {at} by {by}")]
    Applied {
        /// When.
        at: String,
        /// By whom.
        by: String,
    },
    /// The spec says something else now.
    #[error("`{0}` says something else now")]
    Spec(String),
    /// It is of another environment or project.
    #[error("it is of {planned}, and this command is for {actual}")]
    Environment {
        /// The plan's environment and project.
        planned: String,
        /// The command's.
        actual: String,
    },
    /// The credentials are of another account or region.
    #[error("it was made for {planned}, and these credentials are for {actual}")]
    Scope {
        /// The plan's account and region.
        planned: String,
        /// The caller's.
        actual: String,
    },
    /// What is external cannot be used any more.
    #[error("what is external is no longer as the plan saw it")]
    Externals,
    /// AWS is no longer as the plan saw it.
    #[error("{} changed in AWS since", counted(.0.len() as u64, "resource"))]
    LiveResources(Vec<Stale>),
    /// Its file says otherwise than spec, state and AWS come to, and none of these has changed.
    #[error("its file says otherwise than spec, state and AWS do, in {}", counted(.0.len() as u64, "place"))]
    Otherwise(Vec<Disagreement>),
}

/// An error of the state's store, with what to do about it.
pub fn state_fault(error: StateError) -> Fault {
    let help = error.help();
    Fault::helped(error, help)
}

impl Fault {
    /// An error that knows what to do about it.
    pub fn helped(error: impl Into<anyhow::Error>, help: impl Into<String>) -> Self {
        Self::Helped { error: error.into(), help: help.into() }
    }

    /// The exit code; see the README's table.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Call(_)
            | Self::Unreadable(_)
            | Self::NotAPlan { .. }
            | Self::Conflicts(_)
            | Self::NotAdopted { .. }
            | Self::Helped { .. }
            | Self::Other(_) => 1,
            Self::Stale(_) | Self::Unasked { .. } => 3,
            Self::Locked(_) => 4,
            Self::Refused(_) | Self::Obstructed(_) | Self::Broadens(_) => 6,
            Self::Partial(_) => 7,
            Self::Interrupted { signal, .. } | Self::Ended { signal, .. } => 128 + signal,
        }
    }

    /// What to do next, if the error does not say so itself.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Call(error) => help_for(error),
            Self::Unreadable(all) => all.first().and_then(|one| help_for(&one.source)),
            Self::Obstructed(_) => {
                Some("take away what is in the way, as each line says, and run the same command again".to_owned())
            }
            Self::Refused(_)
            | Self::Ended { .. }
            | Self::Other(_)
            | Self::NotAPlan { source: NotAPlan::Newer { .. }, .. }
            // Nothing was begun.
            | Self::Interrupted { partial: None, .. } => None,
            Self::NotAPlan { .. } => Some("make a new one: `pipectl plan --env ENV`".to_owned()),
            Self::Stale(Staleness::Scope { .. }) => Some("use the credentials of the plan's account".to_owned()),
            Self::Stale(Staleness::Environment { .. }) => Some(
                "name the plan's own environment with `--env`, in its own project; that goes before PIPECTL_ENV and the branch"
                    .to_owned(),
            ),
            Self::Stale(_) => Some("make a new plan and look at it: `pipectl plan --env ENV`".to_owned()),
            Self::Unasked { command, .. } => Some(format!("if that is meant: `{command}`")),
            Self::Locked(_) => Some("wait for it to finish, then run the same command again".to_owned()),
            Self::NotAdopted { command, .. } => Some(format!("make a new one, which does: `{command}`")),
            Self::Conflicts(_) => Some(
                "`pipectl adopt --env ENV` shows them; take them over with `--adopt ADDRESS` (or `--adopt all`), or give the \
                 blocks another `name`"
                    .to_owned(),
            ),
            Self::Broadens(_) => Some("if that is meant, apply it with `--approve-broadening`".to_owned()),
            Self::Partial(_) | Self::Interrupted { partial: Some(_), .. } => Some(
                "nothing is lost: `pipectl plan --env ENV` shows what is left to do, and applying that goes on from here"
                    .to_owned(),
            ),
            Self::Helped { help, .. } => Some(help.clone()),
        }
    }
}

fn refused(count: usize) -> String {
    format!("{} may not be made, for the reasons given", counted(count as u64, "change"))
}

/// What AWS answers to credentials that it does not know where it was asked: also to good ones, in a region that the account
/// has not enabled.
const UNKNOWN_HERE: [&str; 5] =
    ["UnrecognizedClientException", "InvalidClientTokenId", "AuthFailure", "OptInRequired", "InvalidAccessKeyId"];

/// What to do where a role cannot be assumed.
fn help_for_role(class: Class) -> Option<&'static str> {
    match class {
        Class::Denied => Some(
            "the caller has to be allowed sts:AssumeRole on the role, and the role's trust policy has to name the caller, with \
             the `external_id` of `[env]` where it asks for one: `pipectl deploy-policy --env ENV` prints both",
        ),
        Class::Invalid | Class::Absent => {
            Some("look at `role_arn`, `external_id` and `session_name` in `[env]`: STS does not take them")
        }
        Class::Credentials => Some(
            "there are no valid credentials with which the role of `[env] role_arn` could be assumed: check `[env] profile`, \
             AWS_PROFILE (`aws configure list-profiles`), AWS_ACCESS_KEY_ID or the job's web identity",
        ),
        Class::InUse
        | Class::Throttled
        | Class::Quota
        | Class::Conflict
        | Class::NotReady
        | Class::Unreachable
        | Class::Untrusted
        | Class::Unreadable
        | Class::Stuck
        | Class::Other => None,
    }
}

/// What to do about a failed call, and whether it is safe to run again.
pub fn help_for(error: &CallError) -> Option<String> {
    if error.call == ASSUME_ROLE
        && let Some(help) = help_for_role(error.class)
    {
        return Some(help.to_owned());
    }
    let text = match error.class {
        Class::Denied => {
            "the caller lacks the permission for this call: `pipectl deploy-policy --env ENV` prints all that is needed; \
             grant it, then run the command again, an apply with a new plan: what is done is not done twice"
        }
        Class::Credentials if error.code.as_deref().is_some_and(|code| UNKNOWN_HERE.contains(&code)) => {
            "no valid credentials for this region: check AWS_PROFILE, AWS_ACCESS_KEY_ID or the job's web identity; where they are \
             valid elsewhere, the account may have to enable the region first (`aws account get-region-opt-status --region-name \
             REGION`, then `aws account enable-region --region-name REGION`), or the region is in another partition, such as China"
        }
        Class::Credentials => {
            "no valid credentials: check AWS_PROFILE (`aws configure list-profiles`), AWS_ACCESS_KEY_ID or the job's web identity; \
             where they have expired, `aws sso login` or the tool that gave them gives new ones"
        }
        Class::Unreachable => {
            "the endpoint did not answer: check the network, the region and AWS_ENDPOINT_URL; running it again is safe"
        }
        Class::Untrusted => {
            "nothing was sent; where the network opens TLS, or the endpoint has authorities of its own, AWS_CA_BUNDLE (or \
             `ca_bundle` in the profile) names a file of the certificates to trust"
        }
        Class::Unreadable => {
            "what answers is probably not AWS: look at AWS_ENDPOINT_URL, at HTTPS_PROXY and NO_PROXY, and whether the network \
             asks for a login first; whether the call did anything is not known: running the same command again is safe, it \
             looks at what is there"
        }
        Class::Throttled => "AWS asks to slow down; run the same command again in a minute: that is safe",
        Class::Quota => {
            "a limit of the account is reached: ask AWS to raise it, or delete what is not needed; waiting does not help"
        }
        Class::Conflict => {
            "somebody else changed the same thing at the same time; run the same command again: that is safe"
        }
        Class::NotReady => "IAM may need longer to make the role known; run the same command again: that is safe",
        Class::Stuck => "run `pipectl status` to see its state, and the same command again: that is safe",
        Class::Absent => {
            "`pipectl plan --env ENV` shows what of the environment is missing in AWS, and applying that makes it"
        }
        Class::InUse | Class::Invalid | Class::Other => return None,
    };
    Some(text.to_owned())
}
