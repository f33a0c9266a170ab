//! The lines of an estimate as they are written down, and what they take for granted.

use serde::Serialize;

/// One thing that AWS bills.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Line {
    /// What: `PUT payload units`.
    pub what: String,
    /// How much of it a month.
    pub quantity: f64,
    /// Of what: `unit`, `GB`.
    pub unit: &'static str,
    /// What `per` of them cost, in USD.
    pub price: f64,
    /// How many units the price is for.
    pub per: u32,
    /// What it comes to a month, in USD, to a hundredth of a cent.
    pub amount: f64,
}

/// How many of which unit a price is for.
#[derive(Clone, Copy)]
pub(super) struct Per(pub(super) u32, pub(super) &'static str);

/// What a service writes the lines of a block on.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    /// The lines of the block so far.
    pub(super) lines: &'a mut Vec<Line>,
    /// What the lines of all blocks take for granted, each once.
    pub(super) assumptions: &'a mut Vec<String>,
}

impl Sheet<'_> {
    /// Adds a line; none for nothing.
    pub(super) fn line(&mut self, what: impl Into<String>, quantity: f64, price: f64, Per(per, unit): Per) {
        if quantity > 0.0 {
            let amount = rounded(quantity / f64::from(per) * price, 4);
            self.lines.push(Line { what: what.into(), quantity: rounded(quantity, 3), unit, price, per, amount });
        }
    }

    /// Says what the lines take for granted.
    pub(super) fn assume(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.assumptions.contains(&text) {
            self.assumptions.push(text);
        }
    }
}

/// To so many digits after the point; never a negative zero, which a sum of nothing is.
pub(super) fn rounded(number: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (number * scale).round() / scale + 0.0
}
