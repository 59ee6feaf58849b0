//! Asks Tier 1 every gold query of some worlds, with all ingredients and without each, and prints what each is worth.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use find_facts_bench::gold::{self, Gold};
use find_facts_bench::judge::{Tally, is_right};
use find_facts_bench::model;
use find_facts_bench::world::World;
use find_facts_core::{Deadline, FactFinder, FinderAnswer};
use find_facts_tier1::{Ingredients, Tier1};

/// What Tier 1 is worth on worlds of gold queries, and what each of its ingredients.
#[derive(Parser)]
struct Arguments {
    /// Folders with facts.tsv, aliases.tsv and entity_variation.jsonl.
    #[arg(required = true)]
    worlds: Vec<PathBuf>,
    /// Folder with the models and the ONNX Runtime library; without it no vectors take part.
    #[arg(long)]
    home: Option<PathBuf>,
    /// Where indexes and vectors are kept from one run to the next.
    #[arg(long)]
    state: PathBuf,
    /// Print this many wrong answers a world.
    #[arg(long, default_value_t = 0)]
    show: usize,
    /// Only the full configuration.
    #[arg(long)]
    quick: bool,
}

const VARIANTS: [(&str, Ingredients); 5] = [
    ("all", Ingredients { lexical: true, embedding: true, context: true, codes: true }),
    ("without lexical", Ingredients { lexical: false, embedding: true, context: true, codes: true }),
    ("without embedding", Ingredients { lexical: true, embedding: false, context: true, codes: true }),
    ("without context", Ingredients { lexical: true, embedding: true, context: false, codes: true }),
    ("without codes", Ingredients { lexical: true, embedding: true, context: true, codes: false }),
];

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let embedder = arguments.home.as_deref().map(model::load).transpose()?;
    let mut worlds = Vec::new();
    for folder in &arguments.worlds {
        let name = folder.file_name().context("a world is a folder")?;
        let world = World::open(folder, &arguments.state.join(name), embedder.clone())?;
        worlds.push((world, gold::read(&folder.join("entity_variation.jsonl"))?));
    }
    let variants = if arguments.quick { &VARIANTS[..1] } else { &VARIANTS[..] };
    for (at, (name, parts)) in variants.iter().enumerate() {
        let mut all = Tally::default();
        for (world, gold) in &worlds {
            let show = if at == 0 { arguments.show } else { 0 };
            let tally = run(world, &world.tier.with_parts(*parts), gold, show)?;
            print_row(name, &world.name, &tally);
            all.merge(&tally);
        }
        print_row(name, "all worlds", &all);
        if at == 0 {
            print_reliability(&all);
        }
    }
    Ok(())
}

fn run(world: &World, tier: &Tier1, gold: &[Gold], show: usize) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut shown = 0;
    for gold in gold {
        let query = gold::query(gold.query.clone());
        let start = Instant::now();
        // What exact matching finds is the answer, as in the service.
        let exact = world.store.find((&query.parts).into(), 1, &Deadline::none())?;
        let answer = match exact.is_empty() {
            true => tier.find(&query, &world.store, &Deadline::none())?,
            false => FinderAnswer {
                facts: exact
                    .into_iter()
                    .map(|fact| find_facts_core::RankedFact { fact, confidence: 1.0 })
                    .collect(),
                ..FinderAnswer::default()
            },
        };
        tally.add(gold, &answer, start.elapsed());
        if !is_right(gold, &answer) && shown < show {
            shown += 1;
            print_miss(world, tier, gold, &answer);
        }
    }
    Ok(tally)
}

#[expect(clippy::print_stdout, reason = "the program's output")]
fn print_row(variant: &str, world: &str, tally: &Tally) {
    let shares: Vec<String> = (tally.variations.iter())
        .map(|(name, share)| format!("{name} {:.3} ({})", share.share(), share.all))
        .collect();
    let milliseconds = |share| tally.percentile(share).as_secs_f64() * 1e3;
    println!(
        "{variant:18} {world:12} p50 {:6.2} ms p95 {:6.2} ms  {}",
        milliseconds(0.5),
        milliseconds(0.95),
        shares.join("  ")
    );
}

#[expect(clippy::print_stdout, reason = "the program's output")]
fn print_reliability(tally: &Tally) {
    println!("\n{}\n", tally.links);
}

#[expect(clippy::print_stdout, reason = "the program's output")]
fn print_miss(world: &World, tier: &Tier1, gold: &Gold, answer: &FinderAnswer) {
    let given: Vec<&Arc<str>> =
        [&gold.query.subject, &gold.query.predicate, &gold.query.object].into_iter().flatten().collect();
    println!(
        "  {} {:?} meant {:?} linked {:?}",
        gold.variation,
        given,
        gold.canonical,
        answer.linked.iter().map(|link| (&*link.entity, link.confidence, link.by)).collect::<Vec<_>>()
    );
    let mut query = gold::query(gold.query.clone());
    query.min_confidence = Some(0.0);
    if let Ok(loose) = tier.find(&query, &world.store, &Deadline::none()) {
        println!(
            "      best guess {:?}",
            loose.linked.iter().map(|link| (&*link.entity, link.confidence, link.by)).collect::<Vec<_>>()
        );
    }
}
