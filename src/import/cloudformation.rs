//! What a CloudFormation stack is made of, the stacks in it included, and which of pipectl's resources that is.

mod made_up;

use std::collections::BTreeSet;

use futures_util::future::{join_all, join3};

use super::wiring::Wiring;
use super::wiring::walk::take_notifications;
use crate::model::discovery::{DeliveryStream, Discovery, Inventory, Note, StackResource, Subscription};
use crate::model::error::CallError;
use crate::model::scope::Scope;
use made_up::MadeUp;

/// CloudFormation's name for a stack in a stack.
const NESTED: &str = "AWS::CloudFormation::Stack";

/// Types of which CloudFormation does not say what they belong to, each with the reason for which it is not looked for.
const UNNAMED: [(&str, &str); 9] = [
    ("AWS::IAM::Policy", "it is a part of the roles and users that have it, and is read with them"),
    ("AWS::IAM::AccessKey", "CloudFormation does not say whose it is, and AWS told its secret to nobody but the stack"),
    ("AWS::SNS::TopicPolicy", "it is a part of its topic, which is read with its policy"),
    ("AWS::SQS::QueuePolicy", "it is a part of its queue, which is read with its policy"),
    ("AWS::ApiGateway::Resource", OF_API),
    ("AWS::ApiGateway::Method", OF_API),
    ("AWS::ApiGateway::Deployment", "it is a part of its API: a stage serves it, and is read with it"),
    ("AWS::Lambda::Version", "it is a copy of a function, and pipectl has functions without versions"),
    ("AWS::CDK::Metadata", "it is a note of the CDK's, and nothing in AWS"),
];

const OF_API: &str = "it is a part of its API, which is read with its methods";

