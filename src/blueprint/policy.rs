//! Pieces of policies that several blocks need.

use serde_json::{Value, json};

use crate::model::scope::Scope;
use crate::spec::kms::Key;
use crate::spec::statement::Statement;

/// A policy document of these statements.
pub(super) fn document(statements: impl IntoIterator<Item = Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements.into_iter().collect::<Vec<_>>() })
}

/// Allows actions on one resource.
pub(super) fn allow(actions: &[&str], resource: &str) -> Value {
    json!({ "Effect": "Allow", "Action": actions, "Resource": resource })
}

/// A statement of a spec's own.
pub(super) fn own(statement: &Statement) -> Value {
    let Statement { actions, resources, conditions, sid } = statement;
    let mut own = json!({ "Effect": "Allow", "Action": actions, "Resource": resources });
    if !conditions.is_empty() {
        own["Condition"] = json!(conditions);
    }
    if let Some(sid) = sid {
        own["Sid"] = json!(sid);
    }
    own
}

/// Allows to list what lies below a prefix of a bucket.
pub(super) fn list_below(bucket_arn: &str, prefix: &str) -> Value {
    let mut list = allow(&["s3:ListBucket"], bucket_arn);
    list["Condition"] = json!({ "StringLike": { "s3:prefix": format!("{prefix}*") } });
    list
}

/// Refuses whatever does not come by TLS.
pub(super) fn tls_only(action: &str, resources: &[String]) -> Value {
    json!({
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": action,
        "Resource": resources,
        "Condition": { "Bool": { "aws:SecureTransport": "false" } },
    })
}

/// Lets a role or user use a key through one service, for what the encryption context names; nothing for a key that
/// AWS keeps for the service, whose policy allows that already.
pub(super) fn use_key(scope: &Scope, key: &str, actions: &[&str], through: &Through<'_>) -> Option<Value> {
    let mut statement = on_key(scope, key, actions)?;
    statement["Condition"]["StringEquals"] = json!({ "kms:ViaService": scope.endpoint(through.service) });
    statement["Condition"]["StringLike"] =
        json!({ format!("kms:EncryptionContext:{}", through.context): through.resources });
    Some(statement)
}

/// Lets a role or user use a key by itself; nothing for a key that AWS keeps for a service, which nobody else may use.
pub(super) fn on_key(scope: &Scope, key: &str, actions: &[&str]) -> Option<Value> {
    match Key::of(key) {
        Key::AwsManaged => None,
        Key::Arn(arn) => Some(allow(actions, arn)),
        Key::Id(id) => Some(allow(actions, &scope.arn("kms", &format!("key/{id}")))),
        // A policy cannot name a key by its alias; it can ask that the key has the alias.
        Key::Alias(alias) => {
            let mut statement = allow(actions, &scope.arn("kms", "key/*"));
            statement["Condition"] = json!({ "ForAnyValue:StringEquals": { "kms:ResourceAliases": alias } });
            Some(statement)
        }
    }
}

/// Which service uses a key on behalf of a role, and for what.
pub(super) struct Through<'a> {
    service: &'a str,
    context: &'a str,
    resources: Vec<String>,
}

impl Through<'_> {
    /// S3, for the objects of a bucket; with a bucket key the context is the bucket instead of the object.
    pub(super) fn s3(bucket_arn: &str) -> Self {
        let resources = vec![bucket_arn.to_owned(), format!("{bucket_arn}/*")];
        Self { service: "s3", context: "aws:s3:arn", resources }
    }

    /// DynamoDB, for the items of a table, by its name.
    pub(super) fn dynamodb(table: &str) -> Self {
        Self { service: "dynamodb", context: "aws:dynamodb:tableName", resources: vec![table.to_owned()] }
    }

    /// SNS, for the messages of a topic.
    pub(super) fn sns(topic_arn: &str) -> Self {
        Self { service: "sns", context: "aws:sns:topicArn", resources: vec![topic_arn.to_owned()] }
    }

    /// SQS, for the messages of a queue.
    pub(super) fn sqs(queue_arn: &str) -> Self {
        Self { service: "sqs", context: "aws:sqs:arn", resources: vec![queue_arn.to_owned()] }
    }

    /// Secrets Manager, for the value of a secret.
    pub(super) fn secrets_manager(secret_arn: &str) -> Self {
        Self { service: "secretsmanager", context: "SecretARN", resources: vec![secret_arn.to_owned()] }
    }

    /// Kinesis, for the records of a stream.
    pub(super) fn kinesis(stream_arn: &str) -> Self {
        Self { service: "kinesis", context: "aws:kinesis:arn", resources: vec![stream_arn.to_owned()] }
    }
}

/// The ARN of a key, where a service takes nothing else.
pub(super) fn key_arn(scope: &Scope, key: &str) -> String {
    match key {
        arn if arn.starts_with("arn:") => arn.to_owned(),
        alias if alias.starts_with("alias/") => scope.arn("kms", alias),
        id => scope.arn("kms", &format!("key/{id}")),
    }
}
