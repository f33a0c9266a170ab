//! What is in a delivered object: JSON lines, as they should be, and what else was found.

use flate2::read::MultiGzDecoder;
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::files::bounded;

/// Most bytes that an object may unpack to: Firehose gathers at most 128 MiB.
const MAX_UNPACKED: u64 = 256 << 20;

/// A JSON value of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Somebody's event.
    Event {
        /// Its `event_id`, if it has one.
        id: Option<String>,
        /// Its `occurred_at`, if it has one.
        occurred: Option<OffsetDateTime>,
    },
    /// Firehose's account of a record that it could not deliver.
    Failure {
        /// Firehose's error code: `Lambda.FunctionError`, `DynamicPartitioning.MetadataExtractionFailed` …
        code: String,
        /// Firehose's message.
        message: String,
    },
}

/// What is in an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Content {
    /// Every JSON value, in order.
    pub(super) found: Vec<Found>,
    /// Lines (from 1) that are no JSON, and why.
    pub(super) broken: Vec<(usize, String)>,
    /// Lines that hold more than one JSON value.
    pub(super) joined: u64,
}

/// Reads an object, plain or gzip; its first bytes tell, as its key need not be right.
pub(super) fn read(body: &[u8]) -> Content {
    let gunzipped;
    let body = if body.starts_with(&[0x1f, 0x8b]) {
        match bounded::all(MultiGzDecoder::new(body), MAX_UNPACKED) {
            Ok(unpacked) => gunzipped = unpacked,
            Err(error) => {
                return Content { broken: vec![(1, format!("damaged gzip: {error}"))], ..Content::default() };
            }
        }
        &gunzipped
    } else {
        body
    };
    let Ok(text) = std::str::from_utf8(body) else {
        let why = "neither text nor gzip; other compressions cannot be looked into";
        return Content { broken: vec![(1, why.to_owned())], ..Content::default() };
    };
    read_text(text)
}

fn read_text(text: &str) -> Content {
    let mut content = Content::default();
    for (index, line) in text.lines().enumerate() {
        let before = content.found.len();
        for value in serde_json::Deserializer::from_str(line).into_iter::<Value>() {
            match value {
                Ok(value) => content.found.push(found(&value)),
                Err(error) => content.broken.push((index + 1, error.to_string())),
            }
        }
        content.joined += u64::from(content.found.len() - before > 1);
    }
    content
}

fn found(value: &Value) -> Found {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    // Firehose wraps what it cannot deliver: `rawData` holds the record, `errorCode` says why; of what it cannot convert
    // other names do, which AWS has changed
    // (<https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion-error-handling.html>).
    let why = |what: &str| {
        let names = [format!("error{what}"), format!("lastError{what}"), format!("Error{what}")];
        names.iter().find_map(|name| text(name))
    };
    if let (Some(code), Some(_)) = (why("Code"), text("rawData")) {
        return Found::Failure { code: code.to_owned(), message: why("Message").unwrap_or_default().to_owned() };
    }
    let occurred = text("occurred_at").and_then(|at| OffsetDateTime::parse(at, &Rfc3339).ok());
    Found::Event { id: text("event_id").map(str::to_owned), occurred }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn ids(content: &Content) -> Vec<&str> {
        let id = |found: &'_ Found| match found {
            Found::Event { id, .. } => id.clone().unwrap_or_default(),
            Found::Failure { code, .. } => code.clone(),
        };
        content.found.iter().map(id).map(|id| &*id.leak()).collect()
    }

    fn gzip(text: &str) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    }

    const LINES: &str = "{\"event_id\":\"a\"}\n{\"event_id\":\"b\"}\n";

    #[test]
    fn plain_and_gzip_read_the_same() {
        let plain = read(LINES.as_bytes());
        assert_eq!(ids(&plain), ["a", "b"]);
        assert_eq!((plain.joined, plain.broken.len()), (0, 0));
        assert_eq!(read(&gzip(LINES)), plain);
        let parts = [gzip("{\"event_id\":\"a\"}\n"), gzip("{\"event_id\":\"b\"}\n")].concat();
        assert_eq!(read(&parts), plain);
    }

    #[test]
    fn objects_on_one_line_are_read_and_told() {
        let content = read(b"{\"event_id\":\"a\"}{\"event_id\":\"b\"}");
        assert_eq!((ids(&content), content.joined), (vec!["a", "b"], 1));
    }

    #[test]
    fn what_is_no_json_is_told_by_line_and_hides_nothing_else() {
        let content = read(b"{\"event_id\":\"a\"}\n{\"event_id\":\"b\n{\"event_id\":\"c\"}\n");
        assert_eq!(ids(&content), ["a", "c"]);
        assert_eq!(content.broken.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [2]);
        assert_eq!(read(&[0xff, 0x06, 0x00, 0x73]).broken.len(), 1);
        assert_eq!(read(&gzip(LINES)[..20]).broken.len(), 1);
    }

    #[test]
    fn what_firehose_could_not_deliver_is_no_event() {
        let line = br#"{"attemptsMade":4,"errorCode":"Lambda.FunctionError","errorMessage":"no","rawData":"e30="}"#;
        let [Found::Failure { code, message }] = &read(line).found[..] else { panic!("no failure") };
        assert_eq!((code.as_str(), message.as_str()), ("Lambda.FunctionError", "no"));
    }

    #[test]
    fn what_firehose_could_not_convert_is_told_by_either_of_awss_names() {
        for names in ["lastErrorCode lastErrorMessage", "ErrorCode ErrorMessage"] {
            let (code, message) = names.split_once(' ').unwrap();
            let line = format!(r#"{{"{code}":"DataFormatConversion.ParseError","{message}":"no","rawData":"e30="}}"#);
            let [Found::Failure { code, message }] = &read(line.as_bytes()).found[..] else { panic!("no failure") };
            assert_eq!((code.as_str(), message.as_str()), ("DataFormatConversion.ParseError", "no"));
        }
    }
}
