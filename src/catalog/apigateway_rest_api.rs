//! REST APIs of API Gateway, with their resources, methods and integrations. Nobody is served by them before a stage is.

mod authorizer;
mod service;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ResourceType, apigateway};
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Allowlist, Between, Bound, Grants, Names, Nothing, Returned, Shuts, Strictest};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

pub(crate) use authorizer::Authorizer;
pub(crate) use service::{Answer, Service, never, post};

/// A REST API, and what each of its methods does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name. AWS lets several APIs have one; pipectl does not, as CloudWatch counts them by name.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// What it is for.
    #[serde(default)]
    pub(crate) description: String,
    /// Where it is reached: `REGIONAL`, `EDGE` or `PRIVATE`.
    #[serde(default = "regional")]
    #[schemars(extend("x-replaces" = true))]
    pub(crate) endpoint_type: String,
    /// What it does, by method and path: `POST /events`.
    pub(crate) methods: BTreeMap<String, Method>,
    /// Who tells whether a caller may call a method, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) authorizers: BTreeMap<String, Authorizer>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

impl Spec {
    /// The methods that answer nobody any more, or no longer without a key.
    pub(crate) fn closed_by(&self, want: &Self) -> Vec<String> {
        let closed = |(key, method): (&String, &Method)| match want.methods.get(key) {
            None => Some(format!("Who calls `{key}` is refused once the stage serves this.")),
            Some(new) if new.api_key && !method.api_key => {
                Some(format!("Who calls `{key}` without an API key is refused once the stage serves this."))
            }
            Some(new) if new.authorization != method.authorization && new.authorization != nobody() => Some(format!(
                "Who calls `{key}` without {} authorization is refused once the stage serves this.",
                new.authorization
            )),
            Some(_) => None,
        };
        self.methods.iter().filter_map(closed).collect()
    }
}

pub(crate) fn nobody() -> String {
    "NONE".to_owned()
}

pub(crate) fn regional() -> String {
    "REGIONAL".to_owned()
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// The id under which AWS knows the API.
    pub(crate) id: String,
    /// The id of the resource `/`, under which all others are.
    pub(crate) root: String,
}

/// REST APIs.
pub(crate) struct RestApi;

/// Its id is made up by AWS: what narrows it is the region.
const APIS: On =
    On::Arns(&["arn:{partition}:apigateway:{region}::/restapis", "arn:{partition}:apigateway:{region}::/restapis/*"]);

