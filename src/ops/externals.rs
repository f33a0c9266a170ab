//! Finds what a spec uses that is somebody else's: reads the parameters and states that name it, and looks whether it is
//! there, and whether it is what the wiring needs.
//!
//! Before a graph can be built: beside the question who is asking, parameters and states are read, and everything is looked at
//! whose account the spec says. The rest, if there is any, takes a round trip of its own.

pub mod producers;
mod said;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use serde_json::Value;

use self::producers::{Producers, is_mutual};
use self::said::Said;
use super::Result;
use crate::blueprint::subject;
use crate::catalog::external::{Answer, Externals as Lookups, Question, TerraformState};
use crate::engine::plan::{Action, Changes, Refusal};
use crate::model::address::Address;
use crate::model::error::CallError;
use crate::model::graph::External as InGraph;
use crate::model::scope::Scope;
use crate::spec::blocks::Kind;
use crate::spec::external::{External, Externals, Found, FoundBy, Lookup, fault, misnamed};
use crate::spec::{Ref, Spec};

/// What is wrong with a block that is somebody else's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands in the spec: `stream.orders.external`.
    pub path: String,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// What was read before it was known who is asking.
#[derive(Debug, Default)]
pub struct Read {
    /// The environment itself, `project/env`.
    own: String,
    parameters: BTreeMap<String, Option<String>>,
    states: BTreeMap<TerraformState, Option<Value>>,
    /// The states of other environments of pipectl's.
    producers: Producers,
    /// What AWS said of blocks that the spec names whole, by address.
    answers: BTreeMap<String, std::result::Result<Option<Answer>, CallError>>,
}

impl Read {
    /// The same, with the states of other environments.
    #[must_use]
    pub(crate) fn with(self, producers: Producers) -> Self {
        Self { producers, ..self }
    }
}

/// What external blocks were found to be.
#[derive(Debug, Default)]
pub struct Looked {
    /// Each, by its address.
    pub found: BTreeMap<String, Found>,
    /// Why some cannot be used.
    pub problems: Vec<Problem>,
    /// What could not be looked at, in another account.
    pub doubts: Vec<Problem>,
}

/// Reads what names the external blocks of a spec that are not named by themselves, and looks at those that are: one round
/// trip, none where nothing is external.
///
/// # Errors
/// When a call fails.
pub(crate) async fn read(spec: &Spec, lookups: &dyn Lookups) -> Result<Read> {
    let early = early(spec);
    let looked = join_all(early.iter().map(|(_, question)| lookups.look(question)));
    let (read, looked) = tokio::join!(read_names(spec, lookups), looked);
    let answers = early.into_iter().map(|(address, _)| address).zip(looked).collect();
    Ok(Read { answers, ..read? })
}

/// Reads what names the external blocks of a spec that are not named by themselves: one round trip, none where there is none.
///
/// # Errors
/// When a call fails.
pub(crate) async fn read_names(spec: &Spec, lookups: &dyn Lookups) -> Result<Read> {
    let (mut parameters, mut states) = (BTreeSet::new(), BTreeSet::new());
    for (_, _, external) in spec.blocks.externals() {
        let FoundBy::Other(Lookup { ssm, tfstate, .. }) = &external.external else { continue };
        parameters.extend(ssm.clone());
        states.extend(tfstate.as_deref().and_then(terraform_state));
    }
    let parameters: Vec<String> = parameters.into_iter().collect();
    let values = async { if parameters.is_empty() { Ok(Vec::new()) } else { lookups.parameters(&parameters).await } };
    let read = join_all(states.iter().map(|at| lookups.terraform_state(at)));
    let (values, read) = tokio::join!(values, read);
    let parameters = parameters.iter().cloned().zip(values?).collect();
    let states = states.into_iter().zip(read).map(|(at, text)| {
        // A state holds secrets: nothing of it is quoted, and nothing kept but outputs that are asked for.
        let state = text?.map(|text| serde_json::from_slice(&text).unwrap_or(Value::Null));
        Ok((at, state))
    });
    let states = states.collect::<std::result::Result<_, CallError>>()?;
    let own = format!("{}/{}", spec.project.name, spec.env.name);
    Ok(Read { own, parameters, states, producers: Producers::new(), answers: BTreeMap::new() })
}

/// What can be asked while nobody knows yet whose account this is, unless the spec says so.
fn early(spec: &Spec) -> Vec<(String, Question)> {
    let said = spec.env.account_id.clone();
    let scope = Scope::new(said.clone().unwrap_or_default(), &spec.env.region);
    let asked = spec.blocks.externals().filter_map(|(kind, name, external)| {
        if said.is_none() && external.account().is_none() || external.is_named_elsewhere() {
            return None;
        }
        let (question, _) = question(kind, name, external, &Read::default(), &scope).ok()??;
        Some((address(kind, name), question))
    });
    asked.collect()
}

fn address(kind: Kind, name: &str) -> String {
    format!("{}.{name}", kind.name())
}

