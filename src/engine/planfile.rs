//! `plan.json`: one file that a person, `jq`, a policy check and `pipectl apply` all read.

mod file;
mod read;
mod terraform;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use time::OffsetDateTime;
use uuid::Uuid;

use super::access::Broadening;
use super::plan::likely::LikelyRename;
use super::plan::selection::Selection;
use super::plan::{Action, Change, Changes, Refusal, Summary};
use crate::model::acting::Acting;
use crate::model::address::Address;
use crate::model::graph::{External, Flow, Note, Reference};
use crate::model::scope::Scope;
pub use file::PlanFile;
pub use read::read;

const FORMAT: &str = "pipectl/plan";
/// Version 1 had `resource_changes` with the types and attributes of pipectl.
const VERSION: u64 = 2;
const DIGEST: &str = "digest";
/// The keys of the changes: pipectl's, and the same for rules that read Terraform's plans.
const CHANGES: &str = "changes";
const RESOURCE_CHANGES: &str = "resource_changes";
/// How many resources each action is done to.
const SUMMARY: &str = "summary";

/// A plan and all that it was made against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The pipectl that made it: `pipectl 0.1.0`.
    pub made_by: String,
    /// `[project] name`.
    pub project: String,
    /// `[env] name`.
    pub env: String,
    /// What applying it is for.
    pub purpose: Purpose,
    /// Partition, account and region.
    pub scope: Scope,
    /// ARN of whoever made it.
    pub caller: String,
    /// Whose credentials the spec says; absent where it leaves that to the caller.
    #[serde(default, skip_serializing_if = "Acting::is_caller")]
    pub acts_as: Acting,
    /// When it was made.
    #[serde(with = "time::serde::rfc3339")]
    pub created: OffsetDateTime,
    /// When it stops being applicable.
    #[serde(with = "time::serde::rfc3339")]
    pub expires: OffsetDateTime,
    /// The state that it was made against.
    pub state: StateRef,
    /// The spec that it was made from; absent where none was: for a destruction and for a revert.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec: Option<SpecRef>,
    /// Whether the environment is protected from then on.
    pub protect: bool,
    /// What is to change; [`PlanFile`] puts it into the file.
    #[serde(skip)]
    pub changes: Changes,
    /// How the spec's blocks hang together; none without a spec, nor in the files of earlier versions.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub flows: BTreeSet<Flow>,
    /// What it uses that is somebody else's, by address: nothing is done to it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub externals: BTreeMap<Address, External>,
    /// Why it may not be applied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refusals: Vec<Refusal>,
    /// By what it widens access: then it is applied only where that is approved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broadens: Vec<Broadening>,
    /// What is deleted beside the same under another name, and would be kept by `moved`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub likely_renames: Vec<LikelyRename>,
    /// What of a plan was asked for; all of it where nothing says otherwise.
    #[serde(default, skip_serializing_if = "Selection::is_whole")]
    pub selection: Selection,
    /// The changes that the selection leaves out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<Address>,
    /// What is missing or worth knowing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// What the environment costs, before and after; absent where there are no prices of its region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<MonthlyCost>,
    /// Values for `pipectl output` once it is applied.
    #[serde(default)]
    pub outputs: Map<String, Value>,
}

/// What an environment costs a month, in USD, before a plan is applied and after.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MonthlyCost {
    /// As it is now.
    pub before: f64,
    /// As the plan makes it.
    pub after: f64,
    /// When the prices were written down: `2026-11-21`.
    pub prices: String,
    /// The streams to come whose traffic nobody has said: what depends on it is not in the numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown_traffic: Vec<String>,
    /// The blocks to come that AWS bills and that have no prices here: they are not in the numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub uncounted: Vec<String>,
}

/// What applying a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// To make AWS as the spec says.
    Apply,
    /// To take over what exists, and to make no more than that stands on.
    Adopt,
    /// To delete everything that the environment owns.
    Destroy,
    /// To make AWS as the last apply left it, whatever the spec says by now.
    Revert,
}

/// The state that a plan was made against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateRef {
    /// `s3://bucket/folder/dev/` or a folder.
    pub location: String,
    /// Absent where there was no state yet.
    pub lineage: Option<Uuid>,
    /// 0 where there was no state yet.
    pub serial: u64,
    /// Of the state file; absent where there was none.
    pub etag: Option<String>,
}

