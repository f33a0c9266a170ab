//! What is wrong with an expression.

/// An error, and the byte that it stands at.
#[derive(Debug)]
pub(super) struct Error {
    pub(super) at: usize,
    pub(super) reason: String,
}

impl Error {
    pub(super) fn new(at: usize, reason: impl Into<String>) -> Self {
        Self { at, reason: reason.into() }
    }
}