impl ResourceType for RestApi {
    const KIND: &'static str = "apigateway_rest_api";
    const AWS_TYPE: &'static str = "AWS::ApiGateway::RestApi";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["apigateway:GET"], APIS),
        // Whether a custom domain name keeps it.
        Grant::apply(
            &["apigateway:GET"],
            On::Arns(&[
                "arn:{partition}:apigateway:{region}::/domainnames",
                "arn:{partition}:apigateway:{region}::/domainnames/*",
            ]),
        ),
        Grant::apply(&["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT"], APIS),
        Grant::apply(&["apigateway:DELETE", "apigateway:PUT"], apigateway::TAGS),
        Grant::apply(&["iam:PassRole"], On::Arns(&["{methods.*.service.credentials}", "{authorizers.*.credentials}"]))
            .only_if("iam:PassedToService", "apigateway.amazonaws.com"),
        Grant::operate(&["cloudwatch:GetMetricData"], On::All),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["apigateway:CreateRestApi", "apigateway:ImportRestApi"],
        delete: &["apigateway:DeleteRestApi"],
        // They name the API by its id; what does not name it is found by its time and its caller alone.
        update: &[
            Update::new(
                "authorizers",
                &["apigateway:CreateAuthorizer", "apigateway:DeleteAuthorizer", "apigateway:UpdateAuthorizer"],
            ),
            Update::new("description", &["apigateway:UpdateRestApi"]).saying("/description"),
            Update::new(
                "methods",
                &[
                    "apigateway:DeleteIntegration",
                    "apigateway:DeleteMethod",
                    "apigateway:DeleteResource",
                    "apigateway:PutIntegration",
                    "apigateway:PutIntegrationResponse",
                    "apigateway:PutMethod",
                    "apigateway:PutRestApi",
                    "apigateway:UpdateIntegration",
                    "apigateway:UpdateMethod",
                ],
            ),
            Update::new("tags", &["apigateway:TagResource", "apigateway:UntagResource"]),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[
            (Returned, &["methods", "authorizers"]),
            (Between("NONE", "AWS_IAM"), &["methods.*.authorization"]),
            (Allowlist, &["methods.*.scopes"]),
            (Grants, &["authorizers.*.user_pools"]),
            (Bound("form of a token"), &["authorizers.*.validation"]),
            (Bound("authorizer"), &["methods.*.authorizer"]),
            (Names, &["authorizers.*.function_arn", "authorizers.*.credentials"]),
            (Shuts, &["methods.*.api_key"]),
            (Names, &["methods.*.function_arn", "methods.*.service.uri", "methods.*.service.credentials"]),
            // Whoever may say the whole call says more than an event.
            (Strictest("NEVER"), &["methods.*.service.passthrough"]),
            (
                Nothing,
                &[
                    "name",
                    "description",
                    "endpoint_type",
                    "tags",
                    "methods.*.integration",
                    "methods.*.timeout_ms",
                    // Another type of authorizer is asked otherwise, and is told of by what it then is.
                    "authorizers.*.type",
                    "authorizers.*.identity_sources",
                    "authorizers.*.ttl_seconds",
                    "methods.*.headers",
                    // What a call can do is what its role and its URI let it.
                    "methods.*.service.http_method",
                    "methods.*.service.parameters",
                    "methods.*.service.templates",
                    "methods.*.service.answers",
                ],
            ),
        ],
    };
    const PRICE: Price = Price::Reckoned;
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::In { namespace: "AWS/ApiGateway", dimension: "ApiName" };
    const EXAMPLES: &'static str = include_str!("apigateway_rest_api.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it passes requests on")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("API Gateway does not tell how many there are without listing them")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        match (now, want) {
            (Some(now), None) => {
                vec![format!("The URL of `{}` is gone for good: another API gets another one.", now.name)]
            }
            (Some(now), Some(want)) if now.name != want.name || now.endpoint_type != want.endpoint_type => {
                vec!["Its URL changes: the id in it is made up by AWS.".to_owned()]
            }
            (Some(now), Some(want)) => now.closed_by(want),
            _ => Vec::new(),
        }
    }
}

/// A method of an API on one of its paths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Method {
    /// How callers are known: `NONE` is not at all, `AWS_IAM` by their signature, `CUSTOM` and `COGNITO_USER_POOLS` by an
    /// authorizer.
    #[serde(default = "nobody")]
    pub(crate) authorization: String,
    /// The name of the authorizer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) authorizer: Option<String>,
    /// The scopes of which a token has to have one; absent: none.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub(crate) scopes: BTreeSet<String>,
    /// Whether callers need an API key.
    #[serde(default)]
    pub(crate) api_key: bool,
    /// Who answers: `AWS_PROXY` is a Lambda function, `AWS` another service of AWS, `MOCK` API Gateway itself. Empty: nobody yet.
    pub(crate) integration: String,
    /// ARN of the function that answers.
    #[serde(default)]
    pub(crate) function_arn: Option<String>,
    /// What is asked of another service of AWS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) service: Option<Service>,
    /// How long the function or service may take, in ms; 50–29,000.
    #[serde(default = "longest")]
    pub(crate) timeout_ms: u32,
    /// The headers of the answer, status 200, that API Gateway gives by itself.
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
}

impl Method {
    /// A method that anybody may call.
    pub(crate) fn new(integration: &str) -> Self {
        Self {
            authorization: nobody(),
            authorizer: None,
            scopes: BTreeSet::new(),
            api_key: false,
            integration: integration.to_owned(),
            function_arn: None,
            service: None,
            timeout_ms: longest(),
            headers: BTreeMap::new(),
        }
    }
}

pub(crate) fn longest() -> u32 {
    29_000
}
