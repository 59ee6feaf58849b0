//! What is answered, what is not, and what is said of it.

use std::sync::Arc;

use find_facts_core::{Deadline, Direction, ExpansionMeans, FactFinder, FactStore, FindQuery, FinderAnswer};
use find_facts_testkit::MemoryStore;

use crate::world::{ask, parts, question, tier};

fn answers(answer: &FinderAnswer) -> Vec<&str> {
    answer.answers.iter().map(|answer| &**answer).collect()
}

fn check(text: &str, expected: &[&str]) {
    let answer = ask(&question(text));
    assert_eq!(answers(&answer), expected, "{text} {:?} {:?}", answer.linked, answer.expanded);
}

fn check_parts(given: [&str; 3], expected: &[[&str; 3]]) {
    let answer = ask(&parts(given));
    let facts: Vec<[&str; 3]> = (answer.facts.iter())
        .map(|ranked| [&*ranked.fact.subject, &*ranked.fact.predicate, &*ranked.fact.object])
        .collect();
    assert_eq!(facts, expected, "{given:?} {:?}", answer.expanded);
}

#[test]
fn a_question_is_answered_in_either_direction() {
    check("Who directed Solaris?", &["Andrei Tarkovsky"]);
    check("What did Andrei Tarkovsky direct?", &["Solaris", "Stalker"]);
    check("Which films were directed by Andrei Tarkovsky?", &["Solaris", "Stalker"]);
    check("Where was Andrei Tarkovsky born?", &["Zavrazhye"]);
    check("What is the capital of Angola?", &["Luanda"]);
    check("How many people live in Angola?", &["34503774"]);
}

#[test]
fn courtesies_and_clauses_that_ask_nothing_change_nothing() {
    check("Tell me Angola's capital, please.", &["Luanda"]);
    check("Hi, could you tell me who directed Solaris?", &["Andrei Tarkovsky"]);
    check("I'm writing a school report: how many people live in Angola?", &["34503774"]);
    check("Do you know whether Luanda is the capital of Angola?", &["yes"]);
    check("Luanda is Angola's capital, isn't it?", &["yes"]);
    check("Madrid is the capital of Angola, right?", &["no"]);
    check("Of all films before Solaris: who directed most?", &[]);
    check("If you can, tell me the capital of Angola.", &["Luanda"]);
    check("I was in Madrid last week. What is the capital of Angola?", &[]);
}

#[test]
fn what_is_denied_is_not_answered_as_if_it_were_asked() {
    check("Who did not direct Solaris?", &[]);
    check("Which films weren't directed by Andrei Tarkovsky?", &[]);
    check("Isn't Luanda the capital of Angola?", &["yes"]);
    check("Not Luanda but Madrid is the capital of Angola, right?", &[]);
}

#[test]
fn names_may_be_misspelled_and_lower_case() {
    check("who directed solaris", &["Andrei Tarkovsky"]);
    check("What did Andrei Tarkovski direct?", &["Solaris", "Stalker"]);
}

#[test]
fn what_the_knowledge_base_does_not_say_is_not_answered() {
    check("Where was Larisa Kizilova born?", &[]);
    check("Who directed Nostalghia?", &[]);
    check("What is the capital of Wonderland?", &[]);
    check("", &[]);
    check("???", &[]);
}

#[test]
fn counting_and_comparing_are_left_to_the_tier_above() {
    check("How many films did Andrei Tarkovsky direct?", &[]);
    check("What is the most populous neighbour of Angola?", &[]);
}

#[test]
fn a_question_of_two_entities_is_handed_up_with_what_is_missing() {
    let answer = ask(&question("Who directed Solaris and was born in Madrid?"));
    assert!(answer.facts.is_empty());
    assert!(answer.gap.is_some_and(|gap| gap.contains("Solaris") && gap.contains("Madrid")));
}

#[test]
fn yes_and_no_bring_the_fact_that_says_so() {
    check("Is Luanda the capital of Angola?", &["yes"]);
    check("Is Madrid the capital of Angola?", &["no"]);
    check("Does Angola border Zambia?", &["yes"]);
    check("Is Zavrazhye the capital of Angola?", &[]);
}

#[test]
fn what_lies_in_another_is_told_from_what_it_lies_in() {
    let facts = [
        ["Luanda", "province", "Luanda Province"],
        ["Viana", "province", "Luanda Province"],
        ["Lubango", "province", "Huila"],
        ["Matala", "province", "Huila"],
        ["Huila", "capital", "Lubango"],
        ["Luanda Province", "capital", "Luanda"],
    ];
    let store: Arc<dyn FactStore> = Arc::new(MemoryStore::new(facts));
    let tier = tier(&store);
    for (text, said) in [
        ("Is Matala in Huila?", Some("yes")),
        ("Is Huila in Lubango?", None),
        ("Is Matala in Luanda Province?", None),
        ("Isn't Matala in Luanda Province?", None),
        ("Do you know whether Matala is in Luanda Province?", None),
        ("Matala is in Huila, isn't it?", Some("yes")),
    ] {
        let answer = tier.find(&question(text), &store, &Deadline::none()).unwrap();
        assert_eq!(answer.answers.first().map(|answer| &**answer), said, "{text}");
    }
}

#[test]
fn things_are_asked_for_by_what_their_names_say_that_they_are() {
    let towns =
        ["Luau", "Soyo", "Uige", "Negage", "Saurimo", "Dundo", "Cuito", "Menongue", "Namibe", "Lucapa"];
    let names: Vec<String> = towns.iter().map(|town| format!("{town} Airport")).collect();
    let facts =
        names.iter().map(|name| [name, "in_region", "Angola"]).chain([["Angola", "capital", "Luanda"]]);
    let store: Arc<dyn FactStore> = Arc::new(MemoryStore::new(facts));
    let tier = tier(&store);
    for (text, count) in [
        ("Which airports are there in Angola?", 10),
        ("Which airports can I use in Angola?", 10),
        ("Which hotels can I use in Angola?", 0),
    ] {
        let answer = tier.find(&question(text), &store, &Deadline::none()).unwrap();
        assert_eq!(answer.answers.len(), count, "{text} {:?}", answer.expanded);
    }
}

#[test]
fn a_wording_of_a_relation_reaches_it() {
    let birth = [["Andrei Tarkovsky", "place of birth", "Zavrazhye"]];
    check_parts(["Andrei Tarkovsky", "birthplace", ""], &birth);
    check_parts(["Andrei Tarkovsky", "was born in", ""], &birth);
    check_parts(["A. Tarkovsky", "birth place", ""], &birth);
    check_parts(["Larisa Kizilova", "job", ""], &[["Larisa Kizilova", "occupation", "actress"]]);
    check_parts(["Angola", "neighbour of", ""], &[["Angola", "shares_border_with", "Zambia"]]);
    check_parts(["Larisa Kizilova", "birthplace", ""], &[]);
    check_parts(["Angola", "shoe size", ""], &[]);
    let whatever = FindQuery { min_confidence: Some(0.0), ..parts(["Angola", "gizmo", ""]) };
    assert!(ask(&whatever).facts.is_empty(), "nothing speaks for any relation");
}

#[test]
fn what_was_understood_is_told() {
    let answer = ask(&question("Who directed Solaris?"));
    let expansion = answer.expanded.first().unwrap();
    assert_eq!((&*expansion.given, &*expansion.predicate), ("Who directed X", "directed by"));
    assert_eq!((expansion.direction, expansion.by), (Direction::Forward, ExpansionMeans::Lexical));
    assert_eq!(&*answer.linked.first().unwrap().entity, "Solaris");
    assert!(answer.models.is_empty());
}
