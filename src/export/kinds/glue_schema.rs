//! Schemas in registries of Glue's.

use serde_json::{Value, json};

use super::{Exported, Parts, Stays, TerraformKeys, Typed, attribute, filled, tag_list, text};
use crate::catalog::glue_schema::{RegistrySchema, Spec};
use crate::export::Target;
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, fields};
use crate::model::scope::Scope;

/// Why the path of the file stays behind.
const TEXT: &str = "what is in the file goes along";

impl Exported for RegistrySchema {
    const TERRAFORM_TYPE: &'static str = "aws_glue_schema";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_glue_schema", key)];
    const GET_ATT: Option<&'static str> = Some("Arn");
    const STAYS: &'static [Stays] = &[
        Stays { attribute: attribute!(Spec.file), target: Target::Terraform, reason: TEXT },
        Stays { attribute: attribute!(Spec.file), target: Target::CloudFormation, reason: TEXT },
    ];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(arn(scope, spec))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { registry, name, format, compatibility, description, file: _, definition, tags } = it.spec;
        let schema = fields([
            ("registry_arn", it.estate.scope.arn("glue", &format!("registry/{registry}")).into()),
            ("schema_name", name.into()),
            ("data_format", format.into()),
            ("compatibility", compatibility.into()),
            ("description", filled(description).into()),
            ("schema_definition", said(definition.as_deref())?.into()),
            ("tags", tags.into()),
        ]);
        Ok(vec![terraform::Part::new("aws_glue_schema", &arn(&it.estate.scope, it.spec), schema)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { registry, name, format, compatibility, description, file: _, definition, tags } = it.spec;
        let scope = &it.estate.scope;
        let schema = properties([
            ("Registry", json!({ "Arn": scope.arn("glue", &format!("registry/{registry}")) })),
            ("Name", json!(name)),
            ("DataFormat", json!(format)),
            ("Compatibility", json!(compatibility)),
            ("Description", filled(description)),
            ("SchemaDefinition", json!(said(definition.as_deref())?)),
            ("Tags", tag_list(tags)),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::Glue::Schema", [("Arn", arn(scope, it.spec).as_str())], schema)])
    }
}

fn arn(scope: &Scope, spec: &Spec) -> String {
    scope.arn("glue", &format!("schema/{}/{}", spec.registry, spec.name))
}

/// Without its definition a schema is none.
fn said(definition: Option<&str>) -> Result<&str, &'static str> {
    definition.ok_or("nobody has read the file with its definition")
}

/// The key of a schema of Terraform's: the end of the ARN of its registry is the name of that.
fn key(attributes: &Value) -> Vec<String> {
    let registry = text(&attributes["registry_arn"]).rsplit_once(":registry/").map(|(_, name)| name);
    let name = text(&attributes["schema_name"]);
    registry.filter(|_| !name.is_empty()).map(|registry| format!("{registry}|{name}")).into_iter().collect()
}
