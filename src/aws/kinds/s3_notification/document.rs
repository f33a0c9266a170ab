//! The document with a bucket's entries: finding ours, splicing it, and what would collide with it.

use aws_sdk_s3::error::BuildError;
use aws_sdk_s3::types::{
    Event, FilterRule, FilterRuleName, NotificationConfiguration, NotificationConfigurationFilter, QueueConfiguration,
    S3KeyFilter,
};

use super::Live;
use crate::catalog::s3_notification::Spec;

/// Our entry.
pub(super) fn ours<'a>(live: &'a Live, id: &str) -> Option<&'a QueueConfiguration> {
    live.queue_configurations().iter().find(|entry| entry.id() == Some(id))
}

/// The document with our entry in it, or without; everybody else's moves through untouched.
pub(super) fn splice(live: Live, id: &str, entry: Option<QueueConfiguration>) -> NotificationConfiguration {
    let others = live.queue_configurations.unwrap_or_default().into_iter().filter(|entry| entry.id() != Some(id));
    NotificationConfiguration::builder()
        .set_queue_configurations(Some(others.chain(entry).collect()))
        .set_topic_configurations(live.topic_configurations)
        .set_lambda_function_configurations(live.lambda_function_configurations)
        .set_event_bridge_configuration(live.event_bridge_configuration)
        .build()
}

/// Our entry as it is in the document.
pub(super) fn from_aws(bucket: &str, id: &str, entry: &QueueConfiguration) -> Spec {
    Spec {
        bucket: bucket.to_owned(),
        id: id.to_owned(),
        queue_arn: entry.queue_arn.clone(),
        events: entry.events.iter().map(|event| event.as_str().to_owned()).collect(),
        prefix: filter(entry.filter(), "prefix").to_owned(),
        suffix: filter(entry.filter(), "suffix").to_owned(),
    }
}

/// Our entry as the document takes it: names of filter rules in lower case, none for what is empty.
pub(super) fn to_aws(want: &Spec) -> Result<QueueConfiguration, BuildError> {
    let rules = [(FilterRuleName::Prefix, &want.prefix), (FilterRuleName::Suffix, &want.suffix)];
    let rules = rules.into_iter().filter(|(_, value)| !value.is_empty());
    let rules: Vec<_> = rules.map(|(name, value)| FilterRule::builder().name(name).value(value).build()).collect();
    let key = S3KeyFilter::builder().set_filter_rules(Some(rules.clone())).build();
    let filter = NotificationConfigurationFilter::builder().key(key).build();
    QueueConfiguration::builder()
        .id(&want.id)
        .queue_arn(&want.queue_arn)
        .set_events(Some(want.events.iter().map(|event| Event::from(event.as_str())).collect()))
        .set_filter((!rules.is_empty()).then_some(filter))
        .build()
}

/// The value of a filter rule; S3 returns some names with a capital.
fn filter<'a>(filter: Option<&'a NotificationConfigurationFilter>, name: &str) -> &'a str {
    let rules = filter.and_then(|filter| filter.key()).map(S3KeyFilter::filter_rules).unwrap_or_default();
    let rule = rules.iter().find(|rule| rule.name().is_some_and(|rule| rule.as_str().eq_ignore_ascii_case(name)));
    rule.and_then(FilterRule::value).unwrap_or_default()
}

/// What queue, topic and function entries have in common.
pub(in crate::aws::kinds) struct Entry<'a> {
    pub(in crate::aws::kinds) id: Option<&'a str>,
    pub(in crate::aws::kinds) target: &'a str,
    events: &'a [Event],
    filter: Option<&'a NotificationConfigurationFilter>,
}

impl Entry<'_> {
    /// What a key has to begin with.
    pub(super) fn prefix(&self) -> &str {
        filter(self.filter, "prefix")
    }

    /// What a key has to end with.
    pub(super) fn suffix(&self) -> &str {
        filter(self.filter, "suffix")
    }
}

/// All entries of a document; EventBridge is not one: it gets every event, and overlaps with nothing.
pub(in crate::aws::kinds) fn entries(live: &Live) -> impl Iterator<Item = Entry<'_>> {
    macro_rules! entry {
        ($target:ident) => {
            |entry| Entry { id: entry.id(), target: entry.$target(), events: entry.events(), filter: entry.filter() }
        };
    }
    let queues = live.queue_configurations().iter().map(entry!(queue_arn));
    let topics = live.topic_configurations().iter().map(entry!(topic_arn));
    queues.chain(topics).chain(live.lambda_function_configurations().iter().map(entry!(lambda_function_arn)))
}

