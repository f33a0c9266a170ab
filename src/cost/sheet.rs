//! The lines of an estimate as they are written down, and what they take for granted.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::prices::{Tariff, spread};
use crate::model::price::Item;

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

/// What a service writes the lines of a block on.
#[derive(Debug)]
pub(super) struct Sheet<'a> {
    /// What is paid.
    pub(super) tariff: Tariff<'a>,
    /// The block: `stream.clicks`.
    pub(super) block: &'a str,
    /// The lines of the block so far.
    pub(super) lines: &'a mut Vec<Line>,
    /// What the lines of all blocks take for granted, each once.
    pub(super) assumptions: &'a mut Vec<String>,
    /// The blocks of which something has no price here.
    pub(super) uncounted: &'a mut BTreeSet<String>,
    /// Which prices are missing of them.
    pub(super) missing_prices: &'a mut BTreeMap<String, BTreeSet<&'static str>>,
    /// The services of which a line has a list price that nobody has compared with AWS's.
    pub(super) unconfirmed: &'a mut BTreeSet<&'static str>,
}

impl Sheet<'_> {
    /// Adds a line for each price that holds for a part of it; none for nothing. What has no price is named as not counted.
    pub(super) fn line(&mut self, what: impl Into<String>, quantity: f64, item: Item) {
        if quantity <= 0.0 {
            return;
        }
        let (what, per, unit) = (what.into(), item.per(), item.unit());
        let (parts, left) = spread(quantity, &self.tariff.price(item).unwrap_or_default());
        if !parts.is_empty() && !self.tariff.is_vouched_for(item) {
            self.unconfirmed.insert(item.service());
        }
        for (quantity, price) in parts {
            let amount = rounded(quantity / f64::from(per) * price, 4);
            self.lines.push(Line { what: what.clone(), quantity: rounded(quantity, 3), unit, price, per, amount });
        }
        if left > 0.0 {
            self.uncounted.insert(self.block.to_owned());
            self.missing_prices.entry(self.block.to_owned()).or_default().insert(item.name());
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
