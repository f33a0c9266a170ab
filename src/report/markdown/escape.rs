//! Text from AWS or a spec in Markdown: it neither ends what it stands in, nor begins anything, nor mentions anybody.
//!
//! What stands in code is never a reference to a person, an issue or a label, for GitLab as for others. References
//! outside code are looked for after Markdown is done, so that escaping their first letter is not enough there.

use crate::report::style::Clean;

/// Text as code on one line.
pub(super) fn code(text: &str) -> String {
    let text = Clean(text).to_string();
    // Of what stands between backticks, only a backtick means anything; angle brackets are not trusted even there.
    if text.is_empty() || text.starts_with(' ') || text.ends_with(' ') || text.contains(['`', '<']) {
        format!("<code>{}</code>", escaped(&text))
    } else {
        format!("`{text}`")
    }
}

/// A sentence; what it has between backticks becomes code.
pub(super) fn prose(text: &str) -> String {
    // What stands at the beginning of an entry may begin a list, a rule or a block of code within it.
    let (mut out, text) = match text.chars().next() {
        Some(first) if first.is_ascii_digit() || " -+=".contains(first) => (reference(first), &text[1..]),
        _ => (String::new(), text),
    };
    let pieces: Vec<&str> = text.split('`').collect();
    let last = pieces.len() - 1;
    for (index, piece) in pieces.into_iter().enumerate() {
        match index % 2 {
            1 if index < last => out += &code(piece),
            // The last backtick has no other.
            1 => out += &harmless(&format!("`{piece}")),
            _ => out += &harmless(piece),
        }
    }
    out
}

/// What GitLab's and GitHub's references begin with: people, issues, merge requests, labels, milestones, snippets …
const STARTERS: &str = "@#!~%$&^[";

/// Text outside code. A blank without width parts what begins a reference from its name: `@` and `ann`.
fn harmless(text: &str) -> String {
    let mut out = String::new();
    for letter in Clean(text).to_string().chars() {
        out += &escaped(letter.encode_utf8(&mut [0; 4]));
        if STARTERS.contains(letter) {
            out += "&#8203;";
        }
    }
    out
}

/// Letters besides ASCII's own that mean nothing to Markdown within a line.
const PLAIN: &str = " .,;:()'\"-/=+?";

/// Everything that could mean something as a numeric character reference, which is only ever text.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars() {
        if !letter.is_ascii() || letter.is_ascii_alphanumeric() || PLAIN.contains(letter) {
            out.push(letter);
        } else {
            out += &reference(letter);
        }
    }
    out
}

/// A letter as nothing but a letter.
fn reference(letter: char) -> String {
    format!("&#{};", u32::from(letter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_left_readable_and_never_ends_early() {
        assert_eq!(code("acme|x @ann *b*"), "`acme|x @ann *b*`");
        assert_eq!(code("a`b<i>"), "<code>a&#96;b&#60;i&#62;</code>");
        assert_eq!(code("a\nb\u{202e}"), r"`a\u{a}b\u{202e}`");
        assert_eq!(code(""), "<code></code>");
    }

    #[test]
    fn a_sentence_keeps_its_code_and_mentions_nobody() {
        assert_eq!(prose("`old` is deleted, `new` stays"), "`old` is deleted, `new` stays");
        assert_eq!(prose("ask @ann about #1: a_b"), "ask &#64;&#8203;ann about &#35;&#8203;1: a&#95;b");
        assert_eq!(prose("one ` alone"), "one &#96; alone");
        assert_eq!(prose("a `<b` c"), "a <code>&#60;b</code> c");
    }

    #[test]
    fn a_sentence_begins_no_list_no_rule_and_no_code() {
        for (text, expected) in
            [("- - -", "&#45; - -"), ("1. x", "&#49;. x"), ("     x", "&#32;    x"), ("+ x", "&#43; x")]
        {
            assert_eq!(prose(text), expected);
        }
    }
}
