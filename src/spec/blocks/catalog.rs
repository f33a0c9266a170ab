//! `[catalog.<name>]`: a database of Glue's Data Catalog.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::Spec;
use crate::spec::check::{Block, Checks};
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::Metrics;
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::Uses;

/// A database of Glue's Data Catalog: the name under which Athena, Spark and others find datasets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Catalog {
    /// Name in AWS; absent: `<project>_<env>_<block>`, with `_` for each `-`. 1–255 lower-case letters, digits and `_`.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 2048))]
    pub description: String,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

impl Block for Catalog {
    const KIND: &'static str = "catalog";
    const METRICS: Metrics = Metrics::None("CloudWatch counts nothing of a database");
    const USES: Uses = Uses::None("it uses the datasets in it, by name");
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "glue",
        prefix: "database/",
        suffix: "",
        within: Within::Region,
        name: &names::DATABASE,
        keyed: false,
    });

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        self.name.clone().unwrap_or_else(|| Self::unnamed(&spec.project.name, &spec.env.name, block))
    }

    fn unnamed(project: &str, env: &str, block: &str) -> String {
        // Athena takes `-` in a name only between backticks.
        names::unnamed(project, env, block).replace('-', "_")
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        vec![Name::new(&names::DATABASE, self.aws_name(block, spec), "name")]
    }

    fn check(&self, _block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        tags::check(&self.tags, spec, checks);
    }
}
