//! The price table: `prices.toml`, which is data, dated, and says where its numbers come from; and what a project pays otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use serde::Deserialize;
use time::Date;

use crate::model::price::Item;
use crate::spec::prices::Prices as Own;

/// For so many days a table is taken for new.
const NEW_FOR: i64 = 90;

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// When it was last gone through: `2026-11-21`.
    pub date: String,
    /// AWS's pages, by service.
    pub sources: BTreeMap<String, String>,
    regions: Vec<Entry>,
}

/// What AWS asks for in some regions, in USD before tax: by service, and by name.
#[derive(Debug, Deserialize)]
struct Entry {
    /// The names of the regions.
    names: Vec<String>,
    #[serde(flatten)]
    services: BTreeMap<String, Service>,
}

/// What a service asks for.
#[derive(Debug, Deserialize)]
struct Service {
    confirmed: bool,
    #[serde(flatten)]
    prices: BTreeMap<String, Price>,
}

/// The price of an item.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
enum Price {
    /// Of however much.
    One(f64),
    /// By how much it is.
    Tiers(Vec<Tier>),
}

/// A price that holds for the first so many units, then the next tier's.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tier {
    /// How many units; absent: all the rest.
    pub first: Option<f64>,
    /// The price of as many as [`Item::per`] says.
    pub price: f64,
}

/// There are no prices of a region.
#[derive(Debug, thiserror::Error)]
#[error("there are no prices of the region `{region}`; there are those of {known}")]
pub struct NoPrices {
    region: String,
    known: String,
}

/// What is paid in a region: AWS's list, and what a project pays otherwise.
#[derive(Clone, Copy, Debug)]
pub struct Tariff<'a> {
    table: &'static Prices,
    region: &'a str,
    own: &'a Own,
}

impl Prices {
    /// The table that pipectl comes with.
    pub fn table() -> &'static Self {
        static TABLE: LazyLock<Prices> = LazyLock::new(|| {
            // The text is part of the program, and a test reads it.
            toml::from_str(include_str!("prices.toml")).expect("prices.toml fits its types")
        });
        &TABLE
    }

    /// How many days old the table is, where it is no longer new.
    pub fn outdated(&self, today: Date) -> Option<i64> {
        let written = Date::parse(&self.date, time::macros::format_description!("[year]-[month]-[day]")).ok()?;
        Some((today - written).whole_days()).filter(|days| *days > NEW_FOR)
    }

    /// The regions that it has prices of, in order of name.
    pub fn names(&self) -> BTreeSet<&str> {
        self.regions.iter().flat_map(|region| &region.names).map(String::as_str).collect()
    }

    fn entries(&self, region: &str) -> impl Iterator<Item = &Entry> {
        self.regions.iter().filter(move |entry| entry.names.iter().any(|name| name == region))
    }
}

impl<'a> Tariff<'a> {
    /// What is paid in a region.
    ///
    /// # Errors
    /// When the table has nothing of it: another region's prices would mislead.
    pub fn of(region: &'a str, own: &'a Own) -> Result<Self, NoPrices> {
        let table = Prices::table();
        if table.entries(region).next().is_some() || !own.is_empty() {
            return Ok(Self { table, region, own });
        }
        let known = table.names().into_iter().collect::<Vec<_>>().join(", ");
        Err(NoPrices { region: region.to_owned(), known })
    }

    /// The price of an item; absent where nobody has found AWS's, nor has the project one of its own.
    pub fn price(&self, item: Item) -> Option<Vec<Tier>> {
        if let Some(price) = self.own.own(item) {
            return Some(vec![Tier { first: None, price }]);
        }
        let (service, name) = item.name().split_once('.')?;
        let found = self.table.entries(self.region).find_map(|entry| entry.services.get(service)?.prices.get(name))?;
        let share = self.own.share(service);
        // A discount of a decimal price is a decimal price.
        let exact = |price: f64| if share < 1.0 { (price * share * 1e12).round() / 1e12 } else { price };
        let paid = |tier: &Tier| Tier { price: exact(tier.price), ..*tier };
        Some(match found {
            Price::One(price) => vec![paid(&Tier { first: None, price: *price })],
            Price::Tiers(tiers) => tiers.iter().map(paid).collect(),
        })
    }

    /// Whether a price of the list was compared with AWS's.
    pub fn is_confirmed(&self, item: Item) -> bool {
        let Some((service, name)) = item.name().split_once('.') else { return false };
        let listed = self.table.entries(self.region).filter_map(|entry| entry.services.get(service));
        listed.filter(|service| service.prices.contains_key(name)).any(|service| service.confirmed)
    }

