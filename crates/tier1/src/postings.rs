//! Lists of numbers under 64-bit keys, packed into one array each: the inverted indexes of a segment.

use rustc_hash::FxHashMap;

/// Numbers by key, each list in ascending order and without repetition.
#[derive(Debug, Default)]
pub(crate) struct Postings {
    ranges: FxHashMap<u64, (u32, u32)>,
    numbers: Vec<u32>,
}

impl Postings {
    /// Packs pairs of key and number.
    pub(crate) fn build(mut pairs: Vec<(u64, u32)>) -> Self {
        pairs.sort_unstable();
        pairs.dedup();
        let mut ranges: FxHashMap<u64, (u32, u32)> = FxHashMap::default();
        for (at, (key, _)) in (0u32..).zip(&pairs) {
            ranges.entry(*key).or_insert((at, at)).1 = at + 1;
        }
        ranges.shrink_to_fit();
        Self { ranges, numbers: pairs.into_iter().map(|(_, number)| number).collect() }
    }

    /// The numbers under a key.
    pub(crate) fn get(&self, key: u64) -> &[u32] {
        self.ranges.get(&key).map_or(&[], |&(from, to)| &self.numbers[from as usize..to as usize])
    }
}

/// The key of a short text. Two texts of one key would only bring a candidate more.
pub(crate) fn key_of(text: &[u8]) -> u64 {
    use std::hash::Hasher;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(text);
    hasher.finish()
}
