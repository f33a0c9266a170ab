//! Roles that IAM has not made known to Firehose yet.

use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hyper::Response;
use hyper::body::Bytes;

use super::realism::Asked;

/// What Firehose says of one, in turn.
const SAID: [&str; 3] = [
    "Firehose is unable to assume role {role}. Please check the role provided.",
    "Role {role} is not authorized to perform: kinesis:DescribeStream on the source stream.",
    "Verify that the IAM role has access to the resources of the delivery stream: {role}",
];

/// When the roles of an account were made.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    born: Mutex<HashMap<String, Instant>>,
    refusals: AtomicUsize,
}

impl Roles {
    /// Remembers a role that was just made.
    pub(crate) fn note(&self, asked: &Asked<'_>, reply: &Response<Bytes>) {
        if asked.operation.full_name() != "iam:CreateRole" || !reply.status().is_success() {
            return;
        }
        let body = String::from_utf8_lossy(&asked.body);
        if let Some(name) = body.split('&').find_map(|pair| pair.strip_prefix("RoleName=")) {
            self.born.lock().unwrap().insert(name.to_owned(), Instant::now());
        }
    }

    /// What Firehose answers to a call that names a role younger than `age`.
    pub(crate) fn refusal(&self, asked: &Asked<'_>, age: Duration) -> Option<Response<Bytes>> {
        if !matches!(
            asked.operation.full_name().as_str(),
            "firehose:CreateDeliveryStream" | "firehose:UpdateDestination"
        ) {
            return None;
        }
        let body = String::from_utf8_lossy(&asked.body);
        let born = self.born.lock().unwrap();
        let young = |name: &&String| body.contains(&format!(":role/{name}\"")) && born[*name].elapsed() < age;
        let name = born.keys().find(young)?;
        let said = SAID[self.refusals.fetch_add(1, Ordering::SeqCst) % SAID.len()];
        Some(asked.refused("InvalidArgumentException", said.replace("{role}", name)))
    }
}
