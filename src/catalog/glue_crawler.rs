//! Crawlers of Glue: what looks through buckets and enters tables and partitions in the Data Catalog.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::ResourceType;
use crate::catalog::facets::{AtRest, Import, Metrics, Price, Status, Takes};
use crate::model::access::Access::{Bound, Names, Nothing};
use crate::model::access::Rules;
use crate::model::audit::{AuditEvents, Update};
use crate::model::grant::{Grant, On};
use crate::model::kind::Ownership;
use crate::model::tags::Tags;

/// A crawler of Glue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 1–255 characters.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// Description; at most 2,048 characters.
    #[serde(default)]
    pub(crate) description: String,
    /// ARN of the role that it works as.
    pub(crate) role_arn: String,
    /// The database that its tables are in.
    pub(crate) database: String,
    /// What the names of its tables begin with; at most 128 characters.
    #[serde(default)]
    pub(crate) table_prefix: String,
    /// Folders of buckets in which it finds tables.
    #[serde(default)]
    pub(crate) s3_targets: Vec<S3Target>,
    /// Folders that are tables of Delta Lake.
    #[serde(default)]
    pub(crate) delta_targets: Vec<DeltaTarget>,
    /// Tables that stand in the catalog already, whose partitions it enters.
    #[serde(default)]
    pub(crate) catalog_targets: Vec<CatalogTarget>,
    /// When it runs, in UTC: `cron(15 * * * ? *)`; absent: when somebody starts it.
    #[serde(default)]
    pub(crate) schedule: Option<String>,
    /// What it looks at again: `CRAWL_EVERYTHING`, `CRAWL_NEW_FOLDERS_ONLY` or `CRAWL_EVENT_MODE`.
    #[serde(default = "everything")]
    pub(crate) recrawl: String,
    /// What it does with a table whose data has other columns: `UPDATE_IN_DATABASE` or `LOG`.
    #[serde(default = "update")]
    pub(crate) update_behavior: String,
    /// What it does with a table whose data is gone: `DEPRECATE_IN_DATABASE`, `DELETE_FROM_DATABASE` or `LOG`.
    #[serde(default = "deprecate")]
    pub(crate) delete_behavior: String,
    /// How it makes tables of what it finds, compared as JSON.
    #[serde(default)]
    pub(crate) configuration: Option<Value>,
    /// Name of the security configuration that says how its logs are encrypted.
    #[serde(default)]
    pub(crate) security_configuration: Option<String>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// A folder of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct S3Target {
    /// Its URI: `s3://bucket/prefix/`.
    pub(crate) path: String,
    /// Patterns of what is passed over below it: `**.tmp`.
    #[serde(default)]
    pub(crate) exclusions: Vec<String>,
    /// How many files of each lowest folder are looked at; 1–249. Absent: all.
    #[serde(default)]
    pub(crate) sample_size: Option<u32>,
}

/// Tables of Delta Lake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeltaTarget {
    /// The URIs of their folders.
    pub(crate) tables: Vec<String>,
    /// Whether it writes manifests into their folders, by which engines read them that know nothing of Delta.
    #[serde(default)]
    pub(crate) write_manifest: bool,
    /// Whether the tables that it enters are read by Delta's log.
    #[serde(default)]
    pub(crate) create_native_table: bool,
}

/// Tables of a database.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CatalogTarget {
    /// The database.
    pub(crate) database: String,
    /// Their names.
    pub(crate) tables: Vec<String>,
}

/// What AWS takes where nobody says.
pub(crate) fn everything() -> String {
    "CRAWL_EVERYTHING".to_owned()
}

/// What AWS takes where nobody says.
pub(crate) fn update() -> String {
    "UPDATE_IN_DATABASE".to_owned()
}

/// What AWS takes where nobody says.
pub(crate) fn deprecate() -> String {
    "DEPRECATE_IN_DATABASE".to_owned()
}

/// That nothing but the log of a run tells of it.
pub(crate) const LOG: &str = "LOG";
/// That a table goes with its data.
pub(crate) const DELETE: &str = "DELETE_FROM_DATABASE";

