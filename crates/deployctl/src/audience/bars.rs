//! Bars on a terminal: one for the whole run with the time it still waits, one for what is going on. They are drawn on
//! standard error, so that standard output can be kept.

use std::cell::Cell;
use std::time::Duration;

use find_facts_rollout::note::Note;
use find_facts_rollout::schedule::Schedule;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::render::beside;

// Bars are short and messages cut at the terminal's edge: a line that wraps is drawn on two, and half of it may stay behind.
const RUN: &str = "{bar:12} {pos}/{len} {wide_msg}";
const CURRENT: &str = "  {bar:12} {wide_msg}";
const UNKNOWN: &str = "  {spinner} {wide_msg}";

/// A window's bar counts tenths of seconds.
const TICKS: f64 = 10.0;

/// The bars of a run.
pub(super) struct Bars {
    all: MultiProgress,
    run: ProgressBar,
    current: ProgressBar,
    /// What every step still waits from its beginning on.
    waits: Vec<Duration>,
    at: Cell<usize>,
    mark: String,
}

impl Bars {
    /// The bars of a run along this schedule; none where standard error is no terminal, or one that cannot draw.
    pub(super) fn new(schedule: &Schedule) -> Option<Self> {
        let all = MultiProgress::new();
        if all.is_hidden() {
            return None;
        }
        let run = all.add(ProgressBar::new(schedule.steps.len() as u64).with_style(style(RUN)));
        let current = all.add(ProgressBar::new(0).with_style(style(UNKNOWN)));
        let from = |index: usize| schedule.steps.iter().skip(index).map(|step| step.waits).sum();
        let waits = (0..=schedule.steps.len()).map(from).collect();
        let mark = if schedule.scale.is_rehearsal() { schedule.scale.to_string() } else { String::new() };
        Some(Self { all, run, current, waits, at: Cell::new(0), mark })
    }

    /// Takes the bars away for as long as something else is written.
    pub(super) fn around(&self, write: impl FnOnce()) {
        self.all.suspend(write);
    }

    /// Takes the bars away for good.
    pub(super) fn clear(&self) {
        self.current.finish_and_clear();
        self.run.finish_and_clear();
    }

    /// Shows what a note says.
    pub(super) fn hear(&self, note: &Note) {
        match note {
            Note::StepBegan { step, number, .. } => self.step(step, *number),
            Note::Watching { percentage, observed_seconds: [seen, of], evidence, verdict, .. } => {
                let left = Duration::try_from_secs_f64((of - seen).max(0.0)).unwrap_or_default();
                self.current.set_style(style(CURRENT));
                self.current.set_length((of * TICKS) as u64);
                self.current.set_position((seen * TICKS) as u64);
                self.current.set_message(beside::window(*percentage, left, evidence, verdict));
                self.waiting(left);
            }
            Note::Working { what, done, of, .. } => self.working(what, *done, *of),
            _ => {}
        }
    }

    fn step(&self, step: &str, number: usize) {
        self.at.set(number);
        self.run.set_position(number.saturating_sub(1) as u64);
        self.current.reset();
        self.current.set_style(style(UNKNOWN));
        self.current.set_message(step.to_owned());
        let here = self.waits.get(number.saturating_sub(1)).copied().unwrap_or_default();
        let after = self.waits.get(number).copied().unwrap_or_default();
        self.waiting(here.saturating_sub(after));
    }

    /// `here` is what the current step still waits.
    fn waiting(&self, here: Duration) {
        let left = here + self.waits.get(self.at.get()).copied().unwrap_or_default();
        self.run.set_message(beside::run(left, &self.mark));
    }

    fn working(&self, what: &str, done: u64, of: u64) {
        self.current.set_style(style(if of == 0 { UNKNOWN } else { CURRENT }));
        self.current.set_length(of);
        self.current.set_position(done);
        let left = self.current.eta();
        self.current.set_message(if what.starts_with("pulling") {
            beside::pull(what, done, of, left, self.current.per_sec())
        } else {
            beside::work(what, done, of, left)
        });
    }
}

fn style(template: &str) -> ProgressStyle {
    // A template that does not parse would be a bar of another look, no reason to stop a rollout.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
