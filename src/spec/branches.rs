//! `[branches]`: which environment a branch belongs to. Its keys reach the trust policy of the role that applies, so that each
//! is the name of a branch as Git has them, or the beginning of one with a `*` behind it; and nothing else.

use super::choice::is_name;
use super::diagnostic::Diagnostics;
use super::tree::Node;

/// Checks every branch and its environment.
pub(super) fn check(tree: &Node, diagnostics: &mut Diagnostics) {
    for (branch, entry) in tree.get("branches").and_then(Node::as_table).into_iter().flatten() {
        if let Some(fault) = fault(branch) {
            let (message, help) = match fault {
                Fault::Everything => (
                    "`*` stands for every branch: whoever may push one could apply".to_owned(),
                    "list the branches, or write how they begin: `release/*`".to_owned(),
                ),
                Fault::Form(why) => (
                    format!("`{branch}` cannot be a branch: {why}"),
                    "write the name of a branch, or how it begins with a `*` behind it: `release/*`".to_owned(),
                ),
            };
            diagnostics.error(entry.key, message).help(help);
        }
        if let Some(env) = entry.node.as_str().filter(|env| !is_name(env)) {
            diagnostics
                .error(entry.node.place, format!("`{env}` cannot be the name of an environment"))
                .help("write the name of a file in `envs/` without its ending: `prod`");
        }
    }
}

/// Why a key of `[branches]` names no branches.
enum Fault {
    /// It names all of them.
    Everything,
    /// Git takes no such name, or IAM reads it as something else.
    Form(String),
}

fn fault(branch: &str) -> Option<Fault> {
    if branch == "*" {
        return Some(Fault::Everything);
    }
    // What stands for the rest of a name is as good as any letter.
    let whole = branch.strip_suffix('*').map_or_else(|| branch.to_owned(), |beginning| format!("{beginning}x"));
    forbidden(&whole).map(Fault::Form)
}

/// Why Git would not take a name for a branch (`git check-ref-format --branch`), or IAM not for the name alone.
#[expect(clippy::case_sensitive_file_extension_comparisons, reason = "Git takes `.LOCK`")]
fn forbidden(name: &str) -> Option<String> {
    let letter = name.chars().find(|&c| c.is_control() || c.is_whitespace() || "~^:?*[\\".contains(c));
    if let Some(letter) = letter {
        let hint = if letter == '*' { "; it may stand at the end alone" } else { "" };
        return Some(format!("Git takes no `{}` in one{hint}", letter.escape_debug()));
    }
    let parts = || name.split('/');
    let why = if name.is_empty() {
        "it is empty"
    } else if parts().any(str::is_empty) {
        "it begins or ends with `/`, or has two of them together"
    } else if parts().any(|part| part.starts_with('.')) || name.ends_with('.') {
        "no part of one begins with a dot, and none ends with one"
    } else if name.contains("..") {
        "Git takes no `..` in one"
    } else if parts().any(|part| part.ends_with(".lock")) {
        "no part of one ends in `.lock`"
    } else if name.contains("@{") || name == "@" {
        "`@` alone and `@{` mean something else to Git"
    } else if name.starts_with('-') {
        "it would be taken for an option"
    } else if name == "HEAD" {
        "`HEAD` means something else to Git"
    } else if name.contains("${") {
        "IAM reads `${` as the beginning of a variable"
    } else {
        return None;
    };
    Some(why.to_owned())
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    const GOOD: [&str; 9] =
        ["main", "release/1.2", "feature/a-b_c", "a@b", "v1.0", "a$b", "x.locks", "größe", "user/ana#3"];
    const BAD: [&str; 27] = [
        "", "a b", "a~1", "a^", "a:b", "rel?", "a[b]", "a\\b", "a..b", "a@{1}", "a.lock", "a.lock/b", "/a", "a/",
        "a//b", ".a", "a/.b", "a.", "a\tb", "a\nb", "a\u{7f}b", "-a", "HEAD", "*a", "a*b", "a**", "?",
    ];

    #[test]
    fn names_of_branches_are_those_that_git_takes() {
        for (names, good) in [(&GOOD[..], true), (&BAD[..], false)] {
            for name in names {
                assert_eq!(fault(name).is_none(), good, "{name:?}");
                let git = Command::new("git").args(["check-ref-format", "--branch", name]).output().unwrap();
                assert_eq!(git.status.success(), good, "git and {name:?}");
            }
        }
    }

    #[test]
    fn what_means_something_else_is_no_branch() {
        assert!(fault("@").is_some(), "to Git it is HEAD");
        assert!(fault("a${b}").is_some(), "to IAM it is a variable");
    }

    #[test]
    fn how_branches_begin_is_a_name_with_a_star_behind_it() {
        for pattern in ["release/*", "rel*", "a.*", "a/b/*"] {
            assert!(fault(pattern).is_none(), "{pattern}");
        }
        for pattern in
            ["*", "**", "/*", "release//*", "rel?*", "a b*", ".*", "-*", "a/*/b", "*/a", "${aws:userid}*", "${x}"]
        {
            assert!(fault(pattern).is_some(), "{pattern}");
        }
    }
}
