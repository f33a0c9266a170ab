//! `[table.<name>]`: a DynamoDB table.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::check::{Block, Checks};
use crate::spec::expect::Items;
use crate::spec::external::{Externals, Form, Within};
use crate::spec::metrics::{Expression, Metrics, Of, Source, Usual, sources};
use crate::spec::names::{self, Name};
use crate::spec::tags::{self, Tags};
use crate::spec::uses::{Access, Uses};
use crate::spec::{Spec, kms};

/// A DynamoDB table. Its keys and its local indexes are fixed: another one is another table, without the items.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Name in AWS; absent: `<project>-<env>-<block>`. 3–255 letters, digits, `_`, `.` and `-`.
    #[serde(default)]
    pub name: Option<String>,
    /// The attribute whose value decides where an item lies. Without a sort key it is the item's own.
    pub partition_key: Key,
    /// The attribute by which items of the same partition key are told apart and sorted.
    #[serde(default)]
    pub sort_key: Option<Key>,
    /// Global secondary indexes: other keys to find items by. They can be added and taken away at any time; AWS fills
    /// a new one from the items, which takes its time.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 20))]
    pub global_indexes: BTreeMap<String, GlobalIndex>,
    /// Local secondary indexes: other attributes to sort the items of one partition key by.
    #[serde(default)]
    #[schemars(extend("maxProperties" = 5))]
    pub local_indexes: BTreeMap<String, LocalIndex>,
    /// Throughput that is kept ready, and paid for whether it is used or not; absent: on demand, paid by request.
    #[serde(default)]
    pub capacity: Option<Capacity>,
    /// The attribute with the time, in seconds since 1970, after which AWS deletes an item; absent: items stay.
    #[serde(default)]
    #[schemars(length(min = 1, max = 255))]
    pub ttl: Option<String>,
    /// Whether the table can be restored to any second of the last `recovery_days`.
    #[serde(default = "yes")]
    pub point_in_time_recovery: bool,
    /// How many days back that is.
    #[serde(default = "most_days")]
    #[schemars(range(min = 1, max = 35))]
    pub recovery_days: u32,
    /// What the table's own stream shows of an item that has changed; absent: there is no stream.
    #[serde(default)]
    pub stream: Option<View>,
    /// KMS key (id, ARN or alias) that encrypts items; absent: a key that DynamoDB itself owns, at no cost. Which key an
    /// alias stands for is not looked at again.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// Whether AWS refuses to delete the table, whoever asks; absent: as `protect`.
    #[serde(default)]
    pub deletion_protection: Option<bool>,
    /// The use that is expected, on average: what `pipectl cost` and the plan reckon with.
    #[serde(default)]
    pub expect: Option<Items>,
    /// Tags, besides those of the environment.
    #[serde(default)]
    pub tags: Tags,
}

/// An attribute that is a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// Its name.
    #[schemars(length(min = 1, max = 255))]
    pub name: String,
    /// What it holds.
    #[serde(default, rename = "type")]
    pub kind: Type,
}

/// What a key holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// Text.
    #[default]
    String,
    /// A number.
    Number,
    /// Bytes.
    Binary,
}

/// A global secondary index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GlobalIndex {
    /// Its partition key.
    pub partition_key: Key,
    /// Its sort key.
    #[serde(default)]
    pub sort_key: Option<Key>,
    /// What it holds of an item.
    #[serde(default)]
    pub projection: Projection,
    /// With `projection = "include"`: the attributes besides the keys.
    #[serde(default)]
    pub include: BTreeSet<String>,
    /// Its throughput, where the table has a `capacity`; absent: as the table's.
    #[serde(default)]
    pub capacity: Option<Capacity>,
}

/// A local secondary index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LocalIndex {
    /// The attribute that it sorts by.
    pub sort_key: Key,
    /// What it holds of an item.
    #[serde(default)]
    pub projection: Projection,
    /// With `projection = "include"`: the attributes besides the keys.
    #[serde(default)]
    pub include: BTreeSet<String>,
}

/// What an index holds of an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Projection {
    /// All of it.
    #[default]
    All,
    /// The keys of the table and of the index.
    KeysOnly,
    /// Those, and the attributes under `include`.
    Include,
}

/// Throughput that is kept ready.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capacity {
    /// Read capacity units: strongly consistent reads of up to 4 KB a second, or twice as many others.
    #[schemars(range(min = 1, max = 40_000))]
    pub read: u32,
    /// Write capacity units: writes of up to 1 KB a second.
    #[schemars(range(min = 1, max = 40_000))]
    pub write: u32,
}

/// What a table's stream shows of an item that has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum View {
    /// Its keys.
    KeysOnly,
    /// All of it as it is now.
    NewImage,
    /// All of it as it was.
    OldImage,
    /// Both.
    NewAndOldImages,
}

fn yes() -> bool {
    true
}

fn most_days() -> u32 {
    35
}

/// What DynamoDB takes as the name of an index.
const INDEX_NAME: (usize, usize) = (3, 255);

