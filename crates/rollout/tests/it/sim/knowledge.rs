//! A small knowledge base of made-up towns, and a linker that is good enough to pass its suites.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use find_facts_analysis::Seeded;
use find_facts_api::admin::SampledEntity;
use find_facts_core::{Fact, Part, Without};
use unicode_normalization::UnicodeNormalization;

const SYLLABLES: [&str; 16] =
    ["ka", "lóm", "ri", "tus", "bé", "nor", "sil", "va", "dun", "mö", "rek", "tá", "lin", "gor", "pe", "zan"];

/// The one relation there is.
pub(crate) const RELATION: &str = "country";
const WORDINGS: [&str; 2] = ["nation", "homeland"];

/// Whether a wording or a question asks for it.
pub(crate) fn means_the_relation(text: &str) -> bool {
    let text = text.to_lowercase();
    WORDINGS.iter().chain([&RELATION]).any(|wording| text.contains(wording))
}

/// Towns, their other names and their facts.
pub(crate) struct Knowledge {
    pub(crate) entities: Vec<SampledEntity>,
    /// What a mention was linked to before: linking is pure, and the same mentions come again in every run.
    linked: Mutex<HashMap<(String, Without), Option<usize>>>,
}

impl Knowledge {
    pub(crate) fn new(towns: usize) -> Arc<Self> {
        let mut random = Seeded::new(42);
        let entities = (0..towns).map(|_| town(&mut random)).collect();
        Arc::new(Self { entities, linked: Mutex::default() })
    }

    /// The facts of exactly this name.
    pub(crate) fn exact(&self, name: &str, without: &Without) -> Vec<Fact> {
        let town = self.entities.iter().find(|town| &*town.name == name && !hidden(town, without));
        town.map(|town| town.facts.clone()).unwrap_or_default()
    }

    /// The name of a town in a question.
    pub(crate) fn named_in(&self, question: &str) -> Option<Arc<str>> {
        self.entities.iter().map(|town| &town.name).find(|name| question.contains(&***name)).cloned()
    }

    /// The town that a mention means.
    pub(crate) fn link(&self, mention: &str, without: &Without) -> Option<&SampledEntity> {
        let key = (mention.to_owned(), without.clone());
        let mut linked = self.linked.lock().unwrap();
        let found = *linked.entry(key).or_insert_with(|| self.search(mention, without));
        found.map(|index| &self.entities[index])
    }

    fn search(&self, mention: &str, without: &Without) -> Option<usize> {
        let wanted = fold(mention);
        let likeness = |town: &SampledEntity| {
            let name = fold(&town.name);
            let known = town.aliases.iter().filter(|alias| !without.aliases.contains(alias));
            let alias = known.map(|alias| fold(alias)).any(|alias| alias == wanted);
            let part = wanted.ends_with(&format!(" {name}"));
            if alias || part { 0 } else { strsim::osa_distance(&name, &wanted) }
        };
        let candidates = self.entities.iter().enumerate().filter(|(_, town)| !hidden(town, without));
        candidates.map(|(index, town)| (likeness(town), index)).filter(|(d, _)| *d <= 1).min().map(|(_, i)| i)
    }
}

fn hidden(town: &SampledEntity, without: &Without) -> bool {
    without.entities.contains(&town.name)
}

fn fold(text: &str) -> String {
    text.nfd().filter(char::is_ascii).collect::<String>().to_lowercase()
}

fn town(random: &mut Seeded) -> SampledEntity {
    let mut name: String = (0..5).map(|_| SYLLABLES[random.below(SYLLABLES.len())]).collect();
    name = name.split_at(1).0.to_uppercase() + name.split_at(1).1;
    let country = ["Angola", "Bolivia", "Chad", "Denmark"][random.below(4)];
    SampledEntity {
        facts: vec![Fact::new(name.as_str(), RELATION, country)],
        aliases: vec![format!("Upper {name}").into()],
        part: Part::Subject,
        wordings: WORDINGS.map(Into::into).to_vec(),
        name: name.into(),
    }
}
