//! What exact queries notice while Tier 2 works at 80 % of what it sustains: blocks with and without that load alternate.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use find_facts_analysis::{InterferenceLimits, interference};
use find_facts_bench::http::{Connection, Request};
use find_facts_bench::server::{FIND_FACTS, Server};
use serde_json::json;

use crate::rows::Row;

/// Callers of Tier 2.
const CALLERS: usize = 4;
/// For so long they ask as fast as they are answered; before it once more, so that everything is warm.
const SUSTAINED: Duration = Duration::from_secs(5);
/// The share of that at which the blocks are measured.
const LOAD: f64 = 0.8;
/// Pairs of blocks, and exact requests to a block: the spec asks for ten of them.
const BLOCKS: usize = 12;
const REQUESTS: usize = 300;
/// Between two exact requests: one caller, not a second load.
const PAUSE: Duration = Duration::from_millis(2);
/// What passes, as the spec defines interference.
const P50: InterferenceLimits = InterferenceLimits { ratio: 1.05, tolerance: Duration::from_micros(50) };
const P95: InterferenceLimits = InterferenceLimits { ratio: 1.25, tolerance: Duration::from_micros(250) };

/// Prints the load, both ratios with their intervals, and whether they pass.
pub(crate) fn measure(server: &Server, rows: &[Row]) -> Result<()> {
    let exact: Vec<Request> =
        rows.iter().filter_map(|row| Some(request(&json!({ "query": row.exact.as_ref()? })))).collect();
    if exact.is_empty() {
        bail!("no row expects a fact: there is nothing to ask exactly");
    }
    let load = Load { address: server.public, rows, next: AtomicUsize::new(0) };
    load.sustained()?;
    let sustained = load.sustained()?;
    let rate = sustained * LOAD;
    println!("Tier 2 sustains {sustained:.0} requests/s from {CALLERS} callers; blocks at {rate:.0}/s");
    let mut caller = Connection::open(server.public)?;
    let mut pairs = Vec::new();
    for _ in 0..BLOCKS {
        let without = block(&mut caller, &exact)?;
        let stop = AtomicBool::new(false);
        let with = scope(|threads| {
            let loading = threads.spawn(|| load.run(rate, &stop));
            sleep(Duration::from_millis(200));
            let with = block(&mut caller, &exact);
            stop.store(true, Ordering::Relaxed);
            loading.join().unwrap_or_else(|_| bail!("the load panicked"))?;
            with
        })?;
        pairs.push((with, without));
    }
    let found = interference(pairs, P50, P95)?;
    for (name, comparison) in [("p50", found.p50), ("p95", found.p95)] {
        println!(
            "exact {name}: {:.0} µs with it, {:.0} µs without; ratio {:.2} [{:.2}, {:.2}]: {}",
            comparison.with_us,
            comparison.without_us,
            comparison.ratio,
            comparison.low,
            comparison.high,
            if comparison.passes { "passes" } else { "FAILS" }
        );
    }
    Ok(())
}

/// Microseconds of a block of exact requests.
fn block(caller: &mut Connection, exact: &[Request]) -> Result<Vec<f64>> {
    let ask = |request: &Request| -> Result<f64> {
        sleep(PAUSE);
        let begun = Instant::now();
        let (status, _) = caller.send(request)?;
        if status != 200 {
            bail!("an exact query was refused with {status}");
        }
        Ok(begun.elapsed().as_secs_f64() * 1e6)
    };
    exact.iter().cycle().take(REQUESTS).map(ask).collect()
}

/// Questions without end, none of whose answers is remembered.
struct Load<'a> {
    address: SocketAddr,
    rows: &'a [Row],
    next: AtomicUsize,
}

impl Load<'_> {
    /// The next question: each round of the rows has another limit.
    fn next(&self) -> Request {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let row = &self.rows[number % self.rows.len()];
        request(&json!({ "query": row.query, "limit": 1 + number / self.rows.len() % 100 }))
    }

    /// Requests answered in a second when every caller asks as fast as it is answered.
    fn sustained(&self) -> Result<f64> {
        let begun = Instant::now();
        let answered = AtomicUsize::new(0);
        self.each_caller(|caller| {
            while begun.elapsed() < SUSTAINED {
                caller.send(&self.next())?;
                answered.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        })?;
        Ok(answered.into_inner() as f64 / begun.elapsed().as_secs_f64())
    }

    /// Sends so many a second, whether they are answered in time or not, until told to stop.
    fn run(&self, rate: f64, stop: &AtomicBool) -> Result<()> {
        let begun = Instant::now();
        let sent = AtomicUsize::new(0);
        self.each_caller(|caller| {
            while !stop.load(Ordering::Relaxed) {
                let turn = sent.fetch_add(1, Ordering::Relaxed);
                let due = Duration::from_secs_f64(turn as f64 / rate);
                sleep(due.saturating_sub(begun.elapsed()));
                caller.send(&self.next())?;
            }
            Ok(())
        })
    }

    fn each_caller(&self, work: impl Fn(&mut Connection) -> Result<()> + Sync) -> Result<()> {
        scope(|threads| {
            let callers: Vec<_> =
                (0..CALLERS).map(|_| threads.spawn(|| work(&mut Connection::open(self.address)?))).collect();
            callers.into_iter().try_for_each(|caller| caller.join().ok().context("a caller panicked")?)
        })
    }
}

fn request(body: &serde_json::Value) -> Request {
    Request::json("POST", FIND_FACTS, &body.to_string())
}