/// Whether S3 would refuse `want` beside this entry: some event about some key would go to both.
pub(super) fn overlap(entry: &Entry<'_>, want: &Spec) -> bool {
    let nested = |a: &str, b: &str, within: fn(&str, &str) -> bool| within(a, b) || within(b, a);
    entry.id != Some(want.id.as_str())
        && entry.events.iter().any(|event| want.events.iter().any(|ours| same_event(event.as_str(), ours)))
        && nested(entry.prefix(), &want.prefix, |a, b| a.starts_with(b))
        && nested(entry.suffix(), &want.suffix, |a, b| a.ends_with(b))
}

/// Whether two event types name a common event: `s3:ObjectCreated:*` and `s3:ObjectCreated:Put`.
fn same_event(a: &str, b: &str) -> bool {
    let covers = |wide: &str, narrow: &str| wide.strip_suffix('*').is_some_and(|wide| narrow.starts_with(wide));
    a == b || covers(a, b) || covers(b, a)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use aws_sdk_s3::types::{EventBridgeConfiguration, TopicConfiguration};

    use super::*;

    fn spec(prefix: &str, suffix: &str, event: &str) -> Spec {
        Spec {
            bucket: "events".to_owned(),
            id: "pipectl-test-clicks".to_owned(),
            queue_arn: "arn:aws:sqs:eu-west-1:123456789012:clicks".to_owned(),
            events: BTreeSet::from([event.to_owned()]),
            prefix: prefix.to_owned(),
            suffix: suffix.to_owned(),
        }
    }

    /// A document with a topic's entry for new keys under `raw/`, spelt as the console does, and EventBridge.
    fn foreign() -> Live {
        let name = FilterRuleName::from("Prefix");
        let key = S3KeyFilter::builder().filter_rules(FilterRule::builder().name(name).value("raw/").build()).build();
        let topic = TopicConfiguration::builder()
            .id("theirs")
            .topic_arn("arn:aws:sns:eu-west-1:123456789012:raw")
            .events(Event::S3ObjectCreated)
            .filter(NotificationConfigurationFilter::builder().key(key).build());
        Live::builder()
            .topic_configurations(topic.build().unwrap())
            .event_bridge_configuration(EventBridgeConfiguration::builder().build())
            .build()
    }

    fn overlaps(want: &Spec) -> bool {
        entries(&foreign()).any(|entry| overlap(&entry, want))
    }

    #[test]
    fn the_entries_of_others_survive_verbatim() {
        let want = spec("clicks/", "", "s3:ObjectCreated:*");
        let added = splice(foreign(), &want.id, Some(to_aws(&want).unwrap()));
        assert_eq!(added.queue_configurations().len(), 1);
        assert_eq!(added.topic_configurations, foreign().topic_configurations);
        assert_eq!(added.event_bridge_configuration, foreign().event_bridge_configuration);
        let live = Live::builder()
            .set_queue_configurations(added.queue_configurations)
            .set_topic_configurations(added.topic_configurations);
        let removed = splice(live.build(), &want.id, None);
        assert!(removed.queue_configurations().is_empty());
        assert_eq!(removed.topic_configurations, foreign().topic_configurations);
    }

    #[test]
    fn an_entry_comes_back_as_it_was_written() {
        for want in [spec("clicks/", ".gz", "s3:ObjectCreated:*"), spec("", "", "s3:ObjectRemoved:Delete")] {
            assert_eq!(from_aws(&want.bucket, &want.id, &to_aws(&want).unwrap()), want);
        }
        assert_eq!(to_aws(&spec("", "", "s3:ObjectCreated:*")).unwrap().filter, None);
    }

    #[test]
    fn an_overlap_is_a_common_event_of_a_common_key() {
        assert!(overlaps(&spec("raw/clicks/", "", "s3:ObjectCreated:Put")));
        assert!(overlaps(&spec("", ".gz", "s3:ObjectCreated:*")));
        assert!(!overlaps(&spec("clicks/", "", "s3:ObjectCreated:*")));
        assert!(!overlaps(&spec("raw/", "", "s3:ObjectRemoved:*")));
    }
}
