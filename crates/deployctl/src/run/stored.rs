//! A run as it lies in its folder: read, checked and replayed. Nothing here changes it.

use std::path::Path;

use find_facts_rollout::journal::{
    Entry, JournalError, Line, Opened, Replayed, RunFolder, opened, replay, run_folders, runs,
};
use find_facts_rollout::plan::Known;
use find_facts_rollout::scale::TimeScale;
use reqwest::Url;

use super::source::Prepared;
use crate::failure::Failure;

/// The file in which a run remembers its server.
const SERVER: &str = "server";

/// A run, and where it stands.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Its folder.
    pub folder: RunFolder,
    /// Its own copy of the plan.
    pub prepared: Prepared,
    /// Its first line.
    pub opened: Opened,
    /// Its journal.
    pub lines: Vec<Line>,
}

impl Stored {
    /// Reads a run, whoever is writing it.
    pub fn read(runs: &Path, run: &str) -> Result<Self, Failure> {
        let folder = RunFolder::of(runs, run);
        // `.` and `..` are folders too, and no runs.
        let is_name = Path::new(run).file_name().is_some_and(|name| name == run);
        if !is_name || !folder.path().is_dir() {
            return Err(Failure::NoRun { folder: runs.to_owned(), run: Some(run.to_owned()) });
        }
        let lines = folder.look()?;
        let opened = opened(&lines).ok_or(JournalError::NotBegun)?.clone();
        let prepared = Prepared::new(folder.source()?, opened.time_scale, &Known::default())?;
        Ok(Self { folder, prepared, opened, lines })
    }

    /// Where it stands.
    pub fn replay(&self) -> Result<Replayed, Failure> {
        Ok(replay(&self.prepared.schedule, &self.opened, self.entries())?)
    }

    /// What stands in its journal.
    pub fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.lines.iter().map(|line| &line.entry)
    }

    /// The server it began on.
    pub fn server(&self) -> Option<Url> {
        server(&self.folder)
    }
}

/// The server that a run began on.
pub(super) fn server(folder: &RunFolder) -> Option<Url> {
    std::fs::read_to_string(folder.path().join(SERVER)).ok()?.trim().parse().ok()
}

/// Lets a run remember its server.
pub(super) fn remember_server(folder: &RunFolder, server: &Url) -> Result<(), Failure> {
    folder.write_report(SERVER, &format!("{server}\n"))?;
    Ok(())
}

/// The run asked for, else the last one that began.
pub fn choose(folder: &Path, asked: Option<&str>) -> Result<String, Failure> {
    if let Some(run) = asked {
        return Ok(run.to_owned());
    }
    let last = runs(folder)?.pop().map(|summary| summary.run);
    last.ok_or_else(|| Failure::NoRun { folder: folder.to_owned(), run: None })
}

/// Whether everything that belongs to a run's end is done: its report, the word to the server, and its lease given back.
/// The index is told last, so it knows; one that was lost only has the end's work done again.
pub fn is_closed(folder: &Path, run: &str) -> Result<bool, Failure> {
    use find_facts_api::rollout::RunStatus::{Held, Paused, Running};
    let known = runs(folder)?.into_iter().find(|summary| summary.run == run);
    Ok(known.is_some_and(|summary| !matches!(summary.status, Running | Paused | Held)))
}

/// A run of this plan on this server that was cut off: the same plan at the same scale goes on with it, another form of
/// the plan has to wait for somebody's decision.
pub(super) fn cut_off(
    folder: &Path,
    prepared: &Prepared,
    scale: TimeScale,
    on: &Url,
) -> Result<Option<String>, Failure> {
    use find_facts_api::rollout::RunStatus::{Paused, Running};
    let name = prepared.schedule.plan.name();
    let open = runs(folder)?.into_iter().rev().find(|summary| {
        summary.plan == name
            && matches!(summary.status, Running | Paused)
            && server(&RunFolder::of(folder, &summary.run)).as_ref() == Some(on)
    });
    let Some(summary) = open else { return Ok(None) };
    let stored = Stored::read(folder, &summary.run)?;
    if stored.opened.digest == prepared.source.digest() && stored.opened.time_scale == scale {
        return Ok(Some(summary.run));
    }
    Err(Failure::Unfinished { run: summary.run })
}

/// A run of this plan on this server that was killed before its first line. Its name may hold the server's lease, so the
/// plan's next run begins under it.
pub(super) fn never_began(
    folder: &Path,
    prepared: &Prepared,
    on: &Url,
) -> Result<Option<(String, RunFolder)>, Failure> {
    for name in run_folders(folder)? {
        let run = RunFolder::of(folder, &name);
        let is_of_plan = || run.source().is_ok_and(|source| source.digest() == prepared.source.digest());
        let is_blank = || run.look().is_ok_and(|lines| lines.is_empty());
        if server(&run).as_ref() == Some(on) && is_of_plan() && is_blank() {
            return Ok(Some((name, run)));
        }
    }
    Ok(None)
}
