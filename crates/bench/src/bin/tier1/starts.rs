//! How long a server takes: until exact queries are answered, until Tier 1 is ready, and what those who ask meanwhile notice.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::Result;
use find_facts_bench::http::{Connection, Request};
use find_facts_bench::server::{FIND_FACTS, Server};
use find_facts_bench::times::{Times, milliseconds};

/// One question in this time, as a user would ask.
const PAUSE: Duration = Duration::from_millis(20);

/// A start without an index and without vectors; ends when Tier 1 is ready, or after `limit`.
pub(crate) fn first(server: Server, limit: Option<Duration>) -> Result<()> {
    println!("first start: exact queries after {:.2} s", server.start_up.as_secs_f64());
    let mut operator = server.operator()?;
    operator.load_tier1()?;
    let query = Request::json("POST", FIND_FACTS, r#"{"query":{"subject":"nobody of this name"}}"#);
    let mut caller = Connection::open(server.public)?;
    let (mut times, mut steps, mut last) = (Vec::new(), 0, 0.0);
    while let Some(progress) = operator.progress("tier1")? {
        if limit.is_some_and(|limit| server.started.elapsed() > limit) {
            break;
        }
        if progress > last {
            (steps, last) = (steps + 1, progress);
        }
        sleep(PAUSE);
        let asked = Instant::now();
        caller.send(&query)?;
        times.push(milliseconds(asked.elapsed()));
    }
    let seconds = server.started.elapsed().as_secs_f64();
    let reached = if limit.is_some() { format!("at {:.0} %", 100.0 * last) } else { "ready".to_owned() };
    println!("first start: Tier 1 {reached} after {seconds:.1} s; its progress was seen {steps} times");
    let times = Times::new(times);
    println!(
        "exact queries meanwhile: p50 {:.2} ms, p95 {:.2} ms, p99 {:.2} ms ({} of them)",
        times.quantile(0.5),
        times.quantile(0.95),
        times.quantile(0.99),
        times.count()
    );
    Ok(())
}

/// A start with both.
pub(crate) fn again(server: Server) -> Result<Server> {
    server.operator()?.wait_for("tier1")?;
    println!(
        "restart: exact queries after {:.2} s, Tier 1 ready after {:.2} s",
        server.start_up.as_secs_f64(),
        server.started.elapsed().as_secs_f64()
    );
    Ok(server)
}
