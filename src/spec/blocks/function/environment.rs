//! The environment variables of a function.

use std::collections::BTreeMap;

use crate::spec::check::Checks;

/// Names that Lambda sets itself and refuses from others.
const RESERVED: [&str; 18] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_DEFAULT_REGION",
    "AWS_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// The most that all environment variables have together, in bytes.
const ENVIRONMENT: usize = 4096;

/// Checks their names, and that Lambda takes them together.
pub(super) fn check(environment: &BTreeMap<String, String>, checks: &mut Checks<'_>) {
    for name in environment.keys() {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let path = format!("environment.{name}");
        if RESERVED.contains(&name.as_str()) {
            checks.error(&path, format!("`{name}` is set by Lambda itself"));
        } else if name.len() < 2 || !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(fits) {
            checks
                .error(&path, format!("an environment variable cannot be called `{name}`"))
                .help("its name begins with a letter, and has two or more letters, digits and `_`");
        }
    }
    let size: usize = environment.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > ENVIRONMENT {
        checks.error("environment", format!("together these have {size} bytes; Lambda takes {ENVIRONMENT}"));
    }
}
