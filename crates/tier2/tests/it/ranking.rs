//! Near matches: ranked, bounded, stable.

use find_facts_core::{FindQuery, Mode};

use crate::world::{ask, parts, question};

fn ranked(query: FindQuery) -> Vec<(String, f32)> {
    let facts = ask(&FindQuery { mode: Mode::FuzzyRanked, ..query }).facts;
    facts.into_iter().map(|ranked| (ranked.fact.object.to_string(), ranked.confidence)).collect()
}

#[test]
fn an_exact_fact_comes_first_and_is_certain() {
    assert_eq!(ranked(parts(["Angola", "capital", ""])).first(), Some(&("Luanda".to_owned(), 1.0)));
}

#[test]
fn near_names_and_wordings_are_ranked_by_confidence() {
    let found = ranked(parts(["Angolla", "capital city", ""]));
    assert_eq!(found.first().map(|(object, _)| object.as_str()), Some("Luanda"));
    assert!(found.windows(2).all(|pair| pair[0].1 >= pair[1].1));
    assert!(found.iter().all(|(_, confidence)| (0.0..1.0).contains(confidence)));
}

#[test]
fn the_least_confidence_and_the_limit_bound_it() {
    let all = ranked(question("Who directed Solaris?"));
    let bounded = FindQuery { min_confidence: Some(0.9), limit: 1, ..question("Who directed Solaris?") };
    let few = ranked(bounded);
    assert!(few.len() <= 1 && few.len() <= all.len());
    assert!(few.iter().all(|(_, confidence)| *confidence >= 0.9));
}

#[test]
fn the_same_query_is_ranked_the_same_way() {
    assert_eq!(ranked(parts(["Angola", "", ""])), ranked(parts(["Angola", "", ""])));
}
