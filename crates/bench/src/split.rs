//! A knowledge base split by itself: some aliases and some entities are held back, and asked for.
//! Nothing that is asked for is in the knowledge base that is asked.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use find_facts_core::Parts;
use find_facts_tier1::normalise::without_qualifier;

use crate::noise;
use crate::random::Random;

/// A mention made from the knowledge base, with the entity it means.
#[derive(Debug, Clone)]
pub struct Asked {
    /// What is asked.
    pub parts: Parts,
    /// The entity meant; none where it was held back.
    pub meant: Option<String>,
    /// How the mention was made.
    pub kind: Kind,
}

/// How a mention was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// An alias that was held back.
    HeldAlias,
    /// An alias that was kept.
    KeptAlias,
    /// A name with one or two edits.
    Typo,
    /// A name in other case.
    Case,
    /// Initials or picked letters of a name.
    Short,
    /// Some words of a name.
    Part,
    /// A name without its qualifier in parentheses.
    Unqualified,
    /// A name of which the knowledge base has some words by their initials only.
    WrittenOut,
    /// A name of an entity that was held back.
    Nil,
    /// A typo, other case, initials, some words or all but the qualifier of a name of an entity that was held back.
    NilNoise,
}

/// Shares held back: of aliases about as many as a knowledge base may lack, of entities enough to ask for.
const ALIASES_HELD: f64 = 0.45;
const ENTITIES_HELD: f64 = 0.06;
/// Share of the names that are kept with some of their words as initials.
const NAMES_SHORTENED: f64 = 0.03;

struct Kb {
    facts: Vec<[String; 3]>,
    aliases: Vec<[String; 2]>,
}

impl Kb {
    /// Keeps the facts of some subjects, and the aliases of what stands in them; returns the facts of the others.
    fn shrink(&mut self, random: &mut Random, subjects: usize) -> Vec<[String; 3]> {
        let all: BTreeSet<&String> = self.facts.iter().map(|[subject, ..]| subject).collect();
        if all.len() <= subjects {
            return Vec::new();
        }
        let all: Vec<&String> = all.into_iter().collect();
        let drawn: BTreeSet<String> =
            sample(random, &all, subjects).into_iter().map(|name| (*name).clone()).collect();
        let facts = std::mem::take(&mut self.facts);
        let (kept, others) = facts.into_iter().partition(|[subject, ..]| drawn.contains(subject));
        self.facts = kept;
        let there: BTreeSet<&String> =
            self.facts.iter().flat_map(|[subject, _, object]| [subject, object]).collect();
        self.aliases.retain(|[name, _]| there.contains(name));
        others
    }
}

/// How a knowledge base is split.
#[derive(Debug, Clone, Copy)]
pub struct Split {
    /// What is drawn is drawn by this.
    pub seed: u64,
    /// At most this many names of each kind are asked for.
    pub most: usize,
    /// Of a knowledge base with more subjects, so many are drawn first, and the others are as if they had never been there.
    pub subjects: usize,
}

/// Writes what is kept of the knowledge base `from` to the folder `to`, and returns what to ask.
pub fn split(from: &Path, to: &Path, Split { seed, most, subjects }: Split) -> Result<Vec<Asked>> {
    let mut random = Random::new(seed);
    let mut kb = Kb {
        facts: rows(&from.join("facts.tsv"))?,
        aliases: rows(&from.join("aliases.tsv")).unwrap_or_default(),
    };
    let others = kb.shrink(&mut random, subjects);
    let words: BTreeSet<&str> = (kb.facts.iter())
        .flat_map(|[subject, _, object]| [subject.as_str(), object.as_str()])
        .filter(|name| is_word(name))
        .collect();
    let subjects: BTreeSet<&str> = kb.facts.iter().map(|[subject, ..]| subject.as_str()).collect();
    let held: BTreeSet<&str> = (words.iter())
        .filter(|name| subjects.contains(*name) && random.chance(ENTITIES_HELD))
        .copied()
        .collect();
    let (held_aliases, kept_aliases): (Vec<_>, Vec<_>) =
        kb.aliases.iter().partition(|_| random.chance(ALIASES_HELD));
    let stays = |name: &str| !held.contains(name);
    let shortened = shortened(&mut random, &words);
    let now = |name: &str| shortened.get(name).map_or(name, String::as_str).to_owned();
    let kept_facts = kb.facts.iter().filter(|[subject, _, object]| stays(subject) && stays(object));
    write(
        &to.join("facts.tsv"),
        kept_facts
            .map(|[subject, predicate, object]| [now(subject), predicate.clone(), now(object)].join("\t")),
    )?;
    write(
        &to.join("aliases.tsv"),
        kept_aliases
            .iter()
            .filter(|[name, _]| stays(name))
            .map(|[name, alias]| [&now(name), alias].map(String::as_str).join("\t")),
    )?;

    let (own, of_others) = (relations(&kb.facts), relations(&others));
    let present: Vec<&str> =
        words.iter().filter(|name| stays(name) && !shortened.contains_key(**name)).copied().collect();
    let mut asked = Vec::new();
    let mut ask = |random: &mut Random, kind: Kind, of: &str, mention: String| {
        let is_there = words.contains(of);
        let meant = (is_there && stays(of)).then(|| now(of));
        if let Some(parts) = context(random, if is_there { &own } else { &of_others }, of, mention) {
            asked.push(Asked { parts, meant, kind });
        }
    };
    for (kind, aliases) in [(Kind::HeldAlias, &held_aliases), (Kind::KeptAlias, &kept_aliases)] {
        for [name, alias] in sample(&mut random, aliases, most).into_iter().filter(|row| stays(&row[0])) {
            ask(&mut random, kind, name, alias.clone());
        }
    }
    for name in sample(&mut random, &present, most) {
        for (kind, make) in noise::MAKERS {
            if let Some(mention) = make(&mut random, name) {
                ask(&mut random, kind, name, mention);
            }
        }
    }
    let written_out: Vec<&str> = shortened.keys().copied().filter(|name| stays(name)).collect();
    for name in sample(&mut random, &written_out, most) {
        ask(&mut random, Kind::WrittenOut, name, (*name).to_owned());
    }
    for (name, base) in sample(&mut random, &unqualified(&present, &words), most) {
        ask(&mut random, Kind::Unqualified, name, (*base).to_owned());
    }
    let strangers: BTreeSet<&str> = others.iter().map(|[subject, ..]| subject.as_str()).collect();
    let strangers: Vec<&str> =
        strangers.into_iter().filter(|name| is_word(name) && !words.contains(name)).collect();
    // As many as aliases: how often a name is unknown does not depend on how small the knowledge base is.
    let absent = sample(&mut random, &strangers, held_aliases.len().max(held.len()));
    let absent: Vec<&str> = held.iter().chain(absent).copied().collect();
    for name in sample(&mut random, &absent, most) {
        ask(&mut random, Kind::Nil, name, (*name).to_owned());
        let (_, make) = noise::MAKERS[random.below(noise::MAKERS.len())];
        if let Some(mention) = make(&mut random, name) {
            ask(&mut random, Kind::NilNoise, name, mention);
        }
        for (name, base) in unqualified(&[*name], &words) {
            ask(&mut random, Kind::NilNoise, name, base.to_owned());
        }
    }
    Ok(asked)
}

