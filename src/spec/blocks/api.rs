//! `[api.<name>]`: a REST API of API Gateway, and what answers which of its routes.

mod authorizer;
mod key;
mod put;
mod routes;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::check::{Block, Checks};
use crate::spec::expect::Requests;
use crate::spec::external::Externals;
use crate::spec::metrics::{Expression, Metrics, Of, Source, Usual, sources};
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::Uses;
use crate::spec::{Spec, logs};

pub use authorizer::{Authorizer, Gets};
pub use key::{Key, Period, Quota};
pub use put::{Answered, Answers, PartitionKey, Put};
pub use routes::Route;

/// A REST API of API Gateway: routes, each answered by a function, which gets the whole request and returns the whole
/// response (Lambda proxy); or by API Gateway itself, which puts what comes on a stream, firehose, topic or queue. It is
/// deployed to one stage, and again when, and only when, its routes have changed. Everybody who knows its URL may call it, if
/// neither a `key` nor an `authorizer` is asked for. HTTP APIs, the other sort, are not made: they know no keys and usage
/// plans, and no templates that tell of a batch which of its events were not taken.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Api {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 1–100 letters, digits, `_` and `-`. CloudWatch counts by it, so that
    /// no other API of the account and region may have it, although AWS would allow that.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub description: String,
    /// What answers what: `"POST /events" = "function.ingest"`. A method is `GET`, `POST`, `PUT`, `PATCH`,
    /// `DELETE`, `HEAD`, `OPTIONS` or `ANY`; `{id}` in a path stands for one part of it, and `{rest+}` at its end for all others.
    /// A stream, firehose, topic or queue gets the body of the request as it came, one event, which has to be of the type
    /// `application/json`; the caller gets status 200, 400 for what AWS does not take, 415 for another type, or 503 where it
    /// should send again. `"POST /clicks" = { to = "stream.clicks", batch = true, partition_key = "field:user" }` says more of that.
    #[schemars(extend("minProperties" = 1))]
    pub routes: BTreeMap<String, Answered>,
    /// Name of the role as which API Gateway puts events, and which may do just that; absent: that of the API with `-api`.
    /// 1–64 letters, digits and `_+=,.@-`.
    #[serde(default)]
    pub role_name: Option<String>,
    /// Lets only those call it who send an API key (header `x-api-key`); `{}` is enough for that. AWS makes up its value:
    /// `pipectl output` prints its id, by which `aws apigateway get-api-key --include-value` tells the value.
    #[serde(default)]
    pub key: Option<Key>,
    /// Who tells whether a caller may call: `{ iam = true }`, `{ function = "function.check" }` or `{ user_pools = ["arn:…"] }`;
    /// absent: everybody may.
    #[serde(default)]
    pub authorizer: Option<Authorizer>,
    /// The longest that an answer may take, in ms.
    #[serde(default = "longest")]
    #[schemars(range(min = 50, max = 29_000))]
    pub timeout_ms: u32,
    /// From where pages of a browser may call it; absent: only from itself. What a browser asks beforehand is then answered on
    /// every path; the header `Access-Control-Allow-Origin` of the answers themselves is for the functions to set, where one
    /// answers.
    #[serde(default)]
    pub cors: Option<Cors>,
    /// Name of its stage, the first part of the path of its URL; absent: the environment's name. 1–128 letters, digits, `_` and `-`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 128), regex(pattern = "^[A-Za-z0-9_-]+$"))]
    pub stage: Option<String>,
    /// The most that it takes; what is beyond is answered with status 429.
    #[serde(default)]
    pub throttle: Throttle,
    /// Whether every request is logged, with its time, address, status and latency, but not its content. API Gateway needs a
    /// role for that, once for all APIs of an account and region (`aws apigateway update-account`): pipectl leaves it alone.
    #[serde(default)]
    pub access_log: bool,
    /// Days that its log is kept: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557,
    /// 2922, 3288 or 3653.
    #[serde(default = "thirty")]
    pub log_retention_days: u32,
    /// Whether CloudWatch counts each route by itself, besides; it charges for these metrics.
    #[serde(default)]
    pub detailed_metrics: bool,
    /// Whether X-Ray follows its requests.
    #[serde(default = "yes")]
    pub tracing: bool,
    /// The requests that are expected, on average: what `pipectl cost` and the plan reckon with.
    #[serde(default)]
    pub expect: Option<Requests>,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

