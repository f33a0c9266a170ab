//! What a function may use, told from the policy of its role. The table of actions only suggests: whether the uses come to that
//! very policy is the plan's to say.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Sketch;
use crate::catalog::Type;
use crate::import::live::{items, text};
use crate::model::scope::Scope;
use crate::spec::blocks::Kind;
use crate::spec::uses::Access;

/// The uses, each with the address of its block: `table.sessions:write` and `table.sessions`.
pub(super) fn of(role: &Value, sketch: &Sketch<'_>) -> BTreeSet<(String, String)> {
    let policies = role["policies"].as_object().into_iter().flatten().map(|(_, policy)| policy);
    let statements = policies.flat_map(|policy| items(&policy["Statement"]));
    let mut uses = BTreeSet::new();
    for statement in statements.filter(|statement| statement["Effect"] == "Allow") {
        for resource in items(&statement["Resource"]) {
            let (scope, arn) = (&sketch.place.scope, text(resource));
            let called = function(scope, arn).map(|name| (Type::Function.name(), name));
            let named = named(scope, arn).map(|(usable, key)| (usable.kind(), key)).or(called);
            let block = named.and_then(|(kind, key)| sketch.address(kind, key));
            let Some(block) = block else { continue };
            let Some(kind) = Kind::named(block.split('.').next().unwrap_or_default()) else { continue };
            let granted = |access: &&Access| {
                let action = action(kind, **access);
                action.is_some_and(|action| items(&statement["Action"]).any(|allowed| allowed == action))
            };
            let all: Vec<Access> = kind.uses().allowed().iter().filter(granted).copied().collect();
            // Who may read a table may query it.
            let more = |access: &&Access| **access != Access::Query || !all.contains(&Access::Read);
            for access in all.iter().filter(more) {
                uses.insert((format!("{block}:{access}"), block.clone()));
            }
        }
    }
    uses
}

/// What a function can use, and an ARN in a policy names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum Usable {
    Table,
    Stream,
    Queue,
    Topic,
    Secret,
}

impl Usable {
    /// The type of the resource.
    pub(in crate::import) fn kind(self) -> &'static str {
        let one = match self {
            Self::Table => Type::Table,
            Self::Stream => Type::Stream,
            Self::Queue => Type::Queue,
            Self::Topic => Type::Topic,
            Self::Secret => Type::Secret,
        };
        one.name()
    }

    /// What people call it.
    pub(in crate::import) fn word(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Stream => "stream",
            Self::Queue => "queue",
            Self::Topic => "topic",
            Self::Secret => "secret",
        }
    }
}

/// What an ARN in a policy names, where a function can use such a thing, and its key.
pub(in crate::import) fn named<'a>(scope: &Scope, arn: &'a str) -> Option<(Usable, &'a str)> {
    let of = |service, prefix: &str| scope.resource_of(service, arn)?.strip_prefix(prefix);
    let table = of("dynamodb", "table/").and_then(|table| table.split('/').next());
    let secret = of("secretsmanager", "secret:").map(|secret| secret.strip_suffix("-??????").unwrap_or(secret));
    let all = [
        (Usable::Table, table),
        (Usable::Stream, of("kinesis", "stream/")),
        (Usable::Queue, of("sqs", "")),
        (Usable::Topic, of("sns", "")),
        (Usable::Secret, secret),
    ];
    all.into_iter().find_map(|(usable, key)| Some((usable, key?)))
}

/// The name in a function's ARN.
pub(in crate::import) fn function<'a>(scope: &Scope, arn: &'a str) -> Option<&'a str> {
    scope.resource_of("lambda", arn)?.strip_prefix("function:")
}

/// An action that tells an access to a kind of block from every other; none where there is no such use.
fn action(kind: Kind, access: Access) -> Option<&'static str> {
    let table: &[(Access, &'static str)] = match kind {
        Kind::Table => &[
            (Access::Read, "dynamodb:GetItem"),
            (Access::Write, "dynamodb:PutItem"),
            (Access::Query, "dynamodb:Query"),
        ],
        Kind::Stream => &[(Access::Read, "kinesis:GetRecords"), (Access::Write, "kinesis:PutRecords")],
        Kind::Queue => &[(Access::Send, "sqs:SendMessage"), (Access::Receive, "sqs:ReceiveMessage")],
        Kind::Topic => &[(Access::Publish, "sns:Publish")],
        Kind::Secret => &[(Access::Read, "secretsmanager:GetSecretValue")],
        Kind::Bucket => &[(Access::Read, "s3:GetObject"), (Access::Write, "s3:PutObject")],
        Kind::Function => &[(Access::Invoke, "lambda:InvokeFunction")],
        // An import suggests no such block yet; these are what would tell.
        Kind::Dataset => &[(Access::Read, "glue:GetTable"), (Access::Write, "glue:UpdateTable")],
        Kind::Registry => &[(Access::Read, "glue:GetSchemaByDefinition")],
        Kind::Athena => &[(Access::Query, "athena:StartQueryExecution")],
        Kind::Job => &[(Access::Start, "glue:StartJobRun")],
        Kind::Workflow => &[(Access::Start, "glue:StartWorkflowRun")],
        Kind::Crawler => &[(Access::Start, "glue:StartCrawler")],
        Kind::Key => {
            &[(Access::Use, "kms:DescribeKey"), (Access::Encrypt, "kms:Encrypt"), (Access::Decrypt, "kms:Decrypt")]
        }
        Kind::Firehose => &[(Access::Put, "firehose:PutRecordBatch")],
        Kind::Role => &[(Access::Assume, "sts:AssumeRole")],
        Kind::Catalog
        | Kind::Snowpipe
        | Kind::Api
        | Kind::Schedule
        | Kind::Alarm
        | Kind::Dashboard
        | Kind::Publish
        | Kind::Subnet
        | Kind::SecurityGroup => &[],
    };
    table.iter().find(|(one, _)| *one == access).map(|(_, action)| *action)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_use_of_every_kind_has_an_action_of_its_own() {
        for kind in Kind::ALL {
            let actions: Vec<&str> =
                kind.uses().allowed().iter().map(|access| action(*kind, *access).expect("an action")).collect();
            let distinct: BTreeSet<&&str> = actions.iter().collect();
            assert_eq!(distinct.len(), actions.len(), "{}", kind.name());
        }
    }

    #[test]
    fn what_a_policy_names_is_known_by_the_name_in_its_arn() {
        let scope = Scope::new("123456789012", "eu-west-1");
        for (arn, expected) in [
            (scope.arn("dynamodb", "table/pages"), Some((Usable::Table, "pages"))),
            (scope.arn("dynamodb", "table/pages/index/*"), Some((Usable::Table, "pages"))),
            (scope.arn("kinesis", "stream/clicks"), Some((Usable::Stream, "clicks"))),
            (scope.arn("sqs", "orders.fifo"), Some((Usable::Queue, "orders.fifo"))),
            (scope.arn("secretsmanager", "secret:a/b-??????"), Some((Usable::Secret, "a/b"))),
            (scope.arn("logs", "log-group:/aws/lambda/take:*"), None),
            ("arn:aws:sns:eu-west-1:999999999999:alerts".to_owned(), None),
            ("*".to_owned(), None),
        ] {
            assert_eq!(named(&scope, &arn), expected, "{arn}");
        }
    }
}
