//! SNS subscriptions.

use serde_json::{Value, json};

use super::{Exported, Parts, Stays, TerraformKeys, Typed, joined_by, output};
use crate::catalog::sns_subscription::{Outputs, Spec, Subscription};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, fields};
use crate::model::scope::Scope;

impl Exported for Subscription {
    const TERRAFORM_TYPE: &'static str = "aws_sns_topic_subscription";
    const TERRAFORM_KEYS: &'static [TerraformKeys] =
        &[("aws_sns_topic_subscription", |it| joined_by(it, &["topic_arn", "protocol", "endpoint"]))];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[];

    fn name(_spec: &Spec) -> Option<&str> {
        None
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { topic_arn, protocol, endpoint, filter, filter_scope, raw, dead_letter_arn } = it.spec;
        let subscription = fields([
            ("topic_arn", topic_arn.into()),
            ("protocol", protocol.into()),
            ("endpoint", endpoint.into()),
            ("filter_policy", filter.as_ref().map(ToString::to_string).into()),
            ("filter_policy_scope", filter_scope.into()),
            ("raw_message_delivery", raw.then_some(true).into()),
            ("redrive_policy", dead_letter_arn.as_deref().map(|arn| redrive(arn).to_string()).into()),
        ]);
        let part = terraform::Part::new("aws_sns_topic_subscription", arn(it.outputs)?, subscription);
        Ok(vec![part.unread(&["confirmation_timeout_in_minutes", "endpoint_auto_confirms"])])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { topic_arn, protocol, endpoint, filter, filter_scope, raw, dead_letter_arn } = it.spec;
        let subscription = properties([
            ("TopicArn", json!(topic_arn)),
            ("Protocol", json!(protocol)),
            ("Endpoint", json!(endpoint)),
            ("FilterPolicy", json!(filter)),
            ("FilterPolicyScope", json!(filter_scope)),
            ("RawMessageDelivery", json!(raw.then_some(true))),
            ("RedrivePolicy", json!(dead_letter_arn.as_deref().map(redrive))),
        ]);
        let identifier = [("Arn", arn(it.outputs)?)];
        Ok(vec![cloudformation::Part::new("AWS::SNS::Subscription", identifier, subscription)])
    }
}

fn redrive(arn: &str) -> Value {
    json!({ "deadLetterTargetArn": arn })
}

/// Its ARN, by which it is imported: AWS makes it up when the receiver confirms.
fn arn(Outputs { arn, pending }: &Outputs) -> Result<&str, &'static str> {
    match arn.as_deref().and_then(output) {
        Some(arn) => Ok(arn),
        None if *pending => Err(
            "the receiver has not confirmed it, so it has no ARN yet: click the link in AWS's mail, then export again",
        ),
        None => Err("its ARN, which AWS makes up, is not known here: it is once the environment is applied and read"),
    }
}
