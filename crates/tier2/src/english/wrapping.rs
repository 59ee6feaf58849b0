//! What people wrap a question in: courtesies around it, and clauses before or after it that ask nothing.

use std::ops::Range;

use super::tokens::Token;
use super::words::{Role, is_denial, is_reckoning};

/// What may stand before a question, and asks nothing. Longer ones stand before those that they begin with.
const BEFORE: &[&[&str]] = &[
    &["do", "you", "happen", "to", "know"],
    &["does", "anyone", "know"],
    &["does", "anybody", "know"],
    &["do", "you", "know"],
    &["would", "you", "know"],
    &["can", "someone", "tell", "me"],
    &["can", "anyone", "tell", "me"],
    &["what", "i", "want", "to", "know", "is"],
    &["i", "would", "like", "to", "know"],
    &["i", "would", "love", "to", "know"],
    &["id", "like", "to", "know"],
    &["id", "love", "to", "know"],
    &["i", "want", "to", "know"],
    &["i", "need", "to", "know"],
    &["i", "was", "wondering"],
    &["i", "am", "wondering"],
    &["im", "wondering"],
    &["i", "wonder"],
    &["i", "dont", "know"],
    &["i", "do", "not", "know"],
    &["i", "dont", "remember"],
    &["i", "cant", "remember"],
    &["i", "forgot"],
    &["i", "am", "curious"],
    &["im", "curious"],
    &["may", "i", "ask"],
    &["can", "i", "ask"],
    &["can", "you"],
    &["could", "you"],
    &["would", "you"],
    &["will", "you"],
    &["tell", "me"],
    &["give", "me"],
    &["let", "me", "know"],
    &["remind", "me"],
    &["please"],
    &["kindly"],
    &["hi"],
    &["hey"],
    &["hello"],
    &["ok"],
    &["okay"],
    &["well"],
    &["so"],
];

/// The same after it.
const AFTER: &[&[&str]] = &[
    &["please"],
    &["thanks"],
    &["thank", "you"],
    &["by", "the", "way"],
    &["if", "i", "may", "ask"],
    &["do", "you", "know"],
    &["does", "anyone", "know"],
    &["can", "you", "tell", "me"],
    &["could", "you", "tell", "me"],
];

/// A capital and so many letters in all before a full stop are a shortened word, as far as anybody can tell.
const LONGEST_ABBREVIATION: usize = 4;
/// A clause of fewer words may be a part of the other: "Paris, Texas".
const SHORTEST_CLAUSE: usize = 3;

/// What makes a question of a statement before it, beside a denying verb and a pronoun: "isn't it".
const TAGS: &[&[&str]] = &[
    &["is", "it", "not"],
    &["is", "that", "right"],
    &["is", "that", "correct"],
    &["is", "that", "true"],
    &["right"],
    &["correct"],
];
const PRONOUNS: &[&str] = &["it", "he", "she", "they", "we", "you", "that", "there"];

/// The words of a question without the courtesies around it; all of them where there is nothing else.
pub(crate) fn unwrapped(text: &str, tokens: &[Token]) -> Range<usize> {
    let mut words = 0..tokens.len();
    let is_before = |from: usize, words: &[&str]| {
        let after = from + words.len();
        // "OK Computer" is a name.
        let begins_name = words.len() == 1
            && tokens.get(after).is_some_and(|next| {
                next.capital && next.folded != "i" && cut(text, &tokens[after - 1], next) == Cut::None
            });
        says(tokens, from, words) && !begins_name
    };
    while let Some(before) = BEFORE.iter().find(|before| is_before(words.start, before)) {
        words.start += before.len();
    }
    while let Some(after) = AFTER.iter().find(|after| ends(&tokens[words.clone()], after)) {
        words.end -= after.len();
    }
    if words.is_empty() { 0..tokens.len() } else { words }
}

/// How many words make the statement that a tag at the end asks to confirm: "Paris is the capital, isn't it?" `None` without a tag.
pub(crate) fn statement(text: &str, tokens: &[Token]) -> Option<usize> {
    let denies = |at: usize| is_denial(&tokens[at].folded) && tokens[at].folded.ends_with("nt");
    let is_pronoun = |at: usize| PRONOUNS.contains(&&*tokens[at].folded);
    let length = match tokens.len() {
        all if all > 2 && denies(all - 2) && is_pronoun(all - 1) => 2,
        _ => TAGS.iter().find(|tag| ends(tokens, tag))?.len(),
    };
    let end = tokens.len().checked_sub(length).filter(|end| *end > 0)?;
    // A single word may as well be what the statement says.
    (length > 1 || cut(text, &tokens[end - 1], &tokens[end]) != Cut::None).then_some(end)
}

/// Whether no mark cuts some words.
pub(crate) fn is_one_clause(text: &str, tokens: &[Token]) -> bool {
    tokens.windows(2).all(|pair| cut(text, &pair[0], &pair[1]) == Cut::None)
}

/// What stands between two words that follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    None,
    Clause,
    Sentence,
}

fn cut(text: &str, before: &Token, after: &Token) -> Cut {
    let between = &text[before.at.end..after.at.start];
    // "St. Louis", "Dr. No"
    let is_abbreviation = before.capital && before.folded.len() <= LONGEST_ABBREVIATION;
    if between.contains(['!', '?']) || between.contains('.') && !is_abbreviation {
        Cut::Sentence
    } else if between.contains([',', ':', ';', '–', '—']) {
        Cut::Clause
    } else {
        Cut::None
    }
}

