//! The changes that a DynamoDB table takes, one after the other: UpdateTable makes one kind of change at a time.

use super::calls::READY;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    BillingMode, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndexUpdate, PointInTimeRecoverySpecification,
    StreamSpecification, TimeToLiveSpecification, UpdateGlobalSecondaryIndexAction,
};

use super::calls::active;
use super::convert;
use crate::aws::error::{failed, unbuildable};
use crate::aws::{Result, wait};
use crate::catalog::dynamodb_table::{Capacity, GlobalIndex, Spec, stays};
use crate::model::error::{CallError, Class};
use crate::model::tags;
use crate::model::tags::Tags;

const UPDATE: &str = "dynamodb UpdateTable";

const TTL: &str = "dynamodb UpdateTimeToLive";

const RECOVERY: &str = "dynamodb UpdateContinuousBackups";

/// AWS fills a new index from the table's items: hours for a large one.
const BACKFILL: Duration = Duration::from_hours(6);

/// AWS takes one change of a TTL an hour.
const TTL_CHANGE: Duration = Duration::from_mins(70);

/// A table under change: every method makes one aspect right, and returns when the table is ACTIVE again.
pub(super) struct Change<'a> {
    client: &'a Client,
    name: &'a str,
    note: &'a (dyn Fn(String) + Send + Sync),
}

impl<'a> Change<'a> {
    /// Waits until the table takes changes.
    pub(super) async fn begin(
        client: &'a Client,
        name: &'a str,
        note: &'a (dyn Fn(String) + Send + Sync),
    ) -> Result<Self> {
        active(client, name, BACKFILL).await?;
        Ok(Self { client, name, note })
    }

    async fn apply(&self, call: UpdateTableFluentBuilder, limit: Duration) -> Result<()> {
        let call = call.table_name(self.name);
        // Boxed: the request is large, and every future around it would be.
        Box::pin(call.send()).await.map_err(failed(UPDATE))?;
        active(self.client, self.name, limit).await.map(drop)
    }

    /// Whether AWS refuses to delete it.
    pub(super) async fn deletion_protection(&self, on: bool) -> Result<()> {
        self.apply(self.client.update_table().deletion_protection_enabled(on), READY).await
    }

    /// The key that encrypts it; none: DynamoDB's own.
    pub(super) async fn encryption(&self, key: Option<&str>) -> Result<()> {
        self.apply(self.client.update_table().sse_specification(convert::encryption(key)), READY).await
    }

    /// Its stream. Another view is another stream, which AWS makes only after the old one was switched off.
    pub(super) async fn stream(&self, now: Option<&str>, want: Option<&str>) -> Result<()> {
        if now.is_some() {
            let off = StreamSpecification::builder().stream_enabled(false).build().map_err(unbuildable(UPDATE))?;
            self.apply(self.client.update_table().stream_specification(off), READY).await?;
        }
        let on = convert::stream(want).map_err(unbuildable(UPDATE))?;
        match on {
            Some(on) => self.apply(self.client.update_table().stream_specification(on), READY).await,
            None => Ok(()),
        }
    }

    /// Deletes the indexes that are not wanted, or not as they are.
    pub(super) async fn drop_indexes(&self, now: &Spec, want: &Spec) -> Result<()> {
        for (name, _) in now.global_indexes.iter().filter(|(name, index)| !stays(name, index, want)) {
            (self.note)(format!("deleting the index {name}"));
            let delete = DeleteGlobalSecondaryIndexAction::builder().index_name(name).build();
            let delete = GlobalSecondaryIndexUpdate::builder().delete(delete.map_err(unbuildable(UPDATE))?).build();
            self.apply(self.client.update_table().global_secondary_index_updates(delete), READY).await?;
        }
        Ok(())
    }

    /// Makes the indexes that are missing, one by one, and waits until AWS has filled each.
    pub(super) async fn add_indexes(&self, now: &Spec, want: &Spec) -> Result<()> {
        let kept = now.global_indexes.iter().filter(|(name, index)| stays(name, index, want));
        let mut there: Vec<&GlobalIndex> = kept.map(|(_, index)| index).collect();
        for (name, index) in &want.global_indexes {
            if now.global_indexes.get(name).is_some_and(|now| stays(name, now, want)) {
                continue;
            }
            (self.note)(format!("filling the index {name}"));
            there.push(index);
            let attributes = convert::attributes(want, there.iter().copied()).map_err(unbuildable(UPDATE))?;
            let create = convert::index_creation(name, index, want.capacity).map_err(unbuildable(UPDATE))?;
            let create = GlobalSecondaryIndexUpdate::builder().create(create).build();
            let call = self.client.update_table().set_attribute_definitions(Some(attributes));
            self.apply(call.global_secondary_index_updates(create), BACKFILL).await?;
        }
        Ok(())
    }

