//! The functions on the way of the records: who puts them on a stream, who reads them, and all that such a function uses.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join, join_all};
use serde_json::Value;

use super::Wiring;
use super::readers::allows;
use crate::import::blocks::uses::{Usable, function as function_of, named};
use crate::import::live::{items, text};
use crate::model::discovery::{Bearer, Caller, Discovery, EventSource, Function, Identity, Named, RestApi, UsagePlan};
use crate::model::error::CallError;
use crate::model::pattern::stands_for;
use crate::model::scope::Scope;

/// What the region has of functions, and who works as which role.
#[derive(Debug, Default)]
pub(super) struct Functions {
    pub(super) all: Vec<Function>,
    pub(super) sources: Vec<EventSource>,
}

impl Functions {
    /// The names of the roles that functions work as.
    pub(super) fn roles(&self) -> BTreeSet<&str> {
        self.all.iter().map(role_name).collect()
    }
}

fn role_name(function: &Function) -> &str {
    function.role.rsplit('/').next().unwrap_or_default()
}

/// Follows the records through functions. What reads a stream that is named is taken, and what reads that which such a function
/// writes; of a stream that is only led up to, those that put records on it. What calls a function is taken along, and with an
/// API all functions that answer for it.
pub(super) struct Follow<'a> {
    pub(super) aws: &'a dyn Discovery,
    pub(super) scope: &'a Scope,
    pub(super) functions: &'a Functions,
    pub(super) identities: &'a [Identity],
    /// ARNs of what is followed down from: who reads it is taken.
    pub(super) down: BTreeSet<String>,
    /// ARNs of what is followed up to: who writes it is taken.
    pub(super) up: BTreeSet<String>,
}

/// What calls the functions of one round.
struct Callers {
    of: Vec<(String, Vec<Caller>)>,
    /// All APIs of the region, where a function is called by one.
    apis: Vec<Named>,
    plans: Vec<UsagePlan>,
}