/// Whether some words follow from a place on. A capital makes a name of any but the first of all.
fn says(tokens: &[Token], from: usize, words: &[&str]) -> bool {
    let mut said = tokens.iter().enumerate().skip(from).zip(words);
    let agrees =
        |((at, token), word): ((usize, &Token), &&str)| token.folded == *word && (!token.capital || at == 0);
    from + words.len() <= tokens.len() && said.all(agrees)
}

fn ends(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len().checked_sub(words.len()).is_some_and(|from| says(tokens, from, words))
}

/// The clause that asks, where the others ask nothing and name nothing that it depends on: "I'm writing a report: how many people
/// live there?" `None` where there is one clause only, several ask, it goes on after a comma, or another counts, denies, or may be
/// or hold a name; `named` are the names that stand in it.
pub(crate) fn asking_clause<'a>(
    text: &str,
    tokens: &[Token],
    mut named: impl Iterator<Item = &'a Range<usize>>,
) -> Option<Range<usize>> {
    let mut clauses: Vec<Range<usize>> = Vec::new();
    let mut cuts = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let cut = at.checked_sub(1).map_or(Cut::Sentence, |before| cut(text, &tokens[before], token));
        cuts.push(cut);
        match clauses.last_mut() {
            Some(clause) if cut == Cut::None => clause.end = at + 1,
            _ => clauses.push(at..at + 1),
        }
    }
    let asks =
        |clause: &&Range<usize>| tokens[(*clause).clone()].iter().any(|token| token.role == Role::Asking);
    let mut asking = clauses.iter().filter(asks);
    let (clause, None) = (asking.next()?, asking.next()) else { return None };
    let goes_on = cuts.get(clause.end).is_some_and(|cut| *cut != Cut::Sentence);
    let says_something = |at: usize| {
        let token = &tokens[at];
        let is_name = token.capital && cuts[at] != Cut::Sentence && token.folded != "i";
        is_name || is_reckoning(&token.folded) || is_denial(&token.folded)
    };
    let may_be_left =
        |other: &Range<usize>| other.len() >= SHORTEST_CLAUSE && !other.clone().any(says_something);
    let others = || clauses.iter().filter(|other| *other != clause);
    let outside = |name: &Range<usize>| name.start < clause.start || clause.end < name.end;
    let is_alone = clauses.len() > 1 && !goes_on && others().all(may_be_left) && !named.any(outside);
    is_alone.then(|| clause.clone())
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    fn words<'a>(text: &'a str, tokens: &[Token], range: Range<usize>) -> &'a str {
        &text[tokens[range.start].at.start..tokens[range.end - 1].at.end]
    }

    fn check(text: &str, expected: &str) {
        let tokens = tokens(text);
        assert_eq!(words(text, &tokens, unwrapped(text, &tokens)), expected);
    }

    fn check_clause_beside(named: Option<&Range<usize>>, text: &str, expected: Option<&str>) {
        let tokens = tokens(text);
        let clause = asking_clause(text, &tokens, named.into_iter());
        assert_eq!(clause.map(|clause| words(text, &tokens, clause)), expected, "{text}");
    }

    fn check_clause(text: &str, expected: Option<&str>) {
        check_clause_beside(None, text, expected);
    }

    #[test]
    fn courtesies_are_no_part_of_a_question() {
        check("Tell me Slovenia's capital, please.", "Slovenia's capital");
        check("Hey, can you please tell me who wrote Emma?", "who wrote Emma");
        check("I'd like to know where Ada was born, thanks!", "where Ada was born");
        check("Who wrote So Please?", "Who wrote So Please");
        check("I can't remember who wrote Emma", "who wrote Emma");
        check("So who wrote Emma?", "who wrote Emma");
        check("OK Computer is by which band?", "OK Computer is by which band");
        check("please", "please");
    }

    #[test]
    fn a_tag_asks_to_confirm_what_stands_before_it() {
        let statement_of = |text: &str| statement(text, &tokens(text));
        assert_eq!(statement_of("Nairobi is Kenya's capital, isn't it?"), Some(5));
        assert_eq!(statement_of("Paris lies in France, right?"), Some(4));
        assert_eq!(statement_of("John and Paul wrote it, didn't they?"), Some(5));
        assert_eq!(statement_of("Which side of the road is right"), None);
        assert_eq!(statement_of("right?"), None);
    }

    #[test]
    fn a_clause_that_asks_stands_alone_where_the_others_say_nothing_that_matters() {
        check_clause("I'm writing a report: how many people live there?", Some("how many people live there"));
        check_clause("Where is it? My atlas is old.", Some("Where is it"));
        check_clause("My atlas is old. Where is it?", Some("Where is it"));
        check_clause("Which films did he direct, starring his wife?", None);
        check_clause("Who directed Borat: Subsequent movie film?", None);
        check_clause("Who wrote it?", None);
        check_clause("Of those before 1900, who wrote most?", None);
        check_clause("I mean the one in Texas: how old is it?", None);
        check_clause("Who wrote it, and when?", None);
        check_clause("Where is Paris, Texas?", None);
        check_clause("Who directed Dr. No?", None);
        check_clause("I forgot my atlas at home, so where is it?", Some("so where is it"));
        check_clause_beside(Some(&(6..7)), "i am on my way to rome, where is the station?", None);
    }
}
