//! The API key of an API: `[api.<name>.key]`.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Api, Throttle};
use crate::spec::check::Checks;
use crate::spec::nearest::nearest;

/// An API key, and what may be asked with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The routes that ask for it; absent: all.
    #[serde(default)]
    pub routes: BTreeSet<String>,
    /// The most that is taken of whoever has it; absent: as much as of all.
    #[serde(default)]
    pub throttle: Option<Throttle>,
    /// How many requests it is good for; absent: any number.
    #[serde(default)]
    pub quota: Option<Quota>,
}

/// How many requests an API key is good for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// Requests.
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub limit: u32,
    /// In what time; each begins anew by UTC.
    #[serde(default)]
    pub per: Period,
    /// How many are taken off in the first such time, which is seldom a whole one; fewer than `limit`.
    #[serde(default)]
    #[schemars(range(min = 0, max = 2_147_483_646))]
    pub offset: u32,
}

/// The time in which a quota is used up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// A day.
    #[default]
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
}

impl Key {
    /// Whether a route asks for it.
    pub fn guards(&self, route: &str) -> bool {
        self.routes.is_empty() || self.routes.contains(route)
    }
}

/// Checks that the routes of a key are routes of its API.
pub(super) fn check(api: &Api, checks: &mut Checks<'_>) {
    let Some(key) = &api.key else { return };
    if key.quota.as_ref().is_some_and(|quota| quota.offset >= quota.limit && quota.offset > 0) {
        checks
            .error("key.quota.offset", "so much is taken off that nothing is left of the first quota")
            .help("write less than `limit`");
    }
    for route in key.routes.iter().filter(|route| !api.routes.contains_key(*route)) {
        let near = nearest(route, api.routes.keys().map(String::as_str));
        let help = near
            .map_or_else(|| "write it as it stands in `routes`".to_owned(), |near| format!("did you mean `{near}`?"));
        checks.error("key.routes", format!("this API has no route `{route}`")).help(help);
    }
}
