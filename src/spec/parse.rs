//! TOML text to a tree.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use toml_parser::Source;
use toml_parser::lexer::TokenKind;

use super::place::SourceSpan;
use super::tree::{Data, Entry, Node};

/// Deepest nesting of tables and arrays.
pub(super) const MAX_DEPTH: usize = 64;

/// Why a text is no tree.
#[derive(Debug)]
pub(super) struct Misread {
    pub(super) place: SourceSpan,
    pub(super) message: String,
}

impl Misread {
    fn new(place: SourceSpan, message: impl Into<String>) -> Self {
        Self { place, message: message.into() }
    }
}

/// The tree of a document, which is the whole text of `source`.
pub(super) fn document(source: usize, text: &str) -> Result<Node, Misread> {
    let at = At { source, shift: 0 };
    at.check_depth(text)?;
    let table = DeTable::parse(text).map_err(|error| at.misread(&error))?;
    at.node(&Spanned::new(table.span(), DeValue::Table(table.into_inner())))
}

/// The tree of a single value, which begins at the byte `shift` of `source`.
pub(super) fn value(source: usize, shift: usize, text: &str) -> Result<Node, Misread> {
    let at = At { source, shift };
    at.check_depth(text)?;
    at.node(&DeValue::parse(text).map_err(|error| at.misread(&error))?)
}

/// Where the text stands that is parsed.
struct At {
    source: usize,
    shift: usize,
}

impl At {
    fn place(&self, span: Range<usize>) -> SourceSpan {
        SourceSpan::new(self.source, span.start + self.shift..span.end + self.shift)
    }

    fn misread(&self, error: &toml::de::Error) -> Misread {
        let place = error.span().map_or(SourceSpan::whole(self.source), |span| self.place(span));
        Misread::new(place, error.message())
    }

    /// Refuses text nested so deeply that parsing it, or dropping what was parsed, could exhaust the stack:
    /// the parser itself bounds brackets, not dotted keys.
    fn check_depth(&self, text: &str) -> Result<(), Misread> {
        let (mut around, mut depth, mut dots) = (Vec::new(), 0, 0);
        for token in Source::new(text).lex() {
            match token.kind() {
                TokenKind::Dot => dots += 1,
                TokenKind::Comma | TokenKind::Newline => dots = 0,
                TokenKind::LeftSquareBracket | TokenKind::LeftCurlyBracket => {
                    around.push(depth);
                    depth += dots + 1;
                    dots = 0;
                }
                TokenKind::RightSquareBracket | TokenKind::RightCurlyBracket => {
                    depth = around.pop().unwrap_or_default();
                    dots = 0;
                }
                _ => {}
            }
            if depth + dots > MAX_DEPTH {
                let place = self.place(token.span().start()..token.span().end());
                return Err(Misread::new(place, format!("nested more than {MAX_DEPTH} levels deep")));
            }
        }
        Ok(())
    }

    fn node(&self, value: &Spanned<DeValue<'_>>) -> Result<Node, Misread> {
        let place = self.place(value.span());
        let out_of_range = || Misread::new(place, "this number is out of range");
        let data = match value.get_ref() {
            DeValue::String(text) => Data::String(text.to_string()),
            DeValue::Boolean(boolean) => Data::Boolean(*boolean),
            DeValue::Datetime(datetime) => Data::Datetime(datetime.to_string()),
            DeValue::Integer(number) => {
                let number = i64::from_str_radix(number.as_str(), number.radix());
                Data::Integer(number.map_err(|_| out_of_range())?)
            }
            // What the parser passes as a float, `parse` can read; JSON has no infinity, and nothing here needs one.
            DeValue::Float(number) => {
                let number = number.as_str().parse().ok().filter(|number: &f64| number.is_finite());
                Data::Float(number.ok_or_else(out_of_range)?)
            }
            DeValue::Array(items) => Data::Array(items.iter().map(|item| self.node(item)).collect::<Result<_, _>>()?),
            DeValue::Table(entries) => {
                let entry = |(key, value): (&Spanned<_>, _)| {
                    let entry = Entry { key: self.place(key.span()), node: self.node(value)? };
                    Ok((ToString::to_string(key.get_ref()), entry))
                };
                Data::Table(entries.iter().map(entry).collect::<Result<_, _>>()?)
            }
        };
        Ok(Node { data, place })
    }
}
