//! What was sent to which account, and what was wrong with it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{LazyLock, Mutex};

use hyper::Request;
use hyper::body::Bytes;

use super::super::proxy::access_key;

#[derive(Default)]
struct Ledger {
    accounts: HashMap<String, Heard>,
    /// The accounts of access keys that are not an account's number.
    keys: HashMap<String, String>,
}

/// What was sent to one account.
#[derive(Default)]
struct Heard {
    /// Operations (`kinesis CreateStream`) that broke no model.
    sent: BTreeSet<String>,
    /// Violations, and how often there was each.
    violations: BTreeMap<String, usize>,
    /// Parts of the violations that its test makes on purpose.
    excused: Vec<&'static str>,
}

/// Where requests are noted whose account nobody knows.
const NOBODY: &str = "nobody";

static LEDGER: LazyLock<Mutex<Ledger>> = LazyLock::new(Mutex::default);

/// Notes a call. Whether it is to be refused: it broke its model, and not on purpose.
pub(super) fn note(request: &Request<Bytes>, owner: Option<&str>, call: &str, violations: &[String]) -> bool {
    let mut ledger = LEDGER.lock().unwrap();
    let account = ledger.account(request, owner);
    let heard = ledger.accounts.entry(account).or_default();
    let excused = |violation: &&String| heard.excused.iter().any(|part| format!("{call} {violation}").contains(part));
    let blamed: Vec<&String> = violations.iter().filter(|violation| !excused(violation)).collect();
    if violations.is_empty() {
        heard.sent.insert(call.to_owned());
    }
    let refused = !blamed.is_empty();
    for violation in blamed {
        *heard.violations.entry(format!("{call} {violation}")).or_default() += 1;
    }
    refused
}

impl Ledger {
    fn account(&self, request: &Request<Bytes>, owner: Option<&str>) -> String {
        let key = access_key(request).unwrap_or_default();
        if key.len() == 12 && key.bytes().all(|byte| byte.is_ascii_digit()) {
            return key.to_owned();
        }
        self.keys.get(key).map(String::as_str).or(owner).unwrap_or(NOBODY).to_owned()
    }
}

/// Notes that an access key is one of an account's.
pub(crate) fn of_account(key: &str, account: &str) {
    LEDGER.lock().unwrap().keys.insert(key.to_owned(), account.to_owned());
}

/// Leaves out of what fails the test of an account the violations that contain `part`, such as
/// `kinesis CreateStream .StreamName`.
pub(super) fn excuse(account: &str, part: &'static str) {
    LEDGER.lock().unwrap().accounts.entry(account.to_owned()).or_default().excused.push(part);
}

/// Forgets what was sent to an account so far.
pub(super) fn forget(account: &str) {
    if let Some(heard) = LEDGER.lock().unwrap().accounts.get_mut(account) {
        heard.sent.clear();
    }
}

/// The operations that were sent to some accounts and broke no model: `kinesis CreateStream`.
pub(super) fn sent_to(accounts: &[String]) -> BTreeSet<String> {
    let ledger = LEDGER.lock().unwrap();
    accounts.iter().filter_map(|account| ledger.accounts.get(account)).flat_map(|heard| heard.sent.clone()).collect()
}

/// Fails the test of an account at its end, if one of its requests broke a model.
///
/// A request whose account nobody knows fails whichever test ends next.
pub(crate) struct Watch {
    account: String,
}

impl Watch {
    /// Watches an account until it is dropped.
    pub(crate) fn over(account: &str) -> Self {
        Self { account: account.to_owned() }
    }

    /// Leaves violations out that contain `part`: what a test sends on purpose.
    pub(crate) fn excuse(&self, part: &'static str) {
        excuse(&self.account, part);
    }

    fn violations(&self) -> Vec<String> {
        let mut ledger = LEDGER.lock().unwrap();
        let mut all = Vec::new();
        for account in [self.account.as_str(), NOBODY] {
            let heard = ledger.accounts.get_mut(account).map(|heard| std::mem::take(&mut heard.violations));
            all.extend(
                heard.unwrap_or_default().into_iter().map(|(violation, count)| format!("{count} x {violation}")),
            );
        }
        all
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let violations = self.violations();
        if violations.is_empty() {
            return;
        }
        let report = format!("requests that AWS would refuse:\n{}", violations.join("\n"));
        if std::thread::panicking() {
            println!("{report}");
        } else {
            panic!("{report}");
        }
    }
}
