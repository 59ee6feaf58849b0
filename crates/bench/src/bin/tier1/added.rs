//! What Tier 1 adds to a request: its answer's time less that of the exact answer to the same request just before.

use std::collections::BTreeMap;
use std::time::Instant;

use anyhow::{Result, bail};
use find_facts_bench::http::{Connection, Request};
use find_facts_bench::server::{FIND_FACTS, Server};
use find_facts_bench::times::{Times, milliseconds};
use serde_json::{Value, json};

use crate::mentions::{self, Query};

/// A server that has just started gets these many questions that do not count.
const WARM_UP: usize = 100;

/// Asks each mention once as if for the first time, and once more when the answer is remembered.
pub(crate) fn measure(server: &Server, seed: u64, most: usize) -> Result<()> {
    let mut operator = server.operator()?;
    let generation = operator.generation()?;
    operator.set_tier1(&generation, Some(100.0))?;
    let queries = mentions::queries(&mut operator, seed, most)?;
    let (warm_up, queries) = queries.split_at(WARM_UP.min(queries.len() / 2));
    let mut caller = Caller(Connection::open(server.public)?);
    caller.ask_all(warm_up)?;
    println!("added latency in ms, {} mentions (seed {seed}), each asked for the first time:", queries.len());
    print(caller.ask_all(queries)?);
    println!("the same once more:");
    print(caller.ask_all(queries)?);
    Ok(())
}

type Added = BTreeMap<String, Vec<f64>>;

fn print(added: Added) {
    println!("{:<28} {:>6} {:>8} {:>8} {:>8} {:>8}", "reached by", "count", "p50", "p95", "p99", "most");
    for (means, times) in added {
        let times = Times::new(times);
        let quantile = |share| times.quantile(share);
        println!(
            "{means:<28} {:>6} {:>8.2} {:>8.2} {:>8.2} {:>8.2}",
            times.count(),
            quantile(0.5),
            quantile(0.95),
            quantile(0.99),
            quantile(1.0)
        );
    }
}

struct Caller(Connection);

impl Caller {
    fn ask_all(&mut self, queries: &[Query]) -> Result<Added> {
        let mut added = Added::new();
        for query in queries {
            let exact = json!({ "query": query, "enhancement_mode": "exact" });
            let (without, _) = self.ask(&exact)?;
            let (with, answer) = self.ask(&json!({ "query": query }))?;
            added.entry(means(&answer)).or_default().push(with - without);
        }
        Ok(added)
    }

    /// Milliseconds, and the answer.
    fn ask(&mut self, body: &Value) -> Result<(f64, Value)> {
        let request = Request::json("POST", FIND_FACTS, &body.to_string());
        let asked = Instant::now();
        let (status, bytes) = self.0.send(&request)?;
        let time = milliseconds(asked.elapsed());
        if status != 200 {
            bail!("a query was refused: {}", String::from_utf8_lossy(bytes));
        }
        Ok((time, serde_json::from_slice(bytes)?))
    }
}

/// By which means the mention was linked, and whether the model had to be asked.
fn means(answer: &Value) -> String {
    let enhancement = &answer["data"]["enhancement"];
    let by = match (&enhancement["linked"][0]["by"], answer["data"]["count"].as_u64()) {
        (Value::String(by), _) => by.as_str(),
        (_, Some(0)) => return "nothing found".to_owned(),
        _ => return "exact matching".to_owned(),
    };
    let asked = enhancement["models"].as_array().is_some_and(|models| !models.is_empty());
    if asked { format!("{by}, model asked") } else { by.to_owned() }
}
