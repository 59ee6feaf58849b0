//! Mentions made from the knowledge base itself: its aliases, and its names as people get them wrong, by a seed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use find_facts_bench::noise::{self, MAKERS};
use find_facts_bench::random::Random;
use find_facts_bench::server::Operator;
use serde_json::{Value, json};

/// A query with a mention in it.
pub(crate) type Query = Value;

/// Up to `most` queries of each kind, all different, in random order.
pub(crate) fn queries(operator: &mut Operator, seed: u64, most: usize) -> Result<Vec<Query>> {
    // Not every name lends itself to every kind of noise.
    let path = format!("/admin/v1/kb/sample?seed={seed}&n={}", (most * 8).min(10_000));
    let sample = operator.call("GET", &path, &Value::Null)?;
    let entities = sample["entities"].as_array().context("the sample has no entities")?;
    let mut random = Random::new(seed);
    let mut seen = BTreeSet::new();
    let mut queries = Vec::new();
    for kind in 0..MAKERS.len() + 3 {
        let mut left = most;
        for entity in entities {
            let name = entity["name"].as_str().unwrap_or_default();
            let mention = match kind {
                0 => entity["aliases"][0].as_str().map(str::to_owned),
                1 => noise::typo(&mut random, name).and_then(|slipped| noise::typo(&mut random, &slipped)),
                2 => crossed(name, random.pick(entities).and_then(|other| other["name"].as_str())),
                _ => MAKERS[kind - 3].1(&mut random, name),
            };
            let Some(mention) = mention.filter(|mention| left > 0 && seen.insert(mention.clone())) else {
                continue;
            };
            let part = entity["part"].as_str().unwrap_or("subject");
            queries.push(json!({ part: mention, "predicate": entity["facts"][0]["predicate"] }));
            left -= 1;
        }
    }
    random.shuffle(&mut queries);
    Ok(queries)
}

/// The beginning of one name and the end of another: most likely a name of nothing.
fn crossed(one: &str, other: Option<&str>) -> Option<String> {
    let (first, last) = (one.split(' ').next()?, other?.split(' ').next_back()?);
    (first.len() > 3 && last.len() > 3).then(|| format!("{first} {last}"))
}

/// All names of a knowledge base, in the order of the facts.
pub(crate) fn names(kb: &Path) -> Result<Vec<String>> {
    let path = kb.join("facts.tsv");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read `{}`", path.display()))?;
    let mut seen = BTreeSet::new();
    let names = text.lines().filter_map(|line| line.split('\t').next());
    Ok(names.filter(|name| seen.insert(*name)).map(str::to_owned).collect())
}
