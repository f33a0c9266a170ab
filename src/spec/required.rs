//! `[project] required_version`: which versions of pipectl a spec may be used with.
//!
//! It is looked at in each file as soon as that is read, before anything else is: what a newer pipectl knows must not be told as a
//! mistake to whoever has an older one. Each file's own holds, so that no environment lifts what its base asks for.

use semver::{Version, VersionReq};

use super::diagnostic::{Diagnostics, Reported};
use super::tree::Node;

/// The version that runs.
const OWN: &str = env!("CARGO_PKG_VERSION");

/// How a requirement is written.
const WRITTEN: &str = "write comparisons with releases, all of which hold: `>=0.1, <0.3`";

/// Where a file or a setting says which versions it is for.
pub(super) fn requirement(tree: &Node) -> Option<&Node> {
    tree.get("project")?.get("required_version")
}

/// Refuses a file that is not for the version that runs, or does not say in a way that can be read which it is for.
pub(super) fn check(file: &Node, diagnostics: &mut Diagnostics) -> Result<(), Reported> {
    let Some(node) = requirement(file) else { return Ok(()) };
    let refused = match node.as_str() {
        Some(text) => refusal(text, OWN),
        None => Some((format!("`required_version` is a string, not {}", node.type_name()), WRITTEN)),
    };
    let Some((message, help)) = refused else { return Ok(()) };
    diagnostics.error(node.place, message).help(help);
    Err(Reported)
}

/// Why a version does not meet a requirement, and what to do about it.
fn refusal(text: &str, version: &str) -> Option<(String, &'static str)> {
    let requirement = match VersionReq::parse(text) {
        Ok(requirement) => requirement,
        Err(error) => return Some((format!("`{text}` is no requirement: {error}"), WRITTEN)),
    };
    if requirement.comparators.iter().any(|comparator| !comparator.pre.is_empty()) {
        // One of them would let in some pre-releases and not others, by rules that nobody remembers.
        return Some((format!("`{text}` names a pre-release"), WRITTEN));
    }
    let meets = Version::parse(version).is_ok_and(|version| requirement.matches(&version));
    (!meets).then(|| {
        let message = format!("this is pipectl {version}, and the spec is for `{text}`");
        (message, "install a pipectl that it allows, in CI by another `PIPECTL_IMAGE`; or change `required_version`, if the spec works with this one")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_held_against_what_is_required() {
        let refused = |text, version| refusal(text, version).map(|(message, _)| message);
        for (text, version) in [
            (">=0.1, <0.3", "0.1.0"),
            (">=0.1, <0.3", "0.2.9"),
            ("0.1", "0.1.7"),
            ("=0.1.0", "0.1.0"),
            ("^1.2", "1.9.0"),
            ("~1.2.3", "1.2.4"),
            ("*", "7.0.0"),
        ] {
            assert_eq!(refused(text, version), None, "{text} {version}");
        }
        for (text, version) in [
            (">=0.1, <0.3", "0.3.0"),
            (">=0.2", "0.1.0"),
            ("0.1", "0.2.0"),
            ("=0.1.0", "0.1.1"),
            // A pre-release may lack what its release has.
            (">=0.3", "0.3.0-rc.1"),
            ("*", "0.3.0-rc.1"),
        ] {
            let message = format!("this is pipectl {version}, and the spec is for `{text}`");
            assert_eq!(refused(text, version), Some(message), "{text} {version}");
        }
    }

    #[test]
    fn what_is_no_requirement_is_refused_whatever_runs() {
        for text in
            ["", " ", "new", ">=0.1 <0.3", "0.1.0.0", "${env}", ">=0.3.0-rc.1", "<1, 0.2.0-beta", ">=", "0.1,,0.2"]
        {
            assert!(refusal(text, OWN).is_some_and(|(_, help)| help == WRITTEN), "{text}");
        }
    }

    #[test]
    fn the_version_that_runs_is_one() {
        assert!(Version::parse(OWN).is_ok());
    }
}
