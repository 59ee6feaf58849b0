//! MurmurHash3 x86 32-bit with seed 0, fed in pieces. The hash of two pieces is that of their concatenation, so a flag's
//! name is hashed once and every caller continues from there without copying anything.

/// A hash in progress.
#[derive(Debug, Clone, Copy, Default)]
pub struct Murmur3 {
    hash: u32,
    /// Up to three bytes that do not fill a block yet, the first lowest.
    pending: u32,
    length: u32,
}

impl Murmur3 {
    /// The hash of `bytes`.
    pub fn of(bytes: &[u8]) -> u32 {
        Self::default().then(bytes).finish()
    }

    /// Continues with `bytes`.
    #[must_use]
    pub fn then(mut self, bytes: &[u8]) -> Self {
        let to_block_end = (4 - self.length as usize % 4) % 4;
        let (head, rest) = bytes.split_at(to_block_end.min(bytes.len()));
        let (blocks, tail) = rest.as_chunks::<4>();
        for &byte in head {
            self.push(byte);
        }
        for &block in blocks {
            self.mix(u32::from_le_bytes(block));
        }
        self.length = self.length.wrapping_add(4 * blocks.len() as u32);
        for &byte in tail {
            self.push(byte);
        }
        self
    }

    /// The hash of everything so far.
    pub fn finish(self) -> u32 {
        let mut hash = self.hash ^ scramble(self.pending) ^ self.length;
        hash = (hash ^ (hash >> 16)).wrapping_mul(0x85eb_ca6b);
        hash = (hash ^ (hash >> 13)).wrapping_mul(0xc2b2_ae35);
        hash ^ (hash >> 16)
    }

    fn push(&mut self, byte: u8) {
        self.pending |= u32::from(byte) << (8 * (self.length % 4));
        self.length = self.length.wrapping_add(1);
        if self.length.is_multiple_of(4) {
            self.mix(self.pending);
            self.pending = 0;
        }
    }

    fn mix(&mut self, block: u32) {
        self.hash = (self.hash ^ scramble(block)).rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
}

fn scramble(block: u32) -> u32 {
    block.wrapping_mul(0xcc9e_2d51).rotate_left(15).wrapping_mul(0x1b87_3593)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, expected: u32) {
        assert_eq!(Murmur3::of(text.as_bytes()), expected, "{text:?}");
    }

    #[test]
    fn hashes_are_those_of_the_reference_implementation() {
        check("", 0);
        check("test", 0xba6b_d213);
        check("Hello, world!", 0xc036_3e43);
        check("The quick brown fox jumps over the lazy dog", 0x2e4f_f723);
    }

    proptest! {
        #[test]
        fn pieces_hash_like_their_concatenation(text in any::<Vec<u8>>(), cut in any::<prop::sample::Index>()) {
            let (left, right) = text.split_at(cut.index(text.len() + 1));
            prop_assert_eq!(Murmur3::default().then(left).then(right).finish(), Murmur3::of(&text));
        }
    }
}
