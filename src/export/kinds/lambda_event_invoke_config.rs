//! What becomes of events that reach functions asynchronously.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, attribute, text};
use crate::catalog::Type;
use crate::catalog::lambda_event_invoke_config::{InvokeConfig, Spec};
use crate::export::Target;
use crate::export::parts::cloudformation::{self, named, properties};
use crate::export::parts::terraform::{self, Term, block, fields};
use crate::model::scope::Scope;

const OF_FUNCTION: &str = "it goes along with the function";
/// The settings are those of the function itself, and of no version.
const QUALIFIER: &str = "$LATEST";

impl Exported for InvokeConfig {
    const TERRAFORM_TYPE: &'static str = "aws_lambda_function_event_invoke_config";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_lambda_function_event_invoke_config", |it| {
        // Named by its name, or by its ARN; what is of a version or an alias is another.
        let function = text(&it["function_name"]).rsplit(':').next().unwrap_or_default();
        let own = text(&it["qualifier"]).is_empty() && !function.is_empty();
        own.then(|| function.to_owned()).into_iter().collect()
    })];
    const GET_ATT: Option<&'static str> = None;
    const STAYS: &'static [Stays] = &[
        Stays { attribute: attribute!(Spec.role_arn), target: Target::Terraform, reason: OF_FUNCTION },
        Stays { attribute: attribute!(Spec.role_arn), target: Target::CloudFormation, reason: OF_FUNCTION },
    ];

    fn name(_spec: &Spec) -> Option<&str> {
        None
    }

    fn arn(_scope: &Scope, _spec: &Spec) -> Option<String> {
        None
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { function, role_arn: _, retries, max_age_seconds, success_arn, failure_arn } = it.spec;
        let to = |arn: &Option<String>| match arn {
            Some(arn) => block([("destination", arn.into())]),
            None => Term::none(),
        };
        let destinations = match (success_arn, failure_arn) {
            (None, None) => Term::none(),
            _ => block([("on_failure", to(failure_arn)), ("on_success", to(success_arn))]),
        };
        let config = fields([
            ("function_name", Term::named(Type::Function, function)),
            ("maximum_retry_attempts", retries.into()),
            ("maximum_event_age_in_seconds", max_age_seconds.into()),
            ("destination_config", destinations),
        ]);
        Ok(vec![terraform::Part::new("aws_lambda_function_event_invoke_config", function, config)])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { function, role_arn: _, retries, max_age_seconds, success_arn, failure_arn } = it.spec;
        let to = |arn: &Option<String>| arn.as_ref().map(|arn| json!({ "Destination": arn }));
        let destinations = match (success_arn, failure_arn) {
            (None, None) => json!(null),
            (Some(_), None) => json!({ "OnSuccess": to(success_arn) }),
            (None, Some(_)) => json!({ "OnFailure": to(failure_arn) }),
            (Some(_), Some(_)) => json!({ "OnSuccess": to(success_arn), "OnFailure": to(failure_arn) }),
        };
        let config = properties([
            ("FunctionName", named(Type::Function, function)),
            ("Qualifier", json!(QUALIFIER)),
            ("MaximumRetryAttempts", json!(retries)),
            ("MaximumEventAgeInSeconds", json!(max_age_seconds)),
            ("DestinationConfig", destinations),
        ]);
        let id = [("FunctionName", function.as_str()), ("Qualifier", QUALIFIER)];
        Ok(vec![cloudformation::Part::new("AWS::Lambda::EventInvokeConfig", id, config)])
    }
}
