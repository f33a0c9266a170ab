//! Athena's saved queries.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::Nothing;
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;

/// A saved query of Athena. As in CloudFormation, whatever changes is a replacement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the workgroup that it is in.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) workgroup: String,
    /// Name; 1–128 characters. AWS allows several of one name, and pipectl one.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Description; at most 1,024 characters.
    #[serde(default)]
    #[schemars(extend("x-replaces" = true))]
    pub(crate) description: String,
    /// Name of the database that it asks; 1–255 characters.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) database: String,
    /// Its SQL; 1–262,144 characters.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) query: String,
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// Its id.
    pub(crate) id: String,
}

/// Athena's saved queries.
pub(crate) struct NamedQuery;

const WORKGROUP: On = On::Arns(&["arn:{partition}:athena:{region}:{account}:workgroup/{workgroup}"]);

impl ResourceType for NamedQuery {
    const KIND: &'static str = "athena_named_query";
    const AWS_TYPE: &'static str = "AWS::Athena::NamedQuery";
    const OWNERSHIP: Ownership = Ownership::Parent;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["athena:BatchGetNamedQuery", "athena:ListNamedQueries"], WORKGROUP),
        Grant::apply(&["athena:CreateNamedQuery", "athena:DeleteNamedQuery"], WORKGROUP),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0, 1],
        create: &["athena:CreateNamedQuery"],
        // DeleteNamedQuery names it by its id, and nothing else.
        delete: &["athena:DeleteNamedQuery", "athena:DeleteWorkGroup"],
        update: &[
            Update::new("description", &["athena:UpdateNamedQuery"]).saying("description"),
            Update::new("query", &["athena:UpdateNamedQuery"]).saying("queryString"),
        ],
    };
    const ACCESS: &'static Rules =
        &Rules { returns: false, attributes: &[(Nothing, &["workgroup", "name", "description", "database", "query"])] };
    const PRICE: Price = Price::None("a saved query costs nothing before somebody runs it");
    const IMPORT: Import = Import::None("it goes with its workgroup: write an `athena` block");
    const STATUS: Status = Status::Exists("it is a text that somebody runs");
    const METRICS: Metrics = Metrics::None("they are counted for the workgroup");
    // Whatever changes is a replacement: there is nothing to update. moto finds no tags of what has none, and so not the workgroup.
    const EXAMPLES: &'static str = r#"
        [[needs]]
        kind = "athena_workgroup"
        name = "conformance-lake"
        tags = { team = "growth" }

        [first]
        workgroup = "conformance-lake"
        name = "clicks-by-page"
        description = "How often each page was seen"
        database = "lake"
        query = "SELECT page, count(*) AS clicks FROM clicks WHERE note <> 'a|b&<é' GROUP BY page"

        [second]
        workgroup = "conformance-lake"
        name = "clicks-by-page"
        description = "How often each page was seen"
        database = "lake"
        query = "SELECT page, count(*) AS clicks FROM clicks WHERE note <> 'a|b&<é' GROUP BY page"
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.workgroup, spec.name)
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it keeps the text of a query, and no data")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS names no quota of them")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        match now {
            Some(now) if want != Some(now) => {
                vec![format!("Who runs `{}` by its id finds it there no more.", now.name)]
            }
            _ => Vec::new(),
        }
    }
}
