//! How events come to the rows of a dataset.

use std::collections::BTreeSet;
use std::time::Duration;

use super::{Delivery, delivery, only, text, workgroup};
use crate::cli::failure::Failure;
use crate::model::graph::Graph;
use crate::ops::Fault;
use crate::ops::verify::{Bucket, Dated};
use crate::spec::Spec;
use crate::spec::blocks::dataset::{Dataset, Partition, Values};
use crate::spec::blocks::firehose::Firehose;
use crate::spec::prefix::literal;

/// How long a run may take beside its schedule, and how long somebody has to start one by hand.
const RUN: Duration = Duration::from_mins(15);
/// The longest pause of a schedule that is waited for.
const SOON: Duration = Duration::from_hours(1);

/// The way from a stream to the rows of a dataset.
pub(in crate::cli) struct Rows {
    /// From the stream to the bucket.
    pub(in crate::cli) delivery: Delivery,
    /// `dataset.clicks`.
    pub(in crate::cli) block: String,
    /// Its database.
    pub(in crate::cli) database: String,
    /// Its table.
    pub(in crate::cli) table: String,
    /// The column that ids of events are in.
    pub(in crate::cli) column: String,
    /// Its partitions that are dates.
    pub(in crate::cli) dates: Vec<Dated>,
    /// The jobs that make it of what is delivered.
    pub(in crate::cli) jobs: Vec<String>,
    /// How long events are waited for.
    pub(in crate::cli) patience: Duration,
    /// Where queries run.
    pub(in crate::cli) workgroup: String,
}

/// What the command line says of the way.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Ways<'a> {
    /// The firehose block.
    pub(in crate::cli) firehose: Option<&'a str>,
    /// The athena block.
    pub(in crate::cli) athena: Option<&'a str>,
    /// The column that ids of events are in.
    pub(in crate::cli) column: Option<&'a str>,
}

/// The way to the rows of a dataset's block.
pub(in crate::cli) fn rows(graph: &Graph, spec: &Spec, block: &str, ways: Ways<'_>) -> Result<Rows, Failure> {
    let table = only(graph, "dataset", "glue_table", Some(block))?;
    let name = block.strip_prefix("dataset.").unwrap_or(block);
    let block = format!("dataset.{name}");
    let own = spec.blocks.dataset.own().get(name);
    let dataset = own.ok_or_else(|| Failure::new(format!("this spec has no `{block}`")))?;
    let column = column(dataset, &block, ways.column)?;
    if let Some(partition) = dataset.partitions.iter().find(|partition| values(partition) == Some(Values::Injected)) {
        let error = anyhow::anyhow!(
            "a query of {block} has to say which `{}` it wants, and an event may be in any of them",
            partition.name
        );
        return Err(Fault::helped(error, "verify the bucket instead, with `--firehose`").into());
    }
    let workgroup = match ways.athena {
        None if !graph.resources.values().any(|resource| resource.kind == "athena_workgroup") => {
            let error = anyhow::anyhow!("{block} is read by queries, and this spec has no workgroup that they run in");
            let help = "add one: `[athena.lake]` with `results = \"bucket.…\"`, or verify the bucket with `--firehose`";
            return Err(Fault::helped(error, help).into());
        }
        athena => workgroup(graph, athena)?,
    };
    let (firehoses, jobs) = writers(spec, name, &mut BTreeSet::new());
    let firehose = chosen(&firehoses, ways.firehose, &block)?;
    let delivery = delivery(graph, Some(firehose))?;
    Ok(Rows {
        database: text(&table.attributes["database"]),
        table: text(&table.attributes["name"]),
        column,
        dates: dataset.partitions.iter().filter_map(dated).collect(),
        patience: bucket(&delivery).patience() + waits(spec, &jobs),
        jobs: jobs.iter().map(|job| format!("job.{job}")).collect(),
        delivery,
        block,
        workgroup,
    })
}

/// What a verification has to know of a delivery stream's bucket.
pub(in crate::cli) fn bucket(way: &Delivery) -> Bucket<'_> {
    Bucket {
        name: &way.bucket,
        prefix: &way.prefix,
        error_prefix: &way.error_prefix,
        utc: way.utc,
        buffer: way.buffer,
        json_lines: way.json_lines,
    }
}

/// The column that ids of events are in.
fn column(dataset: &Dataset, block: &str, asked: Option<&str>) -> Result<String, Failure> {
    let name = asked.unwrap_or("event_id");
    let Some(column) = dataset.columns.iter().find(|column| column.name == name) else {
        let error = anyhow::anyhow!("{block} has no column `{name}`: nothing would tell one event from another");
        let help = format!(
            "add `{{ name = \"{name}\", type = \"string\" }}` to its `columns`, or name the one that a job puts \
             `event_id` into, with `--id-column`"
        );
        return Err(Fault::helped(error, help).into());
    };
    if column.kind != "string" && !column.kind.starts_with("varchar") {
        let kind = &column.kind;
        return Err(Failure::new(format!("the column `{name}` of {block} is `{kind}`, and the id of an event a text")));
    }
    Ok(name.to_owned())
}

fn values(partition: &Partition) -> Option<Values> {
    partition.projection.as_ref().map(|projection| projection.values)
}

/// A partition by which a query can be bounded.
fn dated(partition: &Partition) -> Option<Dated> {
    let projection = partition.projection.as_ref().filter(|projection| projection.values == Values::Date)?;
    let is_date = partition.kind == "date";
    let fits = is_date || partition.kind == "string" || partition.kind.starts_with("varchar");
    let format = projection.format.clone().filter(|_| fits)?;
    Some(Dated { name: partition.name.clone(), format, is_date })
}

