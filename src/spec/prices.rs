//! `[prices]`: what a project pays otherwise than AWS's list says.

use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::check::Checks;
use super::nearest::{listed, nearest};
use crate::model::price::Item;

/// The key of a service's discount.
const DISCOUNT: &str = "discount";

/// Prices of one's own, by service and name, and discounts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Prices(BTreeMap<String, BTreeMap<String, f64>>);

impl Prices {
    /// The price of one's own of an item, in USD for as many units as AWS's.
    pub fn own(&self, item: Item) -> Option<f64> {
        let (service, name) = item.name().split_once('.')?;
        self.0.get(service)?.get(name).copied()
    }

    /// What is left of a list price of a service: 0.9 of one with a discount of 10 %.
    pub fn share(&self, service: &str) -> f64 {
        let discount = self.0.get(service).and_then(|prices| prices.get(DISCOUNT));
        1.0 - discount.copied().unwrap_or_default() / 100.0
    }

    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Checks what the schema cannot say: that the services and prices are ones that AWS has.
    pub(super) fn check(&self, checks: &mut Checks<'_>) {
        let services: BTreeSet<&str> = Item::ALL.iter().map(|item| item.service()).collect();
        for (service, prices) in &self.0 {
            if !services.contains(service.as_str()) {
                let error = checks.error(service, format!("pipectl reckons with no prices of `{service}`"));
                error.help(match nearest(service, services.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it does with those of {}", listed(services.iter().copied(), "and")),
                });
                continue;
            }
            for name in prices.keys().filter(|name| *name != DISCOUNT) {
                if Item::named(&format!("{service}.{name}")).is_some() {
                    continue;
                }
                let known = Item::ALL.iter().filter(|item| item.service() == service);
                let known = known.filter_map(|item| Some(item.name().split_once('.')?.1)).chain([DISCOUNT]);
                let known: Vec<&str> = known.collect();
                let error = checks.error(&format!("{service}.{name}"), format!("`{service}` has no price `{name}`"));
                error.help(match nearest(name, known.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("it has {}", listed(known.iter().copied(), "and")),
                });
            }
            if let Some(discount) = prices.get(DISCOUNT).filter(|discount| **discount > 100.0) {
                checks.error(
                    &format!("{service}.{DISCOUNT}"),
                    format!("a discount of {discount} % is more than the whole price"),
                );
            }
        }
    }
}

impl JsonSchema for Prices {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "prices".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Prices of one's own in place of AWS's list, in USD before tax, by service: `[prices.kinesis]` with `shard_hour = 0.0135`, or `discount = 10` for so many per cent off what the list says. The services are those of `pipectl cost --env ENV --prices`, as are the names. A price of one's own is one price however much it is, takes no discount, and is enough in a region that the list lacks.",
            "type": "object",
            "additionalProperties": { "type": "object", "additionalProperties": { "type": "number", "minimum": 0, "maximum": 1_000_000 } },
        })
    }

    fn inline_schema() -> bool {
        true
    }
}
