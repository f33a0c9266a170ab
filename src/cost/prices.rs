//! The price table: `prices.toml`, which is data, dated, and says where its numbers come from.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

/// The table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// When it was last gone through: `2026-11-21`.
    pub date: String,
    /// AWS's pages, by service.
    pub sources: BTreeMap<String, String>,
    regions: Vec<Region>,
}

/// What AWS asks for in some regions, in USD before tax.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// Their names.
    names: Vec<String>,
    pub(super) kinesis: Kinesis,
    pub(super) firehose: Firehose,
    pub(super) s3: S3,
    pub(super) cloudwatch: CloudWatch,
    pub(super) kms: Kms,
}

/// Of Kinesis Data Streams.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kinesis {
    confirmed: bool,
    /// A shard, an hour.
    pub(super) shard_hour: f64,
    /// A million PUT payload units.
    pub(super) put_units_million: f64,
    /// A shard that keeps records for more than 24 hours, an hour, on top.
    pub(super) extended_shard_hour: f64,
    /// A GB kept for more than seven days, a month; in both modes.
    pub(super) long_term_gb_month: f64,
    /// An on-demand stream, an hour.
    pub(super) stream_hour: f64,
    /// A GB written to an on-demand stream.
    pub(super) in_gb: f64,
    /// A GB read from an on-demand stream.
    pub(super) out_gb: f64,
    /// A GB that an on-demand stream keeps from 24 hours to seven days, a month.
    pub(super) extended_gb_month: f64,
}

/// Of Firehose, reading a stream.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Firehose {
    confirmed: bool,
    /// A GB that it reads.
    pub(super) in_gb: Vec<Tier>,
    /// A GB that it sorts into partitions, on top.
    pub(super) partitioned_gb: f64,
    /// A thousand objects of partitions, on top.
    pub(super) partitioned_thousand_objects: f64,
}

/// Of S3.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct S3 {
    confirmed: bool,
    /// A thousand objects written.
    pub(super) put_thousand: f64,
    /// A GB in the class STANDARD, a month.
    pub(super) standard: Vec<Tier>,
    /// The other classes, by S3's name for them.
    pub(super) classes: BTreeMap<String, Class>,
}

/// A storage class of S3.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Class {
    /// A GB, a month.
    pub(super) gb_month: f64,
    /// A thousand objects that a lifecycle rule moves there.
    pub(super) transition_thousand: f64,
}

/// Of CloudWatch.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CloudWatch {
    confirmed: bool,
    /// A metric that an alarm looks at, a month.
    pub(super) alarm_metric: f64,
    /// A dashboard, a month.
    pub(super) dashboard: f64,
    /// A metric of one's own, or of a single shard, a month.
    pub(super) metric: f64,
}

/// Of KMS.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kms {
    confirmed: bool,
    /// Ten thousand requests.
    pub(super) requests_ten_thousand: f64,
}

/// A price that holds for the first so many units, then the next tier's.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Tier {
    /// How many units; absent: all the rest.
    pub(super) first: Option<f64>,
    /// The price of one.
    pub(super) price: f64,
}

/// There are no prices of a region.
#[derive(Debug, thiserror::Error)]
#[error("there are no prices of the region `{region}`; there are those of {known}")]
pub struct NoPrices {
    region: String,
    known: String,
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

    /// The prices of a region.
    ///
    /// # Errors
    /// When the table has none: another region's would mislead.
    pub fn of(&self, region: &str) -> Result<&Region, NoPrices> {
        let found = self.regions.iter().find(|prices| prices.names.iter().any(|name| name == region));
        found.ok_or_else(|| NoPrices { region: region.to_owned(), known: self.names().join(", ") })
    }

    /// The regions that it has prices of, in order of name.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.regions.iter().flat_map(|region| &region.names).map(String::as_str).collect();
        names.sort_unstable();
        names
    }
}

impl Region {
    /// The services whose prices nobody has compared with AWS's.
    pub(super) fn unconfirmed(&self) -> Vec<&'static str> {
        let all = [
            ("kinesis", self.kinesis.confirmed),
            ("firehose", self.firehose.confirmed),
            ("s3", self.s3.confirmed),
            ("cloudwatch", self.cloudwatch.confirmed),
            ("kms", self.kms.confirmed),
        ];
        all.into_iter().filter(|(_, confirmed)| !confirmed).map(|(service, _)| service).collect()
    }
}

/// How much of a quantity falls to each price.
pub(super) fn spread(quantity: f64, tiers: &[Tier]) -> Vec<(f64, f64)> {
    let mut left = quantity;
    let mut parts = Vec::new();
    for tier in tiers {
        let part = tier.first.map_or(left, |first| left.min(first));
        if part > 0.0 {
            parts.push((part, tier.price));
        }
        left -= part;
    }
    parts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_table_can_be_read_and_has_each_region_once() {
        let names = Prices::table().names();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        assert!(names.contains(&"eu-west-1") && names.contains(&"us-east-1"));
        time::Date::parse(&Prices::table().date, time::macros::format_description!("[year]-[month]-[day]")).unwrap();
    }

    #[test]
    fn every_region_has_every_storage_class_and_tiers_that_end_and_fall() {
        for region in &Prices::table().regions {
            assert_eq!(region.s3.classes.len(), 6, "{:?}", region.names);
            for tiers in [&region.s3.standard, &region.firehose.in_gb] {
                assert!(tiers.is_sorted_by(|one, next| one.price > next.price), "{:?}", region.names);
                assert!(tiers.iter().position(|tier| tier.first.is_none()) == Some(tiers.len() - 1));
            }
        }
    }

    #[test]
    fn every_service_has_its_page() {
        let services: Vec<&str> = Prices::table().sources.keys().map(String::as_str).collect();
        assert_eq!(services, ["cloudwatch", "firehose", "kinesis", "kms", "s3"]);
    }

    #[test]
    fn an_unknown_region_says_so_and_gets_no_other_regions_prices() {
        let error = Prices::table().of("mars-north-1").unwrap_err().to_string();
        assert_eq!(
            error,
            "there are no prices of the region `mars-north-1`; there are those of ap-northeast-1, eu-west-1, us-east-1, us-east-2, us-west-2"
        );
    }

    #[test]
    fn a_quantity_is_spread_over_the_tiers() {
        let tiers = [Tier { first: Some(10.0), price: 3.0 }, Tier { first: None, price: 2.0 }];
        assert_eq!(spread(0.0, &tiers), []);
        assert_eq!(spread(10.0, &tiers), [(10.0, 3.0)]);
        assert_eq!(spread(12.5, &tiers), [(10.0, 3.0), (2.5, 2.0)]);
    }
}
