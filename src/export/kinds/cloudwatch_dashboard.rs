//! CloudWatch dashboards.

use serde_json::json;

use super::{Mapping, named_by};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Term, fields};

pub(super) const MAPPING: Mapping = Mapping {
    kind: "cloudwatch_dashboard",
    arn: None,
    terraform_type: "aws_cloudwatch_dashboard",
    terraform_keys: &[("aws_cloudwatch_dashboard", |it| named_by(it, "dashboard_name"))],
    terraform: |it| {
        let dashboard =
            fields([("dashboard_name", it["name"].clone().into()), ("dashboard_body", Term::encoded(&it["body"]))]);
        Ok(vec![terraform::Part::new("aws_cloudwatch_dashboard", it.name(), dashboard)])
    },
    get_att: None,
    cloudformation: |it| {
        let dashboard = properties([
            ("DashboardName", it["name"].clone()),
            // A text, just as pipectl has written it: a difference in spaces would show as drift.
            ("DashboardBody", json!(it["body"].to_string())),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::CloudWatch::Dashboard", [("DashboardName", it.name())], dashboard)])
    },
    stays: &[],
};
