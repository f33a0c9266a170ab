//! What a record of a table's stream looks like, for the patterns that choose among them
//! (<https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html>).

use serde_json::{Map, Value};

use super::OR;
use crate::spec::blocks::table::View;
use crate::spec::check::Checks;

/// The fields of a record.
const RECORD: [&str; 8] =
    ["awsRegion", "dynamodb", "eventID", "eventName", "eventSource", "eventSourceARN", "eventVersion", "userIdentity"];

/// What stands under `dynamodb`.
const CHANGE: [&str; 7] =
    ["ApproximateCreationDateTime", "Keys", "NewImage", "OldImage", "SequenceNumber", "SizeBytes", "StreamViewType"];

/// What says of which type the value of an attribute is.
const TYPES: [&str; 10] = ["B", "BOOL", "BS", "L", "M", "N", "NS", "NULL", "S", "SS"];

/// Checks that a pattern can match a record of a stream with this view.
pub(in crate::spec) fn check(path: &str, pattern: &Map<String, Value>, view: Option<View>, checks: &mut Checks<'_>) {
    for (key, value) in pattern {
        let at = format!("{path}.{key}");
        if key == OR {
            for (i, one) in value.as_array().into_iter().flatten().enumerate() {
                if let Some(one) = one.as_object() {
                    check(&format!("{at}.{i}"), one, view, checks);
                }
            }
        } else if !RECORD.contains(&key.as_str()) {
            checks
                .error(&at, format!("a record of a table's stream has no `{key}`"))
                .help(format!("what an item holds is `dynamodb = {{ NewImage = {{ {key} = {{ S = [\"…\"] }} }} }}`"));
        } else if let (true, Some(change)) = (key == "dynamodb", value.as_object()) {
            check_change(&at, change, view, checks);
        }
    }
}

fn check_change(path: &str, change: &Map<String, Value>, view: Option<View>, checks: &mut Checks<'_>) {
    for (key, value) in change {
        let at = format!("{path}.{key}");
        let unseen = matches!(
            (key.as_str(), view),
            ("NewImage", Some(View::KeysOnly | View::OldImage)) | ("OldImage", Some(View::KeysOnly | View::NewImage))
        );
        if !CHANGE.contains(&key.as_str()) && key != OR {
            checks
                .error(&at, format!("a change of an item has no `{key}`"))
                .help(format!("it has {}", CHANGE.join(", ")));
        } else if unseen {
            checks
                .error(&at, format!("the table's stream shows no `{key}`"))
                .help("write `stream = \"new-and-old-images\"` in the table");
        } else if matches!(key.as_str(), "Keys" | "NewImage" | "OldImage") {
            for (name, attribute) in value.as_object().into_iter().flatten() {
                check_attribute(&format!("{at}.{name}"), attribute, checks);
            }
        }
    }
}

fn check_attribute(path: &str, attribute: &Value, checks: &mut Checks<'_>) {
    const HELP: &str = "write `{ S = [\"paid\"] }` of a text, `{ N = [\"100\"] }` of a number, `{ BOOL = [true] }`";
    let typed = |(name, _): (&String, &Value)| TYPES.contains(&name.as_str());
    if attribute.as_object().is_none_or(|types| types.is_empty() || !types.iter().all(typed)) {
        checks.error(path, "the stream says of which type the value of an attribute is").help(HELP);
        return;
    }
    let numbers = attribute["N"].as_array().into_iter().flatten().enumerate();
    let compared = |rule: &Value| rule.is_number() || rule.get("numeric").is_some();
    for (i, _) in numbers.filter(|(_, rule)| compared(rule)) {
        checks
            .error(&format!("{path}.N.{i}"), "a table's stream has numbers as texts, and no number matches one")
            .help("write the number as a text: `{ N = [\"100\"] }`; Lambda does not compare them");
    }
}
