//! Asks Tier 2 every gold question and wording of some worlds, with all ingredients and without each, and prints what each is worth.

mod asked;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Parser;
use find_facts_bench::judge::{Reliability, Share};
use find_facts_bench::model;
use find_facts_bench::world::World;
use find_facts_core::{
    Deadline, Fact, FactFinder, FactStore, FindQuery, FinderAnswer, LanguageModel, Mode, Parts, Without,
};
use find_facts_tier2::{Ingredients, Setup, SetupEvent, Tier2, Tier2Config};
use serde::Deserialize;

use asked::{Asked, Worth};

/// What Tier 2 is worth on worlds of gold questions, and what each of its ingredients.
#[derive(Parser)]
struct Arguments {
    /// Folders with facts.tsv and semantic.jsonl.
    #[arg(required = true)]
    worlds: Vec<PathBuf>,
    /// Folder with the models and the ONNX Runtime library; without it no vectors take part.
    #[arg(long)]
    home: Option<PathBuf>,
    /// Where indexes and vectors are kept from one run to the next.
    #[arg(long)]
    state: PathBuf,
    /// A GGUF file that chooses among relations; what it is worth is printed beside the rest.
    #[arg(long)]
    language_model: Option<PathBuf>,
    /// Print this many wrong answers a world.
    #[arg(long, default_value_t = 0)]
    show: usize,
    /// Link names by letters and words only: spares the minutes in which the names of a large world get their vectors.
    #[arg(long)]
    letters: bool,
    /// Only the full configuration.
    #[arg(long)]
    quick: bool,
    /// Print what each of these questions is answered with, instead of gold rows.
    #[arg(long)]
    ask: Vec<String>,
}

/// A gold row; what else it has is for people.
#[derive(Deserialize)]
struct Row {
    query: Given,
    expect: Vec<Fact>,
    kind: String,
}

#[derive(Deserialize)]
struct Given {
    text: Option<Arc<str>>,
    #[serde(flatten)]
    parts: Parts,
}

const ALL: Ingredients =
    Ingredients { lexical: true, embedding: true, templates: true, language_model: true };
const VARIANTS: [(&str, Ingredients); 4] = [
    ("all", ALL),
    ("without lexical", Ingredients { lexical: false, ..ALL }),
    ("without embedding", Ingredients { embedding: false, ..ALL }),
    ("without templates", Ingredients { templates: false, ..ALL }),
];
const WITHOUT_MODEL: Ingredients = Ingredients { language_model: false, ..ALL };

/// What was measured on a world.
#[derive(Default)]
struct Tally {
    kinds: BTreeMap<String, Share>,
    times: Vec<Duration>,
    /// Confidences of what was answered.
    answers: Reliability,
    /// How often a question that has an answer was answered with another.
    wrong: usize,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let embedder = arguments.home.as_deref().map(model::load).transpose()?;
    let model =
        arguments.language_model.as_deref().map(|file| Asked::load(file).map(Arc::new)).transpose()?;
    let mut worth = Worth::default();
    let variants = if arguments.quick { &VARIANTS[..1] } else { &VARIANTS[..] };
    let mut all: Vec<Tally> = variants.iter().map(|_| Tally::default()).collect();
    for folder in &arguments.worlds {
        let name = folder.file_name().context("a world is a folder")?;
        let state = arguments.state.join(name);
        let World { name, store, tier } =
            World::open(folder, &state, embedder.clone().filter(|_| !arguments.letters))?;
        let setup = Setup {
            config: Tier2Config::default(),
            tier1: Arc::new(tier),
            embedder: embedder.clone(),
            language_model: model.clone().map(|model| model as Arc<dyn LanguageModel>),
            vectors: Some(state.join("wordings")),
        };
        let tier = Tier2::build(setup, &*store, &|event| tell(&name, &event), &Deadline::none())?;
        if !arguments.ask.is_empty() {
            for text in &arguments.ask {
                answer_one(&tier, &store, text)?;
            }
            continue;
        }
        let rows = read(&folder.join("semantic.jsonl"))?;
        for (at, (variant, parts)) in variants.iter().enumerate() {
            let varied = tier.with_parts(*parts, &*store)?;
            let show = if at == 0 { arguments.show } else { 0 };
            let tally = run(&varied, &store, &rows, show)?;
            print_row(variant, &name, &tally);
            all[at].merge(tally);
        }
        if let Some(model) = &model {
            let of_world = compare(&tier, &store, &rows, model)?;
            print_worth(&name, &of_world);
            worth.merge(of_world);
        }
    }
    for ((variant, _), tally) in variants.iter().zip(&all).filter(|_| arguments.ask.is_empty()) {
        print_row(variant, "all worlds", tally);
    }
    if arguments.ask.is_empty() {
        print_reliability(&all[0]);
    }
    if model.is_some() && arguments.ask.is_empty() {
        print_worth("all worlds", &worth);
    }
    Ok(())
}

impl Tally {
    fn merge(&mut self, other: Self) {
        for (kind, share) in other.kinds {
            let mine = self.kinds.entry(kind).or_default();
            mine.right += share.right;
            mine.all += share.all;
        }
        self.times.extend(other.times);
        self.answers.merge(&other.answers);
        self.wrong += other.wrong;
    }
}

fn read(path: &Path) -> Result<Vec<Row>> {
    let text = fs::read_to_string(path).with_context(|| format!("reading `{}`", path.display()))?;
    text.lines().filter(|line| !line.trim().is_empty()).map(|line| Ok(serde_json::from_str(line)?)).collect()
}

fn query(parts: Parts, text: Option<Arc<str>>) -> FindQuery {
    let mode = Mode::SemanticExpanded;
    FindQuery {
        parts,
        text,
        mode,
        limit: 10,
        min_confidence: None,
        without: Without::default(),
        remember: true,
    }
}

