//! Whether a rate is above a limit, asked after every attempt without spending the false-alarm budget on looking.
//!
//! The product of 1 + λ(x − p) over the attempts x (1 a hit, 0 none) is not expected to grow while the true rate is at most
//! p, so by Ville's inequality (1939) it ever exceeds 1/α with a probability of at most α. A mean over several λ keeps that
//! (Waudby-Smith and Ramdas 2024, bounded means by betting). For fixed λ only the counts matter, not the order.

/// The share of healthy runs that may be taken for harmful, however often one looks.
pub const FALSE_ALARMS: f64 = 0.05;

/// How the evidence is spread over λ, as shares of the largest bet 1/p: small ones see small excesses over many attempts,
/// large ones see large excesses within few.
const BETS: [f64; 6] = [0.02, 0.05, 0.1, 0.2, 0.4, 0.7];

/// Whether `hits` among `attempts` show a rate above `limit`; valid at every look.
pub fn harm_shown(hits: u64, attempts: u64, limit: f64, false_alarms: f64) -> bool {
    log_evidence(hits, attempts, limit) >= -false_alarms.ln()
}

/// The logarithm of the evidence against "the rate is at most `limit`".
fn log_evidence(hits: u64, attempts: u64, limit: f64) -> f64 {
    if attempts == 0 || limit <= 0.0 || limit >= 1.0 {
        return 0.0;
    }
    let (hits, misses) = (hits as f64, attempts.saturating_sub(hits) as f64);
    let logs = BETS.map(|bet| {
        let lambda = bet / limit;
        hits * (lambda * (1.0 - limit)).ln_1p() + misses * (-bet).ln_1p()
    });
    let largest = logs.into_iter().fold(f64::NEG_INFINITY, f64::max);
    largest + (logs.iter().map(|log| (log - largest).exp()).sum::<f64>() / BETS.len() as f64).ln()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seeded;

    const SEED: u64 = 11;

    /// In how many of `runs` harm is ever shown within `attempts`, looking after each; and the median attempt at which.
    fn simulate(true_rate: f64, runs: usize, attempts: u64) -> (f64, Option<u64>) {
        let mut random = Seeded::new(SEED);
        let mut shown: Vec<u64> = (0..runs)
            .filter_map(|_| {
                let mut hits = 0;
                (1..=attempts).find(|&n| {
                    hits += u64::from(random.unit() < true_rate);
                    harm_shown(hits, n, 0.05, FALSE_ALARMS)
                })
            })
            .collect();
        shown.sort_unstable();
        (shown.len() as f64 / runs as f64, shown.get(shown.len() / 2).copied())
    }

    #[test]
    fn looking_after_every_attempt_keeps_the_false_alarms_below_their_share() {
        let (alarms, _) = simulate(0.05, 1000, 3000);
        assert!(alarms <= 0.065, "{alarms} at the limit itself, seed {SEED}");
        let (alarms, _) = simulate(0.002, 1000, 3000);
        assert!(alarms <= 0.001, "{alarms} on a healthy service, seed {SEED}");
    }

    #[test]
    fn an_outage_is_seen_within_few_attempts() {
        for (rate, within) in [(0.2, 60), (0.5, 12), (1.0, 4)] {
            let (shown, median) = simulate(rate, 300, 2000);
            assert!(
                shown > 0.99 && median.is_some_and(|n| n <= within),
                "{rate}: {shown} {median:?}, seed {SEED}"
            );
        }
    }

    #[test]
    fn nothing_seen_shows_nothing() {
        assert!(!harm_shown(0, 0, 0.05, FALSE_ALARMS));
        assert!(!harm_shown(1, 1, 0.05, FALSE_ALARMS));
    }
}
