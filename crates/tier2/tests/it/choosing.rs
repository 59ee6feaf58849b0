//! The language model chooses where words leave it open, and nowhere else.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use find_facts_core::{
    Deadline, EngineError, ExpansionMeans, FactFinder, FactStore, FinderAnswer, LanguageModel, Likelihood,
    Prompt,
};
use find_facts_testkit::MemoryStore;
use find_facts_tier1::Tier1;
use find_facts_tier2::{Setup, Tier2, Tier2Config};

use crate::world::question;

/// Likes what has a word in it, and counts how often it was asked.
struct Likes {
    word: &'static str,
    broken: bool,
    asked: AtomicUsize,
}

impl LanguageModel for Likes {
    fn name(&self) -> &str {
        "likes"
    }

    fn fingerprint(&self) -> &str {
        "likes 1"
    }

    fn score(
        &self,
        _prompt: &Prompt<'_>,
        continuations: &[&str],
        _deadline: &Deadline,
    ) -> Result<Vec<Likelihood>, EngineError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.broken {
            return Err(EngineError::Overloaded { engine: "likes".to_owned() });
        }
        let score = |text: &&str| Likelihood {
            log_probability: if text.contains(self.word) { -0.1 } else { -20.0 },
            tokens: 1,
        };
        Ok(continuations.iter().map(score).collect())
    }

    fn generate(
        &self,
        _prompt: &Prompt<'_>,
        _grammar: &str,
        _most: usize,
        _deadline: &Deadline,
    ) -> Result<String, EngineError> {
        Ok(String::new())
    }
}

fn ask(text: &str, word: &'static str, broken: bool) -> (FinderAnswer, usize) {
    let facts = [
        ["Solaris", "screen story by", "Fridrikh Gorenshtein"],
        ["Solaris", "short story by", "Stanislaw Lem"],
        ["Angola", "capital", "Luanda"],
    ];
    let store: Arc<dyn FactStore> = Arc::new(MemoryStore::new(facts));
    let deadline = Deadline::none();
    let tier1 = Tier1::build(find_facts_tier1::Setup::default(), &*store, &|_| {}, &deadline).unwrap();
    let model = Arc::new(Likes { word, broken, asked: AtomicUsize::new(0) });
    let setup = Setup {
        config: Tier2Config::default(),
        tier1: Arc::new(tier1),
        embedder: None,
        language_model: Some(model.clone()),
        vectors: None,
    };
    let tier = Tier2::build(setup, &*store, &|_| {}, &deadline).unwrap();
    let answer = tier.find(&question(text), &store, &deadline).unwrap();
    (answer, model.asked.load(Ordering::Relaxed))
}

fn check(word: &'static str, expected: &str) {
    let (answer, asked) = ask("What was the story of Solaris by?", word, false);
    assert_eq!(answer.answers.first().map(|answer| &**answer), Some(expected), "{:?}", answer.expanded);
    assert_eq!(answer.expanded.first().map(|expansion| expansion.by), Some(ExpansionMeans::LanguageModel));
    assert_eq!((answer.models.first().map(|model| &**model), asked), (Some("likes"), 1));
}

#[test]
fn the_model_chooses_between_two_that_are_as_likely() {
    check("screen", "Fridrikh Gorenshtein");
    check("short", "Stanislaw Lem");
}

#[test]
fn a_model_that_cannot_answer_leaves_the_choice_as_it_was() {
    let (answer, asked) = ask("What was the story of Solaris by?", "short", true);
    assert!(answer.models.is_empty());
    assert_eq!(asked, 1);
}

#[test]
fn what_words_settle_is_not_put_to_the_model() {
    let (answer, asked) = ask("What is the capital of Angola?", "screen", false);
    assert_eq!(answer.answers.first().map(|answer| &**answer), Some("Luanda"), "{:?}", answer.expanded);
    assert_eq!(asked, 0);
}
