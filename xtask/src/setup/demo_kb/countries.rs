//! Documents of countryinfo, one per country, sorted by two-letter code.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

/// A country's document.
#[derive(Debug)]
pub(super) struct Country(Value);

/// All countries by two-letter code. Of two documents with one code the one with more members is taken.
pub(super) fn read(folder: &Path) -> Result<BTreeMap<String, Country>> {
    let mut countries: BTreeMap<String, Country> = BTreeMap::new();
    let is_document = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    for path in super::sorted(folder)?.into_iter().filter(is_document) {
        let text = std::fs::read_to_string(&path)?;
        let country = Country(
            serde_json::from_str(&text).with_context(|| format!("bad JSON in `{}`", path.display()))?,
        );
        let known = countries.get(country.code()).map_or(0, Country::members);
        if country.members() > known {
            countries.insert(country.code().to_owned(), country);
        }
    }
    Ok(countries)
}

impl Country {
    pub(super) fn name(&self) -> &str {
        self.0["name"].as_str().unwrap_or_default()
    }

    /// Three-letter code.
    pub(super) fn code3(&self) -> &str {
        self.0["ISO"]["alpha3"].as_str().unwrap_or_default()
    }

    /// One text member, or the first of a list; none where it is empty.
    pub(super) fn text(&self, member: &str) -> Option<&str> {
        let value = &self.0[member];
        value.as_str().or_else(|| value[0].as_str()).filter(|text| !text.is_empty())
    }

    /// All texts of a list or an object, in the source's order.
    pub(super) fn texts(&self, member: &str) -> Vec<&str> {
        match &self.0[member] {
            Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
            Value::Object(items) => items.values().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        }
    }

    /// A number as a plain decimal.
    pub(super) fn number(&self, member: &str) -> Option<String> {
        self.0[member].as_number().map(ToString::to_string)
    }

    fn code(&self) -> &str {
        self.0["ISO"]["alpha2"].as_str().unwrap_or_default()
    }

    fn members(&self) -> usize {
        self.0.as_object().map_or(0, serde_json::Map::len)
    }
}
