//! What stands beside what in AWS: who reads, watches and names a resource, which the resource itself does not say.

use std::collections::BTreeSet;

use serde_json::Value;

use super::error::CallError;
use super::kind::BoxFuture;

/// The result of a call.
pub type Result<T> = std::result::Result<T, CallError>;

/// Tells the user how far a long listing has come: `28 of 140 delivery streams`.
pub type Note<'a> = &'a (dyn Fn(String) + Send + Sync);

/// What is listed first and then looked at one by one.
#[derive(Clone, Debug)]
pub struct Inventory<T> {
    /// What was seen.
    pub seen: Vec<T>,
    /// The names of those that the caller may not look at, each with AWS's refusal.
    pub hidden: Vec<(String, CallError)>,
}

impl<T> Default for Inventory<T> {
    fn default() -> Self {
        Self { seen: Vec::new(), hidden: Vec::new() }
    }
}

/// A Kinesis stream, beyond what its kind knows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stream {
    /// The names of its registered consumers (enhanced fan-out).
    pub consumers: Vec<String>,
}

/// A Firehose delivery stream, and what it is wired to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeliveryStream {
    /// Its name.
    pub name: String,
    /// Where its records come from.
    pub source: Source,
    /// Where they go.
    pub destination: Destination,
    /// ARNs of the roles that it works as.
    pub roles: BTreeSet<String>,
    /// Log group and log stream of its errors.
    pub logs: BTreeSet<(String, String)>,
    /// ARNs of the Lambda functions that transform its records.
    pub functions: BTreeSet<String>,
}

/// Where the records of a delivery stream come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The ARN of a Kinesis stream.
    Stream(String),
    /// Producers, which put them into it.
    Producers,
    /// Anything else, in Firehose's own word: `MSKAsSource` …
    Other(String),
}

/// Where the records of a delivery stream go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// The ARN of a bucket.
    Bucket(String),
    /// Another service: `Redshift`.
    Other(&'static str),
}

/// A bucket, beyond what its kind knows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bucket {
    /// The entries of its notification configuration.
    pub notifications: Vec<Notification>,
}

/// An entry of a bucket's notification configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Its id; empty for EventBridge, which has none.
    pub id: String,
    /// Who is told.
    pub target: Target,
}

/// Who is told of a bucket's new objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// The ARN of an SQS queue.
    Queue(String),
    /// The ARN of an SNS topic.
    Topic(String),
    /// The ARN of a Lambda function.
    Function(String),
    /// EventBridge, of every event.
    EventBridge,
}

/// A CloudWatch alarm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// What it watches: namespace, dimension and the dimension's value, of all its metrics.
    pub watches: BTreeSet<(String, String, String)>,
    /// The ARNs of what it calls, in whichever state.
    pub actions: BTreeSet<String>,
    /// What a composite alarm makes of other alarms: `ALARM("a") OR ALARM("b")`.
    pub rule: Option<String>,
}

/// A CloudWatch dashboard.
#[derive(Clone, Debug, PartialEq)]
pub struct Dashboard {
    /// Its name.
    pub name: String,
    /// Its body.
    pub body: Value,
}

/// A subscription to a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription {
    /// Its ARN; absent while it is pending.
    pub arn: Option<String>,
    /// `email`, `sqs` …
    pub protocol: String,
    /// Mail address, queue ARN …
    pub endpoint: String,
}

/// What an [`Identity`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bearer {
    /// An IAM user.
    User,
    /// An IAM role.
    Role,
}

impl Bearer {
    /// Its kind in the registry.
    pub fn kind(self) -> &'static str {
        match self {
            Self::User => "iam_user",
            Self::Role => "iam_role",
        }
    }
}

/// An IAM user or role, and what it may do.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// Which of the two.
    pub bearer: Bearer,
    /// Its name.
    pub name: String,
    /// A role's: the statements of who may assume it, in canonical form (values are lists).
    pub trust: Vec<Value>,
    /// The statements of its policies, those of its groups and of the account's managed ones included; as above.
    pub statements: Vec<Value>,
    /// The names of AWS's own managed policies that it has; their statements are not among the above.
    pub managed: BTreeSet<String>,
}

/// An access key of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessKey {
    /// Its id: `AKIA…`.
    pub id: String,
    /// The SSM parameter in which pipectl keeps its secret; absent where it keeps none.
    pub parameter: Option<String>,
}

