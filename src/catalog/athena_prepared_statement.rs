//! Athena's prepared statements.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::Nothing;
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;

/// A prepared statement of Athena: a query with parameters, which `EXECUTE` runs by its name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the workgroup that it is in.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) workgroup: String,
    /// Name, unique in its workgroup; 2–256 of `[a-zA-Z0-9_@:]`, the first of them a letter or `_`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Description; at most 1,024 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// Its SQL, with a `?` for each parameter; 1–262,144 characters.
    pub(crate) query: String,
}

/// AWS makes up nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {}

/// Athena's prepared statements.
pub(crate) struct PreparedStatement;

const WORKGROUP: On = On::Arns(&["arn:{partition}:athena:{region}:{account}:workgroup/{workgroup}"]);

const UPDATE: &[&str] = &["athena:UpdatePreparedStatement"];

impl ResourceType for PreparedStatement {
    const KIND: &'static str = "athena_prepared_statement";
    const AWS_TYPE: &'static str = "AWS::Athena::PreparedStatement";
    const OWNERSHIP: Ownership = Ownership::Parent;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["athena:GetPreparedStatement"], WORKGROUP),
        Grant::apply(
            &["athena:CreatePreparedStatement", "athena:DeletePreparedStatement", "athena:UpdatePreparedStatement"],
            WORKGROUP,
        ),
        // Of `query`, where that executes one.
        Grant::operate(&["athena:GetPreparedStatement"], WORKGROUP),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0, 1],
        create: &["athena:CreatePreparedStatement"],
        delete: &["athena:DeletePreparedStatement", "athena:DeleteWorkGroup"],
        update: &[
            Update::new("description", UPDATE).saying("description"),
            // Every such call says the statement, and whether a trail shows it AWS does not say.
            Update::new("query", UPDATE),
        ],
    };
    const ACCESS: &'static Rules =
        &Rules { returns: false, attributes: &[(Nothing, &["workgroup", "name", "description", "query"])] };
    const PRICE: Price = Price::None("a prepared statement costs nothing before somebody executes it");
    const IMPORT: Import = Import::None("it goes with its workgroup: write an `athena` block");
    const STATUS: Status = Status::Exists("it is a text that somebody executes");
    const METRICS: Metrics = Metrics::None("they are counted for the workgroup");
    // No emulator changes one. moto finds no tags of what has none, and so not the workgroup.
    const EXAMPLES: &'static str = r#"
        [[needs]]
        kind = "athena_workgroup"
        name = "conformance-lake"
        tags = { team = "growth" }

        [first]
        workgroup = "conformance-lake"
        name = "clicks_by_day"
        description = "How often each page was seen on a day"
        query = "SELECT page, count(*) AS clicks FROM clicks WHERE day = ? AND note <> 'a|b&<é' GROUP BY page"

        [second]
        workgroup = "conformance-lake"
        name = "clicks_by_day"
        description = "How often each page was seen on a day"
        query = "SELECT page, count(*) AS clicks FROM clicks WHERE day = ? AND note <> 'a|b&<é' GROUP BY page"
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.workgroup, spec.name)
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it keeps the text of a statement, and no data")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows 1,000 of them in a workgroup, far more than an environment has")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        let name = &now.name;
        match want.filter(|want| (&want.workgroup, &want.name) == (&now.workgroup, name)) {
            None => vec![format!("`EXECUTE {name}` fails in `{}` from then on.", now.workgroup)],
            Some(want) if want.query != now.query => {
                vec![format!("`EXECUTE {name}` runs the new statement from then on.")]
            }
            Some(_) => Vec::new(),
        }
    }
}
