//! Whether what a function is built of is the same tomorrow.

use crate::files::bounded;
use crate::files::project::{Links, Project};
use crate::spec::check::Checks;

/// Where pip reads what to install.
const REQUIREMENTS: &str = "requirements.txt";
/// The files that say the version of everything, by the tool that writes them.
const LOCKS: [&str; 6] = ["uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "requirements.lock"];
/// Far more than any list of requirements has.
const MOST: u64 = 4 << 20;

/// Warns of a folder of Python code whose `requirements.txt` leaves a version open, and which has no lock file besides.
pub(super) fn check(code: &str, runtime: &str, checks: &mut Checks<'_>) {
    if !runtime.starts_with("python") {
        return;
    }
    let Ok(project) = Project::at(checks.root()) else { return };
    let within = |file: &str| project.inside(&format!("{code}/{file}"), Links::Refused).ok();
    let exists = |file: &&str| within(file).is_some_and(|path| path.as_path().is_file());
    let text = within(REQUIREMENTS).and_then(|path| bounded::read_text(path.as_path(), MOST).ok());
    let Some(open) = text.as_deref().and_then(open) else { return };
    if LOCKS.iter().any(exists) {
        return;
    }
    checks
        .warning("code", format!("`{code}/{REQUIREMENTS}` leaves the version of `{open}` open: each build may install another"))
        .help("write the version of everything, with hashes: `uv pip compile --generate-hashes` or `pip-compile --generate-hashes`");
}

/// The first requirement whose version is open.
fn open(requirements: &str) -> Option<&str> {
    let lines = requirements.lines().map(|line| line.split(" #").next().unwrap_or(line).trim());
    // An option, as of another file, and the hashes that continue a line say no requirement.
    let mut said = lines.filter(|line| !line.is_empty() && !line.starts_with(['#', '-']));
    let fixed = |line: &str| line.contains("==") && !line.contains(".*") || line.contains(" @ ");
    let found = said.find(|line| !fixed(line))?;
    found.split(|letter: char| !letter.is_alphanumeric() && !"-_.".contains(letter)).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_requirement_is_open_unless_it_says_one_version_or_a_place() {
        let fixed = "# pinned\n--require-hashes\n-r more.txt\na==1.0 \\\n    --hash=sha256:00\nb[x]==2.0 ; python_version > '3'\nc @ https://example.com/c.whl\n";
        assert_eq!(open(fixed), None);
        for (line, name) in
            [("requests", "requests"), ("a-b_c>=1,<2  # why", "a-b_c"), ("d[x]~=1.0", "d"), ("e==1.*", "e")]
        {
            assert_eq!(open(&format!("{fixed}{line}\nlater\n")), Some(name), "{line}");
        }
    }
}
