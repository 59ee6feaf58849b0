//! What a phase needs of this machine: the folder of runs, models and ONNX Runtime in the cache, and room on the disks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use find_facts_models::{Catalogue, Entry, Finding, holding, verify};
use find_facts_rollout::plan::Plan;

use super::Check;
use crate::context::Context;
use crate::render;
use crate::run::Prepared;

/// A journal of a phase with its reports takes a few megabytes; a full disk stops a run where it is.
const ROOM_FOR_RUNS: u64 = 100_000_000;
/// The catalogue's key of the library that runs embedders.
const RUNTIME: &str = "onnxruntime";

/// Everything on this machine.
pub(super) fn checks(context: &Context, plans: &[Prepared]) -> Vec<Check> {
    let mut checks = vec![runs(&context.runs)];
    let catalogue = match context.catalogue() {
        Ok(catalogue) => catalogue,
        Err(error) => {
            checks.push(Check::bad("catalogue", error.to_string(), "mend `models.toml`"));
            return checks;
        }
    };
    checks.push(Check::good("catalogue", format!("{} entries", catalogue.entries().count())));
    let wanted = wanted(plans);
    checks.extend(wanted.iter().map(|id| model(context, &catalogue, id)));
    checks.push(runtime(context, &catalogue));
    checks.push(room_for_models(context, &catalogue, &wanted));
    checks
}

/// The models that the plans name.
fn wanted(plans: &[Prepared]) -> BTreeSet<String> {
    let of = |plan: &Prepared| match &plan.schedule.plan {
        Plan::Infrastructure(plan) => plan.models.pull.clone(),
        Plan::Tier(plan) => vec![plan.initialise.model.clone()],
    };
    plans.iter().flat_map(of).collect()
}

fn runs(folder: &Path) -> Check {
    const WHAT: &str = "folder of runs";
    let shown = folder.display().to_string();
    let mend = "make it writable, or name another one by --runs";
    let existing = existing(folder);
    let is_writable = tempfile_in(&existing);
    match (is_writable, room(&existing)) {
        (Err(error), _) => Check::bad(WHAT, format!("{shown}: {error}"), mend),
        (Ok(()), Some(free)) if free < ROOM_FOR_RUNS => Check::bad(
            WHAT,
            format!("{shown}: {} free", render::bytes(free)),
            "free some space, or name another folder by --runs",
        ),
        (Ok(()), Some(free)) => Check::good(WHAT, format!("{shown}: {} free", render::bytes(free))),
        (Ok(()), None) => {
            Check::warning(WHAT, format!("{shown}: `df` does not say how much is free"), "look yourself")
        }
    }
}

fn tempfile_in(folder: &Path) -> std::io::Result<()> {
    let probe = folder.join(format!(".deployctl-doctor-{}", std::process::id()));
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(&probe)
}

fn model(context: &Context, catalogue: &Catalogue, id: &str) -> Check {
    let what = format!("model {id}");
    let Ok(entry) = catalogue.get(id) else {
        return Check::bad(
            &what,
            "it is not in the catalogue",
            "add it to `models.toml`, or take it out of the plan",
        );
    };
    // A server on another machine has a cache of its own, which phase 1 fills: what is missing here is no obstacle.
    files(context, entry, &what).unwrap_or_else(|| {
        if let Err(unpinned) = entry.require_pinned() {
            return Check::bad(&what, unpinned.to_string(), unpinned.hint());
        }
        Check::warning(
            &what,
            "not in this machine's cache",
            format!("phase 1 brings it, or `deployctl models pull {id}`"),
        )
    })
}

fn runtime(context: &Context, catalogue: &Catalogue) -> Check {
    const WHAT: &str = "ONNX Runtime";
    if let Some(library) = &context.environment.onnx_library {
        return match library.is_file() {
            true => Check::good(WHAT, format!("{} (ORT_DYLIB_PATH)", library.display())),
            false => Check::bad(
                WHAT,
                format!("ORT_DYLIB_PATH names `{}`, which is not there", library.display()),
                "unset it, or mend it",
            ),
        };
    }
    let mend = format!("`cargo xtask setup`, or `deployctl models pull {RUNTIME}`");
    let missing = || Check::bad(WHAT, "not on this machine", &mend);
    catalogue.get(RUNTIME).ok().and_then(|entry| files(context, entry, WHAT)).unwrap_or_else(missing)
}

/// What the cache holds of an entry, every byte read; none where it is not complete.
fn files(context: &Context, entry: &Entry, what: &str) -> Option<Check> {
    let home = context.environment.home();
    if !holding(&home, entry).complete {
        return None;
    }
    let checked = match verify(&home, entry) {
        Ok(checked) => checked,
        Err(error) => return Some(Check::bad(what, error.to_string(), "make it readable")),
    };
    let id = &entry.id;
    let worst = checked.iter().find(|file| !matches!(file.finding, Finding::Verified { .. }));
    Some(match worst.map(|file| (&file.name, &file.finding)) {
        None => Check::good(what, format!("{} files, verified", checked.len())),
        Some((name, Finding::Unpinned { .. })) => Check::bad(
            what,
            format!("the catalogue has no digest of `{name}`"),
            format!("`deployctl models pin {id}` records it"),
        ),
        Some((name, _)) => Check::bad(
            what,
            format!("`{name}` is damaged"),
            format!("`deployctl models pull {id}` replaces it"),
        ),
    })
}

fn room_for_models(context: &Context, catalogue: &Catalogue, wanted: &BTreeSet<String>) -> Check {
    const WHAT: &str = "room for models";
    let home = context.environment.home();
    let missing: u64 = wanted
        .iter()
        .filter_map(|id| catalogue.get(id).ok())
        .map(|entry| entry.size().unwrap_or(0).saturating_sub(holding(&home, entry).bytes))
        .sum();
    let folder = existing(home.root());
    let shown = |free| {
        format!("{} free, {} to come where sizes are known", render::bytes(free), render::bytes(missing))
    };
    match room(&folder) {
        Some(free) if free < missing => {
            Check::bad(WHAT, shown(free), "free some space, or move the cache: FIND_FACTS_HOME, HF_HUB_CACHE")
        }
        Some(free) => Check::good(WHAT, shown(free)),
        None => Check::warning(WHAT, "`df` does not say how much is free", "look yourself"),
    }
}

/// The folder itself, or the nearest one above it that is there.
fn existing(folder: &Path) -> PathBuf {
    let there = folder.ancestors().find(|folder| folder.is_dir());
    there.map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// Bytes that may still be written under a folder, as `df` says; POSIX has no other way without a system call of one's own.
fn room(folder: &Path) -> Option<u64> {
    let output = Command::new("df").args(["-P", "-k"]).arg(folder).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let kilobytes: u64 = text.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()?;
    Some(kilobytes * 1024)
}
