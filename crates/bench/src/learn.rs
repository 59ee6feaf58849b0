//! Learns the ranking's weights: the likelihood of the right entity, or of "none of them", among all that were weighed.

use std::panic::resume_unwind;
use std::thread;

use find_facts_tier1::features::{FEATURES, Row};
use find_facts_tier1::net::{HIDDEN, Net, softmax};

use crate::random::Random;

/// One mention: the rows of each entity that was weighed ("none of them" is one), and which is right.
#[derive(Debug, Clone)]
pub struct Example {
    /// Rows by entity; an entity counts with its best row.
    pub entities: Vec<Vec<Packed>>,
    /// Index of the right entity.
    pub right: usize,
    /// How much the mention counts.
    pub weight: f32,
}

/// A row in half the memory, to a 4096th.
#[derive(Debug, Clone, Copy)]
pub struct Packed([i16; FEATURES]);

/// Steps of one in a packed row, which holds up to eight.
const STEPS: f32 = 4096.0;

impl From<&Row> for Packed {
    fn from(row: &Row) -> Self {
        // A float too large for the type becomes its largest.
        Self(row.map(|value| (value * STEPS).round() as i16))
    }
}

impl From<&Packed> for Row {
    fn from(packed: &Packed) -> Self {
        packed.0.map(|value| f32::from(value) / STEPS)
    }
}

/// How to learn.
#[derive(Debug, Clone, Copy)]
pub struct Schedule {
    /// Times every example is seen.
    pub epochs: usize,
    /// Step size at the start; it falls to nothing by the end.
    pub rate: f32,
    /// Pull of every weight towards zero.
    pub decay: f32,
}

/// Nets that are learned from different seeds: their mean does better on a knowledge base that none of them has seen.
const NETS: usize = 3;
/// Hidden units of each.
const UNITS: usize = HIDDEN / NETS;
const BATCH: usize = 32;

/// Learns a net from examples: the mean of several small ones.
pub fn learn(examples: &[&Example], schedule: Schedule) -> Net {
    let share = 1.0 / NETS as f32;
    let mut mean = Net {
        linear: [0.0; FEATURES],
        hidden: [[0.0; FEATURES]; HIDDEN],
        bias: [0.0; HIDDEN],
        out: [0.0; HIDDEN],
    };
    let nets = thread::scope(|scope| {
        let seeds = 1..=NETS as u64;
        let started: Vec<_> =
            seeds.map(|seed| scope.spawn(move || learn_one(examples, schedule, seed))).collect();
        started
            .into_iter()
            .map(|net| net.join().unwrap_or_else(|panic| resume_unwind(panic)))
            .collect::<Vec<_>>()
    });
    for (nth, net) in nets.iter().enumerate() {
        let units = nth * UNITS..(nth + 1) * UNITS;
        add(&mut mean.linear, &net.linear, share);
        mean.hidden[units.clone()].copy_from_slice(&net.hidden);
        mean.bias[units.clone()].copy_from_slice(&net.bias);
        mean.out[units].copy_from_slice(&net.out.map(|out| out * share));
    }
    mean
}

fn learn_one(examples: &[&Example], schedule: Schedule, seed: u64) -> Net<UNITS> {
    let mut random = Random::new(seed);
    let mut flat: Vec<f32> = (0..PARAMETERS).map(|_| random.normal() * 0.15).collect();
    flat[..FEATURES].fill(0.0);
    let (mut mean, mut square) = (vec![0.0f32; PARAMETERS], vec![0.0f32; PARAMETERS]);
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let steps = (schedule.epochs * examples.len().div_ceil(BATCH)).max(1);
    let mut step = 0;
    for _ in 0..schedule.epochs {
        random.shuffle(&mut order);
        for batch in order.chunks(BATCH) {
            let mut slope = vec![0.0f32; PARAMETERS];
            for at in batch {
                add_slope(&flat, examples[*at], &mut slope);
            }
            step += 1;
            let rate = schedule.rate * (1.0 - step as f32 / steps as f32);
            for at in 0..PARAMETERS {
                let slope = slope[at] / batch.len() as f32 + schedule.decay * flat[at];
                mean[at] = 0.9 * mean[at] + 0.1 * slope;
                square[at] = 0.999 * square[at] + 0.001 * slope * slope;
                let unbiased = mean[at] / (1.0 - 0.9f32.powi(step.min(1000)));
                let spread = square[at] / (1.0 - 0.999f32.powi(step.min(20_000)));
                flat[at] -= rate * unbiased / (spread.sqrt() + 1e-8);
            }
        }
    }
    unflatten(&flat)
}

