//! Whether AWS would let a plan be applied: the caller's permissions, simulated for the plan's very calls, and the
//! account's quotas.

mod calls;
mod quotas;

use std::collections::BTreeSet;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use serde_json::Value;

use crate::engine::planfile::Plan;
use crate::model::account::{Account, Answer, Decision, Quota};
use crate::model::address::Address;
use crate::model::error::CallError;
use crate::model::kind::Registry;
use calls::Calls;

/// How many calls of the simulation are under way at a time: few, as IAM publishes no rate for it.
const AT_ONCE: usize = 4;

/// What a preflight cannot see.
pub const UNSEEN: [&str; 6] = [
    "policies of the organization that have conditions, and its resource control policies",
    "policies on resources: those of KMS keys, of the state's bucket, of queues in other accounts",
    "a session's own policy, and conditions that depend on the request, such as its network or MFA",
    "what the roles that the plan makes may do for Firehose, once they act",
    "names of buckets that somebody else has, and all that changes between this and the apply",
    "rates, quotas of CloudWatch, CloudWatch Logs, SNS and SSM, and daily limits on changes of a stream",
];

/// What a preflight found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Preflight {
    /// The user or role whose permissions were simulated; absent where they could not be.
    pub principal: Option<String>,
    /// Why nothing was simulated, or not all.
    pub unsimulated: Option<String>,
    /// How many calls, an action on a resource each, were simulated.
    pub simulated: usize,
    /// Those that would be denied.
    pub denied: Vec<Denied>,
    /// What would have to be allowed besides, where nothing allows it yet.
    pub statements: Vec<Value>,
    /// The external blocks in other accounts: what these allow nobody here can simulate.
    pub elsewhere: Vec<Elsewhere>,
    /// The quotas that the plan counts against.
    pub quotas: Vec<Check>,
    /// Whether nothing that was found speaks against applying the plan.
    pub passes: bool,
}

/// A call that would be denied.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Denied {
    /// The action.
    pub action: String,
    /// The resource.
    pub resource: String,
    /// By what.
    pub verdict: Answer,
    /// Condition keys without whose values the answer is not certain.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub missing: BTreeSet<String>,
    /// For whom: addresses, or `the state`.
    pub needed_by: BTreeSet<String>,
}

/// An external block in another account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Elsewhere {
    /// The block.
    pub address: Address,
    /// Its account.
    pub account: String,
}

/// A quota, and what the plan adds to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Which.
    pub quota: Quota,
    /// How many there are; absent where AWS would not say.
    pub used: Option<u64>,
    /// How many the plan adds at most at a time.
    pub adds: u64,
    /// How many there may be.
    pub limit: Option<u64>,
    /// Whether the limit is only AWS's default, because the service does not tell the account's own.
    pub default: bool,
    /// Why AWS would not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unknown: Option<String>,
}

impl Check {
    /// Whether the plan goes beyond the quota, as far as anybody knows.
    pub fn exceeded(&self) -> bool {
        matches!((self.used, self.limit), (Some(used), Some(limit)) if used + self.adds > limit)
    }
}

/// Simulates the calls of a plan for whoever made it, and looks at the quotas: all at once.
pub async fn preflight(registry: &Registry, plan: &Plan, account: &dyn Account) -> Preflight {
    let calls = Calls::of(registry, plan);
    let (simulation, quotas) = tokio::join!(simulate(account, plan, &calls), quotas::check(account, plan));
    let Simulation { principal, unsimulated, failed, decisions } = simulation;
    let denied: Vec<Denied> = decisions.iter().filter_map(|decision| denied(decision, &calls)).collect();
    let unallowed = denied.iter().filter(|one| one.verdict == Answer::NotAllowed);
    let unallowed = unallowed.map(|one| (one.action.as_str(), one.resource.as_str())).collect();
    let statements = calls.statements(&unallowed);
    let exceeded = quotas.iter().any(|check| check.exceeded() && !check.default);
    let elsewhere = plan.externals.iter().filter(|(_, external)| external.account != plan.scope.account);
    let elsewhere = elsewhere.map(|(address, external)| {
        let (address, account) = (address.clone(), external.account.clone());
        Elsewhere { address, account }
    });
    let elsewhere = elsewhere.collect();
    let passes = !failed && denied.is_empty() && !exceeded;
    Preflight { principal, unsimulated, simulated: decisions.len(), denied, statements, elsewhere, quotas, passes }
}

#[derive(Default)]
struct Simulation {
    principal: Option<String>,
    unsimulated: Option<String>,
    /// Whether it should have been possible.
    failed: bool,
    decisions: Vec<Decision>,
}

async fn simulate(account: &dyn Account, plan: &Plan, calls: &Calls) -> Simulation {
    let failed = |error: CallError, principal| {
        let unsimulated = Some(format!("the simulation failed: {error}"));
        Simulation { principal, unsimulated, failed: true, decisions: Vec::new() }
    };
    let principal = match account.principal(&plan.caller).await {
        Ok(Some(principal)) => principal,
        Ok(None) => {
            let unsimulated = Some("IAM simulates users and roles only, and the caller is neither".to_owned());
            return Simulation { unsimulated, ..Simulation::default() };
        }
        Err(error) => return failed(error, None),
    };
    let questions = calls.questions();
    let answers = stream::iter(&questions).map(|question| account.simulate(&principal, question)).buffered(AT_ONCE);
    match answers.try_collect::<Vec<_>>().await {
        Ok(answers) => {
            let decisions = answers.into_iter().flatten().collect();
            Simulation { principal: Some(principal), decisions, ..Simulation::default() }
        }
        Err(error) => failed(error, Some(principal)),
    }
}

fn denied(decision: &Decision, calls: &Calls) -> Option<Denied> {
    let Decision { action, resource, verdict, missing } = decision.clone();
    let needed_by = calls.needed_by(&action, &resource);
    (verdict != Answer::Allowed).then_some(Denied { action, resource, verdict, missing, needed_by })
}