    /// Whether the project pays a price of its own for an item, or has a discount on it.
    pub fn is_paid_otherwise(&self, item: Item) -> bool {
        self.own.own(item).is_some() || self.own.share(item.service()) < 1.0
    }

    /// Whether a price is the project's own, or was compared with AWS's. A discount on a list price says nothing of that.
    pub(super) fn is_vouched_for(&self, item: Item) -> bool {
        self.own.own(item).is_some() || self.is_confirmed(item)
    }

    /// AWS's page of a service's prices.
    pub(super) fn page(&self, service: &str) -> &'static str {
        self.table.sources.get(service).map_or("", String::as_str)
    }

    /// Whether the project pays otherwise than AWS's list says.
    pub(super) fn is_own(&self) -> bool {
        !self.own.is_empty()
    }
}

/// How much of a quantity falls to each price; what is beyond the last tier that is known is `left`.
pub(super) fn spread(quantity: f64, tiers: &[Tier]) -> (Vec<(f64, f64)>, f64) {
    let mut left = quantity;
    let mut parts = Vec::new();
    for tier in tiers {
        let part = tier.first.map_or(left, |first| left.min(first));
        if part > 0.0 {
            parts.push((part, tier.price));
        }
        left -= part;
    }
    (parts, left)
}

#[cfg(test)]
mod tests {
    use time::macros::date;

    use super::*;

    #[test]
    fn the_table_names_services_and_prices_that_there_are_each_once_for_a_region() {
        let table = Prices::table();
        let mut seen = BTreeSet::new();
        for entry in &table.regions {
            for (service, prices) in &entry.services {
                assert!(table.sources.contains_key(service), "{service} has no page");
                for name in prices.prices.keys() {
                    let name = format!("{service}.{name}");
                    assert!(Item::named(&name).is_some(), "{name}");
                    for region in &entry.names {
                        assert!(seen.insert((region, name.clone())), "{region} has two prices {name}");
                    }
                }
            }
        }
        for item in Item::ALL {
            assert!(seen.iter().any(|(_, name)| name == item.name()), "no region has {}", item.name());
        }
        assert!(table.names().contains("eu-west-1") && table.names().contains("eu-central-1"));
    }

    #[test]
    fn tiers_fall() {
        for entry in &Prices::table().regions {
            for (name, price) in entry.services.values().flat_map(|service| &service.prices) {
                if let Price::Tiers(tiers) = price {
                    assert!(tiers.is_sorted_by(|one, next| one.price > next.price), "{:?} {name}", entry.names);
                    assert!(tiers.iter().rev().skip(1).all(|tier| tier.first.is_some()), "{:?} {name}", entry.names);
                }
            }
        }
    }

    #[test]
    fn a_table_is_new_for_90_days() {
        let table = Prices { date: "2026-11-29".into(), sources: BTreeMap::new(), regions: Vec::new() };
        assert_eq!(table.outdated(date!(2027 - 02 - 27)), None);
        assert_eq!(table.outdated(date!(2027 - 02 - 28)), Some(91));
        assert!(Prices::table().outdated(date!(2126 - 01 - 01)).is_some());
    }

    #[test]
    fn an_unknown_region_says_so_and_gets_no_other_regions_prices() {
        let error = Tariff::of("mars-north-1", &Own::default()).unwrap_err().to_string();
        assert_eq!(
            error,
            "there are no prices of the region `mars-north-1`; there are those of ap-northeast-1, ap-northeast-2, ap-southeast-1, eu-central-1, eu-west-1, eu-west-2, us-east-1, us-east-2, us-west-2"
        );
    }

    #[test]
    fn a_quantity_is_spread_over_the_tiers_and_what_is_beyond_them_is_left() {
        let tiers = [Tier { first: Some(10.0), price: 3.0 }, Tier { first: None, price: 2.0 }];
        assert_eq!(spread(0.0, &tiers), (vec![], 0.0));
        assert_eq!(spread(10.0, &tiers), (vec![(10.0, 3.0)], 0.0));
        assert_eq!(spread(12.5, &tiers), (vec![(10.0, 3.0), (2.5, 2.0)], 0.0));
        assert_eq!(spread(12.5, &tiers[..1]), (vec![(10.0, 3.0)], 2.5));
    }
}
