//! Seeded random numbers: the same seed gives the same numbers on every machine and in every release.

/// SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"). Not for secrets.
#[derive(Debug, Clone)]
pub struct Seeded(u64);

impl Seeded {
    /// The sequence of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to and without `below`; 0 where that is 0.
    pub fn below(&mut self, below: usize) -> usize {
        // Multiply and shift (Lemire 2019): its bias is below `below` / 2^64.
        ((u128::from(self.bits()) * below as u128) >> 64) as usize
    }

    /// A number from 0 up to and without 1.
    pub fn unit(&mut self) -> f64 {
        // 53 bits are what an f64 holds.
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Puts the elements into a random order (Fisher-Yates).
    pub fn shuffle<T>(&mut self, elements: &mut [T]) {
        for last in (1..elements.len()).rev() {
            elements.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_published_sequence() {
        // The reference values of the generator's own C source for seed 1234567.
        let mut random = Seeded::new(1_234_567);
        assert_eq!(random.bits(), 6_457_827_717_110_365_317);
        assert_eq!(random.bits(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn numbers_stay_below_their_bound() {
        let mut random = Seeded::new(1);
        for below in [1, 2, 7, 1000] {
            assert!((0..1000).all(|_| random.below(below) < below));
        }
        assert!((0..1000).all(|_| (0.0..1.0).contains(&random.unit())));
    }
}
