//! CloudWatch log streams.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, joined_by};
use crate::catalog::Type;
use crate::catalog::logs_stream::{LogStream, Spec};
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Term, fields};
use crate::model::scope::Scope;

impl Exported for LogStream {
    const TERRAFORM_TYPE: &'static str = "aws_cloudwatch_log_stream";
    const TERRAFORM_KEYS: &'static [TerraformKeys] =
        &[("aws_cloudwatch_log_stream", |it| joined_by(it, &["log_group_name", "name"]))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { group, name } = it.spec;
        let stream = fields([("name", name.into()), ("log_group_name", Term::named(Type::LogGroup, group))]);
        Ok(vec![terraform::Part::new("aws_cloudwatch_log_stream", &format!("{group}:{name}"), stream)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { group, name } = it.spec;
        let stream = properties([("LogGroupName", named(Type::LogGroup, group)), ("LogStreamName", json!(name))]);
        let identifier = [("LogGroupName", group.as_str()), ("LogStreamName", name)];
        Ok(vec![cloudformation::Part::new("AWS::Logs::LogStream", identifier, stream)])
    }
}
