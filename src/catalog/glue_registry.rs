//! Schema registries of Glue: what schemas stand in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::Nothing;
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

/// A schema registry of Glue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–255 letters, digits, `-`, `_`, `$`, `#` and `.`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Description; at most 2,048 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the registry.
    pub(crate) arn: String,
}

/// Schema registries of Glue.
pub(crate) struct SchemaRegistry;

const REGISTRY: On = On::Arns(&["arn:{partition}:glue:{region}:{account}:registry/{name}"]);

impl ResourceType for SchemaRegistry {
    const KIND: &'static str = "glue_registry";
    const AWS_TYPE: &'static str = "AWS::Glue::Registry";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["glue:GetRegistry", "glue:GetTags", "glue:ListSchemas"], REGISTRY),
        // Whose the schemas are that would be lost with it.
        Grant::plan(&["glue:GetTags"], On::Arns(&["arn:{partition}:glue:{region}:{account}:schema/{name}/*"])),
        Grant::apply(
            &[
                "glue:CreateRegistry",
                "glue:DeleteRegistry",
                "glue:TagResource",
                "glue:UntagResource",
                "glue:UpdateRegistry",
            ],
            REGISTRY,
        ),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["glue:CreateRegistry"],
        delete: &["glue:DeleteRegistry"],
        update: &[
            Update::new("description", &["glue:UpdateRegistry"]),
            Update::new("tags", &["glue:TagResource", "glue:UntagResource"]),
        ],
    };
    const ACCESS: &'static Rules =
        &Rules { returns: false, attributes: &[(Nothing, &["name", "description", "tags"])] };
    const PRICE: Price = Price::None("Glue keeps schemas for nothing");
    const IMPORT: Import = Import::None("the definitions of its schemas would have to become files of the project");
    const STATUS: Status = Status::Exists("it is a name under which schemas stand");
    const METRICS: Metrics = Metrics::None("CloudWatch counts calls of Glue's, and nothing of one registry");
    const EXAMPLES: &'static str = r#"
        [first]
        name = "conformance-events"
        description = "What producers write"
        tags = { team = "growth", stage = "first" }

        [second]
        name = "conformance-events"
        description = "What producers and consumers agree on"
        tags = { team = "data" }
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it keeps descriptions of data, and no data")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("no call of Glue's tells how many there may be")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        let renamed = want.filter(|want| want.name != now.name);
        match (renamed, want) {
            (Some(want), _) => {
                vec![format!("Who asks for schemas of `{}` has to ask for those of `{}`.", now.name, want.name)]
            }
            (None, None) => vec![format!("Who asks for schemas of `{}` finds none any more.", now.name)],
            (None, Some(_)) => Vec::new(),
        }
    }
}
