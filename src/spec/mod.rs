//! TOML files in, one checked [`Spec`] out; or every mistake in them, each with its place.
//!
//! Knows nothing of AWS's API, of terminals or of what the blocks become: only of what may be written.

mod acting;
mod arn;
pub mod blocks;
mod branches;
pub mod check;
mod choice;
mod conform;
mod declarations;
pub mod diagnostic;
mod document;
pub mod edit;
pub mod expect;
pub mod external;
pub mod fields;
pub mod filter;
mod groups;
mod head;
mod hive;
mod interpolate;
pub mod jq;
pub mod json;
mod keywords;
pub mod kms;
mod load;
mod logs;
mod lookup;
mod managed;
mod member;
pub mod metrics;
pub mod moved;
pub mod names;
pub mod nearest;
mod notified;
mod parse;
mod partition;
pub mod place;
pub mod policy;
pub mod prefix;
pub mod prices;
pub mod reference;
pub mod refs;
mod required;
pub mod schema;
pub mod snowflake;
mod sound;
mod source;
pub mod statement;
pub mod tags;
#[cfg(test)]
mod tests;
mod traffic;
mod tree;
pub mod uses;
pub mod variable;
pub mod written;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use check::Text;
use diagnostic::Diagnostics;
use policy::Policy;
use prices::Prices;

pub use blocks::Blocks;
pub use check::{Block, Checks, Declared};
pub use declarations::Declarations;
pub use head::{Env, Project, State, StateLocation};
pub use load::{Loaded, Options, Refusal, Sound, inspect, load, load_text};
pub use moved::Moved;
pub use place::Instance;
pub use refs::{Ref, Target};
pub use source::{Source, UNKNOWN_ACCOUNT};
pub use traffic::Traffic;

/// One environment as its files describe it: `extends` merged, `${…}` filled in, defaults set, everything checked.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spec {
    /// `[project]`.
    pub project: Project,
    /// `[env]`.
    pub env: Env,
    /// `[state]`, where the spec says it.
    pub state: Option<State>,
    /// `[branches]`: which environment a branch belongs to.
    pub branches: BTreeMap<String, String>,
    /// `[policy]`: rules that it keeps.
    pub policy: Policy,
    /// `[prices]`: what is paid otherwise than AWS's list says.
    #[serde(skip_serializing_if = "Prices::is_empty")]
    pub prices: Prices,
    /// `moved`: blocks that have got another name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<Moved>,
    /// The blocks.
    #[serde(flatten)]
    pub blocks: Blocks,
}

impl Spec {
    /// Reads a spec from a tree that fits the schema.
    fn from_json(tree: Value) -> serde_json::Result<Self> {
        let mut tables = Map::deserialize(tree)?;
        let mut take = |name| tables.remove(name).unwrap_or_default();
        Ok(Self {
            project: Project::deserialize(take("project"))?,
            env: Env::deserialize(take("env"))?,
            state: Option::deserialize(take("state"))?,
            branches: Option::deserialize(take("branches"))?.unwrap_or_default(),
            policy: Option::deserialize(take("policy"))?.unwrap_or_default(),
            prices: Option::deserialize(take("prices"))?.unwrap_or_default(),
            moved: Option::deserialize(take("moved"))?.unwrap_or_default(),
            blocks: Blocks::deserialize(Value::Object(tables))?,
        })
    }

    /// Reads what can be read of a tree that does not fit the schema, of each part the first form that can: as it is written, with
    /// the keys that were meant, or as far as it fits. A name that is missing stands for itself, as it does where it is filled in.
    fn readable(forms: [&Value; 3]) -> Self {
        fn read<T: DeserializeOwned>(name: &str, forms: [&Value; 3]) -> Option<T> {
            forms.into_iter().find_map(|form| T::deserialize(&form[name]).ok())
        }
        let region = forms[0]["env"]["region"].as_str().unwrap_or("region").to_owned();
        Self {
            project: read("project", forms).unwrap_or(Project { name: "project".to_owned(), required_version: None }),
            env: read("env", forms).unwrap_or(Env { name: "env".to_owned(), region, ..Env::default() }),
            state: read("state", forms),
            branches: read("branches", forms).unwrap_or_default(),
            policy: read("policy", forms).unwrap_or_default(),
            prices: read("prices", forms).unwrap_or_default(),
            moved: read("moved", forms).unwrap_or_default(),
            blocks: Blocks::readable(forms),
        }
    }

    /// Lets everything in it check what the schema cannot say.
    fn check(&self, text: Text<'_>, diagnostics: &mut Diagnostics) {
        self.env.check(&mut Checks::new(text, "env".to_owned(), diagnostics));
        if let Some(state) = &self.state {
            state.check(&mut Checks::new(text, "state".to_owned(), diagnostics));
        }
        self.prices.check(&mut Checks::new(text, "prices".to_owned(), diagnostics));
        branches::check(text.tree, diagnostics);
        partition::check(&self.env.region, text.tree, diagnostics);
        moved::check(self, text, diagnostics);
        self.blocks.check(self, text, diagnostics);
    }
}
