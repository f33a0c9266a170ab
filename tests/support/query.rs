//! AWS's query protocol by hand, for what the SDK cannot read of an emulator's.

use super::emulator::Account;
use super::unsigned::post;

/// The XML that an emulator answers to a form.
pub(crate) async fn query(account: &Account, service: &str, form: &str) -> String {
    post(account, service, "Content-Type: application/x-www-form-urlencoded\r\n", form).await
}
