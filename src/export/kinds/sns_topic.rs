//! SNS topics.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by, tag_list, text};
use crate::catalog::Type;
use crate::catalog::sns_topic::{Spec, Topic};
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Term, fields};
use crate::model::scope::Scope;

impl Exported for Topic {
    const TERRAFORM_TYPE: &'static str = "aws_sns_topic";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[
        ("aws_sns_topic", |it| named_by(it, "name")),
        ("aws_sns_topic_policy", |it| text(&it["arn"]).rsplit(':').next().into_iter().map(str::to_owned).collect()),
    ];
    const GET_ATT: Option<&'static str> = Some("TopicArn");
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(arn(scope, spec))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { name, display_name, policy, kms_key, tags } = it.spec;
        let topic = fields([
            ("name", name.into()),
            ("display_name", filled(display_name).into()),
            ("kms_master_key_id", kms_key.into()),
            // Absent, the provider keeps the one that AWS has made.
            ("policy", Term::encoded(policy)),
            ("tags", tags.into()),
        ]);
        Ok(vec![terraform::Part::new("aws_sns_topic", &arn(&it.estate.scope, it.spec), topic)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, display_name, policy, kms_key, tags } = it.spec;
        let arn = arn(&it.estate.scope, it.spec);
        let topic = properties([
            ("TopicName", json!(name)),
            ("DisplayName", filled(display_name)),
            ("KmsMasterKeyId", json!(kms_key)),
            ("Tags", tag_list(tags)),
        ]);
        let mut parts = vec![cloudformation::Part::new("AWS::SNS::Topic", [("TopicArn", arn.as_str())], topic)];
        if policy.is_some() {
            let policy = properties([("TopicArn", named(Type::Topic, name)), ("PolicyDocument", json!(policy))]);
            // Not AWS::SNS::TopicPolicy: CloudFormation cannot read that one back, and so not import it.
            let part = cloudformation::Part::new("AWS::SNS::TopicInlinePolicy", [("TopicArn", arn.as_str())], policy);
            parts.push(part.under("Policy"));
        }
        Ok(parts)
    }
}

fn arn(scope: &Scope, spec: &Spec) -> String {
    scope.arn("sns", &spec.name)
}
