//! Members of a stack that CloudFormation calls by ids that AWS makes up, where pipectl finds them by names.

use futures_util::future::{join_all, join4};

use super::Member;
use crate::import::wiring::Wiring;
use crate::model::discovery::{Caller, Discovery, EventSource, Named, RestApi, UsagePlan};
use crate::model::error::CallError;

const API: &str = "AWS::ApiGateway::RestApi";
const STAGE: &str = "AWS::ApiGateway::Stage";
const KEY: &str = "AWS::ApiGateway::ApiKey";
const PLAN: &str = "AWS::ApiGateway::UsagePlan";
const PLAN_KEY: &str = "AWS::ApiGateway::UsagePlanKey";
const MAPPING: &str = "AWS::Lambda::EventSourceMapping";
const PERMISSION: &str = "AWS::Lambda::Permission";

/// What tells names of ids; of each only what a member of the stack asks for.
#[derive(Default)]
pub(super) struct MadeUp {
    /// The APIs of the stack.
    apis: Vec<(Named, RestApi)>,
    keys: Vec<Named>,
    plans: Vec<UsagePlan>,
    sources: Vec<EventSource>,
    /// The statements of the policies of the stack's functions.
    callers: Vec<(String, Caller)>,
}

impl MadeUp {
    /// Asks for the names.
    ///
    /// # Errors
    /// Every failure but a denial.
    pub(super) async fn of(aws: &dyn Discovery, members: &[Member], wiring: &mut Wiring) -> Result<Self, CallError> {
        let has = |types: &[&str]| members.iter().any(|member| types.iter().any(|one| member.is(one)));
        let (apis, keys, plans, sources) = join4(
            async { if has(&[API, STAGE]) { aws.rest_apis().await } else { Ok(Vec::new()) } },
            async { if has(&[KEY]) { aws.api_keys().await } else { Ok(Vec::new()) } },
            async { if has(&[PLAN, PLAN_KEY]) { aws.usage_plans().await } else { Ok(Vec::new()) } },
            async { if has(&[MAPPING]) { aws.event_sources().await } else { Ok(Vec::new()) } },
        )
        .await;
        let mut apis = wiring.allowed("the names of APIs", apis)?;
        apis.retain(|api| members.iter().any(|member| member.is(API) && member.id() == api.id));
        let functions = if has(&[PERMISSION]) { wiring.keys("lambda_function") } else { Vec::new() };
        let callers = join_all(functions.iter().map(|function| aws.callers(function))).await;
        let seen = join_all(apis.iter().map(|api| aws.rest_api(&api.id))).await;
        let mut made_up = Self {
            keys: wiring.allowed("the names of API keys", keys)?,
            plans: wiring.allowed("the names of usage plans", plans)?,
            sources: wiring.allowed("what functions read", sources)?,
            ..Self::default()
        };
        for (api, seen) in apis.into_iter().zip(seen) {
            let seen = wiring.allowed(&format!("the stages of the API {}", api.name), seen)?;
            made_up.apis.push((api, seen));
        }
        for (function, callers) in functions.into_iter().zip(callers) {
            let callers = wiring.allowed(&format!("who may call the function {function}"), callers)?;
            made_up.callers.extend(callers.into_iter().map(|caller| (function.clone(), caller)));
        }
        Ok(made_up)
    }

    /// The kind and the keys of a member, or why it has none; absent where its id is nothing that AWS makes up.
    ///
    /// Stages of several APIs may have one name, and CloudFormation does not say of which API one is: then it is each of them.
    pub(super) fn find(&self, member: &Member) -> Option<Result<(&'static str, Vec<String>), String>> {
        let id = member.id();
        let named = |all: &[Named]| all.iter().filter(|one| one.id == id).map(|one| one.name.clone()).collect();
        let (kind, keys, missing): (_, Vec<String>, _) = match member.resource.aws_type.as_str() {
            API => {
                let apis = self.apis.iter().filter(|(api, _)| api.id == id);
                ("apigateway_rest_api", apis.map(|(api, _)| api.name.clone()).collect(), "there is no API of this id")
            }
            STAGE => {
                let with = self.apis.iter().filter(|(_, seen)| seen.stages.contains(id));
                let keys = with.map(|(api, _)| format!("{}|{id}", api.name)).collect();
                ("apigateway_stage", keys, "no API of the stack has a stage of this name")
            }
            KEY => ("apigateway_api_key", named(&self.keys), "there is no API key of this id"),
            PLAN | PLAN_KEY => {
                // A key of a plan is called `<id of the key>:<id of the plan>`.
                let plan = id.rsplit(':').next().unwrap_or(id);
                let plans = self.plans.iter().filter(|one| one.plan.id == plan);
                let keys = plans.map(|one| one.plan.name.clone()).collect();
                ("apigateway_usage_plan", keys, "there is no usage plan of this id")
            }
            MAPPING => {
                let sources = self.sources.iter().filter(|one| one.id == id);
                let keys = sources.map(|one| format!("{}|{}", one.function, one.source)).collect();
                ("lambda_event_source_mapping", keys, "there is no event source mapping of this id that has an ARN")
            }
            PERMISSION => {
                let callers = self.callers.iter().filter(|(_, caller)| caller.statement == id);
                let keys = callers.map(|(function, _)| format!("{function}|{id}")).collect();
                ("lambda_permission", keys, "the policy of no function of the stack has a statement of this id")
            }
            _ => return None,
        };
        Some(if keys.is_empty() { Err(missing.to_owned()) } else { Ok((kind, keys)) })
    }
}
