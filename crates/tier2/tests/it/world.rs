//! A small world of films, people and places, asked without any model.

use std::sync::Arc;

use find_facts_core::{Deadline, FactFinder, FactStore, FindQuery, FinderAnswer, Mode, Parts, Without};
use find_facts_testkit::MemoryStore;
use find_facts_tier1::Tier1;
use find_facts_tier2::{Setup, Tier2, Tier2Config};

pub(crate) fn store() -> Arc<dyn FactStore> {
    let facts = [
        ["Solaris", "directed by", "Andrei Tarkovsky"],
        ["Stalker", "directed by", "Andrei Tarkovsky"],
        ["Solaris", "release year", "1972"],
        ["Andrei Tarkovsky", "place of birth", "Zavrazhye"],
        ["Andrei Tarkovsky", "spouse", "Larisa Kizilova"],
        ["Larisa Kizilova", "occupation", "actress"],
        ["Angola", "capital", "Luanda"],
        ["Spain", "capital", "Madrid"],
        ["Angola", "population", "34503774"],
        ["Angola", "shares_border_with", "Zambia"],
        ["Zambia", "shares_border_with", "Angola"],
        ["Zambia", "capital", "Lusaka"],
    ];
    Arc::new(MemoryStore::new(facts).predicate_alias("shares_border_with", "neighbour of"))
}

pub(crate) fn tier(store: &Arc<dyn FactStore>) -> Tier2 {
    let deadline = Deadline::none();
    let tier1 = Tier1::build(find_facts_tier1::Setup::default(), &**store, &|_| {}, &deadline).unwrap();
    let setup = Setup {
        config: Tier2Config::default(),
        tier1: Arc::new(tier1),
        embedder: None,
        language_model: None,
        vectors: None,
    };
    Tier2::build(setup, &**store, &|_| {}, &deadline).unwrap()
}

pub(crate) fn question(text: &str) -> FindQuery {
    FindQuery {
        parts: Parts::default(),
        text: Some(text.into()),
        mode: Mode::SemanticExpanded,
        limit: 10,
        min_confidence: None,
        without: Without::default(),
        remember: true,
    }
}

pub(crate) fn parts(parts: [&str; 3]) -> FindQuery {
    let [subject, predicate, object] = parts.map(|text| (!text.is_empty()).then(|| Arc::from(text)));
    FindQuery { parts: Parts { subject, predicate, object }, text: None, ..question("") }
}

pub(crate) fn ask(query: &FindQuery) -> FinderAnswer {
    let store = store();
    tier(&store).find(query, &store, &Deadline::none()).unwrap()
}
