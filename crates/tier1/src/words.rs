//! Whole words of names, and what each is worth: a rare word tells a name from others, a common one hardly does.

use crate::names::Name;
use crate::postings::{Postings, key_of};

/// Words in more names than this bring no candidates; they still count for those that others bring.
const COMMON: usize = 2000;
/// Names gathered. Chosen for its cost, not measured.
const MOST: usize = 32;

/// Words of a segment's names.
pub(crate) struct Words {
    postings: Postings,
    /// What all words of a name are worth together.
    worth: Vec<f32>,
    names: usize,
}

impl Words {
    /// Indexes the words of the names that are words.
    pub(crate) fn build(names: &[Name]) -> Self {
        let mut pairs = Vec::new();
        for (at, name) in (0u32..).zip(names).filter(|(_, name)| name.is_word()) {
            pairs.extend(name.folded.split(' ').map(|word| (key_of(word.as_bytes()), at)));
        }
        let mut words = Self { postings: Postings::build(pairs), worth: Vec::new(), names: names.len() };
        words.worth = names.iter().map(|name| words.worth_of_all(&name.folded)).collect();
        words
    }

    /// What a word tells, in nats: the log of how rare it is.
    pub(crate) fn worth_of(&self, word: &str) -> f32 {
        let in_names = self.postings.get(key_of(word.as_bytes())).len();
        ((self.names + 1) as f32 / (in_names as f32 + 0.5)).ln().max(0.1)
    }

    fn worth_of_all(&self, folded: &str) -> f32 {
        folded.split(' ').map(|word| self.worth_of(word)).sum()
    }

    /// Adds to `found` the names that share the most telling words with a mention.
    pub(crate) fn near(&self, folded: &str, found: &mut Vec<u32>) {
        let mut shared: Vec<(u32, f32)> = Vec::new();
        for word in folded.split(' ') {
            let names = self.postings.get(key_of(word.as_bytes()));
            if names.len() <= COMMON {
                shared = merged(&shared, names, self.worth_of(word));
            }
        }
        let all = self.worth_of_all(folded);
        let mut ranked: Vec<(f32, u32)> = shared
            .into_iter()
            .map(|(name, worth)| (worth / (all + self.worth[name as usize]), name))
            .collect();
        if ranked.len() > MOST {
            ranked.select_nth_unstable_by(MOST, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            ranked.truncate(MOST);
        }
        found.extend(ranked.into_iter().map(|(_, name)| name));
    }
}

/// What names share, in their order, with one more word of `worth` that `names` have.
fn merged(shared: &[(u32, f32)], names: &[u32], worth: f32) -> Vec<(u32, f32)> {
    let mut all = Vec::with_capacity(shared.len() + names.len());
    let mut rest = shared.iter().copied().peekable();
    for &name in names {
        while let Some(before) = rest.next_if(|(other, _)| *other < name) {
            all.push(before);
        }
        let had = rest.next_if(|(other, _)| *other == name).map_or(0.0, |(_, had)| had);
        all.push((name, had + worth));
    }
    all.extend(rest);
    all
}