impl Table {
    /// Whether items can be found by other keys than the table's.
    pub fn has_indexes(&self) -> bool {
        !self.global_indexes.is_empty() || !self.local_indexes.is_empty()
    }

    /// Every key, with the path of the setting that names it.
    fn keys(&self) -> impl Iterator<Item = (String, &Key)> {
        let own = [("partition_key", Some(&self.partition_key)), ("sort_key", self.sort_key.as_ref())];
        let global = self.global_indexes.iter().flat_map(|(name, index)| {
            let keys = [("partition_key", Some(&index.partition_key)), ("sort_key", index.sort_key.as_ref())];
            keys.map(|(field, key)| (format!("global_indexes.{name}.{field}"), key))
        });
        let local = self.local_indexes.iter();
        let local = local.map(|(name, index)| (format!("local_indexes.{name}.sort_key"), Some(&index.sort_key)));
        let own = own.map(|(field, key)| (field.to_owned(), key)).into_iter();
        own.chain(global).chain(local).filter_map(|(path, key)| Some((path, key?)))
    }

    fn check_keys(&self, checks: &mut Checks<'_>) {
        let mut types: BTreeMap<&str, (String, Type)> = BTreeMap::new();
        for (path, key) in self.keys() {
            let (first, kind) = types.entry(&key.name).or_insert_with(|| (path.clone(), key.kind));
            if *kind != key.kind {
                checks
                    .error(&path, format!("the attribute `{}` has another type here than in `{first}`", key.name))
                    .help("an attribute that is a key has one type in the whole table");
            }
        }
        if self.sort_key.as_ref().is_some_and(|key| key.name == self.partition_key.name) {
            checks.error("sort_key", "the sort key is another attribute than the partition key");
        }
    }

    fn check_indexes(&self, checks: &mut Checks<'_>) {
        let global = self.global_indexes.iter().map(|(name, it)| ("global_indexes", name, it.projection, &it.include));
        let local = self.local_indexes.iter().map(|(name, it)| ("local_indexes", name, it.projection, &it.include));
        for (field, name, projection, include) in global.chain(local) {
            let path = format!("{field}.{name}");
            let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
            if !(INDEX_NAME.0..=INDEX_NAME.1).contains(&name.len()) || !name.chars().all(fits) {
                checks
                    .error(&path, format!("an index cannot be called `{name}`"))
                    .help("its name has 3 to 255 letters, digits, `_`, `.` and `-`");
            }
            if include.is_empty() == (projection == Projection::Include) {
                checks
                    .error(&path, "`include` goes with `projection = \"include\"`, and with no other")
                    .help("write both, or neither");
            }
        }
        for name in self.global_indexes.keys().filter(|name| self.local_indexes.contains_key(*name)) {
            checks.error(&format!("local_indexes.{name}"), format!("`{name}` is also the name of a global index"));
        }
        if !self.local_indexes.is_empty() && self.sort_key.is_none() {
            checks.error("local_indexes", "a table without a `sort_key` has no local indexes");
        }
        for (name, _) in self.global_indexes.iter().filter(|(_, it)| it.capacity.is_some() && self.capacity.is_none()) {
            checks
                .error(&format!("global_indexes.{name}.capacity"), "the table is on demand, and so are its indexes")
                .help("take it out, or give the table a `capacity`");
        }
    }
}

/// Neither metric is emitted while it would be 0.
const THROTTLED: Expression = Expression {
    expression: "FILL(reads, 0) + FILL(writes, 0)",
    metrics: [("reads", Of::Watched, "ReadThrottleEvents"), ("writes", Of::Watched, "WriteThrottleEvents")],
    threshold: 0.0,
    periods: 15,
    datapoints: 5,
    period: |_, _| 60,
    meaning: "{} refuses reads or writes that come too fast for it",
};

impl Block for Table {
    const KIND: &'static str = "table";
    const METRICS: Metrics = Metrics::Of(Source { metrics: sources::TABLE, usual: Usual::Expression(&THROTTLED) });
    const USES: Uses = Uses::For(&[Access::Read, Access::Write, Access::Query]);
    const EXTERNAL: Externals = Externals::ByArn(Form {
        service: "dynamodb",
        prefix: "table/",
        suffix: "",
        within: Within::Region,
        name: &names::TABLE,
        keyed: true,
    });

    fn aws_name(&self, block: &str, spec: &Spec) -> String {
        spec.name_of(block, self.name.as_ref())
    }

    fn names(&self, block: &str, spec: &Spec) -> Vec<Name> {
        vec![Name::new(&names::TABLE, self.aws_name(block, spec), "name")]
    }

    fn check(&self, _name: &str, spec: &Spec, checks: &mut Checks<'_>) {
        self.check_keys(checks);
        self.check_indexes(checks);
        if let Some(ttl) =
            self.ttl.as_ref().filter(|ttl| self.keys().any(|(_, key)| key.name == **ttl && key.kind != Type::Number))
        {
            checks.error("ttl", format!("`{ttl}` is a key that holds no number, and so no time"));
        }
        kms::check("kms_key", self.kms_key.as_ref(), spec, checks);
        tags::check(&self.tags, spec, checks);
    }
}
