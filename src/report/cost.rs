//! What an environment costs, and what a plan changes about it.

use std::fmt::Write;

use comfy_table::CellAlignment;
use serde_json::{Map, Value, json};

use super::style::{BOLD, CHANGE, Clean, DIM, HELP, paint};
use super::table;
use super::wrap::wrapped;
use crate::cost::{Block, Estimate, Line, Prices, Tariff, Tier};
use crate::engine::planfile::MonthlyCost;
use crate::model::price::Item;
use crate::ops::amount::count;

/// An estimate as text: a table of what is billed, then what it takes for granted.
///
/// `region` is the environment's own, whatever region's prices are reckoned with.
pub fn text(env: &str, region: &str, estimate: &Estimate, width: usize) -> String {
    let place = if region == estimate.region {
        format!("{} ({}):", Clean(env), Clean(region))
    } else {
        format!("{} ({}, with the prices of {}):", Clean(env), Clean(region), Clean(&estimate.region))
    };
    let at_least = if estimate.is_whole() { "" } else { "at least " };
    let mut out = format!(
        "{} {at_least}USD {} a month, at the prices of {}.\n\n",
        paint(BOLD, place),
        money(estimate.total),
        estimate.prices
    );
    if !estimate.blocks.is_empty() {
        out += &lines(estimate, width);
    }
    if !estimate.unknown_traffic.is_empty() {
        let said =
            format!("The traffic of {} is not known and not counted.", Clean(&estimate.unknown_traffic.join(", ")));
        let _ = writeln!(out, "\n{}", paint(CHANGE, wrapped(said.split(' '), 0, 0, width)));
        let help = "write what you `expect` into the block, or give `--from-metrics`; of streams also `--records-per-second` and `--bytes`";
        let _ = writeln!(out, "{}", paint(HELP, wrapped(help.split(' '), 0, 0, width)));
    }
    if !estimate.uncounted.is_empty() {
        let missing = |block: &String| match estimate.missing_prices.get(block) {
            Some(prices) => format!("{block} ({})", prices.iter().copied().collect::<Vec<_>>().join(", ")),
            None => block.clone(),
        };
        let all = estimate.uncounted.iter().map(missing).collect::<Vec<_>>().join(", ");
        let said = format!("Not counted, as there is no price: {}.", Clean(&all));
        let _ = writeln!(out, "\n{}", paint(CHANGE, wrapped(said.split(' '), 0, 0, width)));
    }
    let _ = writeln!(out, "\n{}", paint(BOLD, "Taken for granted"));
    for assumption in &estimate.assumptions {
        let _ = writeln!(out, "  {}", paint(DIM, wrapped(assumption.split(' '), 2, 4, width)));
    }
    out
}

