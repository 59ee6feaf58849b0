//! When an answer is right, and what many answers come to.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use find_facts_core::FinderAnswer;

use crate::gold::Gold;

/// Right is: the first fact is one of those expected, or nothing where nothing is.
pub fn is_right(gold: &Gold, answer: &FinderAnswer) -> bool {
    match answer.facts.first() {
        Some(first) => gold.expect.contains(&first.fact),
        None => gold.expect.is_empty(),
    }
}

/// How many of how many.
#[derive(Debug, Clone, Copy, Default)]
pub struct Share {
    /// Right ones.
    pub right: usize,
    /// All.
    pub all: usize,
}

impl Share {
    /// Counts one more.
    pub fn add(&mut self, right: bool) {
        self.right += usize::from(right);
        self.all += 1;
    }

    /// Of 1; not a number where nothing was counted.
    pub fn share(self) -> f64 {
        self.right as f64 / self.all as f64
    }
}

/// What was measured in one run over some worlds.
#[derive(Debug, Default)]
pub struct Tally {
    /// Right answers by variation.
    pub variations: BTreeMap<String, Share>,
    /// Confidences of returned links.
    pub links: Reliability,
    /// How long each query took.
    pub times: Vec<Duration>,
}

impl Tally {
    /// Takes note of one answer.
    pub fn add(&mut self, gold: &Gold, answer: &FinderAnswer, took: Duration) {
        let right = is_right(gold, answer);
        self.variations.entry(gold.variation.clone()).or_default().add(right);
        self.times.push(took);
        if let Some(first) = answer.facts.first() {
            self.links.add(first.confidence, right);
        }
    }

    /// Takes note of another run.
    pub fn merge(&mut self, other: &Tally) {
        for (variation, share) in &other.variations {
            let mine = self.variations.entry(variation.clone()).or_default();
            mine.right += share.right;
            mine.all += share.all;
        }
        self.links.merge(&other.links);
        self.times.extend_from_slice(&other.times);
    }

    /// The time within which a share of the queries was answered.
    pub fn percentile(&self, share: f64) -> Duration {
        let mut times = self.times.clone();
        times.sort();
        times
            .get(((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1)))
            .copied()
            .unwrap_or_default()
    }
}

/// Confidences of answers, and which of these were right.
#[derive(Debug, Clone, Default)]
pub struct Reliability(Vec<(f32, bool)>);

impl Reliability {
    /// Takes note of an answer.
    pub fn add(&mut self, confidence: f32, right: bool) {
        self.0.push((confidence, right));
    }

    /// Takes note of others'.
    pub fn merge(&mut self, other: &Self) {
        self.0.extend_from_slice(&other.0);
    }

    /// Ten equal bins of confidence: how many answers, their mean confidence, how many were right.
    fn bins(&self) -> [(usize, f64, Share); 10] {
        let mut bins = [(0, 0.0, Share::default()); 10];
        for (confidence, right) in &self.0 {
            let bin = &mut bins[((confidence * 10.0) as usize).min(9)];
            bin.0 += 1;
            bin.1 += f64::from(*confidence);
            bin.2.add(*right);
        }
        bins.map(|(count, sum, share)| (count, sum / count.max(1) as f64, share))
    }

    /// The expected calibration error over those bins.
    fn calibration_error(&self) -> f64 {
        let all = self.0.len().max(1) as f64;
        let filled = self.bins().into_iter().filter(|(count, ..)| *count > 0);
        filled.map(|(count, mean, share)| count as f64 / all * (mean - share.share()).abs()).sum()
    }
}

impl fmt::Display for Reliability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "confidence  count  mean   right")?;
        for (bin, (count, mean, share)) in self.bins().into_iter().enumerate().filter(|(_, bin)| bin.0 > 0) {
            let from = bin as f64 / 10.0;
            writeln!(f, "{from:.1} - {:.1}  {count:5}  {mean:.3}  {:.3}", from + 0.1, share.share())?;
        }
        write!(f, "expected calibration error {:.4}", self.calibration_error())
    }
}
