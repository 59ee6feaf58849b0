//! From logits to probabilities.

/// The logarithm of the sum of all `e^logit`; `None` where the numbers are not finite, as of weights that are damaged.
pub(crate) fn log_sum_exp(logits: &[f32]) -> Option<f32> {
    let greatest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    if !greatest.is_finite() {
        return None;
    }
    // Summed in lanes, so that the compiler can keep several sums at once; in f64, because there are tens of thousands.
    let mut sums = [0.0_f64; 8];
    for lanes in logits.chunks(8) {
        for (sum, logit) in sums.iter_mut().zip(lanes) {
            *sum += f64::from((logit - greatest).exp());
        }
    }
    let sum: f64 = sums.iter().sum();
    let log = f64::from(greatest) + sum.ln();
    sum.is_finite().then_some(log as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_exact_for_numbers_of_any_size() {
        for shift in [-1000.0_f32, 0.0, 1000.0] {
            let logits: Vec<f32> = (0..1000).map(|x| shift + (x % 7) as f32).collect();
            let expected: f64 = logits.iter().map(|x| f64::from(x - shift).exp()).sum::<f64>().ln();
            let found = log_sum_exp(&logits).unwrap();
            assert!((f64::from(found - shift) - expected).abs() < 1e-3, "{found} {expected}");
        }
    }

    #[test]
    fn numbers_that_are_not_finite_have_none() {
        assert_eq!(log_sum_exp(&[]), None);
        assert_eq!(log_sum_exp(&[f32::NAN, f32::NAN]), None);
        assert_eq!(log_sum_exp(&[1.0, f32::NAN]), None);
        assert_eq!(log_sum_exp(&[1.0, f32::INFINITY]), None);
        assert!(log_sum_exp(&[1.0, f32::NEG_INFINITY]).is_some(), "a token may be impossible");
    }
}
