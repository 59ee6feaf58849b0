//! What is linked, by which means, and what is refused.

use std::sync::Arc;

use find_facts_core::{
    Deadline, Fact, FactFinder, FactStore, FindQuery, FinderAnswer, LinkMeans, Mode, Parts, Without,
};
use find_facts_testkit::MemoryStore;
use find_facts_tier1::{Setup, Tier1};

fn store() -> Arc<dyn FactStore> {
    let facts = [
        ["Albert Einstein", "born in", "Ulm"],
        ["Albert Einstein", "field", "physics"],
        ["Marie Curie", "field", "chemistry"],
        ["Marie Curie", "born in", "Warsaw"],
        ["Solaris", "directed by", "Andrei Tarkovsky"],
        ["Stalker", "has tag", "solaris"],
        ["São Paulo", "country", "Brazil"],
        ["Natural language processing", "branch", "topic"],
        ["Angola", "capital", "Luanda"],
        ["Angola", "population", "34503774"],
        ["Spain", "capital", "Madrid"],
    ];
    Arc::new(MemoryStore::new(facts).alias("Warsaw", "Warszawa").alias("Warsaw", "Phoenix City"))
}

fn tier(store: &Arc<dyn FactStore>) -> Tier1 {
    Tier1::build(Setup::default(), &**store, &|_| {}, &Deadline::none()).unwrap()
}

fn query(parts: [&str; 3]) -> FindQuery {
    let [subject, predicate, object] = parts.map(|text| (!text.is_empty()).then(|| Arc::from(text)));
    FindQuery {
        parts: Parts { subject, predicate, object },
        text: None,
        mode: Mode::EntityLinked,
        limit: 10,
        min_confidence: None,
        without: Without::default(),
        remember: true,
    }
}

fn ask(query: &FindQuery) -> FinderAnswer {
    let store = store();
    tier(&store).find(query, &store, &Deadline::none()).unwrap()
}

fn check(parts: [&str; 3], expected: Option<(Fact, LinkMeans)>) {
    let answer = ask(&query(parts));
    let by = answer.linked.iter().map(|link| link.by).find(|by| *by != LinkMeans::Exact);
    let found = answer.facts.first().map(|first| first.fact.clone()).zip(by);
    assert_eq!(found, expected, "{parts:?} {:?}", answer.linked);
}

fn fact(subject: &str, predicate: &str, object: &str) -> Fact {
    Fact::new(subject, predicate, object)
}

#[test]
fn each_means_reaches_its_entity() {
    let born = || fact("Albert Einstein", "born in", "Ulm");
    check(["albert einstein", "born in", ""], Some((born(), LinkMeans::Normalized)));
    check(["Albert Einstien", "born in", ""], Some((born(), LinkMeans::Edit)));
    check(["Sao Paulo", "", ""], Some((fact("São Paulo", "country", "Brazil"), LinkMeans::Normalized)));
    check(["", "born in", "Warszawa"], Some((fact("Marie Curie", "born in", "Warsaw"), LinkMeans::Alias)));
    check(
        ["https://en.wikipedia.org/wiki/Albert_Einstein", "born in", ""],
        Some((born(), LinkMeans::Normalized)),
    );
    check(["ESP", "capital", ""], Some((fact("Spain", "capital", "Madrid"), LinkMeans::Code)));
}

#[test]
fn the_other_parts_decide_between_namesakes() {
    let film = fact("Solaris", "directed by", "Andrei Tarkovsky");
    check(["SOLARIS", "directed by", ""], Some((film, LinkMeans::Normalized)));
    check(["", "has tag", "SOLARIS"], Some((fact("Stalker", "has tag", "solaris"), LinkMeans::Normalized)));
    let both = fact("Marie Curie", "born in", "Warsaw");
    check(["marie curie", "born in", "Warsaw"], Some((both.clone(), LinkMeans::Normalized)));
    check(["marie curie", "born in", "warsaw"], Some((both, LinkMeans::Normalized)));
}

#[test]
fn what_is_not_there_is_refused() {
    check(["Niels Bohr", "born in", ""], None);
    check(["Albert Einstien", "has tag", ""], None);
    check(["Albert Einstien", "is married to", ""], None);
    check(["", "population", "34503775"], None);
    check(["", "", "…"], None);
}

#[test]
fn hidden_names_are_not_found_and_leave_the_cache_alone() {
    let store = store();
    let tier = tier(&store);
    let mut asked = query(["", "born in", "Phoenix City"]);
    let found = |query: &FindQuery| tier.find(query, &store, &Deadline::none()).unwrap().facts.len();
    assert_eq!(found(&asked), 1);
    asked.without.aliases = vec!["Phoenix City".into()];
    assert_eq!(found(&asked), 0);
    asked.without = Without { entities: vec!["Warsaw".into()], ..Without::default() };
    assert_eq!(found(&asked), 0);
    asked.without = Without::default();
    assert_eq!(found(&asked), 1);
}

#[test]
fn a_second_equal_query_is_a_cache_hit_with_the_same_answer() {
    let store = store();
    let tier = tier(&store);
    let asked = query(["albert einstein", "", ""]);
    let first = tier.find(&asked, &store, &Deadline::none()).unwrap();
    let second = tier.find(&asked, &store, &Deadline::none()).unwrap();
    assert!(!first.cache_hit && second.cache_hit);
    assert_eq!(second, FinderAnswer { cache_hit: true, ..first });
}

#[test]
fn a_query_asks_for_its_own_confidence() {
    let mut asked = query(["Albert Einstien", "born in", ""]);
    asked.min_confidence = Some(1.0);
    assert!(ask(&asked).facts.is_empty());
}

#[test]
fn nothing_is_computed_for_a_caller_that_has_gone() {
    let store = store();
    let deadline = Deadline::none();
    deadline.cancel();
    assert!(tier(&store).find(&query(["albert einstein", "", ""]), &store, &deadline).is_err());
}
