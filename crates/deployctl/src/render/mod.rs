//! How things look to people.

mod status;

use comfy_table::{Table, presets};

pub use status::status;

/// A table without lines between its rows.
pub fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_HORIZONTAL_ONLY).set_header(header);
    table
}
