//! DynamoDB tables.

mod calls;
mod change;
mod convert;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{BillingMode, TableDescription, TableStatus};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::calls::{READY, active, arn, describe, gone, read_recovery, read_tags, read_ttl, settled};
use self::change::Change;
use crate::aws::error::{absent_is_done, absent_is_none, failed};
use crate::aws::tags::Tags;
use crate::aws::{Aws, Resource, Result, kms, wait};
use crate::engine::error::{CallError, Class};
use crate::engine::grant::{Grant, On};
use crate::engine::kind::Step;
use crate::engine::trail::{Update, Writes};

/// A DynamoDB table with its secondary indexes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Spec {
    /// Name, unique in its account and region; 3–255 of `[a-zA-Z0-9_.-]`.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) name: String,
    /// The attribute whose value decides where an item lies.
    #[schemars(extend("x-replaces" = true))]
    pub(crate) partition_key: Key,
    /// The attribute by which the items of one partition key are sorted.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default)]
    pub(crate) sort_key: Option<Key>,
    /// Local secondary indexes, by name, at most 5; made with the table, and at no other time.
    #[schemars(extend("x-replaces" = true))]
    #[serde(default)]
    pub(crate) local_indexes: BTreeMap<String, LocalIndex>,
    /// Global secondary indexes, by name; at most 20.
    #[serde(default)]
    pub(crate) global_indexes: BTreeMap<String, GlobalIndex>,
    /// Provisioned throughput; absent: on demand.
    #[serde(default)]
    pub(crate) capacity: Option<Capacity>,
    /// The attribute with the time, in seconds since 1970, after which an item may be deleted; absent: none is.
    #[serde(default)]
    pub(crate) ttl_attribute: Option<String>,
    /// Days back to which the table can be restored, 1–35; absent: no point-in-time recovery.
    #[serde(default)]
    pub(crate) recovery_days: Option<u32>,
    /// KMS key (ARN, id or alias); absent: a key that DynamoDB itself owns.
    #[serde(default)]
    pub(crate) kms_key: Option<String>,
    /// Whether AWS refuses to delete the table.
    #[serde(default)]
    pub(crate) deletion_protection: bool,
    /// What its stream shows of a changed item: `KEYS_ONLY`, `NEW_IMAGE`, `OLD_IMAGE` or `NEW_AND_OLD_IMAGES`; absent: it
    /// has none.
    #[serde(default)]
    pub(crate) stream_view: Option<String>,
    /// Tags.
    #[serde(default)]
    pub(crate) tags: Tags,
}

/// An attribute that is a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Key {
    /// Its name; 1–255 characters.
    pub(crate) name: String,
    /// `S` (string), `N` (number) or `B` (binary).
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

/// A local secondary index: the table's partition key and another sort key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LocalIndex {
    /// The attribute that it sorts by.
    pub(crate) sort_key: Key,
    /// What it holds.
    pub(crate) projection: Projection,
}

/// A global secondary index: keys of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct GlobalIndex {
    /// Its partition key.
    pub(crate) partition_key: Key,
    /// Its sort key.
    #[serde(default)]
    pub(crate) sort_key: Option<Key>,
    /// What it holds.
    pub(crate) projection: Projection,
    /// Provisioned throughput, where the table has one.
    #[serde(default)]
    pub(crate) capacity: Option<Capacity>,
}

/// What an index holds of an item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Projection {
    /// `ALL`, `KEYS_ONLY` or `INCLUDE`.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// With `INCLUDE`: the attributes besides the keys.
    #[serde(default)]
    pub(crate) attributes: BTreeSet<String>,
}

/// Provisioned throughput.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Capacity {
    /// Read capacity units: strongly consistent reads of up to 4 KB a second.
    pub(crate) read: u32,
    /// Write capacity units: writes of up to 1 KB a second.
    pub(crate) write: u32,
}

/// What AWS makes up.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Outputs {
    /// ARN of the table.
    pub(crate) arn: String,
    /// `ACTIVE`, `UPDATING` …
    pub(crate) status: String,
    /// ARN of its stream, while it has one.
    pub(crate) stream_arn: Option<String>,
}

/// DynamoDB tables.
pub(crate) struct Table;

/// What the conformance tests drive.
const EXAMPLES: &str = include_str!("examples.toml");

/// How long a table just made may stay unseen.
const UNSEEN: Duration = Duration::from_secs(15);

const TABLE: On = On::Arns(&["arn:{partition}:dynamodb:{region}:{account}:table/{name}"]);

const UPDATED: &[&str] = &["dynamodb:UpdateTable"];

