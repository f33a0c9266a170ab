//! Workflows of Glue.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by};
use crate::catalog::glue_workflow::{Spec, Workflow};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, fields};
use crate::model::scope::Scope;

impl Exported for Workflow {
    const TERRAFORM_TYPE: &'static str = "aws_glue_workflow";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_glue_workflow", |it| named_by(it, "name"))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("glue", &format!("workflow/{}", spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { name, description, properties, max_concurrent_runs, tags } = it.spec;
        let workflow = fields([
            ("name", name.into()),
            ("description", filled(description).into()),
            ("default_run_properties", filled(properties).into()),
            ("max_concurrent_runs", max_concurrent_runs.into()),
            ("tags", tags.into()),
        ]);
        Ok(vec![terraform::Part::new("aws_glue_workflow", name, workflow)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, description, properties: given, max_concurrent_runs, tags } = it.spec;
        let workflow = properties([
            ("Name", json!(name)),
            ("Description", filled(description)),
            ("DefaultRunProperties", filled(given)),
            ("MaxConcurrentRuns", json!(max_concurrent_runs)),
            // Of Glue they are a map.
            ("Tags", filled(tags)),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::Glue::Workflow", [("Name", name.as_str())], workflow)])
    }
}
