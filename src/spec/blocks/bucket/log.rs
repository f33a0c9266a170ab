//! Where a bucket logs who has asked for what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Bucket;
use crate::model::scope::Scope;
use crate::spec::blocks::Kind;
use crate::spec::check::{Block as _, Checks};
use crate::spec::{Ref, Spec, json, prefix};

/// Where a bucket logs who has asked for what: S3's server access logs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AccessLog {
    /// The bucket that S3 writes it to, in the same account and region. Its policy lets S3 do so; one with a `policy` of its own
    /// has to say that itself.
    pub bucket: Ref<Bucket>,
    /// What the keys of the log's objects begin with; empty: nothing.
    #[serde(default)]
    #[schemars(length(max = 988))]
    pub prefix: String,
}

/// As whom S3 writes logs.
const WRITER: &str = "logging.s3.amazonaws.com";

impl AccessLog {
    /// What the policy of the log's bucket has to allow, for the bucket of `source_arn` of an account
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html>).
    pub fn statement(&self, target_arn: &str, source_arn: &str, account: &str) -> Value {
        json!({
            "Effect": "Allow",
            "Principal": { "Service": WRITER },
            "Action": "s3:PutObject",
            "Resource": format!("{target_arn}/{}*", self.prefix),
            "Condition": {
                "ArnLike": { "aws:SourceArn": source_arn },
                "StringEquals": { "aws:SourceAccount": account },
            },
        })
    }

    pub(super) fn check(&self, block: &str, source: &Bucket, spec: &Spec, checks: &mut Checks<'_>) {
        prefix::check_literal("access_log.prefix", &self.prefix, checks);
        if self.comes_back_to(block, spec) {
            let fault = if self.bucket.name() == block {
                "a log of the requests by which the log itself is written never ends".to_owned()
            } else {
                format!(
                    "what is logged there is logged here again: `{}` logs to `{}.{block}`",
                    self.bucket,
                    Bucket::KIND
                )
            };
            checks.error("access_log.bucket", fault).help("log to a bucket that logs nothing itself");
            return;
        }
        let own = spec.blocks.bucket.own().get(self.bucket.name());
        let key = match own {
            Some(own) => own.kms_key.as_deref(),
            None => spec.blocks.bucket.external().get(self.bucket.name()).and_then(|external| external.key()),
        };
        if let Some(key) = key {
            checks
                .error(
                    "access_log.bucket",
                    format!("S3 writes no logs to a bucket that is encrypted with a key ({key})"),
                )
                .help(format!("take `kms_key` out of `[{}]`: S3 encrypts with AES-256 then", self.bucket));
        }
        // Of a policy that is no JSON its own block says so.
        let policy = own.and_then(|own| own.policy.as_deref());
        if let Some(policy) = policy
            && !json::object(policy).is_some_and(|policy| lets_write(&policy))
        {
            let scope = Scope::new("", &spec.env.region);
            let arn =
                |bucket: &str| spec.blocks.aws_name(Kind::Bucket, bucket, spec).map(|name| scope.bucket_arn(&name));
            let source_arn = scope.bucket_arn(&source.aws_name(block, spec));
            let target_arn = arn(self.bucket.name()).unwrap_or_default();
            let statement = self.statement(&target_arn, &source_arn, "<account>");
            checks
                .error("access_log.bucket", format!("the `policy` of `{}` does not let S3 write the log", self.bucket))
                .help(format!("add to it, or take it out: {statement}"));
        }
    }

    /// Whether what is logged is logged to this bucket in the end.
    fn comes_back_to(&self, block: &str, spec: &Spec) -> bool {
        let next = |log: &&Self| spec.blocks.bucket.own().get(log.bucket.name())?.access_log.as_ref();
        let all = spec.blocks.bucket.own().len() + 1;
        std::iter::successors(Some(self), next).take(all).any(|log| log.bucket.name() == block)
    }
}

/// Whether a statement of a policy is about S3's logs.
fn lets_write(policy: &Value) -> bool {
    let many = |value: &Value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    let about = |statement: &Value| many(&statement["Principal"]["Service"]).iter().any(|one| one == WRITER);
    many(&policy["Statement"]).iter().any(|statement| statement["Effect"] == "Allow" && about(statement))
}
