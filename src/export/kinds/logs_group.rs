//! CloudWatch log groups.

use super::{Mapping, named_by, tag_list};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, fields};

pub(super) const MAPPING: Mapping = Mapping {
    kind: "logs_group",
    arn: Some(|it| it.estate.scope.arn("logs", &format!("log-group:{}", it.name()))),
    terraform_type: "aws_cloudwatch_log_group",
    terraform_keys: &[("aws_cloudwatch_log_group", |it| named_by(it, "name"))],
    terraform: |it| {
        let group = fields([
            ("name", it["name"].clone().into()),
            ("retention_in_days", it["retention_days"].clone().into()),
            ("kms_key_id", it["kms_key"].clone().into()),
            ("tags", it["tags"].clone().into()),
        ]);
        let part = terraform::Part::new("aws_cloudwatch_log_group", it.name(), group);
        Ok(vec![part.unread(&["skip_destroy"])])
    },
    // CloudFormation's `Arn` ends in `:*`, which policies do not always want.
    get_att: None,
    cloudformation: |it| {
        let group = properties([
            ("LogGroupName", it["name"].clone()),
            ("RetentionInDays", it["retention_days"].clone()),
            ("KmsKeyId", it["kms_key"].clone()),
            ("Tags", tag_list(&it["tags"])),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::Logs::LogGroup", [("LogGroupName", it.name())], group)])
    },
    stays: &[],
};
