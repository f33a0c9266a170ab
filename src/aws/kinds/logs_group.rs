//! CloudWatch log groups.

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::LogGroup as Live;

use super::logs::describe;
use super::unmodelled::logs::shown_of_group;
use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::{Aws, Calls, Result, Seen, retry};
use crate::catalog::logs_group::{LogGroup, Outputs, Spec};
use crate::model::kind::StepContext;
use crate::model::tags;
use crate::model::tags::Tags;
use crate::model::unmodelled::Unmodelled;

impl Calls for LogGroup {
    async fn read(aws: &Aws, key: &str, hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(retry::logs).await;
        let (group, tags) = tokio::join!(describe(aws, key), read_tags(aws, &client, key));
        let Some(group) = group? else { return Ok(None) };
        // Deleted between the two calls: as good as absent.
        let Some(tags) = absent_is_none(tags)? else { return Ok(None) };
        Ok(Some(seen(arn(aws, key).await?, group, tags, hint)))
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(retry::logs).await;
        let call = client.create_log_group().log_group_name(&want.name).set_kms_key_id(want.kms_key.clone());
        // AWS refuses an empty map.
        let tags = (!want.tags.is_empty()).then(|| want.tags.clone().into_iter().collect());
        call.set_tags(tags).send().await.map_err(failed("logs CreateLogGroup"))?;
        // Looked at, as only this shows whether a policy of the account says how long events stay; the rest is as asked for.
        let group = describe(aws, &want.name).await?;
        let arn = arn(aws, &want.name).await?;
        Ok(group.map(|group| seen(arn, group, want.tags.clone(), Some(want))))
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(retry::logs).await;
        if now.retention_days != want.retention_days {
            set_retention(&client, &want.name, want.retention_days).await?;
        }
        if now.kms_key != want.kms_key {
            set_key(&client, &want.name, want.kms_key.as_deref()).await?;
        }
        if now.tags != want.tags {
            set_tags(&client, &arn(aws, &want.name).await?, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(retry::logs).await;
        let call = client.delete_log_group().log_group_name(key).send();
        absent_is_done(call.await.map_err(failed("logs DeleteLogGroup")))
    }
}

/// What a description and tags say of a group.
fn seen(arn: String, group: Live, tags: Tags, hint: Option<&Spec>) -> (Spec, Outputs, Vec<Unmodelled>) {
    let unmodelled = shown_of_group(&group);
    let retention_days = match hint {
        // An account's policy overrides whatever is put on the group: a difference could never be mended.
        Some(hint) if group.retention_policy_name.is_some() => hint.retention_days,
        _ => group.retention_in_days.map(i32::cast_unsigned),
    };
    let outputs = Outputs { arn, retention_policy: group.retention_policy_name };
    let name = group.log_group_name.unwrap_or_default();
    (Spec { name, retention_days, kms_key: group.kms_key_id, tags }, outputs, unmodelled)
}

/// Without the `:*` that DescribeLogGroups appends: the tag calls take it only so.
async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("logs", &format!("log-group:{name}")))
}

async fn read_tags(aws: &Aws, client: &Client, name: &str) -> Result<Tags> {
    let call = client.list_tags_for_resource().resource_arn(arn(aws, name).await?).send();
    let reply = call.await.map_err(failed("logs ListTagsForResource"))?;
    Ok(tags::own(reply.tags.unwrap_or_default()))
}

async fn set_retention(client: &Client, name: &str, days: Option<u32>) -> Result<()> {
    if let Some(days) = days {
        let call = client.put_retention_policy().log_group_name(name).retention_in_days(days.cast_signed());
        call.send().await.map(drop).map_err(failed("logs PutRetentionPolicy"))
    } else {
        let call = client.delete_retention_policy().log_group_name(name).send();
        call.await.map(drop).map_err(failed("logs DeleteRetentionPolicy"))
    }
}

async fn set_key(client: &Client, name: &str, key: Option<&str>) -> Result<()> {
    if let Some(key) = key {
        let call = client.associate_kms_key().log_group_name(name).kms_key_id(key).send();
        call.await.map(drop).map_err(failed("logs AssociateKmsKey"))
    } else {
        let call = client.disassociate_kms_key().log_group_name(name).send();
        call.await.map(drop).map_err(failed("logs DisassociateKmsKey"))
    }
}

/// Takes away before it adds, so that the number never passes AWS's 50.
async fn set_tags(client: &Client, arn: &str, now: &Tags, want: &Tags) -> Result<()> {
    let (write, remove) = tags::changes(now, want);
    if !remove.is_empty() {
        let call = client.untag_resource().resource_arn(arn).set_tag_keys(Some(remove)).send();
        call.await.map_err(failed("logs UntagResource"))?;
    }
    if !write.is_empty() {
        let call = client.tag_resource().resource_arn(arn).set_tags(Some(write.into_iter().collect())).send();
        call.await.map_err(failed("logs TagResource"))?;
    }
    Ok(())
}