/// Looks at every external block of a spec that has not been looked at: one round trip, two where one is a queue.
///
/// # Errors
/// When a call fails that says nothing of a block.
pub(crate) async fn look(spec: &Spec, mut read: Read, scope: &Scope, lookups: &dyn Lookups) -> Result<Looked> {
    let mut looked = Looked::default();
    let mut asked = Vec::new();
    for (kind, name, external) in spec.blocks.externals() {
        match question(kind, name, external, &read, scope) {
            Ok(Some((question, found))) => asked.push((kind, name, external, question, found)),
            Ok(None) => {}
            Err((message, help)) => looked.problems.push(problem(kind, name, message, help)),
        }
    }
    let mut early = std::mem::take(&mut read.answers);
    let answers = join_all(asked.iter().map(|(kind, name, _, question, _)| {
        let known = early.remove(&address(*kind, name));
        async move {
            match known {
                Some(answer) => answer,
                None => lookups.look(question).await,
            }
        }
    }));
    let answers = answers.await;
    let vpcs = asked.iter().zip(&answers).filter_map(|((kind, name, ..), answer)| {
        Some((address(*kind, name), answer.as_ref().ok()?.as_ref()?.vpc.clone()?))
    });
    looked.problems.extend(torn(spec, &vpcs.collect()));
    for ((kind, name, external, question, found), answer) in asked.into_iter().zip(answers) {
        let said = Said { kind, name, external, question, found, scope };
        said.note(answer, spec, &mut looked)?;
    }
    let own = &read.own;
    for (kind, name, external) in spec.blocks.externals() {
        let output = external.external.output().filter(|_| external.is_kept());
        let Some(output) = output.filter(|output| is_mutual(own, output, &read.producers)) else { continue };
        let message =
            format!("{} refers to {own} in turn: a cycle, in which neither could be destroyed", output.producer);
        let help = "write `weak = true` beside one of the two outputs, or publish it as a parameter".to_owned();
        looked.problems.push(problem(kind, name, message, help));
    }
    Ok(looked)
}

/// Functions whose subnets and security groups are not of one VPC, as Lambda asks; `vpcs` has those of the blocks, by address.
fn torn(spec: &Spec, vpcs: &BTreeMap<String, String>) -> Vec<Problem> {
    let functions = spec.blocks.function.own().iter();
    let found = functions.filter_map(|(name, function)| {
        let vpc = function.vpc.as_ref()?;
        let blocks = vpc.subnets.iter().map(Ref::address).chain(vpc.security_groups.iter().map(Ref::address));
        let all: BTreeSet<(&String, String)> =
            blocks.filter_map(|block| Some((vpcs.get(&block.to_string())?, block.to_string()))).collect();
        let (first, last) = (all.first()?, all.last()?);
        (first.0 != last.0).then(|| Problem {
            path: format!("function.{name}.vpc"),
            message: format!("`{}` is in {}, and `{}` in {}", first.1, first.0, last.1, last.0),
            help: "a function is in one VPC: name subnets and security groups of the same".to_owned(),
        })
    });
    found.collect()
}

/// What external blocks are by name alone, without a look at any: for policies, which are printed before anybody may look.
///
/// # Errors
/// When a name cannot be read, with its place and what to do.
pub(crate) fn named_alone(
    spec: &Spec,
    read: &Read,
    scope: &Scope,
) -> std::result::Result<BTreeMap<String, Found>, Problem> {
    let elsewhere = spec.blocks.externals().filter(|(_, _, external)| external.is_named_elsewhere());
    let found = elsewhere.filter_map(|(kind, name, external)| match question(kind, name, external, read, scope) {
        Ok(asked) => asked.map(|(_, found)| Ok((address(kind, name), found))),
        Err((message, help)) => Some(Err(problem(kind, name, message, help))),
    });
    found.collect()
}

/// Refuses to delete what the spec says is somebody else's: it is ours in the state, and has to be handed over first.
pub(super) fn still_ours(changes: &Changes, externals: &BTreeMap<Address, InGraph>, scope: &Scope) -> Vec<Refusal> {
    let lost = changes.0.iter().filter(|change| matches!(change.action, Action::Delete | Action::Replace));
    let refused = lost.filter_map(|change| {
        let is_it = |it: &InGraph| it.kind == change.kind && it.name == change.key && it.account == scope.account;
        let (address, _) = externals.iter().find(|(_, external)| is_it(external))?;
        let message = format!(
            "is `{address}`, which the spec calls external: `pipectl forget {}` hands it over, and leaves it as it is",
            change.address
        );
        Some(Refusal { address: change.address.clone(), message })
    });
    refused.collect()
}

fn problem(kind: Kind, name: &str, message: String, help: String) -> Problem {
    Problem { path: format!("{}.{name}.external", kind.name()), message, help }
}

/// The object that `s3://bucket/key` names.
fn terraform_state(url: &str) -> Option<TerraformState> {
    let (bucket, key) = url.strip_prefix("s3://")?.split_once('/')?;
    Some(TerraformState { bucket: bucket.to_owned(), key: key.to_owned() })
}

