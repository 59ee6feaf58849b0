//! Learns the weights of Tier 2 from rehearsals, and says how well they do on made-up knowledge bases not learned from.
//! Neither gold questions nor anybody's knowledge base is read.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Result;
use clap::Parser;
use find_facts_bench::model::{self, Remembering};
use find_facts_bench::random::Random;
use find_facts_core::Embedder;
use find_facts_tier2::rehearsal::{Case, Known, Place, Weights, rehearse};

/// Learns Tier 2's weights.
#[derive(Parser)]
struct Arguments {
    /// Folder with the models and the ONNX Runtime library.
    #[arg(long)]
    home: PathBuf,
    /// File in which vectors are kept from one run to the next.
    #[arg(long)]
    vectors: PathBuf,
    /// Knowledge bases that are made up; every fourth is not learned from.
    #[arg(long, default_value_t = 400)]
    worlds: u64,
    /// Steps of the descent.
    #[arg(long, default_value_t = 400)]
    steps: usize,
}

/// What cases count: of ten, seven have an answer; as many of the others ask for what the entity lacks as for what the whole
/// knowledge base does. Most relations are known by some of their wordings.
const ANSWERABLE: f32 = 0.7;
const OF_KNOWN: [(Known, f32); 3] = [(Known::Name, 0.3), (Known::Half, 0.5), (Known::All, 0.2)];
const OF_PLACE: [(Place, f32); 3] = [
    (Place::Here, ANSWERABLE),
    (Place::Elsewhere, (1.0 - ANSWERABLE) / 2.0),
    (Place::Nowhere, (1.0 - ANSWERABLE) / 2.0),
];
const BATCH: usize = 2000;
const RATE: f32 = 0.1;
/// Half the distance over which a slope is measured.
const APART: f32 = 0.02;
/// The confidence from which on Tier 2 answers.
const ANSWERED: f32 = 0.4;

/// A case and what it counts.
struct Weighed {
    case: Case,
    counts: f32,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let embedder = Arc::new(Remembering::new(model::load(&arguments.home)?, arguments.vectors.clone()));
    for vectors in [true, false] {
        let (mut learned, mut judged) = (Vec::new(), Vec::new());
        for seed in 1..=arguments.worlds {
            let mut random = Random::new(seed);
            let embedder = Some(&*embedder as &dyn Embedder).filter(|_| vectors);
            let cases = rehearse(&mut |end| random.below(end), embedder)?;
            if seed % 4 == 0 { judged.extend(cases) } else { learned.extend(cases) }
        }
        embedder.save()?;
        for question in [true, false] {
            let of = |cases: &[Case]| {
                weigh(cases.iter().filter(|case| case.question == question).cloned().collect())
            };
            let (learned, judged) = (of(&learned), of(&judged));
            let before = Weights::of(question, vectors);
            let after = learn(before, &learned, arguments.steps, vectors);
            print(&format!("question: {question}, vectors: {vectors}, {} cases", learned.len()), &after);
            for (name, weights) in [("before", before), ("after", &after)] {
                judge(name, weights, &judged);
            }
        }
    }
    Ok(())
}

fn weigh(cases: Vec<Case>) -> Vec<Weighed> {
    let like = |known: Known, place: Place| {
        cases.iter().filter(|case| (case.known, case.place) == (known, place)).count() as f32
    };
    let mut counts = Vec::new();
    for (known, of_known) in OF_KNOWN {
        for (place, of_place) in OF_PLACE {
            counts.push(((known, place), of_known * of_place / like(known, place).max(1.0)));
        }
    }
    let of = |case: &Case| {
        counts.iter().find(|(group, _)| *group == (case.known, case.place)).map_or(0.0, |(_, counts)| *counts)
    };
    let counts: Vec<f32> = cases.iter().map(of).collect();
    cases.into_iter().zip(counts).map(|(case, counts)| Weighed { case, counts }).collect()
}

fn loss<'a>(weights: &Weights, cases: impl Iterator<Item = &'a Weighed>) -> f32 {
    let (mut sum, mut counts) = (0.0, 0.0);
    for weighed in cases {
        sum -= weighed.counts * weighed.case.chance_of_right(weights).max(1e-6).ln();
        counts += weighed.counts;
    }
    sum / counts
}

