//! `[athena.<name>]`: a workgroup of Athena, in which queries run, with the queries that are saved and the statements that are
//! prepared in it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bucket::Bucket;
use super::catalog::Catalog;
use crate::spec::check::{Block, Checks};
use crate::spec::external::Externals;
use crate::spec::metrics::{Metrics, Source, Usual, sources};
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::{Access, Uses};
use crate::spec::{Ref, Spec, kms, prefix};

/// A workgroup of Athena: where queries in SQL run over what a catalog describes, where their results go, and how much each
/// may scan. `pipectl query` runs one in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Athena {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 1–128 letters, digits, `_`, `.` and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub description: String,
    /// The bucket that results go to.
    pub results: Ref<Bucket>,
    /// What the keys of results begin with; ends with `/`. Absent: `athena/<block>/`.
    #[serde(default)]
    #[schemars(length(min = 1, max = 512))]
    pub results_prefix: Option<String>,
    /// How much a query may scan before Athena stops it, in MiB; absent: all that there is.
    #[serde(default)]
    #[schemars(range(min = 10, max = 1_000_000_000))]
    pub scan_limit_mib: Option<u32>,
    /// Version of the engine that queries run on: `AUTO` for the one that Athena chooses, or `Athena engine version 3`.
    #[serde(default = "auto")]
    #[schemars(length(min = 1, max = 128))]
    pub engine: String,
    /// KMS key (id, ARN or alias) that encrypts results; absent: the bucket's default.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// Whether all this holds whatever a query says of its own.
    #[serde(default = "yes")]
    pub enforce: bool,
    /// Whether queries are counted in CloudWatch.
    #[serde(default = "yes")]
    pub metrics: bool,
    /// Saved queries by name, which Athena's console offers: 1–128 letters, digits, `_`, `.` and `-`.
    #[serde(default)]
    pub queries: BTreeMap<String, Query>,
    /// Prepared statements by name, which `EXECUTE` runs in it: 2–256 letters, digits, `_`, `@` and `:`, the first of them a
    /// letter or `_`. A function that uses the workgroup may execute them.
    #[serde(default)]
    pub statements: BTreeMap<String, Statement>,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

/// A saved query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Query {
    /// The database that it asks.
    pub catalog: Ref<Catalog>,
    /// Its SQL.
    #[schemars(length(min = 1, max = 262_144))]
    pub sql: String,
    /// What it tells.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub description: String,
}

/// A prepared statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Statement {
    /// Its SQL, with a `?` in the place of each value that `EXECUTE` gives: a `SELECT`, `INSERT INTO`, `CREATE TABLE AS` or
    /// `UNLOAD`, without the `PREPARE … FROM`.
    #[schemars(length(min = 1, max = 262_144))]
    pub sql: String,
    /// What it tells.
    #[serde(default)]
    #[schemars(length(max = 1024))]
    pub description: String,
}

/// The words of SQL for what is done with a prepared statement.
const ABOUT_ONE: [&str; 3] = ["DEALLOCATE", "EXECUTE", "PREPARE"];

fn auto() -> String {
    "AUTO".to_owned()
}

fn yes() -> bool {
    true
}

/// The workgroup that every account has.
const PRIMARY: &str = "primary";

impl Athena {
    /// What the keys of results begin with.
    pub fn prefix(&self, block: &str) -> String {
        self.results_prefix.clone().unwrap_or_else(|| format!("athena/{block}/"))
    }

    fn check_results(&self, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        let prefix = self.prefix(block);
        if !prefix.ends_with('/') {
            checks
                .error("results_prefix", "results are written into a folder: the prefix ends with `/`")
                .help(format!("write `{prefix}/`"));
        }
        prefix::check_literal("results_prefix", &prefix, checks);
        // A table over the results of its own queries would grow with every query.
        let over =
            |dataset: &&super::dataset::Dataset| dataset.bucket == self.results && prefix.starts_with(&dataset.prefix);
        for (name, _) in spec.blocks.dataset.own().iter().filter(|(_, dataset)| over(&&dataset.block)) {
            checks
                .error("results", format!("`dataset.{name}` would read the results of queries as rows of its own"))
                .help("let results go to another bucket, or to a `results_prefix` beside that of the dataset");
        }
    }
}

impl Statement {
    fn check(&self, name: &str, checks: &mut Checks<'_>) {
        let begins = |letter: char| letter.is_ascii_alphabetic() || letter == '_';
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "_@:".contains(letter);
        if !(2..=256).contains(&name.len()) || !name.starts_with(begins) || !name.chars().all(fits) {
            checks
                .error(&format!("statements.{name}"), format!("`{name}` cannot be the name of a prepared statement"))
                .help("write 2 to 256 letters, digits, `_`, `@` and `:`, and a letter or `_` at the beginning");
        }
        let first = self.sql.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
        if first.is_empty() {
            checks.error(&format!("statements.{name}.sql"), "a prepared statement has some SQL");
        }
        let prepared = ["CREATE", "INSERT", "SELECT", "UNLOAD", "WITH"];
        let known = prepared.contains(&first.as_str()) || ABOUT_ONE.contains(&first.as_str());
        if !first.is_empty() && !first.starts_with('(') && !known {
            let word: String = first.chars().take(20).collect();
            checks
                .warning(
                    &format!("statements.{name}.sql"),
                    format!("Athena prepares no statement that begins with `{word}`"),
                )
                .help("it prepares `SELECT`, `INSERT INTO`, `CREATE TABLE AS` and `UNLOAD`");
        }
        if ABOUT_ONE.contains(&first.as_str()) {
            checks
                .error(&format!("statements.{name}.sql"), format!("`{first}` is about a prepared statement, and none"))
                .help("write the query itself: Athena prepares it under its name");
        }
    }
}

impl Block for Athena {
    const KIND: &'static str = "athena";
    const METRICS: Metrics =
        Metrics::Of(Source { metrics: sources::ATHENA, usual: Usual::Metric(|_, _| "ProcessedBytes") });
    const USES: Uses = Uses::For(&[Access::Query]);
    const EXTERNAL: Externals =
        Externals::Never("a workgroup does not tell by its ARN where its results go, which is what who queries needs");

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        vec![Name::new(&names::WORKGROUP, self.aws_name(block, spec), "name")]
    }

    fn check(&self, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        if self.name.as_deref() == Some(PRIMARY) {
            checks
                .error("name", format!("`{PRIMARY}` is the workgroup that every account has, and cannot be deleted"))
                .help("leave `name` out, or write another one");
        }
        self.check_results(block, spec, checks);
        for name in self.queries.keys() {
            let fits = |letter: char| letter.is_ascii_alphanumeric() || "_.-".contains(letter);
            if !(1..=128).contains(&name.len()) || !name.chars().all(fits) {
                checks
                    .error(&format!("queries.{name}"), format!("`{name}` cannot be the name of a saved query"))
                    .help("write 1 to 128 letters, digits, `_`, `.` and `-`");
            }
        }
        for (name, statement) in &self.statements {
            statement.check(name, checks);
        }
        kms::check("kms_key", self.kms_key.as_ref(), spec, checks);
        tags::check(&self.tags, spec, checks);
    }
}
