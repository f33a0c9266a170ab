//! The query of several expressions, and what an expression is in it.

use super::{Error, Parsed, Parser};

/// How an expression is written.
#[derive(Default)]
pub(in crate::spec::jq) struct Form {
    /// Whether it can be the value of a key as it stands.
    pub(in crate::spec::jq) is_value: bool,
    /// Whether a comment is the last thing in it.
    pub(in crate::spec::jq) ends_in_comment: bool,
}

#[expect(clippy::redundant_closure_for_method_calls, reason = "the method is one of a single lifetime")]
pub(in crate::spec::jq) fn form(text: &str) -> Form {
    let whole = |read: fn(&mut Parser<'_>) -> Parsed| {
        let mut parser = Parser::new(text)?;
        read(&mut parser)?;
        parser.finish()?;
        Ok::<_, Error>(text[parser.last..].contains('#'))
    };
    match (whole(|parser| parser.value()), whole(|parser| parser.expression(0))) {
        (Ok(ends_in_comment), _) => Form { is_value: true, ends_in_comment },
        (_, Ok(ends_in_comment)) => Form { is_value: false, ends_in_comment },
        // Nobody sends what does not compile.
        _ => Form::default(),
    }
}

/// The keys of an object, each with the text of its value.
pub(in crate::spec::jq) fn pairs(text: &str) -> Parsed<Vec<(String, String)>> {
    let mut parser = Parser::new(text)?;
    let mut pairs = Vec::new();
    parser.expect("{")?;
    while !parser.is("}") {
        let at = parser.start;
        parser.key()?;
        let key = text[at..parser.last].trim_matches('"').to_owned();
        parser.expect(":")?;
        let at = parser.start;
        parser.value()?;
        pairs.push((key, text[at..parser.last].to_owned()));
        if !parser.is("}") {
            parser.expect(",")?;
        }
    }
    parser.advance()?;
    parser.finish()?;
    Ok(pairs)
}
