//! Whether what is written under a dataset's prefix is what it reads: its format, and the folders of its partitions.

use super::{Dataset, Folders, Format, Values};
use crate::spec::Spec;
use crate::spec::blocks::crawler::Crawler;
use crate::spec::blocks::firehose::{Compression, Firehose};
use crate::spec::blocks::job::Job;
use crate::spec::check::{Block as _, Checks};
use crate::spec::prefix;

/// What Firehose appends to a prefix without expressions.
const DATE: &str = "!{timestamp:yyyy/MM/dd/HH}/";

/// Checks who enters its partitions, and the firehoses that write under the dataset's prefix.
pub(super) fn check(dataset: &Dataset, block: &str, spec: &Spec, checks: &mut Checks<'_>) {
    let written = |job: &Job| job.writes.iter().any(|data| data.parts() == (Dataset::KIND, block));
    let crawled = |crawler: &Crawler| crawler.datasets.iter().any(|entered| entered.name() == block);
    let entered = dataset.is_projected()
        || spec.blocks.job.own().values().any(|job| written(job))
        || spec.blocks.crawler.own().values().any(|crawler| crawled(crawler));
    if !dataset.partitions.is_empty() && !entered && !dataset.keeps_its_own_log() {
        checks
            .warning(
                "partitions",
                "nothing enters new partitions in the catalog: without that the table reads as empty",
            )
            .help(format!(
                "give each partition a `projection`; or let a job write it: `writes = [\"dataset.{block}\"]`; or let a \
                 crawler look for them: `datasets = [\"dataset.{block}\"]`"
            ));
    }
    let into = |firehose: &&Firehose| firehose.destination == dataset.bucket;
    let firehoses = spec.blocks.firehose.own().iter().map(|(name, firehose)| (name, &firehose.block));
    for (name, firehose) in firehoses.filter(|(_, firehose)| into(firehose)) {
        let errors = prefix::literal(firehose.error_prefix.as_deref().unwrap_or_default());
        let below = |written: &str| written.starts_with(&dataset.prefix);
        if below(errors) && firehose.error_prefix.is_some() {
            checks
                .error(
                    "prefix",
                    format!("what `firehose.{name}` cannot deliver is written under it, and would be read"),
                )
                .help("give that firehose an `error_prefix` outside this prefix");
        }
        if below(prefix::literal(&firehose.prefix)) {
            check_format(dataset, name, firehose, checks);
            check_folders(dataset, name, firehose, checks);
        }
    }
}

fn check_format(dataset: &Dataset, name: &str, firehose: &Firehose, checks: &mut Checks<'_>) {
    // What it converts to, it checks itself; without a conversion it writes what producers send.
    if firehose.convert.is_some() {
        return;
    }
    match dataset.format {
        Format::Json | Format::Csv => {}
        Format::Parquet | Format::Orc | Format::Delta | Format::Iceberg => {
            checks
                .error("format", format!("`firehose.{name}` writes under this prefix, and converts nothing"))
                .help(format!("write `convert = {{ dataset = … }}` in `firehose.{name}`, or `format = \"json\"` here"));
        }
    }
    match firehose.compression {
        Compression::None | Compression::Gzip | Compression::HadoopSnappy => {}
        Compression::Zip | Compression::Snappy => {
            checks
                .error("format", format!("Athena does not unpack what `firehose.{name}` compresses so"))
                .help(format!("write `compression = \"gzip\"` in `firehose.{name}`"));
        }
    }
}

/// Each partition is a folder; one of projected dates may be several.
fn check_folders(dataset: &Dataset, name: &str, firehose: &Firehose, checks: &mut Checks<'_>) {
    let dated = prefix::expressions(&firehose.prefix).is_ok_and(|expressions| expressions.is_empty());
    let written = format!("{}{}", firehose.prefix, if dated { DATE } else { "" });
    let rest = written.strip_prefix(&dataset.prefix).unwrap_or_default();
    // What stands behind the last `/` is the beginning of an object's name.
    let folders: Vec<&str> = rest.split('/').rev().skip(1).collect::<Vec<_>>().into_iter().rev().collect();
    let wanted = match dataset.folders {
        Folders::Hive => dataset.partitions.iter().map(|partition| format!("{}=…", partition.name)).collect(),
        Folders::Plain => plain(dataset),
    };
    let fits = folders.len() == wanted.len()
        && folders.iter().zip(&wanted).all(|(folder, wanted)| {
            let named = wanted.strip_suffix('…').filter(|named| named.ends_with('='));
            named.is_none_or(|named| folder.starts_with(named) && folder.len() > named.len())
        });
    // A table without partitions reads all folders.
    if fits || dataset.partitions.is_empty() {
        return;
    }
    let wanted = wanted.join("/");
    checks
        .error("partitions", format!("`firehose.{name}` writes to `{written}`, which fills no folders `{wanted}/`"))
        .help(format!(
            "let the `prefix` of that firehose be `{}` with these folders behind it, or let `partitions` and `folders` \
             follow it",
            dataset.prefix
        ));
}

/// The folders of partitions whose names say nothing: as many as a date's format has parts.
fn plain(dataset: &Dataset) -> Vec<String> {
    let parts = |partition: &super::Partition| {
        let format = partition.projection.as_ref().filter(|projection| projection.values == Values::Date);
        let format = format.and_then(|projection| projection.format.as_deref());
        let text = format.unwrap_or(partition.name.as_str());
        text.split('/').map(|part| format!("<{part}>")).collect::<Vec<_>>()
    };
    dataset.partitions.iter().flat_map(parts).collect()
}