/// The mean negative log-likelihood of examples.
pub fn loss(net: &Net, examples: &[&Example]) -> f32 {
    let weight: f32 = examples.iter().map(|example| example.weight).sum();
    let one = |example: &&Example| -example.weight * chances(net, example).0[example.right].max(1e-9).ln();
    examples.iter().map(one).sum::<f32>() / weight
}

/// The probability of each entity of an example, and its best row.
pub fn chances(net: &Net, example: &Example) -> (Vec<f32>, Vec<Row>) {
    chances_by(|row| net.score(row), example)
}

fn chances_by(score: impl Fn(&Row) -> f32, example: &Example) -> (Vec<f32>, Vec<Row>) {
    let scored = |packed: &Packed| {
        let row = Row::from(packed);
        (score(&row), row)
    };
    let best = |rows: &Vec<Packed>| rows.iter().map(scored).max_by(|a, b| a.0.total_cmp(&b.0));
    let (mut scores, rows): (Vec<f32>, Vec<Row>) = example.entities.iter().filter_map(best).unzip();
    softmax(&mut scores);
    (scores, rows)
}

/// The parameters of one net lie flat: the linear weights, the hidden weights feature by feature, the bias, the output weights. Feature by
/// feature all units are summed at once, which a compiler does several at a time.
const BIAS: usize = FEATURES * (1 + UNITS);
const OUT: usize = BIAS + UNITS;
const PARAMETERS: usize = OUT + UNITS;

/// What the hidden units have before they are cut off at 0.
fn units(flat: &[f32], row: &Row) -> [f32; UNITS] {
    let mut units = [0.0; UNITS];
    units.copy_from_slice(&flat[BIAS..OUT]);
    for (value, weights) in row.iter().zip(flat[FEATURES..BIAS].chunks_exact(UNITS)) {
        if *value != 0.0 {
            add(&mut units, weights, *value);
        }
    }
    units
}

fn score(flat: &[f32], row: &Row) -> f32 {
    let linear: f32 = row.iter().zip(flat).map(|(value, weight)| value * weight).sum();
    linear + units(flat, row).iter().zip(&flat[OUT..]).map(|(unit, out)| unit.max(0.0) * out).sum::<f32>()
}

fn add_slope(flat: &[f32], example: &Example, slope: &mut [f32]) {
    let (chances, rows) = chances_by(|row| score(flat, row), example);
    for (at, (chance, row)) in chances.iter().zip(&rows).enumerate() {
        let pull = example.weight * (chance - f32::from(u8::from(at == example.right)));
        if pull.abs() < 1e-5 {
            continue;
        }
        add(&mut slope[..FEATURES], row, pull);
        let units = units(flat, row);
        let active: [f32; UNITS] =
            std::array::from_fn(|unit| if units[unit] > 0.0 { pull * flat[OUT + unit] } else { 0.0 });
        for (value, slope) in row.iter().zip(slope[FEATURES..BIAS].chunks_exact_mut(UNITS)) {
            if *value != 0.0 {
                add(slope, &active, *value);
            }
        }
        add(&mut slope[BIAS..OUT], &active, 1.0);
        for (slope, unit) in slope[OUT..].iter_mut().zip(units) {
            *slope += pull * unit.max(0.0);
        }
    }
}

fn add(sums: &mut [f32], values: &[f32], times: f32) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += times * value;
    }
}

fn unflatten(flat: &[f32]) -> Net<UNITS> {
    let mut net = Net {
        linear: [0.0; FEATURES],
        hidden: [[0.0; FEATURES]; UNITS],
        bias: [0.0; UNITS],
        out: [0.0; UNITS],
    };
    net.linear.copy_from_slice(&flat[..FEATURES]);
    for (feature, weights) in flat[FEATURES..BIAS].chunks_exact(UNITS).enumerate() {
        for (unit, weight) in net.hidden.iter_mut().zip(weights) {
            unit[feature] = *weight;
        }
    }
    net.bias.copy_from_slice(&flat[BIAS..OUT]);
    net.out.copy_from_slice(&flat[OUT..]);
    net
}
