//! `cargo xtask tidy`: what a stranger would trip over. Looks at the files git knows, and changes none.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::docs;
use crate::out::say;
use crate::shell::{command, read, root};

/// A file above this usually holds two ideas.
const LONGEST_SOURCE: usize = 450;
/// Text that belongs in the repository is smaller than this; data comes from set-up.
const LARGEST_FILE: u64 = 1024 * 1024;

/// Words that do not belong in Rust sources. Cut in two, so that this file may hold them.
const LEFTOVERS: &[(&str, &str)] = &[
    ("TO", "DO"),
    ("FIX", "ME"),
    ("XX", "X"),
    ("to", "do!("),
    ("unimplem", "ented!("),
    ("#[all", "ow("),
    ("#[ig", "nore]"),
];

/// Names of places that exist on one machine or belong to one registry, cut in two as well.
const PLACES: &[(&str, &str)] = &[
    ("py", "pi.org"),
    ("crat", "es.io"),
    ("npm", "js.com"),
    ("npm", "js.org"),
    ("pythonh", "osted.org"),
    ("deb.deb", "ian.org"),
    ("/wo", "rk/"),
    ("/fa", "rm/"),
    ("/tm", "p/t/"),
];

/// Prints every finding; none is a pass.
pub(crate) fn run() -> Result<()> {
    let mut findings = Vec::new();
    for file in tracked()? {
        look_at(&file, &mut findings)?;
    }
    findings.extend(docs::findings()?);
    for finding in &findings {
        say(format_args!("tidy: {finding}"));
    }
    match findings.len() {
        0 => Ok(()),
        count => bail!("{count} untidy places"),
    }
}

/// Every `.rs` file under a folder, sorted.
pub(crate) fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    files_with(folder, "rs")
}

/// Every file with an extension under a folder, sorted.
pub(crate) fn files_with(folder: &Path, wanted: &str) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            std::fs::read_dir(&folder).with_context(|| format!("cannot list `{}`", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == wanted) {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

fn tracked() -> Result<Vec<PathBuf>> {
    let listed = read(&mut command("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"]))?;
    Ok(listed.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from).collect())
}

fn look_at(file: &Path, findings: &mut Vec<String>) -> Result<()> {
    let path = root().join(file);
    let Ok(metadata) = path.metadata() else { return Ok(()) };
    if metadata.len() > LARGEST_FILE {
        findings.push(format!("{} has {} bytes, at most {LARGEST_FILE}", file.display(), metadata.len()));
    }
    if file.ends_with("Cargo.lock") {
        return Ok(());
    }
    let bytes = std::fs::read(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let Ok(text) = String::from_utf8(bytes) else { return Ok(()) };
    findings.extend(faults(file, &text));
    Ok(())
}

fn faults(file: &Path, text: &str) -> Vec<String> {
    let is_rust = file.extension().is_some_and(|extension| extension == "rs");
    let mut found = Vec::new();
    let length = text.lines().count();
    if is_rust && length > LONGEST_SOURCE {
        found.push(format!("{} has {length} lines, at most {LONGEST_SOURCE}", file.display()));
    }
    let leftovers = LEFTOVERS.iter().filter(|_| is_rust);
    for (first, second) in leftovers.chain(PLACES) {
        let word = format!("{first}{second}");
        if let Some(at) = text.lines().position(|line| line.contains(&word)) {
            found.push(format!("{}:{} names `{word}`", file.display(), at + 1));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(file: &str, text: &str, expected: &[&str]) {
        assert_eq!(faults(Path::new(file), text), expected);
    }

    #[test]
    fn leftovers_are_found_in_sources_only() {
        let text = format!("// one\n// {}{}: later", "TO", "DO");
        check("a.rs", &text, &[&format!("a.rs:2 names `TO{}`", "DO")]);
        check("a.md", &text, &[]);
    }

    #[test]
    fn a_registry_host_is_found_anywhere() {
        let text = format!("see pypi{}org", '.');
        check("README.md", &text, &[&format!("README.md:1 names `pypi{}org`", '.')]);
    }

    #[test]
    fn a_long_source_is_a_finding_and_a_long_document_is_none() {
        let text = "line\n".repeat(451);
        check("a.rs", &text, &["a.rs has 451 lines, at most 450"]);
        check("a.md", &text, &[]);
    }
}
