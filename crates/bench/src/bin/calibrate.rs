//! Learns the ranking's weights from splits of knowledge bases by themselves, and says how well they do on splits not learned from.
//! Gold queries are never read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result};
use clap::Parser;
use find_facts_bench::judge::Share;
use find_facts_bench::learn::{Example, Packed, Schedule, chances, learn, loss};
use find_facts_bench::model::{self, Remembering};
use find_facts_bench::split::{Asked, Kind, Split, split};
use find_facts_bench::world::{World, vectors_of};
use find_facts_bench::{gold, weights};
use find_facts_core::{Deadline, Embedder};
use find_facts_tier1::features::value;
use find_facts_tier1::net::Net;
use find_facts_tier1::{Ingredients, Tier1, Weighed};

/// Learns Tier 1's weights.
#[derive(Parser)]
struct Arguments {
    /// Folders with facts.tsv and, where there are any, aliases.tsv.
    #[arg(required = true)]
    worlds: Vec<PathBuf>,
    /// Folder with the models and the ONNX Runtime library.
    #[arg(long)]
    home: PathBuf,
    /// Folder in which `ablation` keeps the worlds' vectors; they are read, and the mentions' are kept beside them.
    #[arg(long)]
    state: PathBuf,
    /// Where to write the weights, as a Rust source file; nowhere by default.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Splits of each world.
    #[arg(long, default_value_t = 2)]
    splits: u64,
    /// At most this many mentions of each kind from a split.
    #[arg(long, default_value_t = 1000)]
    most: usize,
    /// Learn from all other worlds, and judge by this one.
    #[arg(long)]
    leave_out: Option<String>,
    /// Step size at the start.
    #[arg(long, default_value_t = 0.005)]
    rate: f32,
    /// Pull of every weight towards zero.
    #[arg(long, default_value_t = 3e-4)]
    decay: f32,
    /// Times every mention is seen.
    #[arg(long, default_value_t = 20)]
    epochs: usize,
}

/// Subjects of the parts that are split like a whole knowledge base: where there are few names, nothing else being near says less.
const SMALL: usize = 500;

/// A mention as both nets see it.
struct Case {
    world: String,
    kind: Kind,
    /// Whether whole names settled it.
    settled: bool,
    /// Without vectors.
    lexical: Example,
    /// With them, where the tier would ask for them.
    full: Option<Example>,
    nothing: bool,
    /// Whether what is meant is among what was weighed.
    found: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mentions = arguments.state.join("mentions");
    let embedder = Arc::new(Remembering::new(model::load(&arguments.home)?, mentions));
    let mut cases = Vec::new();
    for folder in &arguments.worlds {
        for seed in 1..=arguments.splits {
            for subjects in [usize::MAX, SMALL] {
                let how = Split { seed, most: arguments.most, subjects };
                cases.extend(cases_of(folder, how, &arguments, embedder.clone())?);
            }
        }
        embedder.save()?;
    }
    balance(&mut cases);
    let left_out = |case: &Case| arguments.leave_out.as_deref() == Some(&case.world);
    let judged: Vec<bool> = (cases.iter().enumerate())
        .map(|(at, case)| if arguments.leave_out.is_some() { left_out(case) } else { at % 5 == 0 })
        .collect();
    let from = |regime: Regime, judge: bool| -> Vec<&Example> {
        let chosen = cases.iter().zip(&judged).filter(|(_, judged)| **judged == judge);
        chosen.filter_map(|(case, _)| example_for(case, regime)).collect()
    };
    let schedule = Schedule { epochs: arguments.epochs, rate: arguments.rate, decay: arguments.decay };
    let [whole, lexical, full] = Regime::ALL.map(|regime| {
        let (learned, judged) = (from(regime, false), from(regime, true));
        let net = learn(&learned, schedule);
        let (fitted, kept) = (loss(&net, &learned), loss(&net, &judged));
        report(&format!(
            "{regime:?}: {} mentions, loss {fitted:.4}, on those not learned from {kept:.4}",
            learned.len()
        ));
        net
    });
    judge(&cases, &judged, [&whole, &lexical, &full]);
    if let Some(path) = &arguments.out {
        fs::write(path, weights::source(&whole, &lexical, &full))?;
    }
    Ok(())
}

/// The three nets, by what they weigh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Regime {
    Whole,
    Lexical,
    Full,
}

impl Regime {
    const ALL: [Regime; 3] = [Regime::Whole, Regime::Lexical, Regime::Full];
}

/// What a net learns from a case. Whole names learn only to tell namesakes apart, so one alone teaches nothing; made-up
/// short forms, parts and names without their qualifier are no whole names.
fn example_for(case: &Case, regime: Regime) -> Option<&Example> {
    let is_name = !matches!(case.kind, Kind::Short | Kind::Part | Kind::Unqualified);
    let namesakes = case.settled && is_name && case.found && case.lexical.entities.len() > 1;
    match regime {
        Regime::Whole => namesakes.then_some(&case.lexical),
        Regime::Lexical => (!case.settled).then_some(&case.lexical),
        Regime::Full => case.full.as_ref(),
    }
}

