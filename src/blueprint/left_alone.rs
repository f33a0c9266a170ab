//! What a field of a block is called among the attributes of its resources, for `ignore`.
//!
//! Only what one field alone says is left alone by its name: whoever ignored `expire_days` would not expect all rules of the
//! bucket to be left alone. A field that is not listed is refused.

use self::FieldMeaning::{Guards, Is, Replaces};
use crate::model::left_alone::Path;
use crate::spec::blocks::Kind;
use crate::spec::fields::fields;

/// What a field of a block comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldMeaning {
    /// These attributes of the block's own resource, or of a part: `log-group/retention_days`. A `*` stands for a key of the
    /// user's own, in the field as well.
    Is(&'static [&'static str]),
    /// It guards: it encrypts, or has to do with who may do what, or keeps from deletion.
    Guards,
    /// Another value is another resource.
    Replaces,
}

/// A field, and what it comes to.
type Meaning = (&'static str, FieldMeaning);

const TAGS: [Meaning; 2] = [("tags", Is(&["tags"])), ("tags.*", Is(&["tags.*"]))];
const LOG: Meaning = ("log_retention_days", Is(&["log-group/retention_days"]));
const NAME: Meaning = ("name", Replaces);
const KEY: Meaning = ("kms_key", Guards);

/// The fields of a kind of block that one attribute says, and those that are never left alone.
pub fn meanings(kind: Kind) -> Vec<Meaning> {
    let own: &[Meaning] = match kind {
        Kind::Stream => STREAM,
        Kind::Bucket => BUCKET,
        Kind::Firehose => FIREHOSE,
        // It has nothing but parts.
        Kind::Snowpipe => &[("name", Replaces), ("parameter_kms_key", Guards), ("snowflake_user_arn", Guards)],
        Kind::Function => FUNCTION,
        Kind::Table => TABLE,
        Kind::Catalog => &[("description", Is(&["description"])), NAME],
        Kind::Dataset => DATASET,
        Kind::Job => JOB,
        Kind::Crawler => CRAWLER,
        Kind::Workflow => WORKFLOW,
        Kind::Athena => ATHENA,
        // Who writes and who reads rely on the schemas as they are said.
        Kind::Registry => &[("description", Is(&["description"])), ("schemas", Guards), NAME],
        Kind::Api => API,
        Kind::Queue => QUEUE,
        Kind::Schedule => SCHEDULE,
        Kind::Secret => &[("description", Is(&["description"])), NAME, KEY],
        Kind::Topic => &[("display_name", Is(&["display_name"])), ("policy", Guards), ("subscribe", Guards), NAME, KEY],
        Kind::Alarm => ALARM,
        Kind::Dashboard => &[("body", Is(&["body"])), NAME],
        // It has nothing but parts, and others trust what they say.
        Kind::Publish => &[("outputs", Guards), ("path", Replaces)],
        // Nothing is made of these.
        Kind::Key | Kind::Role | Kind::Subnet | Kind::SecurityGroup => &[],
    };
    let tagged = !matches!(
        kind,
        Kind::Dataset
            | Kind::Dashboard
            | Kind::Snowpipe
            | Kind::Publish
            | Kind::Key
            | Kind::Role
            | Kind::Subnet
            | Kind::SecurityGroup
    );
    own.iter().copied().chain(TAGS.into_iter().filter(|_| tagged)).collect()
}

const STREAM: &[Meaning] = &[
    ("max_record_kib", Is(&["max_record_kib"])),
    ("mode", Is(&["mode"])),
    ("retention_hours", Is(&["retention_hours"])),
    ("shard_metrics", Is(&["shard_metrics"])),
    ("shards", Is(&["shards"])),
    ("encrypted", Guards),
    KEY,
    NAME,
];

const BUCKET: &[Meaning] = &[
    ("lifecycle", Is(&["lifecycle"])),
    ("transition_minimum", Is(&["transition_minimum"])),
    ("versioning", Is(&["versioning"])),
    ("bucket_key", Guards),
    ("policy", Guards),
    // Whoever looks for what was done with the bucket must be able to trust that it is there.
    ("access_log", Guards),
    KEY,
    NAME,
];

const FIREHOSE: &[Meaning] = &[
    ("buffering", Is(&["buffer_mib", "buffer_seconds"])),
    ("buffering.interval_seconds", Is(&["buffer_seconds"])),
    ("buffering.size_mib", Is(&["buffer_mib"])),
    ("compression", Is(&["compression"])),
    ("error_prefix", Is(&["error_prefix"])),
    ("file_extension", Is(&["file_extension"])),
    ("prefix", Is(&["prefix"])),
    ("time_zone", Is(&["time_zone"])),
    LOG,
    // Where events go is a matter of who may read them.
    ("destination", Guards),
    ("role", Guards),
    ("dynamic_partitioning", Replaces),
    ("source", Replaces),
    ("encrypted", Guards),
    ("buffer_key", Guards),
    ("transform", Guards),
    ("backup", Guards),
    KEY,
    NAME,
];

const FUNCTION: &[Meaning] = &[
    ("architecture", Is(&["architecture"])),
    ("asynchronous.max_age_seconds", Is(&["asynchronous/max_age_seconds"])),
    ("asynchronous.retries", Is(&["asynchronous/retries"])),
    ("description", Is(&["description"])),
    ("environment", Is(&["environment"])),
    ("environment.*", Is(&["environment.*"])),
    ("ephemeral_storage_mb", Is(&["ephemeral_storage_mb"])),
    ("handler", Is(&["handler"])),
    ("image_config", Is(&["image_config"])),
    ("layers", Is(&["layers"])),
    ("memory_mb", Is(&["memory_mb"])),
    ("runtime", Is(&["runtime"])),
    ("source.batch_size", Is(&["source/batch_size"])),
    ("source.filter", Is(&["source/filters"])),
    ("source.max_age_seconds", Is(&["source/max_age_seconds"])),
    ("source.max_concurrency", Is(&["source/max_concurrency"])),
    ("source.parallelization", Is(&["source/parallelization"])),
    ("source.prefix", Is(&["notification/prefix"])),
    ("source.retries", Is(&["source/retries"])),
    ("source.suffix", Is(&["notification/suffix"])),
    ("source.tumbling_window_seconds", Is(&["source/tumbling_window_seconds"])),
    ("source.window_seconds", Is(&["source/window_seconds"])),
    ("timeout_seconds", Is(&["timeout_seconds"])),
    ("tracing", Is(&["tracing"])),
    LOG,
    // Who stops a function by 0, or its source, must be able to trust that it stays so, or starts again.
    ("reserved_concurrency", Guards),
    ("source.enabled", Guards),
    ("allow", Guards),
    ("policies", Guards),
    ("uses", Guards),
    KEY,
    // Who gets what it is given and what it answers.
    ("asynchronous.failures_to", Guards),
    ("asynchronous.successes_to", Guards),
    // Whom it can reach, and who it is to others' rules.
    ("vpc", Guards),
    ("source.from", Replaces),
    ("source.starting_position", Replaces),
    NAME,
];

/// Crawlers and jobs find columns by themselves.
const DATASET: &[Meaning] = &[
    ("columns", Is(&["columns"])),
    ("description", Is(&["description"])),
    ("properties", Is(&["parameters"])),
    ("properties.*", Is(&["parameters.*"])),
    ("catalog", Replaces),
    NAME,
];

const JOB: &[Meaning] = &[
    ("description", Is(&["description"])),
    ("glue_version", Is(&["glue_version"])),
    ("max_concurrent_runs", Is(&["max_concurrent_runs"])),
    ("retries", Is(&["max_retries"])),
    ("schedule", Is(&["trigger/schedule"])),
    ("timeout_minutes", Is(&["timeout_minutes"])),
    ("worker", Is(&["worker_type"])),
    ("workers", Is(&["workers"])),
    LOG,
    // Whoever stops it must be able to trust that it stays so.
    ("enabled", Guards),
    ("reads", Guards),
    ("writes", Guards),
    ("code_bucket", Guards),
    ("engine", Replaces),
    ("workflow", Replaces),
    NAME,
];

const WORKFLOW: &[Meaning] = &[
    ("description", Is(&["description"])),
    ("max_concurrent_runs", Is(&["max_concurrent_runs"])),
    ("properties", Is(&["properties"])),
    ("properties.*", Is(&["properties.*"])),
    NAME,
];

const CRAWLER: &[Meaning] = &[
    ("deleted", Is(&["delete_behavior"])),
    ("description", Is(&["description"])),
    ("schedule", Is(&["schedule"])),
    ("table_prefix", Is(&["table_prefix"])),
    // What its role may read and write.
    ("catalog", Guards),
    ("datasets", Guards),
    ("delta", Guards),
    ("targets", Guards),
    NAME,
];

const TABLE: &[Meaning] = &[
    ("capacity", Is(&["capacity"])),
    ("capacity.read", Is(&["capacity.read"])),
    ("capacity.write", Is(&["capacity.write"])),
    ("global_indexes.*.capacity", Is(&["global_indexes.*.capacity"])),
    ("global_indexes.*.capacity.read", Is(&["global_indexes.*.capacity.read"])),
    ("global_indexes.*.capacity.write", Is(&["global_indexes.*.capacity.write"])),
    ("recovery_days", Is(&["recovery_days"])),
    ("stream", Is(&["stream_view"])),
    ("ttl", Is(&["ttl_attribute"])),
    ("deletion_protection", Guards),
    ("local_indexes", Replaces),
    ("partition_key", Replaces),
    ("sort_key", Replaces),
    KEY,
    NAME,
];

const ATHENA: &[Meaning] = &[
    ("description", Is(&["description"])),
    ("engine", Is(&["engine"])),
    ("metrics", Is(&["metrics"])),
    ("scan_limit_mib", Is(&["bytes_limit"])),
    // Where results go is a matter of who may read them.
    ("enforce", Guards),
    ("results", Guards),
    ("results_prefix", Guards),
    ("queries", Replaces),
    KEY,
    NAME,
];

const API: &[Meaning] = &[
    ("description", Is(&["description"])),
    ("detailed_metrics", Is(&["stage/detailed_metrics"])),
    ("tracing", Is(&["stage/tracing"])),
    ("log_retention_days", Is(&["access-log/retention_days"])),
    ("authorizer", Guards),
    ("key", Guards),
    ("routes", Guards),
    ("throttle", Guards),
    NAME,
];

const QUEUE: &[Meaning] = &[
    ("delay_seconds", Is(&["delay_seconds"])),
    ("max_message_kib", Is(&["max_message_bytes"])),
    ("max_receives", Is(&["dead_letters.max_receives"])),
    ("receive_wait_seconds", Is(&["receive_wait_seconds"])),
    ("retention_seconds", Is(&["retention_seconds"])),
    ("visibility_timeout_seconds", Is(&["visibility_timeout_seconds"])),
    // Together they say who may hold messages back, and with which key.
    ("dead_letters", Guards),
    ("kms_reuse_seconds", Guards),
    ("policy", Guards),
    ("fifo", Replaces),
    KEY,
    NAME,
];

const SCHEDULE: &[Meaning] = &[
    ("description", Is(&["description"])),
    ("expression", Is(&["schedule"])),
    // What calls, and whether it does, is access to the function.
    ("calls", Guards),
    ("enabled", Guards),
    NAME,
];

const ALARM: &[Meaning] = &[
    ("comparison", Is(&["comparison"])),
    ("datapoints", Is(&["datapoints_to_alarm"])),
    ("description", Is(&["description"])),
    ("missing_data", Is(&["missing_data"])),
    ("periods", Is(&["evaluation_periods"])),
    ("threshold", Is(&["threshold"])),
    NAME,
];

/// What a field, as it is written, comes to; absent where no attribute says it alone, or there is no such field.
pub fn meaning(kind: Kind, field: &str) -> Option<FieldMeaning> {
    let known = meanings(kind);
    // What is no field of the block may be an attribute of a part: `role.description`.
    let is_field = || fields(kind.name()).iter().any(|known| known.path.join(".") == field);
    let never = |(name, meaning): &&Meaning| {
        let below = field.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        below && !matches!(meaning, Is(_)) && is_field()
    };
    let listed = known.iter().find(|(pattern, _)| entry(pattern, field).is_some());
    listed.or_else(|| known.iter().find(never)).map(|(_, meaning)| *meaning)
}

/// The attributes that a field comes to, each with the part of the block that has it.
pub fn attributes(kind: Kind, field: &str) -> Vec<(Option<&'static str>, Path)> {
    let known = meanings(kind);
    let found = known.iter().find_map(|(pattern, meaning)| Some((entry(pattern, field)?, meaning)));
    let Some((key, Is(attributes))) = found else { return Vec::new() };
    let of = |attribute: &&'static str| {
        let (part, path) = match attribute.split_once('/') {
            Some((part, path)) => (Some(part), path),
            None => (None, *attribute),
        };
        (part, path.split('.').map(|step| if step == "*" { key } else { step }.to_owned()).collect())
    };
    attributes.iter().map(of).collect()
}

