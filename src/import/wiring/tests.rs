//! The walk in a small account.

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;

use serde_json::{Value, json};

use super::Wiring;
use super::walk::{Error, Start, walk};
use crate::model::discovery::{
    AccessKey, Alarm, Bearer, Bucket, Caller, Dashboard, DeliveryStream, Destination, Discovery, EventSource, Function,
    Identity, Inventory, Named, Note, Notification, RestApi, Result, Source, StackResource, Stream, Subscription,
    Target, UsagePlan,
};
use crate::model::error::{CallError, Class};
use crate::model::kind::BoxFuture;
use crate::model::scope::Scope;

/// An account in memory.
#[derive(Clone, Default)]
pub(in crate::import) struct Account {
    pub(in crate::import) streams: BTreeMap<&'static str, Stream>,
    pub(in crate::import) deliveries: Vec<DeliveryStream>,
    pub(in crate::import) buckets: BTreeMap<&'static str, Bucket>,
    pub(in crate::import) alarms: Vec<Alarm>,
    pub(in crate::import) dashboards: Vec<Dashboard>,
    pub(in crate::import) subscriptions: BTreeMap<String, Vec<Subscription>>,
    pub(in crate::import) identities: Vec<Identity>,
    pub(in crate::import) stacks: BTreeMap<&'static str, Vec<StackResource>>,
    pub(in crate::import) functions: Vec<Function>,
    pub(in crate::import) event_sources: Vec<EventSource>,
    pub(in crate::import) callers: BTreeMap<&'static str, Vec<Caller>>,
    pub(in crate::import) dead_letters: BTreeMap<&'static str, String>,
    pub(in crate::import) rest_apis: Vec<(Named, RestApi)>,
    pub(in crate::import) usage_plans: Vec<UsagePlan>,
    pub(in crate::import) api_keys: Vec<Named>,
    /// The calls that are denied.
    pub(in crate::import) denied: BTreeSet<&'static str>,
}

impl Account {
    fn answer<T: Send + 'static>(&self, call: &'static str, answer: T) -> BoxFuture<'_, Result<T>> {
        let denied = self.denied.contains(call);
        Box::pin(ready(if denied { Err(CallError::own(Class::Denied, call, "no")) } else { Ok(answer) }))
    }
}

impl Discovery for Account {
    fn streams(&self) -> BoxFuture<'_, Result<Vec<String>>> {
        self.answer("streams", self.streams.keys().map(|name| (*name).to_owned()).collect())
    }
    fn stream<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Stream>>> {
        self.answer("stream", self.streams.get(name).cloned())
    }
    fn delivery_streams<'a>(&'a self, _note: Note<'a>) -> BoxFuture<'a, Result<Inventory<DeliveryStream>>> {
        self.answer("deliveries", Inventory { seen: self.deliveries.clone(), hidden: Vec::new() })
    }
    fn bucket<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Bucket>>> {
        self.answer("bucket", self.buckets.get(name).cloned())
    }
    fn alarms(&self) -> BoxFuture<'_, Result<Vec<Alarm>>> {
        self.answer("alarms", self.alarms.clone())
    }
    fn dashboards<'a>(&'a self, _note: Note<'a>) -> BoxFuture<'a, Result<Inventory<Dashboard>>> {
        self.answer("dashboards", Inventory { seen: self.dashboards.clone(), hidden: Vec::new() })
    }
    fn subscriptions<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<Vec<Subscription>>> {
        self.answer("subscriptions", self.subscriptions.get(topic).cloned().unwrap_or_default())
    }
    fn identities(&self) -> BoxFuture<'_, Result<Vec<Identity>>> {
        self.answer("identities", self.identities.clone())
    }
    fn access_keys<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Vec<AccessKey>>> {
        self.answer("keys", vec![AccessKey { id: format!("AKIA-{user}"), parameter: None }])
    }
    fn functions(&self) -> BoxFuture<'_, Result<Vec<Function>>> {
        self.answer("functions", self.functions.clone())
    }
    fn event_sources(&self) -> BoxFuture<'_, Result<Vec<EventSource>>> {
        self.answer("event sources", self.event_sources.clone())
    }
    fn callers<'a>(&'a self, function: &'a str) -> BoxFuture<'a, Result<Vec<Caller>>> {
        self.answer("callers", self.callers.get(function).cloned().unwrap_or_default())
    }
    fn dead_letters<'a>(&'a self, queue: &'a str) -> BoxFuture<'a, Result<Option<String>>> {
        self.answer("dead letters", self.dead_letters.get(queue).cloned())
    }
    fn rest_apis(&self) -> BoxFuture<'_, Result<Vec<Named>>> {
        self.answer("apis", self.rest_apis.iter().map(|(api, _)| api.clone()).collect())
    }
    fn rest_api<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<RestApi>> {
        let api = self.rest_apis.iter().find(|(api, _)| api.id == id).map(|(_, seen)| seen.clone());
        self.answer("api", api.unwrap_or_default())
    }
    fn usage_plans(&self) -> BoxFuture<'_, Result<Vec<UsagePlan>>> {
        self.answer("plans", self.usage_plans.clone())
    }
    fn api_keys(&self) -> BoxFuture<'_, Result<Vec<Named>>> {
        self.answer("api keys", self.api_keys.clone())
    }
    fn stack<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<StackResource>>> {
        self.answer("stack", self.stacks.get(name).cloned().unwrap_or_default())
    }
}

