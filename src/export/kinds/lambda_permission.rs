//! Permissions to call functions.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, attribute, joined_by, output, text};
use crate::catalog::Type;
use crate::catalog::lambda_permission::{Permission, Spec};
use crate::export::Target;
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Term, fields};
use crate::model::scope::Scope;

const IN_THE_ARN: &str = "it goes along as the ARN that AWS makes of it, with the API's id";
const ACTION: &str = "lambda:InvokeFunction";

impl Exported for Permission {
    const TERRAFORM_TYPE: &'static str = "aws_lambda_permission";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_lambda_permission", |it| {
        // Named by its name, or by its ARN.
        let function = text(&it["function_name"]).rsplit(':').next().unwrap_or_default();
        joined_by(&json!({ "function": function, "statement": it["statement_id"] }), &["function", "statement"])
    })];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[
        Stays { attribute: attribute!(Spec.api), target: Target::Terraform, reason: IN_THE_ARN },
        Stays { attribute: attribute!(Spec.api), target: Target::CloudFormation, reason: IN_THE_ARN },
    ];

    fn name(_spec: &Spec) -> Option<&str> {
        None
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        // The API is in the ARN that AWS makes of it.
        let Spec { function, statement_id, principal, source_arn: _, source_account, api: _ } = it.spec;
        let permission = fields([
            ("function_name", Term::named(Type::Function, function)),
            ("statement_id", statement_id.into()),
            ("action", ACTION.into()),
            ("principal", principal.into()),
            ("source_arn", source_arn(it)?.into()),
            ("source_account", source_account.into()),
        ]);
        let id = format!("{function}/{statement_id}");
        Ok(vec![terraform::Part::new("aws_lambda_permission", &id, permission)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { function, statement_id, principal, source_arn: _, source_account, api: _ } = it.spec;
        let permission = properties([
            ("FunctionName", named(Type::Function, function)),
            ("Action", json!(ACTION)),
            ("Principal", json!(principal)),
            ("SourceArn", json!(source_arn(it)?)),
            ("SourceAccount", json!(source_account)),
        ]);
        let id = [("FunctionName", function.as_str()), ("Id", statement_id)];
        Ok(vec![cloudformation::Part::new("AWS::Lambda::Permission", id, permission)])
    }
}

/// Why a permission does not go along: without what it is for, every API and rule of every account could call.
const UNKNOWN: &str = "what may call it is not known here, for AWS makes up the id of the API: it is once the environment is \
                       applied and read; until then the other tool would let anybody's API call the function";

/// What it may be called for, as AWS has it; nothing but that guards the function from the service's other customers.
fn source_arn<'a>(it: &Typed<'a, Permission>) -> Result<&'a str, &'static str> {
    let (own, made_up) = (it.spec.source_arn.as_deref(), it.outputs.source_arn.as_deref());
    own.and_then(output).or_else(|| made_up.and_then(output)).ok_or(UNKNOWN)
}
