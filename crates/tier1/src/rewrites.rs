//! What this knowledge base itself says of small differences between names. `detection` for `recognition`, or a `shi` at the end:
//! how often did two names of one entity differ by just that, and how often names of two entities?

use rustc_hash::{FxHashMap, FxHashSet};

use crate::names::{Name, NameKind};
use crate::postings::key_of;

/// An ending or a beginning of more letters than this is no longer a small difference.
const LONGEST_AFFIX: usize = 6;
/// What must remain of a name without it.
const SHORTEST_STEM: usize = 4;
/// Families of names that differ in one word are counted up to this size: larger ones say the same again.
const LARGEST_FAMILY: usize = 40;
/// How many observations the knowledge base's general habit counts for.
const HABIT: f32 = 1.0;

/// Counts of small differences.
#[derive(Default)]
pub(crate) struct Rewrites {
    counts: FxHashMap<u64, Count>,
    words: Count,
    affixes: Count,
}

#[derive(Debug, Clone, Copy, Default)]
struct Count {
    same_entity: f32,
    other_entity: f32,
}

/// How the difference between two names speaks for their being one entity's: logarithms of odds, none where they differ by more.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Verdict {
    pub words: Option<f32>,
    pub affix: Option<f32>,
}

impl Rewrites {
    /// Counts the differences between the names of a segment.
    pub(crate) fn build(names: &[Name]) -> Self {
        let mut rewrites = Self::default();
        let names: Vec<&Name> =
            names.iter().filter(|name| name.is_word() && name.kind != NameKind::Base).collect();
        rewrites.count_within_entities(&names);
        rewrites.count_families(&names);
        rewrites.count_affixes_between_entities(&names);
        rewrites
    }

    /// What the differences between a mention and a name say, of each its words and its key.
    pub(crate) fn between(
        &self,
        (mention, mention_key): (&[&str], &str),
        (name, name_key): (&[&str], &str),
    ) -> Verdict {
        Verdict {
            words: one_word(mention, name).map(|(a, b)| self.odds(word_key(a, b), self.words)),
            affix: affix(mention_key, name_key).map(|key| self.odds(key, self.affixes)),
        }
    }

    fn odds(&self, key: u64, habit: Count) -> f32 {
        let seen = self.counts.get(&key).copied().unwrap_or_default();
        let all = habit.same_entity + habit.other_entity + 2.0;
        let share = (habit.same_entity + 1.0) / all;
        ((seen.same_entity + HABIT * share) / (seen.other_entity + HABIT * (1.0 - share))).ln()
    }

    fn count_within_entities(&mut self, names: &[&Name]) {
        for family in names.chunk_by(|a, b| a.entity == b.entity) {
            let words: Vec<Vec<&str>> = family.iter().map(|name| name.folded.split(' ').collect()).collect();
            for (at, a) in family.iter().enumerate() {
                for (b, words_of_b) in family.iter().zip(&words).skip(at + 1) {
                    if let Some((x, y)) = one_word(&words[at], words_of_b) {
                        self.counts.entry(word_key(x, y)).or_default().same_entity += 1.0;
                        self.words.same_entity += 1.0;
                    }
                    if let Some(key) = affix(&a.key(), &b.key()) {
                        self.counts.entry(key).or_default().same_entity += 1.0;
                        self.affixes.same_entity += 1.0;
                    }
                }
            }
        }
    }

    /// Names that are equal but for one word, found by what is left without it.
    fn count_families(&mut self, names: &[&Name]) {
        let mut members: Vec<(u64, u32, &str)> = Vec::new();
        for name in names {
            let words: Vec<&str> = name.folded.split(' ').collect();
            for (at, word) in words.iter().enumerate().filter(|_| words.len() > 1) {
                members.push((without(&words, Some(at)), name.entity, word));
            }
            members.push((without(&words, None), name.entity, ""));
        }
        members.sort_unstable();
        members.dedup();
        for family in members.chunk_by(|a, b| a.0 == b.0) {
            let family = &family[..family.len().min(LARGEST_FAMILY)];
            for (at, (_, entity, word)) in family.iter().enumerate() {
                for (_, other, its) in family[at + 1..].iter().filter(|member| member.1 != *entity) {
                    if word != its && other != entity {
                        self.counts.entry(word_key(word, its)).or_default().other_entity += 1.0;
                        self.words.other_entity += 1.0;
                    }
                }
            }
        }
    }

