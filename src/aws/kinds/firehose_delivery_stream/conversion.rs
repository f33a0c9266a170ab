//! A conversion of the record format in Firehose's types, and back.

use aws_sdk_firehose::types::{
    DataFormatConversionConfiguration, Deserializer, HiveJsonSerDe, InputFormatConfiguration, OpenXJsonSerDe, OrcSerDe,
    OutputFormatConfiguration, ParquetSerDe, SchemaConfiguration, Serializer,
};

use crate::catalog::firehose_delivery_stream::conversion::{Conversion, latest, snappy};
use crate::model::unmodelled::{Setting, Unmodelled, Weight};

/// What no attribute says of a conversion, and a change overwrites.
pub(in crate::aws::kinds) const DETAILS: Setting = Setting::shown("details of the record format", Weight::ChangesData)
    .overwritten()
    .undone_by("aws firehose update-destination");

/// The conversion that is switched on. AWS takes one for switched on unless it says otherwise.
pub(super) fn live(conversion: &DataFormatConversionConfiguration) -> Option<Conversion> {
    if conversion.enabled == Some(false) {
        return None;
    }
    let serializer = conversion.output_format_configuration().and_then(|output| output.serializer())?;
    let (orc, compression) = match (serializer.parquet_ser_de(), serializer.orc_ser_de()) {
        (Some(parquet), _) => (false, parquet.compression().map(ToString::to_string)),
        (None, Some(orc)) => (true, orc.compression().map(ToString::to_string)),
        // With neither of the two there is nothing to convert to.
        (None, None) => return None,
    };
    let reads = conversion.input_format_configuration().and_then(|input| input.deserializer());
    let hive = reads.is_some_and(|reads| reads.hive_json_ser_de().is_some());
    let schema = conversion.schema_configuration();
    let named = |name: Option<&str>| name.unwrap_or_default().to_owned();
    Some(Conversion {
        orc,
        compression: compression.unwrap_or_else(snappy),
        hive,
        database: named(schema.and_then(|schema| schema.database_name())),
        table: named(schema.and_then(|schema| schema.table_name())),
        version: schema.and_then(|schema| schema.version_id()).map_or_else(latest, str::to_owned),
        region: named(schema.and_then(|schema| schema.region())),
        role_arn: named(schema.and_then(|schema| schema.role_arn())),
    })
}

/// The settings of a conversion that are not AWS's defaults
/// (<https://docs.aws.amazon.com/firehose/latest/APIReference/API_ParquetSerDe.html> and its neighbours).
pub(super) fn details(conversion: &DataFormatConversionConfiguration) -> Option<Unmodelled> {
    if conversion.enabled == Some(false) {
        return None;
    }
    let mut details = Vec::new();
    let mut set = |what: &str, is: bool| {
        if is {
            details.push(what.to_owned());
        }
    };
    let other = |value: Option<i32>, usual: i32| value.is_some_and(|value| value != usual);
    let serializer = conversion.output_format_configuration().and_then(|output| output.serializer());
    if let Some(parquet) = serializer.and_then(Serializer::parquet_ser_de) {
        set("block size", other(parquet.block_size_bytes, 268_435_456));
        set("page size", other(parquet.page_size_bytes, 1_048_576));
        set("dictionary", parquet.enable_dictionary_compression == Some(true));
        set("padding", other(parquet.max_padding_bytes, 0));
        set("writer version", parquet.writer_version().is_some_and(|version| version.as_str() != "V1"));
    }
    if let Some(orc) = serializer.and_then(Serializer::orc_ser_de) {
        set("stripe size", other(orc.stripe_size_bytes, 67_108_864));
        set("block size", other(orc.block_size_bytes, 268_435_456));
        set("row index", other(orc.row_index_stride, 10_000));
        set("padding", orc.enable_padding == Some(true));
        set("Bloom filters", !orc.bloom_filter_columns().is_empty());
        set("dictionary", orc.dictionary_key_threshold.is_some_and(|threshold| threshold > 0.0));
        set("format version", orc.format_version().is_some_and(|version| version.as_str() != "V0_12"));
    }
    let reads = conversion.input_format_configuration().and_then(|input| input.deserializer());
    if let Some(json) = reads.and_then(Deserializer::open_x_json_ser_de) {
        set("dots in keys", json.convert_dots_in_json_keys_to_underscores == Some(true));
        set("case of keys", json.case_insensitive == Some(false));
        set("keys of columns", json.column_to_json_key_mappings().is_some_and(|keys| !keys.is_empty()));
    }
    if let Some(json) = reads.and_then(Deserializer::hive_json_ser_de) {
        set("formats of times", !json.timestamp_formats().is_empty());
    }
    (!details.is_empty()).then(|| DETAILS.is(details.join(", ")))
}

/// The conversion as Firehose takes it.
pub(super) fn configuration(conversion: &Conversion) -> DataFormatConversionConfiguration {
    let Conversion { orc, compression, hive, database, table, version, region, role_arn } = conversion;
    let serializer = if *orc {
        Serializer::builder().orc_ser_de(OrcSerDe::builder().compression(compression.as_str().into()).build())
    } else {
        Serializer::builder().parquet_ser_de(ParquetSerDe::builder().compression(compression.as_str().into()).build())
    };
    let deserializer = if *hive {
        Deserializer::builder().hive_json_ser_de(HiveJsonSerDe::builder().build())
    } else {
        Deserializer::builder().open_x_json_ser_de(OpenXJsonSerDe::builder().build())
    };
    let schema = SchemaConfiguration::builder()
        .database_name(database)
        .table_name(table)
        .version_id(version)
        .region(region)
        .role_arn(role_arn)
        .build();
    DataFormatConversionConfiguration::builder()
        .enabled(true)
        .schema_configuration(schema)
        .input_format_configuration(InputFormatConfiguration::builder().deserializer(deserializer.build()).build())
        .output_format_configuration(OutputFormatConfiguration::builder().serializer(serializer.build()).build())
        .build()
}

/// That nothing is converted.
pub(super) fn off() -> DataFormatConversionConfiguration {
    DataFormatConversionConfiguration::builder().enabled(false).build()
}
