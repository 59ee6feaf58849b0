//! How far a pull has come: a bar with bytes and the time left on a terminal, a line per step elsewhere.

use std::io::IsTerminal;

use find_facts_models::Progress as Step;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Output;
use crate::render::beside;

/// Cut at the terminal's edge: a line that wraps is drawn on two.
const BAR: &str = "  {bar:12} {wide_msg}";

/// Listens to the pull of one entry.
pub(super) struct Progress<'a> {
    output: Output,
    id: &'a str,
    bar: Option<ProgressBar>,
}

impl<'a> Progress<'a> {
    /// Of an entry.
    pub(super) fn new(output: Output, id: &'a str) -> Self {
        let draws = !output.is_json() && std::io::stderr().is_terminal();
        let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self { output, id, bar: draws.then(|| ProgressBar::no_length().with_style(style)) }
    }

    /// Shows a step.
    pub(super) fn hear(&mut self, step: &Step<'_>) {
        match (step, &self.bar) {
            (Step::Received { file, bytes, total }, Some(bar)) => {
                total.iter().for_each(|total| bar.set_length(*total));
                bar.set_position(*bytes);
                let of = bar.length().unwrap_or_default();
                bar.set_message(beside::pull(file, *bytes, of, bar.eta(), bar.per_sec()));
            }
            (Step::Verifying { file }, Some(bar)) => bar.set_message(format!("{file}: verifying")),
            (Step::Received { .. } | Step::Verifying { .. } | Step::Ready { .. }, _) => {}
            (Step::Waiting { .. }, _) => self.say("another process pulls it; waiting"),
            (Step::Asking { file, source }, _) => self.say(&format!("{file}: asking {source}")),
            (Step::Retrying { file, reason, pause }, _) => {
                self.say(&format!("{file}: {reason}; again in {} s", pause.as_secs()));
            }
            (Step::Failed { file, reason }, _) => self.say(&format!("{file}: {reason}")),
        }
    }

    /// Takes the bar away.
    pub(super) fn finish(&self) {
        self.bar.iter().for_each(ProgressBar::finish_and_clear);
    }

    fn say(&self, text: &str) {
        let say = || self.output.say(&format!("  {}: {text}", self.id));
        match &self.bar {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }
}
