//! Names that share character trigrams of their sound with a mention: what edit distance is too narrow for.

use crate::names::Name;
use crate::normalise::sound;
use crate::postings::{Postings, key_of};

/// Sounds of up to this many names are gathered. Chosen for its cost, not measured.
const MOST: usize = 48;

/// Trigrams of the sounds of a segment's names.
pub(crate) struct Ngrams {
    postings: Postings,
    /// Trigrams of each name; 0 for one that is not indexed.
    sizes: Vec<u8>,
}

impl Ngrams {
    /// Indexes the names that are words.
    pub(crate) fn build(names: &[Name]) -> Self {
        let mut pairs = Vec::new();
        let mut sizes = Vec::with_capacity(names.len());
        for (at, name) in (0u32..).zip(names) {
            let before = pairs.len();
            if name.is_word() {
                pairs.extend(trigrams(&sound(&name.key())).into_iter().map(|gram| (gram, at)));
            }
            sizes.push((pairs.len() - before).min(255) as u8);
        }
        Self { postings: Postings::build(pairs), sizes }
    }

    /// Adds to `found` the names most like a sound, by Dice's coefficient of their trigrams.
    pub(crate) fn near(&self, sound: &str, found: &mut Vec<u32>) {
        let grams = trigrams(sound);
        let mut shared: Vec<u8> = vec![0; self.sizes.len()];
        let mut touched: Vec<u32> = Vec::new();
        for gram in &grams {
            for &name in self.postings.get(*gram) {
                let count = &mut shared[name as usize];
                if *count == 0 {
                    touched.push(name);
                }
                *count = count.saturating_add(1);
            }
        }
        let dice = |name: u32| {
            let at = name as usize;
            2000 * u32::from(shared[at]) / (grams.len() as u32 + u32::from(self.sizes[at]))
        };
        let mut ranked: Vec<(u32, u32)> = touched
            .into_iter()
            .filter(|name| enough(shared[*name as usize], grams.len()))
            .map(|name| (dice(name), name))
            .collect();
        if ranked.len() > MOST {
            ranked.select_nth_unstable_by(MOST, |a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
            ranked.truncate(MOST);
        }
        found.extend(ranked.into_iter().map(|(_, name)| name));
    }
}

/// A name that shares less than a sixth of the mention's trigrams is never what was meant.
fn enough(shared: u8, of: usize) -> bool {
    usize::from(shared) * 6 >= of
}

/// The distinct trigrams of a sound, with its ends marked.
pub(crate) fn trigrams(sound: &str) -> Vec<u64> {
    let marked = format!("^{sound}$");
    let mut grams: Vec<u64> = marked.as_bytes().windows(3).map(key_of).collect();
    grams.sort_unstable();
    grams.dedup();
    grams
}

/// Dice's coefficient of two sounds' trigrams, 0 to 1.
pub(crate) fn dice(a: &[u64], b: &[u64]) -> f32 {
    2.0 * shared(a, b) / (a.len() + b.len()).max(1) as f32
}

/// Which share of the fewer trigrams stands among the others, 0 to 1.
pub(crate) fn contained(a: &[u64], b: &[u64]) -> f32 {
    shared(a, b) / a.len().min(b.len()).max(1) as f32
}

fn shared(a: &[u64], b: &[u64]) -> f32 {
    let (mut i, mut j, mut shared) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                shared += 1;
                i += 1;
                j += 1;
            }
        }
    }
    shared as f32
}