/// The firehoses that deliver what a dataset is made of, and the jobs that make it, in their order.
fn writers<'a>(spec: &'a Spec, dataset: &str, seen: &mut BTreeSet<String>) -> (Vec<&'a str>, Vec<&'a str>) {
    if !seen.insert(dataset.to_owned()) {
        return (Vec::new(), Vec::new());
    }
    let Some(own) = spec.blocks.dataset.own().get(dataset) else { return (Vec::new(), Vec::new()) };
    let firehoses = || spec.blocks.firehose.own().iter().map(|(name, firehose)| (name.as_str(), &firehose.block));
    let writes = |firehose: &Firehose| match &firehose.convert {
        Some(convert) => convert.dataset.name() == dataset,
        None => firehose.destination == own.bucket && literal(&firehose.prefix).starts_with(&own.prefix),
    };
    let direct: Vec<&str> = firehoses().filter(|(_, firehose)| writes(firehose)).map(|(name, _)| name).collect();
    if !direct.is_empty() {
        return (direct, Vec::new());
    }
    for (job, declared) in spec.blocks.job.own() {
        if !declared.writes.iter().any(|data| data.parts() == ("dataset", dataset)) {
            continue;
        }
        for read in &declared.reads {
            let (found, mut jobs) = match read.parts() {
                ("dataset", name) => writers(spec, name, seen),
                (_, bucket) => {
                    let into = firehoses().filter(|(_, firehose)| firehose.destination.name() == bucket);
                    (into.map(|(name, _)| name).collect(), Vec::new())
                }
            };
            if !found.is_empty() {
                jobs.push(job);
                return (found, jobs);
            }
        }
    }
    (Vec::new(), Vec::new())
}

/// The firehose that the command line names, or the only one.
fn chosen<'a>(all: &[&'a str], asked: Option<&str>, block: &str) -> Result<&'a str, Failure> {
    let names = || all.iter().map(|name| format!("firehose.{name}")).collect::<Vec<_>>().join(", ");
    let asked = asked.map(|asked| asked.strip_prefix("firehose.").unwrap_or(asked));
    match (asked, all) {
        (_, []) => {
            let error = anyhow::anyhow!("nothing that an event would go through writes {block}");
            let help =
                "a firehose writes below its prefix, or a job that reads what one delivers: `reads` and `writes`";
            Err(Fault::helped(error, help).into())
        }
        (None, [one]) => Ok(one),
        (None, _) => Err(Failure::new(format!("which one? Name it with `--firehose`: {}", names()))),
        (Some(asked), _) => {
            let found = all.iter().find(|name| **name == asked).copied();
            found.ok_or_else(|| Failure::new(format!("`firehose.{asked}` does not write {block}; {} does", names())))
        }
    }
}

/// How much longer jobs take: until their schedules start them, if that is soon, and their runs.
fn waits(spec: &Spec, jobs: &[&str]) -> Duration {
    let wait = |job: &&str| {
        let pause = spec.blocks.job.own().get(*job).and_then(|job| job.longest_pause());
        RUN + pause.filter(|pause| *pause <= SOON).unwrap_or_default()
    };
    jobs.iter().map(wait).sum()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::cli::session::{Code, offline};
    use crate::spec::{Options, Source, load};

    /// The way in the example of a lake: a firehose lands what a job makes `prices` of, another one writes `ticks` itself.
    fn way(block: &str, ways: Ways<'_>) -> Result<Rows, String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/prices");
        let options = Options { root, account: Some("123456789012".to_owned()), ..Options::default() };
        let loaded = load(&Source::Env("dev".to_owned()), &options);
        let loaded = loaded.unwrap_or_else(|report| panic!("{}", report.render(false, 120)));
        let (graph, _) = offline(&loaded, Code::None).unwrap();
        rows(&graph, &loaded.spec, block, ways).map_err(|failure| format!("{failure:?}"))
    }

    #[test]
    fn a_dataset_is_written_by_its_firehose_or_by_a_job_that_reads_what_one_delivers() {
        let symbol = Ways { column: Some("symbol"), ..Ways::default() };
        let ticks = way("ticks", symbol).unwrap();
        assert_eq!((ticks.block.as_str(), ticks.table.as_str(), ticks.jobs.len()), ("dataset.ticks", "ticks", 0));
        assert_eq!(ticks.patience, Duration::from_mins(4));
        let hour = Dated { name: "at_hour".into(), format: "yyyy/MM/dd/HH".into(), is_date: false };
        assert_eq!(ticks.dates, [hour]);
        let prices = way("dataset.prices", symbol).unwrap();
        assert_eq!((prices.jobs.as_slice(), prices.dates.len()), (&["job.clean".to_owned()][..], 0));
        assert!(prices.delivery.bucket.contains("landing"), "{}", prices.delivery.bucket);
        // Its schedule starts it each hour.
        assert_eq!(prices.patience, bucket(&prices.delivery).patience() + Duration::from_mins(75));
    }

    #[test]
    fn what_cannot_be_verified_says_why_and_what_to_add() {
        let refused = |block: &str, ways| way(block, ways).err().unwrap();
        let without = refused("ticks", Ways::default());
        assert!(without.contains("dataset.ticks has no column `event_id`"), "{without}");
        assert!(without.contains("or name the one that a job puts"), "{without}");
        let number = refused("ticks", Ways { column: Some("price"), ..Ways::default() });
        assert!(number.contains("is `double`"), "{number}");
        let other = Ways { column: Some("symbol"), firehose: Some("landing"), ..Ways::default() };
        assert!(refused("ticks", other).contains("`firehose.landing` does not write dataset.ticks"));
        assert!(refused("trades", Ways::default()).contains("no `dataset.trades`"));
        let other = Ways { column: Some("symbol"), athena: Some("pond"), ..Ways::default() };
        assert!(refused("ticks", other).contains("no `athena.pond`"));
    }
}
