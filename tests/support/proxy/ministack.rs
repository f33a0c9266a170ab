//! What MiniStack does not say as AWS does.
//!
//! ListDashboards gives LastModified as a text, where CBOR has a tag for times: the SDK refuses the whole list.

use aws_smithy_cbor::Decoder;
use hyper::Response;
use hyper::body::Bytes;

use super::moto::{decoded, encoded};
use super::operation::{Operation, Protocol};

/// A reply as the SDK understands it.
pub(crate) fn reply(operation: &Operation, reply: Response<Bytes>) -> Response<Bytes> {
    let lists = operation.protocol == Protocol::Cbor && operation.name == "ListDashboards";
    if !lists || !reply.status().is_success() {
        return reply;
    }
    reply.map(|body| {
        let mut body = decoded(&mut Decoder::new(&body)).expect("MiniStack sends valid CBOR");
        for entry in body["DashboardEntries"].as_array_mut().into_iter().flatten() {
            entry.as_object_mut().expect("an entry is a map").remove("LastModified");
        }
        encoded(&body)
    })
}
