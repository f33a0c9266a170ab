//! Athena's prepared statements.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, joined_by};
use crate::catalog::Type;
use crate::catalog::athena_prepared_statement::{PreparedStatement, Spec};
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Term, fields};
use crate::model::scope::Scope;

impl Exported for PreparedStatement {
    const TERRAFORM_TYPE: &'static str = "aws_athena_prepared_statement";
    const TERRAFORM_KEYS: &'static [TerraformKeys] =
        &[("aws_athena_prepared_statement", |it| joined_by(it, &["workgroup", "name"]))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { workgroup, name, description, query } = it.spec;
        let statement = fields([
            ("name", name.into()),
            ("workgroup", Term::named(Type::Workgroup, workgroup)),
            ("description", filled(description).into()),
            ("query_statement", query.into()),
        ]);
        let id = format!("{workgroup}/{name}");
        Ok(vec![terraform::Part::new("aws_athena_prepared_statement", &id, statement)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { workgroup, name, description, query } = it.spec;
        let statement = properties([
            ("StatementName", json!(name)),
            ("WorkGroup", named(Type::Workgroup, workgroup)),
            ("Description", filled(description)),
            ("QueryStatement", json!(query)),
        ]);
        let id = [("StatementName", name.as_str()), ("WorkGroup", workgroup.as_str())];
        Ok(vec![cloudformation::Part::new("AWS::Athena::PreparedStatement", id, statement)])
    }
}
