//! CloudWatch dashboards.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, named_by};
use crate::catalog::cloudwatch_dashboard::{Dashboard, Spec};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, Term, fields};
use crate::model::scope::Scope;

impl Exported for Dashboard {
    const TERRAFORM_TYPE: &'static str = "aws_cloudwatch_dashboard";
    const TERRAFORM_KEYS: &'static [TerraformKeys] =
        &[("aws_cloudwatch_dashboard", |it| named_by(it, "dashboard_name"))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { name, body } = it.spec;
        let dashboard = fields([("dashboard_name", name.into()), ("dashboard_body", Term::encoded(body))]);
        Ok(vec![terraform::Part::new("aws_cloudwatch_dashboard", name, dashboard)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, body } = it.spec;
        let dashboard = properties([
            ("DashboardName", json!(name)),
            // A text, just as pipectl has written it: a difference in spaces would show as drift.
            ("DashboardBody", json!(body.to_string())),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::CloudWatch::Dashboard", [("DashboardName", name)], dashboard)])
    }
}