/// Some names of several words, each with what the knowledge base has instead.
fn shortened<'a>(random: &mut Random, names: &BTreeSet<&'a str>) -> BTreeMap<&'a str, String> {
    let mut shortened = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for name in names {
        if random.chance(NAMES_SHORTENED)
            && let Some(short) = noise::contracted(random, name)
            && !names.contains(short.as_str())
            && taken.insert(short.clone())
        {
            shortened.insert(*name, short);
        }
    }
    shortened
}

/// Names that have a qualifier, each with what it is without, unless that is a name as well.
fn unqualified<'a>(names: &[&'a str], all: &BTreeSet<&str>) -> Vec<(&'a str, &'a str)> {
    let pairs = names.iter().filter_map(|name| Some((*name, without_qualifier(name)?)));
    pairs.filter(|(_, base)| !all.contains(base)).collect()
}

fn is_word(name: &str) -> bool {
    name.chars().any(char::is_alphabetic)
}

type Relations<'a> = BTreeMap<&'a str, Vec<(bool, &'a str)>>;

/// The relations of each name, with whether it is their subject.
fn relations(facts: &[[String; 3]]) -> Relations<'_> {
    let mut relations: Relations<'_> = BTreeMap::new();
    for [subject, predicate, object] in facts {
        relations.entry(subject).or_default().push((true, predicate));
        relations.entry(object).or_default().push((false, predicate));
    }
    relations
}

/// A query about a mention: mostly with a relation that the entity has, sometimes without.
fn context(random: &mut Random, relations: &Relations<'_>, of: &str, mention: String) -> Option<Parts> {
    let own = relations.get(of)?;
    let (forward, predicate) = *random.pick(own)?;
    let forward = forward || own.iter().any(|(forward, _)| *forward) && random.chance(0.7);
    let of_direction: Vec<&str> =
        own.iter().filter(|relation| relation.0 == forward).map(|relation| relation.1).collect();
    let predicate = random.pick(&of_direction).copied().unwrap_or(predicate);
    let predicate = (!forward || random.chance(0.8)).then(|| predicate.into());
    let mention = Some(mention.into());
    Some(match forward {
        true => Parts { subject: mention, predicate, object: None },
        false => Parts { subject: None, predicate, object: mention },
    })
}

fn sample<'a, T>(random: &mut Random, from: &'a [T], most: usize) -> Vec<&'a T> {
    let mut order: Vec<&T> = from.iter().collect();
    random.shuffle(&mut order);
    order.truncate(most);
    order
}

fn rows<const N: usize>(path: &Path) -> Result<Vec<[String; N]>> {
    let text = fs::read_to_string(path).with_context(|| format!("reading `{}`", path.display()))?;
    let row = |line: &str| {
        let fields: Vec<String> = line.split('\t').take(N).map(str::to_owned).collect();
        <[String; N]>::try_from(fields).ok()
    };
    Ok(text.lines().filter_map(row).collect())
}

fn write(path: &Path, lines: impl Iterator<Item = String>) -> Result<()> {
    let text: String = lines.map(|line| line + "\n").collect();
    fs::write(path, text).with_context(|| format!("writing `{}`", path.display()))
}
