//! What a change changed, in a few words, for the flag history.

use find_facts_core::flags::FlagKey;
use find_facts_core::{FlagState, Tier};

use super::Desired;

/// Flag by flag and tier by tier, what is no longer as it was.
pub(super) fn describe(before: &Desired, after: &Desired) -> String {
    let flags = FlagKey::ALL.into_iter().filter_map(|key| {
        let (from, to) = (before.flags.get(key), after.flags.get(key));
        (from != to).then(|| format!("{key}: {} -> {}", flag(from), flag(to)))
    });
    let tiers =
        Tier::ALL.into_iter().filter_map(|tier| match (before.tiers.get(&tier), after.tiers.get(&tier)) {
            (from, to) if from == to => None,
            (None, _) => Some(format!("{tier} initialised")),
            (_, None) => Some(format!("{tier} removed")),
            _ => Some(format!("{tier} initialised anew")),
        });
    flags.chain(tiers).collect::<Vec<_>>().join(", ")
}

fn flag(state: Option<&FlagState>) -> String {
    match state {
        Some(state) if state.enabled => {
            let segments: Vec<&str> = state.segments.iter().map(|segment| &*segment.0).collect();
            let and =
                if segments.is_empty() { String::new() } else { format!(" and {}", segments.join(", ")) };
            format!("{} %{and}", state.percentage)
        }
        _ => "off".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use find_facts_api::admin::TierParams;
    use find_facts_core::{FlagSet, Percent, Segment};

    use super::*;

    #[test]
    fn a_change_is_told_flag_by_flag() {
        let before = Desired { flags: FlagSet::all_off(), tiers: BTreeMap::new() };
        let mut after = before.clone();
        let percentage = Percent::from_thousandths(500).unwrap();
        let segments = vec![Segment("research".into())];
        after.flags.0.insert(FlagKey::Tier3ResearchGrade, FlagState { enabled: true, percentage, segments });
        after.tiers.insert(Tier::Tier1, TierParams::default());
        assert_eq!(
            describe(&before, &after),
            "tier3_research_grade: off -> 0.5 % and research, tier1 initialised"
        );
        assert_eq!(describe(&after, &after), "");
    }
}
