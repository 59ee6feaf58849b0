//! Brings the forms of a word together: `wrote`, `written` and `writer` are one stem.

use std::hash::BuildHasher;
use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};
use rustc_hash::{FxBuildHasher, FxHashMap};

/// A stem, as a number: stems are only ever compared.
pub(crate) type Stem = u64;

static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));

/// Shorter stems end in `er` without naming a doer: `over`, `sister` keeps its own.
const DOER_FROM: usize = 6;

/// The stem of a folded word.
pub(crate) fn stem(word: &str) -> Stem {
    FxBuildHasher.hash_one(&*text_of(word))
}

fn text_of(word: &str) -> String {
    let word = IRREGULAR.get(word).copied().unwrap_or(word);
    let mut stem = ENGLISH.stem(word).into_owned();
    let doer = stem.len() >= DOER_FROM && (stem.ends_with("er") || stem.ends_with("or"));
    if doer {
        stem.truncate(stem.len() - 2);
    }
    if stem.len() > 3 && stem.ends_with('e') {
        stem.pop();
    }
    stem
}

/// Forms that no rule reaches, and words that mean the same wherever they stand.
static IRREGULAR: LazyLock<FxHashMap<&str, &str>> = LazyLock::new(|| {
    let groups: &[(&str, &[&str])] = &[
        ("write", &["wrote", "written", "writer", "writers", "writing", "writings"]),
        ("born", &["birth", "births"]),
        ("die", &["died", "dies", "dead", "death", "deaths", "dying", "deceased", "decease"]),
        ("sing", &["sang", "sung", "singer", "singers", "song", "songs"]),
        ("make", &["made", "maker", "makers", "making"]),
        ("build", &["built"]),
        ("lead", &["led"]),
        ("win", &["won", "winner", "winners"]),
        ("draw", &["drew", "drawn"]),
        ("run", &["ran", "runs", "running"]),
        ("hold", &["held"]),
        ("speak", &["spoke", "spoken"]),
        ("buy", &["bought"]),
        ("sell", &["sold"]),
        ("teach", &["taught", "teacher", "teachers"]),
        ("come", &["came"]),
        ("go", &["went", "gone", "goes", "going"]),
        ("wear", &["wore", "worn"]),
        ("give", &["gave", "given"]),
        ("eat", &["ate", "eaten"]),
        ("begin", &["began", "begun"]),
        ("know", &["knew", "known"]),
        ("choose", &["chose", "chosen"]),
        ("marry", &["marriage", "married", "marries"]),
        ("film", &["movie", "movies", "films", "flick", "flicks", "picture", "pictures"]),
        ("neighbor", &["neighbour", "neighbours", "neighboring", "neighbouring", "neighbors"]),
        ("color", &["colour", "colours", "colors"]),
        ("center", &["centre", "centres"]),
        ("child", &["children"]),
        ("person", &["people", "persons"]),
        ("man", &["men"]),
        ("woman", &["women"]),
        ("wife", &["wives"]),
        ("flow", &["flew", "flown"]),
        ("long", &["length", "lengths"]),
        ("high", &["height", "heights", "highness"]),
        ("deep", &["depth", "depths"]),
        ("wide", &["width", "widths"]),
        ("weigh", &["weight", "weights"]),
        ("large", &["big", "bigness"]),
        ("lay", &["lies", "lie", "lying"]),
        ("tv", &["television"]),
        ("what", &["which", "whats"]),
        ("who", &["whom", "whos"]),
        ("organize", &["organise", "organised", "organiser", "organisation", "organization"]),
        ("act", &["actor", "actors", "actress", "actresses", "acting", "acted"]),
        ("found", &["founder", "founders", "founding", "cofounder", "cofounded"]),
        ("own", &["owner", "owners"]),
        ("use", &["user", "using", "used"]),
        ("rate", &["rating", "ratings", "rated"]),
        ("produce", &["product", "products", "production", "producer", "producers"]),
        ("compose", &["composition", "compositions", "composer"]),
        ("descend", &["descent"]),
        ("invent", &["invention", "inventions"]),
        ("bury", &["burial", "buried"]),
        ("religion", &["religious"]),
        ("national", &["nationality", "nationalities"]),
    ];
    groups.iter().flat_map(|(to, from)| from.iter().map(move |word| (*word, *to))).collect()
});

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &[&str]) {
        let stems: Vec<String> = words.iter().map(|word| text_of(word)).collect();
        assert!(stems.iter().all(|stem| *stem == stems[0]), "{words:?} are {stems:?}");
    }

    #[test]
    fn forms_of_a_word_have_one_stem() {
        check(&["write", "writes", "wrote", "written", "writer"]);
        check(&["direct", "directs", "directed", "director", "directors"]);
        check(&["perform", "performed", "performer", "performs"]);
        check(&["locate", "located", "location"]);
        check(&["educate", "educated", "education"]);
        check(&["headquarter", "headquarters", "headquartered"]);
    }

    #[test]
    fn other_words_have_other_stems() {
        assert_ne!(stem("capital"), stem("captain"));
        assert_ne!(stem("country"), stem("county"));
    }
}