    fn count_affixes_between_entities(&mut self, names: &[&Name]) {
        let keys: FxHashMap<String, u32> = names.iter().map(|name| (name.key(), name.entity)).collect();
        let mut seen: FxHashSet<(u64, u64)> = FxHashSet::default();
        for (key, entity) in &keys {
            for cut in 2..=LONGEST_AFFIX.min(key.len().saturating_sub(SHORTEST_STEM)) {
                let stems = [key.get(..key.len() - cut), key.get(cut..)];
                for stem in stems.into_iter().flatten() {
                    let other = keys.get(stem).is_some_and(|other| other != entity);
                    if let Some(found) = affix(key, stem).filter(|_| other)
                        && seen.insert((found, key_of(key.as_bytes())))
                    {
                        self.counts.entry(found).or_default().other_entity += 1.0;
                        self.affixes.other_entity += 1.0;
                    }
                }
            }
        }
    }
}

/// The words in which two texts differ, where it is one word at most on either side; empty for none.
fn one_word<'a>(a: &[&'a str], b: &[&'a str]) -> Option<(&'a str, &'a str)> {
    let mut lone_a = a.iter().filter(|word| !b.contains(word));
    let mut lone_b = b.iter().filter(|word| !a.contains(word));
    let (first_a, first_b) = (lone_a.next(), lone_b.next());
    let single = lone_a.next().is_none() && lone_b.next().is_none();
    let shares = a.len() > 1 && first_a.is_some() || b.len() > 1 && first_b.is_some();
    let shared = || a.iter().any(|word| b.contains(word));
    let or_none = |word: Option<&&'a str>| word.copied().unwrap_or("");
    (single && shares && shared()).then(|| (or_none(first_a), or_none(first_b)))
}

/// The key of what one text has before or after the other.
fn affix(a: &str, b: &str) -> Option<u64> {
    let (long, short) = if a.len() > b.len() { (a, b) } else { (b, a) };
    let extra = long.len() - short.len();
    if extra == 0 || extra > LONGEST_AFFIX || short.len() < SHORTEST_STEM {
        return None;
    }
    if let Some(ending) = long.strip_prefix(short) {
        return Some(key_of(format!("{ending}$").as_bytes()));
    }
    long.strip_suffix(short).map(|start| key_of(format!("^{start}").as_bytes()))
}

fn word_key(a: &str, b: &str) -> u64 {
    let (first, second) = if a < b { (a, b) } else { (b, a) };
    key_of(format!("{first} {second}").as_bytes())
}

/// The key of a set of words, without one of them.
fn without(words: &[&str], at: Option<usize>) -> u64 {
    let mut rest: Vec<&str> =
        words.iter().enumerate().filter(|(place, _)| Some(*place) != at).map(|(_, word)| *word).collect();
    rest.sort_unstable();
    key_of(rest.join(" ").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_difference_is_one_word_on_either_side() {
        let check = |a: &str, b: &str, expected| {
            let (a, b): (Vec<&str>, Vec<&str>) = (a.split(' ').collect(), b.split(' ').collect());
            assert_eq!(one_word(&a, &b), expected, "{a:?} {b:?}");
        };
        check("format detection", "format identification", Some(("detection", "identification")));
        check("mexico", "mexico city", Some(("", "city")));
        check("gene map", "protein mass", None);
        check("ulm", "bonn", None);
    }

    #[test]
    fn affixes_are_found_at_either_end() {
        assert_eq!(affix("songling", "songlingzhen"), affix("haidian", "haidianzhen"));
        assert!(affix("songling", "zhensongling").is_some());
        assert_ne!(affix("songling", "zhensongling"), affix("songling", "songlingzhen"));
        assert_eq!(affix("songling", "songlong"), None);
    }
}
