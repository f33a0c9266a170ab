//! The document with a bucket's entries: finding ours, splicing it, and what would collide with it.

use aws_sdk_s3::error::BuildError;
use aws_sdk_s3::types::{
    Event, FilterRule, FilterRuleName, LambdaFunctionConfiguration, NotificationConfiguration,
    NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter,
};

use super::Live;
use crate::catalog::s3_notification::{Spec, Told};

/// An entry of ours, as the document takes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Ours {
    Queue(QueueConfiguration),
    Function(LambdaFunctionConfiguration),
}

/// Our entry as it is in the document; one that tells a topic is somebody else's, whatever its id.
pub(super) fn ours(live: &Live, bucket: &str, id: &str) -> Option<Spec> {
    let of_id = |entry: &Entry<'_>| entry.id == Some(id);
    let (queue, function) = (queues(live).find(of_id), functions(live).find(of_id));
    let told = |entry: &Entry<'_>| entry.target.to_owned();
    let (queue_arn, function_arn) = (queue.as_ref().map(told), function.as_ref().map(told));
    let entry = queue.or(function)?;
    Some(Spec {
        bucket: bucket.to_owned(),
        id: id.to_owned(),
        queue_arn,
        function_arn,
        events: entry.events.iter().map(|event| event.as_str().to_owned()).collect(),
        prefix: entry.prefix().to_owned(),
        suffix: entry.suffix().to_owned(),
    })
}

/// The document with our entry in it, or without; everybody else's moves through untouched.
pub(super) fn splice(live: Live, id: &str, entry: Option<Ours>) -> NotificationConfiguration {
    let (queue, function) = match entry {
        Some(Ours::Queue(entry)) => (Some(entry), None),
        Some(Ours::Function(entry)) => (None, Some(entry)),
        None => (None, None),
    };
    // An entry that becomes one of the other kind goes from its list.
    let queues = live.queue_configurations.unwrap_or_default().into_iter().filter(|it| it.id() != Some(id));
    let functions = live.lambda_function_configurations.unwrap_or_default();
    let functions = functions.into_iter().filter(|it| it.id() != Some(id));
    NotificationConfiguration::builder()
        .set_queue_configurations(Some(queues.chain(queue).collect()))
        .set_topic_configurations(live.topic_configurations)
        .set_lambda_function_configurations(Some(functions.chain(function).collect()))
        .set_event_bridge_configuration(live.event_bridge_configuration)
        .build()
}

/// Our entry as the document takes it: names of filter rules in lower case, none for what is empty.
pub(super) fn to_aws(want: &Spec, told: Told<'_>) -> Result<Ours, BuildError> {
    let rules = [(FilterRuleName::Prefix, &want.prefix), (FilterRuleName::Suffix, &want.suffix)];
    let rules = rules.into_iter().filter(|(_, value)| !value.is_empty());
    let rules: Vec<_> = rules.map(|(name, value)| FilterRule::builder().name(name).value(value).build()).collect();
    let key = S3KeyFilter::builder().set_filter_rules(Some(rules.clone())).build();
    let filter = NotificationConfigurationFilter::builder().key(key).build();
    let filter = (!rules.is_empty()).then_some(filter);
    let events = Some(want.events.iter().map(|event| Event::from(event.as_str())).collect());
    match told {
        Told::Queue(arn) => {
            let entry = QueueConfiguration::builder().id(&want.id).queue_arn(arn);
            entry.set_events(events).set_filter(filter).build().map(Ours::Queue)
        }
        Told::Function(arn) => {
            let entry = LambdaFunctionConfiguration::builder().id(&want.id).lambda_function_arn(arn);
            entry.set_events(events).set_filter(filter).build().map(Ours::Function)
        }
    }
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

macro_rules! entry {
    ($target:ident) => {
        |entry| Entry { id: entry.id(), target: entry.$target(), events: entry.events(), filter: entry.filter() }
    };
}

/// All entries of a document; EventBridge is not one: it gets every event, and overlaps with nothing.
pub(in crate::aws::kinds) fn entries(live: &Live) -> impl Iterator<Item = Entry<'_>> {
    let topics = live.topic_configurations().iter().map(entry!(topic_arn));
    queues(live).chain(topics).chain(functions(live))
}

fn queues(live: &Live) -> impl Iterator<Item = Entry<'_>> {
    live.queue_configurations().iter().map(entry!(queue_arn))
}

