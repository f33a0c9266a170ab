//! The state as a file: the only door from and to bytes.
//!
//! Reading looks at format and version first, so that a newer file is never half understood. What a version looks like
//! stands in a file of its own (`v1`), which is frozen once released.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use uuid::Uuid;

use super::State;
use super::format::{FORMAT, in_order, this_pipectl};
pub use super::format::{FileError, Stored};
use super::placed::{self, ARRIVING, MOVED, Placed};
use super::v1::V1;
use crate::model::address::Address;

/// The version that this pipectl writes.
pub const VERSION: u64 = 1;

/// Reads the state of `env` of `project`.
///
/// # Errors
/// When the bytes are no whole and sound state of just this environment, of a version that this pipectl knows.
pub fn parse(bytes: &[u8], project: &str, env: &str) -> Result<Stored, FileError> {
    match placed(bytes, project, env)? {
        Placed::State(stored) => Ok(*stored),
        Placed::Moved(mark) => Err(FileError::Moved { to: mark.to }),
        Placed::Arriving(arriving) => Err(FileError::Arriving { from: arriving.from }),
    }
}

/// Reads what lies where the state of `env` of `project` is kept, as [`parse`] does.
pub(super) fn placed(bytes: &[u8], project: &str, env: &str) -> Result<Placed, FileError> {
    let text = std::str::from_utf8(bytes).map_err(|error| FileError::Damaged(error.to_string()))?;
    let head: Head = read(text)?;
    let newest = match head.format.as_str() {
        FORMAT => VERSION,
        MOVED | ARRIVING => placed::VERSION,
        _ => return Err(FileError::Foreign),
    };
    if head.version > newest {
        return Err(FileError::Newer { written_by: head.written_by });
    }
    if (head.project.as_str(), head.env.as_str()) != (project, env) {
        return Err(FileError::Other { project: head.project, env: head.env });
    }
    match head.format.as_str() {
        MOVED => return read(text).map(Placed::Moved),
        ARRIVING => return read(text).map(|arriving| Placed::Arriving(Box::new(arriving))),
        _ => {}
    }
    let stored = read::<V1>(text).map_err(|error| match error {
        // Fields that a later release added: to drop them at the next write would lose what it knows.
        FileError::Damaged(_) if release(&head.written_by) > release(&this_pipectl()) => {
            FileError::Newer { written_by: head.written_by }
        }
        error => error,
    })?;
    let stored = stored.into_stored()?;
    verify(&stored.state).map_err(FileError::Unsound)?;
    Ok(Placed::State(Box::new(stored)))
}

/// The file's bytes; a dependency always stands before what needs it.
#[expect(clippy::missing_panics_doc, reason = "strings, numbers and maps with string keys always become JSON")]
pub fn render(stored: &Stored) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(&V1::new(stored)).expect("a state is plain data");
    bytes.push(b'\n');
    bytes
}

/// A state as its file shows it, for people and `jq`.
pub fn text(state: &State) -> String {
    let stored = Stored { state: state.clone(), write: Uuid::nil() };
    String::from_utf8_lossy(&render(&stored)).into_owned()
}

/// Checks what holds for every state.
///
/// # Errors
/// The first contradiction, as a sentence.
pub fn verify(state: &State) -> Result<(), String> {
    let mut owners = BTreeMap::new();
    for (address, record) in &state.resources {
        if record.key.is_empty() || record.kind.is_empty() {
            return Err(format!("{address} has no kind or no key"));
        }
        if let Some(other) = owners.insert((&record.kind, &record.key), address) {
            return Err(format!("{other} and {address} are both the {} `{}`", record.kind, record.key));
        }
    }
    let placed: BTreeSet<&Address> = in_order(&state.resources).collect();
    match state.resources.keys().find(|address| !placed.contains(address)) {
        Some(address) => Err(format!("what {address} needs goes round in a circle")),
        None => Ok(()),
    }
}

/// `pipectl 1.2.3` as numbers that compare; `None` for anything else.
fn release(written_by: &str) -> Option<Vec<u64>> {
    written_by.strip_prefix("pipectl ")?.split('.').map(|part| part.parse().ok()).collect()
}

fn read<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, FileError> {
    serde_json::from_str(text).map_err(|error| match error.classify() {
        serde_json::error::Category::Eof => FileError::CutOff(text.len()),
        _ => FileError::Damaged(error.to_string()),
    })
}

