//! The index of runs: one small file, replaced whole, so that `history` need not read every journal. It can always be made
//! again from the folders, and one that a newer program wrote is read but never overwritten.

use std::fs::OpenOptions;
use std::path::Path;

use find_facts_api::rollout::RunStatus;
use serde::{Deserialize, Serialize};

use super::JournalError;
use super::file::io;
use super::folder::{RunFolder, opened, replace_durably};
use crate::scale::TimeScale;

const INDEX: &str = "index.json";
const LOCK: &str = "index.lock";
const VERSION: u32 = 1;

/// One run, as `history` shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    /// Its name.
    pub run: String,
    /// Its plan's name.
    pub plan: String,
    /// Its plan's phase.
    pub phase: u8,
    /// What its waiting times are divided by.
    pub time_scale: TimeScale,
    /// When it began, unix milliseconds.
    pub began_ms: u64,
    /// How it stood when it was last written down; a run that was killed stands as running.
    pub status: RunStatus,
    /// Why, where there is something to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Index {
    version: u32,
    runs: Vec<RunSummary>,
}

/// Every run, oldest first. One that was killed before it came into the index is found by its folder.
pub fn runs(folder: &Path) -> Result<Vec<RunSummary>, JournalError> {
    let path = folder.join(INDEX);
    let read = std::fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str::<Index>(&text).ok());
    let mut runs = read.map(|index| index.runs).unwrap_or_default();
    let names = run_folders(folder)?.into_iter().filter(|name| runs.iter().all(|known| known.run != *name));
    let unknown: Vec<RunSummary> = names.filter_map(|name| summary(folder, &name)).collect();
    runs.extend(unknown);
    runs.sort_by(|a, b| (a.began_ms, &a.run).cmp(&(b.began_ms, &b.run)));
    Ok(runs)
}

/// The names of all folders of runs, also of those that never began.
pub fn run_folders(folder: &Path) -> Result<Vec<String>, JournalError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(io("read", folder)(error)),
    };
    let folders = entries.filter_map(Result::ok).filter(|entry| entry.path().is_dir());
    Ok(folders.filter_map(|entry| entry.file_name().into_string().ok()).collect())
}

/// Notes how a run stands.
pub fn note(folder: &Path, summary: RunSummary) -> Result<(), JournalError> {
    let lock = folder.join(LOCK);
    let held =
        OpenOptions::new().create(true).truncate(false).write(true).open(&lock).map_err(io("open", &lock))?;
    held.lock().map_err(io("lock", &lock))?;
    let path = folder.join(INDEX);
    let version =
        std::fs::read_to_string(&path).ok().and_then(|text| serde_json::from_str::<Version>(&text).ok());
    if version.is_some_and(|found| found.version > VERSION) {
        return Ok(());
    }
    let mut runs = runs(folder)?;
    match runs.iter_mut().find(|known| known.run == summary.run) {
        Some(known) => *known = summary,
        None => runs.push(summary),
    }
    runs.sort_by(|a, b| (a.began_ms, &a.run).cmp(&(b.began_ms, &b.run)));
    let text = serde_json::to_vec_pretty(&Index { version: VERSION, runs })
        .map_err(|error| io("write to", &path)(error.into()))?;
    replace_durably(&path, &text)
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// What a run's own journal says of it, but for its end, which only a replay tells.
fn summary(folder: &Path, run: &str) -> Option<RunSummary> {
    let lines = RunFolder::of(folder, run).look().ok()?;
    let began_ms = lines.first()?.time_ms;
    let opened = opened(&lines)?;
    Some(RunSummary {
        run: opened.run.clone(),
        plan: opened.plan.clone(),
        phase: opened.phase,
        time_scale: opened.time_scale,
        began_ms,
        status: RunStatus::Running,
        reason: None,
    })
}
