//! One entry of a bucket's notification configuration; entries of others survive.
//!
//! S3 has one document for all entries of a bucket and only replaces it as a whole. So each change reads it, splices
//! its own entry, known by its id, and moves all else through as it is. Nothing guards the moment between reading and
//! writing (S3 takes no condition here): the result is read back.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Grants, Names, Nothing};
use crate::model::access::Rules;
use crate::model::audit::AuditEvents;
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;

/// An entry of a bucket's notification configuration that tells an SQS queue or a Lambda function of new objects.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name of the bucket.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) bucket: String,
    /// Id of the entry, unique in the bucket: `pipectl-<env>-<block>`, or `pipectl-<env>-function-<block>`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) id: String,
    /// ARN of the queue that is told.
    #[serde(default)]
    pub(crate) queue_arn: Option<String>,
    /// In its place, ARN of the function that is called.
    #[serde(default)]
    pub(crate) function_arn: Option<String>,
    /// Events: `s3:ObjectCreated:*` …
    pub(crate) events: BTreeSet<String>,
    /// Only keys that begin with this; empty: all.
    #[serde(default)]
    pub(crate) prefix: String,
    /// Only keys that end with this; empty: all.
    #[serde(default)]
    pub(crate) suffix: String,
}

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// Entries of others in the same configuration, which are kept.
    pub(crate) others: usize,
}

/// Who is told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Told<'a> {
    /// The queue of that ARN.
    Queue(&'a str),
    /// The function of that ARN.
    Function(&'a str),
}

impl<'a> Told<'a> {
    /// Its ARN.
    pub(crate) fn arn(self) -> &'a str {
        match self {
            Self::Queue(arn) | Self::Function(arn) => arn,
        }
    }
}

impl Spec {
    /// Who is told; nothing where it is nobody, or both: an entry has one destination.
    pub(crate) fn told(&self) -> Option<Told<'_>> {
        match (&self.queue_arn, &self.function_arn) {
            (Some(arn), None) => Some(Told::Queue(arn)),
            (None, Some(arn)) => Some(Told::Function(arn)),
            (None, None) | (Some(_), Some(_)) => None,
        }
    }
}

/// One entry of a bucket's notification configuration; entries of others survive.
pub(crate) struct Notification;

pub(crate) const BUCKET: On = On::Arns(&["arn:{partition}:s3:::{bucket}"]);

impl ResourceType for Notification {
    const KIND: &'static str = "s3_notification";
    const AWS_TYPE: &'static str = "Custom::S3BucketNotification";
    const OWNERSHIP: Ownership = Ownership::Key;
    const GRANTS: &'static [Grant] =
        &[Grant::plan(&["s3:GetBucketNotification"], BUCKET), Grant::apply(&["s3:PutBucketNotification"], BUCKET)];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        // One document holds the notifications of a bucket.
        create: &["s3:PutBucketNotification"],
        delete: &["s3:PutBucketNotification"],
        update: &[],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: true,
        attributes: &[
            (Names, &["queue_arn", "function_arn"]),
            (Grants, &["events"]),
            (Nothing, &["bucket", "id", "prefix", "suffix"]),
        ],
    };
    const PRICE: Price = Price::None("S3 tells of objects for nothing");
    const IMPORT: Import = Import::Taken;
    const STATUS: Status = Status::Exists("S3 has no state of it");
    const METRICS: Metrics = Metrics::None("S3 counts none");
    const EXAMPLES: &'static str = r#"
        [[needs]]
        kind = "s3_bucket"
        name = "pipectl-conformance-notification-123456789012"

        [[needs]]
        queue = "pipectl-conformance-first"

        [[needs]]
        kind = "iam_role"
        name = "pipectl-conformance-told"
        trust = { Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "lambda.amazonaws.com" }, Action = "sts:AssumeRole" }] }

        [[needs]]
        kind = "lambda_function"
        name = "pipectl-conformance-told"
        role_arn = "arn:aws:iam::123456789012:role/pipectl-conformance-told"
        code = { path = "examples/analytics/functions/process" }
        runtime = "python3.13"
        handler = "app.handler"
        memory_mb = 256
        timeout_seconds = 60
        architecture = "x86_64"
        log_group = "/aws/lambda/pipectl-conformance-told"

        [[needs]]
        kind = "lambda_permission"
        function = "pipectl-conformance-told"
        statement_id = "bucket"
        principal = "s3.amazonaws.com"
        source_arn = "arn:aws:s3:::pipectl-conformance-notification-123456789012"
        source_account = "123456789012"

        [first]
        bucket = "pipectl-conformance-notification-123456789012"
        id = "pipectl-test-events"
        queue_arn = "arn:aws:sqs:us-east-1:123456789012:pipectl-conformance-first"
        events = ["s3:ObjectCreated:*"]
        prefix = "events/"

        [second]
        bucket = "pipectl-conformance-notification-123456789012"
        id = "pipectl-test-events"
        function_arn = "arn:aws:lambda:us-east-1:123456789012:function:pipectl-conformance-told"
        events = ["s3:ObjectCreated:Put", "s3:ObjectRemoved:*"]
        suffix = ".json"
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        format!("{}|{}", spec.bucket, spec.id)
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it is an entry of a configuration")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some((now, want)) = now.zip(want).filter(|(now, want)| now != want) else { return Vec::new() };
        let same = now.told() == want.told() && now.events.is_subset(&want.events);
        let wider = now.prefix.starts_with(&want.prefix) && now.suffix.ends_with(&want.suffix);
        let untold = || {
            let told = now.told().map_or("the destination", Told::arn);
            format!("{told} is told no more of what this leaves out, and nobody tells it later.")
        };
        (!(same && wider && Self::key(now) == Self::key(want))).then(untold).into_iter().collect()
    }
}
