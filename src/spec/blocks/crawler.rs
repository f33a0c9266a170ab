//! `[crawler.<name>]`: a crawler of Glue.

mod check;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bucket::Bucket;
use super::catalog::Catalog;
use super::dataset::Dataset;
use super::topic::Topic;
use crate::spec::check::{Block, Checks};
use crate::spec::external::Externals;
use crate::spec::metrics::Metrics;
use crate::spec::names::{self, Name};
use crate::spec::tags::Tags;
use crate::spec::uses::{Access, Uses};
use crate::spec::{Ref, Spec};

/// A crawler of Glue: it looks through buckets and makes tables of what it finds, or enters the new partitions of datasets. With
/// it comes a role that may do just that. Tables that it has made are its own: no block stands for them, they stay when it goes,
/// and their catalog cannot be deleted before them (`aws glue delete-table`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Crawler {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 1–255 letters, digits, `_`, `.` and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// What it is for.
    #[serde(default)]
    #[schemars(length(max = 2048))]
    pub description: String,
    /// The database that its tables are in.
    pub catalog: Ref<Catalog>,
    /// Folders of buckets in which it finds tables: `[{ bucket = "bucket.raw", prefix = "events/" }]`.
    #[serde(default)]
    #[schemars(length(max = 50), extend("uniqueItems" = true))]
    pub targets: Vec<CrawlTarget>,
    /// Folders that are tables of Delta Lake, each one table.
    #[serde(default)]
    #[schemars(length(max = 50))]
    pub delta: Vec<DeltaTable>,
    /// Whether it writes manifests into the folders of `delta`, for engines that cannot read Delta's log. Athena can.
    #[serde(default)]
    pub delta_manifests: bool,
    /// Datasets of the same catalog whose new partitions it enters, and whose columns it leaves as they are; instead of
    /// `targets` and `delta`.
    #[serde(default)]
    #[schemars(length(max = 50), extend("uniqueItems" = true))]
    pub datasets: Vec<Ref<Dataset>>,
    /// What the names of its tables begin with: lower-case letters, digits and `_`. The rest is the name of a folder.
    #[serde(default)]
    #[schemars(length(max = 128), regex(pattern = "^[a-z0-9_]*$"))]
    pub table_prefix: String,
    /// When it runs, in UTC: `cron(15 * * * ? *)`. Absent: when somebody starts it (`pipectl run`).
    #[serde(default)]
    #[schemars(length(min = 1, max = 256))]
    pub schedule: Option<String>,
    /// Whether it looks only at folders of `targets` that are new since its last run.
    #[serde(default)]
    pub only_new_folders: bool,
    /// What becomes of a table in whose data it finds other columns; absent: `update`, and `keep` with `datasets` or
    /// `only_new_folders`.
    #[serde(default)]
    pub columns: Option<Columns>,
    /// What becomes of tables and partitions whose data is gone; absent: `mark`, and `keep` with `datasets` or
    /// `only_new_folders`.
    #[serde(default)]
    pub deleted: Option<Deleted>,
    /// The topics that are told when a run fails; at most 5.
    #[serde(default)]
    #[schemars(length(max = 5), extend("uniqueItems" = true))]
    pub failures_to: Vec<Ref<Topic>>,
    /// Name of its role; absent: that of the crawler with `-crawler`. 1–64 letters, digits and `_+=,.@-`.
    #[serde(default)]
    pub role_name: Option<String>,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

/// A folder of a bucket in which tables are found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CrawlTarget {
    /// The bucket.
    pub bucket: Ref<Bucket>,
    /// What the keys of its objects begin with; ends with `/`. Absent: the whole bucket.
    #[serde(default)]
    #[schemars(length(max = 512))]
    pub prefix: String,
    /// Patterns of what is passed over below it: `**.tmp`, `drafts/**`.
    #[serde(default)]
    #[schemars(length(max = 100))]
    pub exclude: Vec<String>,
    /// How many files of each lowest folder it looks at; absent: all.
    #[serde(default)]
    #[schemars(range(min = 1, max = 249))]
    pub sample: Option<u32>,
}

/// A folder that is a table of Delta Lake.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DeltaTable {
    /// The bucket.
    pub bucket: Ref<Bucket>,
    /// What the keys of its objects begin with; ends with `/`.
    #[schemars(length(min = 1, max = 512))]
    pub prefix: String,
}

/// What becomes of a table in whose data there are other columns
/// (<https://docs.aws.amazon.com/glue/latest/dg/crawler-configuration.html>).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Columns {
    /// It gets what was found: new columns, others without those that are gone, other types.
    Update,
    /// It gets new columns, and keeps the others as they are.
    Add,
    /// It stays as it is. New tables and new partitions are entered all the same.
    Keep,
}

/// What becomes of tables and partitions whose data is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Deleted {
    /// The table stays, with a property that says since when it is deprecated.
    Mark,
    /// They are deleted from the catalog.
    Delete,
    /// They stay as they are.
    Keep,
}

impl Crawler {
    /// The name of its role.
    pub fn role_name(&self, block: &str, spec: &Spec) -> String {
        self.role_name.clone().unwrap_or_else(|| format!("{}-crawler", self.aws_name(block, spec)))
    }

    /// The name of the rule that tells of runs that fail.
    pub fn failure_rule(&self, block: &str, spec: &Spec) -> String {
        format!("{}-failures", self.aws_name(block, spec))
    }

    /// Whether it changes nothing of a table that is there already, but for new partitions: AWS asks for that of new folders, and
    /// a dataset says itself what it is.
    pub fn only_adds(&self) -> bool {
        self.only_new_folders || !self.datasets.is_empty()
    }

    /// What becomes of a table in whose data there are other columns.
    pub fn columns(&self) -> Columns {
        self.columns.unwrap_or(if self.only_adds() { Columns::Keep } else { Columns::Update })
    }

    /// What becomes of tables and partitions whose data is gone.
    pub fn deleted(&self) -> Deleted {
        self.deleted.unwrap_or(if self.only_adds() { Deleted::Keep } else { Deleted::Mark })
    }
}

impl Block for Crawler {
    const KIND: &'static str = "crawler";
    const METRICS: Metrics =
        Metrics::None("CloudWatch counts nothing of a crawler; `status` tells how its last run ended");
    const USES: Uses = Uses::For(&[Access::Start]);
    const EXTERNAL: Externals = Externals::Never("what another team finds in its buckets is theirs to say");

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        let role = if self.role_name.is_some() { "role_name" } else { "name" };
        let own = [
            Name::new(&names::CRAWLER, self.aws_name(block, spec), "name"),
            Name::new(&names::ROLE, self.role_name(block, spec), role),
        ];
        let told = || Name::new(&names::RULE, self.failure_rule(block, spec), "name");
        own.into_iter().chain((!self.failures_to.is_empty()).then(told)).collect()
    }

    fn check(&self, _block: &str, spec: &Spec, checks: &mut Checks<'_>) {
        check::all(self, spec, checks);
    }
}
