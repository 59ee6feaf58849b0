//! The rows that may be nearest, by one bit a dimension: on which side of the rows' mean a value lies. The bits of two vectors differ in
//! proportion to the angle between them (Charikar, "Similarity estimation techniques from rounding algorithms", 2002), and all bits
//! together are small enough to stay in the processor's caches.
//! Where the processor counts bits itself it does; both ways give the same numbers.

use find_facts_core::{Deadline, DeadlineExceeded};

/// Bits of a word.
const WORD: usize = u64::BITS as usize;
/// Rows between two looks at the deadline.
const BLOCK: usize = 65_536;

/// A row of bits for each vector.
pub(crate) struct Signs {
    /// Words of a row.
    width: usize,
    words: Vec<u64>,
}

impl Signs {
    /// The bits of rows that all have the length of the centre, whose values are compared with its own.
    pub(crate) fn of<'a>(rows: impl Iterator<Item = &'a [i16]>, centre: &[i16]) -> Self {
        let mut words = Vec::new();
        for row in rows {
            push(&mut words, row.iter().zip(centre).map(|(value, centre)| value > centre));
        }
        Self { width: centre.len().div_ceil(WORD), words }
    }

    /// The `count` rows that differ in the fewest bits, in no order; of as good ones, the first.
    pub(crate) fn likest(
        &self,
        query: &[f32],
        centre: &[f32],
        count: usize,
        deadline: &Deadline,
    ) -> Result<Vec<u32>, DeadlineExceeded> {
        let mut bits = Vec::with_capacity(self.width);
        push(&mut bits, query.iter().zip(centre).map(|(value, centre)| value > centre));
        let mut differing = Vec::with_capacity(self.words.len() / self.width.max(1));
        for block in self.words.chunks((BLOCK * self.width).max(1)) {
            deadline.check()?;
            add_differing(block, &bits, &mut differing);
        }
        let (most, mut ties) = limit(&differing, self.width * WORD, count);
        let mut is_near = |bits: u16| {
            let is_tie = bits == most && ties > 0;
            ties -= usize::from(is_tie);
            bits < most || is_tie
        };
        Ok((0..).zip(differing).filter(|(_, bits)| is_near(*bits)).map(|(row, _)| row).collect())
    }
}

/// Appends bits as whole words.
fn push(words: &mut Vec<u64>, bits: impl Iterator<Item = bool>) {
    let mut word = 0;
    let mut count = 0;
    for bit in bits {
        word |= u64::from(bit) << (count % WORD);
        count += 1;
        if count % WORD == 0 {
            words.push(std::mem::take(&mut word));
        }
    }
    if count % WORD != 0 {
        words.push(word);
    }
}

/// How many bits rows may differ in to be among the `count` best, and how many of those that differ in just as many belong to these.
fn limit(differing: &[u16], width: usize, count: usize) -> (u16, usize) {
    let mut rows = vec![0usize; width + 1];
    for bits in differing {
        rows[usize::from(*bits)] += 1;
    }
    let mut left = count;
    for (bits, rows) in rows.into_iter().enumerate() {
        if rows >= left {
            return (bits as u16, left);
        }
        left -= rows;
    }
    (u16::MAX, 0)
}

/// Appends in how many bits each row of a block differs from `bits`.
fn add_differing(block: &[u64], bits: &[u64], differing: &mut Vec<u16>) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("popcnt") {
        #[expect(unsafe_code, reason = "calls a function compiled for `popcnt`, which has just been checked")]
        // SAFETY: the processor has the instruction.
        unsafe {
            return add_differing_by_popcnt(block, bits, differing);
        }
    }
    count_differing(block, bits, differing);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn add_differing_by_popcnt(block: &[u64], bits: &[u64], differing: &mut Vec<u16>) {
    count_differing(block, bits, differing);
}

#[inline(always)]
fn count_differing(block: &[u64], bits: &[u64], differing: &mut Vec<u16>) {
    let count = |row: &[u64]| row.iter().zip(bits).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>() as u16;
    differing.extend(block.chunks_exact(bits.len().max(1)).map(count));
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn likest_rows_are_those_that_sorting_finds(
            width in 1usize..150,
            values in prop::collection::vec(-100i16..100, 0..3000),
            query in prop::collection::vec(-1.0f32..1.0, 150),
            count in 1usize..20,
        ) {
            let rows: Vec<&[i16]> = values.chunks_exact(width).collect();
            let signs = Signs::of(rows.iter().copied(), &vec![0; width]);
            let query = &query[..width];
            let mut found = signs.likest(query, &vec![0.0; width], count, &Deadline::none()).unwrap();
            found.sort_unstable();
            let differing = |row: &[i16]| row.iter().zip(query).filter(|(a, b)| (**a > 0) != (**b > 0.0)).count();
            let mut expected: Vec<(usize, u32)> = (0..).zip(&rows).map(|(at, row)| (differing(row), at)).collect();
            expected.sort_unstable();
            let mut expected: Vec<u32> = expected.into_iter().take(count).map(|(_, at)| at).collect();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn bits_are_counted_alike_with_and_without_the_instruction(
            block in prop::collection::vec(any::<u64>(), 0..60),
            bits in prop::collection::vec(any::<u64>(), 1..7),
        ) {
            let (mut fast, mut plain) = (Vec::new(), Vec::new());
            add_differing(&block, &bits, &mut fast);
            count_differing(&block, &bits, &mut plain);
            prop_assert_eq!(fast, plain);
        }
    }

    #[test]
    fn search_stops_when_nobody_waits() {
        let deadline = Deadline::none();
        deadline.cancel();
        let signs = Signs::of([[1i16].as_slice()].into_iter(), &[0]);
        assert!(signs.likest(&[1.0], &[0.0], 1, &deadline).is_err());
    }
}
