//! Diagnostics.

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// The spec cannot be used.
    Error,
    /// It can be used, and is probably not what was meant.
    Warning,
}
