//! How good a tier's answers are: what golden probes and shadow runs found, counted.

use std::collections::VecDeque;
use std::time::Instant;

use find_facts_core::health::{GoldenMiss, GoldenReport, GoldenTotals, QualityReport, ShadowReport};

use crate::series::{FURTHEST, LEAST_FOR_A_RATE, WIDENED_TO};

/// The misses that a report names.
const NAMED: usize = 5;

/// What was found out about one tier.
#[derive(Debug, Default)]
pub struct Quality {
    golden: GoldenTotals,
    golden_lately: Lately,
    missed: VecDeque<GoldenMiss>,
    shadow: ShadowReport,
    shadow_lately: Lately,
}

/// What became of a request's facts between the mode below a tier and the tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shadow {
    /// Both found the same.
    Same,
    /// Both found facts, and not the same.
    Different,
    /// Only the tier found any.
    Gained,
    /// Only the mode below found any.
    Lost,
    /// Nobody found any.
    Neither,
}

impl Quality {
    /// Counts a golden probe: answered right, or what went wrong.
    pub fn golden(&mut self, now: Instant, result: Result<(), GoldenMiss>) {
        self.golden.answered += 1;
        self.golden.right += u64::from(result.is_ok());
        self.golden_lately.push(now, result.is_ok());
        if let Err(miss) = result {
            self.missed.truncate(NAMED - 1);
            self.missed.push_front(miss);
        }
    }

    /// Counts a request asked both ways.
    pub fn shadow(&mut self, now: Instant, what: Shadow) {
        let shadow = &mut self.shadow;
        shadow.pairs += 1;
        match what {
            Shadow::Same => shadow.same += 1,
            Shadow::Different => shadow.different += 1,
            Shadow::Gained => shadow.gained += 1,
            Shadow::Lost => shadow.lost += 1,
            Shadow::Neither => {}
        }
        if !matches!(what, Shadow::Gained | Shadow::Neither) {
            self.shadow_lately.push(now, what == Shadow::Same);
        }
    }

    /// Forgets what rates and misses are made from, because something else will answer, or be asked. Totals only grow.
    pub fn start_anew(&mut self) {
        self.golden_lately = Lately::default();
        self.missed.clear();
        self.shadow_lately = Lately::default();
    }

    /// As a report has it.
    pub fn report(&self, now: Instant) -> QualityReport {
        QualityReport {
            golden: GoldenReport {
                totals: self.golden,
                right_rate: self.golden_lately.rate(now),
                missed: self.missed.iter().cloned().collect(),
            },
            shadow: ShadowReport { agreement: self.shadow_lately.rate(now), ..self.shadow },
        }
    }
}

/// The last results, oldest first, and whether each was good.
#[derive(Debug, Default)]
struct Lately(VecDeque<(Instant, bool)>);

impl Lately {
    fn push(&mut self, now: Instant, good: bool) {
        if self.0.len() == WIDENED_TO {
            self.0.pop_front();
        }
        self.0.push_back((now, good));
    }

    fn rate(&self, now: Instant) -> Option<f64> {
        let (mut all, mut good) = (0, 0);
        for (at, is_good) in self.0.iter().rev() {
            if now.saturating_duration_since(*at) > FURTHEST {
                break;
            }
            all += 1;
            good += usize::from(*is_good);
        }
        (all >= LEAST_FOR_A_RATE).then(|| good as f64 / all as f64)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn miss(id: usize) -> GoldenMiss {
        let text = String::new;
        GoldenMiss { time_ms: 0, id: id.to_string(), asked: text(), expected: text(), got: text() }
    }

    #[test]
    fn a_rate_takes_twenty_and_is_that_of_the_last_two_hundred() {
        let (mut quality, now) = (Quality::default(), Instant::now());
        for _ in 0..19 {
            quality.golden(now, Ok(()));
        }
        assert_eq!(quality.report(now).golden.right_rate, None);
        for id in 0..100 {
            quality.golden(now, Err(miss(id)));
        }
        for _ in 0..150 {
            quality.golden(now, Ok(()));
        }
        let golden = quality.report(now).golden;
        assert_eq!(golden.right_rate, Some(0.75));
        assert_eq!((golden.totals.answered, golden.totals.wrong()), (269, 100));
        let ids: Vec<&str> = golden.missed.iter().map(|miss| &*miss.id).collect();
        assert_eq!(ids, ["99", "98", "97", "96", "95"]);
    }

    #[test]
    fn what_begins_anew_has_no_rate_and_keeps_its_totals() {
        let (mut quality, now) = (Quality::default(), Instant::now());
        (0..40).for_each(|id| quality.golden(now, Err(miss(id))));
        quality.start_anew();
        let golden = quality.report(now).golden;
        assert_eq!((golden.right_rate, golden.missed, golden.totals.wrong()), (None, Vec::new(), 40));
    }

    #[test]
    fn what_is_older_than_an_hour_gives_no_rate() {
        let (mut quality, start) = (Quality::default(), Instant::now());
        (0..40).for_each(|_| quality.golden(start, Ok(())));
        let later = start + FURTHEST + Duration::from_secs(1);
        let golden = quality.report(later).golden;
        assert_eq!((golden.right_rate, golden.totals.right), (None, 40));
    }

    #[test]
    fn a_tier_disagrees_where_the_mode_below_found_other_facts_or_it_found_none() {
        let (mut quality, now) = (Quality::default(), Instant::now());
        let seen = [(Shadow::Same, 28), (Shadow::Different, 1), (Shadow::Lost, 3)];
        for (what, times) in seen.into_iter().chain([(Shadow::Gained, 5), (Shadow::Neither, 2)]) {
            (0..times).for_each(|_| quality.shadow(now, what));
        }
        let shadow = quality.report(now).shadow;
        let expected = ShadowReport {
            pairs: 39,
            same: 28,
            different: 1,
            gained: 5,
            lost: 3,
            agreement: Some(28.0 / 32.0),
        };
        assert_eq!(shadow, expected);
    }
}
