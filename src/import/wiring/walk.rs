//! Follows the wiring of a live pipeline: from what is named along the records' way, and to all that watches it.

use std::collections::BTreeSet;

use futures_util::future::{join, join_all, join4};

use super::functions::{Follow, Functions};
pub use super::path::Start;
use super::path::{DataPath, stream_of};
use super::{Wiring, readers, watch};
use crate::import::blocks::uses::function as function_of;
use crate::model::discovery::{
    AccessKey, Alarm, Bucket, Dashboard, DeliveryStream, Discovery, Identity, Inventory, Note, Notification, Stream,
    Subscription, Target,
};
use crate::model::error::CallError;
use crate::model::scope::Scope;

/// Why there is no wiring to follow.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What is named does not exist.
    #[error("there is no {what} `{name}`")]
    Missing {
        /// `stream` …
        what: &'static str,
        /// Its name.
        name: String,
        /// What there is instead.
        instead: Vec<String>,
    },
    /// A call failed, without which nothing can be known.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// Finds all that belongs to what is named. Two rounds of calls: listings of what says of itself what it is wired to,
/// then what only each resource can tell.
///
/// # Errors
/// When what is named does not exist, or a call fails for another reason than that the caller may not make it.
pub async fn walk(aws: &dyn Discovery, scope: &Scope, start: &Start, note: Note<'_>) -> Result<Wiring, Error> {
    let mut walk = Walk { aws, scope, start, wiring: Wiring::default() };
    let around = walk.look_around(note).await?;
    let path = DataPath::follow(start, &around.deliveries, scope, &mut walk.wiring);
    let others: Vec<&DeliveryStream> = around.deliveries.iter().filter(|delivery| !path.has(delivery)).collect();
    walk.take_path(&path, &others);
    walk.follow_functions(&path, &around, &others).await?;
    let mut ends = Ends {
        users: readers::readers(&around.identities, &path, &around.functions.roles(), scope, &mut walk.wiring),
        topics: watch::alarms(&around.alarms, scope, &mut walk.wiring),
    };
    ends.topics.extend(walk.wiring.keys("sns_topic").iter().map(|topic| scope.arn("sns", topic)));
    watch::dashboards(&around.dashboards, &walk.names_of(&others), scope, &mut walk.wiring);
    note(format!("{} resources found, looking at what they are wired to", walk.wiring.found.len()));
    walk.look_closer(&path, &ends).await?;
    Ok(walk.wiring)
}

/// What the account and region hold; each is one listing, whatever is named.
struct Surroundings {
    deliveries: Vec<DeliveryStream>,
    alarms: Vec<Alarm>,
    dashboards: Vec<Dashboard>,
    identities: Vec<Identity>,
    functions: Functions,
}

/// Where the wiring leads on, besides the way of the records.
struct Ends<'a> {
    /// Names of users that read a bucket.
    users: Vec<&'a str>,
    /// ARNs of topics.
    topics: BTreeSet<String>,
}

struct Walk<'a> {
    aws: &'a dyn Discovery,
    scope: &'a Scope,
    start: &'a Start,
    wiring: Wiring,
}

