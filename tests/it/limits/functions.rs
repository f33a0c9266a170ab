//! The same of what a function runs, and how it is called.

use super::rows::{Row, choice, number};

pub(super) const ROWS: &[Row] = &[
    number(
        "function.ephemeral_storage_mb",
        "function.r.ephemeral_storage_mb",
        &["lambda:EphemeralStorage.Size", "AWS::Lambda::Function#EphemeralStorage.Size"],
    )
    .own(&[(
        "max",
        10_240,
        "Lambda's developer guide; the API's model says 32,768, and CloudFormation's 10,240 (December 2026)",
    )]),
    number(
        "function.asynchronous.retries",
        "function.r.asynchronous.retries",
        &[
            "lambda:PutFunctionEventInvokeConfigRequest.MaximumRetryAttempts",
            "AWS::Lambda::EventInvokeConfig#MaximumRetryAttempts",
        ],
    ),
    number(
        "function.asynchronous.max_age_seconds",
        "function.r.asynchronous.max_age_seconds",
        &[
            "lambda:PutFunctionEventInvokeConfigRequest.MaximumEventAgeInSeconds",
            "AWS::Lambda::EventInvokeConfig#MaximumEventAgeInSeconds",
        ],
    ),
    choice("function.log_format", &["lambda:LoggingConfig.LogFormat"]),
    choice("function.log_level", &["lambda:LoggingConfig.ApplicationLogLevel"]),
    choice("function.system_log_level", &["lambda:LoggingConfig.SystemLogLevel"]),
];
