//! Permissions to call a Lambda function: statements of its policy, by which an AWS service may call it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Bound, Names, Nothing};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;

/// A permission to call a Lambda function: a service may call it for one thing, a rule of EventBridge, a bucket or an API's method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the function.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) function: String,
    /// Id of the statement in the function's policy; 1–100 of `[A-Za-z0-9_-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) statement_id: String,
    /// The service: `events.amazonaws.com`, `s3.amazonaws.com`, `sns.amazonaws.com`, `apigateway.amazonaws.com`.
    pub(crate) principal: String,
    /// ARN of what the service may call it for.
    #[serde(default)]
    pub(crate) source_arn: Option<String>,
    /// The account of what the service may call it for, where the ARN has none: a bucket that is deleted, and made anew by
    /// somebody else, has the same ARN.
    #[serde(default)]
    pub(crate) source_account: Option<String>,
    /// In place of `source_arn`, what an API may call it for: AWS makes up the id in the ARN of an API.
    #[serde(default)]
    pub(crate) api: Option<Api>,
}

/// What a REST API calls a function for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Api {
    /// Name of the API.
    pub(crate) name: String,
    /// Stage, method and path: `*/POST/events`, with `*` for any.
    pub(crate) calls: String,
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of what the service may call it for, with the id of the API.
    pub(crate) source_arn: Option<String>,
}

/// Permissions to call functions.
pub(crate) struct Permission;

pub(crate) const FUNCTION: On = On::Arns(&["arn:{partition}:lambda:{region}:{account}:function:{function}"]);

/// They are taken away and added anew; Lambda's events have the date of the API's version in their names.
const CHANGED: &[&str] = &["lambda:AddPermission20150331v2", "lambda:RemovePermission20150331v2"];

impl ResourceType for Permission {
    const KIND: &'static str = "lambda_permission";
    const AWS_TYPE: &'static str = "AWS::Lambda::Permission";
    const OWNERSHIP: Ownership = Ownership::Parent;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["lambda:GetPolicy"], FUNCTION),
        Grant::plan(&["apigateway:GET"], On::Arns(&["arn:{partition}:apigateway:{region}::/restapis"])).given("api"),
        Grant::apply(&["lambda:AddPermission", "lambda:RemovePermission"], FUNCTION),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["lambda:AddPermission20150331v2"],
        delete: &["lambda:RemovePermission20150331v2"],
        update: &[
            Update::new("principal", CHANGED),
            Update::new("source_arn", CHANGED),
            Update::new("source_account", CHANGED),
            Update::new("api", CHANGED),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: true,
        attributes: &[
            (Names, &["principal"]),
            (Bound("source"), &["source_arn", "source_account", "api"]),
            (Nothing, &["function", "statement_id"]),
        ],
    };
    const PRICE: Price = Price::None("it is a statement of a policy");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Exists("it is a statement of a policy");
    const METRICS: Metrics = Metrics::None("it is a statement of a policy");
    const EXAMPLES: &'static str = r#"
        [first]
        function = "conformance-called"
        statement_id = "schedule"
        principal = "s3.amazonaws.com"
        source_arn = "arn:aws:s3:::conformance-telling"
        source_account = "123456789012"

        [second]
        function = "conformance-called"
        statement_id = "schedule"
        principal = "apigateway.amazonaws.com"
        api = { name = "conformance-calling", calls = "live/*" }

        [[needs]]
        kind = "iam_role"
        name = "conformance-called"
        trust = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] }

        [[needs]]
        kind = "lambda_function"
        name = "conformance-called"
        role_arn = "arn:aws:iam::123456789012:role/conformance-called"
        code = { path = "examples/analytics/functions/process" }
        runtime = "python3.13"
        handler = "app.handler"
        memory_mb = 256
        timeout_seconds = 60
        architecture = "x86_64"
        log_group = "/aws/lambda/conformance-called"

        [[needs]]
        kind = "apigateway_rest_api"
        name = "conformance-calling"
        methods = {}
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.function, spec.statement_id)
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it is a statement of a policy")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("it is a statement of a policy")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let changed = now.zip(want).filter(|(now, want)| now != want);
        let taken = |(now, _): (&Spec, &Spec)| {
            format!(
                "It is taken away and given anew: calls of {} by {} in between are refused.",
                now.function, now.principal
            )
        };
        changed.map(taken).into_iter().collect()
    }
}
