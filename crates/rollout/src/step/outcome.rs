//! What follows from an act's outcome. Before anybody is exposed a failure stops the run; afterwards it goes back.

use find_facts_api::admin::{FlagsWritten, GenerationRecord};

use super::change::{Foreign, back, foreign};
use super::turn::Turn;
use super::{IllegalInput, inspect};
use crate::act::{Inspection, Outcome};
use crate::end::{End, RolledBackBy};
use crate::note::Note;
use crate::plan::Plan;
use crate::schedule::StepKind;
use crate::state::{Before, Stage};
use crate::suite::SuiteResult;

pub(super) fn outcome(mut turn: Turn<'_>, act: u64, outcome: Outcome) -> Result<Turn<'_>, IllegalInput> {
    let step = turn.step_name();
    match turn.state.stage.clone() {
        Stage::Acting(numbered) if numbered.number == act => {
            turn.tell(Note::ActDone { step, outcome: Box::new(outcome.clone()) });
            settle(turn, outcome)
        }
        Stage::Leaving { act: numbered, then } if numbered.number == act => leaving(turn, then, outcome),
        _ => Err(IllegalInput::Outcome { act, step }),
    }
}

fn settle(mut turn: Turn<'_>, outcome: Outcome) -> Result<Turn<'_>, IllegalInput> {
    let findings = &mut turn.state.findings;
    match (turn.schedule.steps.get(turn.state.at).map(|step| &step.kind), outcome) {
        (Some(StepKind::Inspect), Outcome::Inspected(found)) => return Ok(inspected(turn, &found)),
        (Some(StepKind::Inspect), Outcome::Failed { reason }) => {
            return Ok(turn.end(End::PreconditionFailed { reason }));
        }
        (_, Outcome::Failed { reason }) => return Ok(failed(turn, reason)),
        (Some(kind), Outcome::Changed(written)) if kind.changes_flags() => {
            return Ok(changed(turn, &written));
        }
        (Some(kind), Outcome::Raced { since }) if kind.changes_flags() => {
            return Ok(raced(turn, &since));
        }
        (Some(StepKind::Suite(_)), Outcome::Suite(result)) => return Ok(suite(turn, result)),
        (Some(StepKind::AwaitReady), Outcome::Ready)
        | (Some(StepKind::Migrate), Outcome::Migrated(_))
        | (Some(StepKind::Settle(_)), Outcome::Settled) => {}
        (Some(StepKind::Load(_)), Outcome::Loaded(model)) => findings.model = Some(model),
        (Some(StepKind::RecordLegacy), Outcome::Legacy(answers)) => findings.legacy = Some(answers),
        (Some(StepKind::Monitoring), Outcome::Monitoring(parts)) => findings.monitoring = parts,
        (Some(StepKind::Impact), Outcome::Impact(impact)) => findings.impact = Some(impact),
        (Some(StepKind::Added), Outcome::Added(added)) => findings.added = Some(added),
        (Some(StepKind::Accuracy), Outcome::Accuracy(accuracy)) => findings.accuracy = Some(accuracy),
        (Some(StepKind::Pull(id)), Outcome::Pulled { bytes }) => {
            findings.models.insert(id.clone(), bytes);
        }
        (_, other) => {
            return Err(IllegalInput::Kind { step: turn.step_name(), got: format!("{other:?}") });
        }
    }
    Ok(turn.advance())
}

fn inspected<'s>(mut turn: Turn<'s>, found: &Inspection) -> Turn<'s> {
    let obstacles = inspect::obstacles(turn.schedule, found);
    if !obstacles.is_empty() {
        return turn.end(End::PreconditionFailed { reason: obstacles.join("; ") });
    }
    turn.state.generation = found.flags.generation;
    if let Some(tier) = turn.schedule.tier() {
        turn.state.before = Before {
            flag: found.flags.flags.get(tier.flag()).cloned().unwrap_or_default(),
            params: found.flags.tiers.get(&tier).cloned(),
        };
    }
    turn.advance()
}