    /// Its throughput, and that of the indexes that stay: AWS takes all of them in one call, and of an unchanged one none.
    pub(super) async fn capacity(&self, now: &Spec, want: &Spec) -> Result<()> {
        let Some(capacity) = want.capacity else {
            if now.capacity.is_none() {
                return Ok(());
            }
            return self.apply(self.client.update_table().billing_mode(BillingMode::PayPerRequest), READY).await;
        };
        let updates = index_capacities(now, want).map_err(unbuildable(UPDATE))?;
        if now.capacity == want.capacity && updates.is_empty() {
            return Ok(());
        }
        let mut call = self.client.update_table();
        if now.capacity != want.capacity {
            call = call.provisioned_throughput(convert::capacity(capacity).map_err(unbuildable(UPDATE))?);
        }
        if now.capacity.is_none() {
            call = call.billing_mode(BillingMode::Provisioned);
        }
        self.apply(call.set_global_secondary_index_updates(Some(updates).filter(|it| !it.is_empty())), READY).await
    }

    /// The attribute with the time after which an item goes.
    pub(super) async fn ttl(&self, now: Option<&str>, want: Option<&str>) -> Result<()> {
        for (attribute, on) in now.map(|old| (old, false)).into_iter().chain(want.map(|new| (new, true))) {
            let ttl = TimeToLiveSpecification::builder().attribute_name(attribute).enabled(on).build();
            let call = self.client.update_time_to_live().table_name(self.name);
            let call = call.time_to_live_specification(ttl.map_err(unbuildable(TTL))?);
            if now.is_some() && on {
                (self.note)("waiting until AWS takes another change of the TTL, for up to an hour".to_owned());
            }
            let send = || async { call.clone().send().await.map(drop).map_err(failed(TTL)) };
            wait::retry(TTL_CHANGE, ttl_is_changing, send).await?;
        }
        Ok(())
    }

    /// Days back to which it can be restored.
    pub(super) async fn recovery(&self, days: Option<u32>) -> Result<()> {
        let recovery = PointInTimeRecoverySpecification::builder()
            .point_in_time_recovery_enabled(days.is_some())
            .set_recovery_period_in_days(days.map(u32::cast_signed));
        let call = self.client.update_continuous_backups().table_name(self.name);
        let call = call.point_in_time_recovery_specification(recovery.build().map_err(unbuildable(RECOVERY))?);
        call.send().await.map(drop).map_err(failed(RECOVERY))
    }

    /// The tags; takes away before it adds, so that the number never passes AWS's 50.
    pub(super) async fn tags(&self, arn: &str, now: &Tags, want: &Tags) -> Result<()> {
        let (write, remove) = tags::changes(now, want);
        if !remove.is_empty() {
            let call = self.client.untag_resource().resource_arn(arn).set_tag_keys(Some(remove));
            call.send().await.map_err(failed("dynamodb UntagResource"))?;
        }
        if let Some(tags) = convert::tags(&write).map_err(unbuildable("dynamodb TagResource"))? {
            let call = self.client.tag_resource().resource_arn(arn).set_tags(Some(tags));
            call.send().await.map_err(failed("dynamodb TagResource"))?;
        }
        Ok(())
    }
}

/// The throughput of the indexes that stay, where it changes.
fn index_capacities(now: &Spec, want: &Spec) -> std::result::Result<Vec<GlobalSecondaryIndexUpdate>, BuildError> {
    let of = |spec: &Spec, name: &str| -> Option<Capacity> { spec.global_indexes[name].capacity.or(spec.capacity) };
    let kept = now.global_indexes.iter().filter(|(name, index)| stays(name, index, want));
    let changed = kept.filter_map(|(name, _)| {
        let capacity = of(want, name).filter(|capacity| of(now, name) != Some(*capacity))?;
        Some((name, capacity))
    });
    let update = |(name, capacity)| {
        let update = UpdateGlobalSecondaryIndexAction::builder().index_name(name);
        let update = update.provisioned_throughput(convert::capacity(capacity)?).build()?;
        Ok(GlobalSecondaryIndexUpdate::builder().update(update).build())
    };
    changed.map(update).collect()
}

/// AWS refuses a change of the TTL within an hour of the one before; its code is that of every wrong value.
fn ttl_is_changing(error: &CallError) -> bool {
    error.class == Class::Invalid && error.message.contains("modified multiple times within a fixed interval")
}
