//! What single English words mean, from WordNet (Fellbaum 1998), and how the meanings of two words stand to each other. A cosine of
//! vectors hardly tells a synonym from an opposite; this does.

use std::sync::{Arc, LazyLock};

use quick_cache::sync::Cache;

/// What `word_senses.py` (`crates/bench`) writes, which says how to read it.
struct Table {
    /// The relations of each sense.
    senses: Vec<&'static str>,
    /// In the order of the alphabet.
    words: Vec<Entry>,
}

/// A word, its own senses, and those of words that are derived from it or from which it is.
struct Entry {
    word: Box<str>,
    own: &'static str,
    derived: &'static str,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut word = String::new();
    let derived = lines(include_str!("derived.txt"));
    let words = lines(include_str!("words.txt")).zip(derived).filter_map(|(line, derived)| {
        let (coded, own) = line.split_once(' ')?;
        let (shared, rest) = coded.split_at_checked(1)?;
        word.truncate(usize::from_str_radix(shared, 36).ok()?);
        word.push_str(rest);
        Some(Entry { word: word.as_str().into(), own, derived })
    });
    Table { words: words.collect(), senses: lines(include_str!("senses.txt")).collect() }
});

/// The lines after the licence.
fn lines(file: &'static str) -> impl Iterator<Item = &'static str> {
    file.lines().skip_while(|line| line.starts_with('#'))
}

/// Words whose senses are kept. Chosen for its memory, about 200 bytes a word; not measured.
const KEPT: usize = 16_384;
/// No word of the table is longer.
const LONGEST: usize = 32;

static KNOWN: LazyLock<Cache<Box<str>, Arc<Word>>> = LazyLock::new(|| Cache::new(KEPT));

/// Reads the table, which the first word that is looked up would wait for.
pub(crate) fn load() {
    LazyLock::force(&TABLE);
}

/// The senses of a folded word; none of a word that WordNet does not have.
pub(crate) fn of(word: &str) -> Arc<Word> {
    if word.len() > LONGEST {
        return Arc::default();
    }
    KNOWN.get(word).unwrap_or_else(|| {
        let senses = Arc::new(Word::of(word));
        KNOWN.insert(word.into(), senses.clone());
        senses
    })
}

/// What stands at the end of an inflected form, and what its word ends in instead, likelier ones first; irregular forms are in the table.
const ENDINGS: [(&str, &str); 13] = [
    ("ies", "y"),
    ("ied", "y"),
    ("ves", "f"),
    ("s", ""),
    ("es", ""),
    ("ed", "e"),
    ("ed", ""),
    ("ing", "e"),
    ("ing", ""),
    ("er", "e"),
    ("er", ""),
    ("est", "e"),
    ("est", ""),
];
/// Shorter words have no forms that are told by their ending.
const SHORTEST_FORM: usize = 4;

/// How a word stands to another: the first of these that holds of any of their senses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relation {
    /// One means the opposite of the other: `anterior` and `posterior`.
    Opposite,
    /// Both mean the same, or one is derived from a word that means the same: `missing` and `absent`.
    Synonym,
    /// Both are kinds of one thing: `maxillary` and `mandibular`.
    Sibling,
    /// One is a kind of the other.
    Above,
}

/// All senses of a word, as sorted numbers.
#[derive(Debug, Default)]
pub(crate) struct Word {
    /// Its own, and those of words that are derived from it or from which it is.
    meant: Vec<u32>,
    /// Its own, and those that are similar to these.
    near: Vec<u32>,
    /// What is opposite to those.
    opposite: Vec<u32>,
    /// What stands right above what is meant.
    above: Vec<u32>,
}

impl Word {
    fn of(word: &str) -> Self {
        let Some(entry) = entry_of(word) else { return Self::default() };
        let own: Vec<u32> = numbers(entry.own).collect();
        let similar = related(&own, SIMILAR);
        let meant = sorted(own.iter().copied().chain(numbers(entry.derived)));
        let near = sorted(own.into_iter().chain(similar));
        Self {
            opposite: sorted(related(&near, OPPOSITE)),
            above: sorted(related(&meant, ABOVE)),
            meant,
            near,
        }
    }

    /// Whether it has any senses.
    pub(crate) fn is_known(&self) -> bool {
        !self.meant.is_empty()
    }

