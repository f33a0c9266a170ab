//! Colours, and text made safe for a terminal. Colours go away by themselves where no terminal is: see `cli::printer`.

use std::fmt;

use anstyle::{AnsiColor, Effects, Style};

use crate::engine::plan::Action;

/// Headings.
pub const BOLD: Style = Style::new().effects(Effects::BOLD);
/// What is beside the point.
pub const DIM: Style = Style::new().effects(Effects::DIMMED);
/// Made, done, healthy.
pub const GOOD: Style = AnsiColor::Green.on_default();
/// Changed, noteworthy.
pub const CHANGE: Style = AnsiColor::Yellow.on_default();
/// Deleted, failed.
pub const BAD: Style = AnsiColor::Red.on_default();
/// What to do next.
pub const HELP: Style = AnsiColor::Cyan.on_default();

/// A text in a style.
pub fn paint(style: Style, text: impl fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Text that came from AWS or from a spec: control characters are escaped, so that none reaches a terminal; so are
/// the characters that change the direction of text.
pub struct Clean<'a>(pub &'a str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            if letter.is_control() || unseen(letter) {
                write!(f, "{}", letter.escape_unicode())?;
            } else {
                fmt::Write::write_char(f, letter)?;
            }
        }
        Ok(())
    }
}

/// Letters that change the direction of text, or hide, or are none.
fn unseen(letter: char) -> bool {
    matches!(
        letter,
        '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
            | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
    )
}

/// How an action looks: sign, word, colour.
pub fn action(action: Action) -> (&'static str, &'static str, Style) {
    match action {
        Action::Create => ("+", "create", GOOD),
        Action::Update => ("~", "update", CHANGE),
        Action::Replace => ("±", "replace", BAD),
        Action::Delete => ("-", "delete", BAD),
        Action::Adopt => ("&", "adopt", CHANGE),
        Action::Conflict => ("?", "adopt?", BAD),
        Action::Rename => (">", "rename", CHANGE),
        Action::Forget => ("x", "forget", DIM),
        Action::None => (" ", "as it is", DIM),
    }
}

/// An action's name, where it is the name of a class: of boxes, chips and changes.
pub fn class(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Replace => "replace",
        Action::Delete => "delete",
        Action::Adopt => "adopt",
        Action::Conflict => "conflict",
        Action::Rename => "rename",
        Action::Forget => "forget",
        Action::None => "none",
    }
}

/// A text without its styles, for snapshots.
#[cfg(test)]
pub(super) fn plain(text: &str) -> String {
    regex_lite::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(text, "").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_comes_through() {
        assert_eq!(Clean("a\u{1b}[31mb\nc\u{202e}").to_string(), "a\\u{1b}[31mb\\u{a}c\\u{202e}");
    }
}
