//! The README tells the truth about what can be counted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};
use pipectl::model::grant::{Grant, Job};

const BEGIN: &str = "<!-- actions: begin -->\n";
const END: &str = "<!-- actions: end -->";

/// A row for each resource type: its IAM actions job by job.
fn table() -> String {
    let mut table = "| type | plan | apply, besides | operate |\n|---|---|---|---|\n".to_owned();
    for kind in kinds::registry(&Arc::new(Aws::new(None))).iter() {
        let cell = |job| cell(kind.grants(), job);
        let (plan, apply, operate) = (cell(Job::Plan), cell(Job::Apply), cell(Job::Operate));
        let _ = writeln!(table, "| {} | {plan} | {apply} | {operate} |", kind.aws_type());
    }
    table
}

/// The actions of a job, each once, service by service.
fn cell(grants: &[Grant], job: Job) -> String {
    let mut services: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for action in grants.iter().filter(|grant| grant.job == job).flat_map(|grant| grant.actions) {
        let (service, name) = action.split_once(':').expect("service:Action");
        services.entry(service).or_default().insert(name);
    }
    let names = |names: BTreeSet<&str>| names.into_iter().collect::<Vec<_>>().join(", ");
    let services = services.into_iter().map(|(service, actions)| format!("`{service}:` {}", names(actions)));
    services.collect::<Vec<_>>().join("; ")
}

/// `UPDATE=1 cargo test readme` writes the table anew.
#[test]
fn readme_lists_exactly_the_actions_of_every_type() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(path).unwrap();
    let (head, rest) = readme.split_once(BEGIN).unwrap();
    let (listed, tail) = rest.split_once(END).unwrap();
    let table = format!("\n{}\n", table());
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, format!("{head}{BEGIN}{table}{END}{tail}")).unwrap();
        return;
    }
    assert_eq!(listed, table, "run `UPDATE=1 cargo test readme`");
}
