//! The folder of runs: one folder each, with its plan, its suites, its journal and its reports. Nothing in it is ever
//! changed but the journal's end.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use super::file::{Journal, io, sync_folder};
use super::line::Line;
use super::{Entry, JournalError, Opened};
use crate::plan::PlanSource;
use crate::suite::SuiteKind;

const PLAN: &str = "plan.toml";
const JOURNAL: &str = "journal.jsonl";

/// A run's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

impl RunFolder {
    /// Makes the folder of a new run. The run begins with the first line of its journal.
    pub fn create(runs: &Path, run: &str, source: &PlanSource) -> Result<Self, JournalError> {
        let folder = Self::of(runs, run);
        std::fs::create_dir_all(runs).map_err(io("create", runs))?;
        std::fs::create_dir(&folder.path).map_err(io("create", &folder.path))?;
        write_durably(&folder.path.join(PLAN), source.text.as_bytes())?;
        for (kind, text) in &source.suites {
            write_durably(&folder.suite(*kind), text.as_bytes())?;
        }
        sync_folder(&folder.path.join(PLAN))?;
        sync_folder(&folder.path)?;
        Ok(folder)
    }

    /// The folder of a run, whether or not it is there.
    pub fn of(runs: &Path, run: &str) -> Self {
        Self { path: runs.join(run) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the journal for going on; no other process can until it is dropped.
    pub fn journal(&self) -> Result<(Journal, Vec<Line>), JournalError> {
        Journal::open(&self.path.join(JOURNAL))
    }

    /// What stands in the journal, whoever is writing it. A run that never began has none.
    pub fn look(&self) -> Result<Vec<Line>, JournalError> {
        let path = self.path.join(JOURNAL);
        if path.exists() { Journal::look(&path) } else { Ok(Vec::new()) }
    }

    /// The run's own copy of its plan and suites.
    pub fn source(&self) -> Result<PlanSource, JournalError> {
        let path = self.path.join(PLAN);
        let text = std::fs::read_to_string(&path).map_err(io("read", &path))?;
        let mut suites = BTreeMap::new();
        for kind in SuiteKind::ALL {
            let file = self.suite(kind);
            if file.exists() {
                suites.insert(kind, std::fs::read_to_string(&file).map_err(io("read", &file))?);
            }
        }
        Ok(PlanSource { origin: path.display().to_string(), text, suites })
    }

    /// Writes a report beside the journal, whole or not at all.
    pub fn write_report(&self, name: &str, text: &str) -> Result<PathBuf, JournalError> {
        let path = self.path.join(name);
        replace_durably(&path, text.as_bytes())?;
        Ok(path)
    }

    fn suite(&self, kind: SuiteKind) -> PathBuf {
        self.path.join(format!("suite-{kind}.jsonl"))
    }
}

/// What a journal says of its run; `None` where it never began.
pub fn opened(lines: &[Line]) -> Option<&Opened> {
    match lines.first().map(|line| &line.entry) {
        Some(Entry::Opened(opened)) => Some(opened),
        _ => None,
    }
}

fn write_durably(path: &Path, bytes: &[u8]) -> Result<(), JournalError> {
    let mut file = std::fs::File::create(path).map_err(io("create", path))?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(io("write to", path))
}

/// Puts a file in the place of another: readers see the old one or the new one.
pub(super) fn replace_durably(path: &Path, bytes: &[u8]) -> Result<(), JournalError> {
    let beside = path.with_extension(format!("{}.tmp", std::process::id()));
    write_durably(&beside, bytes)?;
    std::fs::rename(&beside, path).map_err(io("replace", path))?;
    sync_folder(path)
}