impl Follow<'_> {
    /// Takes them all, and those of these names, which answer delivery streams. Every round asks at once who calls the functions
    /// that the last one has led to.
    ///
    /// # Errors
    /// Every failure but a denial.
    pub(super) async fn all(&mut self, mut answering: BTreeSet<String>, wiring: &mut Wiring) -> Result<(), CallError> {
        loop {
            let next = self.next(&answering, wiring);
            if next.is_empty() {
                break;
            }
            for (function, down) in &next {
                self.take(function, *down, wiring);
            }
            let names: Vec<&str> = next.iter().map(|(function, _)| function.name.as_str()).collect();
            let callers = self.callers(&names, wiring).await?;
            answering = self.take_callers(&callers, wiring).await?;
        }
        self.take_dead_letters(wiring).await?;
        self.take_roles(wiring);
        self.leave_others(wiring);
        Ok(())
    }

    /// The functions that are to be taken and are not yet, and whether it goes on from each to what it writes.
    fn next(&self, answering: &BTreeSet<String>, wiring: &Wiring) -> Vec<(Function, bool)> {
        let wanted = |function: &&Function| !wiring.has("lambda_function", &function.name);
        let direction = |function: &Function| {
            let reads = self.down.iter().any(|source| self.reads(function, source));
            let writes = || self.up.iter().any(|source| self.writes(function, source));
            let answers = || answering.contains(&function.name);
            (reads || writes() || answers()).then(|| (function.clone(), reads))
        };
        self.functions.all.iter().filter(wanted).filter_map(direction).collect()
    }

    fn role(&self, function: &Function) -> Option<&Identity> {
        let name = role_name(function);
        self.identities.iter().find(|one| one.bearer == Bearer::Role && one.name == name)
    }

    fn may(&self, function: &Function, action: &str, arn: &str) -> bool {
        self.role(function).is_some_and(|role| allows(role, action, |resource| resource == arn))
    }

    fn reads(&self, function: &Function, source: &str) -> bool {
        let mapped = |one: &EventSource| one.function == function.name && one.source == source;
        self.functions.sources.iter().any(mapped) || self.may(function, "kinesis:GetRecords", source)
    }

    fn writes(&self, function: &Function, arn: &str) -> bool {
        ["kinesis:PutRecord", "kinesis:PutRecords", "sqs:SendMessage"]
            .iter()
            .any(|action| self.may(function, action, arn))
    }

    /// Takes a function with its log, what it reads, and what its role names.
    fn take(&mut self, function: &Function, down: bool, wiring: &mut Wiring) {
        let Function { name, log_group, .. } = function;
        wiring.take("lambda_function", name, format!("the function {name}"));
        wiring.take("logs_group", log_group, format!("the log group {log_group}"));
        let functions = self.functions;
        for source in functions.sources.iter().filter(|source| source.function == *name) {
            let key = format!("{name}|{}", source.source);
            wiring.take("lambda_event_source_mapping", &key, format!("the event source mapping {}", source.id));
            self.take_named(&source.source, wiring);
            if let Some(told) = &source.failures {
                self.take_named(told, wiring);
            }
            if !down {
                self.up.insert(source.source.clone());
            }
        }
        let statements = self.role(function).map(|role| role.statements.clone()).unwrap_or_default();
        for statement in statements.iter().filter(|statement| statement["Effect"] == "Allow") {
            for arn in items(&statement["Resource"]).map(text) {
                self.take_named(arn, wiring);
                if down && sends(statement) {
                    self.down.insert(arn.to_owned());
                }
            }
        }
    }

    /// Takes what an ARN names, where a function can use such a thing.
    fn take_named(&self, arn: &str, wiring: &mut Wiring) {
        let Some((usable, key)) = named(self.scope, arn).filter(|(_, key)| !key.contains(['*', '?'])) else { return };
        wiring.take(usable.kind(), key, format!("the {} {key}", usable.word()));
    }

    /// Asks who calls functions; of APIs and usage plans only where one of them is called by an API.
    async fn callers(&self, functions: &[&str], wiring: &mut Wiring) -> Result<Callers, CallError> {
        let answers = join_all(functions.iter().map(|function| self.aws.callers(function))).await;
        let mut of = Vec::new();
        for (function, answer) in functions.iter().zip(answers) {
            let answer = wiring.allowed(&format!("who may call the function {function}"), answer)?;
            of.push(((*function).to_owned(), answer));
        }
        let by_api = of.iter().flat_map(|(_, callers)| callers).any(|caller| self.api_id(caller).is_some());
        if !by_api {
            return Ok(Callers { of, apis: Vec::new(), plans: Vec::new() });
        }
        let (apis, plans) = join(self.aws.rest_apis(), self.aws.usage_plans()).await;
        let apis = wiring.allowed("the APIs that call its functions", apis)?;
        Ok(Callers { of, apis, plans: wiring.allowed("the usage plans of its APIs", plans)? })
    }

    /// The id of the API that calls a function.
    fn api_id<'c>(&self, caller: &'c Caller) -> Option<&'c str> {
        self.scope.resource_of("execute-api", caller.source.as_deref()?)?.split('/').next()
    }

    /// Takes the rules and the APIs that call functions, each with its permission. Returns the functions that answer for the APIs.
    async fn take_callers(&self, callers: &Callers, wiring: &mut Wiring) -> Result<BTreeSet<String>, CallError> {
        let mut ids = BTreeSet::new();
        for (function, caller) in callers.of.iter().flat_map(|(name, all)| all.iter().map(move |one| (name, one))) {
            let key = format!("{function}|{}", caller.statement);
            wiring.take(
                "lambda_permission",
                &key,
                format!("the statement {} of {function}'s policy", caller.statement),
            );
            ids.extend(self.api_id(caller));
            let rule = caller.source.as_deref().and_then(|arn| self.scope.resource_of("events", arn));
            if let Some(rule) = rule.and_then(|rule| rule.strip_prefix("rule/")) {
                if rule.contains('/') {
                    wiring.leave(
                        format!("the rule {rule}"),
                        "it is of an event bus of its own, and pipectl has rules of the default one",
                    );
                } else {
                    wiring.take("events_rule", rule, format!("the rule {rule}"));
                }
            }
        }
        let called = |api: &&Named| ids.contains(api.id.as_str()) && !wiring.has("apigateway_rest_api", &api.name);
        let apis: Vec<&Named> = callers.apis.iter().filter(called).collect();
        let seen = join_all(apis.iter().map(|api| self.aws.rest_api(&api.id))).await;
        let mut answering = BTreeSet::new();
        for (api, seen) in apis.into_iter().zip(seen) {
            let seen = wiring.allowed(&format!("the stages and methods of the API {}", api.name), seen)?;
            take_api(api, &seen, &callers.plans, wiring);
            answering.extend(seen.functions.iter().filter_map(|arn| function_of(self.scope, arn)).map(str::to_owned));
        }
        Ok(answering)
    }

    /// Takes the queues to which the dead letters of queues go that are taken.
    async fn take_dead_letters(&self, wiring: &mut Wiring) -> Result<(), CallError> {
        let mut asked = BTreeSet::new();
        loop {
            let queues: Vec<String> =
                wiring.keys("sqs_queue").into_iter().filter(|queue| asked.insert(queue.clone())).collect();
            if queues.is_empty() {
                return Ok(());
            }
            let answers = join_all(queues.iter().map(|queue| self.aws.dead_letters(queue))).await;
            for (queue, answer) in queues.iter().zip(answers) {
                if let Some(arn) = wiring.allowed(&format!("the dead letters of the queue {queue}"), answer)? {
                    self.take_named(&arn, wiring);
                }
            }
        }
    }

    /// Takes the roles of the functions, unless others work as one too: pipectl would write its policies for one.
    fn take_roles(&self, wiring: &mut Wiring) {
        let mut workers: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for function in &self.functions.all {
            workers.entry(role_name(function)).or_default().push(&function.name);
        }
        for (role, functions) in workers {
            let (taken, others): (Vec<&str>, Vec<&str>) =
                functions.into_iter().partition(|name| wiring.has("lambda_function", name));
            match others.first() {
                _ if taken.is_empty() => {}
                None => wiring.take("iam_role", role, format!("the role {role}")),
                Some(other) => {
                    let reason = format!("the function {other} works as it too, and is not taken");
                    wiring.leave(format!("the role {role}"), reason);
                }
            }
        }
    }

    /// Names the functions that read a stream which is only led up to.
    fn leave_others(&self, wiring: &mut Wiring) {
        for arn in self.up.difference(&self.down) {
            let Some((Usable::Stream, stream)) = named(self.scope, arn) else { continue };
            for function in self.functions.all.iter().filter(|function| self.reads(function, arn)) {
                if !wiring.has("lambda_function", &function.name) {
                    let reason = format!(
                        "it reads the stream {stream} too, off the way of what is named; `--stream {stream}` takes it along"
                    );
                    wiring.leave(format!("the function {}", function.name), reason);
                }
            }
        }
    }
}

