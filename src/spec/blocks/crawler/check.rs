//! What the schema cannot say of a crawler.

use super::{Columns, Crawler, Deleted};
use crate::spec::blocks::dataset::{Dataset, Folders};
use crate::spec::blocks::schedule::expression;
use crate::spec::blocks::topic;
use crate::spec::check::Checks;
use crate::spec::{Spec, prefix, tags};

/// Checks everything.
pub(super) fn all(crawler: &Crawler, spec: &Spec, checks: &mut Checks<'_>) {
    check_what(crawler, checks);
    check_folders(crawler, checks);
    check_datasets(crawler, spec, checks);
    check_twice(crawler, spec, checks);
    check_changes(crawler, checks);
    if let Some(schedule) = &crawler.schedule {
        expression::check_cron(schedule, "crawlers", checks);
    }
    check_catalog(crawler, spec, checks);
    topic::check_told("failures_to", &crawler.failures_to, "EventBridge", spec, checks);
    tags::check(&crawler.tags, spec, checks);
}

fn check_what(crawler: &Crawler, checks: &mut Checks<'_>) {
    let Crawler { targets, delta, datasets, .. } = crawler;
    let finds = !targets.is_empty() || !delta.is_empty();
    if !finds && datasets.is_empty() {
        checks
            .error("", "it looks at nothing")
            .help("write `targets = [{ bucket = \"bucket.…\", prefix = \"…/\" }]`, or `datasets = [\"dataset.…\"]`");
    }
    if finds && !datasets.is_empty() {
        checks
            .error("datasets", "a crawler finds tables, or enters the partitions of datasets, and not both")
            .help("let a second `crawler` do one of the two");
    }
    if crawler.delta_manifests && delta.is_empty() {
        checks.error("delta_manifests", "manifests are those of tables of Delta Lake").help("write `delta`, too");
    }
}

fn check_folders(crawler: &Crawler, checks: &mut Checks<'_>) {
    let targets = crawler.targets.iter().enumerate();
    for (i, target) in targets.clone() {
        for (j, pattern) in target.exclude.iter().enumerate().filter(|(_, pattern)| pattern.is_empty()) {
            checks.error(&format!("targets.{i}.exclude.{j}"), format!("`{pattern}` is no pattern"));
        }
    }
    let targets = targets.map(|(i, target)| (format!("targets.{i}.prefix"), &target.prefix));
    let delta = crawler.delta.iter().enumerate().map(|(i, table)| (format!("delta.{i}.prefix"), &table.prefix));
    for (path, prefix) in targets.chain(delta) {
        if prefix.is_empty() {
            continue;
        }
        prefix::check_literal(&path, prefix, checks);
        if !prefix.ends_with('/') {
            checks
                .error(&path, "a crawler looks at a folder: without `/` at its end its namesakes belong to it as well")
                .help(format!("write `{prefix}/`"));
        }
    }
}

fn check_datasets(crawler: &Crawler, spec: &Spec, checks: &mut Checks<'_>) {
    for (i, reference) in crawler.datasets.iter().enumerate() {
        let Some(dataset) = Dataset::of(reference, spec) else { continue };
        let path = format!("datasets.{i}");
        if dataset.catalog != crawler.catalog {
            checks
                .error(&path, format!("`{reference}` is in `{}`, and its partitions with it", dataset.catalog))
                .help(format!("write `catalog = \"{}\"`, or let another `crawler` do it", dataset.catalog));
        }
        if dataset.keeps_its_own_log() {
            checks
                .error(&path, format!("`{reference}` says in its own log which files and partitions there are"))
                .help("take it away: it needs no crawler");
        } else if dataset.is_projected() {
            checks
                .error(&path, format!("Athena works the partitions of `{reference}` out, and looks for none"))
                .help(format!("take it away, or the `projection` of `{reference}`"));
        } else if dataset.partitions.is_empty() || dataset.folders == Folders::Plain {
            checks
                .error(&path, format!("`{reference}` has no partitions that a crawler could enter"))
                .help("take it away: what lies under its prefix is read as it is");
        }
    }
}

/// Of what a dataset reads a crawler makes a second table.
fn check_twice(crawler: &Crawler, spec: &Spec, checks: &mut Checks<'_>) {
    for (i, target) in crawler.targets.iter().enumerate() {
        let of_it = |dataset: &Dataset| {
            dataset.catalog == crawler.catalog
                && dataset.bucket == target.bucket
                && (dataset.prefix.starts_with(&target.prefix) || target.prefix.starts_with(&dataset.prefix))
        };
        let datasets = spec.blocks.dataset.own().iter().filter(|(_, declared)| of_it(&declared.block));
        for (name, declared) in datasets.filter(|_| target.exclude.is_empty()) {
            let help = if declared.partitions.is_empty() {
                "let it look elsewhere, or `exclude` these folders".to_owned()
            } else {
                format!("for its partitions write `datasets = [\"dataset.{name}\"]`; or `exclude` these folders")
            };
            checks
                .warning(
                    &format!("targets.{i}"),
                    format!("it makes a table of its own of what `dataset.{name}` reads, in the same catalog"),
                )
                .help(help);
        }
    }
}

/// What AWS takes together with new folders alone, and what a dataset's own block says.
fn check_changes(crawler: &Crawler, checks: &mut Checks<'_>) {
    if crawler.only_new_folders && crawler.targets.is_empty() {
        checks
            .error("only_new_folders", "new folders are looked for in `targets` alone")
            .help("take it away: it always looks at all of `delta` and `datasets`");
    } else if crawler.only_new_folders && !crawler.delta.is_empty() {
        checks
            .error("delta", "AWS looks at new folders of `targets` alone where `only_new_folders` is set")
            .help("let a second `crawler` look at `delta`, or take `only_new_folders` away");
    }
    if !crawler.only_adds() {
        return;
    }
    let why = if crawler.datasets.is_empty() {
        "AWS takes nothing but `keep` with `only_new_folders`"
    } else {
        "a dataset says itself what it is, so that it is kept as it is"
    };
    for (field, _) in [
        ("columns", crawler.columns.is_some_and(|columns| columns != Columns::Keep)),
        ("deleted", crawler.deleted.is_some_and(|deleted| deleted != Deleted::Keep)),
    ]
    .into_iter()
    .filter(|(_, changes)| *changes)
    {
        checks.error(field, why).help(format!("leave `{field}` out"));
    }
}

/// In somebody else's database the names of its tables may be taken.
fn check_catalog(crawler: &Crawler, spec: &Spec, checks: &mut Checks<'_>) {
    let external = spec.blocks.catalog.external().contains_key(crawler.catalog.name());
    let finds = !crawler.targets.is_empty() || !crawler.delta.is_empty();
    if external && finds && crawler.table_prefix.is_empty() {
        checks
            .error(
                "table_prefix",
                format!("`{}` is somebody else's: a table that it makes could be one of theirs", crawler.catalog),
            )
            .help("write a `table_prefix` that nobody else uses there, or a `catalog` of your own");
    }
}
