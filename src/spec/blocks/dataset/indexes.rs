//! Indexes by which the catalog finds partitions (<https://docs.aws.amazon.com/glue/latest/dg/partition-indexes.html>).

use std::collections::BTreeSet;

use super::Dataset;
use crate::spec::check::Checks;

/// The longest name that Glue takes.
const LONGEST: usize = 255;

/// The property of a table by which Athena asks the catalog for the partitions that a query picks, and not for all of them
/// (<https://docs.aws.amazon.com/athena/latest/ug/glue-best-practices-partition-index.html>).
pub const FILTERING: &str = "partition_filtering.enabled";

impl Dataset {
    /// The name of an index of these partitions. Their own names hold no `-`, so that no two have one.
    pub fn index_name(keys: &[String]) -> String {
        keys.join("-")
    }
}

/// Checks that each index is of partitions that can be in one, and that somebody uses it.
pub(super) fn check(dataset: &Dataset, checks: &mut Checks<'_>) {
    for (i, keys) in dataset.indexes.iter().enumerate() {
        check_one(dataset, i, keys, checks);
        if dataset.indexes.iter().take(i).any(|other| other == keys) {
            checks.error(&format!("indexes.{i}"), "there is an index of these partitions already").help("take it away");
        }
    }
    if !dataset.indexes.is_empty() && dataset.is_projected() {
        checks
            .error("indexes", "Athena works the partitions out by their `projection`, and asks no index")
            .help("take `indexes` away, or the `projection` of each partition");
    }
    if !dataset.indexes.is_empty() && dataset.properties.contains_key(FILTERING) {
        checks
            .error(&format!("properties.{FILTERING}"), format!("`{FILTERING}` follows from `indexes`"))
            .help("take it away");
    }
}

fn check_one(dataset: &Dataset, i: usize, keys: &[String], checks: &mut Checks<'_>) {
    let path = format!("indexes.{i}");
    if keys.is_empty() {
        checks
            .error(&path, "an index is of one partition or more")
            .help("write names of `partitions`, or take it away");
    }
    let mut seen = BTreeSet::new();
    for (k, key) in keys.iter().enumerate() {
        let path = format!("{path}.{k}");
        if !seen.insert(key) {
            checks.error(&path, format!("`{key}` is in this index already"));
        }
        match dataset.partitions.iter().find(|partition| partition.name == *key) {
            None => {
                let names = dataset.partitions.iter().map(|partition| format!("`{}`", partition.name));
                let names = names.collect::<Vec<_>>().join(", ");
                let what = if names.is_empty() { "it has none".to_owned() } else { format!("it has {names}") };
                checks.error(&path, format!("`{key}` is no partition of the dataset")).help(what);
            }
            Some(partition) if partition.kind == "timestamp" => {
                checks
                    .error(&path, format!("Glue makes no index of `{key}`, as it is a timestamp"))
                    .help("write `date` or `string` as its type");
            }
            Some(_) => {}
        }
    }
    if Dataset::index_name(keys).len() > LONGEST {
        checks.error(&path, format!("the index is named after its partitions, and that is longer than {LONGEST}"));
    }
}

#[cfg(test)]
mod tests {
    use crate::spec::diagnostic::Severity;
    use crate::spec::{Options, load_text};

    /// What is wrong with a dataset of these lines.
    fn faults(lines: &str) -> Vec<String> {
        let rest = "[project]\nname = 'acme'\n[env]\nname = 'dev'\nregion = 'eu-west-1'\n[bucket.lake]\n[catalog.lake]\n\
            [dataset.clicks]\ncatalog = 'catalog.lake'\nbucket = 'bucket.lake'\nprefix = 'clicks/'\nformat = 'json'\n\
            columns = [{ name = 'page', type = 'string' }]\n";
        let loaded = load_text("dev.toml", &format!("{rest}{lines}"), &Options::default());
        let report = loaded.map_or_else(|report| report, |loaded| loaded.warnings());
        let errors = report.entries().into_iter().filter(|entry| entry.severity == Severity::Error);
        errors.map(|entry| entry.message).collect()
    }

    const PARTITIONS: &str =
        "partitions = [{ name = 'year', type = 'int' }, { name = 'month' }, { name = 'at', type = 'timestamp' }]\n";

    #[track_caller]
    fn refused(indexes: &str, expected: &str) {
        let found = faults(&format!("{PARTITIONS}indexes = {indexes}"));
        assert!(found.len() == 1 && found[0].contains(expected), "{indexes}: {found:#?}");
    }

    #[test]
    fn an_index_is_of_partitions_in_any_order() {
        let indexes = "[['year', 'month'], ['month', 'year'], ['month']]";
        assert_eq!(faults(&format!("{PARTITIONS}indexes = {indexes}")), [""; 0]);
        refused("[['page']]", "`page` is no partition of the dataset");
        refused("[['at']]", "no index of `at`, as it is a timestamp");
        refused("[['year', 'year']]", "`year` is in this index already");
        refused("[[]]", "an index is of one partition or more");
        refused("[['year'], ['year']]", "there is an index of these partitions already");
        refused("[['year'], ['month'], ['year', 'month'], ['month', 'year']]", "at most 3");
    }

    #[test]
    fn who_works_partitions_out_asks_no_index() {
        let projection = "{ values = 'integer', range = ['2020', '2030'] }";
        let projected = format!("partitions = [{{ name = 'year', type = 'int', projection = {projection} }}]\n");
        let found = faults(&format!("{projected}indexes = [['year']]"));
        assert!(found.len() == 1 && found[0].contains("asks no index"), "{found:#?}");
        let table = "[dataset.clicks.properties]\n\"partition_filtering.enabled\" = 'false'\n";
        let found = faults(&format!("{PARTITIONS}indexes = [['year']]\n{table}"));
        assert!(found.len() == 1 && found[0].contains("follows from `indexes`"), "{found:#?}");
        assert_eq!(faults(&format!("{PARTITIONS}{table}")), [""; 0], "without indexes it is the user's");
    }
}
