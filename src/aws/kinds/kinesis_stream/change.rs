//! The changes that a Kinesis stream takes, one after the other.

use std::collections::BTreeSet;
use std::future::Future;

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::error::SdkError;
use aws_sdk_kinesis::types::{EncryptionType, MetricsName, ScalingType};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::calls::active;
use crate::aws::Result;
use crate::aws::error::failed;
use crate::catalog::kinesis_stream::{Mode, ladder};
use crate::model::tags;
use crate::model::tags::Tags;

/// AddTagsToStream's limit per call.
const TAGS_PER_CALL: usize = 10;

/// A stream under change: every method makes one aspect right, and returns when the stream is ACTIVE again.
pub(super) struct Change<'a> {
    client: &'a Client,
    name: &'a str,
    /// Some calls take no name.
    arn: String,
    note: &'a (dyn Fn(String) + Send + Sync),
}

impl<'a> Change<'a> {
    /// Waits until the stream takes changes.
    pub(super) async fn begin(
        client: &'a Client,
        name: &'a str,
        note: &'a (dyn Fn(String) + Send + Sync),
    ) -> Result<Self> {
        let stream = active(client, name).await?;
        Ok(Self::of(client, name, stream.stream_arn, note))
    }

    /// For a stream that was just seen to take changes.
    pub(super) fn of(client: &'a Client, name: &'a str, arn: String, note: &'a (dyn Fn(String) + Send + Sync)) -> Self {
        Self { client, name, arn, note }
    }

    async fn apply<T, E, F>(&self, name: &str, send: impl FnOnce() -> F + Send) -> Result<()>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        F: Future<Output = std::result::Result<T, SdkError<E, HttpResponse>>> + Send,
    {
        send().await.map_err(failed(name))?;
        active(self.client, self.name).await.map(drop)
    }

    /// Who decides on the number of shards.
    pub(super) async fn mode(&self, mode: Mode) -> Result<()> {
        let call = self.client.update_stream_mode().stream_arn(&self.arn).stream_mode_details(mode.into());
        self.apply("kinesis UpdateStreamMode", || call.clone().send()).await
    }

    /// The number of shards, from the one that is there now: after a switch from on-demand nobody knew it before.
    pub(super) async fn shards(&self, want: u32) -> Result<()> {
        let stream = active(self.client, self.name).await?;
        for target in ladder(stream.open_shard_count.cast_unsigned(), want) {
            (self.note)(format!("resharding to {target} of {want} shards"));
            let call = self.client.update_shard_count().stream_name(self.name);
            let call = call.target_shard_count(target.cast_signed()).scaling_type(ScalingType::UniformScaling);
            self.apply("kinesis UpdateShardCount", || call.clone().send()).await?;
        }
        Ok(())
    }

    /// The largest record, in KiB.
    pub(super) async fn max_record_size(&self, kib: u32) -> Result<()> {
        let call = self.client.update_max_record_size().stream_arn(&self.arn);
        let call = call.max_record_size_in_kib(kib.cast_signed());
        self.apply("kinesis UpdateMaxRecordSize", || call.clone().send()).await
    }

    /// How long records stay, in hours: one call up, another down.
    pub(super) async fn retention(&self, now: u32, want: u32) -> Result<()> {
        let hours = want.cast_signed();
        if want > now {
            let call = self.client.increase_stream_retention_period().stream_name(self.name);
            let call = call.retention_period_hours(hours);
            self.apply("kinesis IncreaseStreamRetentionPeriod", || call.clone().send()).await
        } else {
            let call = self.client.decrease_stream_retention_period().stream_name(self.name);
            let call = call.retention_period_hours(hours);
            self.apply("kinesis DecreaseStreamRetentionPeriod", || call.clone().send()).await
        }
    }

    /// The key; starting anew with another one is how it is changed.
    pub(super) async fn encryption(&self, now: Option<&str>, want: Option<&str>) -> Result<()> {
        match (now, want) {
            (_, Some(key)) => {
                let call = self.client.start_stream_encryption().stream_name(self.name);
                let call = call.encryption_type(EncryptionType::Kms).key_id(key);
                self.apply("kinesis StartStreamEncryption", || call.clone().send()).await
            }
            (Some(key), None) => {
                let call = self.client.stop_stream_encryption().stream_name(self.name);
                let call = call.encryption_type(EncryptionType::Kms).key_id(key);
                self.apply("kinesis StopStreamEncryption", || call.clone().send()).await
            }
            (None, None) => Ok(()),
        }
    }

    /// The metrics kept per shard.
    pub(super) async fn shard_metrics(&self, now: &BTreeSet<String>, want: &BTreeSet<String>) -> Result<()> {
        let names = |names: std::collections::btree_set::Difference<'_, String>| -> Option<Vec<MetricsName>> {
            Some(names.map(|name| MetricsName::from(name.as_str())).collect())
        };
        if !now.is_subset(want) {
            let call = self.client.disable_enhanced_monitoring().stream_name(self.name);
            let call = call.set_shard_level_metrics(names(now.difference(want)));
            self.apply("kinesis DisableEnhancedMonitoring", || call.clone().send()).await?;
        }
        if !want.is_subset(now) {
            let call = self.client.enable_enhanced_monitoring().stream_name(self.name);
            let call = call.set_shard_level_metrics(names(want.difference(now)));
            self.apply("kinesis EnableEnhancedMonitoring", || call.clone().send()).await?;
        }
        Ok(())
    }

    /// The tags; takes away before it adds, so that the number never passes AWS's 50. A stream stays ACTIVE meanwhile.
    pub(super) async fn tags(&self, now: &Tags, want: &Tags) -> Result<()> {
        let (write, remove) = tags::changes(now, want);
        if !remove.is_empty() {
            let call = self.client.remove_tags_from_stream().stream_name(self.name).set_tag_keys(Some(remove));
            call.send().await.map_err(failed("kinesis RemoveTagsFromStream"))?;
        }
        let write: Vec<_> = write.into_iter().collect();
        for tags in write.chunks(TAGS_PER_CALL) {
            let tags = tags.iter().cloned().collect();
            let call = self.client.add_tags_to_stream().stream_name(self.name).set_tags(Some(tags));
            call.send().await.map_err(failed("kinesis AddTagsToStream"))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn shards_double_and_halve_at_most() {
        assert_eq!(ladder(2, 16), [4, 8, 16]);
        assert_eq!(ladder(2, 3), [3]);
        assert_eq!(ladder(16, 3), [8, 4, 3]);
        assert_eq!(ladder(7, 1), [4, 2, 1]);
        assert_eq!(ladder(5, 5), [0; 0]);
    }

    proptest! {
        #[test]
        fn every_step_is_allowed_and_the_last_one_arrives(now in 1..20_000_u32, want in 1..20_000_u32) {
            let mut last = now;
            for target in ladder(now, want) {
                prop_assert!(target != last && target <= 2 * last && 2 * target >= last);
                last = target;
            }
            prop_assert_eq!(last, want);
        }
    }
}
