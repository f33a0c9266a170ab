//! CloudWatch log streams.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::Nothing;
use crate::model::access::Rules;
use crate::model::audit::AuditEvents;
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;

/// A CloudWatch log stream.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the log group that it is in.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) group: String,
    /// Name, unique in the group; 1–512 characters, neither `:` nor `*`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the stream.
    pub(crate) arn: String,
}

/// CloudWatch log streams.
pub(crate) struct LogStream;

impl ResourceType for LogStream {
    const KIND: &'static str = "logs_stream";
    const AWS_TYPE: &'static str = "AWS::Logs::LogStream";
    const OWNERSHIP: Ownership = Ownership::Parent;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(
            &["logs:DescribeLogStreams"],
            On::Arns(&[
                "arn:{partition}:logs:{region}:{account}:log-group:{group}",
                "arn:{partition}:logs:{region}:{account}:log-group:{group}:*",
            ]),
        ),
        Grant::apply(
            &["logs:CreateLogStream", "logs:DeleteLogStream"],
            On::Arns(&["arn:{partition}:logs:{region}:{account}:log-group:{group}:log-stream:{name}"]),
        ),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["logs:CreateLogStream"],
        delete: &["logs:DeleteLogGroup", "logs:DeleteLogStream"],
        update: &[],
    };
    const ACCESS: &'static Rules = &Rules { returns: false, attributes: &[(Nothing, &["group", "name"])] };
    const PRICE: Price = Price::None("billed with its group");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Exists("its group tells of errors");
    const METRICS: Metrics = Metrics::None("they are counted for the group");
    // Every attribute is part of the key: there is nothing to update.
    const EXAMPLES: &'static str = r#"
        [[needs]]
        kind = "logs_group"
        name = "/conformance/parent"

        [first]
        group = "/conformance/parent"
        name = "DestinationDelivery"

        [second]
        group = "/conformance/parent"
        name = "DestinationDelivery"
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.group, spec.name)
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("its group keeps the data")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        match now {
            Some(now) if want != Some(now) => vec![format!("The events in `{}` are deleted with it.", now.name)],
            _ => Vec::new(),
        }
    }
}
