//! Definitions of schemas: what a file has to hold to be one, and when two say the same.

use serde_json::Value;

/// The format whose definitions are no JSON.
const PROTOBUF: &str = "PROTOBUF";
/// The format whose definitions are JSON Schemas.
const JSON: &str = "JSON";
/// The longest definition (<https://docs.aws.amazon.com/glue/latest/webapi/API_CreateSchema.html>).
const LONGEST: usize = 170_000;

/// What is wrong with a text that is to be a definition in that format (`AVRO`, `JSON` or `PROTOBUF`), as far as can be told
/// without AWS.
pub fn fault(format: &str, text: &str) -> Option<String> {
    let letters = text.chars().count();
    if text.trim().is_empty() {
        return Some("it is empty".to_owned());
    }
    if letters > LONGEST {
        return Some(format!("it has {letters} characters, and AWS takes 170,000"));
    }
    if format == PROTOBUF {
        return None;
    }
    if text.starts_with('\u{feff}') {
        return Some("it begins with a byte order mark: save it as UTF-8 without one".to_owned());
    }
    let definition: Value = match serde_json::from_str(text) {
        Ok(definition) => definition,
        Err(error) => return Some(format!("it is not JSON: {error}")),
    };
    let describes = if format == JSON {
        definition.is_object() || definition.is_boolean()
    } else {
        // In Avro a union is a list, and a name stands for a type.
        definition.is_object() || definition.is_array() || definition.is_string()
    };
    (!describes).then(|| "it is JSON, and describes nothing".to_owned())
}

/// Whether two definitions of a format say the same: how JSON is set, and how lines end, is none of it.
pub fn means_the_same(format: &str, one: &str, other: &str) -> bool {
    let json = |text: &str| serde_json::from_str::<Value>(text).ok();
    if format != PROTOBUF
        && let (Some(one), Some(other)) = (json(one), json(other))
    {
        return one == other;
    }
    one.trim_end().lines().eq(other.trim_end().lines())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_json_is_set_is_no_difference_and_how_lines_of_others_end_is_none_either() {
        let (one, other) = (
            r#"{"type": "record", "name": "a", "fields": []}"#,
            "{\"name\":\"a\",\n\"type\":\"record\",\"fields\":[]}\n",
        );
        assert!(means_the_same("AVRO", one, other) && means_the_same("JSON", one, other));
        assert!(!means_the_same("PROTOBUF", one, other), "it is no JSON there");
        assert!(means_the_same("PROTOBUF", "message A {\r\n}\r\n", "message A {\n}"));
        assert!(!means_the_same("JSON", one, &other.replace("\"a\"", "\"b\"")));
        let fields = |names: &str| format!(r#"{{"fields": [{names}]}}"#);
        assert!(!means_the_same("AVRO", &fields("1, 2"), &fields("2, 1")), "the order of fields counts");
    }

    #[test]
    fn a_text_is_a_definition_where_its_format_can_be_read() {
        assert_eq!(fault("AVRO", "\"string\""), None);
        assert_eq!(fault("PROTOBUF", "syntax = \"proto3\";"), None);
        assert_eq!(fault("PROTOBUF", " \n").unwrap(), "it is empty");
        assert!(fault("JSON", "{ nope }").unwrap().starts_with("it is not JSON: "));
        let long = |letters: usize| format!("\"{}\"", "ä".repeat(letters - 2));
        assert_eq!(fault("AVRO", &long(LONGEST)), None);
        assert!(fault("AVRO", &long(LONGEST + 1)).unwrap().contains("170001 characters"));
    }
}
