//! Holds the documentation against the sources: links lead somewhere, every error has its page and every page its error,
//! and what the code calls a setting, a metric or a path stands in the reference.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::shell::root;
use crate::tidy::{files_with, rust_files};

const SETTINGS: &str = "crates/server/src/config/snapshots/\
                        find_facts_server__config__tests__the_defaults_are_those_of_the_specification.snap";

/// Everything that is untrue, or missing.
pub(crate) fn findings() -> Result<Vec<String>> {
    let mut findings = dead_links()?;
    findings.extend(errors_and_their_pages()?);
    findings.extend(missing("configuration.md", settings()?)?);
    findings.extend(missing("configuration.md", variables()?)?);
    findings.extend(missing("metrics.md", quoted("crates/health/src", "\"find_facts_")?)?);
    findings.extend(missing("http-api.md", quoted("crates/server/src/http/public.rs", ".route(\"")?)?);
    findings.extend(missing("admin-api.md", quoted("crates/server/src/http/admin", ".route(\"")?)?);
    Ok(findings)
}

fn dead_links() -> Result<Vec<String>> {
    let mut pages = files_with(&root().join("docs"), "md")?;
    pages.extend(["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"].map(|name| root().join(name)));
    let mut findings = Vec::new();
    for page in pages {
        let folder = page.parent().unwrap_or(Path::new("."));
        for target in links(&fs::read_to_string(&page)?) {
            if !folder.join(target).exists() {
                findings.push(format!("{} links to `{target}`, which is not there", name_of(&page)));
            }
        }
    }
    Ok(findings)
}

/// The files that a page links to, without anchors.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target));
    targets
        .filter(|target| !target.contains("://"))
        .map(|target| target.split('#').next().unwrap_or_default())
        .filter(|path| !path.is_empty())
}

fn errors_and_their_pages() -> Result<Vec<String>> {
    let (mut without_page, mut printed) = (BTreeSet::new(), BTreeSet::new());
    for file in rust_files(&root().join("crates"))? {
        let source = fs::read_to_string(file)?;
        without_page.extend(codes_of(&source).map(str::to_owned));
        printed.extend(printed_codes(&source).map(str::to_owned));
    }
    let mut findings = Vec::new();
    for page in files_with(&root().join("docs/errors"), "md")? {
        let name = page.file_stem().unwrap_or_default().to_string_lossy();
        let text = fs::read_to_string(&page)?;
        printed.remove(&*name);
        let is_told_elsewhere = || source_of(&text).is_some_and(|(source, said)| says(source, said));
        if name != "README" && !without_page.remove(&*name) && !is_told_elsewhere() {
            findings.push(format!("docs/errors/{name}.md is the page of no error"));
        }
    }
    findings.extend(
        without_page.union(&printed).map(|code| format!("the error `{code}` has no page in docs/errors")),
    );
    Ok(findings)
}

/// The names in a source's table of codes: the first text of each row.
fn codes_of(source: &str) -> impl Iterator<Item = &str> {
    let table = source.split_once("const CODES:").and_then(|(_, rest)| rest.split_once("];"));
    let rows = table.map_or("", |(table, _)| table).split("Code::").skip(1);
    rows.filter_map(|row| row.split('"').nth(1))
}

/// The names that a source's errors give as their codes: the texts in methods called `code`.
fn printed_codes(source: &str) -> impl Iterator<Item = &str> {
    let bodies =
        source.split("fn code(&self)").skip(1).map(|rest| rest.split("\n    }").next().unwrap_or(rest));
    bodies.flat_map(|body| body.split('"').skip(1).step_by(2))
}

/// The source of an error whose code stands in no table, and what stands there of its message: the first line of its page.
fn source_of(page: &str) -> Option<(&str, &str)> {
    page.lines().next()?.strip_prefix("<!-- ")?.strip_suffix(" -->")?.split_once(": ")
}

fn says(source: &str, said: &str) -> bool {
    fs::read_to_string(root().join(source)).is_ok_and(|text| text.contains(said))
}

/// The keys of the configuration. Those of the tiers differ by a number only and stand in the reference once.
fn settings() -> Result<BTreeSet<String>> {
    let text =
        fs::read_to_string(root().join(SETTINGS)).with_context(|| format!("cannot read `{SETTINGS}`"))?;
    let keys = text.lines().filter_map(|line| line.split_once(" = ")).map(|(key, _)| key);
    Ok(keys.filter(|key| !key.starts_with("tier")).map(str::to_owned).collect())
}

/// The variables of the environment: a test of the server has the sample set each of them.
fn variables() -> Result<BTreeSet<String>> {
    let text = fs::read_to_string(root().join("deploy-plans/production.env"))?;
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    Ok(lines.filter_map(|line| line.split_once('=')).map(|(name, _)| name.to_owned()).collect())
}

/// What follows an opening in the sources of a place, up to the quotation mark. Formats with gaps are left out.
fn quoted(place: &str, opening: &str) -> Result<BTreeSet<String>> {
    let path = root().join(place);
    let files = if path.is_file() { vec![path] } else { rust_files(&path)? };
    let mut found = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file)?;
        let words = text.split(opening).skip(1).filter_map(|rest| rest.split('"').next());
        found.extend(words.filter(|word| !word.contains("_{")).map(str::to_owned));
    }
    Ok(found)
}

/// Words that a page of the reference has not.
fn missing(page: &str, words: BTreeSet<String>) -> Result<Vec<String>> {
    let text = fs::read_to_string(root().join("docs/reference").join(page))?;
    let absent = words.into_iter().filter(|word| !text.contains(word));
    Ok(absent.map(|word| format!("docs/reference/{page} does not have `{word}`")).collect())
}

fn name_of(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_a_table_has_its_code() {
        let source = r#"pub const CODES: [(Code, &str); 2] = [
            (Code::One, "one", "First", 1),
            (
                Code::Two,
                "two", "Second", 2),
        ];
        Code::Other, "other""#;
        assert_eq!(codes_of(source).collect::<Vec<_>>(), ["one", "two"]);
    }

    #[test]
    fn an_error_tells_its_codes_in_its_method() {
        let source = "    pub fn code(&self) -> &str {\n  A => \"one\", B => \"two\",\n    }\n  \"three\"";
        assert_eq!(printed_codes(source).collect::<Vec<_>>(), ["one", "two"]);
    }

    #[test]
    fn links_are_those_that_lead_to_files() {
        let text = "[a](b.md#c) [d](https://e) [f](#g) `x](y` [h](../i.md)";
        assert_eq!(links(text).collect::<Vec<_>>(), ["b.md", "../i.md"]);
    }

    #[test]
    fn an_error_without_a_code_names_its_source() {
        assert_eq!(source_of("<!-- a/b.rs: is gone -->\n# c"), Some(("a/b.rs", "is gone")));
        assert_eq!(source_of("# c"), None);
    }
}
