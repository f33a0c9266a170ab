//! Colours, and text made safe for a terminal. Colours go away by themselves where no terminal is: see `cli::printer`.

use std::fmt;
use std::sync::LazyLock;

use anstyle::{AnsiColor, Effects, Style};

use crate::engine::plan::Action;
pub use crate::model::text::Clean;
use crate::model::text::acts;

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

/// A text in a style, which is marked as pipectl's own.
pub fn paint(style: Style, text: impl fmt::Display) -> String {
    format!("{}{text}{}", own(&style.render().to_string()), own(&style.render_reset().to_string()))
}

/// A number that nobody else knows, for this run: a parameter of every style that pipectl sets, which [`seen`] takes away
/// again. A style without it came from somewhere else.
static MARK: LazyLock<String> = LazyLock::new(|| (uuid::Uuid::new_v4().as_u128() >> 64).to_string());

/// Marks the styles of a text as pipectl's own: of one that a renderer has made, which lets no others through.
pub fn own(text: &str) -> String {
    let mut marked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(ESCAPE) {
        marked.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = style_length(rest).unwrap_or(ESCAPE.len_utf8());
        let (style, after) = rest.split_at(length);
        match style.strip_suffix('m') {
            Some(style) => marked.extend([style, ";", MARK.as_str(), "m"]),
            None => marked.push_str(style),
        }
        rest = after;
    }
    marked + rest
}

/// A text as a terminal may have it: pipectl's own styles as they are; whatever else acts instead of being seen is escaped,
/// wherever it came from. Lines end where they end, and tabs stay.
pub fn seen(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|letter| acts(letter) && !matches!(letter, '\n' | '\t')) {
        shown.push_str(&rest[..at]);
        rest = &rest[at..];
        let style = style_length(rest).map(|length| &rest[..length]);
        let end = format!(";{}m", *MARK);
        if let Some((style, own)) = style.and_then(|style| Some((style, style.strip_suffix(&end)?))) {
            shown.extend([own, "m"]);
            rest = &rest[style.len()..];
        } else if let Some(letter) = rest.chars().next() {
            shown.extend(letter.escape_unicode());
            rest = &rest[letter.len_utf8()..];
        }
    }
    shown + rest
}

const ESCAPE: char = '\u{1b}';

/// How long the style is that a text begins with: `ESC [ 1 ; 31 m`.
fn style_length(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\u{1b}[")?;
    let end = parameters.find(|letter: char| !matches!(letter, '0'..='9' | ';'))?;
    parameters[end..].starts_with('m').then_some("\u{1b}[".len() + end + 1)
}

/// JSON as a terminal may have it: the same value, with what acts instead of being seen in JSON's own escapes.
pub fn seen_json(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for letter in text.chars() {
        // JSON escapes those below a blank itself; outside of texts it has line breaks and blanks alone.
        if letter >= '\u{7f}' && acts(letter) {
            let mut units = [0; 2];
            shown.extend(letter.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            shown.push(letter);
        }
    }
    shown
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
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn own_styles_come_through_and_others_do_not() {
        let text = format!("{} \u{1b}[31mred\u{1b}[0m \u{9b}31m \u{1b}]0;title\u{7} \u{202e}", paint(BAD, "bad"));
        let shown = "\u{1b}[31mbad\u{1b}[0m \\u{1b}[31mred\\u{1b}[0m \\u{9b}31m \\u{1b}]0;title\\u{7} \\u{202e}";
        assert_eq!(seen(&text), shown);
    }

    #[test]
    fn json_stays_the_same_value() {
        let value = serde_json::json!({"a\u{202e}": "\u{1b}[31m\u{9b}\u{e0041}\u{feff}ü\n"});
        let shown = seen_json(&value.to_string());
        assert!(!shown.chars().any(acts), "{shown}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).unwrap(), value);
    }

    proptest! {
        #[test]
        fn nothing_acts_but_lines_tabs_and_own_styles(text in any::<String>(), hostile in prop::collection::vec(
            prop::sample::select(vec!["\u{1b}[31m", "\u{1b}[0;7m", "\u{9b}2J", "\r", "\u{8}", "\u{202e}", "\u{2066}", "\u{1b}", "[", ";", "m"]),
            0..9,
        )) {
            let text = text + &hostile.concat();
            let shown = seen(&format!("{text}{}", paint(BOLD, &text)));
            let without = shown.replace("\u{1b}[1m", "").replace("\u{1b}[0m", "");
            let outside = |c: char| acts(c) && !matches!(c, '\n' | '\t');
            prop_assert!(!without.chars().any(outside), "{without:?}");
        }
    }
}
