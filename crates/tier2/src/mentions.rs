//! Which words of a question may be a mention: names of the knowledge base that stand in it, and words that look like a name.

use std::ops::Range;

use find_facts_tier1::Named;
use rustc_hash::FxHashSet;

use crate::english::{Role, Stem, Token};

/// Mentions that are tried as they stand.
const MOST: usize = 6;
/// Mentions that are tried although no name is spelled like them.
const MOST_UNKNOWN: usize = 2;

/// What speaks against a name that is a part of a longer name, in nats.
const IN_ANOTHER: f32 = 2.5;

/// Words that may be a mention.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Mention {
    pub(crate) words: Range<usize>,
    /// What speaks against it before any relation is looked at, in nats.
    pub(crate) doubt: f32,
}

/// The mentions worth trying among the names that stand in a question, most telling first.
pub(crate) fn known(tokens: &[Token], named: &[Named], relation_words: &FxHashSet<Stem>) -> Vec<Mention> {
    let spelled = writes_capitals(tokens);
    let mut found: Vec<(f32, Mention)> = named
        .iter()
        .map(|name| {
            let words = &tokens[name.words.clone()];
            let weight: f32 = words.iter().map(|token| weight_of(token, relation_words)).sum();
            let mut doubt = 0.0;
            if words.iter().all(|token| token.role != Role::Content) {
                doubt += 4.0;
            } else if words.iter().all(|token| {
                token.role != Role::Content || (!token.capital && relation_words.contains(&token.stem))
            }) {
                doubt += 2.0;
            }
            if spelled && !words.iter().any(|token| token.capital) {
                doubt += 2.0;
            }
            if !name.whole {
                doubt += 0.5;
            }
            if named.iter().any(|other| other.whole && says_more(tokens, &other.words, &name.words)) {
                doubt += IN_ANOTHER;
            }
            (weight, Mention { words: name.words.clone(), doubt })
        })
        .collect();
    found.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.words.start.cmp(&b.1.words.start)));
    found.truncate(MOST);
    found.into_iter().map(|(_, mention)| mention).collect()
}

/// Whether one name holds the other and a telling word more.
fn says_more(tokens: &[Token], longer: &Range<usize>, shorter: &Range<usize>) -> bool {
    let holds = longer.start <= shorter.start && shorter.end <= longer.end && longer != shorter;
    holds && longer.clone().any(|at| !shorter.contains(&at) && tokens[at].role == Role::Content)
}

/// The words around a mention that only say what it is: "the state of Texas", "the Ohio river". `asked` is the noun asked for.
pub(crate) fn with_what_it_is(
    tokens: &[Token],
    mention: &Range<usize>,
    asked: Option<usize>,
) -> Range<usize> {
    let is = |at: usize, words: &[&str]| tokens.get(at).is_some_and(|token| words.contains(&&*token.folded));
    let says_thing = |at: usize| is(at, THINGS) && asked != Some(at);
    let says = |at: usize| says_thing(at) || is(at, PERSONS) && asked != Some(at);
    let (mut start, mut end) = (mention.start, mention.end);
    // A capital after a name belongs to the name, and "the Paddington writer" is who wrote it.
    if says_thing(end) && !tokens[end].capital {
        end += 1;
    }
    let by_of = |at: usize| is(at + 1, &["named", "called"]) || is(at, PLACES) && is(at + 1, &["of"]);
    if start >= 2 && says(start - 2) && by_of(start - 2) {
        start -= 2;
    } else if start >= 1 && says(start - 1) {
        start -= 1;
    }
    if start < mention.start && start >= 1 && is(start - 1, &["the", "a", "an"]) {
        start -= 1;
    }
    start..end
}

/// Of these, the ones that `of` joins with a name: `the city of Rome`, but not `the writer of Hamlet`.
const PLACES: &[&str] = &[
    "state", "city", "town", "village", "country", "county", "province", "region", "district", "island",
    "republic", "kingdom", "nation",
];

