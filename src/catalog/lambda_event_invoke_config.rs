//! What becomes of events that reach a Lambda function asynchronously.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Names, Nothing};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;

/// How often, and how long, Lambda tries events that reach a function asynchronously, and whom it tells what became of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the function.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) function: String,
    /// ARN of the role that the function works as, as which Lambda tells. AWS shows it with the function.
    #[schemars(extend("x-unread" = true))]
    pub(crate) role_arn: String,
    /// How often an event that failed is tried again; 0–2.
    #[serde(default = "most_retries")]
    pub(crate) retries: u32,
    /// Events older than this are not tried, in seconds; 60–21,600.
    #[serde(default = "six_hours")]
    pub(crate) max_age_seconds: u32,
    /// ARN of the queue, topic, function or event bus that gets what the function answered.
    #[serde(default)]
    pub(crate) success_arn: Option<String>,
    /// ARN of the queue, topic, function, bucket or event bus that gets the events that are given up.
    #[serde(default)]
    pub(crate) failure_arn: Option<String>,
}

/// What AWS does unless it is told otherwise.
pub(crate) fn most_retries() -> u32 {
    2
}

/// The same.
pub(crate) fn six_hours() -> u32 {
    21_600
}

/// What AWS makes up: nothing.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {}

/// Settings of asynchronous calls.
pub(crate) struct InvokeConfig;

pub(crate) const FUNCTION: On = On::Arns(&["arn:{partition}:lambda:{region}:{account}:function:{function}"]);

/// One call makes and changes it; Lambda's events have the date of the API's version in their names.
const PUT: &[&str] = &["lambda:PutFunctionEventInvokeConfig20190925"];

impl ResourceType for InvokeConfig {
    const KIND: &'static str = "lambda_event_invoke_config";
    const AWS_TYPE: &'static str = "AWS::Lambda::EventInvokeConfig";
    const OWNERSHIP: Ownership = Ownership::Parent;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["lambda:GetFunctionEventInvokeConfig"], FUNCTION),
        Grant::apply(&["lambda:DeleteFunctionEventInvokeConfig", "lambda:PutFunctionEventInvokeConfig"], FUNCTION),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: PUT,
        delete: &["lambda:DeleteFunctionEventInvokeConfig20190925"],
        update: &[
            Update::new("failure_arn", PUT).saying("destinationConfig"),
            Update::new("max_age_seconds", PUT).saying("maximumEventAgeInSeconds"),
            Update::new("retries", PUT).saying("maximumRetryAttempts"),
            Update::new("success_arn", PUT).saying("destinationConfig"),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[
            // Who gets what the function was given, and what it answered.
            (Names, &["success_arn", "failure_arn"]),
            (Nothing, &["function", "role_arn", "retries", "max_age_seconds"]),
        ],
    };
    const PRICE: Price = Price::None("calls and messages are billed with what gets them");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Exists("it is a setting of the function");
    const METRICS: Metrics = Metrics::None("calls are counted for the function");
    const EXAMPLES: &'static str = r#"
        [first]
        function = "conformance-told"
        role_arn = "arn:aws:iam::123456789012:role/conformance-told"
        retries = 0
        max_age_seconds = 3600
        failure_arn = "arn:aws:sqs:us-east-1:123456789012:conformance-given-up"

        [second]
        function = "conformance-told"
        role_arn = "arn:aws:iam::123456789012:role/conformance-told"
        retries = 1
        max_age_seconds = 60
        success_arn = "arn:aws:sqs:us-east-1:123456789012:conformance-given-up"

        [[needs]]
        queue = "conformance-given-up"

        [[needs]]
        kind = "iam_role"
        name = "conformance-told"
        trust = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] }

        [[needs]]
        kind = "lambda_function"
        name = "conformance-told"
        role_arn = "arn:aws:iam::123456789012:role/conformance-told"
        code = { path = "examples/analytics/functions/process" }
        runtime = "python3.13"
        handler = "app.handler"
        memory_mb = 256
        timeout_seconds = 60
        architecture = "x86_64"
        log_group = "/aws/lambda/conformance-told"
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.function.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("events that wait are Lambda's own")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("a function has one")
    }

    fn align(now: &mut Spec, want: &Spec) {
        now.role_arn.clone_from(&want.role_arn);
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        match (now, want) {
            (Some(now), Some(want)) if now.function != want.function => {
                vec![format!(
                    "Events of `{}` are tried as usual from then on, and nobody is told of them.",
                    now.function
                )]
            }
            (Some(now), Some(want)) => now.narrowed_by(want),
            _ => Vec::new(),
        }
    }
}

impl Spec {
    /// What is given up sooner, and who hears of it no more.
    fn narrowed_by(&self, want: &Self) -> Vec<String> {
        let sooner = want.retries < self.retries || want.max_age_seconds < self.max_age_seconds;
        let sooner = sooner.then(|| match &want.failure_arn {
            Some(arn) => format!("An event that fails is given up sooner, and goes to {arn} then."),
            None => "An event that fails is given up sooner, and is lost then.".to_owned(),
        });
        let gone = |now: &Option<String>, want: &Option<String>, what: &str| {
            let now = now.as_ref().filter(|now| want.as_ref() != Some(now));
            now.map(|arn| format!("{arn} no longer gets {what}."))
        };
        let failures = gone(&self.failure_arn, &want.failure_arn, "the events that are given up");
        let answers = gone(&self.success_arn, &want.success_arn, "what the function answers");
        [sooner, failures, answers].into_iter().flatten().collect()
    }
}