/// What AWS makes up.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Outputs {
    /// ARN of the crawler.
    pub(crate) arn: String,
    /// `READY`, `RUNNING` or `STOPPING`.
    pub(crate) state: String,
    /// How its last run ended: `SUCCEEDED`, `CANCELLED` or `FAILED`; absent where it never ran.
    pub(crate) last_status: Option<String>,
    /// Why its last run failed.
    pub(crate) last_error: Option<String>,
    /// When its last run began.
    pub(crate) last_began: Option<String>,
}

/// A time as AWS's JSON has it, in seconds since 1970.
pub(crate) fn at(seconds: f64) -> Option<String> {
    let since = time::Duration::checked_seconds_f64(seconds)?.whole_seconds();
    OffsetDateTime::from_unix_timestamp(since).ok()?.format(&Rfc3339).ok()
}

/// Crawlers of Glue.
pub(crate) struct GlueCrawler;

const CRAWLER: On = On::Arns(&["arn:{partition}:glue:{region}:{account}:crawler/{name}"]);

const UPDATED: &[&str] = &["glue:UpdateCrawler"];

impl ResourceType for GlueCrawler {
    const KIND: &'static str = "glue_crawler";
    const AWS_TYPE: &'static str = "AWS::Glue::Crawler";
    const OWNERSHIP: Ownership = Ownership::Tags;
    const GRANTS: &'static [Grant] = &[
        Grant::plan(&["glue:GetCrawler", "glue:GetTags"], CRAWLER),
        // IAM takes no crawler for it.
        Grant::apply(&["glue:CreateCrawler"], On::All),
        Grant::apply(
            &["glue:DeleteCrawler", "glue:StopCrawler", "glue:TagResource", "glue:UntagResource", "glue:UpdateCrawler"],
            CRAWLER,
        ),
        Grant::apply(&["iam:PassRole"], On::Arns(&["{role_arn}"])).only_if("iam:PassedToService", "glue.amazonaws.com"),
        Grant::operate(&["glue:GetCrawler", "glue:StartCrawler", "glue:StopCrawler"], CRAWLER),
        // Where runs of all crawlers of the account log what they find.
        Grant::operate(
            &["logs:FilterLogEvents"],
            On::Arns(&["arn:{partition}:logs:{region}:{account}:log-group:/aws-glue/crawlers:*"]),
        ),
    ];
    const AUDIT_EVENTS: &'static AuditEvents = &AuditEvents {
        named_by: &[0],
        create: &["glue:CreateCrawler"],
        delete: &["glue:DeleteCrawler"],
        update: &[
            Update::new("catalog_targets", UPDATED).saying("catalogTargets"),
            Update::new("configuration", UPDATED).saying("configuration"),
            Update::new("database", UPDATED).saying("databaseName"),
            Update::new("delete_behavior", UPDATED).saying("deleteBehavior"),
            Update::new("delta_targets", UPDATED).saying("deltaTargets"),
            Update::new("description", UPDATED).saying("description"),
            Update::new("recrawl", UPDATED).saying("recrawlBehavior"),
            Update::new("role_arn", UPDATED).saying("role"),
            Update::new("s3_targets", UPDATED).saying("s3Targets"),
            Update::new("schedule", &["glue:UpdateCrawler", "glue:UpdateCrawlerSchedule"]).saying("schedule"),
            Update::new("security_configuration", UPDATED).saying("crawlerSecurityConfiguration"),
            Update::new("table_prefix", UPDATED).saying("tablePrefix"),
            Update::new("tags", &["glue:TagResource", "glue:UntagResource"]),
            Update::new("update_behavior", UPDATED).saying("updateBehavior"),
        ],
    };
    const ACCESS: &'static Rules = &Rules {
        returns: false,
        attributes: &[
            (Names, &["role_arn"]),
            (Bound("security configuration"), &["security_configuration"]),
            // What it may look at and change, its role says.
            (
                Nothing,
                &[
                    "name",
                    "description",
                    "database",
                    "table_prefix",
                    "s3_targets",
                    "delta_targets",
                    "catalog_targets",
                    "schedule",
                    "recrawl",
                    "update_behavior",
                    "delete_behavior",
                    "configuration",
                    "tags",
                ],
            ),
        ],
    };
    // By the DPU-hour, and how many hours a crawler runs nobody knows beforehand.
    const PRICE: Price = Price::Missing;
    const IMPORT: Import = Import::None("the database that it fills is not taken into a spec either");
    const STATUS: Status = Status::Judged;
    const METRICS: Metrics = Metrics::None("CloudWatch counts nothing of a crawler");
    const EXAMPLES: &'static str = include_str!("glue_crawler.toml");
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    fn at_rest(_spec: &Spec) -> AtRest {
        AtRest::Nothing("it keeps no data: what it finds it enters in the catalog")
    }

    fn takes(_spec: &Spec) -> Takes {
        Takes::None("AWS allows far more of them than an environment has")
    }

    fn align(now: &mut Spec, want: &Spec) {
        // AWS takes and returns the name of a role as well.
        let named = want.role_arn.strip_suffix(&now.role_arn).is_some_and(|rest| rest.ends_with('/'));
        if named && !now.role_arn.is_empty() {
            now.role_arn.clone_from(&want.role_arn);
        }
        // Of its `Version` 1.0, others write 1.
        if let (Some(live), Some(wanted)) = (&now.configuration, &want.configuration)
            && is_same(live, wanted)
        {
            now.configuration.clone_from(&want.configuration);
        }
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        if let Some(want) = want.filter(|want| want.name == now.name) {
            return now.changed_to(want);
        }
        let runs = format!("A run of `{}` is stopped.", now.name);
        let stay = format!("The tables that it has made in `{}` stay, and get no new partitions.", now.database);
        let renamed = want.map(|want| format!("Who starts `{}` by its name has to start `{}`.", now.name, want.name));
        // One in its place goes on with the tables.
        let stay = Some(stay).filter(|_| want.is_none());
        [Some(runs), stay, renamed].into_iter().flatten().collect()
    }
}

