//! What an import has found, and what becomes of it.

use std::fmt::Write;

use super::style::{BOLD, Clean, paint};
use super::table;
use crate::import::{Besides, Imported, LeftOut, Mapped};

/// The mapping as a table of at most `width` columns, and what is not taken, each with its reason.
pub fn text(imported: &Imported, width: usize) -> String {
    let mut text = String::new();
    if !imported.mapping.is_empty() {
        let mut mapping = table::table(["found", "becomes"], width);
        for Mapped { source, address } in &imported.mapping {
            mapping.add_row([Clean(source).to_string(), Clean(&address.to_string()).to_string()]);
        }
        text += &table::text(&mapping);
    }
    if !imported.left_out.is_empty() {
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "\n{}", paint(BOLD, "left out, and goes on existing as it is:"));
    }
    for LeftOut { source, reason, .. } in &imported.left_out {
        let _ = writeln!(text, "  {}: {}", Clean(source), Clean(reason));
    }
    besides(&mut text, &imported.unmodelled);
    text
}

/// What a spec cannot say of what is taken.
fn besides(text: &mut String, all: &[Besides]) {
    if all.iter().any(|one| !one.found.is_empty()) {
        let _ = writeln!(
            text,
            "\n{}",
            paint(BOLD, "stays as it is, since no spec can say it, and a replacement loses it:")
        );
    }
    for Besides { address, found, .. } in all {
        for one in found {
            let address = Clean(&address.to_string()).to_string();
            let _ = writeln!(text, "  {address}: {} = {}, which {}", one.what, Clean(&one.value), one.weight.words());
        }
    }
    if all.iter().any(|one| !one.not_looked_at.is_empty()) {
        let _ = writeln!(text, "\n{}", paint(BOLD, "not looked at:"));
    }
    for Besides { address, not_looked_at, .. } in all {
        for one in not_looked_at {
            let _ = writeln!(text, "  {}: {}: {}", Clean(&address.to_string()), one.what, Clean(&one.why));
        }
    }
}
