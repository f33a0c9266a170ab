//! A witness of every request that tests send to an emulator: AWS's own models, in a process of its own.
//!
//! An emulator accepts much that AWS refuses. A proxy shows each request to the witness before it passes it on; what
//! breaks a model is refused as AWS would refuse it, and fails the test whose account it was sent to. What the
//! witness knows and how stands in `tests/witness/README.md`.

mod ledger;
pub(crate) mod operations;
pub(crate) mod process;
pub(crate) mod recording;

use hyper::Request;
use hyper::body::Bytes;
use serde_json::{Value, json};

use super::proxy::Failure;
pub(crate) use ledger::{Watch, of_account};
pub(crate) use recording::{Recording, SOME_KINDS, made};

/// Shows a request to the witness, and returns how AWS would refuse it where it breaks a model. `owner` is the account
/// whose test sends it, unless its access key says another.
pub(crate) async fn refuses(request: &Request<Bytes>, owner: Option<&str>) -> Option<Failure> {
    // A benchmark measures pipectl alone.
    if cfg!(not(test)) {
        return None;
    }
    let verdict = process::ask(asked(request), body(request)).await;
    let (service, operation) = (text(&verdict, "service"), text(&verdict, "operation"));
    let violations: Vec<String> = verdict["violations"].as_array().into_iter().flatten().map(said).collect();
    let call = format!("{service} {operation}");
    let refused = ledger::note(request, owner, &call, &violations);
    refused.then(|| {
        let message = format!("{call} is not as AWS's model of it says: {}", violations.join("; "));
        Failure::Other { status: 400, code: "ValidationException", message }
    })
}

/// All of a request but its body.
fn asked(request: &Request<Bytes>) -> Value {
    let headers: serde_json::Map<String, Value> = request
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
        .collect();
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    json!({ "method": request.method().as_str(), "target": target, "headers": headers })
}

/// The body, if a model can say anything of it: an object's is what it is.
fn body(request: &Request<Bytes>) -> Bytes {
    const LONG: usize = 1 << 20;
    let objects = request.method() == hyper::Method::PUT && request.body().len() > LONG;
    if objects { Bytes::new() } else { request.body().clone() }
}

fn text(verdict: &Value, name: &str) -> String {
    verdict[name].as_str().unwrap_or_default().to_owned()
}

fn said(violation: &Value) -> String {
    violation.as_str().map_or_else(|| violation.to_string(), str::to_owned)
}
