//! Terms: what operators stand between.

use super::{Error, Parsed, Parser};
use crate::spec::jq::constant::Constant;
use crate::spec::jq::lexer::{Token, token};
use crate::spec::jq::scope::builtins;

impl Parser<'_> {
    /// The key of an object; returns whether it may stand without a value.
    pub(super) fn key(&mut self) -> Parsed<bool> {
        match self.now {
            Token::Ident(_) => self.advance().map(|()| true),
            Token::Keyword(_) => self.advance().map(|()| false),
            Token::Quote | Token::Format => self.string().map(|_| true),
            Token::Sign("(") => {
                let at = self.start;
                self.advance()?;
                let constant = self.expression(0)?;
                self.expect(")")?;
                match constant {
                    // Whether all of several are texts shows only when it runs.
                    None | Some(Constant::String | Constant::Several) => Ok(false),
                    Some(other) => Err(Error::new(at, format!("cannot use {} as the key of an object", other.word()))),
                }
            }
            _ => Err(self.unexpected()),
        }
    }

    pub(super) fn term(&mut self) -> Parsed {
        let mut constant = self.head()?;
        loop {
            match self.now {
                Token::Field => self.advance()?,
                Token::Sign(".") => {
                    self.advance()?;
                    self.string()?;
                }
                Token::Sign("[") => self.suffix()?,
                _ => return Ok(constant),
            }
            constant = None;
            // A `?` behind a path belongs to it, so that the path can go on; behind anything else it ends the term.
            self.take("?")?;
        }
    }

    /// `[]`, `[1]`, `[1:2]`, `[1:]`, `[:2]`.
    fn suffix(&mut self) -> Parsed<()> {
        self.advance()?;
        if self.take("]")? {
            return Ok(());
        }
        if self.take(":")? {
            self.expression(0)?;
            return self.expect("]");
        }
        self.expression(0)?;
        if self.take(":")? && !self.is("]") {
            self.expression(0)?;
        }
        self.expect("]")
    }

    fn head(&mut self) -> Parsed {
        match self.now {
            Token::Number(number) => self.advance().map(|()| Some(Constant::Number(number))),
            Token::Quote => self.string(),
            Token::Format => {
                let (next, ..) = token(self.text, self.end)?;
                if next == Token::Quote { self.string() } else { self.advance().map(|()| None) }
            }
            Token::Field => {
                self.advance()?;
                self.take("?")?;
                Ok(None)
            }
            Token::Sign("..") => self.advance().map(|()| None),
            Token::Sign(".") => {
                self.advance()?;
                if matches!(self.now, Token::Quote | Token::Format) {
                    self.string()?;
                    self.take("?")?;
                }
                Ok(None)
            }
            Token::Sign("(") => {
                self.advance()?;
                let constant = self.expression(0)?;
                self.expect(")")?;
                Ok(constant)
            }
            Token::Sign("[") => {
                self.advance()?;
                if self.take("]")? {
                    return Ok(Some(Constant::Array));
                }
                let items = self.expression(0)?;
                self.expect("]")?;
                Ok(items.map(|_| Constant::Array))
            }
            Token::Sign("{") => self.object(),
            Token::Sign("$") => self.variable(),
            Token::Keyword("break") => {
                let at = self.start;
                self.advance()?;
                self.expect("$")?;
                let name = self.ident()?;
                if self.scope.has_label(name) {
                    Ok(None)
                } else {
                    Err(Error::new(at, format!("there is no label `${name}`")))
                }
            }
            Token::Ident(name) => self.call(name),
            _ => Err(self.unexpected()),
        }
    }

    fn object(&mut self) -> Parsed {
        self.advance()?;
        let mut constant = true;
        while !self.is("}") {
            if self.is("$") {
                self.advance()?;
                let at = self.start;
                let name = self.ident()?;
                self.known(name, at)?;
                constant = false;
            } else {
                let alone = self.key()?;
                if self.take(":")? {
                    constant &= self.value()?.is_some_and(|value| value != Constant::Several);
                } else if alone {
                    constant = false;
                } else {
                    return Err(self.unexpected());
                }
            }
            if !self.is("}") {
                self.expect(",")?;
            }
        }
        self.advance()?;
        Ok(constant.then_some(Constant::Object))
    }

    /// The value of a key: terms with `-` before them and `|` between them, and nothing else.
    pub(super) fn value(&mut self) -> Parsed {
        self.deeper()?;
        let mut constant = None;
        loop {
            let negative = self.is("-");
            while self.take("-")? {}
            let term = self.term()?;
            let only = constant.is_none() && !negative;
            constant = Some(term.filter(|_| only));
            if !self.take("|")? {
                self.depth -= 1;
                return Ok(constant.flatten());
            }
        }
    }

    fn variable(&mut self) -> Parsed {
        self.advance()?;
        if self.is_word("__loc__") {
            self.advance()?;
            return Ok(Some(Constant::Object));
        }
        let at = self.start;
        let name = self.ident()?;
        self.known(name, at)?;
        Ok(None)
    }

    fn known(&self, name: &str, at: usize) -> Parsed<()> {
        if self.scope.has_variable(name) { Ok(()) } else { Err(Error::new(at, format!("`${name}` is not defined"))) }
    }

    /// A function with its arguments.
    fn call(&mut self, name: &str) -> Parsed {
        let at = self.start;
        self.advance()?;
        let mut arguments = 0;
        if self.take("(")? {
            loop {
                self.expression(0)?;
                arguments += 1;
                if !self.take(";")? {
                    break;
                }
            }
            self.expect(")")?;
        } else {
            match name {
                "null" => return Ok(Some(Constant::Null)),
                "true" | "false" => return Ok(Some(Constant::Boolean)),
                _ => {}
            }
        }
        if self.scope.has_function(name, arguments) {
            return Ok(None);
        }
        let others: Vec<String> = builtins(name).map(|number| format!("`{name}/{number}`")).collect();
        let known = if others.is_empty() { String::new() } else { format!(": there is {}", others.join(" and ")) };
        Err(Error::new(at, format!("`{name}/{arguments}` is not defined in jq 1.6{known}")))
    }

    /// A string, with the format before it, if there is one, and the expressions in it.
    fn string(&mut self) -> Parsed {
        let formatted = self.now == Token::Format;
        if formatted {
            self.advance()?;
        }
        if self.now != Token::Quote {
            return Err(self.unexpected());
        }
        let mut constant = true;
        loop {
            if self.text_of_string()? == '"' {
                break;
            }
            self.advance()?;
            self.expression(0)?;
            constant = false;
            if !self.is(")") {
                return Err(self.unexpected());
            }
        }
        self.advance()?;
        Ok(constant.then_some(Constant::String))
    }

    /// Reads text up to the end of the string, `"`, or to an expression in it, `(`.
    fn text_of_string(&mut self) -> Parsed<char> {
        let rest = &self.text[self.end..];
        let mut characters = rest.char_indices();
        while let Some((index, c)) = characters.next() {
            let at = self.end + index;
            let next = if c == '\\' { characters.next().map(|(_, c)| c) } else { None };
            match (c, next) {
                ('\\', Some('(')) => {
                    self.end = at + 2;
                    return Ok('(');
                }
                ('\\', Some('u')) => {
                    let code =
                        four_digits(&rest[index + 2..]).ok_or_else(|| Error::new(at, "invalid \\uXXXX escape"))?;
                    (0..4).for_each(|_| _ = characters.next());
                    let low = rest[index + 6..].strip_prefix("\\u").and_then(four_digits);
                    if (0xd800..0xdc00).contains(&code) && !low.is_some_and(|low| (0xdc00..0xe000).contains(&low)) {
                        return Err(Error::new(at, "invalid \\uXXXX\\uXXXX surrogate pair escape"));
                    }
                }
                ('\\', Some('"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't')) => {}
                ('\\', _) => return Err(Error::new(at, "invalid escape")),
                ('"', _) => {
                    self.end = at + 1;
                    return Ok('"');
                }
                _ => {}
            }
        }
        Err(Error::new(self.text.len(), "unexpected end: the string does not end"))
    }
}

fn four_digits(text: &str) -> Option<u32> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}