/// A Lambda function, beyond what its kind knows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// ARN of the role that it works as.
    pub role: String,
    /// Name of the log group that it writes to.
    pub log_group: String,
}

/// What a function reads: an event source mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventSource {
    /// The id that AWS has made up.
    pub id: String,
    /// Name of the function.
    pub function: String,
    /// ARN of the stream, the queue …
    pub source: String,
    /// ARN of what is told of records that are given up.
    pub failures: Option<String>,
}

/// Who may call a function: a statement of its policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Caller {
    /// Id of the statement.
    pub statement: String,
    /// ARN of what it may be called for: a rule, a method of an API.
    pub source: Option<String>,
}

/// What AWS knows by an id that it makes up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// The id.
    pub id: String,
    /// The name, which others may have too.
    pub name: String,
}

/// A REST API, beyond what its kind knows of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RestApi {
    /// Names of its stages.
    pub stages: BTreeSet<String>,
    /// ARNs of the functions that answer.
    pub functions: BTreeSet<String>,
    /// ARNs of the roles as which it asks services of AWS.
    pub roles: BTreeSet<String>,
    /// Names of the log groups that its stages write to.
    pub log_groups: BTreeSet<String>,
}

/// A usage plan of API Gateway.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UsagePlan {
    /// Its id and its name.
    pub plan: Named,
    /// Ids of the APIs whose stages it opens.
    pub apis: BTreeSet<String>,
    /// The keys that open them.
    pub keys: Vec<Named>,
}

/// A resource of a CloudFormation stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackResource {
    /// Its name in the template.
    pub logical_id: String,
    /// CloudFormation's type: `AWS::S3::Bucket`.
    pub aws_type: String,
    /// What it is called in its service; absent where it was never made.
    pub physical_id: Option<String>,
    /// `CREATE_COMPLETE` …
    pub status: String,
}

/// Looks at one account in one region. Nothing is changed.
pub trait Discovery: Send + Sync {
    /// The names of all streams of the region, in order.
    fn streams(&self) -> BoxFuture<'_, Result<Vec<String>>>;
    /// The stream of a name; absent where there is none.
    fn stream<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Stream>>>;
    /// All delivery streams of the region.
    fn delivery_streams<'a>(&'a self, note: Note<'a>) -> BoxFuture<'a, Result<Inventory<DeliveryStream>>>;
    /// The bucket of a name; absent where there is none.
    fn bucket<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<Bucket>>>;
    /// All alarms of the region, composite ones included.
    fn alarms(&self) -> BoxFuture<'_, Result<Vec<Alarm>>>;
    /// All dashboards of the account.
    fn dashboards<'a>(&'a self, note: Note<'a>) -> BoxFuture<'a, Result<Inventory<Dashboard>>>;
    /// The subscriptions to the topic of an ARN; none where there is no topic.
    fn subscriptions<'a>(&'a self, topic: &'a str) -> BoxFuture<'a, Result<Vec<Subscription>>>;
    /// All users and roles of the account.
    fn identities(&self) -> BoxFuture<'_, Result<Vec<Identity>>>;
    /// The access keys of a user.
    fn access_keys<'a>(&'a self, user: &'a str) -> BoxFuture<'a, Result<Vec<AccessKey>>>;
    /// All functions of the region.
    fn functions(&self) -> BoxFuture<'_, Result<Vec<Function>>>;
    /// What all functions of the region read.
    fn event_sources(&self) -> BoxFuture<'_, Result<Vec<EventSource>>>;
    /// Who may call a function, by its name; nobody where there is none.
    fn callers<'a>(&'a self, function: &'a str) -> BoxFuture<'a, Result<Vec<Caller>>>;
    /// The ARN of the queue to which the dead letters of a queue go, by its name.
    fn dead_letters<'a>(&'a self, queue: &'a str) -> BoxFuture<'a, Result<Option<String>>>;
    /// All REST APIs of the region.
    fn rest_apis(&self) -> BoxFuture<'_, Result<Vec<Named>>>;
    /// The REST API of an id; nothing where there is none.
    fn rest_api<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<RestApi>>;
    /// All usage plans of the region.
    fn usage_plans(&self) -> BoxFuture<'_, Result<Vec<UsagePlan>>>;
    /// All API keys of the region; their values are not asked for.
    fn api_keys(&self) -> BoxFuture<'_, Result<Vec<Named>>>;
    /// The resources of a CloudFormation stack, by its name or ARN, without those of the stacks in it.
    fn stack<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Vec<StackResource>>>;
}
