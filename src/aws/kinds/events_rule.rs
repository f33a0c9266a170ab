//! EventBridge rules that fire at set times, or on events.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use super::unmodelled::events::{shown_of_rule, shown_of_target};
use crate::aws::answers::passes;
use crate::aws::error::{absent_is_done, absent_is_none, entry_failed, failed, garbled, present};
use crate::aws::events::{
    ChangedTargets, DeleteRule, DescribeRule, DescribedRule, EventBridge, ListTagsForResource, ListTargetsByRule,
    LiveTarget, NewTarget, PutRule, PutTargets, RemoveTargets, Tag, TagResource, UntagResource,
};
use crate::aws::slim::Caller;
use crate::aws::{Aws, Calls, Result, Seen, wait};
use crate::catalog::events_rule::{Outputs, Rule, Spec, Target};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;
use crate::model::tags;
use crate::model::tags::Tags;
use crate::model::unmodelled::Unmodelled;

/// How long AWS may go on refusing a change because another of the same rule has not quite ended.
const SETTLE: Duration = Duration::from_secs(30);

/// EventBridge's client.
type Client = Caller<EventBridge>;

impl Calls for Rule {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let (client, arn) = (aws.client(Client::new).await, arn(aws, key).await?);
        let found = tokio::try_join!(describe(&client, key), targets(&client, key), read_tags(&client, &arn));
        // What is deleted between the calls is as good as absent.
        let Some((Some(live), (targets, mut unmodelled), tags)) = absent_is_none(found)? else { return Ok(None) };
        unmodelled.extend(shown_of_rule(&live));
        let spec = Spec {
            name: key.to_owned(),
            description: live.description.unwrap_or_default(),
            schedule: live.schedule_expression.filter(|text| !text.is_empty()),
            pattern: live.event_pattern.filter(|text| !text.is_empty()).as_deref().map(pattern).transpose()?,
            enabled: live.state.as_deref() != Some("DISABLED"),
            targets,
            tags,
        };
        Ok(Some((spec, Outputs { arn }, unmodelled)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Client::new).await;
        // PutRule overwrites a rule that exists.
        if describe(&client, &want.name).await?.is_some() {
            return Err(CallError::own(Class::InUse, "events PutRule", format!("the rule {} exists", want.name)));
        }
        put(&client, want, want.tags.iter().map(tag).collect()).await?;
        put_targets(&client, want, want.targets.iter().collect()).await.map(|()| None)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        // PutRule takes away what it is not given.
        let rule = |spec: &Spec| Spec { targets: BTreeMap::new(), tags: Tags::new(), ..spec.clone() };
        if rule(now) != rule(want) {
            put(&client, want, Vec::new()).await?;
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

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        // AWS refuses to delete a rule that calls anything.
        let Some((targets, _)) = absent_is_none(targets(&client, key).await)? else { return Ok(()) };
        absent_is_done(remove_targets(&client, key, targets.into_keys().collect()).await)?;
        absent_is_done(client.call(&DeleteRule { name: key }).await.map_err(failed("events DeleteRule")))
    }
}

fn pattern(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|error| garbled("events DescribeRule", "event pattern", text, &error))
}

async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("events", &format!("rule/{name}")))
}

async fn describe(client: &Client, name: &str) -> Result<Option<DescribedRule>> {
    const CALL: &str = "events DescribeRule";
    let reply = absent_is_none(client.call(&DescribeRule { name }).await.map_err(failed(CALL)))?;
    reply.map(|reply| present(CALL, "name", reply.name.clone()).map(|_| reply)).transpose()
}

/// What a rule calls, and what no attribute models of that; five at most, so that one page holds them.
async fn targets(client: &Client, name: &str) -> Result<(BTreeMap<String, Target>, Vec<Unmodelled>)> {
    const CALL: &str = "events ListTargetsByRule";
    let reply = client.call(&ListTargetsByRule { rule: name }).await.map_err(failed(CALL))?;
    let target = |live: LiveTarget| {
        let parsed = |text: String| serde_json::from_str(&text).map_err(|error| garbled(CALL, "input", &text, &error));
        let input = live.input.map(parsed).transpose()?;
        Ok((live.id, Target { arn: live.arn, input }))
    };
    let live = reply.targets.unwrap_or_default();
    let unmodelled = live.iter().flat_map(shown_of_target).collect();
    Ok((live.into_iter().map(target).collect::<Result<_>>()?, unmodelled))
}

async fn read_tags(client: &Client, arn: &str) -> Result<Tags> {
    let reply = client.call(&ListTagsForResource { arn }).await;
    let reply = reply.map_err(failed("events ListTagsForResource"))?;
    Ok(tags::own(reply.tags.into_iter().flatten().map(|tag| (tag.key, tag.value))))
}

fn tag((key, value): (&String, &String)) -> Tag {
    Tag { key: key.clone(), value: value.clone() }
}

/// Makes the rule, or overwrites it; AWS takes tags only with a new one.
async fn put(client: &Client, want: &Spec, tags: Vec<Tag>) -> Result<()> {
    let call = PutRule {
        name: &want.name,
        description: &want.description,
        schedule_expression: want.schedule.as_deref(),
        event_pattern: want.pattern.as_ref().map(Value::to_string),
        state: if want.enabled { "ENABLED" } else { "DISABLED" },
        tags,
    };
    client.call(&call).await.map(drop).map_err(failed("events PutRule"))
}

/// AWS answers with success even where it has refused a target.
async fn put_targets<'a>(client: &Client, rule: &Spec, targets: Vec<(&'a String, &'a Target)>) -> Result<()> {
    const CALL: &str = "events PutTargets";
    if targets.is_empty() {
        return Ok(());
    }
    let target = |(id, target): (&'a String, &'a Target)| {
        let input = target.input.as_ref().map(Value::to_string);
        NewTarget { id, arn: &target.arn, input }
    };
    let call = PutTargets { rule: &rule.name, targets: targets.into_iter().map(target).collect() };
    let put = || async { all_taken(CALL, client.call(&call).await.map_err(failed(CALL))?) };
    wait::retry(SETTLE, passes, put).await
}

async fn remove_targets(client: &Client, rule: &str, ids: Vec<String>) -> Result<()> {
    const CALL: &str = "events RemoveTargets";
    if ids.is_empty() {
        return Ok(());
    }
    let call = RemoveTargets { rule, ids };
    let remove = || async { all_taken(CALL, client.call(&call).await.map_err(failed(CALL))?) };
    wait::retry(SETTLE, passes, remove).await
}

/// The first target that was refused is what failed.
fn all_taken(call: &str, reply: ChangedTargets) -> Result<()> {
    let refused = reply.failed_entries.unwrap_or_default().into_iter().next();
    refused.map_or(Ok(()), |entry| {
        Err(entry_failed(call, &entry.error_code.unwrap_or_default(), entry.error_message.unwrap_or_default()))
    })
}

/// Takes away before it adds, so that the number never passes AWS's 50.
async fn set_tags(client: &Client, arn: &str, now: &Tags, want: &Tags) -> Result<()> {
    let (write, remove) = tags::changes(now, want);
    if !remove.is_empty() {
        let call = UntagResource { arn, keys: &remove };
        client.call(&call).await.map_err(failed("events UntagResource"))?;
    }
    if !write.is_empty() {
        let call = TagResource { arn, tags: write.iter().map(tag).collect() };
        client.call(&call).await.map_err(failed("events TagResource"))?;
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
