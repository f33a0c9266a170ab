//! Databases of Glue's Data Catalog.

use std::collections::BTreeMap;

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

/// A database of Glue's Data Catalog: a name under which tables stand.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region: 1–255 characters; Glue folds it to lower case.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// What it is for, at most 2,048 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// Where tables lie that say nothing else: `s3://bucket/prefix/`.
    #[serde(default)]
    pub(crate) location: Option<String>,
    /// Properties, by name.
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, String>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the database.
    pub(crate) arn: String,
}

/// Databases of Glue's Data Catalog.
pub(crate) struct Database;

/// What is done with a database is checked on the catalog as well
/// (<https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html>).
const DATABASE: On = On::Arns(&[
    "arn:{partition}:glue:{region}:{account}:catalog",
    "arn:{partition}:glue:{region}:{account}:database/{name}",
]);

/// Its tables, which are looked at before it is deleted and go with it.
const AND_TABLES: On = On::Arns(&[
    "arn:{partition}:glue:{region}:{account}:catalog",
    "arn:{partition}:glue:{region}:{account}:database/{name}",
    "arn:{partition}:glue:{region}:{account}:table/{name}/*",
    "arn:{partition}:glue:{region}:{account}:userDefinedFunction/{name}/*",
]);

const UPDATE: &[&str] = &["glue:UpdateDatabase"];

impl ResourceType for Database {
    const KIND: &'static str = "glue_database";
    const AWS_TYPE: &'static str = "AWS::Glue::Database";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["glue:GetDatabase"], DATABASE),
        Grant::plan(&["glue:GetTables"], AND_TABLES),
        Grant::plan(&["glue:GetTags"], On::Arns(&["arn:{partition}:glue:{region}:{account}:database/{name}"])),
        Grant::apply(&["glue:CreateDatabase", "glue:UpdateDatabase"], DATABASE),
        Grant::apply(&["glue:DeleteDatabase"], AND_TABLES),
        Grant::apply(
            &["glue:TagResource", "glue:UntagResource"],
            On::Arns(&["arn:{partition}:glue:{region}:{account}:database/{name}"]),
        ),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["glue:CreateDatabase"],
        delete: &["glue:DeleteDatabase"],
        update: &[
            Update::new("description", UPDATE),
            Update::new("location", UPDATE),
            Update::new("parameters", UPDATE),
            Update::new("tags", &["glue:TagResource", "glue:UntagResource"]),
        ],
    };
    const ACCESS: &'static Rules =
        &Rules { returns: false, attributes: &[(Nothing, &["name", "description", "location", "parameters", "tags"])] };
    const PRICE: Price = Price::None("Glue keeps a million objects of a catalog for nothing");
    const IMPORT: Import = Import::None("its tables are not taken into a spec either");
    const STATUS: Status = Status::Exists("it is a name under which tables stand");
    const METRICS: Metrics = Metrics::None("CloudWatch counts nothing of a database");
    const EXAMPLES: &'static str = r#"
        [first]
        name = "conformance_lake"
        description = "Prices"
        location = "s3://conformance-lake/"
        tags = { team = "growth", stage = "first" }

        [second]
        name = "conformance_lake"
        description = "Prices, cleaned"
        location = "s3://conformance-lake/prices/"
        parameters = { layer = "silver" }
        tags = { team = "data" }
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it keeps descriptions of data; the data is in buckets")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows 10,000 of them, far more than an environment has")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        if want.is_some_and(|want| want.name == now.name) {
            return Vec::new();
        }
        vec![format!("Whoever asks for tables of `{}` finds none any more; the data in the buckets stays.", now.name)]
    }
}
