//! What several steps ask of a DynamoDB table: how it is, and to get where it is awaited.

use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    IndexStatus, PointInTimeRecoveryStatus, TableDescription, TableStatus, TimeToLiveStatus,
};

use crate::aws::error::{absent_is_none, failed, present};
use crate::aws::{Aws, Result, wait};
use crate::model::error::{CallError, Class};
use crate::model::tags;
use crate::model::tags::Tags;

/// How long a table takes to be made, changed or deleted, indexes apart.
pub(super) const READY: Duration = Duration::from_mins(15);

/// The days that AWS keeps unless told otherwise.
const USUAL_RECOVERY: i32 = 35;

/// Its ARN, by which alone its tags are known.
pub(super) async fn arn(aws: &Aws, name: &str) -> Result<String> {
    Ok(aws.scope().await?.arn("dynamodb", &format!("table/{name}")))
}

/// The table as it is, or `None` where there is none.
pub(super) async fn describe(client: &Client, name: &str) -> Result<Option<TableDescription>> {
    const CALL: &str = "dynamodb DescribeTable";
    let call = client.describe_table().table_name(name).send();
    let reply = absent_is_none(call.await.map_err(failed(CALL)))?;
    reply.map(|reply| present(CALL, "table", reply.table)).transpose()
}

/// The attribute of its TTL; none while AWS is switching that off.
pub(super) async fn read_ttl(client: &Client, name: &str) -> Result<Option<String>> {
    let call = client.describe_time_to_live().table_name(name).send();
    let ttl = call.await.map_err(failed("dynamodb DescribeTimeToLive"))?.time_to_live_description;
    let on = |status: &TimeToLiveStatus| matches!(status, TimeToLiveStatus::Enabled | TimeToLiveStatus::Enabling);
    Ok(ttl.filter(|ttl| ttl.time_to_live_status().is_some_and(on)).and_then(|ttl| ttl.attribute_name))
}

/// Days back to which it can be restored, with point-in-time recovery.
pub(super) async fn read_recovery(client: &Client, name: &str) -> Result<Option<u32>> {
    let call = client.describe_continuous_backups().table_name(name).send();
    let reply = call.await.map_err(failed("dynamodb DescribeContinuousBackups"))?;
    let recovery = reply.continuous_backups_description.and_then(|backups| backups.point_in_time_recovery_description);
    let on = recovery.filter(|it| it.point_in_time_recovery_status == Some(PointInTimeRecoveryStatus::Enabled));
    Ok(on.map(|it| it.recovery_period_in_days.unwrap_or(USUAL_RECOVERY).cast_unsigned()))
}

/// Its tags, all pages of them.
pub(super) async fn read_tags(aws: &Aws, client: &Client, name: &str) -> Result<Tags> {
    let arn = arn(aws, name).await?;
    let (mut tags, mut next) = (Vec::new(), None);
    loop {
        let call = client.list_tags_of_resource().resource_arn(&arn).set_next_token(next).send();
        let reply = call.await.map_err(failed("dynamodb ListTagsOfResource"))?;
        tags.extend(reply.tags.unwrap_or_default().into_iter().map(|tag| (tag.key, tag.value)));
        next = reply.next_token;
        if next.is_none() {
            return Ok(tags::own(tags));
        }
    }
}

/// Waits until it takes items and changes: until it is ACTIVE, and all of its indexes are.
pub(super) async fn active(client: &Client, name: &str, limit: Duration) -> Result<TableDescription> {
    let what = format!("dynamodb table {name} to become ACTIVE");
    let look = || async {
        let Some(table) = describe(client, name).await? else {
            return Err(CallError::own(Class::Absent, &what, "it does not exist"));
        };
        match &table.table_status {
            Some(TableStatus::Active) => Ok(indexes_are_active(&table).then_some(table)),
            Some(TableStatus::Creating | TableStatus::Updating) => Ok(None),
            Some(TableStatus::Deleting) => Err(CallError::own(Class::Absent, &what, "somebody deleted it")),
            status => {
                let status = status.as_ref().map_or("of an unknown status", TableStatus::as_str);
                Err(CallError::own(Class::Stuck, &what, format!("it is {status}")))
            }
        }
    };
    wait::until(&what, limit, look).await
}

fn indexes_are_active(table: &TableDescription) -> bool {
    table.global_secondary_indexes().iter().all(|index| index.index_status == Some(IndexStatus::Active))
}

/// Waits until its name is free.
pub(super) async fn gone(client: &Client, name: &str) -> Result<()> {
    let look = || async { Ok(describe(client, name).await?.is_none().then_some(())) };
    wait::until(&format!("dynamodb table {name} to be gone"), READY, look).await
}