/// From where pages of a browser may call an API.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cors {
    /// The origin of the pages: `https://shop.example.com`, or `*` for any. API Gateway by itself answers with one.
    #[schemars(regex(pattern = r"^(\*|https?://[A-Za-z0-9.-]+(:[0-9]+)?)$"))]
    pub origin: String,
    /// The headers that they may send.
    #[serde(default = "usual_headers")]
    #[schemars(inner(regex(pattern = "^[A-Za-z0-9-]+$")))]
    pub headers: BTreeSet<String>,
    /// How long a browser may remember the answer, in seconds.
    #[serde(default = "ten_minutes")]
    #[schemars(range(min = 0, max = 86_400))]
    pub max_age_seconds: u32,
}

/// The most that an API takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// Requests a second. All APIs of an account and region have 10,000 together.
    #[schemars(range(min = 1, max = 100_000))]
    pub rate: u32,
    /// Requests at once. All APIs of an account and region have 5,000 together.
    #[schemars(range(min = 1, max = 100_000))]
    pub burst: u32,
}

impl Default for Throttle {
    fn default() -> Self {
        Self { rate: 1000, burst: 1000 }
    }
}

fn longest() -> u32 {
    29_000
}

fn thirty() -> u32 {
    30
}

fn yes() -> bool {
    true
}

fn ten_minutes() -> u32 {
    600
}

fn usual_headers() -> BTreeSet<String> {
    ["Content-Type".to_owned()].into()
}

impl Api {
    /// The name of its stage.
    pub fn stage_name(&self, spec: &Spec) -> String {
        self.stage.clone().unwrap_or_else(|| spec.env.name.clone())
    }

    /// The name of its role, if it has one.
    pub fn role_name(&self, block: &str, spec: &Spec) -> String {
        self.role_name.clone().unwrap_or_else(|| format!("{}-api", self.aws_name(block, spec)))
    }

    /// The name of its log group.
    pub fn log_group(&self, block: &str, spec: &Spec) -> String {
        format!("/aws/apigateway/{}", self.aws_name(block, spec))
    }
}

/// Both metrics are emitted for every request, the errors also as 0.
const FAILING: Expression = Expression {
    expression: "100 * errors / requests",
    metrics: [("requests", Of::Watched, "Count"), ("errors", Of::Watched, "5XXError")],
    threshold: 1.0,
    periods: 3,
    datapoints: 3,
    period: |_, _| 300,
    meaning: "More than 1 % of the requests to {} fail by no fault of the caller",
};

impl Block for Api {
    const KIND: &'static str = "api";
    const METRICS: Metrics = Metrics::Of(Source { metrics: sources::API, usual: Usual::Expression(&FAILING) });
    const USES: Uses = Uses::None("it is called from outside");
    const EXTERNAL: Externals = Externals::ByName(&names::REST_API);

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        let log = self.access_log.then(|| Name::new(&names::LOG_GROUP, self.log_group(block, spec), "name"));
        let named = if self.role_name.is_some() { "role_name" } else { "name" };
        let puts = self.puts().next().is_some();
        let role = puts.then(|| Name::new(&names::ROLE, self.role_name(block, spec), named));
        [Name::new(&names::REST_API, self.aws_name(block, spec), "name")].into_iter().chain(log).chain(role).collect()
    }

    fn check(&self, _name: &str, spec: &Spec, checks: &mut Checks<'_>) {
        routes::check(self, checks);
        put::check(self, spec, checks);
        key::check(self, checks);
        authorizer::check(self, checks);
        check_region(&spec.env.region, checks);
        if self.throttle.burst < self.throttle.rate / 10 {
            checks
                .warning("throttle.burst", "with so small a burst most requests that come together are refused")
                .help("give it about as much as `rate`");
        }
        logs::check_retention(self.log_retention_days, checks);
        tags::check(&self.tags, spec, checks);
    }
}

/// Regions for which botocore 1.44.8 has no endpoint of API Gateway.
const WITHOUT: [&str; 3] = ["us-isob-west-1", "us-isof-east-1", "us-isof-south-1"];

/// What is different, or missing, where the API is to be.
fn check_region(region: &str, checks: &mut Checks<'_>) {
    if region.starts_with("cn-") {
        // <https://docs.amazonaws.cn/en_us/aws/latest/userguide/api-gateway.html>
        checks
            .warning("", "in China API Gateway answers no request of an account without an ICP licence, unless IAM authenticates it")
            .help("file for an ICP recordal before anybody is to call this API; in Beijing and in Ningxia it is another one");
    } else if WITHOUT.contains(&region) {
        checks
            .warning("", format!("AWS's SDKs know no endpoint of API Gateway in `{region}`"))
            .help("ask AWS whether the service is there before you apply this");
    }
}