/// Nouns that often stand before the name of a person, in the singular.
const PERSONS: &[&str] =
    &["actor", "actress", "director", "writer", "author", "singer", "artist", "person", "man", "woman"];

/// Nouns that often stand before or after any other name, in the singular.
const THINGS: &[&str] = &[
    "state",
    "city",
    "town",
    "village",
    "country",
    "county",
    "province",
    "region",
    "district",
    "island",
    "river",
    "mountain",
    "lake",
    "republic",
    "kingdom",
    "nation",
    "film",
    "movie",
    "book",
    "novel",
    "song",
    "album",
    "band",
    "group",
    "play",
    "poem",
    "show",
    "series",
    "game",
    "company",
    "university",
    "team",
    "club",
    "airport",
    "language",
];

/// Words that look like a name: a run of capitals with what joins them, or else what no relation explains.
pub(crate) fn unknown(tokens: &[Token], relation_words: &FxHashSet<Stem>) -> Vec<Mention> {
    let spelled = writes_capitals(tokens);
    let is_part = |at: usize| match spelled {
        true => tokens[at].capital && (at > 0 || tokens[at].role == Role::Content),
        false => tokens[at].role == Role::Content && !relation_words.contains(&tokens[at].stem),
    };
    let mut runs: Vec<Range<usize>> = Vec::new();
    for at in (0..tokens.len()).filter(|at| is_part(*at)) {
        match runs.last_mut() {
            // At most two words that only join: "Lord of the Rings".
            Some(run)
                if tokens[run.end..at].len() <= 2
                    && tokens[run.end..at].iter().all(|token| token.role == Role::Glue) =>
            {
                run.end = at + 1;
            }
            _ => runs.push(at..at + 1),
        }
    }
    runs.sort_by_key(|run| std::cmp::Reverse(run.len()));
    runs.truncate(MOST_UNKNOWN);
    runs.into_iter().map(|words| Mention { words, doubt: 0.0 }).collect()
}

/// Whether names are written with capitals here: some word but the first is.
pub(crate) fn writes_capitals(tokens: &[Token]) -> bool {
    tokens.iter().skip(1).any(|token| {
        token.capital && token.folded.bytes().any(|b| b.is_ascii_lowercase()) && token.folded != "i"
    })
}

fn weight_of(token: &Token, relation_words: &FxHashSet<Stem>) -> f32 {
    match token.role {
        Role::Content if token.capital => 2.0,
        Role::Content if relation_words.contains(&token.stem) => 0.5,
        Role::Content => 1.0,
        _ if token.capital => 0.8,
        _ => 0.3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::english::{stem, tokens};

    fn check(text: &str, relation_words: &[&str], expected: &[&str]) {
        let words = tokens(text);
        let relation_words = relation_words.iter().map(|word| stem(word)).collect();
        let found: Vec<&str> = unknown(&words, &relation_words)
            .into_iter()
            .map(|mention| &text[words[mention.words.start].at.start..words[mention.words.end - 1].at.end])
            .collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn capitals_make_a_name_with_what_joins_them() {
        check("Who wrote Lord of the Rings?", &[], &["Lord of the Rings"]);
        check("Where was Edward Litchfield educated", &["educated"], &["Edward Litchfield"]);
    }

    #[test]
    fn a_person_named_after_a_name_is_asked_for() {
        let wide = |text: &str, mention: Range<usize>| with_what_it_is(&tokens(text), &mention, None);
        assert_eq!(wide("who was the Paddington writer", 3..4), 3..4);
        assert_eq!(wide("where is the Ohio river", 3..4), 3..5);
        assert_eq!(wide("what did the writer Ernst Jandl write", 4..6), 2..6);
    }

    #[test]
    fn without_capitals_it_is_what_no_relation_explains() {
        check("what is the capital of frace", &["capital"], &["frace"]);
    }
}
