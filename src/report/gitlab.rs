//! What GitLab shows in the widgets of a merge request: a plan's counts, and the mistakes in a spec.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::engine::planfile::{Plan, terraform_actions};
use crate::spec::diagnostic::{Entry, Severity};
use crate::spec::place::SETTING;

/// A plan for `artifacts:reports:terraform`: how many resources are created, updated and deleted.
///
/// GitLab knows these three and no others. They are counted as Terraform would: a replacement is a creation and a
/// deletion, and adopting or renaming a resource changes its tags in AWS, so that it is an update. What AWS does not
/// notice (forgetting) and what cannot be done yet (what is in the way) is not counted.
pub fn terraform(plan: &Plan) -> String {
    let all: Vec<&str> = plan.changes.0.iter().flat_map(terraform_actions).copied().collect();
    let count = |action| all.iter().filter(|one| **one == action).count();
    text(&json!({"create": count("create"), "update": count("update"), "delete": count("delete")}))
}

/// Where the paths of a report lead from: GitLab wants them relative to the repository.
pub struct Checkout {
    /// The top of the repository, an absolute path.
    pub repository: PathBuf,
    /// The current folder, an absolute path.
    pub folder: PathBuf,
}

/// What is wrong with a spec, for `artifacts:reports:codequality`: a violation for each entry, none where all is well.
///
/// `file` is the one to which GitLab ties what has no file of its own: a value on the command line, an environment
/// that does not exist. What is only missing for the time being is no violation: it is no mistake, and `plan` tells it.
pub fn code_quality(entries: &[Entry], file: &str, checkout: &Checkout) -> String {
    let mut seen = HashMap::new();
    let violation = |entry: &Entry| {
        let own = entry.file.as_deref().filter(|file| *file != SETTING);
        let path = checkout.path(own.unwrap_or(file));
        // The line is left out, so that a violation stays the same when it moves; the number tells its likes apart.
        let likes: &mut u32 = seen.entry((path.clone(), entry.message.clone())).or_default();
        *likes += 1;
        json!({
            "description": description(entry),
            "check_name": "pipectl-validate",
            "fingerprint": hex::encode(Sha256::digest(format!("{path}\0{}\0{likes}", entry.message))),
            "severity": match entry.severity {
                // Nothing can be planned before it is gone.
                Severity::Error => "blocker",
                Severity::Warning => "minor",
            },
            "location": {"path": path, "lines": {"begin": own.and(entry.line).unwrap_or(1)}},
        })
    };
    text(&Value::Array(entries.iter().map(violation).collect()))
}

fn description(entry: &Entry) -> String {
    match &entry.help {
        Some(help) => format!("{} ({})", entry.message, help.trim_end_matches('.')),
        None => entry.message.clone(),
    }
}

fn text(value: &Value) -> String {
    format!("{value:#}\n")
}

impl Checkout {
    /// A file's path in the repository, without `.` and `..`; of what lies outside, its whole path.
    fn path(&self, file: &str) -> String {
        let mut whole = PathBuf::new();
        for part in self.folder.join(file).components() {
            match part {
                Component::ParentDir => drop(whole.pop()),
                Component::CurDir => {}
                part => whole.push(part),
            }
        }
        let inside = [&self.repository, &self.folder].into_iter().find_map(|top| whole.strip_prefix(top).ok());
        let path = inside.unwrap_or_else(|| whole.strip_prefix("/").unwrap_or(&whole));
        Path::display(path).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::plan::Action;
    use crate::report::plan::tests::{change, plan};

    #[test]
    fn a_replacement_counts_twice_and_changed_tags_are_an_update() {
        let all = [
            Action::Delete,
            Action::Replace,
            Action::Replace,
            Action::Conflict,
            Action::Create,
            Action::Adopt,
            Action::Update,
            Action::Rename,
            Action::Forget,
            Action::None,
        ];
        let changes = all.iter().map(|action| change(*action, "stream.s", "AWS::Kinesis::Stream", "s")).collect();
        let counts: Value = serde_json::from_str(&terraform(&plan(changes))).unwrap();
        assert_eq!(counts, json!({"create": 3, "update": 3, "delete": 3}));
    }

    #[test]
    fn paths_are_the_repositorys() {
        let checkout = Checkout { repository: "/builds/acme".into(), folder: "/builds/acme/infra".into() };
        assert_eq!(checkout.path("envs/dev.toml"), "infra/envs/dev.toml");
        assert_eq!(checkout.path("./envs/../../dev.toml"), "dev.toml");
        assert_eq!(checkout.path("/builds/acme/dev.toml"), "dev.toml");
        assert_eq!(checkout.path("/etc/dev.toml"), "etc/dev.toml");
        let elsewhere = Checkout { repository: "/builds/link".into(), ..checkout };
        assert_eq!(elsewhere.path("envs/dev.toml"), "envs/dev.toml");
    }

    fn entry(message: &str, file: Option<&str>, line: Option<usize>) -> Entry {
        Entry {
            severity: Severity::Error,
            message: message.into(),
            help: None,
            file: file.map(Into::into),
            line,
            column: line,
            end_line: line,
            end_column: line,
            instances: Vec::new(),
        }
    }

    fn violations(entries: &[Entry]) -> Vec<Value> {
        let checkout = Checkout { repository: "/b".into(), folder: "/b".into() };
        serde_json::from_str(&code_quality(entries, "envs/dev.toml", &checkout)).unwrap()
    }

    #[test]
    fn a_fingerprint_is_of_one_mistake_wherever_it_moves() {
        let twice = violations(&[entry("x", Some("a.toml"), Some(1)), entry("x", Some("a.toml"), Some(5))]);
        assert_ne!(twice[0]["fingerprint"], twice[1]["fingerprint"]);
        let moved = violations(&[entry("x", Some("a.toml"), Some(3)), entry("x", Some("b.toml"), Some(3))]);
        assert_eq!(twice[0]["fingerprint"], moved[0]["fingerprint"]);
        assert_ne!(moved[0]["fingerprint"], moved[1]["fingerprint"]);
    }

    #[test]
    fn what_has_no_file_is_tied_to_the_environments() {
        let location = |file, line| violations(&[entry("x", file, line)])[0]["location"].clone();
        let expected = json!({"path": "envs/dev.toml", "lines": {"begin": 1}});
        assert_eq!(location(None, None), expected);
        assert_eq!(location(Some(SETTING), Some(7)), expected);
        assert_eq!(location(Some("envs/dev.toml"), None), expected);
    }
}
