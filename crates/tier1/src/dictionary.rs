//! Keys to names: whole, or within a small edit distance.
//! Keys are squashed folded names in order; a key's rank is its group.

use std::ops::Range;

use fst::{Map, MapBuilder};

use crate::edits::Around;
use crate::names::Name;

/// From this length on a key may differ by two edits; below it nearly every key has such a neighbour by chance.
const TWO_EDITS_FROM: usize = 5;
/// Beyond this length the n-grams find keys at two edits as well.
const TWO_EDITS_TO: usize = 24;
/// Shorter keys have neighbours at one edit by chance only.
const ONE_EDIT_FROM: usize = 3;

/// The names of a segment by key.
pub(crate) struct Dictionary {
    keys: Map<Vec<u8>>,
    starts: Vec<u32>,
    names: Vec<u32>,
}

impl Dictionary {
    /// Indexes names by their keys.
    pub(crate) fn build(names: &[Name]) -> Result<Self, fst::Error> {
        let mut order: Vec<(String, u32)> = (0..).zip(names).map(|(at, name)| (name.key(), at)).collect();
        order.sort_unstable();
        let mut keys = MapBuilder::memory();
        let mut starts = Vec::new();
        let mut previous: Option<&str> = None;
        for (at, (key, _)) in order.iter().enumerate() {
            if previous != Some(key) {
                keys.insert(key, starts.len() as u64)?;
                starts.push(at as u32);
                previous = Some(key);
            }
        }
        starts.push(order.len() as u32);
        Ok(Self { keys: keys.into_map(), starts, names: order.iter().map(|(_, name)| *name).collect() })
    }

    /// The names with exactly this key.
    pub(crate) fn exact(&self, key: &str) -> &[u32] {
        self.keys.get(key).map_or(&[], |group| self.group(group))
    }

    /// Adds to `found` the names whose keys are within the edit distance that the key's length allows, transpositions counting one.
    pub(crate) fn near(&self, key: &str, found: &mut Vec<u32>) {
        let most = match key.len() {
            0..ONE_EDIT_FROM => return,
            TWO_EDITS_FROM..=TWO_EDITS_TO => 2,
            _ => 1,
        };
        Around::new(key, most).search(self.keys.as_fst(), |group| {
            found.extend_from_slice(self.group(group));
        });
    }

    fn group(&self, group: u64) -> &[u32] {
        let at = group as usize;
        let range: Range<usize> = self.starts[at] as usize..self.starts[at + 1] as usize;
        &self.names[range]
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::names::NameKind;
    use proptest::prelude::*;

    fn dictionary(names: &[&str]) -> Dictionary {
        let name = |(entity, text): (u32, &&str)| Name {
            entity,
            kind: NameKind::Name,
            raw: Arc::from(*text),
            folded: (*text).into(),
        };
        Dictionary::build(&(0..).zip(names).map(name).collect::<Vec<_>>()).unwrap()
    }

    fn near(dictionary: &Dictionary, key: &str) -> Vec<u32> {
        let mut found = Vec::new();
        dictionary.near(key, &mut found);
        found
    }

    #[test]
    fn names_of_one_key_are_found_together() {
        let names = dictionary(&["heat map", "ulm", "heatmap"]);
        assert_eq!(names.exact("heatmap"), [0, 2]);
        assert_eq!(names.exact("heat"), [0u32; 0]);
    }

    #[test]
    fn short_keys_allow_fewer_edits() {
        let names = dictionary(&["ab", "ulm", "warsaw"]);
        assert_eq!(near(&names, "ac"), [0u32; 0]);
        assert_eq!(near(&names, "uml"), [1]);
        assert_eq!(near(&names, "vvarsaw"), [2]);
    }

    proptest! {
        #[test]
        fn every_single_edit_of_a_long_name_reaches_it(name in "[a-z]{5,40}", at in 0usize..40, letter in b'a'..=b'z', kind in 0..4) {
            let names = dictionary(&["another name", &name, "one more"]);
            let mut typo = name.clone().into_bytes();
            let at = at % (typo.len() - 1);
            match kind {
                0 => typo.insert(at, letter),
                1 => drop(typo.remove(at)),
                2 => typo.swap(at, at + 1),
                _ => typo[at] = letter,
            }
            prop_assert!(near(&names, &String::from_utf8(typo).unwrap()).contains(&1));
        }
    }
}
