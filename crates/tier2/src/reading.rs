//! What a question asks for, told by its first words: who, where, how many, which film, or whether something is so.

use crate::english::{Kind, Role, Stem, Token, is_one_clause, kind_of, statement};

/// What kind of answer is asked for.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Wants {
    /// Kinds of which the answer should be one; any where empty.
    pub(crate) kinds: Vec<Kind>,
    /// The noun that was asked for: `which film`.
    pub(crate) noun: Option<Stem>,
    /// Which word that is.
    pub(crate) noun_at: Option<usize>,
}

/// The form of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Asks for what something is.
    Open,
    /// Asks whether something is so.
    Polar,
    /// Asks how many there are.
    Count,
}

/// What the words of a question ask for.
pub(crate) fn wants(tokens: &[Token]) -> Wants {
    let Some(at) = tokens.iter().position(|token| token.role == Role::Asking) else {
        // In "list the films of X" and "films by X" the first noun is what is asked for.
        return Wants::noun(tokens, tokens.iter().position(|token| token.role == Role::Content));
    };
    let follows = tokens.get(at + 1).map(|token| &*token.folded);
    let of = |kinds: &[Kind]| Wants { kinds: kinds.to_vec(), ..Wants::default() };
    match &*tokens[at].folded {
        "who" | "whom" | "whose" | "whos" => of(&[Kind::Person, Kind::Organization]),
        "where" | "wheres" => of(&[Kind::Place]),
        "when" => of(&[Kind::Date]),
        "how" if follows.is_some_and(|word| MEASURES.contains(&word)) => of(&[Kind::Number]),
        "what" | "which" | "whats" => {
            let next = (at + 1..tokens.len()).find(|at| tokens[*at].role == Role::Content);
            // "which film" and "what is the capital" ask for what the noun says, "what does X do" for none.
            let asks = ["is", "are", "was", "were"];
            if next == Some(at + 1) {
                Wants::noun(tokens, next)
            } else if follows.is_some_and(|word| asks.contains(&word)) {
                // Of "the main language" the last word says what is asked for.
                let is_content =
                    |at: &usize| tokens.get(*at).is_some_and(|token| token.role == Role::Content);
                Wants::noun(tokens, next.and_then(|next| (next..).take_while(is_content).last()))
            } else {
                Wants::default()
            }
        }
        _ => Wants::default(),
    }
}

impl Wants {
    fn noun(tokens: &[Token], at: Option<usize>) -> Self {
        let Some(at) = at.filter(|at| !tokens[*at].capital || *at == 0) else { return Self::default() };
        let noun = tokens[at].stem;
        Self { kinds: kind_of(noun).into_iter().collect(), noun: Some(noun), noun_at: Some(at) }
    }
}

/// The form of a question.
pub(crate) fn form(text: &str, tokens: &[Token]) -> Form {
    let Some(first) = tokens.first() else { return Form::Open };
    let asks_whether = WHETHER.contains(&&*first.folded) && is_one_clause(text, tokens);
    let is_polar = asks_whether || is_polar_verb(&first.folded) || statement(text, tokens).is_some();
    if is_polar && !tokens.iter().any(|token| token.role == Role::Asking) {
        return Form::Polar;
    }
    let many = tokens.windows(2).any(|pair| pair[0].folded == "how" && pair[1].folded == "many");
    if many { Form::Count } else { Form::Open }
}

/// Whether a word asks whether something is so where it comes first.
pub(crate) fn is_polar_verb(word: &str) -> bool {
    POLAR.contains(&word)
}

const POLAR: &[&str] = &[
    "is", "are", "was", "were", "did", "does", "do", "has", "have", "had", "can", "isnt", "arent", "wasnt",
    "werent", "doesnt", "didnt", "hasnt",
];
const WHETHER: &[&str] = &["if", "whether"];

/// Words after "how" that ask for a measure.
const MEASURES: &[&str] = &[
    "many",
    "much",
    "big",
    "large",
    "long",
    "high",
    "tall",
    "deep",
    "wide",
    "old",
    "far",
    "heavy",
    "fast",
    "populous",
    "dense",
    "small",
    "expensive",
    "often",
    "densely",
    "thick",
    "hot",
    "cold",
    "warm",
    "young",
    "short",
    "low",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::english::tokens;

    fn check(text: &str, kinds: &[Kind], expected: Form) {
        let words = tokens(text);
        assert_eq!((wants(&words).kinds.as_slice(), form(text, &words)), (kinds, expected), "{text}");
    }

    #[test]
    fn the_first_words_tell_the_kind_of_answer() {
        check("Who wrote it?", &[Kind::Person, Kind::Organization], Form::Open);
        check("In which city is it?", &[Kind::Place], Form::Open);
        check("what year was it released", &[Kind::Date], Form::Open);
        check("How many people live there?", &[Kind::Number], Form::Count);
        check("Is Paris the capital of France?", &[], Form::Polar);
        check("how long is it", &[Kind::Number], Form::Open);
        check("whether Paris is the capital of France", &[], Form::Polar);
        check("Paris is the capital of France, right?", &[], Form::Polar);
        check("If you can, tell me the capital of France", &[Kind::Place], Form::Open);
    }
}
