//! Between a table's spec and the SDK's types.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_dynamodb::error::BuildError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, CreateGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexDescription, KeySchemaElement, KeyType, LocalSecondaryIndex, LocalSecondaryIndexDescription,
    Projection as SdkProjection, ProjectionType, ProvisionedThroughput, ProvisionedThroughputDescription,
    ScalarAttributeType, SseSpecification, SseStatus, SseType, StreamSpecification, StreamViewType, TableDescription,
    Tag,
};

use crate::catalog::dynamodb_table::{Capacity, GlobalIndex, Key, LocalIndex, Projection, Spec};
use crate::model::tags::Tags;

/// The key that AWS keeps for DynamoDB: to be asked for by naming none.
const AWS_MANAGED: &str = "alias/aws/dynamodb";

type Built<T> = Result<T, BuildError>;

/// What a creation is made of.
pub(super) struct Parts {
    pub(super) attributes: Vec<AttributeDefinition>,
    pub(super) keys: Vec<KeySchemaElement>,
    pub(super) local_indexes: Option<Vec<LocalSecondaryIndex>>,
    pub(super) global_indexes: Option<Vec<GlobalSecondaryIndex>>,
    pub(super) capacity: Option<ProvisionedThroughput>,
    pub(super) stream: Option<StreamSpecification>,
    pub(super) tags: Option<Vec<Tag>>,
}

impl Parts {
    /// Those of a table.
    pub(super) fn of(want: &Spec) -> Built<Self> {
        let global = want.global_indexes.iter().map(|(name, index)| global_index(name, index, want.capacity));
        let local = want.local_indexes.iter().map(|(name, index)| local_index(name, index, &want.partition_key));
        let (global, local) = (global.collect::<Built<Vec<_>>>()?, local.collect::<Built<Vec<_>>>()?);
        Ok(Self {
            attributes: attributes(want, want.global_indexes.values())?,
            keys: keys(&want.partition_key, want.sort_key.as_ref())?,
            // AWS takes no empty lists.
            local_indexes: Some(local).filter(|indexes| !indexes.is_empty()),
            global_indexes: Some(global).filter(|indexes| !indexes.is_empty()),
            capacity: want.capacity.map(capacity).transpose()?,
            stream: stream(want.stream_view.as_deref())?,
            tags: tags(&want.tags)?,
        })
    }
}

/// The definitions of exactly the attributes that are keys: of the table, its local indexes and these global ones.
pub(super) fn attributes<'a>(
    spec: &'a Spec,
    global: impl IntoIterator<Item = &'a GlobalIndex>,
) -> Built<Vec<AttributeDefinition>> {
    let own = [Some(&spec.partition_key), spec.sort_key.as_ref()].into_iter().flatten();
    let local = spec.local_indexes.values().map(|index| &index.sort_key);
    let global = global.into_iter().flat_map(|index| [Some(&index.partition_key), index.sort_key.as_ref()]);
    let keys: BTreeSet<&Key> = own.chain(local).chain(global.flatten()).collect();
    let definition = |key: &Key| {
        let kind = ScalarAttributeType::from(key.kind.as_str());
        AttributeDefinition::builder().attribute_name(&key.name).attribute_type(kind).build()
    };
    keys.into_iter().map(definition).collect()
}

fn keys(partition: &Key, sort: Option<&Key>) -> Built<Vec<KeySchemaElement>> {
    let element =
        |(key, kind): (&Key, KeyType)| KeySchemaElement::builder().attribute_name(&key.name).key_type(kind).build();
    let sort = sort.map(|key| (key, KeyType::Range));
    [Some((partition, KeyType::Hash)), sort].into_iter().flatten().map(element).collect()
}

fn global_index(name: &str, index: &GlobalIndex, of_table: Option<Capacity>) -> Built<GlobalSecondaryIndex> {
    GlobalSecondaryIndex::builder()
        .index_name(name)
        .set_key_schema(Some(keys(&index.partition_key, index.sort_key.as_ref())?))
        .projection((&index.projection).into())
        .set_provisioned_throughput(index_capacity(index, of_table)?)
        .build()
}

/// The order to add an index to a table of that throughput.
pub(super) fn index_creation(
    name: &str,
    index: &GlobalIndex,
    of_table: Option<Capacity>,
) -> Built<CreateGlobalSecondaryIndexAction> {
    CreateGlobalSecondaryIndexAction::builder()
        .index_name(name)
        .set_key_schema(Some(keys(&index.partition_key, index.sort_key.as_ref())?))
        .projection((&index.projection).into())
        .set_provisioned_throughput(index_capacity(index, of_table)?)
        .build()
}

fn index_capacity(index: &GlobalIndex, of_table: Option<Capacity>) -> Built<Option<ProvisionedThroughput>> {
    of_table.map(|of_table| capacity(index.capacity.unwrap_or(of_table))).transpose()
}

fn local_index(name: &str, index: &LocalIndex, partition: &Key) -> Built<LocalSecondaryIndex> {
    LocalSecondaryIndex::builder()
        .index_name(name)
        .set_key_schema(Some(keys(partition, Some(&index.sort_key))?))
        .projection((&index.projection).into())
        .build()
}

impl From<&Projection> for SdkProjection {
    fn from(projection: &Projection) -> Self {
        let attributes = Vec::from_iter(projection.attributes.clone());
        Self::builder()
            .projection_type(projection.kind.as_str().into())
            .set_non_key_attributes(Some(attributes).filter(|attributes| !attributes.is_empty()))
            .build()
    }
}