/// What stands in a field for the `*` of a pattern, which may hold dots; nothing where there is none.
fn entry<'a>(pattern: &str, field: &'a str) -> Option<&'a str> {
    match pattern.split_once('*') {
        None => (pattern == field).then_some(""),
        Some((before, after)) => field.strip_prefix(before)?.strip_suffix(after).filter(|entry| !entry.is_empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_is_listed_is_one_of_the_kinds() {
        for &kind in Kind::ALL {
            let fields: Vec<String> = fields(kind.name()).iter().map(|field| field.path.join(".")).collect();
            for (pattern, _) in meanings(kind) {
                let head = pattern.split(".*").next().unwrap_or(pattern);
                let known = fields.iter().any(|field| field == head || field.starts_with(&format!("{head}.")));
                assert!(known || head == "global_indexes", "{}: {pattern}", kind.name());
            }
        }
    }

    #[test]
    fn a_field_leads_to_its_attribute_also_of_a_part_and_with_a_key_of_ones_own() {
        let of = |kind, field| -> Vec<String> {
            let all = attributes(kind, field).into_iter();
            all.map(|(part, path)| format!("{}/{}", part.unwrap_or_default(), path.join("|"))).collect()
        };
        assert_eq!(of(Kind::Stream, "shards"), ["/shards"]);
        assert_eq!(of(Kind::Firehose, "buffering"), ["/buffer_mib", "/buffer_seconds"]);
        assert_eq!(of(Kind::Function, "log_retention_days"), ["log-group/retention_days"]);
        assert_eq!(of(Kind::Stream, "tags.kubernetes.io/x"), ["/tags|kubernetes.io/x"]);
        assert_eq!(of(Kind::Table, "global_indexes.by.user.capacity.read"), ["/global_indexes|by.user|capacity|read"]);
        assert_eq!(of(Kind::Bucket, "expire_days"), [""; 0], "all rules would be left alone");
    }

    #[test]
    fn what_is_below_what_guards_guards_as_well() {
        assert_eq!(meaning(Kind::Api, "throttle.rate"), Some(Guards));
        assert_eq!(meaning(Kind::Table, "partition_key.type"), Some(Replaces));
        assert_eq!(meaning(Kind::Stream, "kms_key"), Some(Guards));
        assert_eq!(meaning(Kind::Bucket, "expire_days"), None);
        assert_eq!(meaning(Kind::Firehose, "role"), Some(Guards));
        assert_eq!(meaning(Kind::Firehose, "role.description"), None, "an attribute of a part");
    }
}