    /// How it stands to another word.
    pub(crate) fn relation(&self, other: &Self) -> Option<Relation> {
        if meet(&self.opposite, &other.near) || meet(&other.opposite, &self.near) {
            Some(Relation::Opposite)
        } else if meet(&self.meant, &other.meant) {
            Some(Relation::Synonym)
        } else if meet(&self.above, &other.above) {
            Some(Relation::Sibling)
        } else if meet(&self.above, &other.meant) || meet(&other.above, &self.meant) {
            Some(Relation::Above)
        } else {
            None
        }
    }
}

/// The entry of a word, or of the word that it is a form of.
fn entry_of(word: &str) -> Option<&'static Entry> {
    let endings = ENDINGS.iter().filter(|_| word.len() >= SHORTEST_FORM);
    let mut bases =
        endings.filter_map(|(ending, instead)| Some([word.strip_suffix(ending)?, instead].concat()));
    known(word).or_else(|| bases.find_map(|base| known(&base)))
}

fn known(word: &str) -> Option<&'static Entry> {
    let at = TABLE.words.binary_search_by(|known| (*known.word).cmp(word)).ok()?;
    Some(&TABLE.words[at])
}

/// Places of the relations in the line of a sense.
const ABOVE: usize = 0;
const OPPOSITE: usize = 1;
const SIMILAR: usize = 2;

/// The senses to which `senses` stand in one relation.
fn related(senses: &[u32], relation: usize) -> Vec<u32> {
    let lines = senses.iter().filter_map(|sense| TABLE.senses.get(*sense as usize));
    lines.filter_map(|line| line.split('|').nth(relation)).flat_map(numbers).collect()
}

fn numbers(list: &str) -> impl Iterator<Item = u32> + '_ {
    list.split(' ').map_while(|number| u32::from_str_radix(number, 36).ok())
}

fn sorted(senses: impl IntoIterator<Item = u32>) -> Vec<u32> {
    let mut senses: Vec<u32> = senses.into_iter().collect();
    senses.sort_unstable();
    senses.dedup();
    senses
}

/// Whether two sorted lists have a number in common.
fn meet(a: &[u32], b: &[u32]) -> bool {
    let (mut a, mut b) = (a.iter().peekable(), b.iter().peekable());
    while let (Some(x), Some(y)) = (a.peek(), b.peek()) {
        match x.cmp(y) {
            std::cmp::Ordering::Less => a.next(),
            std::cmp::Ordering::Greater => b.next(),
            std::cmp::Ordering::Equal => return true,
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, expected: Option<Relation>) {
        let (first, second) = (Word::of(a), Word::of(b));
        assert_eq!(first.relation(&second), expected, "{a} {b}");
        assert_eq!(second.relation(&first), expected, "{b} {a}");
    }

    #[test]
    fn words_are_opposite_synonyms_or_of_one_kind() {
        check("anterior", "posterior", Some(Relation::Opposite));
        check("missing", "absent", Some(Relation::Synonym));
        check("mandibular", "maxillary", Some(Relation::Sibling));
        check("dog", "canine", Some(Relation::Above));
        check("anterior", "zebra", None);
    }

    #[test]
    fn forms_of_a_word_mean_what_it_means() {
        check("feet", "foot", Some(Relation::Synonym));
        check("largest", "smallest", Some(Relation::Opposite));
        check("maps", "mapping", Some(Relation::Synonym));
        check("tumours", "tumor", Some(Relation::Synonym));
        assert!(!Word::of("acapulko").is_known());
    }

    #[test]
    fn every_number_of_the_table_is_a_sense() {
        let all = TABLE.senses.len() as u32;
        assert!(all > 70_000 && TABLE.words.len() > 70_000);
        assert!(TABLE.words.is_sorted_by(|a, b| a.word < b.word));
        assert!(TABLE.words.iter().all(|entry| entry.word.len() <= LONGEST));
        let of_words = TABLE.words.iter().flat_map(|entry| [entry.own, entry.derived]);
        for list in TABLE.senses.iter().copied().chain(of_words) {
            let parts = list.split(['|', ' ']).filter(|number| !number.is_empty());
            assert!(parts.map(|number| u32::from_str_radix(number, 36).unwrap()).all(|sense| sense < all));
        }
    }
}
