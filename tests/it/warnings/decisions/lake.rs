//! The types of a data lake: Athena's and Glue's.

use serde_json::json;

use super::Decision::{self, Access, Harmless, Warns};
use super::{TAGS, TEXT};

/// Every attribute of one of these types with what its change comes to.
pub(super) fn decisions(kind: &str) -> Option<Vec<(&'static str, Decision)>> {
    let all = match kind {
        "athena_named_query" => vec![
            ("workgroup", Warns(json!("a"), json!("b"), "by its id")),
            ("name", Warns(json!("a"), json!("b"), "`a` by its id")),
            ("description", Warns(json!("a"), json!("b"), "by its id")),
            ("database", Warns(json!("a"), json!("b"), "by its id")),
            ("query", Warns(json!("SELECT 1"), json!("SELECT 2"), "by its id")),
        ],
        "athena_prepared_statement" => vec![
            ("workgroup", Warns(json!("a"), json!("b"), "fails in `a`")),
            ("name", Warns(json!("a"), json!("b"), "`EXECUTE a` fails")),
            ("description", TEXT),
            ("query", Warns(json!("SELECT 1"), json!("SELECT 2"), "runs the new statement")),
        ],
        "athena_workgroup" => vec![
            (
                "name",
                Warns(json!("a"), json!("b"), "the prepared statements and the history of queries of `a` are deleted"),
            ),
            ("description", TEXT),
            ("enabled", Warns(json!(true), json!(false), "refused until it is enabled again")),
            ("result_location", Warns(json!("s3://a/"), json!("s3://b/"), "Results go to s3://b/")),
            ("encryption", Warns(json!("SSE_S3"), json!(null), "stay encrypted as they are")),
            ("kms_key", Warns(json!(null), json!("arn:a"), "needs the key arn:a")),
            ("expected_bucket_owner", Warns(json!(null), json!("123456789012"), "of the account 123456789012")),
            ("bytes_limit", Warns(json!(null), json!(50_000_000), "more than 50 MB are stopped")),
            ("enforce", Warns(json!(false), json!(true), "is passed over")),
            ("metrics", Warns(json!(true), json!(false), "see nothing any more")),
            ("requester_pays", Warns(json!(true), json!(false), "whose readers pay are refused")),
            ("engine", Warns(json!("AUTO"), json!("Athena engine version 3"), "(Athena engine version 3)")),
            ("minimum_encryption", Warns(json!(false), json!(true), "weaker encryption")),
            ("tags", TAGS),
        ],
        "glue_crawler" => crawler(),
        "glue_database" => vec![
            ("name", Warns(json!("a"), json!("b"), "finds none any more")),
            ("description", TEXT),
            ("location", Harmless("only tables that are made later, and say no place of their own, lie there")),
            ("parameters", Harmless("they are about the database, and its tables stay as they are")),
            ("tags", TAGS),
        ],
        "glue_job" => vec![
            ("name", Warns(json!("a"), json!("b"), "Its bookmark is deleted with it")),
            ("description", TEXT),
            ("role_arn", Harmless("runs under way end with the old role, and others begin with the new one")),
            ("command", Warns(json!("glueetl"), json!("pythonshell"), "Its bookmark is deleted with it")),
            ("script", Harmless("runs under way end with the old script, and others begin with the new one")),
            ("python_version", Harmless("it changes at once, with the script that is made for it")),
            ("glue_version", Harmless("it changes at once, with the script that is made for it")),
            ("worker_type", Harmless("a run has other workers, and does the same")),
            ("workers", Warns(json!(4), json!(2), "2 workers at the most")),
            ("max_capacity", Harmless("a run takes longer or less long, and does the same")),
            ("arguments", Warns(json!({ "--a": "1" }), json!({}), "given --a no more")),
            ("max_retries", Harmless("a run that has failed is begun again, or by whoever is told")),
            ("timeout_minutes", Warns(json!(60), json!(30), "longer than 30 min is cut off")),
            ("max_concurrent_runs", Warns(json!(3), json!(2), "More than 2 runs at a time are refused")),
            ("execution_class", Harmless("a run begins at once or later, and does the same")),
            ("security_configuration", Access),
            ("connections", Warns(json!(["a"]), json!([]), "and nothing else")),
            ("notify_delay_minutes", Harmless("it only tells of a run that takes long")),
            ("maintenance_window", Harmless("a run on streams begins again at another time")),
            ("queuing", Harmless("a run waits for capacity, or is begun again")),
            ("tags", TAGS),
        ],
        "glue_table" => vec![
            ("database", Warns(json!("a"), json!("b"), "is forgotten with its partitions")),
            ("name", Warns(json!("a"), json!("b"), "is forgotten with its partitions")),
            ("description", TEXT),
            ("location", Warns(json!("s3://a/"), json!("s3://b/"), "s3://a/ is no longer read")),
            ("table_type", Harmless("the data stays, and the next query reads it so")),
            ("iceberg", Warns(json!(false), json!(true), "is forgotten with its partitions")),
            ("input_format", Harmless("the data stays, and the next query reads it so")),
            ("output_format", Harmless("it is for what is written from then on")),
            ("serde", Harmless("the data stays, and the next query reads it so")),
            ("columns", Harmless("the data stays, and a column that is written again shows it again")),
            (
                "partition_keys",
                Warns(json!([]), json!([{ "name": "day", "type": "string" }]), "keep their values of the old keys"),
            ),
            ("indexes", Warns(json!({ "day": ["day"] }), json!({}), "by day take longer")),
            ("parameters", Harmless("the data stays, and the next query reads it so")),
            ("tags", TAGS),
        ],
        "glue_trigger" => vec![
            ("name", Warns(json!("a"), json!("b"), "has to fire `b`")),
            ("kind", Harmless("the job is started by the new one instead")),
            ("description", TEXT),
            ("schedule", Harmless("the job is started at other times")),
            ("enabled", Warns(json!(true), json!(false), "no more")),
            ("actions", Warns(json!([{ "job": "a" }]), json!([{ "job": "b" }]), "It starts `a` no more")),
            ("predicate", Harmless("the job is started after others")),
            ("workflow", Harmless("the job is started by the new one instead")),
            ("tags", TAGS),
        ],
        _ => return others(kind),
    };
    Some(all)
}

