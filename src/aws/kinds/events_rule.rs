//! EventBridge rules that fire at set times.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::types;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::aws::error::{absent_is_done, absent_is_none, entry_failed, failed};
use crate::aws::tags::{self, Tags};
use crate::aws::{Aws, Resource, Result, wait};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::trail::{Update, Writes};

/// An EventBridge rule of the default bus that fires at set times, with what it calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–64 of `[.\-_A-Za-z0-9]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Description; at most 512 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// When it fires, in UTC: `rate(5 minutes)` or `cron(0 8 * * ? *)`.
    pub(crate) schedule: String,
    /// Whether it fires.
    #[serde(default = "yes")]
    pub(crate) enabled: bool,
    /// What it calls, by id; at most 5.
    #[serde(default)]
    pub(crate) targets: BTreeMap<String, Target>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// What a rule calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Target {
    /// ARN of the function.
    pub(crate) arn: String,
    /// What it is called with, as JSON; absent: EventBridge's own event.
    #[serde(default)]
    pub(crate) input: Option<Value>,
}

fn yes() -> bool {
    true
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the rule.
    pub(crate) arn: String,
}

/// EventBridge rules.
pub(crate) struct Rule;

const RULE: On = On::Arns(&["arn:{partition}:events:{region}:{account}:rule/{name}"]);

/// How long AWS may go on refusing a change because another of the same rule has not quite ended.
const SETTLE: Duration = Duration::from_secs(30);

const PUT: &[&str] = &["events:PutRule"];

impl Resource for Rule {
    const KIND: &'static str = "events_rule";
    const AWS_TYPE: &'static str = "AWS::Events::Rule";
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["events:DescribeRule", "events:ListTagsForResource", "events:ListTargetsByRule"], RULE),
        Grant::apply(
            &[
                "events:DeleteRule",
                "events:PutRule",
                "events:PutTargets",
                "events:RemoveTargets",
                "events:TagResource",
                "events:UntagResource",
            ],
            RULE,
        ),
        Grant::operate(&["cloudwatch:GetMetricData"], On::All),
    ];
    const WRITES: &'static Writes = &Writes {
        named_by: &[0],
        create: PUT,
        delete: &["events:DeleteRule"],
        update: &[
            Update::new("description", PUT),
            Update::new("enabled", &["events:DisableRule", "events:EnableRule", "events:PutRule"]),
            Update::new("schedule", PUT),
            Update::new("tags", &["events:TagResource", "events:UntagResource"]),
            Update::new("targets", &["events:PutTargets", "events:RemoveTargets"]),
        ],
    };
    const EXAMPLES: &'static str = r#"
        [first]
        name = "conformance-nightly"
        schedule = "cron(15 3 * * ? *)"
        targets = { function = { arn = "arn:aws:lambda:us-east-1:123456789012:function:conformance-report" } }
        tags = { "pipectl:env" = "dev", team = "growth" }

        [second]
        name = "conformance-nightly"
        description = "Once an hour"
        schedule = "rate(1 hour)"
        enabled = false
        tags = { team = "data" }

        [second.targets.other]
        arn = "arn:aws:lambda:us-east-1:123456789012:function:conformance-other"
        input = { report = "hourly", days = 1 }
    "#;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let (client, arn) = (aws.client(Client::new).await, arn(aws, key).await?);
        let found = tokio::try_join!(describe(&client, key), targets(&client, key), read_tags(&client, &arn));
        // What is deleted between the calls is as good as absent.
        let Some((Some(live), targets, tags)) = absent_is_none(found)? else { return Ok(None) };
        let spec = Spec {
            name: key.to_owned(),
            description: live.description.unwrap_or_default(),
            schedule: live.schedule_expression.unwrap_or_default(),
            enabled: live.state != Some(types::RuleState::Disabled),
            targets,
            tags,
        };
        Ok(Some((spec, Outputs { arn })))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        // PutRule overwrites a rule that exists.
        if describe(&client, &want.name).await?.is_some() {
            return Err(CallError::own(Class::InUse, "events PutRule", format!("the rule {} exists", want.name)));
        }
        let tags = want.tags.iter().map(tag).collect::<Vec<_>>();
        put(&client, want, Some(tags).filter(|tags| !tags.is_empty())).await?;
        put_targets(&client, want, want.targets.iter().collect()).await
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        if (&now.description, &now.schedule, now.enabled) != (&want.description, &want.schedule, want.enabled) {
            put(&client, want, None).await?;
        }
        let gone = now.targets.keys().filter(|id| !want.targets.contains_key(*id)).cloned();
        remove_targets(&client, &want.name, gone.collect()).await?;
        let changed = want.targets.iter().filter(|(id, target)| now.targets.get(*id) != Some(target));
        put_targets(&client, want, changed.collect()).await?;
        if now.tags != want.tags {
            set_tags(&client, &arn(aws, &want.name).await?, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        // AWS refuses to delete a rule that calls anything.
        let Some(targets) = absent_is_none(targets(&client, key).await)? else { return Ok(()) };
        absent_is_done(remove_targets(&client, key, targets.into_keys().collect()).await)?;
        let call =
            || async { client.delete_rule().name(key).send().await.map(drop).map_err(failed("events DeleteRule")) };
        absent_is_done(wait::retry(SETTLE, under_way, call).await)
    }
}

async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("events", &format!("rule/{name}")))
}

/// Whether somebody else is changing the same rule.
fn under_way(error: &CallError) -> bool {
    error.class == Class::Conflict
}

async fn describe(
    client: &Client,
    name: &str,
) -> Result<Option<aws_sdk_eventbridge::operation::describe_rule::DescribeRuleOutput>> {
    absent_is_none(client.describe_rule().name(name).send().await.map_err(failed("events DescribeRule")))
}

