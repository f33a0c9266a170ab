//! Names of Snowflake's objects, as a spec holds them.

/// Takes a dotted name apart into identifiers, each quoted for SQL: `raw.clicks` → `"RAW"`, `"CLICKS"`.
///
/// An identifier without quotes is a letter or `_` and then letters, digits, `_` and `$`; Snowflake reads it in upper
/// case. One in double quotes is taken as it stands. Anything else is `None`.
pub fn identifiers(text: &str) -> Option<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = text;
    loop {
        let (identifier, after) = if rest.starts_with('"') { quoted(rest)? } else { plain(rest)? };
        found.push(identifier);
        match after.strip_prefix('.') {
            Some(more) => rest = more,
            None => return after.is_empty().then_some(found),
        }
    }
}

/// The plain identifier that a text begins with, quoted, and what follows.
fn plain(text: &str) -> Option<(String, &str)> {
    let end = text.find('.').unwrap_or(text.len());
    let (name, after) = text.split_at(end);
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let fits = starts && name.len() <= 255 && name.chars().all(|c| c.is_ascii_alphanumeric() || "_$".contains(c));
    fits.then(|| (format!("\"{}\"", name.to_ascii_uppercase()), after))
}

/// The quoted identifier that a text begins with, and what follows; a quote within is written twice.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut from = 1;
    loop {
        let end = from + text.get(from..)?.find('"')?;
        if text[end + 1..].starts_with('"') {
            from = end + 2;
            continue;
        }
        let (name, after) = text.split_at(end + 1);
        let fits = name.len() > 2 && name.len() <= 257 && !name.contains(char::is_control);
        return fits.then(|| (name.to_owned(), after));
    }
}

#[cfg(test)]
mod tests {
    use super::identifiers;

    #[test]
    fn plain_identifiers_are_read_in_upper_case_and_quoted_ones_as_they_stand() {
        assert_eq!(identifiers("analytics.RAW.clicks_1").unwrap(), ["\"ANALYTICS\"", "\"RAW\"", "\"CLICKS_1\""]);
        assert_eq!(identifiers(r#"DB."My ""odd"". Schema""#).unwrap(), ["\"DB\"", r#""My ""odd"". Schema""#]);
    }

    #[test]
    fn what_could_break_out_of_a_statement_is_no_identifier() {
        for text in ["", "a.", ".a", "1a", "a b", "a; DROP TABLE b", "\"a", "a\"b\"", "\"\"", "a.\"b\"c", "a'"] {
            assert_eq!(identifiers(text), None, "{text}");
        }
    }
}
