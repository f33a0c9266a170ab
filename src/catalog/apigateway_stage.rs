//! Stages of REST APIs: what serves, under a URL of its own. Each has the deployment that it serves, a copy of the API.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ResourceType, apigateway};
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Brake, Nothing};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

/// A stage of a REST API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the API.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) api: String,
    /// Name of the stage; 1–128 of `[A-Za-z0-9_-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Digest of the methods that it serves; another one makes a deployment, and so does anybody else's deployment.
    pub(crate) deployment: String,
    /// The most requests a second that it takes; absent: as many as the account.
    #[serde(default)]
    pub(crate) rate: Option<u32>,
    /// The most that it takes at once; absent: as many as the account.
    #[serde(default)]
    pub(crate) burst: Option<u32>,
    /// Whether CloudWatch counts by method, besides.
    #[serde(default)]
    pub(crate) detailed_metrics: bool,
    /// Whether X-Ray follows its requests.
    #[serde(default)]
    pub(crate) tracing: bool,
    /// Where it logs every request; absent: nowhere.
    #[serde(default)]
    pub(crate) access_log: Option<AccessLog>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

impl Spec {
    /// What it takes or tells no more.
    pub(crate) fn narrowed_by(&self, want: &Self) -> Vec<String> {
        let fewer = |now: Option<u32>, want: Option<u32>| want.filter(|want| now.is_none_or(|now| *want < now));
        let rate = fewer(self.rate, want.rate)
            .map(|rate| format!("More than {rate} requests a second are refused from then on."));
        let burst = fewer(self.burst, want.burst)
            .map(|burst| format!("More than {burst} requests at once are refused from then on."));
        let logs = self.access_log.is_some() && want.access_log != self.access_log;
        let logs = logs.then(|| "Its requests are no longer logged as they were.".to_owned());
        let metrics = self.detailed_metrics && !want.detailed_metrics;
        let metrics = metrics.then(|| "CloudWatch counts by method no more: alarms on that have no data.".to_owned());
        [rate, burst, logs, metrics].into_iter().flatten().collect()
    }
}

/// Where a stage logs its requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AccessLog {
    /// ARN of the log group, without `:*`.
    pub(crate) log_group_arn: String,
    /// What is logged: one line, with variables as `$context.requestId`.
    pub(crate) format: String,
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// Where it is called; the path of a method comes behind it.
    pub(crate) url: String,
    /// The id of the API.
    pub(crate) api_id: String,
    /// The id of the deployment that it serves.
    pub(crate) deployment_id: String,
}

/// Stages of REST APIs.
pub(crate) struct Stage;

/// The API's id is made up by AWS: what narrows it is the region.
const STAGES: On = On::Arns(&["arn:{partition}:apigateway:{region}::/restapis/*"]);

const UPDATED: &[&str] = &["apigateway:UpdateStage"];

impl ResourceType for Stage {
    const KIND: &'static str = "apigateway_stage";
    const AWS_TYPE: &'static str = "AWS::ApiGateway::Stage";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(
            &["apigateway:GET"],
            On::Arns(&[
                "arn:{partition}:apigateway:{region}::/restapis",
                "arn:{partition}:apigateway:{region}::/restapis/*",
            ]),
        ),
        Grant::apply(&["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST"], STAGES),
        Grant::apply(&["apigateway:DELETE", "apigateway:PUT"], apigateway::TAGS),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[1],
        create: &["apigateway:CreateStage"],
        delete: &["apigateway:DeleteRestApi", "apigateway:DeleteStage"],
        update: &[
            Update::new("deployment", &["apigateway:CreateDeployment", "apigateway:UpdateStage"]),
            Update::new("rate", UPDATED).saying("rateLimit"),
            Update::new("burst", UPDATED).saying("burstLimit"),
            Update::new("detailed_metrics", UPDATED).saying("metrics"),
            Update::new("tracing", UPDATED).saying("tracingEnabled"),
            Update::new("access_log", UPDATED).saying("accessLogSettings"),
            Update::new("tags", &["apigateway:TagResource", "apigateway:UntagResource"]),
        ],
    };
    // What it publishes is its API's; that can be called once a stage serves it.
    const ACCESS: &'static Rules = &Rules {
        returns: true,
        attributes: &[
            (Brake, &["rate", "burst"]),
            (Nothing, &["api", "name", "deployment", "detailed_metrics", "tracing", "access_log", "tags"]),
        ],
    };
    const PRICE: Price = Price::None("calls are billed with the API");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::None("calls are counted for the API");
    const EXAMPLES: &'static str = include_str!("apigateway_stage.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.api, spec.name)
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it passes requests on")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let logs = |spec: Option<&Spec>| spec.is_some_and(|spec| spec.access_log.is_some());
        let mut warnings = match (now, want) {
            (Some(_), None) => vec!["Nobody is served at its URL from then on.".to_owned()],
            (Some(now), Some(want)) if Self::key(want) != Self::key(now) => {
                vec!["Its URL changes: the names of the stage and the id of its API are in it.".to_owned()]
            }
            (Some(now), Some(want)) => now.narrowed_by(want),
            _ => Vec::new(),
        };
        if logs(want) && !logs(now) {
            warnings.push(
                "API Gateway logs requests only where the account has a role for that: `aws apigateway get-account` shows it as \
                 cloudwatchRoleArn."
                    .to_owned(),
            );
        }
        warnings
    }
}
