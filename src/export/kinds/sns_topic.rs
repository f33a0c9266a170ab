//! SNS topics.

use super::{Mapping, Subject, filled, named_by, tag_list, text};
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Term, fields};

pub(super) const MAPPING: Mapping = Mapping {
    kind: "sns_topic",
    arn: Some(arn),
    terraform_type: "aws_sns_topic",
    terraform_keys: &[
        ("aws_sns_topic", |it| named_by(it, "name")),
        ("aws_sns_topic_policy", |it| text(&it["arn"]).rsplit(':').next().into_iter().map(str::to_owned).collect()),
    ],
    terraform: |it| {
        let topic = fields([
            ("name", it["name"].clone().into()),
            ("display_name", filled(&it["display_name"]).into()),
            ("kms_master_key_id", it["kms_key"].clone().into()),
            // Absent, the provider keeps the one that AWS has made.
            ("policy", Term::encoded(&it["policy"])),
            ("tags", it["tags"].clone().into()),
        ]);
        Ok(vec![terraform::Part::new("aws_sns_topic", &arn(it), topic)])
    },
    get_att: Some("TopicArn"),
    cloudformation: |it| {
        let arn = arn(it);
        let topic = properties([
            ("TopicName", it["name"].clone()),
            ("DisplayName", filled(&it["display_name"])),
            ("KmsMasterKeyId", it["kms_key"].clone()),
            ("Tags", tag_list(&it["tags"])),
        ]);
        let mut parts = vec![cloudformation::Part::new("AWS::SNS::Topic", [("TopicArn", arn.as_str())], topic)];
        if it["policy"].is_object() {
            let policy =
                properties([("TopicArn", named("sns_topic", it.name())), ("PolicyDocument", it["policy"].clone())]);
            // Not AWS::SNS::TopicPolicy: CloudFormation cannot read that one back, and so not import it.
            let part = cloudformation::Part::new("AWS::SNS::TopicInlinePolicy", [("TopicArn", arn.as_str())], policy);
            parts.push(part.under("Policy"));
        }
        Ok(parts)
    },
    stays: &[],
};

fn arn(it: &Subject<'_>) -> String {
    it.estate.scope.arn("sns", it.name())
}
