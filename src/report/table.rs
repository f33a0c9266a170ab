//! Tables as pipectl shows them: a line under the header, none between rows, as wide as what is in them or the terminal.

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};

/// The look of all tables.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// Columns, where the terminal does not say how many it has.
const WIDTH: u16 = 140;

/// A table with these headings.
pub fn table<const N: usize>(headings: [&str; N]) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_header(headings)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width());
    table
}

/// The table's text, without the blanks that fill up its lines.
pub fn text(table: &Table) -> String {
    table.lines().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// `COLUMNS`, which shells and CI set.
fn width() -> u16 {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(WIDTH).max(60)
}
