//! Where records come from: from a stream, or straight from producers
//! (<https://docs.aws.amazon.com/firehose/latest/dev/basic-write.html>).

use super::Firehose;
use crate::spec::check::Checks;
use crate::spec::kms::Key;
use crate::spec::{Spec, kms, traffic};

/// The regions in which a delivery stream takes most, unless AWS has raised its quotas
/// (<https://docs.aws.amazon.com/firehose/latest/dev/limits.html>).
const LARGE: [&str; 3] = ["us-east-1", "us-west-2", "eu-west-1"];

impl Firehose {
    pub(super) fn check_source(&self, spec: &Spec, checks: &mut Checks<'_>) {
        if let Some(stream) = &self.source {
            if !self.encrypted {
                checks
                    .error(
                        "encrypted",
                        "with a `source` there is nothing of its own to encrypt: the stream keeps the records",
                    )
                    .help(format!("take it away; `encrypted` of `{stream}` says how they lie there"));
            }
            if self.buffer_key.is_some() {
                checks
                    .error(
                        "buffer_key",
                        "with a `source` there is nothing of its own to encrypt: the stream keeps the records",
                    )
                    .help(format!("write `kms_key` in `{stream}`, or `kms_key` here for the objects"));
            }
            if self.expect.is_some() {
                checks
                    .error("expect", format!("what it carries is what `{stream}` carries"))
                    .help(format!("write `expect` in `{stream}`"));
            }
            return;
        }
        if !self.encrypted && self.buffer_key.is_some() {
            checks.error("buffer_key", "nothing is encrypted, so it takes no key").help("take `encrypted` out");
        }
        kms::check("buffer_key", self.buffer_key.as_ref(), spec, checks);
        if self.buffer_key.as_deref().is_some_and(|key| matches!(Key::of(key), Key::AwsManaged | Key::Alias(_))) {
            checks
                .error(
                    "buffer_key",
                    "Firehose is given a key by its id, and not by an alias, which may come to mean another",
                )
                .help("write the id of the key, or its ARN");
        }
        if let Some(expected) = self.expect {
            traffic::check_direct(expected, LARGE.contains(&spec.env.region.as_str()), checks);
        }
    }
}