/// What to ask of a block, and what is known of it without a look; absent for a kind that stands for no resource.
fn question(
    kind: Kind,
    name: &str,
    external: &External,
    read: &Read,
    scope: &Scope,
) -> std::result::Result<Option<(Question, Found)>, (String, String)> {
    let Some(of) = subject(kind) else { return Ok(None) };
    let found = match external.external.output() {
        Some(output) => Some(producers::named(kind, &output, (&read.producers, &read.own))?),
        None => named(external, read, scope)?.map(|arn| Found { arn, kms_key: None, state: None, registered: false }),
    };
    let known = External { found, ..external.clone() };
    if let Some(found) = &known.found {
        let wrong = match kind.externals() {
            externals @ Externals::ByArn(_) if found.arn.starts_with("arn:") => {
                fault(&found.arn, externals, &scope.region)
            }
            externals => misnamed(&found.arn, externals),
        };
        if let Some((message, _)) = wrong {
            let help = format!("{} has to hold its ARN, or its name", external.external);
            return Err((format!("{}: {message}", external.external), help));
        }
    }
    let aws_name = known.name(kind.externals(), name);
    let arn = match kind.externals() {
        Externals::ByArn(form) => known.arn(&form, name, scope),
        Externals::ByName(_) | Externals::Never(_) => aws_name.clone(),
    };
    let account = known.account().unwrap_or(&scope.account).to_owned();
    let own = account == scope.account;
    if let (false, Some(why)) = (own || scope.account.is_empty(), stays_inside(kind)) {
        return Err((format!("`{arn}` is in another account, {why}"), "name one of this account".to_owned()));
    }
    let (state, registered) = known.found.map_or((None, false), |found| (found.state, found.registered));
    let found = Found { arn: arn.clone(), kms_key: None, state, registered };
    Ok(Some((Question { of, name: aws_name, arn, account, own }, found)))
}

/// Why a block of a kind is of no use from another account; absent where it can be used.
fn stays_inside(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Firehose | Kind::Alarm | Kind::Schedule | Kind::Api => Some("where CloudWatch has its metrics"),
        Kind::Catalog => Some("and tables are made in the catalog of an account's own"),
        Kind::Registry => Some("and its schemas are asked for by names, which are those of an account's own"),
        Kind::Role => Some("and a service takes on roles of its own account alone"),
        Kind::Stream
        | Kind::Bucket
        | Kind::Snowpipe
        | Kind::Function
        | Kind::Table
        | Kind::Dataset
        | Kind::Job
        | Kind::Crawler
        | Kind::Workflow
        | Kind::Athena
        | Kind::Queue
        | Kind::Secret
        | Kind::Topic
        | Kind::Dashboard
        | Kind::Key
        | Kind::Subnet
        | Kind::SecurityGroup
        | Kind::Publish => None,
    }
}

/// The ARN or name that a parameter or a state of Terraform's holds; absent where the spec itself says it.
fn named(external: &External, read: &Read, scope: &Scope) -> std::result::Result<Option<String>, (String, String)> {
    let FoundBy::Other(by) = &external.external else { return Ok(None) };
    let value = if let Some(name) = &by.ssm {
        let Some(value) = read.parameters.get(name).and_then(Option::as_ref) else {
            let message = format!("there is no SSM parameter `{name}` in {}", scope.region);
            return Err((message, "ask its owner for the name, or name the thing itself".to_owned()));
        };
        value.clone()
    } else if let (Some(url), Some(output)) = (&by.tfstate, &by.output) {
        let state = terraform_state(url).and_then(|at| read.states.get(&at)?.as_ref());
        let Some(state) = state else {
            return Err((format!("there is no `{url}`"), "look at bucket and key of Terraform's backend".to_owned()));
        };
        output_of(state, output).map_err(|(message, help)| (format!("`{url}` {message}"), help))?
    } else {
        return Ok(None);
    };
    let value = value.trim();
    if value.is_empty() {
        let help = "it has to hold the ARN, or the name".to_owned();
        return Err((format!("{} is empty", external.external), help));
    }
    Ok(Some(value.to_owned()))
}

/// An output of a state of Terraform's, of format 4.
fn output_of(state: &Value, output: &str) -> std::result::Result<String, (String, String)> {
    let Some(outputs) = state["outputs"].as_object() else {
        let help = "name the object in which Terraform's S3 backend keeps a state".to_owned();
        return Err(("is not a state of Terraform's".to_owned(), help));
    };
    let Some(found) = outputs.get(output) else {
        let names: Vec<&str> = outputs.keys().map(String::as_str).collect();
        let help = format!("its outputs are {}", if names.is_empty() { "none".to_owned() } else { names.join(", ") });
        return Err((format!("has no output `{output}`"), help));
    };
    if found["sensitive"] == true {
        let help = "what is named in a plan is no secret: ask its owner for an output that is not sensitive".to_owned();
        return Err((format!("keeps `{output}` as sensitive"), help));
    }
    let text = found["value"].as_str().map(str::to_owned);
    text.ok_or_else(|| (format!("holds no text as `{output}`"), "name an output that is an ARN or a name".to_owned()))
}
