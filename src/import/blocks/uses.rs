//! What a function may use, told from the policy of its role. The table of actions only suggests: whether the uses come to that
//! very policy is the plan's to say.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Sketch;
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
            let named = named(&sketch.place.scope, text(resource));
            let block = named.and_then(|(kind, key)| sketch.address(kind, key));
            let Some(block) = block else { continue };
            let Some(kind) = Kind::named(block.split('.').next().unwrap_or_default()) else { continue };
            let granted = |access: &&Access| {
                let action = action(kind, **access);
                action.is_some_and(|action| items(&statement["Action"]).any(|allowed| allowed == action))
            };
            for access in kind.uses().allowed().iter().filter(granted) {
                uses.insert((format!("{block}:{access}"), block.clone()));
            }
        }
    }
    uses
}

/// The type and the key of what an ARN in a policy names, where a function can use such a thing.
pub(in crate::import) fn named<'a>(scope: &Scope, arn: &'a str) -> Option<(&'static str, &'a str)> {
    let of = |service, prefix: &str| scope.resource_of(service, arn)?.strip_prefix(prefix);
    let table = of("dynamodb", "table/").and_then(|table| table.split('/').next());
    let secret = of("secretsmanager", "secret:").map(|secret| secret.strip_suffix("-??????").unwrap_or(secret));
    let all = [
        ("dynamodb_table", table),
        ("kinesis_stream", of("kinesis", "stream/")),
        ("sqs_queue", of("sqs", "")),
        ("sns_topic", of("sns", "")),
        ("secretsmanager_secret", secret),
    ];
    all.into_iter().find_map(|(kind, key)| Some((kind, key?)))
}

/// The name in a function's ARN.
pub(in crate::import) fn function<'a>(scope: &Scope, arn: &'a str) -> Option<&'a str> {
    scope.resource_of("lambda", arn)?.strip_prefix("function:")
}

/// An action that tells an access to a kind of block from every other; none where there is no such use.
fn action(kind: Kind, access: Access) -> Option<&'static str> {
    match kind {
        Kind::Table => match access {
            Access::Read => Some("dynamodb:GetItem"),
            Access::Write => Some("dynamodb:PutItem"),
            Access::Publish | Access::Send | Access::Receive => None,
        },
        Kind::Stream => match access {
            Access::Read => Some("kinesis:GetRecords"),
            Access::Write => Some("kinesis:PutRecords"),
            Access::Publish | Access::Send | Access::Receive => None,
        },
        Kind::Queue => match access {
            Access::Send => Some("sqs:SendMessage"),
            Access::Receive => Some("sqs:ReceiveMessage"),
            Access::Read | Access::Write | Access::Publish => None,
        },
        Kind::Topic => match access {
            Access::Publish => Some("sns:Publish"),
            Access::Read | Access::Write | Access::Send | Access::Receive => None,
        },
        Kind::Secret => match access {
            Access::Read => Some("secretsmanager:GetSecretValue"),
            Access::Write | Access::Publish | Access::Send | Access::Receive => None,
        },
        Kind::Bucket
        | Kind::Firehose
        | Kind::Snowpipe
        | Kind::Function
        | Kind::Api
        | Kind::Schedule
        | Kind::Alarm
        | Kind::Dashboard => None,
    }
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
            (scope.arn("dynamodb", "table/pages"), Some(("dynamodb_table", "pages"))),
            (scope.arn("dynamodb", "table/pages/index/*"), Some(("dynamodb_table", "pages"))),
            (scope.arn("kinesis", "stream/clicks"), Some(("kinesis_stream", "clicks"))),
            (scope.arn("sqs", "orders.fifo"), Some(("sqs_queue", "orders.fifo"))),
            (scope.arn("secretsmanager", "secret:a/b-??????"), Some(("secretsmanager_secret", "a/b"))),
            (scope.arn("logs", "log-group:/aws/lambda/take:*"), None),
            ("arn:aws:sns:eu-west-1:999999999999:alerts".to_owned(), None),
            ("*".to_owned(), None),
        ] {
            assert_eq!(named(&scope, &arn), expected, "{arn}");
        }
    }
}