/// What every version begins with.
#[derive(Deserialize)]
struct Head {
    #[serde(default)]
    format: String,
    #[serde(default)]
    version: u64,
    #[serde(default)]
    written_by: String,
    #[serde(default)]
    project: String,
    #[serde(default)]
    env: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOLDEN: &str = include_str!("../../tests/files/state/v1.json");

    fn read_golden(text: &str) -> Result<Stored, FileError> {
        parse(text.as_bytes(), "acme-clickstream", "dev")
    }

    #[test]
    fn version_1_comes_back_byte_for_byte() {
        let ours = GOLDEN.replace("pipectl 0.1.0", &this_pipectl());
        let stored = read_golden(GOLDEN).unwrap();
        assert_eq!(String::from_utf8(render(&stored)).unwrap(), ours);
        assert_eq!(stored.state.resources.len(), 4);
    }

    #[test]
    fn a_newer_file_names_the_pipectl_that_wrote_it() {
        let newer = GOLDEN.replace("\"version\": 1", "\"version\": 2").replace("pipectl 0.1.0", "pipectl 0.9.0");
        let error = read_golden(&newer).unwrap_err();
        assert_eq!(error.to_string(), format!("the file was written by pipectl 0.9.0; this is {}", this_pipectl()));
        assert_eq!(error.help(), "install pipectl 0.9.0 or later");
    }

    #[test]
    fn a_field_of_a_later_release_is_not_dropped_in_silence() {
        let later = GOLDEN.replace("\"serial\": 42", "\"serial\": 42, \"colour\": \"blue\"");
        assert!(matches!(read_golden(&later), Err(FileError::Damaged(_))));
        let later = later.replace("pipectl 0.1.0", "pipectl 999.0.0");
        assert_eq!(read_golden(&later), Err(FileError::Newer { written_by: "pipectl 999.0.0".into() }));
    }

    #[test]
    fn every_cut_is_noticed() {
        for length in 0..GOLDEN.trim_end().len() {
            let cut = parse(&GOLDEN.as_bytes()[..length], "acme-clickstream", "dev");
            assert_eq!(cut, Err(FileError::CutOff(length)));
        }
    }

    #[test]
    fn what_is_no_state_of_this_environment_is_refused() {
        assert!(matches!(parse(b"\xff\xfe", "acme", "dev"), Err(FileError::Damaged(_))));
        assert!(matches!(parse(b"not JSON", "acme", "dev"), Err(FileError::Damaged(_))));
        assert_eq!(parse(br#"{"version": 4, "terraform_version": "1.9.0"}"#, "acme", "dev"), Err(FileError::Foreign));
        let other = parse(GOLDEN.as_bytes(), "acme-clickstream", "prod").unwrap_err();
        assert_eq!(other.to_string(), "the file is the state of `acme-clickstream` `dev`");
    }

    #[test]
    fn contradictions_are_refused() {
        let same_key = GOLDEN.replace("\"key\": \"acme-clickstream-events-dev\"", "\"key\": \"x\"").replace(
            "\"kind\": \"kinesis_stream\",\n      \"key\": \"acme-clickstream-dev-clicks\"",
            "\"kind\": \"s3_bucket\",\n      \"key\": \"x\"",
        );
        let twice = GOLDEN.replace("\"address\": \"stream.clicks\"", "\"address\": \"bucket.events\"");
        let circle = GOLDEN.replacen("\"depends_on\": []", "\"depends_on\": [\"firehose.clicks\"]", 1);
        for (file, why) in [
            (same_key, "bucket.events and stream.clicks are both the s3_bucket `x`"),
            (twice, "an address is listed twice"),
            (circle, "what bucket.events needs goes round in a circle"),
        ] {
            assert_eq!(read_golden(&file), Err(FileError::Unsound(why.into())));
        }
    }

    #[test]
    fn dependencies_come_first_and_what_is_gone_is_no_dependency() {
        let mut stored = read_golden(GOLDEN).unwrap();
        let (stream, role) = ("stream.clicks".parse().unwrap(), "firehose.clicks/role".parse().unwrap());
        stored.state.resources.remove(&stream);
        let again = parse(&render(&stored), "acme-clickstream", "dev").unwrap();
        assert_eq!(again.state.resources[&role].depends_on, ["bucket.events".parse().unwrap()]);
        let order: Vec<String> = in_order(&again.state.resources).map(ToString::to_string).collect();
        assert_eq!(order, ["bucket.events", "firehose.clicks/role", "firehose.clicks"]);
    }
}
