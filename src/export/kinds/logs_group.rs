//! CloudWatch log groups.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, named_by, tag_list};
use crate::catalog::logs_group::{LogGroup, Spec};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, fields};
use crate::model::scope::Scope;

impl Exported for LogGroup {
    const TERRAFORM_TYPE: &'static str = "aws_cloudwatch_log_group";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_cloudwatch_log_group", |it| named_by(it, "name"))];
    // CloudFormation's `Arn` ends in `:*`, which policies do not always want.
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("logs", &format!("log-group:{}", spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { name, retention_days, kms_key, tags } = it.spec;
        let group = fields([
            ("name", name.into()),
            ("retention_in_days", retention_days.into()),
            ("kms_key_id", kms_key.into()),
            ("tags", tags.into()),
        ]);
        let part = terraform::Part::new("aws_cloudwatch_log_group", name, group);
        Ok(vec![part.unread(&["skip_destroy"])])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, retention_days, kms_key, tags } = it.spec;
        let group = properties([
            ("LogGroupName", json!(name)),
            ("RetentionInDays", json!(retention_days)),
            ("KmsKeyId", json!(kms_key)),
            ("Tags", tag_list(tags)),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::Logs::LogGroup", [("LogGroupName", name)], group)])
    }
}