/// The spec that a plan was made from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpecRef {
    /// Its file, as it was named.
    pub file: String,
    /// `--set` overrides, in their order.
    pub overrides: Vec<String>,
    /// SHA-256 of the resolved spec, in hex.
    pub digest: String,
}

/// Why a file is not a plan that can be used.
#[derive(Debug, thiserror::Error)]
pub enum NotAPlan {
    /// Truncated, or something else altogether.
    #[error("it is not a complete plan file")]
    Damaged(#[source] serde_json::Error),
    /// JSON, but no plan.
    #[error("it is JSON, but not a plan of pipectl's")]
    Foreign,
    /// Of a format that this pipectl does not know.
    #[error("its format {found} is newer than this pipectl knows ({VERSION}); {made_by} wrote it: upgrade pipectl")]
    Newer {
        /// Its format.
        found: u64,
        /// The pipectl that wrote it.
        made_by: String,
    },
    /// Somebody edited it.
    #[error("it was changed after it was made: its contents do not match its digest")]
    Edited,
}

impl Plan {
    /// Whether applying it would do anything, to AWS or to what the state remembers of protection.
    pub fn summary(&self) -> Summary {
        self.changes.summary()
    }

    /// Whether an apply registers the environment as a user of others' blocks, though it may change nothing else.
    pub fn registers(&self) -> bool {
        self.externals.values().filter_map(|it| it.reference.as_ref()).any(Reference::is_to_be_registered)
    }
}

/// What Terraform would call it: one or two of `create`, `update`, `delete`, or `no-op`. Adopting and renaming change
/// tags; what AWS does not notice, or cannot be asked yet, is nothing.
pub fn terraform_actions(change: &Change) -> &'static [&'static str] {
    match change.action {
        Action::Create => &["create"],
        Action::Update | Action::Adopt | Action::Rename => &["update"],
        Action::Replace if change.previous_key.is_some() => &["create", "delete"],
        Action::Replace => &["delete", "create"],
        Action::Delete => &["delete"],
        Action::Forget | Action::Conflict | Action::None => &["no-op"],
    }
}

/// What a part of a file says; of a key that stands there twice, the last.
fn tree(part: &RawValue) -> Result<Value, serde_json::Error> {
    serde_json::from_str(part.get())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every action, drift, statements, notes and a refusal: as each version of the format has it.
    const VERSION_1: &str = include_str!("../../tests/files/plan/v1.json");
    const GOLDEN: &str = include_str!("../../tests/files/plan/v2.json");

    #[test]
    fn version_2_comes_back_byte_for_byte() {
        let (plan, digest) = read(GOLDEN.as_bytes()).unwrap();
        let sealed = PlanFile::new(&plan).unwrap();
        assert_eq!((sealed.to_string().as_str(), sealed.digest()), (GOLDEN, digest.as_str()));
        let summary = plan.summary();
        let all = [summary.create, summary.update, summary.replace, summary.delete, summary.adopt, summary.rename];
        assert!(all.iter().all(|count| *count > 0) && summary.conflict > 0 && summary.drifted > 0, "{summary:?}");
        assert!(!plan.notes.is_empty() && !plan.refusals.is_empty());
    }

    #[test]
    fn version_1_says_the_same() {
        let (plan, _) = read(VERSION_1.as_bytes()).unwrap();
        assert_eq!(plan, read(GOLDEN.as_bytes()).unwrap().0);
        let edited = VERSION_1.replace("\"shards\": 1", "\"shards\": 2");
        assert!(edited != VERSION_1 && matches!(read(edited.as_bytes()), Err(NotAPlan::Edited)));
    }

    #[test]
    fn a_part_that_stands_there_twice_is_no_plan() {
        let twice =
            GOLDEN.replacen("\"resource_changes\": [", "\"resource_changes\": [],\n  \"resource_changes\": [", 1);
        assert!(twice != GOLDEN && matches!(read(twice.as_bytes()), Err(NotAPlan::Damaged(_))));
    }

    #[test]
    fn no_edit_and_no_cut_goes_unnoticed() {
        let edited = GOLDEN.replace("\"shards\": 1", "\"shards\": 2");
        assert!(edited != GOLDEN && matches!(read(edited.as_bytes()), Err(NotAPlan::Edited)));
        for length in [0, 1, GOLDEN.len() / 2, GOLDEN.trim_end().len() - 1] {
            assert!(matches!(read(&GOLDEN.as_bytes()[..length]), Err(NotAPlan::Damaged(_))), "{length}");
        }
    }
}
