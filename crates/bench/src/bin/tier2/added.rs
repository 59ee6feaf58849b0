//! What Tier 2 adds to a request: its answer's time less that of the exact answer to the same request just before.

use std::time::Instant;

use anyhow::{Result, bail};
use find_facts_bench::http::{Connection, Request};
use find_facts_bench::server::{FIND_FACTS, Server};
use find_facts_bench::times::{Times, milliseconds};
use serde_json::{Value, json};

use crate::rows::Row;

/// Upper bounds of a histogram's bins, in milliseconds.
const BOUNDS: [f64; 10] = [0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0, 80.0, 250.0];

/// Asks every row for the first time; then with another limit, so that its answer is not remembered but everything that led
/// to it is; then the same once more.
pub(crate) fn measure(server: &Server, rows: &[Row], model: &str) -> Result<()> {
    let mut caller = Connection::open(server.public)?;
    println!("added latency in ms, {} questions and wordings:", rows.len());
    println!("{:<44} {:>6} {:>8} {:>8} {:>8} {:>8}", "", "count", "p50", "p95", "p99", "most");
    let (cold, asked) = ask_all(&mut caller, rows, 10, model)?;
    let known = ask_all(&mut caller, rows, 11, model)?.0;
    let again = ask_all(&mut caller, rows, 11, model)?.0;
    let [cold, asked, known, again] = [cold, asked, known, again].map(Times::new);
    print("for the first time", &cold);
    print(&format!("of these with `{model}` asked"), &asked);
    print("its relations known, the answer not", &known);
    print("the same once more", &again);
    println!(
        "\n{:<16} {:>16} {:>16} {:>16}",
        "at most, ms", "the first time", "relations known", "once more"
    );
    let counts = [cold, known, again].map(|times| times.histogram(&BOUNDS));
    let bounds = BOUNDS.iter().map(f64::to_string).chain(["more".to_owned()]);
    for (at, bound) in bounds.enumerate() {
        let [cold, known, again] = [0, 1, 2].map(|kind: usize| counts[kind][at]);
        println!("{bound:<16} {cold:>16} {known:>16} {again:>16}");
    }
    Ok(())
}

fn print(what: &str, times: &Times) {
    let quantile = |share| times.quantile(share);
    println!(
        "{what:<44} {:>6} {:>8.2} {:>8.2} {:>8.2} {:>8.2}",
        times.count(),
        quantile(0.5),
        quantile(0.95),
        quantile(0.99),
        quantile(1.0)
    );
}

/// Milliseconds added to all, and to those for which the language model had a say.
fn ask_all(caller: &mut Connection, rows: &[Row], limit: usize, model: &str) -> Result<(Vec<f64>, Vec<f64>)> {
    let (mut all, mut asked) = (Vec::new(), Vec::new());
    for row in rows {
        let exact = json!({ "query": row.query, "limit": limit, "enhancement_mode": "exact" });
        let (without, _) = ask(caller, &exact)?;
        let (with, answer) = ask(caller, &json!({ "query": row.query, "limit": limit }))?;
        all.push(with - without);
        let models = answer["data"]["enhancement"]["models"].as_array();
        if models.is_some_and(|models| models.iter().any(|used| used == model)) {
            asked.push(with - without);
        }
    }
    Ok((all, asked))
}

fn ask(caller: &mut Connection, body: &Value) -> Result<(f64, Value)> {
    let request = Request::json("POST", FIND_FACTS, &body.to_string());
    let begun = Instant::now();
    let (status, bytes) = caller.send(&request)?;
    let time = milliseconds(begun.elapsed());
    if status != 200 {
        bail!("a query was refused: {}", String::from_utf8_lossy(bytes));
    }
    Ok((time, serde_json::from_slice(bytes)?))
}
