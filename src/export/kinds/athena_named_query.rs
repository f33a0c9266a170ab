//! Athena's saved queries.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, joined_by, known};
use crate::catalog::Type;
use crate::catalog::athena_named_query::{NamedQuery, Spec};
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Term, fields};
use crate::model::scope::Scope;

impl Exported for NamedQuery {
    const TERRAFORM_TYPE: &'static str = "aws_athena_named_query";
    const TERRAFORM_KEYS: &'static [TerraformKeys] =
        &[("aws_athena_named_query", |it| joined_by(it, &["workgroup", "name"]))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { workgroup, name, description, database, query } = it.spec;
        let saved = fields([
            ("name", name.into()),
            ("workgroup", Term::named(Type::Workgroup, workgroup)),
            ("database", database.into()),
            ("description", filled(description).into()),
            ("query", query.into()),
        ]);
        Ok(vec![terraform::Part::new("aws_athena_named_query", known(&it.outputs.id)?, saved)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { workgroup, name, description, database, query } = it.spec;
        let saved = properties([
            ("Name", json!(name)),
            ("WorkGroup", named(Type::Workgroup, workgroup)),
            ("Database", json!(database)),
            ("Description", filled(description)),
            ("QueryString", json!(query)),
        ]);
        let id = known(&it.outputs.id)?;
        Ok(vec![cloudformation::Part::new("AWS::Athena::NamedQuery", [("NamedQueryId", id)], saved)])
    }
}
