//! API keys of API Gateway. AWS makes up their values, which pipectl neither reads nor keeps.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ResourceType, apigateway};
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Nothing, Opens};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

/// An API key. What it opens is said by usage plans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name. AWS lets several keys have one.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// What it is for.
    #[serde(default)]
    pub(crate) description: String,
    /// Whether it opens anything.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

fn yes() -> bool {
    true
}

/// What AWS makes up, but for its value.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// The id under which AWS knows the key, and tells its value to who may ask.
    pub(crate) id: String,
}

/// API keys.
pub(crate) struct ApiKey;

const KEYS: &str = "arn:{partition}:apigateway:{region}::/apikeys";

/// Its id is made up by AWS: what narrows it is the region.
const KEY: On = On::Arns(&["arn:{partition}:apigateway:{region}::/apikeys/*"]);

impl ResourceType for ApiKey {
    const KIND: &'static str = "apigateway_api_key";
    const AWS_TYPE: &'static str = "AWS::ApiGateway::ApiKey";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["apigateway:GET"], On::Arns(&[KEYS, "arn:{partition}:apigateway:{region}::/usageplans"])),
        Grant::apply(&["apigateway:POST"], On::Arns(&[KEYS])),
        Grant::apply(&["apigateway:DELETE", "apigateway:PATCH"], KEY),
        Grant::apply(&["apigateway:DELETE", "apigateway:PUT"], apigateway::TAGS),
        // `send` opens the API with it.
        Grant::operate(&["apigateway:GET"], KEY),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["apigateway:CreateApiKey", "apigateway:ImportApiKeys"],
        delete: &["apigateway:DeleteApiKey"],
        // They name the key by its id; what does not name it is found by its time and its caller alone.
        update: &[
            Update::new("description", &["apigateway:UpdateApiKey"]).saying("/description"),
            Update::new("enabled", &["apigateway:UpdateApiKey"]).saying("/enabled"),
            Update::new("tags", &["apigateway:TagResource", "apigateway:UntagResource"]),
        ],
    };
    // Made again it has another value, which nobody knows yet.
    const ACCESS: &'static Rules =
        &Rules { returns: false, attributes: &[(Opens, &["enabled"]), (Nothing, &["name", "description", "tags"])] };
    const PRICE: Price = Price::None("calls are billed with the API");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Exists("only its stage serves anything");
    const METRICS: Metrics = Metrics::None("calls are counted for the API");
    const EXAMPLES: &'static str = r#"
[first]
name = "conformance-key"
tags = { team = "growth" }

[second]
name = "conformance-key"
description = "Opens the API to a partner"
tags = { team = "data" }
"#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("its value opens an API, and API Gateway keeps it")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        match (now, want) {
            (Some(now), None) => {
                vec![format!(
                    "Who calls with the key `{}` is refused from then on: another has another value.",
                    now.name
                )]
            }
            (Some(now), Some(want)) if now.name != want.name => {
                vec!["Its value changes: who calls with it has to be given the new one.".to_owned()]
            }
            (Some(now), Some(want)) if now.enabled && !want.enabled => {
                vec!["Who calls with it is refused until it is enabled again.".to_owned()]
            }
            _ => Vec::new(),
        }
    }
}
