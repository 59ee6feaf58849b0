//! Windows of any length from counts that only grow: what lies between two looks at a server's totals.

use std::collections::BTreeMap;

use find_facts_core::health::Totals;

/// What was counted between two looks at one server. A count that shrank was a restart's, so nothing is known of it.
pub fn between(before: &Totals, after: &Totals) -> Option<Totals> {
    let earlier: BTreeMap<u64, u64> =
        before.latency_us.iter().map(|[bound, count]| (*bound, *count)).collect();
    let later: BTreeMap<u64, u64> = after.latency_us.iter().map(|[bound, count]| (*bound, *count)).collect();
    if earlier.iter().any(|(bound, count)| later.get(bound).is_none_or(|now| now < count)) {
        return None;
    }
    let grown = |(bound, count): (&u64, &u64)| {
        let more = count - earlier.get(bound).copied().unwrap_or(0);
        (more > 0).then_some([*bound, more])
    };
    Some(Totals {
        attempts: after.attempts.checked_sub(before.attempts)?,
        errors: after.errors.checked_sub(before.errors)?,
        panics: after.panics.checked_sub(before.panics)?,
        timeouts: after.timeouts.checked_sub(before.timeouts)?,
        latency_us: later.iter().filter_map(grown).collect(),
    })
}

/// Both counts together.
pub fn sum(one: &Totals, other: &Totals) -> Totals {
    let mut latencies: BTreeMap<u64, u64> = BTreeMap::new();
    for [bound, count] in one.latency_us.iter().chain(&other.latency_us) {
        *latencies.entry(*bound).or_default() += count;
    }
    Totals {
        attempts: one.attempts + other.attempts,
        errors: one.errors + other.errors,
        panics: one.panics + other.panics,
        timeouts: one.timeouts + other.timeouts,
        latency_us: latencies.into_iter().map(|(bound, count)| [bound, count]).collect(),
    }
}

/// Attempts that ended in an error, a panic or a time-out.
pub fn failures(totals: &Totals) -> u64 {
    totals.errors + totals.panics + totals.timeouts
}

/// The `share` quantile of the latencies in microseconds: the upper bound of the bucket it falls into.
pub fn quantile_us(totals: &Totals, share: f64) -> Option<u64> {
    let n: u64 = totals.latency_us.iter().map(|[_, count]| count).sum();
    let rank = ((share * n as f64).ceil() as u64).max(1);
    let mut seen = 0;
    totals.latency_us.iter().find_map(|[bound, count]| {
        seen += count;
        (seen >= rank).then_some(*bound)
    })
}

/// How many attempts took surely longer than `limit_us`: those of buckets that begin at or above it.
pub fn slower_than(totals: &Totals, limit_us: u64) -> u64 {
    // A bucket is at most 5 % wide, so one whose upper bound is within 5 % of the limit may lie below it.
    totals.latency_us.iter().filter(|[bound, _]| *bound * 100 > limit_us * 105).map(|[_, count]| count).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn totals(attempts: u64, errors: u64, latency_us: &[[u64; 2]]) -> Totals {
        Totals { attempts, errors, latency_us: latency_us.to_vec(), ..Totals::default() }
    }

    #[test]
    fn a_window_is_what_was_counted_between_two_looks() {
        let before = totals(10, 1, &[[1000, 8], [2000, 2]]);
        let after = totals(25, 3, &[[1000, 8], [1500, 5], [2000, 12]]);
        assert_eq!(between(&before, &after), Some(totals(15, 2, &[[1500, 5], [2000, 10]])));
    }

    #[test]
    fn totals_that_shrank_are_no_window() {
        let before = totals(10, 1, &[[1000, 10]]);
        assert_eq!(between(&before, &totals(3, 0, &[[1000, 3]])), None);
        assert_eq!(between(&before, &totals(12, 1, &[[2000, 12]])), None);
    }

    #[test]
    fn quantiles_of_counts_are_upper_bounds() {
        let window = totals(100, 0, &[[1000, 94], [20_000, 5], [30_000, 1]]);
        assert_eq!(quantile_us(&window, 0.5), Some(1000));
        assert_eq!(quantile_us(&window, 0.95), Some(20_000));
        assert_eq!(quantile_us(&window, 1.0), Some(30_000));
        assert_eq!(quantile_us(&Totals::default(), 0.5), None);
        assert_eq!(slower_than(&window, 20_000), 1);
        assert_eq!(slower_than(&window, 1_500), 6);
    }

    proptest! {
        #[test]
        fn sums_and_differences_undo_each_other(
            a in proptest::collection::btree_map(1u64..50, 1u64..9, 0..9),
            b in proptest::collection::btree_map(1u64..50, 1u64..9, 0..9),
        ) {
            let make = |counts: std::collections::BTreeMap<u64, u64>| {
                let latency_us: Vec<[u64; 2]> = counts.into_iter().map(|(bound, count)| [bound, count]).collect();
                totals(latency_us.iter().map(|[_, count]| count).sum(), 0, &latency_us)
            };
            let (a, b) = (make(a), make(b));
            prop_assert_eq!(between(&a, &sum(&a, &b)), Some(b));
        }
    }
}
