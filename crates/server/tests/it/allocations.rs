//! With every tier off, the service as this server wires it, with its flags and its health, costs what exact matching does.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use find_facts_core::Caller;
use find_facts_server::App;
use find_facts_service::{Asker, Query, find_exact, parse};
use find_facts_testkit::{Counting, allocations_of};

use crate::world::World;

#[global_allocator]
static COUNTING: Counting = Counting;

/// A running server's parts, and a query of them.
struct Off {
    app: Arc<App>,
    caller: Caller,
}

impl Off {
    fn legacys(&self, body: &str) -> Vec<u8> {
        let request = parse(body.as_bytes()).unwrap();
        let Query::Parts(parts) = &request.query else { panic!("a question: {body}") };
        find_exact(&self.app.store.current(), parts, request.limit)
    }

    /// The service's answer, which has to be there at the first poll.
    fn services(&self, body: &str) -> Vec<u8> {
        let request = parse(body.as_bytes()).unwrap();
        let find = pin!(self.app.service.find(&request, Asker::Client(&self.caller)));
        match find.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer.body,
            Poll::Pending => panic!("waits: {body}"),
        }
    }

    fn check(&self, body: &str) {
        self.services(body);
        let (legacys, exact) = allocations_of(|| self.legacys(body));
        let (services, answer) = allocations_of(|| self.services(body));
        assert_eq!(String::from_utf8(answer), String::from_utf8(exact));
        assert_eq!(services, legacys, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_all_tiers_off_a_served_query_allocates_what_exact_matching_does() {
    let server = World::new("tier1.enabled = false").start().await;
    let off = Off { app: Arc::clone(server.server.app()), caller: Caller::unauthenticated("a client") };
    for body in [
        r#"{"query":{"subject":"Ulm"}}"#,
        r#"{"query":{"predicate":"born_in"},"limit":100}"#,
        r#"{"query":{"subject":"Atlantis","predicate":"capital"}}"#,
        r#"{"query":{"subject":"Ulm"},"enhancement_mode":"research_grade"}"#,
    ] {
        off.check(body);
    }
    drop(off);
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a stopwatch: run it alone, in release, on a quiet machine, with --nocapture"]
async fn the_service_adds_under_two_microseconds_to_exact_matching() {
    const BLOCKS: usize = 41;
    const CALLS: u32 = 20_000;
    let server = World::new("tier1.enabled = false").start().await;
    let off = Off { app: Arc::clone(server.server.app()), caller: Caller::unauthenticated("a client") };
    let body = r#"{"query":{"subject":"Ulm"}}"#;
    let per_call = |work: &dyn Fn() -> Vec<u8>| {
        let started = Instant::now();
        for _ in 0..CALLS {
            std::hint::black_box(work());
        }
        started.elapsed() / CALLS
    };
    let mut added: Vec<(Duration, Duration)> = (0..BLOCKS)
        .map(|_| {
            let legacys = per_call(&|| off.legacys(body));
            (per_call(&|| off.services(body)).saturating_sub(legacys), legacys)
        })
        .collect();
    added.sort();
    let (median, legacys) = added[BLOCKS / 2];
    println!(
        "exact matching {legacys:?}, the service adds {median:?} (median of {BLOCKS} pairs of {CALLS} calls)"
    );
    assert!(median < Duration::from_micros(2));
    drop(off);
    server.stop().await;
}
