//! Distinct texts by number, and numbers by text. The three arrays are the same in memory and in the index
//! file, so that a file is searched in place; reading never panics, whatever the arrays hold.

/// A table of distinct texts that grows.
#[derive(Debug, Clone)]
pub(crate) struct Strings {
    blob: Vec<u8>,
    /// Where each text starts, and where the last one ends.
    starts: Vec<u32>,
    /// Open addressing with linear probing: 0 is free, otherwise a number plus one. A power of two long, at most half full.
    slots: Vec<u32>,
}

/// More text or more texts than 32 bits can number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the knowledge base has more than 4 GB of names, or more than 4 billion facts")]
pub struct TooLarge;

impl Default for Strings {
    fn default() -> Self {
        Self { blob: Vec::new(), starts: vec![0], slots: vec![0; 16] }
    }
}

impl Strings {
    /// The number of the text, which is new where the text is.
    pub(crate) fn intern(&mut self, text: &str) -> Result<u32, TooLarge> {
        if let Some(number) = self.view().find(text) {
            return Ok(number);
        }
        let number = self.len();
        let end = u32::try_from(self.blob.len() + text.len()).map_err(|_| TooLarge)?;
        if number >= u32::MAX / 4 {
            return Err(TooLarge);
        }
        self.blob.extend_from_slice(text.as_bytes());
        self.starts.push(end);
        if self.starts.len() * 2 > self.slots.len() {
            self.grow();
        } else {
            occupy(&mut self.slots, text.as_bytes(), number);
        }
        Ok(number)
    }

    pub(crate) fn len(&self) -> u32 {
        self.view().len()
    }

    pub(crate) fn get(&self, number: u32) -> &str {
        self.view().get(number)
    }

    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.view().find(text)
    }

    pub(crate) fn view(&self) -> StringsView<'_> {
        StringsView { blob: &self.blob, starts: &self.starts, slots: &self.slots }
    }

    fn grow(&mut self) {
        let mut slots = vec![0; self.slots.len() * 2];
        for number in 0..self.len() {
            occupy(&mut slots, self.view().bytes(number), number);
        }
        self.slots = slots;
    }
}

fn occupy(slots: &mut [u32], text: &[u8], number: u32) {
    let mask = slots.len() - 1;
    let mut at = hash(text) & mask;
    while slots[at] != 0 {
        at = (at + 1) & mask;
    }
    slots[at] = number + 1;
}

/// FNV-1a: short names, and the same on every machine and in every version, for it is stored.
fn hash(text: &[u8]) -> usize {
    let hash = text.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    (hash ^ (hash >> 32)) as usize
}

/// A table of distinct texts, wherever its arrays lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StringsView<'a> {
    pub(crate) blob: &'a [u8],
    pub(crate) starts: &'a [u32],
    pub(crate) slots: &'a [u32],
}

impl<'a> StringsView<'a> {
    pub(crate) fn len(self) -> u32 {
        self.starts.len().saturating_sub(1) as u32
    }

    /// The text of a number; empty for a number that is not there.
    pub(crate) fn get(self, number: u32) -> &'a str {
        std::str::from_utf8(self.bytes(number)).unwrap_or_default()
    }

    /// A copy that can grow.
    pub(crate) fn to_owned(self) -> Strings {
        let end = self.starts.last().map_or(0, |end| *end as usize);
        Strings {
            blob: self.blob.get(..end).unwrap_or(self.blob).to_vec(),
            starts: self.starts.to_vec(),
            slots: self.slots.to_vec(),
        }
    }

    pub(crate) fn find(self, text: &str) -> Option<u32> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = hash(text.as_bytes()) & mask;
        for _ in 0..self.slots.len() {
            let number = self.slots.get(at)?.checked_sub(1)?;
            if self.bytes(number) == text.as_bytes() {
                return Some(number);
            }
            at = (at + 1) & mask;
        }
        None
    }

    fn bytes(self, number: u32) -> &'a [u8] {
        let bound = |at: usize| self.starts.get(at).map(|start| *start as usize);
        let range = bound(number as usize).zip(bound(number as usize + 1));
        range.and_then(|(start, end)| self.blob.get(start..end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_text_has_one_number_and_every_number_its_text(texts in prop::collection::vec(".{0,6}", 0..200)) {
            let mut strings = Strings::default();
            let numbers: Vec<u32> = texts.iter().map(|text| strings.intern(text).unwrap()).collect();
            for (text, number) in texts.iter().zip(&numbers) {
                prop_assert_eq!(strings.get(*number), text);
                prop_assert_eq!(strings.find(text), Some(*number));
            }
            let distinct: std::collections::BTreeSet<_> = texts.iter().collect();
            prop_assert_eq!(strings.len() as usize, distinct.len());
        }

        #[test]
        fn arbitrary_arrays_are_read_without_panic(
            blob in prop::collection::vec(any::<u8>(), 0..64),
            starts in prop::collection::vec(0..80_u32, 0..20),
            slots in prop::collection::vec(0..30_u32, 0..20),
            text in ".{0,4}",
        ) {
            let view = StringsView { blob: &blob, starts: &starts, slots: &slots };
            view.find(&text);
            for number in 0..40 {
                view.get(number);
            }
        }
    }
}
