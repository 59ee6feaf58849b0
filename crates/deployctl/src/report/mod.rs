//! A run's report: what its journal tells, as one document for programs and one page for people. Made from the journal
//! alone, so that it can be made again at any time.

mod html;
mod timeline;

use std::path::{Path, PathBuf};

use find_facts_rollout::criteria::{Criterion, criteria};
use find_facts_rollout::end::End;
use find_facts_rollout::journal::JournalError;
use find_facts_rollout::plan::{ExposurePlan, Plan};
use find_facts_rollout::scale::TimeScale;
use find_facts_rollout::state::Findings;
use serde::Serialize;

use crate::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render;
use crate::run::Stored;
use timeline::{Event, StepReport, Timeline};

/// Fields are added to the document, never changed or removed.
const VERSION: u32 = 1;
const JSON: &str = "report.json";
const HTML: &str = "report.html";

/// What a run did and found.
#[derive(Debug, Serialize)]
pub struct Report {
    /// Version of the document.
    pub version: u32,
    /// The run.
    pub run: String,
    /// The server it began on.
    pub server: Option<String>,
    /// The mark of a rehearsal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rehearsal: Option<String>,
    /// What waiting times were divided by.
    pub time_scale: TimeScale,
    /// When it began, unix milliseconds.
    pub began_ms: u64,
    /// When its journal was last written, unix milliseconds.
    pub last_ms: u64,
    /// How it ended; absent while it is open.
    #[serde(flatten)]
    pub end: Option<End>,
    /// The exit code that belongs to the end.
    pub exit: Option<u8>,
    /// Percentages and minimum samples of the plan.
    pub exposure: Vec<ExposurePlan>,
    /// The criteria, once they were held against what was measured.
    pub criteria: Vec<Criterion>,
    /// The steps, in the order in which they were begun.
    pub steps: Vec<StepReport>,
    /// What else happened.
    pub events: Vec<Event>,
    /// Everything that was found out.
    pub findings: Findings,
    /// The plan.
    pub plan: Plan,
    /// The plan as it was written.
    #[serde(skip)]
    pub plan_text: String,
}

/// Where a report was written.
#[derive(Debug, Serialize)]
pub struct Written {
    /// The page.
    pub html: PathBuf,
    /// The document.
    pub json: PathBuf,
}

/// The last document of a run, for programs.
#[derive(Serialize)]
struct Ended<'a> {
    document: &'static str,
    run: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rehearsal: &'a Option<String>,
    #[serde(flatten)]
    end: &'a End,
    exit: u8,
    criteria: &'a [Criterion],
    report: &'a Written,
}

impl Report {
    /// Replays a run into its report.
    pub fn of(stored: &Stored) -> Result<Self, Failure> {
        let schedule = &stored.prepared.schedule;
        let timeline = Timeline::of(stored)?;
        let time = |line: Option<&find_facts_rollout::journal::Line>| line.map_or(0, |line| line.time_ms);
        let criteria = match timeline.judged {
            true => criteria(&schedule.plan, &timeline.findings),
            false => Vec::new(),
        };
        Ok(Self {
            version: VERSION,
            run: stored.opened.run.clone(),
            server: stored.server().map(String::from),
            rehearsal: schedule.scale.is_rehearsal().then(|| schedule.scale.to_string()),
            time_scale: schedule.scale,
            began_ms: time(stored.lines.first()),
            last_ms: time(stored.lines.last()),
            exit: timeline.end.as_ref().map(|end| Exit::from(end) as u8),
            end: timeline.end,
            exposure: schedule.exposures().to_vec(),
            criteria,
            steps: timeline.steps,
            events: timeline.events,
            findings: timeline.findings,
            plan: schedule.plan.clone(),
            plan_text: stored.prepared.source.text.clone(),
        })
    }

    /// Writes both forms into a folder, each whole or not at all.
    pub fn write(&self, stored: &Stored, out: Option<&Path>) -> Result<Written, Failure> {
        let json = serde_json::to_string_pretty(self).map_err(|error| io(JSON, error.into()))?;
        let html = html::page(self);
        let Some(out) = out else {
            return Ok(Written {
                html: stored.folder.write_report(HTML, &html)?,
                json: stored.folder.write_report(JSON, &json)?,
            });
        };
        let path = |name: &str| out.join(name);
        std::fs::create_dir_all(out).map_err(|error| io(out, error))?;
        for (name, text) in [(HTML, html), (JSON, json)] {
            std::fs::write(path(name), text).map_err(|error| io(path(name), error))?;
        }
        Ok(Written { html: path(HTML), json: path(JSON) })
    }
}

/// Writes the report of a run that has just ended, and says how it ended.
pub fn at_end(context: &Context, stored: &Stored, end: &End) -> Result<Exit, Failure> {
    let report = Report::of(stored)?;
    let written = report.write(stored, None)?;
    let exit = Exit::from(end);
    let document = Ended {
        document: "ended",
        run: &report.run,
        rehearsal: &report.rehearsal,
        end,
        exit: exit as u8,
        criteria: &report.criteria,
        report: &written,
    };
    context.output.show(&document, |ended| {
        let mark = ended.rehearsal.as_ref().map(|mark| format!("{mark} ")).unwrap_or_default();
        let table = match ended.criteria {
            [] => String::new(),
            rows => format!("{mark}criteria of {}\n{}\n", ended.run, render::criteria(rows)),
        };
        format!("{table}{mark}{}: {}\nreport: {}", ended.run, coloured(end), written.html.display())
    });
    Ok(exit)
}

fn coloured(end: &End) -> String {
    use anstyle::AnsiColor::{Green, Red, Yellow};
    let colour = match end {
        End::Completed => Green,
        End::Held { .. } | End::PreconditionFailed { .. } | End::Aborted { .. } => Yellow,
        End::Stopped { .. } | End::RolledBack { .. } => Red,
    };
    let style = colour.on_default().bold();
    format!("{style}{end}{style:#}")
}

fn io(path: impl Into<PathBuf>, source: std::io::Error) -> Failure {
    Failure::Journal(JournalError::Io { what: "write", path: path.into(), source })
}