pub(in crate::import) fn scope() -> Scope {
    Scope::new("123456789012", "eu-west-1")
}

fn role(name: &str) -> String {
    scope().global_arn("iam", &format!("role/service/{name}"))
}

/// A delivery stream from a stream to a bucket, that works as the role of its name.
fn delivery(name: &str, stream: &str, bucket: &str) -> DeliveryStream {
    DeliveryStream {
        name: name.to_owned(),
        source: Source::Stream(scope().arn("kinesis", &format!("stream/{stream}"))),
        destination: Destination::Bucket(scope().bucket_arn(bucket)),
        roles: [role(name)].into(),
        logs: BTreeSet::new(),
        functions: BTreeSet::new(),
    }
}

fn alarm(name: &str, watches: (&str, &str, &str), topic: &str) -> Alarm {
    let watches = [(watches.0.to_owned(), watches.1.to_owned(), watches.2.to_owned())].into();
    Alarm { name: name.to_owned(), watches, actions: [scope().arn("sns", topic)].into(), rule: None }
}

pub(super) fn identity(bearer: Bearer, name: &str, trust: Value, statement: Value) -> Identity {
    let (trust, statements) = (vec![trust], vec![statement]);
    Identity { bearer, name: name.to_owned(), trust, statements, managed: BTreeSet::new() }
}

