//! Tables as pipectl shows them: a line under the header, none between rows, as wide as what is in them or the terminal.

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle};

/// The look of all tables.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// A table with these headings, of at most `width` columns.
pub fn table<const N: usize>(headings: [&str; N], width: usize) -> Table {
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_header(headings)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX));
    table
}

/// The same with headings that are known only when it is made.
pub fn columns(headings: impl IntoIterator<Item = String>, width: usize) -> Table {
    let mut table = table([], width);
    table.set_header(headings.into_iter().collect::<Vec<_>>());
    table
}

/// The table's text, without the blanks that fill up its lines.
pub fn text(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        text += line.trim_end();
        text.push('\n');
    }
    text
}
