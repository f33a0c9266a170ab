//! The tokens of jq 1.6.

use super::error::Error;

/// A token; those of a string are read by the parser, which goes on with the expressions inside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'a> {
    /// A name: of a function, a variable, a key.
    Ident(&'a str),
    /// A word that has a meaning of its own.
    Keyword(&'a str),
    /// `.name`.
    Field,
    /// A number.
    Number(f64),
    /// `@base64`.
    Format,
    /// The quotation mark that begins a string.
    Quote,
    /// An operator or a bracket.
    Sign(&'a str),
    /// The end of the expression.
    End,
}

const KEYWORDS: [&str; 19] = [
    "as", "import", "include", "module", "def", "if", "then", "else", "elif", "and", "or", "end", "reduce", "foreach",
    "try", "catch", "label", "break", "__loc__",
];
/// The longest first.
const SIGNS: [&str; 35] = [
    "?//", "//=", "!=", "==", "//", "|=", "+=", "-=", "*=", "/=", "%=", "<=", ">=", "..", ".", "?", "=", ";", ",", ":",
    "|", "+", "-", "*", "/", "%", "$", "<", ">", "[", "]", "{", "}", "(", ")",
];

/// The token that begins at or behind byte `from`, where it begins, and where it ends.
pub(super) fn token(text: &str, from: usize) -> Result<(Token<'_>, usize, usize), Error> {
    let start = from + blank(&text[from..]);
    let rest = &text[start..];
    let Some(first) = rest.chars().next() else { return Ok((Token::End, start, start)) };
    let (token, length) = if first == '"' {
        (Token::Quote, 1)
    } else if first == '@' && name_length(&rest[1..], true) > 0 {
        (Token::Format, 1 + name_length(&rest[1..], true))
    } else if name_length(rest, false) > 0 {
        let word = &rest[..path_length(rest)];
        (if KEYWORDS.contains(&word) { Token::Keyword(word) } else { Token::Ident(word) }, word.len())
    } else if first == '.' && name_length(&rest[1..], false) > 0 {
        (Token::Field, 1 + name_length(&rest[1..], false))
    } else if let length @ 1.. = number_length(rest) {
        let written = &rest[..length];
        let number = written.parse().map_err(|_| Error::new(start, format!("`{written}` is no number")))?;
        (Token::Number(number), length)
    } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
        (Token::Sign(sign), sign.len())
    } else {
        return Err(Error::new(start, format!("`{first}` means nothing")));
    };
    Ok((token, start, start + length))
}

/// How long the blanks and comments are that a text begins with. A carriage return is no blank in jq 1.6.
fn blank(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([' ', '\n', '\t']);
        match rest.strip_prefix('#') {
            Some(comment) => rest = &comment[comment.find('\n').unwrap_or(comment.len())..],
            None => return text.len() - rest.len(),
        }
    }
}

fn name_length(text: &str, digit_first: bool) -> usize {
    let fits = |(index, c): (usize, char)| {
        c.is_ascii_alphabetic() || c == '_' || (c.is_ascii_digit() && (digit_first || index > 0))
    };
    text.char_indices().find(|&each| !fits(each)).map_or(text.len(), |(index, _)| index)
}

/// Of a name with the modules that it is in: `a::b`.
fn path_length(text: &str) -> usize {
    let mut length = name_length(text, false);
    while let Some(next) = text[length..].strip_prefix("::").filter(|next| name_length(next, false) > 0) {
        length += 2 + name_length(next, false);
    }
    length
}

/// Any run of digits and dots, of which one or two dots alone are signs, and an exponent.
fn number_length(text: &str) -> usize {
    let run = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    if run == 0 || matches!(&text[..run], "." | "..") {
        return 0;
    }
    let Some(exponent) = text[run..].strip_prefix(['e', 'E']) else { return run };
    let signed = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let digits = signed.find(|c: char| !c.is_ascii_digit()).unwrap_or(signed.len());
    if digits == 0 { run } else { text.len() - signed.len() + digits }
}
