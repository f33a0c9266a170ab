//! The form of a function's log.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Function;
use crate::spec::check::Checks;

/// The form of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines of text.
    #[default]
    Text,
    /// An object of JSON to a line, with levels by which it is filtered.
    Json,
}

/// The levels of what code logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the levels of every log")]
pub enum LogLevel {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
}

/// The levels of what Lambda logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the levels of every log")]
pub enum SystemLogLevel {
    Debug,
    Info,
    Warn,
}

impl LogLevel {
    /// Lambda's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Trace => "TRACE",
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Fatal => "FATAL",
        }
    }
}

impl SystemLogLevel {
    /// Lambda's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
        }
    }
}

/// Checks that levels are said of a log that has them.
pub(super) fn check(function: &Function, checks: &mut Checks<'_>) {
    let levels =
        [("log_level", function.log_level.is_some()), ("system_log_level", function.system_log_level.is_some())];
    for (key, _) in levels.into_iter().filter(|(_, said)| *said && function.log_format == LogFormat::Text) {
        checks.error(key, "a log of text has no levels").help("write `log_format = \"json\"`, or take it out");
    }
}
