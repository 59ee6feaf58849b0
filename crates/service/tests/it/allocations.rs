//! Legacy's way costs nothing more through the service: as many allocations, and no wait.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use find_facts_core::{Caller, FlagSet, Generation, SystemClock};
use find_facts_flags::Evaluator;
use find_facts_health::{Monitor, Settings};
use find_facts_service::{Asker, FindFactsService, Query, Timeouts, find_exact};

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

#[test]
fn with_all_tiers_off_the_service_allocates_what_legacy_does() {
    let (store, _state) = legacy::store();
    let store = Arc::new(store);
    let clock = Arc::new(SystemClock);
    let flags = Arc::new(Evaluator::new(&FlagSet::all_off(), Generation(1), Vec::new()));
    let health = Arc::new(Monitor::new(Settings::default(), clock.clone(), || {}));
    let service = FindFactsService::new(store.clone(), flags, health, clock, Timeouts::default());
    let caller = Caller::unauthenticated("a client");

    let check = |body: &str| {
        let request = request(body);
        let Query::Parts(parts) = &request.query else { panic!("no parts in {body}") };
        let at_once = || match pin!(service.find(&request, Asker::Client(&caller)))
            .poll(&mut Context::from_waker(Waker::noop()))
        {
            Poll::Ready(answer) => answer.body,
            Poll::Pending => panic!("waits for {body}"),
        };
        at_once();
        let (legacys, exact) = allocations_of(|| find_exact(&store.current(), parts, request.limit));
        let (services, answer) = allocations_of(at_once);
        assert_eq!(String::from_utf8(answer), String::from_utf8(exact));
        assert_eq!(services, legacys, "{body}");
        legacys
    };
    let one = check(r#"{"query":{"subject":"Luanda"}}"#);
    let hundred = check(r#"{"query":{"subject":"Atlas"},"limit":100}"#);
    assert_eq!(one, hundred, "no allocation per fact");
    check(r#"{"query":{"subject":"Atlantis","predicate":"capital"}}"#);
    check(r#"{"query":{"subject":"Zu\u0308rich"}}"#);
}