fn functions(live: &Live) -> impl Iterator<Item = Entry<'_>> {
    live.lambda_function_configurations().iter().map(entry!(lambda_function_arn))
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
            queue_arn: Some("arn:aws:sqs:eu-west-1:123456789012:clicks".to_owned()),
            function_arn: None,
            events: BTreeSet::from([event.to_owned()]),
            prefix: prefix.to_owned(),
            suffix: suffix.to_owned(),
        }
    }

    fn of_function(spec: Spec) -> Spec {
        let arn = "arn:aws:lambda:eu-west-1:123456789012:function:clicks".to_owned();
        Spec { queue_arn: None, function_arn: Some(arn), ..spec }
    }

    fn entry_of(want: &Spec) -> Ours {
        to_aws(want, want.told().unwrap()).unwrap()
    }

    /// The document as S3 shows it after it was written.
    fn written(document: NotificationConfiguration) -> Live {
        Live::builder()
            .set_queue_configurations(document.queue_configurations)
            .set_topic_configurations(document.topic_configurations)
            .set_lambda_function_configurations(document.lambda_function_configurations)
            .set_event_bridge_configuration(document.event_bridge_configuration)
            .build()
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
        let queue = spec("clicks/", "", "s3:ObjectCreated:*");
        for want in [queue.clone(), of_function(queue)] {
            let added = splice(foreign(), &want.id, Some(entry_of(&want)));
            assert_eq!(added.queue_configurations().len() + added.lambda_function_configurations().len(), 1);
            assert_eq!(added.topic_configurations, foreign().topic_configurations);
            assert_eq!(added.event_bridge_configuration, foreign().event_bridge_configuration);
            let removed = splice(written(added), &want.id, None);
            assert!(removed.queue_configurations().is_empty() && removed.lambda_function_configurations().is_empty());
            assert_eq!(removed.topic_configurations, foreign().topic_configurations);
        }
    }

    #[test]
    fn entries_of_both_kinds_stand_side_by_side_and_one_may_change_its_kind() {
        let queue = spec("views/", "", "s3:ObjectCreated:*");
        let function = Spec {
            id: "pipectl-test-function-clicks".into(),
            ..of_function(spec("clicks/", ".gz", "s3:ObjectCreated:*"))
        };
        let both = written(splice(foreign(), &queue.id, Some(entry_of(&queue))));
        let both = written(splice(both, &function.id, Some(entry_of(&function))));
        for one in [&queue, &function] {
            assert_eq!(ours(&both, "events", &one.id).as_ref(), Some(one));
        }
        let moved = Spec { id: queue.id.clone(), ..function.clone() };
        let live = written(splice(both, &queue.id, Some(entry_of(&moved))));
        assert_eq!(ours(&live, "events", &queue.id), Some(moved));
        assert_eq!(ours(&live, "events", &function.id), Some(function));
        assert_eq!(entries(&live).count(), 3);
    }

    #[test]
    fn an_entry_comes_back_as_it_was_written() {
        for want in [spec("clicks/", ".gz", "s3:ObjectCreated:*"), spec("", "", "s3:ObjectRemoved:Delete")] {
            for want in [of_function(want.clone()), want] {
                let live = written(splice(Live::builder().build(), &want.id, Some(entry_of(&want))));
                assert_eq!(ours(&live, &want.bucket, &want.id), Some(want));
            }
        }
        let Ours::Queue(all) = entry_of(&spec("", "", "s3:ObjectCreated:*")) else { panic!("a queue's entry") };
        assert_eq!(all.filter, None);
    }

    #[test]
    fn an_overlap_is_a_common_event_of_a_common_key() {
        assert!(overlaps(&spec("raw/clicks/", "", "s3:ObjectCreated:Put")));
        assert!(overlaps(&spec("", ".gz", "s3:ObjectCreated:*")));
        assert!(!overlaps(&spec("clicks/", "", "s3:ObjectCreated:*")));
        assert!(!overlaps(&spec("raw/", "", "s3:ObjectRemoved:*")));
        assert!(overlaps(&of_function(spec("raw/clicks/", "", "s3:ObjectCreated:*"))));
        let function = of_function(spec("clicks/", "", "s3:ObjectCreated:*"));
        let live = written(splice(foreign(), "other", Some(entry_of(&Spec { id: "other".into(), ..function }))));
        let queue = spec("clicks/today/", "", "s3:ObjectCreated:*");
        assert!(entries(&live).any(|entry| overlap(&entry, &queue)));
    }
}
