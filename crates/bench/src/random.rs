//! Seeded randomness, the same on every machine: SplitMix64.

/// A stream of numbers from a seed.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() % end.max(1) as u64) as usize
    }

    /// True in this share of cases.
    pub fn chance(&mut self, share: f64) -> bool {
        (self.number() >> 11) as f64 / ((1u64 << 53) as f64) < share
    }

    /// One of some values.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { Some(&of[self.below(of.len())]) }
    }

    /// Brings values into a random order.
    pub fn shuffle<T>(&mut self, values: &mut [T]) {
        for at in (1..values.len()).rev() {
            let other = self.below(at + 1);
            values.swap(at, other);
        }
    }

    /// About normal, mean 0, spread 1.
    pub fn normal(&mut self) -> f32 {
        let uniform = |random: &mut Self| (random.number() >> 40) as f32 / (1u64 << 24) as f32;
        (0..12).map(|_| uniform(self)).sum::<f32>() - 6.0
    }
}
