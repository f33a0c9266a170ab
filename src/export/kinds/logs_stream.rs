//! CloudWatch log streams.

use super::{Mapping, joined_by};
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Term, fields};

pub(super) const MAPPING: Mapping = Mapping {
    kind: "logs_stream",
    arn: None,
    terraform_type: "aws_cloudwatch_log_stream",
    terraform_keys: &[("aws_cloudwatch_log_stream", |it| joined_by(it, &["log_group_name", "name"]))],
    terraform: |it| {
        let stream = fields([
            ("name", it["name"].clone().into()),
            ("log_group_name", Term::named("logs_group", it.text("group"))),
        ]);
        let id = format!("{}:{}", it.text("group"), it.name());
        Ok(vec![terraform::Part::new("aws_cloudwatch_log_stream", &id, stream)])
    },
    get_att: None,
    cloudformation: |it| {
        let stream = properties([
            ("LogGroupName", named("logs_group", it.text("group"))),
            ("LogStreamName", it["name"].clone()),
        ]);
        let identifier = [("LogGroupName", it.text("group")), ("LogStreamName", it.name())];
        Ok(vec![cloudformation::Part::new("AWS::Logs::LogStream", identifier, stream)])
    },
    stays: &[],
};