fn changed<'s>(mut turn: Turn<'s>, written: &FlagsWritten) -> Turn<'s> {
    turn.state.generation = written.generation;
    match turn.step_kind() {
        StepKind::AllOff => turn.state.findings.flags_off = Some(written.generation),
        StepKind::Expose(index) | StepKind::Confirm(index) => {
            turn.state.exposed = turn.schedule.exposures().get(index).map(|step| step.percentage);
        }
        _ => {}
    }
    turn.advance()
}

fn raced<'s>(mut turn: Turn<'s>, since: &[GenerationRecord]) -> Turn<'s> {
    let judged = match turn.schedule.tier_plan() {
        Some(plan) => foreign(plan, &turn.state, since),
        None => last(since),
    };
    match judged {
        Some(Foreign::Over(end)) => turn.end(end),
        Some(Foreign::Unrelated { generation, by }) => {
            turn.tell(Note::Adopted { by, generation: generation.0 });
            turn.state.generation = generation;
            turn.change()
        }
        None => {
            failed(turn, "the server says that the generation has changed, and shows no newer one".to_owned())
        }
    }
}

/// Phase 1 stores "all off" over whatever configuration said; its own inspection has seen to what is in production.
fn last(since: &[GenerationRecord]) -> Option<Foreign> {
    since.last().map(|record| Foreign::Unrelated { generation: record.generation, by: record.by.clone() })
}

fn suite(mut turn: Turn<'_>, result: SuiteResult) -> Turn<'_> {
    let shortfalls = turn.schedule.tier_plan().map(|plan| {
        let golden = plan.limits.golden_shortfall(result.golden_right);
        result.shortfalls(&plan.suites).into_iter().chain(golden).collect::<Vec<String>>()
    });
    let shortfalls = shortfalls.unwrap_or_default();
    let kind = result.suite;
    turn.state.findings.suites.insert(kind, result);
    if shortfalls.is_empty() {
        return turn.advance();
    }
    let reason = format!("the {kind} suite: {}", shortfalls.join("; "));
    turn.end(End::Stopped { reason })
}

fn failed(turn: Turn<'_>, reason: String) -> Turn<'_> {
    let reason = format!("{}: {reason}", turn.step_name());
    match (&turn.schedule.plan, turn.step_kind()) {
        (Plan::Tier(_), StepKind::Added | StepKind::Accuracy) => turn.end(End::Held { reason }),
        _ if turn.state.exposed.is_some() => {
            turn.leave(End::RolledBack { by: RolledBackBy::Failure, reason })
        }
        _ => turn.end(End::Stopped { reason }),
    }
}

fn leaving(mut turn: Turn<'_>, then: End, outcome: Outcome) -> Result<Turn<'_>, IllegalInput> {
    match outcome {
        Outcome::Changed(written) => {
            turn.state.generation = written.generation;
            turn.state.exposed = None;
            Ok(turn.end(then))
        }
        Outcome::Raced { since } => {
            let judged = turn.schedule.tier_plan().and_then(|plan| foreign(plan, &turn.state, &since));
            match judged {
                // Somebody else has already taken the tier away, or changed it: what they did stands.
                Some(Foreign::Over(_)) => Ok(turn.end(then)),
                Some(Foreign::Unrelated { generation, .. }) => {
                    turn.state.generation = generation;
                    match back(turn.schedule, &turn.state) {
                        Some(request) => Ok(turn.leave_by(request, then)),
                        None => Ok(turn.end(then)),
                    }
                }
                None => Err(IllegalInput::CannotGoBack { reason: "no newer generation is shown".to_owned() }),
            }
        }
        Outcome::Failed { reason } => Err(IllegalInput::CannotGoBack { reason }),
        other => Err(IllegalInput::Kind { step: turn.step_name(), got: format!("{other:?}") }),
    }
}
