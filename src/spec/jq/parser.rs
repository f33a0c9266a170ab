//! The grammar of jq 1.6.

mod query;
mod term;

use super::constant::{Constant, fold};
use super::error::Error;
use super::lexer::{Token, token};
use super::scope::Scope;

pub(super) use query::{form, pairs};

pub(super) type Parsed<T = Option<Constant>> = Result<T, Error>;

/// Deeper than this nothing is read: no expression that somebody writes is.
const DEEPEST: usize = 100;

/// How tightly operators bind, from the loosest.
mod binding {
    pub(super) const PIPE: u8 = 1;
    pub(super) const COMMA: u8 = 2;
    pub(super) const ALTERNATIVE: u8 = 3;
    pub(super) const ASSIGN: u8 = 4;
    pub(super) const OR: u8 = 5;
    pub(super) const AND: u8 = 6;
    pub(super) const COMPARE: u8 = 7;
    pub(super) const ADD: u8 = 8;
    pub(super) const MULTIPLY: u8 = 9;
    pub(super) const TIGHTEST: u8 = 10;
}

/// Reads a whole expression that could stand in parentheses.
pub(super) fn parse(text: &str) -> Parsed {
    let mut parser = Parser::new(text)?;
    let constant = parser.expression(0)?;
    parser.finish()?;
    Ok(constant)
}

