//! What an import has found, and what becomes of it.

use std::fmt::Write;

use super::style::{BOLD, Clean, paint};
use super::table;
use crate::import::{Imported, LeftOut, Mapped};

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
    for LeftOut { source, reason } in &imported.left_out {
        let _ = writeln!(text, "  {}: {}", Clean(source), Clean(reason));
    }
    text
}
