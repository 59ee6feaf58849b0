//! What the server and each of its models keep in memory while questions go on for a long time.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use find_facts_analysis::{averaged, trend};
use find_facts_bench::http::{Connection, Request};
use find_facts_bench::server::{FIND_FACTS, Server};
use serde_json::{Value, json};

use crate::rows::Row;

/// Between two questions: some ten a second, so that every row comes by again and again.
const PAUSE: Duration = Duration::from_millis(100);
/// Between two looks at the memory.
const LOOK: Duration = Duration::from_secs(10);
const HOUR: f64 = 3600.0;

/// Asks for so long, and prints what each held first and last, and how much it grows an hour with its 95 % interval.
pub(crate) fn measure(server: &Server, rows: &[Row], length: Duration) -> Result<()> {
    let mut caller = Connection::open(server.public)?;
    let mut operator = server.operator()?;
    let mut held: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    let (begun, mut looks) = (Instant::now(), 0);
    let mut questions = 0;
    for (row, limit) in (1..=100).cycle().flat_map(|limit| rows.iter().map(move |row| (row, limit))) {
        if begun.elapsed() >= LOOK * looks {
            looks += 1;
            let hours = begun.elapsed().as_secs_f64() / HOUR;
            let report = operator.call("GET", "/admin/v1/health", &Value::Null)?;
            for (name, bytes) in of_each(&report)? {
                held.entry(name).or_default().push((hours, bytes / 1e6));
            }
        }
        if begun.elapsed() >= length {
            break;
        }
        let body = json!({ "query": row.query, "limit": limit });
        caller.send(&Request::json("POST", FIND_FACTS, &body.to_string()))?;
        questions += 1;
        sleep(PAUSE);
    }
    println!(
        "memory over {:.0} min and {questions} questions, MB PSS:",
        begun.elapsed().as_secs_f64() / 60.0
    );
    for (name, values) in held {
        let (Some(first), Some(last)) = (values.first(), values.last()) else { continue };
        print!("{name:<28} {:>6.1} at first, {:>6.1} at last", first.1, last.1);
        match trend(&[averaged(&values)]) {
            Some(found) => {
                println!("; grows {:.2} [{:.2}, {:.2}] an hour", found.slope, found.low, found.high)
            }
            None => println!(),
        }
    }
    Ok(())
}

/// The server with its workers, and each language model's worker, in bytes.
fn of_each(report: &Value) -> Result<Vec<(String, f64)>> {
    let all = report["memory"]["pss_bytes"].as_f64().context("the health report names no memory")?;
    let mut each = vec![("all of it".to_owned(), all)];
    for model in report["models"].as_array().into_iter().flatten() {
        if let (Some(id), Some(bytes)) = (model["id"].as_str(), model["memory_bytes"].as_f64()) {
            each.push((id.to_owned(), bytes));
        }
    }
    Ok(each)
}