/// Whether two documents of JSON say the same, however their numbers are written.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let same = |(name, value)| other.get(name).is_some_and(|other| is_same(value, other));
            one.len() == other.len() && one.iter().all(same)
        }
        (one, other) => one == other,
    }
}

impl Spec {
    /// What UpdateCrawler sets.
    pub(crate) fn settings(&self) -> Self {
        Self { tags: Tags::new(), ..self.clone() }
    }

    /// Everything that it looks at: URIs, and tables as `database.table`.
    fn looks_at(&self) -> Vec<String> {
        let folders = self.s3_targets.iter().map(|target| target.path.clone());
        let delta = self.delta_targets.iter().flat_map(|target| target.tables.clone());
        let tables = self.catalog_targets.iter().flat_map(|CatalogTarget { database, tables }| {
            tables.iter().map(move |table| format!("`{database}.{table}`"))
        });
        folders.chain(delta).chain(tables).collect()
    }

    /// What is said of the same crawler that does something else.
    fn changed_to(&self, want: &Self) -> Vec<String> {
        let still = want.looks_at();
        let left: Vec<String> = self.looks_at().into_iter().filter(|one| !still.contains(one)).collect();
        let left = (!left.is_empty()).then(|| format!("What is new in {} is entered no more.", left.join(", ")));
        let moved = self.database != want.database || self.table_prefix != want.table_prefix;
        let moved = moved.then(|| {
            format!(
                "Its next run makes new tables (`{}.{}…`): those in `{}` that it has made before stay as they are.",
                want.database, want.table_prefix, self.database
            )
        });
        let schedule = self.schedule.is_some() && want.schedule.is_none();
        let schedule = schedule.then(|| "It runs only when somebody starts it.".to_owned());
        let deletes = want.delete_behavior == DELETE && self.delete_behavior != DELETE;
        let deletes = deletes.then(|| "Tables and partitions whose data is gone are deleted from then on.".to_owned());
        let updates = want.update_behavior != LOG && self.update_behavior == LOG;
        let updates = updates.then(|| "Tables get the columns that it finds in their data from then on.".to_owned());
        [left, moved, schedule, deletes, updates].into_iter().flatten().collect()
    }
}
