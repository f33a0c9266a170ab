//! The rule that tells topics of what fails, where AWS tells it by an event and no metric lasts.

use std::collections::BTreeMap;

use serde_json::Value;

use super::BuildContext;
use crate::catalog::events_rule::{self, Target};
use crate::model::graph::What;
use crate::spec::Ref;
use crate::spec::blocks::topic::Topic;
use crate::spec::kms::Key;
use crate::spec::tags::Tags;

/// Adds a rule of that name, which passes the events of a pattern on to topics; nothing where nobody is told.
pub(super) fn add(site: &mut BuildContext<'_>, name: String, pattern: Value, topics: &[Ref<Topic>], tags: &Tags) {
    if topics.is_empty() {
        return;
    }
    let target = |topic: &Ref<Topic>| (topic.name().to_owned(), Target { arn: site.resolve(topic).arn, input: None });
    let rule = events_rule::Spec {
        name,
        description: format!("Tells of what fails of {} of {}", site.address, site.spec.env.name),
        schedule: None,
        pattern: Some(pattern),
        enabled: true,
        targets: topics.iter().map(target).collect::<BTreeMap<_, _>>(),
        tags: site.part_tags("failures", tags),
    };
    let needs: Vec<_> = [site.address.clone()].into_iter().chain(topics.iter().map(Ref::address)).collect();
    site.add_part("failures", rule, needs);
    for topic in topics {
        site.flow(site.address.clone(), What::Notifies, topic.address());
        ask(site, topic);
    }
}

/// What pipectl does not write: the policy of a topic that says its own, or is another owner's, and that of a key.
fn ask(site: &mut BuildContext<'_>, topic: &Ref<Topic>) {
    let own = site.spec.blocks.topic.own().get(topic.name());
    if own.is_none_or(|own| own.policy.is_some()) {
        site.note(
            format!("What fails of {} is told only if the policy of `{topic}` lets EventBridge publish", site.address),
            "allow `events.amazonaws.com` the action sns:Publish in it, without a condition: EventBridge names no source there",
        );
    }
    let key = site.resolve(topic).key;
    if let Some(key) = key.filter(|key| Key::of(key) != Key::AwsManaged) {
        site.note(
            format!(
                "What fails of {} is told only if the policy of the key `{key}` lets EventBridge use it",
                site.address
            ),
            "allow `events.amazonaws.com` the actions kms:Decrypt and kms:GenerateDataKey* in the key's policy",
        );
    }
}