struct Parser<'a> {
    text: &'a str,
    /// The next token, where it begins and ends, and where the one before it ended.
    now: Token<'a>,
    start: usize,
    end: usize,
    last: usize,
    depth: usize,
    scope: Scope,
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Parsed<Self> {
        let (now, start, end) = token(text, 0)?;
        Ok(Self { text, now, start, end, last: 0, depth: 0, scope: Scope::default() })
    }

    fn finish(&self) -> Parsed<()> {
        if self.now == Token::End { Ok(()) } else { Err(self.unexpected()) }
    }

    fn advance(&mut self) -> Parsed<()> {
        self.last = self.end;
        (self.now, self.start, self.end) = token(self.text, self.end)?;
        Ok(())
    }

    fn unexpected(&self) -> Error {
        let shown = match self.now {
            Token::End => "unexpected end".to_owned(),
            Token::Quote => "unexpected string".to_owned(),
            _ => format!("unexpected `{}`", &self.text[self.start..self.end]),
        };
        let hint = match self.now {
            Token::Sign("?//") => ": write a space between `?` and `//`",
            Token::Keyword("end") => ": in jq 1.6 an `if` has an `else`",
            Token::Sign("[") if self.text[..self.start].trim_end().ends_with('.') => {
                ": in jq 1.6 no `.` stands before a `[`"
            }
            _ => "",
        };
        Error::new(self.start, format!("{shown}{hint}"))
    }

    fn is(&self, sign: &str) -> bool {
        self.now == Token::Sign(sign)
    }

    fn is_word(&self, word: &str) -> bool {
        self.now == Token::Keyword(word)
    }

    fn take(&mut self, sign: &str) -> Parsed<bool> {
        let there = self.is(sign);
        if there {
            self.advance()?;
        }
        Ok(there)
    }

    fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.take(sign)? { Ok(()) } else { Err(self.unexpected()) }
    }

    fn expect_word(&mut self, word: &str) -> Parsed<()> {
        if self.is_word(word) { self.advance() } else { Err(self.unexpected()) }
    }

    fn ident(&mut self) -> Parsed<&'a str> {
        let Token::Ident(name) = self.now else { return Err(self.unexpected()) };
        self.advance()?;
        Ok(name)
    }

    fn deeper(&mut self) -> Parsed<()> {
        self.depth += 1;
        if self.depth > DEEPEST { Err(Error::new(self.start, "this is nested too deeply")) } else { Ok(()) }
    }

    /// An expression of operators that bind at least so tightly.
    fn expression(&mut self, least: u8) -> Parsed {
        self.deeper()?;
        let mut left = self.prefix()?;
        while let Some((binds, alone)) = self.operator().filter(|(binds, _)| *binds >= least) {
            let (at, Token::Sign(sign) | Token::Keyword(sign)) = (self.start, self.now) else { break };
            self.advance()?;
            if sign == "?" {
                left = None;
                continue;
            }
            // `|` groups from the right, all others from the left, or not at all.
            let right = self.expression(if sign == "|" { binds } else { binds + 1 })?;
            left = fold(left, sign, right, at)?;
            if alone && self.operator().is_some_and(|(next, _)| next == binds) {
                return Err(self.unexpected());
            }
        }
        self.depth -= 1;
        Ok(left)
    }

    /// How tightly the operator binds that comes next, and whether it stands alone: `a < b < c` is none.
    fn operator(&self) -> Option<(u8, bool)> {
        let (Token::Sign(sign) | Token::Keyword(sign)) = self.now else { return None };
        Some(match sign {
            "|" => (binding::PIPE, false),
            "," => (binding::COMMA, false),
            "//" => (binding::ALTERNATIVE, false),
            "=" | "|=" | "+=" | "-=" | "*=" | "/=" | "%=" | "//=" => (binding::ASSIGN, true),
            "or" => (binding::OR, false),
            "and" => (binding::AND, false),
            "==" | "!=" | "<" | "<=" | ">" | ">=" => (binding::COMPARE, true),
            "+" | "-" => (binding::ADD, false),
            "*" | "/" | "%" => (binding::MULTIPLY, false),
            "?" => (binding::TIGHTEST, false),
            _ => return None,
        })
    }

    /// What an expression begins with: a term, or what takes the rest of it.
    fn prefix(&mut self) -> Parsed {
        match self.now {
            Token::Keyword("def") => {
                let mark = self.scope.mark();
                self.definition()?;
                self.expression(0)?;
                self.scope.back_to(mark);
                Ok(None)
            }
            Token::Keyword("reduce") => self.fold_of_stream(1..=1),
            Token::Keyword("foreach") => self.fold_of_stream(1..=2),
            Token::Keyword("if") => self.condition(),
            Token::Keyword("try") => {
                self.advance()?;
                self.expression(binding::TIGHTEST + 1)?;
                if self.is_word("catch") {
                    self.advance()?;
                    self.expression(binding::TIGHTEST + 1)?;
                }
                Ok(None)
            }
            Token::Keyword("label") => {
                self.advance()?;
                self.expect("$")?;
                let name = self.ident()?;
                self.expect("|")?;
                let mark = self.scope.mark();
                self.scope.label(name);
                self.expression(binding::PIPE)?;
                self.scope.back_to(mark);
                Ok(None)
            }
            Token::Sign("-") => {
                self.advance()?;
                self.expression(binding::ADD + 1)?;
                Ok(None)
            }
            _ => {
                let constant = self.term()?;
                if !self.is_word("as") {
                    return Ok(constant);
                }
                let mark = self.scope.mark();
                self.patterns()?;
                self.expect("|")?;
                self.expression(binding::PIPE)?;
                self.scope.back_to(mark);
                Ok(None)
            }
        }
    }

    /// `def f($a; g): …;`
    fn definition(&mut self) -> Parsed<()> {
        self.advance()?;
        let name = self.ident()?;
        let mut parameters = Vec::new();
        if self.take("(")? {
            loop {
                let is_value = self.take("$")?;
                parameters.push((self.ident()?, is_value));
                if !self.take(";")? {
                    break;
                }
            }
            self.expect(")")?;
        }
        self.expect(":")?;
        let mark = self.scope.mark();
        self.scope.function(name, parameters.len());
        for (parameter, is_value) in &parameters {
            self.scope.function(parameter, 0);
            if *is_value {
                self.scope.variable(parameter);
            }
        }
        self.expression(0)?;
        self.expect(";")?;
        self.scope.back_to(mark);
        self.scope.function(name, parameters.len());
        Ok(())
    }

    /// `reduce … as $x (first; next)`, and `foreach` with one more at will.
    fn fold_of_stream(&mut self, more: std::ops::RangeInclusive<usize>) -> Parsed {
        self.advance()?;
        self.term()?;
        if !self.is_word("as") {
            return Err(self.unexpected());
        }
        let mark = self.scope.mark();
        self.patterns()?;
        let declared = self.scope.split_off(mark);
        self.expect("(")?;
        // Where it begins, nothing of the stream is known yet.
        self.expression(0)?;
        self.scope.extend(declared);
        let mut count = 0;
        while count < *more.end() && self.take(";")? {
            self.expression(0)?;
            count += 1;
        }
        if count < *more.start() {
            return Err(self.unexpected());
        }
        self.expect(")")?;
        self.scope.back_to(mark);
        Ok(None)
    }

    fn condition(&mut self) -> Parsed {
        loop {
            self.advance()?;
            self.expression(0)?;
            self.expect_word("then")?;
            self.expression(0)?;
            if !self.is_word("elif") {
                break;
            }
        }
        self.expect_word("else")?;
        self.expression(0)?;
        self.expect_word("end")?;
        Ok(None)
    }

    /// `as` and what follows it: patterns that declare variables, all at once.
    fn patterns(&mut self) -> Parsed<()> {
        self.advance()?;
        let mut declared = Vec::new();
        self.pattern(&mut declared)?;
        while self.take("?//")? {
            self.pattern(&mut declared)?;
        }
        for name in declared {
            self.scope.variable(name);
        }
        Ok(())
    }

    fn pattern(&mut self, declared: &mut Vec<&'a str>) -> Parsed<()> {
        self.deeper()?;
        if self.take("$")? {
            declared.push(self.ident()?);
        } else if self.take("[")? {
            self.pattern(declared)?;
            while self.take(",")? {
                self.pattern(declared)?;
            }
            self.expect("]")?;
        } else {
            self.expect("{")?;
            self.pattern_of_key(declared)?;
            while self.take(",")? {
                self.pattern_of_key(declared)?;
            }
            self.expect("}")?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn pattern_of_key(&mut self, declared: &mut Vec<&'a str>) -> Parsed<()> {
        if self.take("$")? {
            declared.push(self.ident()?);
            if !self.is(":") {
                return Ok(());
            }
        } else {
            self.key()?;
        }
        self.expect(":")?;
        self.pattern(declared)
    }
}
