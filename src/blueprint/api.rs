//! An API becomes a REST API, its stage, and for each function a permission to call it; a role, where events are put without
//! one; a log group; and its key with a usage plan.

mod authorizer;
mod puts;
pub(crate) mod service;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::page::Page;
use super::{Build, BuildContext};
use crate::catalog::Type;
use crate::catalog::apigateway_rest_api::{self, Authorizer as Told, Method};
use crate::catalog::apigateway_stage::{self, AccessLog};
use crate::catalog::{apigateway_api_key, apigateway_usage_plan, lambda_permission};
use crate::model::address::Address;
use crate::model::graph::What;
use crate::spec::Block as _;
use crate::spec::Ref;
use crate::spec::blocks::api::{Answered, Api, Authorizer, Cors, Key, Period, Quota, Route};
use crate::spec::blocks::function::Function;

/// What hands a request on to a function, what makes a call of AWS of it, and what answers by itself.
const PROXY: &str = "AWS_PROXY";
const SERVICE: &str = "AWS";
const MOCK: &str = "MOCK";
/// Who calls the functions.
const PRINCIPAL: &str = "apigateway.amazonaws.com";
/// In what a caller sends the key.
const KEY_HEADER: &str = "X-Api-Key";
/// What the log says of a request: nothing of what it holds.
const LOG_FORMAT: &str = concat!(
    r#"{"requestId":"$context.requestId","time":"$context.requestTime","ip":"$context.identity.sourceIp","#,
    r#""method":"$context.httpMethod","path":"$context.resourcePath","status":"$context.status","#,
    r#""responseLength":"$context.responseLength","latency":"$context.responseLatency","#,
    r#""integrationLatency":"$context.integrationLatency","error":"$context.error.message"}"#
);

impl Build for Api {
    const TYPE: Option<Type> = Some(Type::RestApi);

    fn build(&self, site: &mut BuildContext<'_>) {
        let (name, stage) = (self.aws_name(site.name, site.spec), self.stage_name(site.spec));
        let methods = self.methods(site);
        let authorizers = self.authorizers(site);
        let digest = digest(&methods, &authorizers);
        let functions = self.routes.values().filter_map(Answered::function);
        let functions: BTreeMap<String, Ref<Function>> = functions.map(|to| (to.name().to_owned(), to)).collect();
        let api = apigateway_rest_api::Spec {
            name: name.clone(),
            description: self.description.clone(),
            endpoint_type: apigateway_rest_api::regional(),
            methods,
            authorizers,
            tags: site.tags(&self.tags),
        };
        let called: Vec<Address> = functions.values().map(Ref::address).collect();
        let put_on = self.add_puts(site);
        let told = self.authorizer.as_ref().and_then(|it| it.function.as_ref()).map(Ref::address);
        site.add(api, called.into_iter().chain(put_on).chain(told));
        let mut needs = vec![site.address.clone()];
        for function in functions.into_values() {
            needs.extend(add_permission(site, &function, &name, &stage));
        }
        needs.extend(self.add_authorizer(site, &name));
        needs.extend(self.access_log.then(|| self.add_log(site)));
        let served = format!("{name}|{stage}");
        let stage = site.add_part("stage", self.stage(site, &name, &stage, &digest), needs);
        if let Some(key) = &self.key {
            self.add_key(site, key, &name, &served, &stage);
        }
        site.output("name", name);
        site.output_of("url", &stage, "url");
    }

    fn key(&self) -> Option<&str> {
        None
    }

    fn draw(_own: Option<&Self>, _name: &str, page: &mut Page<'_>) {
        page.graph("Requests", &[("Count", "Sum")]);
        page.graph("Errors (share)", &[("5XXError", "Average"), ("4XXError", "Average")]);
        page.graph("Latency (ms)", &[("Latency", "p99"), ("IntegrationLatency", "p99")]);
    }
}

impl Api {
    /// Every method by its route, and what a browser asks beforehand on every path.
    fn methods(&self, site: &BuildContext<'_>) -> BTreeMap<String, Method> {
        let mut methods = BTreeMap::new();
        let mut verbs: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (key, answered) in &self.routes {
            let (integration, function_arn, service) = match answered.put() {
                Some(put) => (SERVICE, None, self.service(&put, site)),
                None => (PROXY, Some(site.resolve(answered.to()).arn), None),
            };
            let method = Method {
                api_key: self.key.as_ref().is_some_and(|asked| asked.guards(key)),
                function_arn,
                service,
                timeout_ms: self.timeout_ms,
                ..Method::new(integration)
            };
            methods.insert(key.clone(), self.guarded(key, method));
            // A spec whose routes have another form is not built.
            if let Some(route) = Route::of(key) {
                verbs.entry(route.path).or_default().insert(route.method);
            }
        }
        for (cors, (path, verbs)) in self.cors.iter().flat_map(|cors| verbs.iter().map(move |path| (cors, path))) {
            methods.insert(format!("OPTIONS {path}"), self.preflight(cors, verbs));
        }
        methods
    }

