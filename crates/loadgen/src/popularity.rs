//! Skewed popularity: the item of rank r is drawn in proportion to 1/r^s (Zipf).

use fastrand::Rng;

/// Draws ranks from 0, the most popular.
#[derive(Debug, Clone)]
pub(crate) struct Popularity {
    /// Sums of the weights up to each rank.
    sums: Vec<f64>,
}

impl Popularity {
    /// Among `items` items, with exponent `skew`; 0 is no skew at all.
    pub(crate) fn new(items: usize, skew: f64) -> Self {
        let mut sum = 0.0;
        let sums = (1..=items.max(1)).map(|rank| {
            sum += (rank as f64).powf(-skew);
            sum
        });
        Self { sums: sums.collect() }
    }

    /// The rank of one draw.
    pub(crate) fn draw(&self, rng: &mut Rng) -> usize {
        let total = self.sums.last().copied().unwrap_or_default();
        let point = rng.f64() * total;
        self.sums.partition_point(|sum| *sum <= point).min(self.sums.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rank_is_drawn_as_often_as_its_weight_says() {
        let seed = 11;
        let mut rng = Rng::with_seed(seed);
        let popularity = Popularity::new(4, 1.0);
        let mut counts = [0_u32; 4];
        for _ in 0..100_000 {
            counts[popularity.draw(&mut rng)] += 1;
        }
        // Weights 1, 1/2, 1/3, 1/4: the first has 48 % of them.
        assert!((47_000..49_000).contains(&counts[0]), "seed {seed}: {counts:?}");
        assert!(counts.is_sorted_by(|a, b| a > b), "seed {seed}: {counts:?}");
    }
}
