//! The words and seams every other crate speaks in. Values here are plain data: nothing does I/O,
//! starts a thread or reads a clock of its own accord.

pub mod caller;
pub mod clock;
pub mod engine;
pub mod fact;
pub mod finder;
pub mod flags;
pub mod health;
pub mod iri;
pub mod outcome;
pub mod rollback;
pub mod store;
pub mod tier;

pub use caller::{Caller, Cohort, Segment};
pub use clock::{Clock, Deadline, DeadlineExceeded, SystemClock};
pub use engine::{Embedder, EngineError, LanguageModel, Likelihood, Prompt};
pub use fact::{Fact, Part, PartialDate, Parts, Validity};
pub use finder::{
    Expansion, ExpansionMeans, FactFinder, FindQuery, FinderAnswer, FinderError, Link, LinkMeans, RankedFact,
    Without,
};
pub use flags::{FlagEvaluator, FlagKey, FlagSet, FlagState, Generation, InvalidPercent, Percent};
pub use health::{HealthReport, HealthSource};
pub use outcome::{AttemptResult, Outcome, OutcomeSink};
pub use rollback::{RollbackAction, RollbackPolicy};
pub use store::{
    Direction, Entity, EntityId, FactStore, KbVersion, Neighbour, Pattern, Predicate, StoreError,
};
pub use tier::{Mode, Tier};