    fn stage(&self, site: &BuildContext<'_>, api: &str, name: &str, digest: &str) -> apigateway_stage::Spec {
        let log_group = site.scope.arn("logs", &format!("log-group:{}", self.log_group(site.name, site.spec)));
        let access_log = AccessLog { log_group_arn: log_group, format: LOG_FORMAT.to_owned() };
        apigateway_stage::Spec {
            api: api.to_owned(),
            name: name.to_owned(),
            deployment: digest.to_owned(),
            rate: Some(self.throttle.rate),
            burst: Some(self.throttle.burst),
            detailed_metrics: self.detailed_metrics,
            tracing: self.tracing,
            access_log: self.access_log.then_some(access_log),
            tags: site.part_tags("stage", &self.tags),
        }
    }

    /// The key, and the plan by which it opens the stage.
    fn add_key(&self, site: &mut BuildContext<'_>, key: &Key, name: &str, served: &str, stage: &Address) {
        let opens = apigateway_api_key::Spec {
            name: name.to_owned(),
            description: format!("Opens {} of {}", site.address, site.spec.env.name),
            enabled: true,
            tags: site.part_tags("key", &self.tags),
        };
        let made = site.add_part("key", opens, []);
        let period = |quota: &Quota| match quota.per {
            Period::Day => "DAY",
            Period::Week => "WEEK",
            Period::Month => "MONTH",
        };
        let quota = key.quota.as_ref();
        let plan = apigateway_usage_plan::Spec {
            name: name.to_owned(),
            description: format!("What may be asked of {} of {}", site.address, site.spec.env.name),
            stages: BTreeSet::from([served.to_owned()]),
            keys: BTreeSet::from([name.to_owned()]),
            throttle: key
                .throttle
                .as_ref()
                .map(|it| apigateway_usage_plan::Throttle { rate: it.rate, burst: it.burst }),
            quota: quota.map(|it| apigateway_usage_plan::Quota {
                limit: it.limit,
                period: period(it).to_owned(),
                offset: it.offset,
            }),
            tags: site.part_tags("usage-plan", &self.tags),
        };
        site.add_part("usage-plan", plan, [stage.clone(), made.clone()]);
        site.output_of("key_id", &made, "id");
    }

    /// What a browser is told that asks whether a page may call these methods of a path.
    fn preflight(&self, cors: &Cors, verbs: &BTreeSet<&str>) -> Method {
        let listed = |items: &[&str]| items.join(",");
        let methods: Vec<&str> = if verbs.contains("ANY") {
            vec!["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
        } else {
            verbs.iter().copied().chain(["OPTIONS"]).collect()
        };
        let headers = cors.headers.iter().map(String::as_str).chain(self.key.as_ref().map(|_| KEY_HEADER));
        let mut headers: Vec<&str> = headers.collect();
        for header in self.authorizer.iter().flat_map(Authorizer::headers) {
            if !headers.contains(&header) {
                headers.push(header);
            }
        }
        let told = [
            ("Access-Control-Allow-Origin", cors.origin.clone()),
            ("Access-Control-Allow-Methods", listed(&methods)),
            ("Access-Control-Allow-Headers", listed(&headers)),
            ("Access-Control-Max-Age", cors.max_age_seconds.to_string()),
        ];
        Method { headers: told.map(|(name, value)| (name.to_owned(), value)).into(), ..Method::new(MOCK) }
    }

    fn add_log(&self, site: &mut BuildContext<'_>) -> Address {
        let name = self.log_group(site.name, site.spec);
        site.add_log_group("access-log", name, self.log_retention_days, &self.tags)
    }
}

/// Lets the API call a function, by any route of its stage; who may call another owner's is that owner's to say.
fn add_permission(site: &mut BuildContext<'_>, function: &Ref<Function>, api: &str, stage: &str) -> Option<Address> {
    let needs = [site.address.clone(), function.address()];
    site.flow(site.address.clone(), What::Data, function.address());
    if site.is_external(&function.address()) {
        return None;
    }
    let permission = lambda_permission::Spec {
        function: site.resolve(function).name,
        statement_id: api.to_owned(),
        principal: PRINCIPAL.to_owned(),
        source_arn: None,
        source_account: None,
        api: Some(lambda_permission::Api { name: api.to_owned(), calls: format!("{stage}/*") }),
    };
    Some(site.add_part(&format!("permission-{}", function.name()), permission, needs))
}

/// What tells whether the methods have changed: the first 12 digits of the SHA-256 of all of them.
fn digest(methods: &BTreeMap<String, Method>, authorizers: &BTreeMap<String, Told>) -> String {
    let methods = methods.iter().map(|(key, method)| (key.as_str(), digested(method)));
    let authorizers = (!authorizers.is_empty()).then(|| ("authorizers", json!(authorizers)));
    let all: BTreeMap<&str, Value> = methods.chain(authorizers).collect();
    hex::encode(&Sha256::digest(json!(all).to_string())[..6])
}

/// A method as digests have it: what is not said of it is left out, so that a new attribute deploys nothing anew.
fn digested(method: &Method) -> Value {
    let mut said = json!({ "integration": method.integration });
    if let Some(function) = &method.function_arn {
        said["function_arn"] = json!(function);
        said["timeout_ms"] = json!(method.timeout_ms);
    }
    if let Some(service) = &method.service {
        said["service"] = json!(service);
        said["timeout_ms"] = json!(method.timeout_ms);
    }
    if method.authorization != apigateway_rest_api::nobody() {
        said["authorization"] = json!([method.authorization, method.authorizer, method.scopes]);
    }
    if method.api_key {
        said["api_key"] = true.into();
    }
    if !method.headers.is_empty() {
        said["headers"] = json!(method.headers);
    }
    said
}