/// The kind of the registry that is CloudFormation's type.
pub type Kinds<'a> = &'a (dyn Fn(&str) -> Option<&'static str> + Sync);

/// A resource of a stack, with its owner's name for it.
struct Member {
    source: String,
    resource: StackResource,
}

impl Member {
    /// Whether it is of a type.
    fn is(&self, aws_type: &str) -> bool {
        self.resource.aws_type == aws_type
    }

    /// What it is called in its service; empty where it was never made, which is left before anything asks.
    fn id(&self) -> &str {
        self.resource.physical_id.as_deref().unwrap_or_default()
    }
}

/// Finds what a stack has.
///
/// # Errors
/// When there is no such stack, or a call fails for another reason than that the caller may not make it.
pub async fn stack(
    aws: &dyn Discovery,
    scope: &Scope,
    kinds: Kinds<'_>,
    name: &str,
    note: Note<'_>,
) -> Result<Wiring, CallError> {
    let mut wiring = Wiring::default();
    let members = members(aws, name, note, &mut wiring).await?;
    let mut unclear = Vec::new();
    for member in members {
        match key(&member, kinds, scope) {
            Some((kind, key)) => wiring.take_part(kind, &key, member.source),
            None => unclear.push(member),
        }
    }
    look_closer(aws, scope, unclear, note, &mut wiring).await?;
    Ok(wiring)
}

/// The resources of a stack and of those in it, each stack asked for once; without those that do not exist.
async fn members(
    aws: &dyn Discovery,
    name: &str,
    note: Note<'_>,
    wiring: &mut Wiring,
) -> Result<Vec<Member>, CallError> {
    let (mut members, mut asked, mut next) = (Vec::new(), BTreeSet::new(), vec![name.to_owned()]);
    while !next.is_empty() {
        next.retain(|stack| asked.insert(stack.clone()));
        let listed = join_all(next.iter().map(|stack| aws.stack(stack))).await;
        let stacks: Vec<String> = std::mem::take(&mut next);
        for (stack, listed) in stacks.iter().zip(listed) {
            for resource in listed? {
                let source = format!("{} of stack {}", resource.logical_id, short(stack));
                match &resource.physical_id {
                    None => wiring.leave(source, format!("it does not exist: {}", resource.status)),
                    Some(nested) if resource.aws_type == NESTED => next.push(nested.clone()),
                    Some(_) => members.push(Member { source, resource }),
                }
            }
        }
        note(format!("resources of the stack so far: {}", members.len()));
    }
    Ok(members)
}

/// The name in a stack's ARN: `arn:…:stack/acme-Storage-1X2/…`.
fn short(stack: &str) -> &str {
    stack.split('/').nth(1).unwrap_or(stack)
}

/// The kind and the key of a resource, where CloudFormation says both: it calls a resource by what that is found by, but
/// for topics and secrets, which it calls by their ARN, for queues, which it calls by their URL, for what belongs to something
/// else, and for what AWS makes up the id of.
fn key(member: &Member, kinds: Kinds<'_>, scope: &Scope) -> Option<(&'static str, String)> {
    let kind = kinds(&member.resource.aws_type)?;
    match kind {
        "sns_topic" => Some((kind, scope.resource_of("sns", member.id())?.to_owned())),
        "sqs_queue" => Some((kind, member.id().rsplit('/').next()?.to_owned())),
        "secretsmanager_secret" => Some((kind, secret(member.id()).to_owned())),
        // A rule of another event bus than the default one is `<bus>|<rule>`.
        "events_rule" => Some((kind, member.id().to_owned())).filter(|(_, rule)| !rule.contains('|')),
        // That of a function itself, and of no version.
        "lambda_event_invoke_config" => Some((kind, member.id().strip_suffix("|$LATEST")?.to_owned())),
        "logs_stream"
        | "sns_subscription"
        | "iam_access_key"
        | "apigateway_rest_api"
        | "apigateway_stage"
        | "apigateway_api_key"
        | "apigateway_usage_plan"
        | "lambda_event_source_mapping"
        | "lambda_permission" => None,
        _ => Some((kind, member.id().to_owned())),
    }
}

/// The name in the ARN of a secret: AWS puts a hyphen and six characters of its own behind it.
fn secret(arn: &str) -> &str {
    let named = arn.split(":secret:").nth(1);
    named.map_or(arn, |named| named.rsplit_once('-').map_or(named, |(name, _)| name))
}

/// Finds what members are a part of, and the notifications of the buckets, which CloudFormation has no resource for.
async fn look_closer(
    aws: &dyn Discovery,
    scope: &Scope,
    unclear: Vec<Member>,
    note: Note<'_>,
    wiring: &mut Wiring,
) -> Result<(), CallError> {
    let made_up = MadeUp::of(aws, &unclear, wiring).await?;
    let has = |aws_type: &str| unclear.iter().any(|member| member.is(aws_type));
    let logs = has("AWS::Logs::LogStream");
    let (buckets, mut topics) = (wiring.keys("s3_bucket"), wiring.keys("sns_topic"));
    topics.retain(|_| has("AWS::SNS::Subscription"));
    let arns: Vec<String> = topics.iter().map(|topic| scope.arn("sns", topic)).collect();
    let (bucket_reads, subscriptions, deliveries) = join3(
        join_all(buckets.iter().map(|bucket| aws.bucket(bucket))),
        join_all(arns.iter().map(|topic| aws.subscriptions(topic))),
        async { if logs { aws.delivery_streams(note).await } else { Ok(Inventory::default()) } },
    )
    .await;
    for (bucket, seen) in buckets.iter().zip(bucket_reads) {
        if let Some(seen) = wiring.allowed(&format!("who is told of {bucket}'s objects"), seen)? {
            take_notifications(bucket, seen, wiring);
        }
    }
    let mut subscribed = Vec::new();
    for (topic, seen) in arns.into_iter().zip(subscriptions) {
        let seen = wiring.allowed(&format!("the subscriptions to {topic}"), seen)?;
        subscribed.extend(seen.into_iter().map(|one| (topic.clone(), one)));
    }
    let around = Around { made_up, subscribed, deliveries: wiring.allowed("the delivery streams", deliveries)?.seen };
    for member in unclear {
        around.place(member, wiring);
    }
    Ok(())
}

/// What tells where a member belongs.
struct Around {
    made_up: MadeUp,
    subscribed: Vec<(String, Subscription)>,
    deliveries: Vec<DeliveryStream>,
}

impl Around {
    /// Takes a member as what it is, or as a part of what it belongs to; else leaves it.
    fn place(&self, member: Member, wiring: &mut Wiring) {
        let found = self.made_up.find(&member).unwrap_or_else(|| {
            let (kind, key) = self.belongs(&member, wiring)?;
            Ok((kind, vec![key]))
        });
        match found {
            Ok((kind, keys)) => keys.iter().for_each(|key| wiring.take_part(kind, key, member.source.clone())),
            Err(reason) => wiring.leave(member.source, reason),
        }
    }

    /// What a member is a part of, or why it is of nothing that is taken.
    fn belongs(&self, member: &Member, wiring: &Wiring) -> Result<(&'static str, String), String> {
        let aws_type = member.resource.aws_type.as_str();
        if let Some((_, reason)) = UNNAMED.iter().find(|(name, _)| *name == aws_type) {
            return Err((*reason).to_owned());
        }
        match aws_type {
            "AWS::Logs::LogStream" => self
                .log_stream(member.id(), wiring)
                .ok_or_else(|| "no delivery stream of the stack logs to it".to_owned()),
            "AWS::SNS::Subscription" => self
                .subscription(member.id())
                .ok_or_else(|| "no topic of the stack has it; one that is pending has no ARN yet".to_owned()),
            "AWS::S3::BucketPolicy" => wiring
                .has("s3_bucket", member.id())
                .then(|| ("s3_bucket", member.id().to_owned()))
                .ok_or_else(|| "it is a part of its bucket, which is read with its policy".to_owned()),
            "AWS::Events::Rule" => {
                Err("it is a rule of an event bus of its own, and pipectl has rules of the default one".to_owned())
            }
            other => Err(format!("pipectl has nothing that is a `{other}`")),
        }
    }

    /// CloudFormation knows a log stream by its own name, and not by that of its group.
    fn log_stream(&self, name: &str, wiring: &Wiring) -> Option<(&'static str, String)> {
        let ours = self.deliveries.iter().filter(|delivery| wiring.has("firehose_delivery_stream", &delivery.name));
        let (group, stream) = ours.flat_map(|delivery| &delivery.logs).find(|(_, stream)| stream == name)?;
        Some(("logs_stream", format!("{group}|{stream}")))
    }

    fn subscription(&self, arn: &str) -> Option<(&'static str, String)> {
        let (topic, Subscription { protocol, endpoint, .. }) =
            self.subscribed.iter().find(|(_, one)| one.arn.as_deref() == Some(arn))?;
        Some(("sns_subscription", format!("{topic}|{protocol}|{endpoint}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::wiring::tests::{Account, scope};
    use crate::model::discovery::{Bucket, Caller, EventSource, Named, Notification, RestApi, Target, UsagePlan};

    fn resource(logical_id: &str, aws_type: &str, physical_id: Option<&str>) -> StackResource {
        let [logical_id, aws_type, status] = [logical_id, aws_type, "CREATE_FAILED"].map(str::to_owned);
        StackResource { logical_id, aws_type, physical_id: physical_id.map(str::to_owned), status }
    }

    fn kind(aws_type: &str) -> Option<&'static str> {
        let kinds = [("AWS::S3::Bucket", "s3_bucket"), ("AWS::SNS::Topic", "sns_topic")];
        kinds.into_iter().find(|(of, _)| *of == aws_type).map(|(_, kind)| kind)
    }

    #[tokio::test]
    async fn stacks_in_stacks_are_followed_once_each_and_parts_belong_to_what_they_are_part_of() {
        let nested = "arn:aws:cloudformation:eu-west-1:123456789012:stack/acme-Storage-1X2/9f";
        let topic = scope().arn("sns", "alerts");
        let told = Notification { id: "pipe".into(), target: Target::Queue("arn:aws:sqs:eu-west-1:9:q".into()) };
        let account = Account {
            stacks: [
                (
                    "acme",
                    vec![
                        resource("Storage", NESTED, Some(nested)),
                        resource("Again", NESTED, Some(nested)),
                        resource("Alerts", "AWS::SNS::Topic", Some(&topic)),
                        resource("Never", "AWS::S3::Bucket", None),
                        resource("Function", "AWS::Lambda::Function", Some("f")),
                    ],
                ),
                (
                    nested,
                    vec![
                        resource("Up", NESTED, Some("acme")),
                        resource("Landing", "AWS::S3::Bucket", Some("landing")),
                        resource("Policy", "AWS::S3::BucketPolicy", Some("landing")),
                    ],
                ),
            ]
            .into(),
            buckets: [("landing", Bucket { notifications: vec![told] })].into(),
            ..Account::default()
        };
        let wiring = stack(&account, &scope(), &kind, "acme", &|_| {}).await.unwrap();
        let found: Vec<[&str; 3]> = wiring.found.iter().map(|it| [&*it.source, &*it.kind, &*it.key]).collect();
        assert_eq!(
            found,
            [
                ["Alerts of stack acme", "sns_topic", "alerts"],
                ["Landing of stack acme-Storage-1X2", "s3_bucket", "landing"],
                ["the notification pipe of landing", "s3_notification", "landing|pipe"],
                ["Policy of stack acme-Storage-1X2", "s3_bucket", "landing"],
            ]
        );
        let left: Vec<[&str; 2]> = wiring.left_out.iter().map(|it| [&*it.source, &*it.reason]).collect();
        assert_eq!(
            left,
            [
                ["Never of stack acme", "it does not exist: CREATE_FAILED"],
                ["Function of stack acme", "pipectl has nothing that is a `AWS::Lambda::Function`"],
            ]
        );
    }

    #[tokio::test]
    async fn ids_that_aws_makes_up_become_names_and_what_has_none_is_left_by_name() {
        let named = |id: &str, name: &str| Named { id: id.into(), name: name.into() };
        let api =
            |id: &str, name: &str| (named(id, name), RestApi { stages: ["live".into()].into(), ..RestApi::default() });
        let plan = UsagePlan { plan: named("p1", "partners"), ..UsagePlan::default() };
        let source =
            EventSource { id: "u-1".into(), function: "take".into(), source: "S".into(), ..EventSource::default() };
        let members = [
            ("Take", "AWS::Lambda::Function", "take"),
            ("Reads", "AWS::Lambda::EventSourceMapping", "u-1"),
            ("Calls", "AWS::Lambda::Permission", "acme-Calls-1X"),
            ("Api", "AWS::ApiGateway::RestApi", "a1"),
            ("Live", "AWS::ApiGateway::Stage", "live"),
            ("Deployment", "AWS::ApiGateway::Deployment", "d1"),
            ("Key", "AWS::ApiGateway::ApiKey", "k1"),
            ("Plan", "AWS::ApiGateway::UsagePlan", "p1"),
            ("PlanKey", "AWS::ApiGateway::UsagePlanKey", "k1:p1"),
            (
                "Secret",
                "AWS::SecretsManager::Secret",
                "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a/b-x1Y2z3",
            ),
            ("Queue", "AWS::SQS::Queue", "https://sqs.eu-west-1.amazonaws.com/123456789012/orders.fifo"),
            ("Nightly", "AWS::Events::Rule", "nightly"),
            ("OnBus", "AWS::Events::Rule", "bus|nightly"),
            ("Gone", "AWS::Lambda::EventSourceMapping", "u-2"),
        ];
        let members = members.map(|(logical_id, aws_type, id)| resource(logical_id, aws_type, Some(id)));
        let account = Account {
            stacks: [("acme", members.into())].into(),
            rest_apis: vec![api("a1", "shop"), api("b2", "theirs")],
            api_keys: vec![named("k1", "partner")],
            usage_plans: vec![plan],
            event_sources: vec![source],
            callers: [("take", vec![Caller { statement: "acme-Calls-1X".into(), source: None }])].into(),
            ..Account::default()
        };
        let kinds = |aws_type: &str| match aws_type {
            "AWS::Lambda::Function" => Some("lambda_function"),
            "AWS::SecretsManager::Secret" => Some("secretsmanager_secret"),
            "AWS::SQS::Queue" => Some("sqs_queue"),
            "AWS::Events::Rule" => Some("events_rule"),
            _ => None,
        };
        let wiring = stack(&account, &scope(), &kinds, "acme", &|_| {}).await.unwrap();
        let found: BTreeSet<[&str; 2]> = wiring.found.iter().map(|it| [&*it.kind, &*it.key]).collect();
        let expected = [
            ["lambda_function", "take"],
            ["lambda_event_source_mapping", "take|S"],
            ["lambda_permission", "take|acme-Calls-1X"],
            ["apigateway_rest_api", "shop"],
            ["apigateway_stage", "shop|live"],
            ["apigateway_api_key", "partner"],
            ["apigateway_usage_plan", "partners"],
            ["secretsmanager_secret", "a/b"],
            ["sqs_queue", "orders.fifo"],
            ["events_rule", "nightly"],
        ];
        assert_eq!(found, expected.into());
        let left: Vec<String> = wiring.left_out.iter().map(|it| format!("{}: {}", it.source, it.reason)).collect();
        assert_eq!(
            left,
            [
                "Deployment of stack acme: it is a part of its API: a stage serves it, and is read with it",
                "OnBus of stack acme: it is a rule of an event bus of its own, and pipectl has rules of the default one",
                "Gone of stack acme: there is no event source mapping of this id that has an ARN",
            ]
        );
    }
}
