//! Databases of Glue's Data Catalog.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, attribute, filled, named_by};
use crate::catalog::glue_database::{Database, Spec};
use crate::export::Target;
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, fields};
use crate::model::scope::Scope;

impl Exported for Database {
    const TERRAFORM_TYPE: &'static str = "aws_glue_catalog_database";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_glue_catalog_database", |it| named_by(it, "name"))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[Stays {
        attribute: attribute!(Spec.tags),
        target: Target::CloudFormation,
        reason: "CloudFormation gives a database no tags",
    }];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("glue", &format!("database/{}", spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { name, description, location, parameters, tags } = it.spec;
        let database = fields([
            ("name", name.into()),
            ("description", filled(description).into()),
            ("location_uri", location.into()),
            ("parameters", filled(parameters).into()),
            ("tags", tags.into()),
        ]);
        let id = format!("{}:{name}", it.estate.scope.account);
        Ok(vec![terraform::Part::new("aws_glue_catalog_database", &id, database)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, description, location, parameters, tags: _ } = it.spec;
        let database = properties([
            ("CatalogId", json!(it.estate.scope.account)),
            (
                "DatabaseInput",
                filled(json!(properties([
                    ("Name", json!(name)),
                    ("Description", filled(description)),
                    ("LocationUri", json!(location)),
                    ("Parameters", filled(parameters)),
                ]))),
            ),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::Glue::Database", [("DatabaseName", name.as_str())], database)])
    }
}