fn run(tier: &Tier2, store: &Arc<dyn FactStore>, rows: &[Row], show: usize) -> Result<Tally> {
    let mut tally = Tally::default();
    let mut shown = 0;
    for row in rows {
        let query = query(row.query.parts.clone(), row.query.text.clone());
        let start = Instant::now();
        let answer = tier.find(&query, store, &Deadline::none())?;
        tally.times.push(start.elapsed());
        let first = answer.facts.first();
        let right = first.map_or(row.expect.is_empty(), |first| row.expect.contains(&first.fact));
        tally.kinds.entry(row.kind.clone()).or_default().add(right);
        if let Some(first) = first {
            tally.answers.add(first.confidence, right);
        }
        tally.wrong += usize::from(!right && first.is_some() && !row.expect.is_empty());
        if !right && shown < show {
            shown += 1;
            print_miss(tier, store, row, &query, &answer)?;
        }
    }
    Ok(tally)
}

/// Asks every row without the model and with it. Both begin with nothing remembered.
fn compare(tier: &Tier2, store: &Arc<dyn FactStore>, rows: &[Row], model: &Asked) -> Result<Worth> {
    let [without, with] = [WITHOUT_MODEL, ALL].map(|parts| tier.with_parts(parts, &**store));
    let (without, with) = (without?, with?);
    let mut worth = Worth { rows: rows.len(), ..Worth::default() };
    for row in rows {
        let query = query(row.query.parts.clone(), row.query.text.clone());
        model.take_times();
        let after = with.find(&query, store, &Deadline::none())?;
        let times = model.take_times();
        if times.is_empty() {
            continue;
        }
        let before = without.find(&query, store, &Deadline::none())?;
        worth.times.push(times.iter().sum());
        let open = if before.facts.is_empty() { &mut worth.unanswered } else { &mut worth.rivals };
        open.asked += 1;
        let [first, second] =
            [&before, &after].map(|answer| answer.facts.first().map(|found| found.fact.clone()));
        if first != second {
            open.changed += 1;
            let right = |fact: &Option<Fact>| match fact {
                Some(fact) => row.expect.contains(fact),
                None => row.expect.is_empty(),
            };
            open.right_before += usize::from(right(&first));
            open.right_after += usize::from(right(&second));
        }
    }
    Ok(worth)
}

fn answer_one(tier: &Tier2, store: &Arc<dyn FactStore>, text: &str) -> Result<()> {
    let start = Instant::now();
    let answer = tier.find(&query(Parts::default(), Some(text.into())), store, &Deadline::none())?;
    print_answer(text, &answer, start.elapsed());
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the program's output")]
fn print_answer(text: &str, answer: &FinderAnswer, took: Duration) {
    let answers: Vec<&str> = answer.answers.iter().take(4).map(|text| &**text).collect();
    println!("{text}\n    {answers:?} of {} in {took:.1?}; {}", answer.answers.len(), understood(answer));
    if let Some(gap) = &answer.gap {
        println!("    gap: {gap}");
    }
}

fn understood(answer: &FinderAnswer) -> String {
    let links =
        answer.linked.iter().map(|link| format!("{} -> {} {:.2}", link.given, link.entity, link.confidence));
    let expansions = answer.expanded.iter().map(|expansion| {
        format!(
            "{} {:?} {:.2} {:?}",
            expansion.predicate, expansion.direction, expansion.confidence, expansion.by
        )
    });
    links.chain(expansions).collect::<Vec<_>>().join("; ")
}

#[expect(clippy::print_stdout, reason = "the program's output")]
fn print_miss(
    tier: &Tier2,
    store: &Arc<dyn FactStore>,
    row: &Row,
    query: &FindQuery,
    answer: &FinderAnswer,
) -> Result<()> {
    let asked = match &query.text {
        Some(text) => text.to_string(),
        None => format!("{:?} | {:?}", query.parts.subject, query.parts.predicate),
    };
    let expected =
        row.expect.first().map(|fact| format!("{} | {} | {}", fact.subject, fact.predicate, fact.object));
    println!("  {} {asked}  WANTED {expected:?}", row.kind);
    if answer.facts.is_empty() {
        let loose = FindQuery { min_confidence: Some(0.0), ..query.clone() };
        println!("      nothing; best guess {}", understood(&tier.find(&loose, store, &Deadline::none())?));
    } else {
        println!("      GOT {}", understood(answer));
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "the program's output")]
fn print_row(variant: &str, world: &str, tally: &Tally) {
    let mut times = tally.times.clone();
    times.sort();
    let percentile = |share: f64| {
        let at = ((times.len() as f64 * share) as usize).min(times.len().saturating_sub(1));
        times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    let shares: Vec<String> = (tally.kinds.iter())
        .map(|(kind, share)| format!("{kind} {:.3} ({})", share.share(), share.all))
        .collect();
    println!(
        "{variant:18} {world:13} p50 {:6.2} ms p95 {:6.2} ms  wrong {:3}  {}",
        percentile(0.5),
        percentile(0.95),
        tally.wrong,
        shares.join("  ")
    );
}

#[expect(clippy::print_stdout, reason = "the program's output")]
fn print_reliability(tally: &Tally) {
    println!("\n{}\n", tally.answers);
}

#[expect(clippy::print_stdout, reason = "the program's output")]
fn print_worth(world: &str, worth: &Worth) {
    println!("language model     {world:13} {worth}");
}

#[expect(clippy::print_stderr, reason = "progress of a program that people run")]
fn tell(name: &str, event: &SetupEvent) {
    eprintln!("{name}: {event:?}");
}
