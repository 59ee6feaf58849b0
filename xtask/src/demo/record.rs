//! The callers' record, read back: who got the right answer when, and when a tier was last seen at work.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result};
use serde_json::Value;

/// Names that the facts do not have as they were written.
pub(super) const VARIATIONS: &[&str] = &["alias", "typo"];
/// Plain questions and people's own words for relations. A quarter of the demo's has no answer, and nothing is right for it.
pub(super) const QUESTIONS: &[&str] = &["question"];

/// One line of the record.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    at_ms: u64,
    kind: String,
    right: bool,
    enhanced: bool,
}

/// Lines that callers saw, in the order of their answers.
#[derive(Debug, Default)]
pub(super) struct Record(Vec<Line>);

/// A share of right answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Share {
    pub(super) right: usize,
    pub(super) of: usize,
}

impl Share {
    /// In percent; none of nothing.
    pub(super) fn percent(self) -> Option<f64> {
        (self.of > 0).then(|| 100.0 * self.right as f64 / self.of as f64)
    }
}

impl Record {
    /// Reads what loadgen wrote.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
        let lines = text
            .lines()
            .map(|line| parse(line).with_context(|| format!("a bad line in `{}`", path.display())));
        Ok(Self(lines.collect::<Result<_>>()?))
    }

    /// Right answers to queries of some kinds, between two moments in unix milliseconds.
    pub(super) fn accuracy(&self, kinds: &[&str], between: &Range<u64>) -> Share {
        let of_kinds = self.0.iter().filter(|line| kinds.contains(&&*line.kind));
        of_kinds.filter(|line| between.contains(&line.at_ms)).fold(Share::default(), |share, line| Share {
            right: share.right + usize::from(line.right),
            of: share.of + 1,
        })
    }

    /// The last enhanced answer from a moment on.
    pub(super) fn last_enhanced(&self, from_ms: u64) -> Option<u64> {
        let enhanced = self.0.iter().filter(|line| line.enhanced && line.at_ms >= from_ms);
        enhanced.map(|line| line.at_ms).max()
    }
}

fn parse(line: &str) -> Result<Line> {
    let value: Value = serde_json::from_str(line)?;
    Ok(Line {
        at_ms: value["at_ms"].as_u64().context("no `at_ms`")?,
        kind: value["kind"].as_str().context("no `kind`")?.to_owned(),
        right: value["right"].as_bool().context("no `right`")?,
        enhanced: value["enhanced"].as_bool().context("no `enhanced`")?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(at_ms: u64, kind: &str, right: bool) -> Line {
        Line { at_ms, kind: kind.to_owned(), right, enhanced: right }
    }

    #[test]
    fn accuracy_counts_the_kinds_between_the_moments_only() {
        let record = Record(vec![
            line(1, "alias", true),
            line(2, "typo", false),
            line(2, "exact", true),
            line(3, "alias", true),
        ]);
        assert_eq!(record.accuracy(VARIATIONS, &(1..3)), Share { right: 1, of: 2 });
        assert_eq!(record.accuracy(VARIATIONS, &(5..9)).percent(), None);
        assert_eq!(record.accuracy(QUESTIONS, &(1..4)).percent(), None);
    }

    #[test]
    fn the_last_enhanced_answer_is_looked_for_after_the_moment() {
        let record = Record(vec![line(1, "alias", true), line(4, "alias", true), line(6, "alias", false)]);
        assert_eq!(record.last_enhanced(2), Some(4));
        assert_eq!(record.last_enhanced(5), None);
    }
}
