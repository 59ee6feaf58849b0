//! Who listens to a run: bars on a terminal, plain lines elsewhere, JSON documents for programs. A run does not depend on it.
//!
//! Invariant: every line and document of a rehearsal says that it is one.

mod bars;
mod pace;

use std::cell::RefCell;
use std::time::UNIX_EPOCH;

use find_facts_core::{Clock, SystemClock};
use find_facts_rollout::journal::Opened;
use find_facts_rollout::note::Note;
use find_facts_rollout::plan::Plan;
use find_facts_rollout::ports::Audience;
use find_facts_rollout::scale::TimeScale;
use find_facts_rollout::schedule::Schedule;
use serde::Serialize;

use crate::output::Output;
use crate::render;
use bars::Bars;
use pace::Pace;

/// Tells people or programs what a run says.
pub struct Teller {
    output: Output,
    head: Head,
    bars: Option<Bars>,
    pace: RefCell<Pace>,
}

/// What stands in every document of a run.
#[derive(Debug, Clone, Serialize)]
struct Head {
    run: String,
    plan: String,
    time_scale: TimeScale,
    #[serde(skip_serializing_if = "Option::is_none")]
    rehearsal: Option<String>,
}

/// A note, for programs.
#[derive(Serialize)]
struct Told<'a> {
    document: &'static str,
    #[serde(flatten)]
    head: &'a Head,
    time_ms: u128,
    #[serde(flatten)]
    note: &'a Note,
}

/// The first document of a run, for programs: the plan as it was checked.
#[derive(Serialize)]
struct Begins<'a> {
    document: &'static str,
    #[serde(flatten)]
    head: &'a Head,
    definition: &'a Plan,
}

impl Head {
    /// Every line of a rehearsal says that it is one.
    fn marked(&self, text: &str) -> String {
        match &self.rehearsal {
            Some(mark) => text.lines().map(|line| format!("{mark} {line}")).collect::<Vec<_>>().join("\n"),
            None => text.to_owned(),
        }
    }
}

impl Teller {
    /// Begins to tell of a run.
    pub fn new(output: Output, opened: &Opened, schedule: &Schedule) -> Self {
        let scale = schedule.scale;
        let head = Head {
            run: opened.run.clone(),
            plan: opened.plan.clone(),
            time_scale: scale,
            rehearsal: scale.is_rehearsal().then(|| scale.to_string()),
        };
        let bars = if output.is_json() { None } else { Bars::new(schedule) };
        output.show(&Begins { document: "run", head: &head, definition: &schedule.plan }, |begins| {
            head.marked(&format!("run {}: {}\n{schedule}", begins.head.run, schedule.plan.title()))
        });
        Self { output, head, bars, pace: RefCell::default() }
    }

    /// Takes the bars away.
    pub fn finish(&self) {
        if let Some(bars) = &self.bars {
            bars.clear();
        }
    }

    fn say(&self, text: &str) {
        let marked = self.head.marked(text);
        match &self.bars {
            Some(bars) => bars.around(|| self.output.say(&marked)),
            None => self.output.say(&marked),
        }
    }
}

impl Audience for Teller {
    fn hear(&self, note: &Note) {
        if self.output.is_json() {
            let time_ms = SystemClock.wall().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
            return self
                .output
                .show(&Told { document: "note", head: &self.head, time_ms, note }, |_| String::new());
        }
        if let Some(bars) = &self.bars {
            bars.hear(note);
        }
        let is_shown_as_bar =
            self.bars.is_some() && matches!(note, Note::Working { .. } | Note::Watching { .. });
        if !is_shown_as_bar
            && self.pace.borrow_mut().is_worth_a_line(note, SystemClock.now())
            && let Some(text) = render::note(note)
        {
            self.say(&text);
        }
    }
}
