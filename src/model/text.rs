//! Text from elsewhere, made fit to be shown in one line.

use std::fmt::{self, Write as _};

/// Text that came from AWS, from a file or from a spec, as one field of a line: every character is escaped that acts
/// instead of being seen, line breaks included, so that no field can pass for a line of pipectl's own.
pub struct Clean<'a>(pub &'a str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            if acts(letter) {
                write!(f, "{}", letter.escape_unicode())?;
            } else {
                f.write_char(letter)?;
            }
        }
        Ok(())
    }
}

/// Whether a letter acts on a terminal or on the order of its text, hides, or is none.
pub fn acts(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// The beginning of bytes that nobody expected, for a sentence: one line, of at most `most` letters.
pub fn beginning(bytes: &[u8], most: usize) -> String {
    // No letter has more than four bytes.
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(most * 4)]);
    let shown: String = text.chars().take(most).collect();
    let more = if bytes.len() > shown.len() { "…" } else { "" };
    format!("{}{more}", Clean(&shown))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_comes_through() {
        assert_eq!(Clean("a\u{1b}[31mb\nc\u{202e}").to_string(), "a\\u{1b}[31mb\\u{a}c\\u{202e}");
        assert_eq!(beginning(b"<html>\x1b[31m", 8), "<html>\\u{1b}[…");
    }

    proptest! {
        #[test]
        fn a_field_is_one_line_of_letters_that_are_seen(text in ".*", hostile in proptest::char::any()) {
            let shown = Clean(&format!("{text}{hostile}\r\n")).to_string();
            prop_assert!(!shown.chars().any(acts));
        }
    }
}