/// The same of workflows and schema registries.
fn others(kind: &str) -> Option<Vec<(&'static str, Decision)>> {
    let all = match kind {
        "glue_workflow" => vec![
            ("name", Warns(json!("a"), json!("b"), "history of runs of `a` is deleted")),
            ("description", TEXT),
            ("properties", Warns(json!({ "day": "1" }), json!({}), "given day no more")),
            ("max_concurrent_runs", Warns(json!(3), json!(2), "More than 2 runs at a time are refused")),
            ("tags", TAGS),
        ],
        "glue_registry" => vec![
            ("name", Warns(json!("a"), json!("b"), "has to ask for those of `b`")),
            ("description", TEXT),
            ("tags", TAGS),
        ],
        "glue_schema" => vec![
            ("registry", Warns(json!("a"), json!("b"), "cannot tell what is in it")),
            ("name", Warns(json!("a"), json!("b"), "cannot tell what is in it")),
            ("format", Warns(json!("JSON"), json!("AVRO"), "cannot tell what is in it")),
            ("compatibility", Warns(json!("BACKWARD"), json!("DISABLED"), "takes no new version")),
            ("description", TEXT),
            ("file", Harmless("what is in it counts, and is the definition")),
            ("definition", Warns(json!("{}"), json!("[]"), "those before stay")),
            ("tags", TAGS),
        ],
        _ => return None,
    };
    Some(all)
}

/// Those of a crawler.
fn crawler() -> Vec<(&'static str, Decision)> {
    vec![
        ("name", Warns(json!("a"), json!("b"), "has to start `b`")),
        ("description", TEXT),
        ("role_arn", Harmless("AWS changes none that runs, and the next run has the new role")),
        ("database", Warns(json!("a"), json!("b"), "Its next run makes new tables")),
        ("table_prefix", Warns(json!(""), json!("raw_"), "Its next run makes new tables")),
        (
            "s3_targets",
            Warns(json!([{ "path": "s3://a/" }]), json!([{ "path": "s3://b/" }]), "s3://a/ is entered no more"),
        ),
        (
            "delta_targets",
            Warns(json!([{ "tables": ["s3://a/"] }]), json!([]), "What is new in s3://a/ is entered no more"),
        ),
        (
            "catalog_targets",
            Warns(json!([{ "database": "a", "tables": ["b"] }]), json!([]), "What is new in `a.b` is entered no more"),
        ),
        ("schedule", Warns(json!("cron(0 3 * * ? *)"), json!(null), "only when somebody starts it")),
        ("recrawl", Harmless("a run takes longer or less long, and enters what is new")),
        ("update_behavior", Warns(json!("LOG"), json!("UPDATE_IN_DATABASE"), "Tables get the columns")),
        (
            "delete_behavior",
            Warns(json!("LOG"), json!("DELETE_FROM_DATABASE"), "whose data is gone are deleted from then on"),
        ),
        ("configuration", Harmless("it is about what the next run finds, and the data stays")),
        ("security_configuration", Access),
        ("tags", TAGS),
    ]
}
