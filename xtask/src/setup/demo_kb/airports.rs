//! Rows of airportsdata: those with an IATA code, sorted by it.

use std::path::Path;

use anyhow::{Context, Result};

/// An airport as the source has it; texts may be empty.
#[derive(Debug, Clone, Default)]
pub(super) struct Airport {
    pub(super) iata: String,
    pub(super) name: String,
    pub(super) city: String,
    pub(super) region: String,
    /// ISO 3166 two-letter code.
    pub(super) country: String,
    /// Whole feet; none where the source has a zero, which mostly stands for "not known".
    pub(super) elevation: Option<i64>,
    pub(super) time_zone: String,
}

/// Reads the source's table.
pub(super) fn read(table: &Path) -> Result<Vec<Airport>> {
    let mut reader =
        csv::Reader::from_path(table).with_context(|| format!("cannot read `{}`", table.display()))?;
    let columns = reader.headers()?.clone();
    let column = |name: &str| {
        columns.iter().position(|header| header == name).with_context(|| format!("no column `{name}`"))
    };
    let [iata, name, city, region, country, elevation, time_zone] = [
        column("iata")?,
        column("name")?,
        column("city")?,
        column("subd")?,
        column("country")?,
        column("elevation")?,
        column("tz")?,
    ];
    let mut airports = Vec::new();
    for row in reader.records() {
        let row = row.with_context(|| format!("a bad row in `{}`", table.display()))?;
        let text = |column: usize| row.get(column).unwrap_or_default().trim().to_owned();
        let elevation: f64 = text(elevation).parse().unwrap_or_default();
        airports.push(Airport {
            iata: text(iata),
            name: text(name),
            city: text(city),
            region: text(region),
            country: text(country),
            elevation: (elevation != 0.0).then_some(elevation.round() as i64),
            time_zone: text(time_zone),
        });
    }
    airports.retain(|airport| !airport.iata.is_empty() && !airport.name.is_empty());
    airports.sort_by(|a, b| a.iata.cmp(&b.iata));
    Ok(airports)
}
