//! The types of Lambda.

use serde_json::json;

use super::Decision::{self, Harmless, Warns};
use super::{TAGS, TEXT};

/// Every attribute of one of these types with what its change comes to.
pub(super) fn decisions(kind: &str) -> Option<Vec<(&'static str, Decision)>> {
    let all = match kind {
        "lambda_event_source_mapping" => vec![
            ("function", Warns(json!("a"), json!("b"), "forgets how far")),
            ("source_arn", Warns(json!("arn:aws:kinesis:::a"), json!("arn:aws:kinesis:::b"), "forgets how far")),
            ("stream_view", Warns(json!("NEW_IMAGE"), json!("KEYS_ONLY"), "forgets how far")),
            ("starting_position", Warns(json!("LATEST"), json!("TRIM_HORIZON"), "begins at TRIM_HORIZON")),
            ("role_arn", Harmless("AWS knows nothing of it: it says what has to exist first")),
            ("enabled", Warns(json!(true), json!(false), "reads no more")),
            ("batch_size", Harmless("the same records come in other numbers")),
            ("window_seconds", Harmless("the same records come in other numbers")),
            ("max_concurrency", Warns(json!(null), json!(2), "processed more slowly")),
            ("parallelization", Warns(json!(2), json!(1), "processed more slowly")),
            ("bisect_on_error", Harmless("a batch that fails is tried again whole or halved")),
            ("report_failures", Harmless("a batch that fails is tried again whole or in part")),
            ("retries", Warns(json!(null), json!(3), "given up sooner")),
            ("max_age_seconds", Warns(json!(7200), json!(3600), "given up sooner")),
            ("failure_arn", Warns(json!("arn:a"), json!(null), "arn:a no longer hears")),
            ("filters", Warns(json!([]), json!([{ "data": { "a": [1] } }]), "matches none of its filters")),
            ("tumbling_window_seconds", Warns(json!(60), json!(null), "in the window under way")),
        ],
        "lambda_event_invoke_config" => vec![
            ("function", Warns(json!("a"), json!("b"), "Events of `a` are tried as usual")),
            ("role_arn", Harmless("it is the function's, which says so itself")),
            ("retries", Warns(json!(2), json!(0), "given up sooner")),
            ("max_age_seconds", Warns(json!(7200), json!(3600), "given up sooner")),
            ("success_arn", Warns(json!("arn:a"), json!(null), "arn:a no longer gets what")),
            ("failure_arn", Warns(json!("arn:a"), json!(null), "arn:a no longer gets the events")),
        ],
        "lambda_function" => vec![
            ("name", Warns(json!("a"), json!("b"), "has to call `b`")),
            ("description", TEXT),
            ("role_arn", Harmless("calls under way end with the old role, and others begin with the new one")),
            ("code", Harmless("calls under way end with the old code, and others begin with the new one")),
            ("package_type", Warns(json!("Zip"), json!("Image"), "calls in between fail")),
            ("image_config", Harmless("it changes at once, with the image that it is made for")),
            ("runtime", Harmless("it changes at once, with the code that is made for it")),
            ("handler", Harmless("it changes at once, with the code that has it")),
            ("layers", Warns(json!(["arn:a"]), json!([]), "finds no more what is in arn:a")),
            ("memory_mb", Warns(json!(512), json!(256), "256 MB")),
            ("ephemeral_storage_mb", Warns(json!(1024), json!(512), "`/tmp` has 512 MB")),
            ("kms_key", Warns(json!(null), json!("arn:a"), "is encrypted with arn:a")),
            ("log_levels", Warns(json!(null), json!({ "application": "INFO", "system": "INFO" }), "logs JSON")),
            ("timeout_seconds", Warns(json!(60), json!(30), "longer than 30 s is cut off")),
            ("environment", Warns(json!({ "A": "1" }), json!({}), "variable A no more")),
            ("architecture", Harmless("it changes in one call with the code that is made for it")),
            ("tracing", Harmless("calls are made with or without their traces")),
            ("log_group", Warns(json!("/a"), json!("/b"), "logs to /b")),
            ("reserved_concurrency", Warns(json!(5), json!(0), "no longer called at all")),
            (
                "vpc",
                Warns(
                    json!({ "subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"] }),
                    json!(null),
                    "reaches nothing in its VPC any more",
                ),
            ),
            ("tags", TAGS),
        ],
        "lambda_permission" => vec![
            ("function", Warns(json!("a"), json!("b"), "in between are refused")),
            ("statement_id", Warns(json!("a"), json!("b"), "in between are refused")),
            ("principal", Warns(json!("a"), json!("b"), "in between are refused")),
            ("source_arn", Warns(json!("a"), json!("b"), "in between are refused")),
            ("source_account", Warns(json!("a"), json!("b"), "in between are refused")),
            (
                "api",
                Warns(
                    json!({ "name": "a", "calls": "*" }),
                    json!({ "name": "b", "calls": "*" }),
                    "in between are refused",
                ),
            ),
        ],
        _ => return None,
    };
    Some(all)
}
