//! Bars on a terminal: one for the whole run with the time it still waits, one for what is going on. They are drawn on
//! standard error, so that standard output can be kept.

use std::cell::Cell;
use std::time::Duration;

use find_facts_rollout::note::Note;
use find_facts_rollout::schedule::Schedule;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::render;

const RUN: &str = "{bar:30} {pos}/{len} {msg}";
const WINDOW: &str = "  {bar:28} {msg}";
const PULL: &str = "  {bar:28} {bytes}/{total_bytes} at {bytes_per_sec}, ETA {eta}  {msg}";
const WORK: &str = "  {bar:28} {pos}/{len}, ETA {eta}  {msg}";
const UNKNOWN: &str = "  {spinner} {pos} {msg}";

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
    /// The bars of a run along this schedule.
    pub(super) fn new(schedule: &Schedule) -> Self {
        let all = MultiProgress::new();
        let run = all.add(ProgressBar::new(schedule.steps.len() as u64).with_style(style(RUN)));
        let current = all.add(ProgressBar::new(0).with_style(style(WINDOW)));
        let from = |index: usize| schedule.steps.iter().skip(index).map(|step| step.waits).sum();
        let waits = (0..=schedule.steps.len()).map(from).collect();
        let mark = match schedule.scale.is_rehearsal() {
            true => format!("{} ", schedule.scale),
            false => String::new(),
        };
        Self { all, run, current, waits, at: Cell::new(0), mark }
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
                self.current.set_style(style(WINDOW));
                self.current.set_length((of * TICKS) as u64);
                self.current.set_position((seen * TICKS) as u64);
                let verdict = render::verdict_name(verdict);
                self.current
                    .set_message(format!("{percentage} %, {}: {verdict}", render::evidence(evidence)));
                self.waiting(Duration::try_from_secs_f64((of - seen).max(0.0)).unwrap_or_default());
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
        let left = indicatif::HumanDuration(left);
        self.run.set_message(format!("{}waits {left:#} more at least", self.mark));
    }

    fn working(&self, what: &str, done: u64, of: u64) {
        self.current.set_style(style(match (of, what.starts_with("pulling")) {
            (0, _) => UNKNOWN,
            (_, true) => PULL,
            (_, false) => WORK,
        }));
        self.current.set_length(of);
        self.current.set_position(done);
        self.current.set_message(what.to_owned());
    }
}

fn style(template: &str) -> ProgressStyle {
    // A template that does not parse would be a bar of another look, no reason to stop a rollout.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
