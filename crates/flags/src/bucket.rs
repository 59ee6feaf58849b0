//! flagd's `fractional` v2 in integers: a hash falls into one of `total` buckets of equal size, and an arm of weight `w`
//! takes the next `w` of them. With `on` as the first arm and a fixed total, raising its weight only adds callers.

use find_facts_core::{Cohort, Percent};

/// The bucket of a hash, below `total`.
pub fn bucket(hash: u32, total: u32) -> u32 {
    ((u64::from(hash) * u64::from(total)) >> 32) as u32
}

/// Whether a hash is in at this percentage.
pub fn is_in(hash: u32, percentage: Percent) -> bool {
    bucket(hash, Percent::THOUSANDTHS) < percentage.thousandths()
}

/// The side of a comparison on which a hash falls: the canary from the near end, and as many callers as it has (or as are
/// left, above 50 %) from the far end as its control.
pub fn cohort(hash: u32, canary: Percent) -> Cohort {
    let control = canary.min(canary.complement());
    let bucket = bucket(hash, Percent::THOUSANDTHS);
    if bucket < canary.thousandths() {
        Cohort::Canary
    } else if bucket >= control.complement().thousandths() {
        Cohort::Control
    } else {
        Cohort::Rest
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(hash: u32, percent: f64, expected: Cohort) {
        assert_eq!(cohort(hash, Percent::try_from(percent).unwrap()), expected, "{hash} at {percent} %");
    }

    #[test]
    fn control_comes_from_the_far_end() {
        check(0, 5.0, Cohort::Canary);
        check(u32::MAX, 5.0, Cohort::Control);
        check(u32::MAX / 2, 5.0, Cohort::Rest);
    }

    #[test]
    fn above_half_what_is_left_is_control() {
        check(u32::MAX / 4 * 3 - 9, 75.0, Cohort::Canary);
        check(u32::MAX / 4 * 3 + 9, 75.0, Cohort::Control);
    }

    #[test]
    fn at_the_ends_there_is_no_control() {
        for hash in [0, u32::MAX / 2, u32::MAX] {
            check(hash, 0.0, Cohort::Rest);
            check(hash, 100.0, Cohort::Canary);
        }
    }

    fn percentages() -> impl Strategy<Value = Percent> {
        (0..=Percent::THOUSANDTHS).prop_map(|thousandths| Percent::from_thousandths(thousandths).unwrap())
    }

    proptest! {
        #[test]
        fn a_bucket_is_below_its_total(hash: u32, total in 1u32..) {
            prop_assert!(bucket(hash, total) < total);
        }

        #[test]
        fn raising_a_percentage_only_adds_callers(hash: u32, one in percentages(), other in percentages()) {
            let (low, high) = (one.min(other), one.max(other));
            prop_assert!(!is_in(hash, low) || is_in(hash, high));
        }

        #[test]
        fn the_canary_is_who_is_in(hash: u32, percentage in percentages()) {
            prop_assert_eq!(cohort(hash, percentage) == Cohort::Canary, is_in(hash, percentage));
        }

        #[test]
        fn nobody_is_in_at_0_and_everybody_at_100(hash: u32) {
            prop_assert!(!is_in(hash, Percent::ZERO) && is_in(hash, Percent::HUNDRED));
        }
    }
}
