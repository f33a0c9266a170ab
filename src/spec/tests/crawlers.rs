//! What a crawler is refused, and what is said of datasets that nobody enters partitions of.

use super::diagnostic::Severity;
use super::*;

const LAKE: &str = "
[project]
name = 'acme'
[env]
name = 'dev'
region = 'eu-west-1'
[bucket.raw]
[catalog.lake]
[catalog.other]
[catalog.theirs]
external = { name = 'theirs' }
[dataset.clicks]
catalog = 'catalog.lake'
bucket = 'bucket.raw'
prefix = 'clicks/'
format = 'json'
columns = [{ name = 'page', type = 'string' }]
partitions = [{ name = 'day' }]
[dataset.orders]
catalog = 'catalog.lake'
bucket = 'bucket.raw'
prefix = 'orders/'
format = 'delta'
columns = [{ name = 'id', type = 'string' }]
[dataset.visits]
catalog = 'catalog.lake'
bucket = 'bucket.raw'
prefix = 'visits/'
format = 'json'
columns = [{ name = 'page', type = 'string' }]
partitions = [{ name = 'day', projection = { values = 'injected' } }]
[dataset.plain]
catalog = 'catalog.other'
bucket = 'bucket.raw'
prefix = 'plain/'
format = 'json'
columns = [{ name = 'page', type = 'string' }]
";

/// What is said of a crawler with these settings: errors and warnings.
fn said(settings: &str) -> (Vec<String>, Vec<String>) {
    let text = format!("{LAKE}[crawler.c]\n{settings}\n");
    let report =
        load_text("dev.toml", &text, &Options::default()).map_or_else(|report| report, |loaded| loaded.warnings());
    let of = |severity| {
        let entries = report.entries().into_iter().filter(move |entry| entry.severity == severity);
        entries.map(|entry| entry.message).collect()
    };
    (of(Severity::Error), of(Severity::Warning))
}

fn errors(settings: &str) -> Vec<String> {
    said(&format!("catalog = 'catalog.lake'\n{settings}")).0
}

const RAW: &str = "targets = [{ bucket = 'bucket.raw', prefix = 'raw/' }]\n";

#[test]
fn a_crawler_finds_tables_or_enters_the_partitions_of_datasets() {
    assert_eq!(errors(RAW), [""; 0]);
    assert_eq!(errors("delta = [{ bucket = 'bucket.raw', prefix = 'd/' }]\ndelta_manifests = true"), [""; 0]);
    assert_eq!(errors("datasets = ['dataset.clicks']"), [""; 0]);
    assert_eq!(errors(""), ["it looks at nothing"]);
    assert!(errors(&format!("{RAW}datasets = ['dataset.clicks']"))[0].ends_with("and not both"));
    assert!(errors(&format!("{RAW}delta_manifests = true"))[0].contains("manifests"));
}

#[test]
fn it_looks_at_folders() {
    assert!(errors("targets = [{ bucket = 'bucket.raw', prefix = 'raw' }]")[0].contains("without `/`"));
    assert!(errors("targets = [{ bucket = 'bucket.raw', prefix = 'r*/' }]")[0].contains("IAM"));
    assert!(errors("targets = [{ bucket = 'bucket.raw', prefix = 'r/', exclude = [''] }]")[0].contains("no pattern"));
    assert_eq!(errors("targets = [{ bucket = 'bucket.raw', exclude = ['clicks/**'] }]"), [""; 0], "the whole bucket");
}

#[test]
fn a_dataset_is_entered_where_it_has_partitions_to_enter_in_the_same_catalog() {
    assert!(errors("datasets = ['dataset.orders']")[0].contains("in its own log"));
    assert!(errors("datasets = ['dataset.visits']")[0].contains("Athena works"));
    let other = said("catalog = 'catalog.other'\ndatasets = ['dataset.plain', 'dataset.clicks']").0;
    assert!(other[0].contains("no partitions") && other[1].contains("is in `catalog.lake`"), "{other:?}");
}

#[test]
fn what_aws_takes_no_changes_of_keeps_its_tables_as_they_are() {
    let new = format!("{RAW}only_new_folders = true\n");
    assert_eq!(errors(&new), [""; 0]);
    assert_eq!(errors(&format!("{new}columns = 'keep'\ndeleted = 'keep'")), [""; 0]);
    assert!(errors(&format!("{new}columns = 'add'"))[0].contains("only_new_folders"));
    assert!(errors("datasets = ['dataset.clicks']\ndeleted = 'delete'")[0].contains("a dataset says itself"));
    assert!(
        errors(&format!("{new}delta = [{{ bucket = 'bucket.raw', prefix = 'd/' }}]"))[0].contains("`targets` alone")
    );
    assert!(errors("datasets = ['dataset.clicks']\nonly_new_folders = true")[0].contains("`targets` alone"));
}

#[test]
fn its_schedule_is_a_cron_expression() {
    assert_eq!(errors(&format!("{RAW}schedule = 'cron(15 * * * ? *)'")), [""; 0]);
    assert!(errors(&format!("{RAW}schedule = 'rate(1 hour)'"))[0].contains("no `cron(…)`"));
    assert!(errors(&format!("{RAW}schedule = 'cron(15 * * *)'"))[0].contains("six fields"));
}

#[test]
fn in_a_database_of_somebody_else_its_tables_have_a_prefix() {
    let theirs = format!("catalog = 'catalog.theirs'\n{RAW}");
    assert!(said(&theirs).0[0].contains("somebody else's"));
    assert_eq!(said(&format!("{theirs}table_prefix = 'acme_'")).0, [""; 0]);
}

#[test]
fn a_second_table_of_what_a_dataset_reads_is_said_and_partitions_that_a_crawler_enters_are_entered() {
    let warnings = |settings: &str| said(&format!("catalog = 'catalog.lake'\n{settings}")).1;
    let nobody = "nothing enters new partitions in the catalog: without that the table reads as empty";
    assert_eq!(warnings(RAW), [nobody]);
    assert_eq!(warnings("datasets = ['dataset.clicks']"), [""; 0]);
    let twice = warnings("targets = [{ bucket = 'bucket.raw', prefix = 'clicks/' }]");
    assert_eq!(twice.len(), 2, "{twice:?}");
    assert!(twice.iter().any(|one| one.contains("of what `dataset.clicks` reads")), "{twice:?}");
}