fn reads(bucket: &str) -> Value {
    json!({"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [format!("arn:aws:s3:::{bucket}/*")]})
}

/// Two streams into one bucket, and a third pipeline that reads the first stream as well.
pub(super) fn account() -> Account {
    Account {
        streams: [("clicks", Stream::default()), ("views", Stream::default())].into(),
        deliveries: vec![
            delivery("clicks", "clicks", "events"),
            delivery("views", "views", "events"),
            delivery("archive", "clicks", "archive"),
        ],
        buckets: [("events", Bucket::default()), ("archive", Bucket::default())].into(),
        ..Account::default()
    }
}

pub(super) fn from(streams: &[&str], buckets: &[&str], firehoses: &[&str]) -> Start {
    let own = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Start { streams: own(streams), buckets: own(buckets), firehoses: own(firehoses) }
}

pub(super) async fn walked(account: &Account, start: &Start) -> std::result::Result<Wiring, Error> {
    walk(account, &scope(), start, &|_| {}).await
}

/// The keys of what is found of some kinds.
pub(super) fn keys(wiring: &Wiring, kinds: &[&str]) -> Vec<String> {
    let found = wiring.found.iter().filter(|found| kinds.contains(&found.kind.as_str()));
    found.map(|found| found.key.clone()).collect()
}

const WAY: [&str; 3] = ["kinesis_stream", "firehose_delivery_stream", "s3_bucket"];

#[tokio::test]
async fn the_way_leads_up_and_down_and_does_not_turn_round() {
    for (start, way, others) in [
        (from(&["views"], &[], &[]), &["views", "views", "events"][..], &["clicks"][..]),
        (from(&[], &["events"], &[]), &["clicks", "views", "clicks", "views", "events"], &["archive"]),
        (from(&[], &[], &["archive"]), &["clicks", "archive", "archive"], &["clicks"]),
        (from(&["clicks"], &[], &[]), &["clicks", "archive", "clicks", "archive", "events"], &["views"]),
    ] {
        let wiring = walked(&account(), &start).await.unwrap();
        assert_eq!(keys(&wiring, &WAY), way, "{start:?}");
        let left: Vec<&str> = wiring.left_out.iter().map(|left| left.source.as_str()).collect();
        let expected: Vec<String> = others.iter().map(|name| format!("the delivery stream {name}")).collect();
        assert_eq!(left, expected, "{start:?}");
        assert!(wiring.left_out[0].reason.contains(&format!("--firehose {}", others[0])), "{:?}", wiring.left_out);
    }
}

#[tokio::test]
async fn alarms_lead_to_topics_and_topics_to_alarms_without_end() {
    let mut account = account();
    account.alarms = vec![
        alarm("late", ("AWS/Firehose", "DeliveryStreamName", "views"), "alerts"),
        alarm("mute", ("AWS/SNS", "TopicName", "alerts"), "alerts"),
        alarm("theirs", ("AWS/Firehose", "DeliveryStreamName", "clicks"), "alerts"),
        alarm("video", ("AWS/KinesisVideo", "StreamName", "views"), "alerts"),
        Alarm { name: "all".into(), rule: Some("ALARM(\"late\") OR ALARM(\"x\")".into()), ..Alarm::default() },
        Alarm { name: "else".into(), rule: Some("ALARM(\"late-too\")".into()), ..Alarm::default() },
    ];
    let mail = Subscription { arn: None, protocol: "email".into(), endpoint: "a@example.com".into() };
    account.subscriptions.insert(scope().arn("sns", "alerts"), vec![mail]);
    let wiring = walked(&account, &from(&["views"], &[], &[])).await.unwrap();
    assert_eq!(keys(&wiring, &["cloudwatch_alarm"]), ["late", "mute"]);
    assert_eq!(keys(&wiring, &["sns_topic"]), ["alerts"]);
    assert_eq!(keys(&wiring, &["sns_subscription"]), [format!("{}|email|a@example.com", scope().arn("sns", "alerts"))]);
    let composite = wiring.left_out.iter().filter(|left| left.source.contains("composite"));
    assert_eq!(composite.map(|left| &left.source).collect::<Vec<_>>(), ["the composite alarm all"]);
}

#[tokio::test]
async fn a_dashboard_is_taken_where_it_shows_this_pipeline_alone() {
    let shows = |name: &str, texts: Value| Dashboard { name: name.to_owned(), body: json!({"widgets": [texts]}) };
    let mut account = account();
    account.dashboards = vec![
        shows("ours", json!(["AWS/Firehose", "DeliveryStreamName", "views"])),
        shows("search", json!("SEARCH('{AWS/Firehose} DeliveryStreamName=\"views\"')")),
        shows("both", json!(["views", "archive"])),
        shows("other", json!(["views-2", "archive"])),
    ];
    let wiring = walked(&account, &from(&["views"], &[], &[])).await.unwrap();
    assert_eq!(keys(&wiring, &["cloudwatch_dashboard"]), ["ours", "search"]);
    let left = wiring.left_out.iter().find(|left| left.source == "the dashboard both").unwrap();
    assert_eq!(left.reason, "it shows archive too, which is not taken");
}

#[tokio::test]
async fn only_who_reads_the_bucket_and_nothing_else_is_snowflakes() {
    let lambda = json!({"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com"]}});
    let integration = json!({"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::999999999999:user/sf"]},
        "Condition": {"StringEquals": {"sts:ExternalId": ["x"]}}});
    let everything = json!({"Effect": "Allow", "Action": ["s3:*"], "Resource": ["*"]});
    let writes = json!({"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"],
        "Resource": ["arn:aws:s3:::events/*"]});
    let mut account = account();
    account.identities = vec![
        identity(Bearer::User, "loader", Value::Null, reads("events")),
        identity(Bearer::Role, "integration", integration, reads("events")),
        identity(Bearer::Role, "function", lambda, reads("events")),
        identity(Bearer::User, "admin", Value::Null, everything),
        identity(Bearer::User, "unloader", Value::Null, writes),
        identity(Bearer::User, "elsewhere", Value::Null, reads("events-2")),
    ];
    let wiring = walked(&account, &from(&["views"], &[], &[])).await.unwrap();
    assert_eq!(keys(&wiring, &["iam_user", "iam_access_key"]), ["loader", "loader"]);
    assert_eq!(keys(&wiring, &["iam_role"]), ["views", "integration"]);
    let reason =
        |source: &str| wiring.left_out.iter().find(|left| left.source == source).map(|left| left.reason.as_str());
    assert!(reason("the role function").unwrap().contains("for lambda.amazonaws.com"), "{:?}", wiring.left_out);
    assert!(reason("the user unloader").unwrap().contains("it may s3:PutObject"));
    assert_eq!((reason("the user admin"), reason("the user elsewhere")), (None, None));
}

#[tokio::test]
async fn a_role_of_two_is_left_unless_both_are_taken() {
    let mut account = account();
    account.deliveries[1].roles = account.deliveries[0].roles.clone();
    let wiring = walked(&account, &from(&["views"], &[], &[])).await.unwrap();
    assert_eq!(keys(&wiring, &["iam_role"]), [""; 0]);
    assert!(wiring.left_out.iter().any(|left| left.source == "the role clicks"), "{:?}", wiring.left_out);
    let wiring = walked(&account, &from(&[], &["events"], &[])).await.unwrap();
    assert_eq!(keys(&wiring, &["iam_role"]), ["clicks"]);
}

#[tokio::test]
async fn one_that_producers_put_into_is_taken_with_its_bucket() {
    let mut account = account();
    account.deliveries[1].source = Source::Producers;
    let name = account.deliveries[1].name.clone();
    let wiring = walked(&account, &from(&[], &[], &[&name])).await.unwrap();
    assert!(keys(&wiring, &["firehose_delivery_stream", "kinesis_stream"]) == [name], "{:?}", wiring.found);
}

#[tokio::test]
async fn what_pipectl_has_no_delivery_streams_for_is_left_with_its_reason() {
    let mut account = account();
    account.deliveries[1].source = Source::Other("MSKAsSource".into());
    account.deliveries[2].destination = Destination::Other("Splunk");
    let wiring = walked(&account, &from(&["clicks"], &["events"], &[])).await.unwrap();
    assert_eq!(keys(&wiring, &WAY), ["clicks", "clicks", "events"]);
    let reasons: Vec<&str> = wiring.left_out.iter().map(|left| left.reason.as_str()).collect();
    assert_eq!(
        reasons,
        [
            "its destination is Splunk, and pipectl has delivery streams to S3 alone",
            "its source is MSKAsSource, and pipectl has delivery streams from a Kinesis stream or from producers alone",
        ]
    );
}

#[tokio::test]
async fn a_denied_listing_is_named_and_what_is_named_must_be_there() {
    let mut account = account();
    account.denied = ["alarms", "identities", "dashboards"].into();
    let wiring = walked(&account, &from(&["views"], &[], &[])).await.unwrap();
    assert_eq!(keys(&wiring, &WAY), ["views", "views", "events"]);
    let denied = wiring.left_out.iter().filter(|left| left.reason.contains("the call is denied"));
    assert_eq!(denied.count(), 3);

    account.denied = ["deliveries"].into();
    let from_it = walked(&account, &from(&[], &[], &["views"])).await;
    assert!(matches!(from_it, Err(Error::Call(error)) if error.class == Class::Denied));
    account.denied = BTreeSet::new();
    let missing = async |start| match walked(&account, &start).await {
        Err(Error::Missing { instead, .. }) => instead,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing(from(&["x"], &[], &[])).await, ["clicks", "views"]);
    assert_eq!(missing(from(&[], &[], &["x"])).await, ["archive", "clicks", "views"]);
    assert!(missing(from(&[], &["x"], &[])).await.is_empty());
}

#[tokio::test]
async fn whoever_is_told_of_objects_is_named_and_queues_may_be_snowflakes() {
    let told = |id: &str, target| Notification { id: id.to_owned(), target };
    let mut account = account();
    let notifications = vec![
        told("pipe", Target::Queue("arn:aws:sqs:eu-west-1:999999999999:sf-snowpipe-x".into())),
        told("topic", Target::Topic(scope().arn("sns", "objects"))),
        told("function", Target::Function(scope().arn("lambda", "function:thumbnail"))),
        told("", Target::EventBridge),
    ];
    account.buckets.insert("events", Bucket { notifications });
    account.streams.insert("views", Stream { consumers: vec!["fan-out".into()] });
    let wiring = walked(&account, &from(&["views"], &[], &[])).await.unwrap();
    assert_eq!(keys(&wiring, &["s3_notification"]), ["events|pipe"]);
    let left: Vec<&str> = wiring.left_out.iter().map(|left| left.source.as_str()).collect();
    let [topic, function] = [("sns", "objects"), ("lambda", "function:thumbnail")].map(|(of, it)| scope().arn(of, it));
    assert_eq!(left, ["the delivery stream clicks", "the consumer fan-out", &topic, &function, "EventBridge"]);
    let reason = |source: &str| &wiring.left_out.iter().find(|left| left.source == source).unwrap().reason;
    assert!(reason(&function).ends_with("takes its place once the entry is deleted"));
    assert!(reason("EventBridge").ends_with("to functions and to Snowpipe's queues alone"));
}
