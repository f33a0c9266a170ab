//! `[topic.<name>]`: an SNS topic and who reads it.

mod subscribe;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::check::{Block, Checks};
use crate::spec::expect::Messages;
use crate::spec::external::{Externals, Form, Within};
use crate::spec::kms::Key;
use crate::spec::metrics::{Metrics, Source, Usual, sources};
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::{Access, Uses};
use crate::spec::{Ref, Spec, json, kms};
pub use subscribe::Subscribe;

/// An SNS topic: where alarms are told, and to whom it passes them on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 1–256 letters, digits, `_` and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// Name that receivers of mails see.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub display_name: String,
    /// Mail addresses that get every message; each has to confirm once.
    #[serde(default)]
    #[schemars(extend("uniqueItems" = true))]
    pub emails: Vec<String>,
    /// Who else gets messages: `[[topic.NAME.subscribe]]`. A function says a topic as its `source`.
    #[serde(default)]
    pub subscribe: Vec<Subscribe>,
    /// KMS key (id, ARN or alias) that encrypts messages at rest; absent: not encrypted. Alarms can only publish
    /// with a customer's key whose policy lets `cloudwatch.amazonaws.com` use it.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// Access policy of one's own, as JSON; empty: AWS's own, for the account alone; absent: one that lets alarms of the
    /// account publish, and only by TLS.
    #[serde(default)]
    pub policy: Option<String>,
    /// The messages that are expected, on average: what `pipectl cost` and the plan reckon with; absent: as few as alarms send.
    #[serde(default)]
    pub expect: Option<Messages>,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

impl Block for Topic {
    const KIND: &'static str = "topic";
    const METRICS: Metrics =
        Metrics::Of(Source { metrics: sources::TOPIC, usual: Usual::Metric(|_, _| "NumberOfNotificationsFailed") });
    const USES: Uses = Uses::For(&[Access::Publish]);
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "sns",
        prefix: "",
        suffix: "",
        within: Within::Region,
        name: &names::TOPIC,
        keyed: true,
    });

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        vec![Name::new(&names::TOPIC, self.aws_name(block, spec), "name")]
    }

    fn check(&self, _name: &str, spec: &Spec, checks: &mut Checks<'_>) {
        for (i, email) in self.emails.iter().enumerate() {
            if !is_email(email) {
                checks
                    .error(&format!("emails.{i}"), format!("`{email}` is not a mail address"))
                    .help("write it as `name@example.com`");
            }
        }
        for (i, one) in self.subscribe.iter().enumerate() {
            one.check(&format!("subscribe.{i}"), spec, checks);
            if self.subscribe[..i].iter().any(|other| other.receiver() == one.receiver()) {
                checks
                    .error(&format!("subscribe.{i}"), "this receiver gets the messages of the topic already")
                    .help("SNS passes a message on to each receiver once: write several patterns into one `filter`");
            }
        }
        json::check("policy", self.policy.as_ref(), checks);
        kms::check("kms_key", self.kms_key.as_ref(), spec, checks);
        tags::check(&self.tags, spec, checks);
    }
}

/// Whether SNS would take this as a mail address: one `@`, a local part, a domain with a dot, nothing blank.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let label = |label: &str| {
        !label.is_empty()
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let local_fits = (1..=64).contains(&local.len())
        && local.chars().all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c))
        && local.split('.').all(|part| !part.is_empty());
    local_fits && text.len() <= 254 && domain.contains('.') && domain.split('.').all(label)
}

/// Checks that a service can publish to the topics that it is to tell.
pub(super) fn check_told(path: &str, topics: &[Ref<Topic>], service: &str, spec: &Spec, checks: &mut Checks<'_>) {
    for (i, topic) in topics.iter().enumerate() {
        let own = spec.blocks.topic.own().get(topic.name()).and_then(|topic| topic.kms_key.as_deref());
        let key = own.or_else(|| spec.blocks.topic.external().get(topic.name())?.key());
        if key.map(Key::of) == Some(Key::AwsManaged) {
            checks
                .error(
                    &format!("{path}.{i}"),
                    format!("{service} cannot publish to `{topic}`: AWS's own key encrypts it"),
                )
                .help("give the topic no `kms_key`, or a customer's whose policy lets the service use it");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_email;

    #[test]
    fn mail_addresses_are_told_from_other_text() {
        for good in ["data-oncall@example.com", "a.b+c@mail.example.co.uk"] {
            assert!(is_email(good), "{good}");
        }
        for bad in
            ["not-an-email", "", "a@b", "@example.com", "a b@example.com", "a@exa mple.com", "a@.com", "a@b@c.de"]
        {
            assert!(!is_email(bad), "{bad}");
        }
    }
}
