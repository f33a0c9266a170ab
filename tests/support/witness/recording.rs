//! Which operations a test sends: what `tests/files/witness/operations.txt` says of it, proved each time it runs.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::{ledger, operations};

/// Names the kinds that the conformance tests are to try, where that is not all.
pub(crate) const SOME_KINDS: &str = "PIPECTL_KINDS";

thread_local! {
    /// The accounts that the test of this thread has made, while it is recorded.
    static ACCOUNTS: RefCell<Option<Vec<String>>> = const { RefCell::new(None) };
}

/// Notes that the test which runs in this thread, and no other, sends to an account from now on.
pub(crate) fn made(account: &str) {
    ledger::forget(account);
    ACCOUNTS.with_borrow_mut(|accounts| {
        if let Some(accounts) = accounts {
            accounts.push(account.to_owned());
        }
    });
}

/// A test that is recorded until this is dropped; then it must have sent what the file says of it.
pub(crate) struct Recording {
    test: &'static str,
}

impl Recording {
    /// Records the test of that path: `conformance::kinds_conform_on_moto`. To be the first thing in it, so that it is
    /// the last to be dropped.
    pub(crate) fn of(test: &'static str) -> Self {
        ACCOUNTS.set(Some(Vec::new()));
        Self { test }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let accounts = ACCOUNTS.take().unwrap_or_default();
        if std::thread::panicking() {
            return;
        }
        // Of a few kinds nothing follows for the rest.
        if std::env::var_os(SOME_KINDS).is_some() {
            return;
        }
        let sent = ledger::sent_to(&accounts);
        if std::env::var_os("UPDATE").is_some() {
            operations::update(self.test, &(&sent - &operations::called_by(self.test)));
        }
        if let Err(missing) = proves(self.test, &sent) {
            panic!("{missing}");
        }
    }
}

/// Whether what a test sent is what the list says of it.
pub(crate) fn proves(test: &str, sent: &BTreeSet<String>) -> Result<(), String> {
    let missing = &operations::listed_for(test) - sent;
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{test} no longer sends what {} says of it; where another test does, `{}`:\n{}",
        operations::FILE,
        operations::UPDATE,
        missing.into_iter().collect::<Vec<_>>().join("\n")
    ))
}
