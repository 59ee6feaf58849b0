//! The nearest rows of a flat table of byte vectors, by looking at all of them.
//! Where the processor has AVX2 it is used; both ways give the same numbers.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use find_facts_core::{Deadline, DeadlineExceeded};

use crate::vectors::quantise::Query;

/// Rows between two looks at the deadline: about 200 µs.
const BLOCK: usize = 8192;

/// The `count` rows with the largest inner product, in no order.
pub(crate) fn best_rows(
    table: &[i8],
    query: &Query,
    count: usize,
    deadline: &Deadline,
) -> Result<Vec<u32>, DeadlineExceeded> {
    let query = query.coarse();
    let width = query.len().max(1);
    let product = fastest_product();
    let mut best: BinaryHeap<Reverse<(i32, Reverse<u32>)>> = BinaryHeap::with_capacity(count + 1);
    for (block, rows) in table.chunks(BLOCK * width).enumerate() {
        deadline.check()?;
        for (at, row) in rows.chunks_exact(width).enumerate() {
            let found = (product(query, row), Reverse((block * BLOCK + at) as u32));
            if best.len() < count {
                best.push(Reverse(found));
            } else if best.peek().is_some_and(|least| found > least.0) {
                best.pop();
                best.push(Reverse(found));
            }
        }
    }
    Ok(best.into_iter().map(|Reverse((_, Reverse(row)))| row).collect())
}

type Product = fn(&[i8], &[i8]) -> i32;

fn fastest_product() -> Product {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        return avx2::product_if_available;
    }
    plain_product
}

fn plain_product(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(x, y)| i32::from(*x) * i32::from(*y)).sum()
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use std::arch::x86_64::{
        __m256i, _mm256_abs_epi8, _mm256_add_epi32, _mm256_loadu_si256, _mm256_madd_epi16,
        _mm256_maddubs_epi16, _mm256_set1_epi16, _mm256_setzero_si256, _mm256_sign_epi8, _mm256_storeu_si256,
    };

    const LANES: usize = 32;

    /// The inner product; only handed out after the processor has been asked for AVX2.
    #[expect(unsafe_code, reason = "calls a function that needs AVX2, which `fastest_product` has checked")]
    pub(super) fn product_if_available(a: &[i8], b: &[i8]) -> i32 {
        // SAFETY: `fastest_product` returns this function only where the processor has AVX2.
        unsafe { product(a, b) }
    }

    #[target_feature(enable = "avx2")]
    #[expect(unsafe_code, reason = "vector loads from slices whose bounds are checked by the chunking")]
    fn product(a: &[i8], b: &[i8]) -> i32 {
        let ones = _mm256_set1_epi16(1);
        let mut sums = _mm256_setzero_si256();
        let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
        let rest = super::plain_product(a_lanes.remainder(), b_lanes.remainder());
        for (x, y) in a_lanes.zip(b_lanes) {
            // SAFETY: each chunk is 32 bytes long, which is what one unaligned load reads.
            let (x, y) = unsafe {
                (
                    _mm256_loadu_si256(x.as_ptr().cast::<__m256i>()),
                    _mm256_loadu_si256(y.as_ptr().cast::<__m256i>()),
                )
            };
            // No value is -128, so a pair's sum is at most 2 * 127 * 127 and does not saturate.
            let pairs = _mm256_maddubs_epi16(_mm256_abs_epi8(x), _mm256_sign_epi8(y, x));
            sums = _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, ones));
        }
        let mut lanes = [0i32; 8];
        // SAFETY: the array is 32 bytes long, which is what one unaligned store writes.
        unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast::<__m256i>(), sums) };
        lanes.iter().sum::<i32>() + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn naive(table: &[i8], query: &Query, count: usize) -> Vec<u32> {
        let width = query.coarse().len();
        let mut rows: Vec<(i32, u32)> = (0..)
            .zip(table.chunks_exact(width))
            .map(|(at, row)| (plain_product(query.coarse(), row), at))
            .collect();
        rows.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
        rows.into_iter().take(count).map(|(_, row)| row).collect()
    }

    proptest! {
        #[test]
        fn scan_equals_sorting_all_products(
            width in 1usize..70,
            bytes in prop::collection::vec(-127i8..=127, 0..4000),
            seed in prop::collection::vec(-1.0f32..1.0, 70),
            count in 1usize..20,
        ) {
            let query = Query::new(seed[..width].to_vec());
            let table = &bytes[..bytes.len() / width * width];
            let mut found = best_rows(table, &query, count, &Deadline::none()).unwrap();
            let mut expected = naive(table, &query, count);
            found.sort_unstable();
            expected.sort_unstable();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn fast_product_equals_plain_product(a in prop::collection::vec(-127i8..=127, 0..400)) {
            let b: Vec<i8> = a.iter().rev().copied().collect();
            prop_assert_eq!(fastest_product()(&a, &b), plain_product(&a, &b));
        }
    }

    #[test]
    fn scan_stops_when_nobody_waits() {
        let deadline = Deadline::none();
        deadline.cancel();
        let query = Query::new(vec![1.0]);
        assert!(best_rows(&[1, 2, 3], &query, 1, &deadline).is_err());
    }
}
