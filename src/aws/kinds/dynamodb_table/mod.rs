//! DynamoDB tables.

mod calls;
mod change;
mod convert;
mod loss;
#[cfg(test)]
mod tests;

use self::calls::READY;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{BillingMode, TableDescription, TableStatus};

use self::calls::{active, arn, describe, gone, read_recovery, read_tags, read_ttl};
use self::change::Change;
use super::unmodelled::dynamodb::shown_of_table;
use crate::aws::error::{absent_is_done, absent_is_none, failed, unbuildable};
use crate::aws::{Aws, Calls, Result, Seen, wait};
use crate::catalog::dynamodb_table::{Outputs, Spec, Table};
use crate::model::error::{CallError, Class};
use crate::model::kind::StepContext;

/// How long a table just made may stay unseen.
const UNSEEN: Duration = Duration::from_secs(15);

impl Calls for Table {
    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Client::new).await;
        let (table, rest) = tokio::join!(describe(&client, key), async {
            tokio::try_join!(read_ttl(&client, key), read_recovery(&client, key), read_tags(aws, &client, key))
        });
        match table? {
            // It cannot be kept any more: what a plan must say is that it has to be made. `create` waits until the
            // name is free.
            Some(table) if table.table_status == Some(TableStatus::Deleting) => Ok(None),
            Some(table) => {
                // Deleted between the calls: as good as absent.
                let Some((ttl_attribute, recovery_days, tags)) = absent_is_none(rest)? else { return Ok(None) };
                let spec = Spec { ttl_attribute, recovery_days, tags, ..convert::spec(&table) };
                Ok(Some((spec, outputs(&table), shown_of_table(&table))))
            }
            None => Ok(None),
        }
    }

    async fn create(aws: &Aws, want: &Spec, _step: &StepContext<'_>) -> Result<Seen<Spec, Outputs>> {
        let client = aws.client(Client::new).await;
        match create_table(&client, want).await {
            Err(error) if error.class == Class::InUse && made_room(&client, &want.name).await? => {
                create_table(&client, want).await?;
            }
            result => result?,
        }
        let unseen = |error: &CallError| error.class == Class::Absent;
        wait::retry(UNSEEN, unseen, || active(&client, &want.name, READY)).await.map(drop).map(|()| None)
    }

    async fn ready(aws: &Aws, key: &str) -> Result<()> {
        active(&aws.client(Client::new).await, key, READY).await.map(drop)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let change = Change::begin(&client, &want.name, step.note).await?;
        if now.deletion_protection != want.deletion_protection {
            change.deletion_protection(want.deletion_protection).await?;
        }
        if now.kms_key != want.kms_key {
            change.encryption(want.kms_key.as_deref()).await?;
        }
        if now.stream_view != want.stream_view {
            change.stream(now.stream_view.as_deref(), want.stream_view.as_deref()).await?;
        }
        // What goes away needs no capacity any more; what is added comes with its own.
        change.drop_indexes(now, want).await?;
        change.capacity(now, want).await?;
        change.add_indexes(now, want).await?;
        if now.ttl_attribute != want.ttl_attribute {
            change.ttl(now.ttl_attribute.as_deref(), want.ttl_attribute.as_deref()).await?;
        }
        if now.recovery_days != want.recovery_days {
            change.recovery(want.recovery_days).await?;
        }
        if now.tags != want.tags {
            change.tags(&arn(aws, &want.name).await?, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &StepContext<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        match describe(&client, key).await? {
            None => return Ok(()),
            Some(table) if table.table_status == Some(TableStatus::Deleting) => {}
            Some(_) => {
                let call = client.delete_table().table_name(key).send();
                absent_is_done(call.await.map_err(failed("dynamodb DeleteTable")))?;
            }
        }
        gone(&client, key).await
    }
}

/// The stream of a table, and what it shows; none where it has none, or there is no table.
pub(super) async fn stream_of(aws: &Aws, name: &str) -> Result<Option<(String, String)>> {
    let table = describe(&aws.client(Client::new).await, name).await?;
    Ok(table.and_then(|table| convert::stream_view(&table).and_then(|view| Some((table.latest_stream_arn?, view)))))
}

fn outputs(table: &TableDescription) -> Outputs {
    Outputs {
        arn: table.table_arn.clone().unwrap_or_default(),
        status: table.table_status.as_ref().map(ToString::to_string).unwrap_or_default(),
        stream_arn: table.latest_stream_arn.clone().filter(|_| convert::stream_view(table).is_some()),
    }
}

async fn create_table(client: &Client, want: &Spec) -> Result<()> {
    const CALL: &str = "dynamodb CreateTable";
    let parts = convert::Parts::of(want).map_err(unbuildable(CALL))?;
    let mode = if want.capacity.is_some() { BillingMode::Provisioned } else { BillingMode::PayPerRequest };
    let call = client
        .create_table()
        .table_name(&want.name)
        .set_attribute_definitions(Some(parts.attributes))
        .set_key_schema(Some(parts.keys))
        .set_local_secondary_indexes(parts.local_indexes)
        .set_global_secondary_indexes(parts.global_indexes)
        .billing_mode(mode)
        .set_provisioned_throughput(parts.capacity)
        .set_stream_specification(parts.stream)
        .set_sse_specification(want.kms_key.as_deref().map(|key| convert::encryption(Some(key))))
        .deletion_protection_enabled(want.deletion_protection)
        .set_tags(parts.tags);
    Box::pin(call.send()).await.map_err(failed(CALL)).map(drop)
}

/// After AWS has refused a name as taken: whether it is free now, because what held it was on its way out.
async fn made_room(client: &Client, name: &str) -> Result<bool> {
    match describe(client, name).await?.and_then(|table| table.table_status) {
        None => Ok(true),
        Some(TableStatus::Deleting) => gone(client, name).await.map(|()| true),
        // It may be what an unanswered call of ours has begun: what comes next needs it ACTIVE.
        Some(_) => active(client, name, READY).await.map(|_| false),
    }
}
