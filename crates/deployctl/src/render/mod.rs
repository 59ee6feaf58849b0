//! How things look to people.

pub mod beside;
mod note;
mod schedule;
mod status;

use comfy_table::{ContentArrangement, LineStyle, Table, TableStyle, presets};
use jiff::Timestamp;
use jiff::tz::TimeZone;

pub use note::{canary, control, criteria, evidence, note, outcome, suite, verdict_name};
pub use schedule::schedule;
pub use status::{changes, status};

const STYLE: TableStyle = presets::UTF8_HORIZONTAL_ONLY.row_separator(LineStyle::none());

/// A table without lines between its rows.
pub fn table<const N: usize>(header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(header);
    table
}

/// A number of bytes: 1 GB = 10⁹ bytes.
pub fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

/// A moment, from unix milliseconds, in this machine's time zone.
pub fn moment(unix_ms: u64) -> String {
    let at = i64::try_from(unix_ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    at.map_or_else(
        || format!("{unix_ms} ms"),
        |at| at.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string(),
    )
}
