//! Legacy's way costs nothing more through the service: as many allocations, and no wait.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use find_facts_core::{Caller, FlagSet, Generation, SystemClock};
use find_facts_flags::Evaluator;
use find_facts_health::{Monitor, Settings};
use find_facts_service::{Asker, FindFactsRequest, FindFactsService, Query, Timeouts, find_exact};
use find_facts_store::Store;
use find_facts_testkit::{Counting, allocations_of};

use crate::legacy;
use crate::world::request;

#[global_allocator]
static COUNTING: Counting = Counting;

/// A service with every tier off, and flags and health of the kinds that a server gives it.
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