/// Adam on slopes measured by difference: eleven weights need no derivative.
fn learn(start: &Weights, cases: &[Weighed], steps: usize, vectors: bool) -> Weights {
    let mut weights = *start;
    let mut random = Random::new(1);
    let (mut mean, mut square) = ([0.0f32; 11], [0.0f32; 11]);
    for step in 1..=steps {
        let batch: Vec<&Weighed> = (0..BATCH).filter_map(|_| random.pick(cases)).collect();
        let mut there = weights;
        for at in 0..mean.len() {
            // Without vectors there is no cosine to weigh.
            if there.values_mut()[at].0 == "cosine" && !vectors {
                continue;
            }
            let mut loss_beside = |by: f32| {
                *there.values_mut()[at].1 += by;
                let loss = loss(&there, batch.iter().copied());
                *there.values_mut()[at].1 -= by;
                loss
            };
            let slope = (loss_beside(APART) - loss_beside(-APART)) / (2.0 * APART);
            mean[at] = 0.9 * mean[at] + 0.1 * slope;
            square[at] = 0.99 * square[at] + 0.01 * slope * slope;
            let unbiased = |value: f32, keep: f32| value / (1.0 - keep.powi(step as i32));
            let rate = RATE * (1.0 - step as f32 / steps as f32);
            let spread = unbiased(square[at], 0.99).sqrt() + 1e-6;
            *weights.values_mut()[at].1 -= rate * unbiased(mean[at], 0.9) / spread;
        }
        // What relations elsewhere and strange words count is never in favour of an answer.
        for value in [&mut weights.elsewhere, &mut weights.elsewhere_power, &mut weights.strange] {
            *value = value.max(APART);
        }
        weights.elsewhere_power = weights.elsewhere_power.min(1.0);
    }
    weights
}

#[expect(clippy::print_stdout, reason = "the program's output")]
fn print(title: &str, weights: &Weights) {
    println!("{title}");
    for (name, value) in weights.clone().values_mut() {
        println!("    {name}: {value:.2},");
    }
}

#[expect(clippy::print_stdout, reason = "the program's output")]
fn judge(name: &str, weights: &Weights, cases: &[Weighed]) {
    println!("  {name}: loss {:.4}", loss(weights, cases.iter()));
    let results: Vec<(&Weighed, f32, bool)> = (cases.iter())
        .map(|weighed| {
            let (chance, right) = weighed.case.best(weights);
            (weighed, chance, right)
        })
        .collect();
    for (known, _) in OF_KNOWN {
        let share = |place: Place, holds: &dyn Fn(f32, bool) -> bool| {
            let of = |(weighed, ..): &&(&Weighed, f32, bool)| {
                (weighed.case.known, weighed.case.place) == (known, place)
            };
            let all = results.iter().filter(of).count();
            let held = results.iter().filter(of).filter(|(_, chance, right)| holds(*chance, *right)).count();
            held as f32 / all.max(1) as f32
        };
        println!(
            "    {known:?}: answered right {:.3}, wrong {:.3}; refused where the entity lacks it {:.3}, the knowledge base {:.3}",
            share(Place::Here, &|chance, right| chance >= ANSWERED && right),
            share(Place::Here, &|chance, right| chance >= ANSWERED && !right),
            share(Place::Elsewhere, &|chance, _| chance < ANSWERED),
            share(Place::Nowhere, &|chance, _| chance < ANSWERED),
        );
    }
    let mut error = 0.0;
    let mut bins = Vec::new();
    for bin in 0..10 {
        let inside = |chance: f32| ((chance * 10.0) as usize).min(9) == bin;
        let (mut counts, mut sure, mut rights) = (0.0f32, 0.0, 0.0);
        for (weighed, chance, right) in results.iter().filter(|(_, chance, _)| inside(*chance)) {
            counts += weighed.counts;
            sure += weighed.counts * chance;
            rights += if *right { weighed.counts } else { 0.0 };
        }
        if counts > 0.0 {
            bins.push(format!("{:.2}/{:.2}", sure / counts, rights / counts));
            error += (sure - rights).abs();
        }
    }
    let all: f32 = cases.iter().map(|weighed| weighed.counts).sum();
    println!("    confidence/right: {}; ECE {:.3}", bins.join(" "), error / all);
}
