//! Words in lines that fit.

/// The words with blanks between them; lines after the first begin with `indent` blanks, and none is wider than `width`
/// unless a single word is. `column` is where the first begins. Colours take no room.
pub fn wrapped<'a>(words: impl IntoIterator<Item = &'a str>, column: usize, indent: usize, width: usize) -> String {
    let mut out = String::new();
    let mut at = column;
    for word in words {
        let length = columns(word);
        if out.is_empty() {
            at += length;
        } else if at + 1 + length > width {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            at = indent + length;
        } else {
            out.push(' ');
            at += 1 + length;
        }
        out.push_str(word);
    }
    out
}

/// How many letters of a word are seen: those between an escape and its `m` are colours.
fn columns(word: &str) -> usize {
    let mut parts = word.split('\u{1b}');
    let first = parts.next().map_or(0, |part| part.chars().count());
    first + parts.filter_map(|part| part.split_once('m')).map(|(_, seen)| seen.chars().count()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_between_words_and_nowhere_else() {
        let text = "one two three a-word-that-is-too-long four";
        assert_eq!(wrapped(text.split(' '), 4, 2, 14), "one two\n  three\n  a-word-that-is-too-long\n  four");
    }

    #[test]
    fn colours_take_no_room() {
        let words = ["\u{1b}[31mone\u{1b}[0m", "two"];
        assert_eq!(wrapped(words, 0, 0, 7), "\u{1b}[31mone\u{1b}[0m two");
    }
}
