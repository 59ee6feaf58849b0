//! How many lines a long step is worth: a watch of a day looks 1440 times, and a log wants a score of lines.
//! What changes, and what begins or ends something, is always said.

use std::time::{Duration, Instant};

use find_facts_rollout::note::Note;

use crate::render;

/// A window is told of in about so many lines, beside those where the verdict changes.
const LINES: f64 = 20.0;
/// Progress inside an act is told of this often.
const PROGRESS: Duration = Duration::from_secs(5);

/// What was said last.
#[derive(Debug, Default)]
pub(super) struct Pace {
    look: Option<(String, &'static str, f64)>,
    progress: Option<Instant>,
    done: Option<(String, u64)>,
}

impl Pace {
    /// Whether a log should have this note.
    pub(super) fn is_worth_a_line(&mut self, note: &Note, now: Instant) -> bool {
        match note {
            Note::Watching { step, observed_seconds: [seen, of], verdict, .. } => {
                let name = render::verdict_name(verdict);
                let known = self.look.as_ref().is_some_and(|(last_step, last_name, last_seen)| {
                    last_step == step && *last_name == name && *seen < *of && seen - last_seen < of / LINES
                });
                if !known {
                    self.look = Some((step.clone(), name, *seen));
                }
                !known
            }
            Note::Working { what, done, .. } => {
                let late = self.progress.is_none_or(|last| now.saturating_duration_since(last) >= PROGRESS);
                let is_news = self.done.as_ref().is_none_or(|last| (&last.0, last.1) != (what, *done));
                if late && is_news {
                    (self.progress, self.done) = (Some(now), Some((what.clone(), *done)));
                }
                late && is_news
            }
            Note::ActBegan { .. } => {
                // The first line of progress comes only from acts that take long.
                self.progress = Some(now);
                true
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use find_facts_core::Percent;
    use find_facts_core::health::GoldenTotals;
    use find_facts_rollout::watch::{Basis, Evidence, Verdict};

    use super::*;

    const HEALTHY: Verdict = Verdict::Healthy {
        by: Basis::Control { canary: 40, control: 40 },
        golden: GoldenTotals { answered: 0, right: 0 },
    };

    fn look(seen: f64, verdict: Verdict) -> Note {
        Note::Watching {
            step: "watch-5".to_owned(),
            percentage: Percent::ZERO,
            observed_seconds: [seen, 1000.0],
            evidence: Evidence::default(),
            verdict,
        }
    }

    #[test]
    fn a_thousand_looks_are_a_score_of_lines() {
        let mut pace = Pace::default();
        let now = Instant::now();
        let told = (0..1000).filter(|&second| pace.is_worth_a_line(&look(f64::from(second), HEALTHY), now));
        assert_eq!(told.count(), 20);
    }

    #[test]
    fn another_verdict_is_told_at_once() {
        let mut pace = Pace::default();
        let now = Instant::now();
        assert!(pace.is_worth_a_line(&look(1.0, HEALTHY), now));
        assert!(!pace.is_worth_a_line(&look(2.0, HEALTHY), now));
        assert!(pace.is_worth_a_line(&look(3.0, Verdict::CannotSee { reason: String::new() }), now));
    }
}
