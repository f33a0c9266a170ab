//! TOML files in, one checked [`Spec`] out; or every mistake in them, each with its place.
//!
//! Knows nothing of AWS's API, of terminals or of what the blocks become: only of what may be written.

mod arn;
pub mod blocks;
pub mod check;
mod choice;
mod conform;
pub mod diagnostic;
mod document;
pub mod edit;
pub mod fields;
mod head;
mod interpolate;
pub mod json;
mod keywords;
pub mod kms;
mod load;
mod logs;
pub mod metrics;
pub mod names;
mod nearest;
mod parse;
pub mod place;
pub mod policy;
pub mod prefix;
pub mod reference;
pub mod refs;
pub mod schema;
pub mod snowflake;
pub mod tags;
#[cfg(test)]
mod tests;
mod traffic;
mod tree;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use diagnostic::Diagnostics;
use policy::Policy;
use tree::Node;

pub use blocks::Blocks;
pub use check::{Block, Checks, Declared};
pub use head::{Env, Project, State, StateLocation};
pub use load::{Loaded, Options, Source, UNKNOWN_ACCOUNT, load, load_text};
pub use refs::{Ref, Target};
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
            blocks: Blocks::deserialize(Value::Object(tables))?,
        })
    }

    /// Lets everything in it check what the schema cannot say.
    fn check(&self, tree: &Node, diagnostics: &mut Diagnostics) {
        self.env.check(&mut Checks::new(tree, "env".to_owned(), diagnostics));
        if let Some(state) = &self.state {
            state.check(&mut Checks::new(tree, "state".to_owned(), diagnostics));
        }
        self.blocks.check(self, tree, diagnostics);
    }
}
