//! The sentences that only enhanced answers have, after the manner of legacy's.

use std::fmt::{self, Display};

use find_facts_core::Link;

use crate::wording::clipped;

/// Says that a question has no answer.
pub(super) struct NoAnswer<'a>(pub(super) &'a str);

impl Display for NoAnswer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Found no answer to \"{}\".", clipped(self.0))
    }
}

/// Says which names were taken for which; nothing of a name that was taken as it stands.
pub(super) struct TakenFor<'a>(pub(super) &'a [Link]);

impl Display for TakenFor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for link in self.0.iter().filter(|link| link.given != link.entity) {
            write!(f, " Took \"{}\" for \"{}\".", clipped(&link.given), link.entity)?;
        }
        Ok(())
    }
}

/// What to try when a question has no answer.
pub(super) const SUGGESTION: &str = "Ask by parts: give the subject, the predicate or the object that you know, and leave open what you look for.";
