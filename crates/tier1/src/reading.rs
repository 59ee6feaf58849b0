//! What the tiers above ask of linking: which names stand in a text, and whom a mention may mean. Fetches no facts.

use std::ops::Range;
use std::sync::Arc;

use find_facts_core::{Deadline, FactStore, FinderError, LinkMeans, Part, Without};

use crate::config::Tier1Config;
use crate::finder::{Tier1, not_indexed};
use crate::link::Linking;
use crate::names::NameKind;
use crate::normalise::{fold, squash};
use crate::view::{Hidden, NameRef, View};

/// Longer names are not looked for in a text.
const MOST_WORDS: usize = 16;

/// What a mention is linked for.
#[derive(Debug, Clone, Copy)]
pub struct Aim<'a> {
    /// Relations of which one is wanted, each with the part in which the entity would stand; without any, every entity fits.
    pub relations: &'a [(Part, &'a str)],
    /// At most this many entities.
    pub most: usize,
    /// Names to act as if unknown.
    pub without: &'a Without,
}

/// An entity that a mention may mean.
#[derive(Debug, Clone, PartialEq)]
pub struct Meant {
    /// Its name in the facts.
    pub entity: Arc<str>,
    /// Calibrated probability that it is meant.
    pub confidence: f32,
    /// Whether it has a relation that was wanted.
    pub fits: bool,
    /// What made the match.
    pub by: LinkMeans,
}

/// A name of the knowledge base that stands in a text, but for case, diacritics, spaces and punctuation.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    /// Which words of the text it is.
    pub words: Range<usize>,
    /// Whether it is what an entity is called in the facts, or another name that the knowledge base gives.
    pub whole: bool,
}

impl Tier1 {
    /// Whom a mention may mean, best first.
    pub fn link(
        &self,
        mention: &str,
        aim: Aim<'_>,
        store: &dyn FactStore,
        deadline: &Deadline,
    ) -> Result<Vec<Meant>, FinderError> {
        let view = self.live.view(store, deadline).map_err(not_indexed)?;
        let hidden = Hidden::new(aim.without);
        let config = Tier1Config { candidates: aim.most, ..self.config.clone() };
        let fit = |view: &View, at: NameRef| {
            let layer = view.layer(at);
            let profile = view.entity(at).profile;
            let has = |(part, predicate): &(Part, &str)| {
                layer.segment.profiles.fits(profile, *part, Some(predicate))
            };
            Ok(aim.relations.is_empty() || aim.relations.iter().any(has))
        };
        let asked = if config.parts.context { aim.relations } else { &[] };
        let asked = asked.iter().map(|(part, predicate)| (*part, Some(*predicate)));
        let embed = |raw: &str| self.vector_of(raw, deadline);
        let linking = Linking {
            view: &view,
            config: &config,
            exhaustive: false,
            hidden: &hidden,
            fit: &fit,
            allowed: view.base.segment.profiles.share(asked),
            embed: &embed,
            deadline,
        };
        let meant = |ranked: crate::link::Ranked| Meant {
            entity: view.entity(ranked.name).name.clone(),
            confidence: ranked.confidence,
            fits: ranked.fits,
            by: ranked.by,
        };
        Ok(linking.rank(mention)?.entities.into_iter().map(meant).collect())
    }

    /// The names that stand in a text of these words, longer ones first at each place; a few microseconds for a question.
    pub fn named(
        &self,
        words: &[&str],
        without: &Without,
        store: &dyn FactStore,
        deadline: &Deadline,
    ) -> Result<Vec<Named>, FinderError> {
        let view = self.live.view(store, deadline).map_err(not_indexed)?;
        let hidden = Hidden::new(without);
        let keys: Vec<String> = words.iter().map(|word| squash(&fold(word))).collect();
        let mut found = Vec::new();
        for from in 0..keys.len() {
            deadline.check()?;
            for to in (from + 1..=keys.len().min(from + MOST_WORDS)).rev() {
                let at_the_edges = !keys[from].is_empty() && !keys[to - 1].is_empty();
                if let Some(whole) =
                    at_the_edges.then(|| kind_of(&view, &hidden, &keys[from..to].concat())).flatten()
                {
                    found.push(Named { words: from..to, whole });
                }
            }
        }
        Ok(found)
    }
}

/// Whether names of this key are whole, or `None` where there is none.
fn kind_of(view: &View, hidden: &Hidden, key: &str) -> Option<bool> {
    let names = view.layers().flat_map(|(in_delta, layer)| {
        layer.segment.dictionary.exact(key).iter().map(move |name| NameRef { in_delta, name: *name })
    });
    let mut found = None;
    for at in names {
        if view.shows(at, hidden) {
            let whole = view.name(at).kind != NameKind::Base;
            found = Some(found.unwrap_or(false) || whole);
        }
    }
    found
}
