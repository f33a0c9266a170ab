//! Kinesis data streams.

use serde_json::{Value, json};

use super::{Mapping, Subject, filled, named_by, tag_list};
use crate::export::parts::cloudformation::{self, properties};
use crate::export::parts::terraform::{self, blocks, fields};

/// What AWS takes unless told otherwise; providers of Terraform before 6.21 do not know the setting.
const USUAL_RECORD_KIB: u64 = 1024;

pub(super) const MAPPING: Mapping = Mapping {
    kind: "kinesis_stream",
    arn: Some(|it| it.estate.scope.arn("kinesis", &format!("stream/{}", it.name()))),
    terraform_type: "aws_kinesis_stream",
    terraform_keys: &[("aws_kinesis_stream", |it| named_by(it, "name"))],
    terraform: |it| {
        let stream = fields([
            ("name", it["name"].clone().into()),
            ("shard_count", it["shards"].clone().into()),
            ("retention_period", it["retention_hours"].clone().into()),
            ("encryption_type", json!(if it["kms_key"].is_null() { "NONE" } else { "KMS" }).into()),
            ("kms_key_id", it["kms_key"].clone().into()),
            ("shard_level_metrics", filled(&it["shard_metrics"]).into()),
            ("max_record_size_in_kib", large_records(it).into()),
            ("stream_mode_details", blocks([fields([("stream_mode", it["mode"].clone().into())])])),
            ("tags", it["tags"].clone().into()),
        ]);
        let part = terraform::Part::new("aws_kinesis_stream", it.name(), stream);
        Ok(vec![part.unread(&["enforce_consumer_deletion"])])
    },
    get_att: Some("Arn"),
    cloudformation: |it| {
        let encryption = it["kms_key"].as_str().map(|key| json!({ "EncryptionType": "KMS", "KeyId": key }));
        let stream = properties([
            ("Name", it["name"].clone()),
            ("StreamModeDetails", json!({ "StreamMode": it["mode"] })),
            ("ShardCount", it["shards"].clone()),
            ("RetentionPeriodHours", it["retention_hours"].clone()),
            ("StreamEncryption", json!(encryption)),
            ("DesiredShardLevelMetrics", filled(&it["shard_metrics"])),
            ("MaxRecordSizeInKiB", it["max_record_kib"].clone()),
            ("Tags", tag_list(&it["tags"])),
        ]);
        Ok(vec![cloudformation::Part::new("AWS::Kinesis::Stream", [("Name", it.name())], stream)])
    },
    stays: &[],
};

fn large_records(it: &Subject<'_>) -> Value {
    if it["max_record_kib"] == USUAL_RECORD_KIB { Value::Null } else { it["max_record_kib"].clone() }
}