impl Resource for Table {
    const KIND: &'static str = "dynamodb_table";
    const AWS_TYPE: &'static str = "AWS::DynamoDB::Table";
    const GRANTS: &'static [Grant] = &[
        Grant::plan(
            &[
                "dynamodb:DescribeContinuousBackups",
                "dynamodb:DescribeTable",
                "dynamodb:DescribeTimeToLive",
                "dynamodb:ListTagsOfResource",
            ],
            TABLE,
        ),
        Grant::apply(
            &[
                "dynamodb:CreateTable",
                "dynamodb:DeleteTable",
                "dynamodb:TagResource",
                "dynamodb:UntagResource",
                "dynamodb:UpdateContinuousBackups",
                "dynamodb:UpdateTable",
                "dynamodb:UpdateTimeToLive",
            ],
            TABLE,
        ),
        Grant::operate(&["dynamodb:BatchGetItem"], TABLE),
        Grant::operate(&["kms:Decrypt"], On::Key("kms_key")).only_if("kms:ViaService", "dynamodb.{region}.{domain}"),
        // DynamoDB makes its grant on the key in the caller's name.
        Grant::apply(
            &["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
            On::Key("kms_key"),
        )
        .only_if("kms:ViaService", "dynamodb.{region}.{domain}"),
    ];
    const WRITES: &'static Writes = &Writes {
        named_by: &[0],
        create: &["dynamodb:CreateTable"],
        delete: &["dynamodb:DeleteTable"],
        update: &[
            Update::new("capacity", UPDATED).saying("provisionedThroughput"),
            Update::new("deletion_protection", UPDATED).saying("deletionProtectionEnabled"),
            Update::new("global_indexes", UPDATED).saying("globalSecondaryIndexUpdates"),
            Update::new("kms_key", UPDATED).saying("sSESpecification"),
            Update::new("recovery_days", &["dynamodb:UpdateContinuousBackups"]),
            Update::new("stream_view", UPDATED).saying("streamSpecification"),
            Update::new("tags", &["dynamodb:TagResource", "dynamodb:UntagResource"]),
            Update::new("ttl_attribute", &["dynamodb:UpdateTimeToLive"]),
        ],
    };
    const EXAMPLES: &'static str = EXAMPLES;
    type Spec = Spec;
    type Outputs = Outputs;

    fn key(spec: &Spec) -> String {
        spec.name.clone()
    }

    async fn read(aws: &Aws, key: &str, _hint: Option<&Spec>) -> Result<Option<(Spec, Outputs)>> {
        let client = aws.client(Client::new).await;
        let (table, rest) = tokio::join!(describe(&client, key), async {
            tokio::try_join!(read_ttl(&client, key), read_recovery(&client, key), read_tags(aws, &client, key))
        });
        match table? {
            // It cannot be kept any more: what a plan must say is that it has to be made. `create` waits until the
            // name is free.
            Some(table) if table.table_status == Some(TableStatus::Deleting) => Ok(None),
            Some(table) => {
                // Deleted between the calls: as good as absent.
                let Some((ttl_attribute, recovery_days, tags)) = absent_is_none(rest)? else { return Ok(None) };
                let spec = Spec { ttl_attribute, recovery_days, tags, ..convert::spec(&table) };
                Ok(Some((spec, outputs(&table))))
            }
            None => Ok(None),
        }
    }

    async fn create(aws: &Aws, want: &Spec, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        match create_table(&client, want).await {
            Err(error) if error.class == Class::InUse && made_room(&client, &want.name).await? => {
                create_table(&client, want).await?;
            }
            result => result?,
        }
        let unseen = |error: &CallError| error.class == Class::Absent;
        wait::retry(UNSEEN, unseen, || active(&client, &want.name, READY)).await.map(drop)
    }

    async fn ready(aws: &Aws, key: &str) -> Result<()> {
        active(&aws.client(Client::new).await, key, READY).await.map(drop)
    }

    async fn update(aws: &Aws, now: &Spec, want: &Spec, step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        let change = Change::begin(&client, &want.name, step.note).await?;
        if now.deletion_protection != want.deletion_protection {
            change.deletion_protection(want.deletion_protection).await?;
        }
        if now.kms_key != want.kms_key {
            change.encryption(want.kms_key.as_deref()).await?;
        }
        if now.stream_view != want.stream_view {
            change.stream(now.stream_view.as_deref(), want.stream_view.as_deref()).await?;
        }
        // What goes away needs no capacity any more; what is added comes with its own.
        change.drop_indexes(now, want).await?;
        change.capacity(now, want).await?;
        change.add_indexes(now, want).await?;
        if now.ttl_attribute != want.ttl_attribute {
            change.ttl(now.ttl_attribute.as_deref(), want.ttl_attribute.as_deref()).await?;
        }
        if now.recovery_days != want.recovery_days {
            change.recovery(want.recovery_days).await?;
        }
        if now.tags != want.tags {
            change.tags(&arn(aws, &want.name).await?, &now.tags, &want.tags).await?;
        }
        Ok(())
    }

    async fn delete(aws: &Aws, key: &str, _step: &Step<'_>) -> Result<()> {
        let client = aws.client(Client::new).await;
        match describe(&client, key).await? {
            None => return Ok(()),
            Some(table) if table.table_status == Some(TableStatus::Deleting) => {}
            Some(_) => {
                let delete = || async {
                    let call = client.delete_table().table_name(key).send();
                    call.await.map(drop).map_err(failed("dynamodb DeleteTable"))
                };
                absent_is_done(settled(delete).await)?;
            }
        }
        gone(&client, key).await
    }

    fn align(now: &mut Spec, want: &Spec) {
        kms::align(&mut now.kms_key, want.kms_key.as_ref());
        // AWS shows the key behind an alias, and only KMS could tell which alias that is.
        let alias = want.kms_key.as_ref().filter(|key| key.contains("alias/"));
        if let (Some(now), Some(alias)) = (&mut now.kms_key, alias) {
            now.clone_from(alias);
        }
    }

    fn warnings(now: Option<&Spec>, want: Option<&Spec>) -> Vec<String> {
        let Some(now) = now else { return Vec::new() };
        want.filter(|want| now.is_kept_by(want)).map_or_else(|| now.end(), |want| now.losses(want))
    }
}

