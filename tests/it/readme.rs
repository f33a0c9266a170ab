//! The README tells the truth about what can be counted.

use std::fmt::Write;
use std::sync::Arc;

use pipectl::aws::{Aws, kinds};

const BEGIN: &str = "<!-- actions: begin -->\n";
const END: &str = "<!-- actions: end -->";

/// A row for each resource type: its IAM actions, without the service where it is the same as before.
fn table() -> String {
    let short = |actions: &[&str]| {
        let mut service = "";
        let mut cell = String::new();
        for action in actions {
            let (now, name) = action.split_once(':').expect("service:Action");
            let _ = if now == service {
                write!(cell, ", {name}")
            } else {
                write!(cell, "{}`{now}:` {name}", if cell.is_empty() { "" } else { "; " })
            };
            service = now;
        }
        cell
    };
    let mut table = "| type | read | write |\n|---|---|---|\n".to_owned();
    for kind in kinds::registry(&Arc::new(Aws::new(None))).iter() {
        let actions = kind.actions();
        let _ = writeln!(table, "| {} | {} | {} |", kind.aws_type(), short(actions.read), short(actions.write));
    }
    table
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
