//! What owners of external resources have to allow, as text.

use std::fmt::Write;

use super::style::{BOLD, Clean, DIM, HELP, paint};
use super::wrap::wrapped;
use crate::model::graph::Graph;
use crate::ops::grants::Grant;

/// Each document under a line that says where it goes, and how.
pub fn text(env: &str, graph: &Graph, grants: &[Grant], width: usize) -> String {
    if graph.externals.is_empty() {
        return format!("{}: nothing is external.\n", Clean(env));
    }
    if grants.is_empty() {
        let said = "nobody has to allow anything: what is external is in the same account, and a role needs no more than its own policy.";
        return format!("{}\n", wrapped(format!("{}: {said}", Clean(env)).split(' '), 0, 2, width));
    }
    let mut out = String::new();
    for grant in grants {
        let head = format!("{}: {} {}", Clean(&grant.address.to_string()), grant.into, Clean(&grant.arn));
        let _ = writeln!(out, "{}", paint(BOLD, wrapped(head.split(' '), 0, 2, width)));
        let _ = writeln!(out, "{}", paint(DIM, format!("of account {}", Clean(&grant.account))));
        let _ = writeln!(out, "{}", paint(HELP, wrapped(grant.how.split(' '), 0, 2, width)));
        // Escaped as JSON is: no control character of a name reaches the terminal.
        let document = serde_json::to_string_pretty(&grant.document).unwrap_or_default();
        let _ =
            writeln!(out, "{}\n", document.lines().map(|line| Clean(line).to_string()).collect::<Vec<_>>().join("\n"));
    }
    out
}