impl Spec {
    /// Whether a table like this can become the other one and stay the same table.
    fn is_kept_by(&self, want: &Spec) -> bool {
        let fixed = |spec: &Spec| (spec.name.clone(), spec.partition_key.clone(), spec.sort_key.clone());
        fixed(self) == fixed(want) && self.local_indexes == want.local_indexes
    }

    /// What its deletion comes to.
    fn end(&self) -> Vec<String> {
        let mut warnings = vec![format!("The items in `{}` are deleted with it.", self.name)];
        if self.deletion_protection {
            let fault = "AWS refuses to delete this table: switch its `deletion_protection` off and apply that first.";
            warnings.push(fault.to_owned());
        }
        warnings
    }

    /// What a change in place loses, or makes the user wait for.
    fn losses(&self, want: &Spec) -> Vec<String> {
        let mut warnings = Vec::new();
        match (&self.ttl_attribute, &want.ttl_attribute) {
            (None, Some(new)) => warnings.push(format!("Items whose `{new}` is in the past are deleted.")),
            (Some(old), Some(new)) if old != new => warnings.push(format!(
                "Items whose `{new}` is in the past are deleted. AWS may take an hour to leave `{old}`, and the apply waits for it."
            )),
            _ => {}
        }
        if want.recovery_days < self.recovery_days {
            let kept =
                want.recovery_days.map_or("no point in time".to_owned(), |days| format!("the last {days} days only"));
            warnings.push(format!("The table can be restored to {kept} from now on."));
        }
        if self.capacity.is_some() != want.capacity.is_some() {
            warnings
                .push("AWS limits how often a table's billing mode is switched in 24 hours; this is one.".to_owned());
        }
        warnings
    }
}

fn outputs(table: &TableDescription) -> Outputs {
    Outputs {
        arn: table.table_arn.clone().unwrap_or_default(),
        status: table.table_status.as_ref().map(ToString::to_string).unwrap_or_default(),
        stream_arn: table.latest_stream_arn.clone().filter(|_| convert::stream_view(table).is_some()),
    }
}

async fn create_table(client: &Client, want: &Spec) -> Result<()> {
    const CALL: &str = "dynamodb CreateTable";
    let parts = convert::Parts::of(want).map_err(misfit(CALL))?;
    let mode = if want.capacity.is_some() { BillingMode::Provisioned } else { BillingMode::PayPerRequest };
    let call = client
        .create_table()
        .table_name(&want.name)
        .set_attribute_definitions(Some(parts.attributes))
        .set_key_schema(Some(parts.keys))
        .set_local_secondary_indexes(parts.local_indexes)
        .set_global_secondary_indexes(parts.global_indexes)
        .billing_mode(mode)
        .set_provisioned_throughput(parts.capacity)
        .set_stream_specification(parts.stream)
        .set_sse_specification(want.kms_key.as_deref().map(|key| convert::encryption(Some(key))))
        .deletion_protection_enabled(want.deletion_protection)
        .set_tags(parts.tags);
    Box::pin(call.send()).await.map_err(failed(CALL)).map(drop)
}

/// For `map_err`: a part of a request that the SDK refuses to build.
fn misfit(call: &str) -> impl FnOnce(BuildError) -> CallError {
    move |error| CallError::own(Class::Invalid, call, error.to_string())
}

/// After AWS has refused a name as taken: whether it is free now, because what held it was on its way out.
async fn made_room(client: &Client, name: &str) -> Result<bool> {
    match describe(client, name).await?.and_then(|table| table.table_status) {
        None => Ok(true),
        Some(TableStatus::Deleting) => gone(client, name).await.map(|()| true),
        // It may be what an unanswered call of ours has begun: what comes next needs it ACTIVE.
        Some(_) => active(client, name, READY).await.map(|_| false),
    }
}
