//! Legacy's way costs nothing more through the service: as many allocations, and no wait.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use find_facts_core::{Caller, FlagSet, Generation, SystemClock};
use find_facts_flags::Evaluator;
use find_facts_health::{Monitor, Settings};
use find_facts_service::{Asker, FindFactsRequest, FindFactsService, Query, Timeouts, find_exact};
use find_facts_store::Store;

use crate::legacy;
use crate::world::request;

/// The system's allocator, with a count for every thread.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[expect(unsafe_code, reason = "only an allocator can count allocations")]
// SAFETY: every call goes to the system's allocator with the arguments it came with; counting does not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // A thread that ends has no count any more.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

fn allocations_of<T>(work: impl FnOnce() -> T) -> (u64, T) {
    let before = ALLOCATIONS.get();
    let result = work();
    (ALLOCATIONS.get() - before, result)
}

/// A service with every tier off, and what the production server puts around it.
struct Off {
    service: FindFactsService,
    store: Arc<Store>,
    caller: Caller,
    _state: tempfile::TempDir,
}

impl Off {
    fn new() -> Self {
        let (store, state) = legacy::store();
        let store = Arc::new(store);
        let clock = Arc::new(SystemClock);
        let flags = Arc::new(Evaluator::new(&FlagSet::all_off(), Generation(1), Vec::new()));
        let health = Arc::new(Monitor::new(Settings::default(), clock.clone(), || {}));
        let service = FindFactsService::new(Arc::clone(&store), flags, health, clock, Timeouts::default());
        Self { service, store, caller: Caller::unauthenticated("a client"), _state: state }
    }

    fn legacys(&self, request: &FindFactsRequest) -> Vec<u8> {
        let Query::Parts(parts) = &request.query else { panic!("a question: {request:?}") };
        find_exact(&self.store.current(), parts, request.limit)
    }

    /// The service's answer, which has to be there at the first poll.
    fn services(&self, request: &FindFactsRequest) -> Vec<u8> {
        let find = pin!(self.service.find(request, Asker::Client(&self.caller)));
        match find.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(answer) => answer.body,
            Poll::Pending => panic!("waits: {request:?}"),
        }
    }
}

fn check(off: &Off, body: &str) -> u64 {
    let request = request(body);
    off.services(&request);
    let (legacys, exact) = allocations_of(|| off.legacys(&request));
    let (services, answer) = allocations_of(|| off.services(&request));
    assert_eq!(String::from_utf8(answer), String::from_utf8(exact));
    assert_eq!(services, legacys, "{body}");
    legacys
}

#[test]
fn with_all_tiers_off_the_service_allocates_what_legacy_does() {
    let off = Off::new();
    let one = check(&off, r#"{"query":{"subject":"Luanda"}}"#);
    let hundred = check(&off, r#"{"query":{"subject":"Atlas"},"limit":100}"#);
    assert_eq!(one, hundred, "no allocation per fact");
    check(&off, r#"{"query":{"subject":"Atlantis","predicate":"capital"}}"#);
    check(&off, r#"{"query":{"subject":"Zu\u0308rich"}}"#);
}

#[test]
#[ignore = "a stopwatch: run it alone, in release, on a quiet machine, with --nocapture"]
fn the_service_adds_under_two_microseconds_to_legacy() {
    const BLOCKS: usize = 41;
    const CALLS: u32 = 20_000;
    let off = Off::new();
    let request = request(r#"{"query":{"subject":"Luanda"}}"#);
    let per_call = |work: &dyn Fn() -> Vec<u8>| {
        let started = Instant::now();
        for _ in 0..CALLS {
            std::hint::black_box(work());
        }
        started.elapsed() / CALLS
    };
    let mut added: Vec<(Duration, Duration)> = (0..BLOCKS)
        .map(|_| {
            let legacys = per_call(&|| off.legacys(&request));
            (per_call(&|| off.services(&request)).saturating_sub(legacys), legacys)
        })
        .collect();
    added.sort();
    let (median, legacys) = added[BLOCKS / 2];
    println!("legacy {legacys:?}, the service adds {median:?} (median of {BLOCKS} pairs of {CALLS} calls)");
    assert!(median < Duration::from_micros(2));
}
