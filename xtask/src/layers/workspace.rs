//! The workspace as cargo sees it: each member with the dependencies its manifest names.

use std::path::PathBuf;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell::{cargo, read};

/// A crate of the workspace.
#[derive(Debug)]
pub(super) struct Member {
    /// Package name without `find-facts-`.
    pub(super) name: String,
    pub(super) folder: PathBuf,
    /// Names of normal and build dependencies, ours without `find-facts-`.
    pub(super) dependencies: Vec<String>,
}

/// Every member; reads manifests only and builds nothing.
pub(super) fn members() -> Result<Vec<Member>> {
    let text = read(&mut cargo(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&text).context("cargo metadata printed no JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    packages.iter().map(member).collect()
}

fn member(package: &Value) -> Result<Member> {
    let text = |field: &str| package[field].as_str().with_context(|| format!("a package has no `{field}`"));
    let manifest = PathBuf::from(text("manifest_path")?);
    let dependencies = package["dependencies"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|dependency| dependency["kind"].as_str() != Some("dev"))
        .filter_map(|dependency| dependency["name"].as_str())
        .map(|name| short(name).to_owned())
        .collect();
    Ok(Member {
        name: short(text("name")?).to_owned(),
        folder: manifest.parent().context("a manifest lies in no folder")?.to_owned(),
        dependencies,
    })
}

fn short(package: &str) -> &str {
    package.strip_prefix("find-facts-").unwrap_or(package)
}