impl Walk<'_> {
    async fn look_around(&mut self, note: Note<'_>) -> Result<Surroundings, Error> {
        let aws = self.aws;
        note("listing delivery streams, functions, alarms, dashboards, users and roles".to_owned());
        let listed = join4(aws.delivery_streams(note), aws.alarms(), aws.dashboards(note), aws.identities());
        let (listed, functions) = join(listed, join(aws.functions(), aws.event_sources())).await;
        let (deliveries, alarms, dashboards, identities) = listed;
        Ok(Surroundings {
            deliveries: self.deliveries(deliveries)?,
            alarms: self.wiring.allowed("the alarms that watch it", alarms)?,
            dashboards: {
                let Inventory { seen, hidden } = self.wiring.allowed("the dashboards that show it", dashboards)?;
                self.leave_hidden("dashboard", &hidden);
                seen
            },
            identities: self.wiring.allowed("the users and roles that read its buckets", identities)?,
            functions: Functions {
                all: self.wiring.allowed("the functions that read and write its streams", functions.0)?,
                sources: self.wiring.allowed("what functions read", functions.1)?,
            },
        })
    }

    /// The delivery streams, all that are named among them.
    fn deliveries(
        &mut self,
        listed: Result<Inventory<DeliveryStream>, CallError>,
    ) -> Result<Vec<DeliveryStream>, Error> {
        let named = &self.start.firehoses;
        if let (Err(error), false) = (&listed, named.is_empty()) {
            return Err(error.clone().into());
        }
        let Inventory { mut seen, hidden } = self.wiring.allowed("the delivery streams that belong to it", listed)?;
        seen.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(name) = named.iter().find(|name| seen.iter().all(|one| one.name != **name)) {
            let denied = hidden.iter().find(|(hidden, _)| hidden == name).map(|(_, error)| error.clone().into());
            let instead = || seen.iter().map(|one| one.name.clone()).collect();
            return Err(denied.unwrap_or_else(|| missing("delivery stream", name, instead())));
        }
        self.leave_hidden("delivery stream", &hidden);
        Ok(seen)
    }

    fn leave_hidden(&mut self, what: &str, hidden: &[(String, CallError)]) {
        for (name, error) in hidden {
            let reason = format!("whether it belongs to this is not known, for the call is denied: {error}");
            self.wiring.leave(format!("the {what} {name}"), reason);
        }
    }

    /// Takes what the records pass, and what delivery streams need for that.
    fn take_path(&mut self, path: &DataPath<'_>, others: &[&DeliveryStream]) {
        for stream in &path.streams {
            self.wiring.take("kinesis_stream", stream, format!("the stream {stream}"));
        }
        for delivery in &path.deliveries {
            let name = &delivery.name;
            self.wiring.take("firehose_delivery_stream", name, format!("the delivery stream {name}"));
            for role in &delivery.roles {
                self.take_role(role, name, others);
            }
            for (group, stream) in &delivery.logs {
                self.wiring.take("logs_group", group, format!("the log group {group}"));
                let key = format!("{group}|{stream}");
                self.wiring.take("logs_stream", &key, format!("the log stream {stream} of {group}"));
            }
            for function in delivery.functions.iter().filter(|function| transforming(self.scope, function).is_none()) {
                let reason = format!(
                    "it transforms the records of {name}, and pipectl takes a delivery stream with a function of its own \
                     account and region alone, in its newest version"
                );
                self.wiring.leave(function, reason);
            }
        }
        for bucket in &path.buckets {
            self.wiring.take("s3_bucket", bucket, format!("the bucket {bucket}"));
        }
    }

    /// Takes the functions on the way, and what they lead to.
    async fn follow_functions(
        &mut self,
        path: &DataPath<'_>,
        around: &Surroundings,
        others: &[&DeliveryStream],
    ) -> Result<(), Error> {
        let arn = |name: &str| self.scope.arn("kinesis", &format!("stream/{name}"));
        let mut follow = Follow {
            aws: self.aws,
            scope: self.scope,
            functions: &around.functions,
            identities: &around.identities,
            down: self.start.streams.iter().map(|name| arn(name)).collect(),
            up: path.streams.iter().map(|name| arn(name)).collect(),
        };
        let functions = path.deliveries.iter().flat_map(|delivery| &delivery.functions);
        let names = functions.filter_map(|arn| transforming(self.scope, arn)).map(str::to_owned);
        follow.all(names.collect(), &mut self.wiring).await?;
        for stream in self.wiring.keys("kinesis_stream").iter().filter(|name| !path.streams.contains(name.as_str())) {
            for other in others.iter().filter(|other| stream_of(other, self.scope) == Some(stream)) {
                let name = &other.name;
                let reason = format!(
                    "it reads the stream {stream} too, off the way of what is named; `--firehose {name}` takes it along"
                );
                self.wiring.leave(format!("the delivery stream {name}"), reason);
            }
        }
        Ok(())
    }

    /// Takes the role of a delivery stream, unless others work as it too: pipectl would write its policies for one.
    fn take_role(&mut self, arn: &str, delivery: &str, others: &[&DeliveryStream]) {
        let name = self.scope.resource_of("iam", arn).and_then(|role| role.rsplit('/').next());
        let Some(name) = name else {
            let reason = format!("{delivery} works as it, and it is another account's");
            return self.wiring.leave(format!("the role {arn}"), reason);
        };
        match others.iter().find(|other| other.roles.contains(arn)) {
            Some(other) => {
                let reason = format!("the delivery stream {} works as it too, and is not taken", other.name);
                self.wiring.leave(format!("the role {name}"), reason);
            }
            None => self.wiring.take("iam_role", name, format!("the role {name}")),
        }
    }

    /// The names of delivery streams, and of the streams that they read, as far as they are not taken.
    fn names_of<'b>(&self, others: &[&'b DeliveryStream]) -> BTreeSet<&'b str> {
        let streams = others.iter().filter_map(|other| stream_of(other, self.scope));
        let names = others.iter().map(|other| other.name.as_str()).chain(streams);
        let taken =
            |name: &&str| ["kinesis_stream", "firehose_delivery_stream"].iter().any(|kind| self.wiring.has(kind, name));
        names.filter(|name| !taken(name)).collect()
    }

    /// Looks at each stream, bucket, topic and user, all at once.
    async fn look_closer(&mut self, path: &DataPath<'_>, ends: &Ends<'_>) -> Result<(), Error> {
        let aws = self.aws;
        let (streams, buckets, subscriptions, keys) = join4(
            join_all(path.streams.iter().map(|name| aws.stream(name))),
            join_all(path.buckets.iter().map(|name| aws.bucket(name))),
            join_all(ends.topics.iter().map(|topic| aws.subscriptions(topic))),
            join_all(ends.users.iter().map(|user| aws.access_keys(user))),
        )
        .await;
        for (name, seen) in path.streams.iter().zip(streams) {
            self.consumers(name, seen).await?;
        }
        for (name, seen) in path.buckets.iter().zip(buckets) {
            self.notifications(name, seen)?;
        }
        for (topic, seen) in ends.topics.iter().zip(subscriptions) {
            let seen = self.wiring.allowed(&format!("the subscriptions to {topic}"), seen)?;
            take_subscriptions(topic, seen, &mut self.wiring);
        }
        for (user, seen) in ends.users.iter().zip(keys) {
            let seen = self.wiring.allowed(&format!("the access keys of {user}"), seen)?;
            take_keys(user, seen, &mut self.wiring);
        }
        Ok(())
    }

    async fn consumers(&mut self, name: &str, seen: Result<Option<Stream>, CallError>) -> Result<(), Error> {
        let named = self.start.streams.iter().any(|stream| stream == name);
        match if named { seen? } else { self.wiring.allowed(&format!("who reads the stream {name}"), seen)? } {
            Some(stream) => {
                for consumer in stream.consumers {
                    let reason =
                        format!("it is registered to read the stream {name}, and pipectl has no block for that");
                    self.wiring.leave(format!("the consumer {consumer}"), reason);
                }
                Ok(())
            }
            None if named => {
                let instead = self.aws.streams().await.unwrap_or_default();
                Err(missing("stream", name, instead))
            }
            None => Ok(()),
        }
    }

    fn notifications(&mut self, name: &str, seen: Result<Option<Bucket>, CallError>) -> Result<(), Error> {
        let named = self.start.buckets.iter().any(|bucket| bucket == name);
        let seen =
            if named { seen? } else { self.wiring.allowed(&format!("who is told of {name}'s objects"), seen)? };
        match seen {
            Some(bucket) => take_notifications(name, bucket, &mut self.wiring),
            None if named => return Err(missing("bucket", name, Vec::new())),
            None => {}
        }
        Ok(())
    }
}