/// Splits a world, asks the rest of it, and keeps what was weighed.
fn cases_of(
    folder: &Path,
    how: Split,
    arguments: &Arguments,
    embedder: Arc<dyn Embedder>,
) -> Result<Vec<Case>> {
    let rest = tempfile::tempdir()?;
    let asked = split(folder, rest.path(), how)?;
    let name = folder.file_name().context("a world is a folder")?.to_string_lossy().into_owned();
    let state = rest.path().join("state");
    fs::create_dir_all(&state)?;
    fs::copy(vectors_of(&arguments.state.join(&name)), vectors_of(&state)).ok();
    let world = World::open(rest.path(), &state, Some(embedder))?;
    let parts = Ingredients::default();
    let plain = world.tier.with_parts(Ingredients { embedding: false, ..parts });
    let mut cases = Vec::new();
    for asked in asked {
        let lexical = weighed(&world, &plain, &asked)?;
        // What is no word and no whole name is not weighed at all.
        if lexical.is_empty() {
            continue;
        }
        let full = weighed(&world, &world.tier, &asked)?;
        let embedded = full.last().is_some_and(|nil| value(&nil.row, "nil_cosine_best") != 0.0);
        let settled = lexical.iter().all(|row| row.entity.is_some());
        let nothing = asked.meant.is_none();
        let found = !nothing && lexical.iter().any(|row| row.entity.as_deref() == asked.meant.as_deref());
        cases.push(Case {
            world: name.clone(),
            kind: asked.kind,
            settled,
            lexical: example(lexical, &asked),
            full: embedded.then(|| example(full, &asked)),
            nothing,
            found,
        });
    }
    Ok(cases)
}

fn weighed(world: &World, tier: &Tier1, asked: &Asked) -> Result<Vec<Weighed>> {
    Ok(tier.inspect(&gold::query(asked.parts.clone()), &*world.store, &Deadline::none())?)
}

/// "None of them" is right where the entity was held back, and where it is not among those weighed.
fn example(weighed: Vec<Weighed>, asked: &Asked) -> Example {
    let mut entities: BTreeMap<Option<Arc<str>>, Vec<Packed>> = BTreeMap::new();
    for row in weighed {
        entities.entry(row.entity).or_default().push((&row.row).into());
    }
    let meant = entities.keys().position(|name| name.is_some() && name.as_deref() == asked.meant.as_deref());
    let nil = entities.keys().position(Option::is_none).unwrap_or(0);
    Example {
        right: meant.unwrap_or(nil),
        entities: entities.into_values().collect(),
        weight: weight_of(asked.kind),
    }
}

/// Roughly how often people write each, among what exact matching does not find; made-up noise less, because there is so much of it.
fn weight_of(kind: Kind) -> f32 {
    match kind {
        Kind::Typo => 5.0,
        Kind::HeldAlias => 2.0,
        Kind::Unqualified | Kind::WrittenOut | Kind::Nil => 1.0,
        Kind::KeptAlias | Kind::Case | Kind::Part => 0.3,
        Kind::NilNoise => 0.4,
        Kind::Short => 0.15,
    }
}

/// Every world counts the same, however large it is.
fn balance(cases: &mut [Case]) {
    let mut sums: BTreeMap<String, f32> = BTreeMap::new();
    for case in cases.iter() {
        *sums.entry(case.world.clone()).or_default() += case.lexical.weight;
    }
    let mean = sums.values().sum::<f32>() / sums.len().max(1) as f32;
    for case in cases {
        let factor = (mean / sums[&case.world]).min(4.0);
        case.lexical.weight *= factor;
        if let Some(full) = &mut case.full {
            full.weight *= factor;
        }
    }
}

/// Prints how the cases that were not learned from come out, at the tier's default threshold.
fn judge(cases: &[Case], judged: &[bool], nets: [&Net; 3]) {
    let mut shares: BTreeMap<(&str, Kind), Share> = BTreeMap::new();
    let mut gaps = [(0.0f64, 0usize, 0usize); 10];
    for (case, _) in cases.iter().zip(judged).filter(|(_, judged)| **judged) {
        let (answered, right, confidence) = outcome(case, nets);
        let good = if case.nothing { !answered } else { answered && right };
        shares.entry((&case.world, case.kind)).or_default().add(good);
        if answered {
            let bin = &mut gaps[((confidence * 10.0) as usize).min(9)];
            *bin = (bin.0 + f64::from(confidence), bin.1 + 1, bin.2 + usize::from(right && !case.nothing));
        }
    }
    for ((world, kind), share) in shares {
        report(&format!("{world:12} {:12} {:.3} ({})", format!("{kind:?}"), share.share(), share.all));
    }
    for (sum, count, right) in gaps.into_iter().filter(|bin| bin.1 > 0) {
        report(&format!(
            "confidence {:.3}: right {:.3} of {count}",
            sum / count as f64,
            right as f64 / count as f64
        ));
    }
}

/// Whether the tier would answer, whether with the right entity, and with which confidence.
fn outcome(case: &Case, [whole, lexical, full]: [&Net; 3]) -> (bool, bool, f32) {
    let said = |example: &Example, (at, confidence, unfit): (usize, f32, bool), trust: f32| {
        let confidence = confidence * trust;
        (confidence >= 0.7 && !unfit, at == example.right, confidence)
    };
    if case.settled {
        return said(&case.lexical, best(whole, &case.lexical), 0.98);
    }
    let first = best(lexical, &case.lexical);
    match &case.full {
        Some(example) if first.1 < 0.95 => said(example, best(full, example), 1.0),
        _ => said(&case.lexical, first, 1.0),
    }
}

/// The most probable entity but "none of them", its probability, and whether the query speaks against it.
fn best(net: &Net, example: &Example) -> (usize, f32, bool) {
    let (chances, rows) = chances(net, example);
    let entities = (0..).zip(chances.into_iter().zip(rows)).filter(|(_, (_, row))| value(row, "nil") == 0.0);
    let found = entities.max_by(|a, b| a.1.0.total_cmp(&b.1.0));
    found.map_or((usize::MAX, 0.0, true), |(at, (chance, row))| (at, chance, value(&row, "unfit") > 0.5))
}

#[expect(clippy::print_stdout, reason = "the program's output")]
fn report(line: &str) {
    println!("{line}");
}
