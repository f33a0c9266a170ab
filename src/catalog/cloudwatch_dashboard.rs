//! CloudWatch dashboards.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::Nothing;
use crate::model::access::Rules;
use crate::model::audit::AuditEvents;
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;

/// A CloudWatch dashboard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account; 1–255 of `[A-Za-z0-9_-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Its body, compared as JSON.
    pub(crate) body: Value,
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the dashboard.
    pub(crate) arn: String,
}

/// CloudWatch dashboards.
pub(crate) struct Dashboard;

pub(crate) const DASHBOARD: On = On::Arns(&["arn:{partition}:cloudwatch::{account}:dashboard/{name}"]);

impl ResourceType for Dashboard {
    const KIND: &'static str = "cloudwatch_dashboard";
    const AWS_TYPE: &'static str = "AWS::CloudWatch::Dashboard";
    const OWNERSHIP: Ownership = Ownership::Unmarked;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["cloudwatch:GetDashboard"], DASHBOARD),
        Grant::apply(&["cloudwatch:PutDashboard", "cloudwatch:DeleteDashboards"], DASHBOARD),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        // Which gives a dashboard all that it has.
        create: &["monitoring:PutDashboard"],
        delete: &["monitoring:DeleteDashboards"],
        update: &[],
    };
    const ACCESS: &'static Rules = &Rules { returns: false, attributes: &[(Nothing, &["name", "body"])] };
    const PRICE: Price = Price::Reckoned;
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Exists("it does nothing by itself");
    const METRICS: Metrics = Metrics::None("it shows those of others");
    const EXAMPLES: &'static str = r##"
[first]
name = "pipectl-example-dashboard"
[[first.body.widgets]]
type = "metric"
width = 12
height = 6
[first.body.widgets.properties]
region = "us-east-1"
title = "Incoming"
metrics = [["AWS/Kinesis", "IncomingRecords", "StreamName", "clicks", { stat = "Sum" }]]

[second]
name = "pipectl-example-dashboard"
[[second.body.widgets]]
type = "text"
width = 24
height = 2
[second.body.widgets.properties]
markdown = "# Clicks & more"
"##;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it shows what CloudWatch keeps")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }
}
