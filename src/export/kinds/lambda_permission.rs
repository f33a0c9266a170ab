//! Permissions to call functions.

use serde_json::{Value, json};

use super::{Mapping, Stays, Subject, joined_by, text};
use crate::export::Target;
use crate::export::cloudformation::{self, named, properties};
use crate::export::terraform::{self, Term, fields};

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
        let permission = fields([
            ("function_name", Term::named("lambda_function", it.text("function"))),
            ("statement_id", it["statement_id"].clone().into()),
            ("action", json!(ACTION).into()),
            ("principal", it["principal"].clone().into()),
            ("source_arn", source_arn(it).into()),
        ]);
        let id = format!("{}/{}", it.text("function"), it.text("statement_id"));
        Ok(vec![terraform::Part::new("aws_lambda_permission", &id, permission)])
    },
    get_att: None,
    cloudformation: |it| {
        let permission = properties([
            ("FunctionName", named("lambda_function", it.text("function"))),
            ("Action", json!(ACTION)),
            ("Principal", it["principal"].clone()),
            ("SourceArn", source_arn(it)),
        ]);
        let id = [("FunctionName", it.text("function")), ("Id", it.text("statement_id"))];
        Ok(vec![cloudformation::Part::new("AWS::Lambda::Permission", id, permission)])
    },
    stays: &[
        Stays { attribute: "api", target: Target::Terraform, reason: IN_THE_ARN },
        Stays { attribute: "api", target: Target::CloudFormation, reason: IN_THE_ARN },
    ],
};

/// What it may be called for, as AWS has it.
fn source_arn(it: &Subject<'_>) -> Value {
    if it["source_arn"].is_string() { it["source_arn"].clone() } else { json!(it.output("source_arn")) }
}
