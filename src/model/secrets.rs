//! Secrets that an apply is given besides its plan: they go to AWS, and nowhere else.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use secrecy::SecretString;

/// Secrets by the name of the environment variable in which each is looked for. They cannot be printed.
#[derive(Debug, Default)]
pub struct Secrets(Mutex<BTreeMap<String, SecretString>>);

impl Secrets {
    /// Keeps a secret for the resources that ask for it by its variable.
    pub fn give(&self, variable: &str, secret: SecretString) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(variable.to_owned(), secret);
    }

    /// The secret of a variable, if it was given.
    pub fn get(&self, variable: &str) -> Option<SecretString> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(variable).cloned()
    }
}
