//! What a crate brings to somebody who takes it alone: its tree of normal dependencies, as `cargo tree` resolves it.

use std::collections::BTreeSet;

use anyhow::Result;

use super::table::Light;
use crate::shell::{cargo, read};

/// Libraries that must be absent but are not, and trees that outgrew their bound.
pub(super) fn check(light: &[Light]) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for row in light {
        let tree = tree(row.name)?;
        findings.extend(
            row.without
                .iter()
                .filter(|library| tree.contains(**library))
                .map(|library| format!("`{}` brings `{library}`", row.name)),
        );
        if tree.len() > row.at_most {
            findings.push(format!("`{}` brings {} crates, at most {}", row.name, tree.len(), row.at_most));
        }
    }
    Ok(findings)
}

/// Names in the tree, the crate's own included; features as if only this crate were built.
fn tree(name: &str) -> Result<BTreeSet<String>> {
    let package = format!("find-facts-{name}");
    let flags = ["tree", "--quiet", "--edges", "normal", "--prefix", "none", "--format", "{p}", "--package"];
    let text = read(cargo(flags).arg(package))?;
    Ok(text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}
