//! What the flags promise to callers and operators, through the public interface only.
#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod decisions;
mod shares;
