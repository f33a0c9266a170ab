//! SNS subscriptions.

use super::{Mapping, Subject, joined_by};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, fields};

pub(super) const MAPPING: Mapping = Mapping {
    kind: "sns_subscription",
    arn: None,
    terraform_type: "aws_sns_topic_subscription",
    terraform_keys: &[("aws_sns_topic_subscription", |it| joined_by(it, &["topic_arn", "protocol", "endpoint"]))],
    terraform: |it| {
        let arn = arn(it)?;
        let subscription = fields([
            ("topic_arn", it["topic_arn"].clone().into()),
            ("protocol", it["protocol"].clone().into()),
            ("endpoint", it["endpoint"].clone().into()),
        ]);
        let part = terraform::Part::new("aws_sns_topic_subscription", arn, subscription);
        Ok(vec![part.unread(&["confirmation_timeout_in_minutes", "endpoint_auto_confirms"])])
    },
    get_att: None,
    cloudformation: |it| {
        let arn = arn(it)?;
        let subscription = properties([
            ("TopicArn", it["topic_arn"].clone()),
            ("Protocol", it["protocol"].clone()),
            ("Endpoint", it["endpoint"].clone()),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::SNS::Subscription", [("Arn", arn)], subscription)])
    },
    stays: &[],
};

/// Its ARN, by which it is imported: AWS makes it up when the receiver confirms.
fn arn<'a>(it: &Subject<'a>) -> Result<&'a str, &'static str> {
    match it.output("arn") {
        Some(arn) => Ok(arn),
        None if it.outputs["pending"] == true => Err(
            "the receiver has not confirmed it, so it has no ARN yet: click the link in AWS's mail, then export again",
        ),
        None => Err("its ARN, which AWS makes up, is not known here: it is once the environment is applied and read"),
    }
}
