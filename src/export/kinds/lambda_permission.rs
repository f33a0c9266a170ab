//! Permissions to call functions.

use serde_json::{Value, json};

use super::{Mapping, Stays, Subject, joined_by, text};
use crate::export::Target;
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Term, fields};

const IN_THE_ARN: &str = "it goes along as the ARN that AWS makes of it, with the API's id";
const ACTION: &str = "lambda:InvokeFunction";

pub(super) const MAPPING: Mapping = Mapping {
    kind: "lambda_permission",
    arn: None,
    terraform_type: "aws_lambda_permission",
    terraform_keys: &[("aws_lambda_permission", |it| {
        // Named by its name, or by its ARN.
        let function = text(&it["function_name"]).rsplit(':').next().unwrap_or_default();
        joined_by(&json!({ "function": function, "statement": it["statement_id"] }), &["function", "statement"])
    })],
    terraform: |it| {
        let source_arn = source_arn(it)?;
        let permission = fields([
            ("function_name", Term::named("lambda_function", it.text("function"))),
            ("statement_id", it["statement_id"].clone().into()),
            ("action", json!(ACTION).into()),
            ("principal", it["principal"].clone().into()),
            ("source_arn", source_arn.into()),
        ]);
        let id = format!("{}/{}", it.text("function"), it.text("statement_id"));
        Ok(vec![terraform::Part::new("aws_lambda_permission", &id, permission)])
    },
    get_att: None,
    cloudformation: |it| {
        let source_arn = source_arn(it)?;
        let permission = properties([
            ("FunctionName", named("lambda_function", it.text("function"))),
            ("Action", json!(ACTION)),
            ("Principal", it["principal"].clone()),
            ("SourceArn", source_arn),
        ]);
        let id = [("FunctionName", it.text("function")), ("Id", it.text("statement_id"))];
        Ok(vec![cloudformation::Part::new("AWS::Lambda::Permission", id, permission)])
    },
    stays: &[
        Stays { attribute: "api", target: Target::Terraform, reason: IN_THE_ARN },
        Stays { attribute: "api", target: Target::CloudFormation, reason: IN_THE_ARN },
    ],
};

/// Why a permission does not go along: without what it is for, every API and rule of every account could call.
const UNKNOWN: &str = "what may call it is not known here, for AWS makes up the id of the API: it is once the environment is \
                       applied and read; until then the other tool would let anybody's API call the function";

/// What it may be called for, as AWS has it; nothing but that guards the function from the service's other customers.
fn source_arn(it: &Subject<'_>) -> Result<Value, &'static str> {
    let own = Some(it.text("source_arn")).filter(|arn| !arn.is_empty());
    own.or_else(|| it.output("source_arn")).map(|arn| json!(arn)).ok_or(UNKNOWN)
}
