//! Kinesis data streams.

use serde_json::json;

use super::{Exported, Parts, Stays, TerraformKeys, Typed, filled, named_by, tag_list};
use crate::catalog::kinesis_stream::{Spec, Stream};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, blocks, fields};
use crate::model::scope::Scope;

/// What AWS takes unless told otherwise; providers of Terraform before 6.21 do not know the setting.
const USUAL_RECORD_KIB: u32 = 1024;

impl Exported for Stream {
    const TERRAFORM_TYPE: &'static str = "aws_kinesis_stream";
    const TERRAFORM_KEYS: &'static [TerraformKeys] = &[("aws_kinesis_stream", |it| named_by(it, "name"))];
    const GET_ATT: Option<&'static str> = Some("Arn");
    const STAYS: &'static [Stays] = &[];

    fn name(spec: &Spec) -> Option<&str> {
        Some(&spec.name)
    }

    fn arn(scope: &Scope, spec: &Spec) -> Option<String> {
        Some(scope.arn("kinesis", &format!("stream/{}", spec.name)))
    }

    fn terraform(it: &Typed<'_, Self>) -> Parts<terraform::Part> {
        let Spec { name, mode, shards, retention_hours, kms_key, shard_metrics, max_record_kib, tags } = it.spec;
        let large_records = Some(max_record_kib).filter(|size| **size != USUAL_RECORD_KIB);
        let stream = fields([
            ("name", name.into()),
            ("shard_count", shards.into()),
            ("retention_period", retention_hours.into()),
            ("encryption_type", if kms_key.is_none() { "NONE" } else { "KMS" }.into()),
            ("kms_key_id", kms_key.into()),
            ("shard_level_metrics", filled(shard_metrics).into()),
            ("max_record_size_in_kib", large_records.into()),
            ("stream_mode_details", blocks([fields([("stream_mode", mode.into())])])),
            ("tags", tags.into()),
        ]);
        let part = terraform::Part::new("aws_kinesis_stream", name, stream);
        Ok(vec![part.unread(&["enforce_consumer_deletion"])])
    }

    fn cloudformation(it: &Typed<'_, Self>) -> Parts<cloudformation::Part> {
        let Spec { name, mode, shards, retention_hours, kms_key, shard_metrics, max_record_kib, tags } = it.spec;
        let encryption = kms_key.as_ref().map(|key| json!({ "EncryptionType": "KMS", "KeyId": key }));
        let stream = properties([
            ("Name", json!(name)),
            ("StreamModeDetails", json!({ "StreamMode": mode })),
            ("ShardCount", json!(shards)),
            ("RetentionPeriodHours", json!(retention_hours)),
            ("StreamEncryption", json!(encryption)),
            ("DesiredShardLevelMetrics", filled(shard_metrics)),
            ("MaxRecordSizeInKiB", json!(max_record_kib)),
            ("Tags", tag_list(tags)),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::Kinesis::Stream", [("Name", name)], stream)])
    }
}
