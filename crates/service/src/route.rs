//! Decides which tiers may answer a request, best first, and why the one asked for is not among them. Pure.
//! A named mode is a ceiling: it can lower what the flags give a caller, never raise it.

use find_facts_core::flags::FlagDecision;
use find_facts_core::outcome::FallbackReason;
use find_facts_core::{Mode, Tier};

/// The lowest tier that understands a question.
const QUESTIONS_FROM: Tier = Tier::Tier2;

/// What a decision is made from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ask<'a> {
    /// The mode that the request names.
    pub(crate) named: Option<Mode>,
    /// Whether it is a plain question instead of parts.
    pub(crate) question: bool,
    /// What the flags say of the caller.
    pub(crate) flags: &'a FlagDecision,
    /// Whether the flags are passed over: an operator's request that names a mode.
    pub(crate) whatever_the_flags: bool,
    /// Which tiers are loaded, in the order of [`Tier::ALL`].
    pub(crate) loaded: [bool; 3],
}

/// The tiers to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Route {
    /// The mode in which the request is to be answered: named, or given by the flags.
    pub(crate) asked: Mode,
    /// Whether each tier is to be tried, in the order of [`Tier::ALL`].
    tries: [bool; 3],
    /// Why the tier of the mode asked for is not to be tried.
    pub(crate) lowered: Option<FallbackReason>,
}

impl Route {
    /// The tiers to try and the modes in which they answer, best first.
    pub(crate) fn steps(self) -> impl DoubleEndedIterator<Item = (Tier, Mode)> {
        let asked = self.asked;
        Tier::ALL
            .into_iter()
            .rev()
            .filter(move |tier| self.tries[*tier as usize])
            .map(move |tier| (tier, if asked.tier() == Some(tier) { asked } else { tier.mode() }))
    }
}

/// The tiers to try for one request.
pub(crate) fn decide(ask: &Ask<'_>) -> Route {
    let asked = ask.named.unwrap_or(ask.flags.ceiling);
    let mut route = Route { asked, tries: [false; 3], lowered: None };
    for tier in Tier::ALL {
        let in_reach = Some(tier) <= asked.tier() && !(ask.question && tier < QUESTIONS_FROM);
        let obstacle = obstacle(ask, tier);
        route.tries[tier as usize] = in_reach && obstacle.is_none();
        if in_reach && asked.tier() == Some(tier) {
            route.lowered = obstacle;
        }
    }
    route
}

fn obstacle(ask: &Ask<'_>, tier: Tier) -> Option<FallbackReason> {
    let with_those_below = ..=tier as usize;
    let given =
        ask.flags.ceiling.tier() >= Some(tier) && ask.flags.enabled[with_those_below].iter().all(|on| *on);
    if !given && !ask.whatever_the_flags {
        return Some(FallbackReason::FlagOff);
    }
    let loaded = ask.loaded[with_those_below].iter().all(|loaded| *loaded);
    (!loaded).then_some(FallbackReason::NotReady)
}

#[cfg(test)]
mod tests {
    use find_facts_core::{Cohort, Generation};

    use super::*;

    const ALL_LOADED: [bool; 3] = [true; 3];

    fn flags(ceiling: Mode, enabled: [bool; 3]) -> FlagDecision {
        FlagDecision { generation: Generation(1), ceiling, enabled, cohort: Cohort::Rest, caller: 0 }
    }

    fn check(ask: Ask<'_>, asked: Mode, steps: &[Mode], lowered: Option<FallbackReason>) {
        let route = decide(&ask);
        let tried: Vec<Mode> = route.steps().map(|(_, mode)| mode).collect();
        assert_eq!((route.asked, tried.as_slice(), route.lowered), (asked, steps, lowered), "{ask:?}");
    }

    fn parts(flags: &FlagDecision, named: Option<Mode>) -> Ask<'_> {
        Ask { named, question: false, flags, whatever_the_flags: false, loaded: ALL_LOADED }
    }

    use FallbackReason::{FlagOff, NotReady};
    use Mode::{EntityLinked, Exact, FuzzyRanked, ResearchGrade, SemanticExpanded};

    #[test]
    fn without_a_named_mode_the_flags_ceiling_is_asked_for() {
        check(parts(&flags(Exact, [false; 3]), None), Exact, &[], None);
        check(parts(&flags(EntityLinked, [true; 3]), None), EntityLinked, &[EntityLinked], None);
        let all = [ResearchGrade, SemanticExpanded, EntityLinked];
        check(parts(&flags(ResearchGrade, [true; 3]), None), ResearchGrade, &all, None);
    }

    #[test]
    fn a_named_mode_lowers_what_the_flags_give_and_never_raises_it() {
        let tier2 = flags(SemanticExpanded, [true; 3]);
        check(parts(&tier2, Some(Exact)), Exact, &[], None);
        check(parts(&tier2, Some(EntityLinked)), EntityLinked, &[EntityLinked], None);
        check(
            parts(&tier2, Some(ResearchGrade)),
            ResearchGrade,
            &[SemanticExpanded, EntityLinked],
            Some(FlagOff),
        );
        check(parts(&flags(Exact, [true; 3]), Some(EntityLinked)), EntityLinked, &[], Some(FlagOff));
    }

    #[test]
    fn fuzzy_ranking_runs_only_when_it_is_named() {
        let tier2 = flags(SemanticExpanded, [true; 3]);
        check(parts(&tier2, Some(FuzzyRanked)), FuzzyRanked, &[FuzzyRanked, EntityLinked], None);
        let tier3 = flags(ResearchGrade, [true; 3]);
        check(parts(&tier3, Some(FuzzyRanked)), FuzzyRanked, &[FuzzyRanked, EntityLinked], None);
    }

    #[test]
    fn a_tier_needs_those_below_enabled_and_loaded() {
        let ceiling = flags(SemanticExpanded, [false, true, true]);
        check(parts(&ceiling, None), SemanticExpanded, &[], Some(FlagOff));
        let on = flags(SemanticExpanded, [true; 3]);
        let without = |loaded| Ask { loaded, ..parts(&on, None) };
        check(without([false, true, true]), SemanticExpanded, &[], Some(NotReady));
        check(without([true, false, true]), SemanticExpanded, &[EntityLinked], Some(NotReady));
    }

    #[test]
    fn an_operator_gets_the_named_mode_whatever_the_flags() {
        let off = flags(Exact, [false; 3]);
        let operator = |loaded| Ask { whatever_the_flags: true, loaded, ..parts(&off, Some(EntityLinked)) };
        check(operator(ALL_LOADED), EntityLinked, &[EntityLinked], None);
        check(operator([false; 3]), EntityLinked, &[], Some(NotReady));
    }

    #[test]
    fn questions_are_for_the_tiers_that_understand_them() {
        let on = flags(ResearchGrade, [true; 3]);
        let question = |named| Ask { question: true, ..parts(&on, named) };
        check(question(None), ResearchGrade, &[ResearchGrade, SemanticExpanded], None);
        check(question(Some(EntityLinked)), EntityLinked, &[], None);
        check(question(Some(Exact)), Exact, &[], None);
    }
}
