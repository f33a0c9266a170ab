//! The conversion of records to a format of columns, and what it asks of the rest of a firehose
//! (<https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html>).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Compression, Firehose};
use crate::spec::blocks::dataset::{Dataset, Format};
use crate::spec::check::Checks;
use crate::spec::{Ref, Spec, prefix};

/// What records are converted to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Convert {
    /// The dataset whose columns say what records hold, and under whose prefix they are written. What a record lacks is null;
    /// what is no JSON goes to `error_prefix` as it came.
    pub dataset: Ref<Dataset>,
    /// The format.
    #[serde(default)]
    pub to: To,
    /// How columns are compressed.
    #[serde(default)]
    pub compression: Columns,
}

/// A format of columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum To {
    /// Parquet.
    #[default]
    Parquet,
    /// ORC. No emulator was seen to write it.
    Orc,
}

/// How columns are compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Columns {
    /// Snappy.
    #[default]
    Snappy,
    /// GZIP of Parquet, ZLIB of ORC.
    Gzip,
    /// Not at all.
    None,
}

impl To {
    fn word(self) -> &'static str {
        match self {
            Self::Parquet => "parquet",
            Self::Orc => "orc",
        }
    }

    /// What a dataset of such objects says of them.
    fn format(self) -> Format {
        match self {
            Self::Parquet => Format::Parquet,
            Self::Orc => Format::Orc,
        }
    }
}

/// Checks what a conversion asks of the rest.
pub(super) fn check(firehose: &Firehose, spec: &Spec, checks: &mut Checks<'_>) {
    let Some(convert) = &firehose.convert else { return };
    if firehose.buffering.size_mib < 64 {
        let size = firehose.buffering.size_mib;
        checks
            .error("buffering.size_mib", format!("a buffer of {size} MiB is too small for a conversion"))
            .help("AWS asks for 64 to 128 MiB: write `buffering = { size_mib = 64, interval_seconds = 300 }`");
    }
    if firehose.compression != Compression::None {
        checks
            .error("compression", "AWS compresses no object that it converts: its columns are compressed instead")
            .help("take `compression` away; `convert.compression` says how columns are compressed");
    }
    let Some(dataset) = spec.blocks.dataset.own().get(convert.dataset.name()) else { return };
    let name = &convert.dataset;
    if dataset.format != convert.to.format() {
        let to = convert.to.word();
        checks
            .error("convert.to", format!("`{name}` reads its objects as something else than `{to}`"))
            .help(format!("write `format = \"{to}\"` in `{name}`, or another `to`"));
    }
    let (bucket, folder) = (&dataset.bucket, &dataset.prefix);
    if *bucket != firehose.destination {
        checks
            .error("destination", format!("`{name}` reads `{bucket}`, and finds nothing of what is written here"))
            .help(format!("write `destination = \"{bucket}\"`, or another bucket in `{name}`"));
    } else if !prefix::literal(&firehose.prefix).starts_with(folder.as_str()) {
        checks
            .error("prefix", format!("`{name}` reads what lies under `{folder}`, and this is written elsewhere"))
            .help(format!("let `prefix` begin with `{folder}`"));
    }
}