fn missing(what: &'static str, name: &str, instead: Vec<String>) -> Error {
    Error::Missing { what, name: name.to_owned(), instead }
}

/// What pipectl has of notifications.
const OTHERS: &str = "pipectl has notifications to functions and to Snowpipe's queues alone";

/// Takes the entries that tell queues, of which Snowflake's may be one, and names all others.
pub(in crate::import) fn take_notifications(bucket: &str, seen: Bucket, wiring: &mut Wiring) {
    for Notification { id, target } in seen.notifications {
        let target = match target {
            Target::Queue(_) => {
                wiring.take("s3_notification", &format!("{bucket}|{id}"), format!("the notification {id} of {bucket}"));
                continue;
            }
            // A function's `source` makes an entry of its own id, which S3 refuses beside this one.
            Target::Function(arn) => (arn, "a function's `source` takes its place once the entry is deleted"),
            Target::Topic(arn) => (arn, OTHERS),
            Target::EventBridge => ("EventBridge".to_owned(), OTHERS),
        };
        let (target, then) = target;
        let reason = format!("the bucket {bucket} tells it of its objects, and goes on to; {then}");
        wiring.leave(target, reason);
    }
}

/// Takes the subscriptions to a topic.
fn take_subscriptions(topic: &str, seen: Vec<Subscription>, wiring: &mut Wiring) {
    for Subscription { protocol, endpoint, .. } in seen {
        let source = format!("the subscription of {endpoint}");
        wiring.take("sns_subscription", &format!("{topic}|{protocol}|{endpoint}"), source);
    }
}

/// Takes the access keys: by the parameter that keeps the secret, else by the user alone.
fn take_keys(user: &str, seen: Vec<AccessKey>, wiring: &mut Wiring) {
    for AccessKey { id, parameter } in seen {
        let key = parameter.map_or_else(|| user.to_owned(), |parameter| format!("{user}|{parameter}"));
        wiring.take_part("iam_access_key", &key, format!("the access key {id} of {user}"));
    }
}

/// The name of a function that transforms records, where that is ours and no version of it is named.
fn transforming<'a>(scope: &Scope, arn: &'a str) -> Option<&'a str> {
    let named = function_of(scope, arn)?;
    match named.split_once(':') {
        None => Some(named),
        Some((name, version)) => (version == "$LATEST").then_some(name),
    }
}