fn lines(estimate: &Estimate, width: usize) -> String {
    let mut table = table::table(["block", "what", "quantity", "price (USD)", "USD a month"], width);
    for Block { block, lines, .. } in &estimate.blocks {
        for (index, line) in lines.iter().enumerate() {
            let block = if index == 0 { Clean(block).to_string() } else { String::new() };
            table.add_row([block, line.what.clone(), quantity(line.quantity), price(line), money(line.amount)]);
        }
    }
    let total = if estimate.is_whole() { "total" } else { "total, at least" };
    table.add_row([total.to_owned(), String::new(), String::new(), String::new(), money(estimate.total)]);
    for column in [2, 4] {
        if let Some(column) = table.column_mut(column) {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table::text(&table)
}

/// The prices of a region, by the names that `[prices]` of a spec gives them.
pub fn prices(region: &str, tariff: &Tariff<'_>, width: usize) -> String {
    let mut table = table::table(["price", "USD", "for"], width);
    for item in Item::ALL {
        let tiers = tariff.price(*item).unwrap_or_default();
        let paid = |tier: &Tier| match tier.first {
            Some(first) if tiers.len() > 1 => format!("{} (first {})", tier.price, quantity(first)),
            _ => tier.price.to_string(),
        };
        let mut paid = tiers.iter().map(paid).collect::<Vec<_>>().join(", ");
        if !paid.is_empty() && tariff.is_paid_otherwise(*item) {
            paid += " (by [prices])";
        } else if !paid.is_empty() && !tariff.is_confirmed(*item) {
            paid += " (not confirmed)";
        }
        table.add_row([item.name(), if paid.is_empty() { "not known" } else { &paid }, item.meaning()]);
    }
    let place = format!("{}:", Clean(region));
    format!("{} prices of {}, before tax.\n\n{}", paint(BOLD, place), Prices::table().date, table::text(&table))
}

/// The same as JSON; a price that is not known is null.
pub fn prices_json(region: &str, tariff: &Tariff<'_>) -> Value {
    let price = |item: &Item| {
        let tiers = tariff.price(*item);
        let tiers = tiers
            .map(|all| all.iter().map(|tier| json!({ "first": tier.first, "price": tier.price })).collect::<Vec<_>>());
        (
            item.name().to_owned(),
            json!({ "tiers": tiers, "per": item.per(), "unit": item.unit(), "for": item.meaning(),
            "own": tiers.is_some() && tariff.is_paid_otherwise(*item), "confirmed": tariff.is_confirmed(*item) }),
        )
    };
    let prices: Map<String, Value> = Item::ALL.iter().map(price).collect();
    json!({ "region": region, "date": Prices::table().date, "prices": prices })
}

/// What a plan changes, as one plain sentence without its full stop; absent where it changes nothing to the cent.
pub fn difference(cost: &MonthlyCost) -> Option<String> {
    let MonthlyCost { before, after, prices, unknown_traffic, uncounted } = cost;
    let more = after - before;
    if more.abs() < 0.005 {
        return None;
    }
    let sign = if more < 0.0 { '-' } else { '+' };
    let (before, after, more) = (money(*before), money(*after), money(more.abs()));
    let at_least = if unknown_traffic.is_empty() && uncounted.is_empty() { "" } else { "at least " };
    let mut said =
        format!("{at_least}USD {before} → {after} a month ({sign}{more}), at the prices of {}", Clean(prices));
    if !unknown_traffic.is_empty() {
        let _ = write!(said, ", without the traffic of {}", Clean(&unknown_traffic.join(", ")));
    }
    if !uncounted.is_empty() {
        let _ = write!(said, ", without what has no price of {}", Clean(&uncounted.join(", ")));
    }
    Some(said)
}

/// `0.014 / 1,000,000 units`.
fn price(line: &Line) -> String {
    match line.per {
        1 => format!("{} / {}", line.price, line.unit),
        per => format!("{} / {} {}s", line.price, count(per.into()), line.unit),
    }
}

/// To the cent, thousands set apart.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "amounts are not negative, and far smaller"
)]
fn money(amount: f64) -> String {
    let cents = (amount * 100.0).round() as u64;
    format!("{}.{:02}", count(cents / 100), cents % 100)
}

/// Three digits' worth, or all before the point.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "quantities are not negative, and far smaller"
)]
fn quantity(quantity: f64) -> String {
    match quantity {
        whole if whole >= 100.0 || whole.fract() == 0.0 => count(whole.round() as u64),
        some if some >= 1.0 => format!("{some:.1}"),
        little => format!("{little:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(before: f64, after: f64, unknown_traffic: &[&str]) -> MonthlyCost {
        let unknown_traffic = unknown_traffic.iter().map(ToString::to_string).collect();
        MonthlyCost { before, after, prices: "2026-11-21".into(), unknown_traffic, uncounted: Vec::new() }
    }

    #[test]
    fn a_difference_is_told_with_its_sign_and_with_what_it_leaves_out() {
        let said = |before, after| difference(&cost(before, after, &[]));
        assert_eq!(said(10.95, 10.95), None);
        assert_eq!(said(0.0, 1_234.5).unwrap(), "USD 0.00 → 1,234.50 a month (+1,234.50), at the prices of 2026-11-21");
        assert_eq!(said(21.9, 10.95).unwrap(), "USD 21.90 → 10.95 a month (-10.95), at the prices of 2026-11-21");
        let partly = difference(&cost(0.0, 1.0, &["stream.a", "stream.b"])).unwrap();
        assert!(partly.starts_with("at least USD 0.00"), "{partly}");
        assert!(partly.ends_with(", without the traffic of stream.a, stream.b"), "{partly}");
        let unpriced = MonthlyCost { uncounted: vec!["queue.q".into()], ..cost(0.0, 1.0, &[]) };
        let unpriced = difference(&unpriced).unwrap();
        assert!(unpriced.starts_with("at least USD"), "{unpriced}");
        assert!(unpriced.ends_with(", without what has no price of queue.q"), "{unpriced}");
    }

    #[test]
    fn quantities_keep_the_digits_that_say_something() {
        assert_eq!([0.125, 1.0, 8.76, 730.0, 1_253.128].map(quantity), ["0.125", "1", "8.8", "730", "1,253"]);
    }
}
