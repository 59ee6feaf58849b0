//! Unit vectors as whole numbers of two bytes a dimension.

/// Two bytes hold a cosine to about four digits.
const FINE: f32 = 32767.0;

/// The vector of a mention.
pub(crate) struct Query {
    exact: Vec<f32>,
}

impl Query {
    /// A query of unit length.
    pub(crate) fn new(exact: Vec<f32>) -> Self {
        Self { exact }
    }

    /// Its values.
    pub(crate) fn exact(&self) -> &[f32] {
        &self.exact
    }

    /// The cosine with a stored vector.
    pub(crate) fn fine(&self, row: &[i16]) -> f32 {
        let mut sums = Lanes::default();
        for (a, b) in self.exact.chunks(LANES).zip(row.chunks(LANES)) {
            sums.add(a.iter().zip(b).map(|(a, b)| a * f32::from(*b)));
        }
        sums.total() / FINE
    }

    /// The query seen from `centre` instead of from the origin.
    pub(crate) fn seen_from<'a>(&self, centre: &'a [f32]) -> Centred<'a> {
        let query: Vec<f32> = self.exact.iter().zip(centre).map(|(a, from)| a - from).collect();
        let square = query.iter().map(|a| a * a).sum();
        Centred { query, square, centre }
    }
}

/// A query seen from a centre.
pub(crate) struct Centred<'a> {
    query: Vec<f32>,
    /// The square of its length.
    square: f32,
    centre: &'a [f32],
}

impl Centred<'_> {
    /// The cosine with a stored vector, seen from the centre.
    pub(crate) fn fine(&self, row: &[i16]) -> f32 {
        let (mut product, mut square) = (Lanes::default(), Lanes::default());
        let chunks = self.query.chunks(LANES).zip(row.chunks(LANES)).zip(self.centre.chunks(LANES));
        for ((query, row), centre) in chunks {
            let mut stored = [0.0f32; LANES];
            for ((place, b), from) in stored.iter_mut().zip(row).zip(centre) {
                *place = f32::from(*b) / FINE - from;
            }
            product.add(query.iter().zip(&stored).map(|(a, b)| a * b));
            square.add(stored.iter().map(|b| b * b));
        }
        product.total() / (self.square * square.total()).sqrt().max(1e-6)
    }
}

/// Sums side by side: a processor adds several numbers at once, but not one after another into the same place.
const LANES: usize = 8;

#[derive(Default)]
struct Lanes([f32; LANES]);

impl Lanes {
    fn add(&mut self, values: impl Iterator<Item = f32>) {
        for (sum, value) in self.0.iter_mut().zip(values) {
            *sum += value;
        }
    }

    fn total(&self) -> f32 {
        self.0.iter().sum()
    }
}

/// The values of a two-byte vector.
pub(crate) fn plain(row: &[i16]) -> impl Iterator<Item = f32> + '_ {
    row.iter().map(|x| f32::from(*x) / FINE)
}

/// Two bytes a dimension.
pub(crate) fn fine(vector: &[f32]) -> impl Iterator<Item = i16> + '_ {
    vector.iter().map(|x| (x.clamp(-1.0, 1.0) * FINE).round() as i16)
}
