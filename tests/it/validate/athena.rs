//! What a workgroup of Athena may say.

use pipectl::spec::diagnostic::Severity;

use super::{GOOD, findings};

fn athena(lines: &str) -> Vec<String> {
    let catalog = "[catalog.lake]\n[athena.lake]\nresults = \"bucket.events\"\n";
    findings(&format!("{GOOD}\n{catalog}{lines}\n"), Severity::Error)
}

#[track_caller]
fn refused(lines: &str, expected: &str) {
    let found = athena(lines);
    assert!(found.len() == 1 && found[0].contains(expected), "{lines}: {found:#?}");
}

#[test]
fn a_workgroup_has_a_name_of_its_own_and_a_folder_for_its_results() {
    assert_eq!(athena("name = \"lake.v2\"\nresults_prefix = \"results/\""), [""; 0]);
    refused("name = \"primary\"", "`primary` is the workgroup that every account has");
    refused("name = \"a b\"", "which holds ` `");
    refused("results_prefix = \"results\"", "the prefix ends with `/`");
    refused("results_prefix = \"a*/\"", "has a meaning of its own in IAM's policies");
    refused("scan_limit_mib = 9", "must be");
}

#[test]
fn saved_queries_have_names_and_ask_a_catalog() {
    let query = |name: &str| format!("[athena.lake.queries.{name}]\ncatalog = \"catalog.lake\"\nsql = \"SELECT 1\"");
    assert_eq!(athena(&query("clicks_by-page")), [""; 0]);
    refused(&query("\"a b\""), "`a b` cannot be the name of a saved query");
    refused("[athena.lake.queries.one]\ncatalog = \"catalog.gone\"\nsql = \"SELECT 1\"", "catalog.gone");
}

#[test]
fn prepared_statements_have_names_that_execute_takes_and_are_the_query_itself() {
    let statement = |name: &str, sql: &str| format!("[athena.lake.statements.{name}]\nsql = \"{sql}\"");
    assert_eq!(athena(&statement("_by_day2", "SELECT 1 WHERE day = ?")), [""; 0]);
    for name in ["a", "\"2nd\"", "\"by-day\"", "\"by day\""] {
        refused(&statement(name, "SELECT 1"), "cannot be the name of a prepared statement");
    }
    refused(&statement("by_day", "prepare x FROM SELECT 1"), "`PREPARE` is about a prepared statement, and none");
    let dropped =
        format!("{GOOD}\n[athena.lake]\nresults = \"bucket.events\"\n{}", statement("by_day", "DROP TABLE clicks"));
    let warned = findings(&dropped, Severity::Warning);
    assert!(warned.iter().any(|it| it.contains("no statement that begins with `DROP`")), "{warned:#?}");
    refused(&statement("by_day", " "), "a prepared statement has some SQL");
}

#[test]
fn no_table_reads_the_results_of_queries() {
    let dataset = |prefix: &str| {
        format!(
            "results_prefix = \"lake/results/\"\n[dataset.clicks]\ncatalog = \"catalog.lake\"\nbucket = \"bucket.events\"\n\
             prefix = \"{prefix}\"\nformat = \"json\"\ncolumns = [{{ name = \"page\", type = \"string\" }}]"
        )
    };
    assert_eq!(athena(&dataset("lake/clicks/")), [""; 0]);
    refused(&dataset("lake/"), "`dataset.clicks` would read the results of queries as rows of its own");
}