/// Provisioned throughput.
pub(super) fn capacity(capacity: Capacity) -> Built<ProvisionedThroughput> {
    ProvisionedThroughput::builder()
        .read_capacity_units(capacity.read.into())
        .write_capacity_units(capacity.write.into())
        .build()
}

/// A stream that is switched on; absent without a view.
pub(super) fn stream(view: Option<&str>) -> Built<Option<StreamSpecification>> {
    let on = |view: &str| {
        StreamSpecification::builder().stream_enabled(true).stream_view_type(StreamViewType::from(view)).build()
    };
    view.map(on).transpose()
}

/// Encryption by a key in KMS; without one, by DynamoDB's own.
pub(super) fn encryption(key: Option<&str>) -> SseSpecification {
    let encryption = SseSpecification::builder().enabled(key.is_some());
    match key {
        None => encryption.build(),
        Some(key) if key.ends_with(AWS_MANAGED) => encryption.sse_type(SseType::Kms).build(),
        Some(key) => encryption.sse_type(SseType::Kms).kms_master_key_id(key).build(),
    }
}

/// Tags; AWS takes no empty list.
pub(super) fn tags(tags: &Tags) -> Built<Option<Vec<Tag>>> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build());
    Ok(Some(tags.collect::<Built<Vec<_>>>()?).filter(|tags| !tags.is_empty()))
}

/// The spec that the live table is equal to, but for what other calls tell: TTL, recovery and tags.
pub(super) fn spec(table: &TableDescription) -> Spec {
    let types: BTreeMap<&str, &str> = table
        .attribute_definitions()
        .iter()
        .map(|attribute| (attribute.attribute_name.as_str(), attribute.attribute_type.as_str()))
        .collect();
    let key = |schema: &[KeySchemaElement], kind: KeyType| {
        let name = &schema.iter().find(|element| element.key_type == kind)?.attribute_name;
        Some(Key { name: name.clone(), kind: types.get(name.as_str()).copied().unwrap_or_default().to_owned() })
    };
    let partition_key = |schema: &[KeySchemaElement]| key(schema, KeyType::Hash).unwrap_or_else(Key::unknown);
    let sort_key = |schema: &[KeySchemaElement]| key(schema, KeyType::Range);
    // Absent for a table that never was on demand.
    let mode = table.billing_mode_summary().and_then(|summary| summary.billing_mode());
    let provisioned = mode != Some(&BillingMode::PayPerRequest);
    let capacity =
        |throughput: Option<&ProvisionedThroughputDescription>| throughput.filter(|_| provisioned).map(live_capacity);
    let global = |index: &GlobalSecondaryIndexDescription| GlobalIndex {
        partition_key: partition_key(index.key_schema()),
        sort_key: sort_key(index.key_schema()),
        projection: live_projection(index.projection()),
        capacity: capacity(index.provisioned_throughput()),
    };
    let local = |index: &LocalSecondaryIndexDescription| LocalIndex {
        sort_key: sort_key(index.key_schema()).unwrap_or_else(Key::unknown),
        projection: live_projection(index.projection()),
    };
    let globals = table.global_secondary_indexes().iter();
    let locals = table.local_secondary_indexes().iter();
    Spec {
        name: table.table_name.clone().unwrap_or_default(),
        partition_key: partition_key(table.key_schema()),
        sort_key: sort_key(table.key_schema()),
        local_indexes: locals.map(|it| (it.index_name.clone().unwrap_or_default(), local(it))).collect(),
        global_indexes: globals.map(|it| (it.index_name.clone().unwrap_or_default(), global(it))).collect(),
        capacity: capacity(table.provisioned_throughput()),
        ttl_attribute: None,
        recovery_days: None,
        kms_key: kms_key(table),
        deletion_protection: table.deletion_protection_enabled.unwrap_or_default(),
        stream_view: stream_view(table),
        tags: Tags::new(),
    }
}

fn live_capacity(throughput: &ProvisionedThroughputDescription) -> Capacity {
    let units = |units: Option<i64>| units.and_then(|units| u32::try_from(units).ok()).unwrap_or_default();
    Capacity { read: units(throughput.read_capacity_units), write: units(throughput.write_capacity_units) }
}

fn live_projection(projection: Option<&SdkProjection>) -> Projection {
    let kind = projection.and_then(SdkProjection::projection_type).unwrap_or(&ProjectionType::All);
    let attributes = projection.map(SdkProjection::non_key_attributes).unwrap_or_default();
    Projection { kind: kind.to_string(), attributes: attributes.iter().cloned().collect() }
}

/// The key in KMS; none where DynamoDB's own encrypts, of which AWS says nothing.
fn kms_key(table: &TableDescription) -> Option<String> {
    let encryption = table.sse_description()?;
    let off = |status: &SseStatus| matches!(status, SseStatus::Disabled | SseStatus::Disabling);
    encryption.kms_master_key_arn.clone().filter(|_| !encryption.status().is_some_and(off))
}

/// What its stream shows; none while it is off.
pub(super) fn stream_view(table: &TableDescription) -> Option<String> {
    let stream = table.stream_specification().filter(|stream| stream.stream_enabled)?;
    stream.stream_view_type().map(ToString::to_string)
}