/// What a rule calls; five at most, so that one page holds them.
async fn targets(client: &Client, name: &str) -> Result<BTreeMap<String, Target>> {
    const CALL: &str = "events ListTargetsByRule";
    let reply = client.list_targets_by_rule().rule(name).send().await.map_err(failed(CALL))?;
    let target = |live: types::Target| {
        let input = live.input.map(|text| serde_json::from_str(&text)).transpose();
        let input = input.map_err(|error| CallError::own(Class::Other, CALL, format!("unreadable input: {error}")))?;
        Ok((live.id, Target { arn: live.arn, input }))
    };
    reply.targets.unwrap_or_default().into_iter().map(target).collect()
}

async fn read_tags(client: &Client, arn: &str) -> Result<Tags> {
    let reply = client.list_tags_for_resource().resource_arn(arn).send().await;
    let reply = reply.map_err(failed("events ListTagsForResource"))?;
    Ok(tags::own(reply.tags.into_iter().flatten().map(|tag| (tag.key, tag.value))))
}

fn tag((key, value): (&String, &String)) -> types::Tag {
    // A tag is built of key and value, and both are set.
    types::Tag::builder().key(key).value(value).build().expect("key and value")
}

/// Makes the rule, or overwrites it; AWS takes tags only with a new one.
async fn put(client: &Client, want: &Spec, tags: Option<Vec<types::Tag>>) -> Result<()> {
    let state = if want.enabled { types::RuleState::Enabled } else { types::RuleState::Disabled };
    let call = client
        .put_rule()
        .name(&want.name)
        .description(&want.description)
        .schedule_expression(&want.schedule)
        .state(state)
        .set_tags(tags);
    let put = || async { call.clone().send().await.map(drop).map_err(failed("events PutRule")) };
    wait::retry(SETTLE, under_way, put).await
}

/// AWS answers with success even where it has refused a target.
async fn put_targets(client: &Client, rule: &Spec, targets: Vec<(&String, &Target)>) -> Result<()> {
    const CALL: &str = "events PutTargets";
    if targets.is_empty() {
        return Ok(());
    }
    let target = |(id, target): (&String, &Target)| {
        let input = target.input.as_ref().map(Value::to_string);
        // A target is built of id and ARN, and both are set.
        types::Target::builder().id(id).arn(&target.arn).set_input(input).build().expect("id and ARN")
    };
    let call = client.put_targets().rule(&rule.name).set_targets(Some(targets.into_iter().map(target).collect()));
    let put = || async {
        let reply = call.clone().send().await.map_err(failed(CALL))?;
        let refused = reply.failed_entries.unwrap_or_default().into_iter().next();
        refused.map_or(Ok(()), |entry| Err(entry_error(CALL, entry.error_code, entry.error_message)))
    };
    wait::retry(SETTLE, under_way, put).await
}

async fn remove_targets(client: &Client, rule: &str, ids: Vec<String>) -> Result<()> {
    const CALL: &str = "events RemoveTargets";
    if ids.is_empty() {
        return Ok(());
    }
    let call = client.remove_targets().rule(rule).set_ids(Some(ids));
    let remove = || async {
        let reply = call.clone().send().await.map_err(failed(CALL))?;
        let refused = reply.failed_entries.unwrap_or_default().into_iter().next();
        refused.map_or(Ok(()), |entry| Err(entry_error(CALL, entry.error_code, entry.error_message)))
    };
    wait::retry(SETTLE, under_way, remove).await
}

fn entry_error(call: &str, code: Option<String>, message: Option<String>) -> CallError {
    entry_failed(call, &code.unwrap_or_default(), message.unwrap_or_default())
}

/// Takes away before it adds, so that the number never passes AWS's 50.
async fn set_tags(client: &Client, arn: &str, now: &Tags, want: &Tags) -> Result<()> {
    let (write, remove) = tags::changes(now, want);
    if !remove.is_empty() {
        let call = client.untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send();
        call.await.map_err(failed("events UntagResource"))?;
    }
    if !write.is_empty() {
        let call = client.tag_resource().resource_arn(arn).set_tags(Some(write.iter().map(tag).collect())).send();
        call.await.map_err(failed("events TagResource"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::aws::scripted::{Scripted, done, ok, refused, step};

    fn rule() -> Spec {
        toml::from_str("name = \"nightly\"\nschedule = \"rate(1 day)\"\n[targets.function]\narn = \"arn:aws:lambda\"")
            .unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_target_that_is_refused_in_a_reply_of_success_is_an_error() {
        let entry =
            json!({ "TargetId": "function", "ErrorCode": "ValidationException", "ErrorMessage": "no such ARN" });
        let service = Scripted::new([
            refused("DescribeRule", "ResourceNotFoundException", "none"),
            done("PutRule"),
            ok("PutTargets", json!({ "FailedEntryCount": 1, "FailedEntries": [entry] })),
        ]);
        let error = Rule::create(&service.aws().await, &rule(), &step()).await.unwrap_err();
        assert_eq!((error.class, error.message.as_str()), (Class::Invalid, "no such ARN"));
    }

    #[tokio::test(start_paused = true)]
    async fn a_change_that_is_under_way_is_waited_for() {
        let busy = || refused("PutRule", "ConcurrentModificationException", "another change is under way");
        let service = Scripted::new([busy(), busy(), done("PutRule")]);
        let off = Spec { enabled: false, ..rule() };
        Rule::update(&service.aws().await, &rule(), &off, &step()).await.unwrap();
        assert_eq!(service.last("PutRule")["State"], "DISABLED");
    }
}
