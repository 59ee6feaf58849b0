//! What follows from a look at the figures: go on watching, go on with the plan, or go back.

use find_facts_analysis::averaged;
use find_facts_analysis::totals::sum;

use super::IllegalInput;
use super::change::{Foreign, foreign};
use super::turn::Turn;
use crate::end::{End, RolledBackBy};
use crate::note::Note;
use crate::plan::{ExposurePlan, TierPlan, duration_text};
use crate::schedule::{Schedule, millis};
use crate::state::Stage;
use crate::watch::{Look, Verdict, Watch, verdict};

pub(super) fn look(turn: Turn<'_>, look: Look) -> Result<Turn<'_>, IllegalInput> {
    let (Stage::Watching(watch), Some(plan)) = (&turn.state.stage, turn.schedule.tier_plan()) else {
        return Err(IllegalInput::Look { step: turn.step_name() });
    };
    let watch = watch.as_ref().clone();
    let Some(exposure) = plan.exposure.get(watch.exposure).copied() else {
        return Err(IllegalInput::Look { step: turn.step_name() });
    };
    Ok(match look {
        Look::Blind { reason, elapsed_ms } => {
            decide(turn, plan_of(plan, exposure), watch.blind(elapsed_ms, reason))
        }
        Look::Seen(seen) => {
            let mut turn = turn;
            match foreign(plan, &turn.state, &seen.since) {
                Some(Foreign::Over(end)) => {
                    turn.state.exposed = None;
                    return Ok(turn.end(end));
                }
                Some(Foreign::Unrelated { generation, by }) => {
                    turn.tell(Note::Adopted { by, generation: generation.0 });
                    turn.state.generation = generation;
                }
                None => {}
            }
            let watched = Schedule::watched(plan, turn.schedule.scale, turn.state.generation);
            decide(turn, plan_of(plan, exposure), watch.seen(*seen, watched))
        }
    })
}

/// The plan, and the step of its exposure that is being watched.
#[derive(Clone, Copy)]
struct Step<'p> {
    plan: &'p TierPlan,
    exposure: ExposurePlan,
}

fn plan_of(plan: &TierPlan, exposure: ExposurePlan) -> Step<'_> {
    Step { plan, exposure }
}

fn decide<'s>(mut turn: Turn<'s>, step: Step<'_>, watch: Watch) -> Turn<'s> {
    let scale = turn.schedule.scale;
    let window = millis(scale.window(step.exposure.watch));
    let verdict = verdict(&watch, &step.exposure, step.plan);
    turn.tell(Note::Watching {
        step: turn.step_name(),
        percentage: step.exposure.percentage,
        observed_seconds: [watch.observed_ms.min(window) as f64 / 1e3, window as f64 / 1e3],
        evidence: watch.evidence(),
        verdict: verdict.clone(),
    });
    if let Verdict::Harmful { .. } = verdict {
        return turn.leave(rolled_back(RolledBackBy::Harm, &verdict));
    }
    if watch.blind_ms >= millis(scale.window(step.plan.cannot_see)) {
        let reason = format!(
            "no countable figures for {}: {}",
            duration_text(std::time::Duration::from_millis(watch.blind_ms)),
            watch.blind_reason.as_deref().unwrap_or("no two looks could be held against each other")
        );
        return turn.leave(End::RolledBack { by: RolledBackBy::CannotSee, reason });
    }
    if watch.observed_ms >= window && matches!(verdict, Verdict::Healthy { .. }) {
        return finish(turn, &watch);
    }
    let beyond = watch.observed_ms.saturating_sub(window) + watch.lowered_ms;
    let may_wait = beyond < millis(scale.window(step.exposure.extend));
    if may_wait || (watch.observed_ms < window && watch.lowered_ms == 0) {
        turn.state.stage = Stage::Watching(Box::new(watch));
        return turn;
    }
    turn.leave(rolled_back(RolledBackBy::NotEnoughData, &verdict))
}

/// The window has passed, by its figures or by an operator's word.
pub(super) fn finish<'s>(mut turn: Turn<'s>, watch: &Watch) -> Turn<'s> {
    let days = |observed_ms: u64| observed_ms as f64 * f64::from(turn.schedule.scale) / 86.4e6;
    let memory: Vec<(f64, f64)> =
        watch.memory.iter().map(|(at, bytes)| (days(*at), *bytes as f64 / 1e6)).collect();
    if !memory.is_empty() {
        turn.state.findings.memory.push(averaged(&memory));
    }
    turn.state.findings.observed = sum(&turn.state.findings.observed, &watch.canary);
    if let Some(exposure) = turn.schedule.exposures().get(watch.exposure) {
        turn.state.findings.reached = exposure.percentage;
    }
    turn.advance()
}

fn rolled_back(by: RolledBackBy, verdict: &Verdict) -> End {
    End::RolledBack { by, reason: verdict.to_string() }
}
