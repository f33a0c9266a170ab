//! Schema registries of Glue.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by, tag_list};
use crate::catalog::glue_registry::{SchemaRegistry, Spec};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, fields};
use crate::model::scope::Scope;

impl Exported for SchemaRegistry {
    const TERRAFORM_TYPE: &'static str = "aws_glue_registry";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_glue_registry", |it| named_by(it, "registry_name"))];
    const GET_ATT: Option<&'static str> = Some("Arn");
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("glue", &format!("registry/{}", spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { name, description, tags } = it.spec;
        let registry = fields([
            ("registry_name", name.into()),
            ("description", filled(description).into()),
            ("tags", tags.into()),
        ]);
        let id = it.estate.scope.arn("glue", &format!("registry/{name}"));
        Ok(vec![terraform::Part::new("aws_glue_registry", &id, registry)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, description, tags } = it.spec;
        let registry =
            properties([("Name", json!(name)), ("Description", filled(description)), ("Tags", tag_list(tags))]);
        let id = it.estate.scope.arn("glue", &format!("registry/{name}"));
        Ok(vec![cloudformation::Part::new("AWS::Glue::Registry", [("Arn", id.as_str())], registry)])
    }
}
