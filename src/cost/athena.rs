//! What a query of Athena's costs.

use super::prices::Tariff;
use crate::model::price::Item;

/// A MB, by which queries are billed, and a TB, which has a price; powers of two, as AWS counts storage.
const MB: u64 = 1 << 20;
const TB: f64 = 1_099_511_627_776.0;
/// The least that a query is billed for: 10 MB (<https://aws.amazon.com/athena/pricing/>).
const LEAST: u64 = 10;

/// What a query costs that has read so many bytes, in USD; absent where nobody knows the price in the region.
pub fn query(scanned: u64, tariff: Tariff<'_>) -> Option<f64> {
    let price = tariff.price(Item::AthenaScanned)?.first()?.price;
    let billed = scanned.div_ceil(MB).max(LEAST) * MB;
    #[expect(clippy::cast_precision_loss, reason = "a price of so many bytes needs no more digits")]
    Some(billed as f64 / TB * price)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::prices::Prices as Own;

    #[test]
    fn a_query_is_billed_by_the_megabyte_and_for_ten_at_least() {
        let own = Own::default();
        let tariff = Tariff::of("us-east-1", &own).unwrap();
        let paid = |scanned: u64| query(scanned, tariff).unwrap();
        assert!((paid(1 << 40) - 5.0).abs() < 1e-9);
        assert!((paid(0) - paid(10 * MB)).abs() < 1e-12 && paid(0) > 0.0);
        assert!((paid(10 * MB + 1) - paid(11 * MB)).abs() < 1e-12);
        let nowhere = Tariff::of("eu-west-2", &own).unwrap();
        assert_eq!(query(1, nowhere), None);
    }
}
