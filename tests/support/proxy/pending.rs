//! Subscriptions by mail that nobody has confirmed.

use std::sync::LazyLock;

use hyper::Response;
use hyper::body::Bytes;
use regex_lite::{Captures, Regex};

use super::realism::Asked;

/// A list of subscriptions in which those by mail are pending; every other reply as it is.
pub(crate) fn shown(asked: &Asked<'_>, reply: Response<Bytes>) -> Response<Bytes> {
    static MEMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new("(?s)<member>.*?</member>").unwrap());
    static ARN: LazyLock<Regex> = LazyLock::new(|| Regex::new("<SubscriptionArn>[^<]*</SubscriptionArn>").unwrap());
    if !matches!(asked.operation.full_name().as_str(), "sns:ListSubscriptionsByTopic" | "sns:ListSubscriptions") {
        return reply;
    }
    let pending = |member: &Captures<'_>| {
        let member = &member[0];
        if !member.contains("<Protocol>email</Protocol>") {
            return member.to_owned();
        }
        ARN.replace(member, "<SubscriptionArn>PendingConfirmation</SubscriptionArn>").into_owned()
    };
    reply.map(|body| MEMBER.replace_all(&String::from_utf8_lossy(&body), pending).into_owned().into())
}
