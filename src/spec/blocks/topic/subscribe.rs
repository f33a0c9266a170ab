//! Who gets the messages of a topic besides people by mail.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::spec::blocks::Kind;
use crate::spec::blocks::function::FilterOn;
use crate::spec::blocks::queue::{Queue, is_fifo};
use crate::spec::check::Checks;
use crate::spec::filter::{self, Grammar};
use crate::spec::kms::Key;
use crate::spec::{Ref, Spec};

/// Somebody who gets messages of the topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Subscribe {
    /// The queue that gets them. Its own policy, where it says none, lets the topic send.
    #[serde(default)]
    pub to: Option<Ref<Queue>>,
    /// Or the web address: `https://example.com/alerts`. Whoever answers there has to confirm once.
    #[serde(default)]
    #[schemars(length(max = 2048), regex(pattern = "^https://[^\\s]+$"))]
    pub url: Option<String>,
    /// Patterns, of which a message has to match one; absent: all are passed on. As the `filter` of a function's source.
    #[serde(default)]
    #[schemars(length(max = 10))]
    pub filter: Vec<Map<String, Value>>,
    /// What `filter` looks at; absent: the attributes of a message. SNS charges for looking at what messages say.
    #[serde(default)]
    pub filter_on: Option<FilterOn>,
    /// Whether the message is passed on alone, without SNS's envelope.
    #[serde(default)]
    pub raw: bool,
    /// The queue that gets what could not be passed on; absent: it is lost. Its own policy, where it says none, lets the topic
    /// send.
    #[serde(default)]
    pub dead_letters: Option<Ref<Queue>>,
}

impl Subscribe {
    /// The queue or the address.
    pub fn receiver(&self) -> Option<String> {
        self.to.as_ref().map(ToString::to_string).or_else(|| self.url.clone())
    }

    pub(super) fn check(&self, path: &str, spec: &Spec, checks: &mut Checks<'_>) {
        if self.to.is_some() == self.url.is_some() {
            checks.error(path, "write `to` or `url`, and one of them alone").help("`to = \"queue.NAME\"`");
        }
        for (field, queue) in [("to", &self.to), ("dead_letters", &self.dead_letters)] {
            let Some(queue) = queue else { continue };
            let at = format!("{path}.{field}");
            if is_fifo(queue.name(), spec) {
                checks
                    .error(&at, format!("`{queue}` is a FIFO queue, and gets messages of FIFO topics alone"))
                    .help("give the topic another queue");
            }
            let own = spec.blocks.queue.own().get(queue.name()).and_then(|queue| queue.kms_key.as_deref());
            let key = own.or_else(|| spec.blocks.external(Kind::Queue, queue.name())?.key());
            if key.map(Key::of) == Some(Key::AwsManaged) {
                checks
                    .error(&at, format!("SNS cannot send to `{queue}`: AWS's own key encrypts it"))
                    .help("give the queue no `kms_key`, or a customer's whose policy lets `sns.amazonaws.com` use it");
            }
        }
        let grammar = match self.filter_on.unwrap_or_default() {
            FilterOn::Attributes => Grammar::Attributes,
            FilterOn::Body => Grammar::Body,
        };
        filter::check_policy(&format!("{path}.filter"), &self.filter, grammar, checks);
        if self.filter.is_empty() && self.filter_on.is_some() {
            checks.error(&format!("{path}.filter_on"), "there is no `filter` that could look at it");
        }
    }
}