/// Whether a statement lets records or messages be put somewhere.
fn sends(statement: &Value) -> bool {
    let puts = |pattern: &str| {
        ["kinesis:PutRecord", "kinesis:PutRecords", "sqs:SendMessage"].iter().any(|action| stands_for(pattern, action))
    };
    items(&statement["Action"]).map(text).any(puts)
}

/// Takes an API with its stages, their logs, and the usage plans and keys that open them.
fn take_api(api: &Named, seen: &RestApi, plans: &[UsagePlan], wiring: &mut Wiring) {
    let Named { id, name } = api;
    wiring.take("apigateway_rest_api", name, format!("the API {name}"));
    for stage in &seen.stages {
        wiring.take("apigateway_stage", &format!("{name}|{stage}"), format!("the stage {stage} of {name}"));
    }
    for role in seen.roles.iter().filter_map(|arn| arn.rsplit('/').next()) {
        wiring.take("iam_role", role, format!("the role {role}"));
    }
    for group in &seen.log_groups {
        wiring.take("logs_group", group, format!("the log group {group}"));
    }
    for UsagePlan { plan, keys, .. } in plans.iter().filter(|plan| plan.apis.contains(id)) {
        wiring.take("apigateway_usage_plan", &plan.name, format!("the usage plan {}", plan.name));
        for key in keys {
            wiring.take("apigateway_api_key", &key.name, format!("the API key {}", key.name));
        }
    }
}
